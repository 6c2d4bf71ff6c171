"""anaspike: design and verify analog spiking neurons in SPICE.

import anaspike
sweep = anaspike.sweep_vdd(0.55, 0.75)
sweep.table         # a pandas DataFrame
sweep.figure()      # a matplotlib Figure
"""

from typing import TYPE_CHECKING

__version__ = "0.2.0"
__all__ = [
    "AnaspikeError",
    "InputError",
    "SweepResult",
    "__version__",
    "measure_devices",
    "sweep_vdd",
]

if TYPE_CHECKING:
    from anaspike.api import SweepResult, measure_devices, sweep_vdd
    from anaspike.errors import AnaspikeError, InputError


def __getattr__(name: str) -> object:
    """Import the public names on first use: `anaspike --help` needs no pandas."""
    if name not in __all__:
        raise AttributeError(f"module 'anaspike' has no attribute '{name}'")
    from importlib import import_module  # noqa: PLC0415

    room = "anaspike.errors" if name.endswith("Error") else "anaspike.api"
    return getattr(import_module(room), name)
