"""Our rules and extraction of a committed block, beside the community's deck and klayout-pex."""

import resource
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from anaspike.circuits.designs import design_for
from anaspike.errors import InputError
from anaspike.layout.catalog import block_named, process_of
from anaspike.layout.compare import compare
from anaspike.layout.drawing import read_gds
from anaspike.layout.extract import extract
from anaspike.layout.rules import check_rules
from anaspike.layout.signoff import ask_deck, find_deck, find_program
from anaspike.layout.sky130 import SKY130
from benchmarks.layout_pex import ask_kpex, find_kpex, named
from benchmarks.pairs import row

BLOCK = "spike_generator"  # 46 fingers
GDS = Path(__file__).parents[1] / f"netlists/layouts/{BLOCK}.gds"


def measure() -> Iterator[tuple[str, str, str, str]]:
    """Yield processor seconds of rules and extraction, and how often they run while others do."""
    block = block_named(BLOCK, process_of("sky130"), design_for("sky130"))
    drawing = read_gds(GDS, SKY130)
    rules_s = _seconds(lambda: check_rules(drawing))
    yield row(f"layout: rules of {BLOCK}, s", rules_s, 1.0, at_most=True)
    extract_s = _seconds(lambda: extract(drawing, block))
    yield row(f"layout: {BLOCK} compared and extracted, s", extract_s, 10.0, at_most=True)

    what = "layout: the community deck's time / our rules'"
    try:
        program, deck = find_program(), find_deck()
        deck_s = _seconds(lambda: ask_deck(GDS, program, deck))
        yield row(what, deck_s / rules_s, 5.0, at_most=False)
    except InputError as error:
        yield what, f"not here: {error}", "at least 5", "—"

    what = "layout: klayout-pex's time / our comparison and extraction"
    try:
        kpex, (labelled, _) = find_kpex(), named(compare(drawing, block), block)
        kpex_s = _seconds(lambda: ask_kpex(labelled, kpex), times=1)
        yield what, f"{kpex_s / extract_s:.3g}", "-", "-"
    except InputError as error:
        yield what, f"not here: {error}", "-", "—"


def _seconds(do: Callable[[], object], times: int = 3) -> float:
    """Return the least processor time of several, of programs that are started too."""
    taken = []
    for _ in range(times):
        start = _spent_s()
        do()
        taken.append(_spent_s() - start)
    return min(taken)


def _spent_s() -> float:
    children = resource.getrusage(resource.RUSAGE_CHILDREN)
    return time.process_time() + children.ru_utime + children.ru_stime


if __name__ == "__main__":
    for line in measure():
        print(*line, sep=" | ")
