"""The simulators that there are, by name."""

from collections.abc import Callable

from anaspike.errors import InputError
from anaspike.spice.batch import BatchSimulator
from anaspike.spice.modules import Module
from anaspike.spice.ngspice.run import Ngspice
from anaspike.spice.vacask.run import Vacask
from anaspike.units import printable, suggestion

SIMULATORS: dict[str, type[Ngspice] | type[Vacask]] = {
    kind.name: kind for kind in (Ngspice, Vacask)
}


def find_simulator(
    name: str | None = None,
    timeout_s: float = 600.0,
    modules: tuple[Module, ...] = (),
    tell: Callable[[str], None] = lambda _: None,
) -> BatchSimulator:
    """Return a simulator of this machine.

    Args:
        name: "ngspice" or "vacask"; None for ngspice where it can run such decks, else VACASK.
        timeout_s: wall-clock limit of one run, in seconds.
        modules: compiled models that its decks will need (`Pdk.osdi`).
        tell: told in a line why it is not ngspice, where none was named.

    Raises:
        InputError: there is none of that name, not on this machine, or none for such decks.
    """
    if name is None:
        return _fitting(timeout_s, modules, tell)
    if name not in SIMULATORS:
        raise InputError(f"no simulator is '{printable(name)}'; {suggestion(name, SIMULATORS)}")
    found = SIMULATORS[name].find(timeout_s)
    if lacks := found.lacks(modules):
        raise InputError(f"{lacks}; --simulator vacask does")
    return found


def _fitting(
    timeout_s: float, modules: tuple[Module, ...], tell: Callable[[str], None]
) -> BatchSimulator:
    try:
        return find_simulator(Ngspice.name, timeout_s, modules)
    except InputError as error:
        if not modules:
            raise
        why = str(error).partition(";")[0]
    try:
        found = find_simulator(Vacask.name, timeout_s, modules)
    except InputError as error:
        raise InputError(f"{why}, and {error}") from None
    tell(f"runs on VACASK {found.version}: {why}")
    return found
