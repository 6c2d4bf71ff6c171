"""anaspike: design and verify analog spiking neurons in SPICE.

import anaspike
sweep = anaspike.sweep_vdd(0.55, 0.75)
sweep                  # the last line of a cell: verdicts, table, picture
sweep.table            # a pandas DataFrame
sweep.figures          # name -> picture, shown as a cell's last line
"""

import sys as _sys
import typing as _typing

if _sys.platform == "win32":  # nothing below would load: locks, signals and pipes are Unix's
    _sys.stderr.write(
        "error: anaspike runs on Linux and macOS; on Windows install it in WSL"
        " (wsl --install, then as on Debian: docs/set-up.md)\n"
    )
    raise SystemExit(2)

__version__ = "0.2.0"
__all__ = [
    "AnaspikeError",
    "InputError",
    "Result",
    "Waveforms",
    "__version__",
    "calibrate",
    "charge_in_time",
    "charge_model",
    "comparator",
    "energy",
    "leak",
    "load",
    "map_network",
    "measure_devices",
    "neuron",
    "noise",
    "paper_table",
    "pseudo_resistor",
    "rejection",
    "simulate_network",
    "spike_generator",
    "study",
    "supply",
    "sweep_vdd",
    "synapse",
    "table9",
    "train",
    "train_and_map",
    "weight_memory",
    "xor_test",
]

if _typing.TYPE_CHECKING:
    from anaspike.api.asking import study
    from anaspike.api.blocks import (
        charge_in_time,
        charge_model,
        comparator,
        leak,
        neuron,
        noise,
        pseudo_resistor,
        rejection,
        spike_generator,
        supply,
        synapse,
        weight_memory,
    )
    from anaspike.api.devices import measure_devices
    from anaspike.api.loading import load
    from anaspike.api.questions import (
        calibrate,
        energy,
        map_network,
        paper_table,
        simulate_network,
        sweep_vdd,
        table9,
        train,
        train_and_map,
        xor_test,
    )
    from anaspike.api.result import Result
    from anaspike.api.waveforms import Waveforms
    from anaspike.errors import AnaspikeError, InputError

_ELSEWHERE = {
    "AnaspikeError": "errors", "InputError": "errors", "Result": "api.result",
    "Waveforms": "api.waveforms", "load": "api.loading", "measure_devices": "api.devices",
    "study": "api.asking",
}  # fmt: skip


def __getattr__(name: str) -> object:
    """Import the public names on first use: `anaspike --help` needs no pandas."""
    if name not in __all__:
        raise AttributeError(f"module 'anaspike' has no attribute '{name}'")
    from importlib import import_module  # noqa: PLC0415

    rooms = [_ELSEWHERE[name]] if name in _ELSEWHERE else ["api.questions", "api.blocks"]
    found = [import_module(f"anaspike.{room}") for room in rooms]
    return next(getattr(room, name) for room in found if hasattr(room, name))


def __dir__() -> list[str]:
    """Return what is public, and nothing else: what tab completion shows."""
    return sorted(__all__)
