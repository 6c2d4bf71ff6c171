"""A membrane of the value that is asked for: its wires and wells count, the capacitor makes up."""

from collections.abc import Callable

from anaspike.circuits.block import Block
from anaspike.errors import InputError
from anaspike.layout.block import Drawn
from anaspike.layout.compare import compare
from anaspike.layout.extract import extract_compared
from anaspike.layout.files import realised
from anaspike.layout.process import layout_process

MEMBRANE = "mem"
_CLOSE, _PASSES = 0.005, 5


def fitted(drawn: Callable[[float], Drawn], block: Block, farad: float, least_F: float) -> Drawn:
    """Draw again and again, until the membrane has what it is to have by extraction.

    What wires add is known only when they are drawn. The blocks stay as they are from pass to pass,
    so that what was found once holds nearly in the next.

    Args:
        drawn: draws the whole with a capacitor of so much, in farad.
        block: its netlist.
        farad: the membrane's value, all that extraction finds on it.
        least_F: the smallest capacitor that can be drawn. Where the wires alone are more than the
            rest, it is drawn, and the membrane is larger than it was to be.

    Raises:
        InputError: it comes to no end.
    """
    process = layout_process(block.technology.pdk.name)
    capacitor_F = farad
    for _ in range(_PASSES):
        whole = drawn(capacitor_F)
        compared = compare(realised(block.name, whole, process), block)
        if not compared.clean:
            return whole  # whoever checks it says what is wrong
        found_F = extract_compared(compared, block).by_net()[MEMBRANE]
        wanted_F = max(capacitor_F + farad - found_F, least_F)
        if wanted_F == capacitor_F or abs(found_F / farad - 1) <= _CLOSE:
            return whole
        capacitor_F = wanted_F
    raise InputError(
        f"the membrane has {found_F * 1e15:.3g} fF in its last drawing, not {farad * 1e15:.3g} fF,"
        f" after {_PASSES} of them; try another --seed"
    )
