"""anaspike: design and verify analog spiking neurons in SPICE.

import anaspike
sweep = anaspike.sweep_vdd(0.55, 0.75)
sweep                  # the last line of a cell: verdicts, table, picture
sweep.table            # a pandas DataFrame
sweep.figures          # name -> picture, shown as a cell's last line
"""

import sys as _sys

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
    "layout_block",
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

# What these are, `__init__.pyi` says: named here, all code would be part of every result's key.
_ELSEWHERE = {
    "AnaspikeError": "errors", "InputError": "errors", "Result": "api.result",
    "Waveforms": "api.waveforms", "load": "api.loading", "measure_devices": "api.devices",
    "study": "api.asking",
}  # fmt: skip


def __getattr__(name: str) -> object:
    """Import the public names on first use: `anaspike --help` needs no pandas."""
    if name not in __all__:
        from anaspike.errors import NoSuchName  # noqa: PLC0415

        raise NoSuchName(
            f"module 'anaspike' has no attribute '{name}'; dir(anaspike) says what there is, and"
            ' anaspike.study("sweep-vdd") or ("mine.toml") asks any question, or a flow file\'s'
        )
    from importlib import import_module  # noqa: PLC0415

    rooms = [_ELSEWHERE[name]] if name in _ELSEWHERE else ["api.questions", "api.blocks"]
    found = [import_module(f"anaspike.{room}") for room in rooms]
    return next(getattr(room, name) for room in found if hasattr(room, name))


def __dir__() -> list[str]:
    """Return what is public, and nothing else: what tab completion shows."""
    return sorted(__all__)
