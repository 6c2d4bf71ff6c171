"""The simulators that there are, by name."""

from anaspike.errors import InputError
from anaspike.spice.batch import BatchSimulator
from anaspike.spice.ngspice.run import Ngspice
from anaspike.spice.vacask.run import Vacask
from anaspike.units import printable, suggestion

SIMULATORS: dict[str, type[Ngspice] | type[Vacask]] = {
    kind.name: kind for kind in (Ngspice, Vacask)
}


def find_simulator(name: str, timeout_s: float = 600.0) -> BatchSimulator:
    """Return a simulator of this machine.

    Args:
        name: "ngspice" or "vacask".
        timeout_s: wall-clock limit of one run, in seconds.

    Raises:
        InputError: there is none of that name, or not on this machine.
    """
    if name not in SIMULATORS:
        raise InputError(f"no simulator is '{printable(name)}'; {suggestion(name, SIMULATORS)}")
    return SIMULATORS[name].find(timeout_s)
