"""Our rules and extraction on a drawn block; the community's deck on the same, where it is here."""

import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from anaspike.circuits.designs import design_for
from anaspike.errors import InputError
from anaspike.layout.block import Ask, rows_block
from anaspike.layout.catalog import block_named, process_of
from anaspike.layout.drawing import Drawing
from anaspike.layout.extract import extract
from anaspike.layout.files import realised
from anaspike.layout.rules import check_rules
from anaspike.layout.signoff import ask_deck, find_deck, find_program
from anaspike.layout.sky130 import SKY130
from anaspike.layout.units import ports, unit_transistors
from benchmarks.pairs import row

BLOCK = "spike_generator"  # 46 fingers


def measure() -> Iterator[tuple[str, str, str, str]]:
    """Yield the time of rules and extraction, and how often our rules run while the deck does."""
    block = block_named(BLOCK, process_of("sky130"), design_for("sky130"))
    pins = tuple(ports(block))
    ask = Ask(pins, tuple(pin for pin in pins if pin.startswith("vdd")), rows=2)
    drawing = realised(BLOCK, rows_block(unit_transistors(block), ask), SKY130)
    rules_s = _seconds(lambda: check_rules(drawing))
    yield row(f"layout: rules of {BLOCK}, s", rules_s, 1.0, at_most=True)
    extract_s = _seconds(lambda: extract(drawing, block))
    yield row(f"layout: {BLOCK} extracted, s", extract_s, 10.0, at_most=True)
    yield row(
        "layout: the deck's time / our rules'", _deck_s(drawing) / rules_s, 5.0, at_most=False
    )


def _deck_s(drawing: Drawing) -> float:
    try:
        program, deck = find_program(), find_deck()
    except InputError as error:
        raise SystemExit(str(error)) from None
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "block.gds"
        drawing.write(path)
        return _seconds(lambda: ask_deck(path, program, deck))


def _seconds(do: Callable[[], object]) -> float:
    """Return the least of three times."""
    times = []
    for _ in range(3):
        start = time.perf_counter()
        do()
        times.append(time.perf_counter() - start)
    return min(times)


if __name__ == "__main__":
    for line in measure():
        print(*line, sep=" | ")
