"""Ask the community's deck of layouts: `make layout-signoff`.

python -m benchmarks.layout_signoff FILE.gds ...
python -m benchmarks.layout_signoff --mutants   # renews what tests know of the deck's judgement
"""

import csv
import sys
import tempfile
from pathlib import Path

from anaspike.errors import AnaspikeError
from anaspike.layout.drawing import Drawing, read_gds
from anaspike.layout.rules import check_rules
from anaspike.layout.signoff import Flagged, ask_deck, find_deck, find_program
from anaspike.layout.sky130 import SKY130

TESTS = Path(__file__).parents[1] / "tests/layout"
SEEDS = range(1, 251)
_APART_NM, _IN_A_ROW = 60_000, 16


def main(asked: list[str]) -> int:
    """Print what our rules and the deck say of each file; return how many are not clean."""
    if asked == ["--mutants"]:
        return renew_mutants()
    program, deck = find_program(), find_deck()
    bad = 0
    for file in asked:
        ours = check_rules(read_gds(Path(file), SKY130))
        theirs = ask_deck(Path(file), program, deck)
        print(f"{file}: ours {_said([b.rule.name for b in ours])};", end=" ")
        print(f"the deck's {_said([place.rule for place in theirs])}")
        bad += bool(ours or theirs)
    return bad


def renew_mutants() -> int:
    """Write which mutants the deck flags, and for which rules."""
    sys.path.insert(0, str(TESTS))
    from every_layer import every_layer  # noqa: PLC0415
    from layout_mutants import mutant  # noqa: PLC0415

    changed = {seed: mutant(every_layer(), seed) for seed in SEEDS}
    flagged = ask_of_many([drawing for drawing, _ in changed.values()])
    with (TESTS / "deck.csv").open("w", newline="") as file:
        rows = csv.writer(file, lineterminator="\n")
        rows.writerow(("seed", "what", "deck"))
        for (seed, (_, how)), rules in zip(changed.items(), flagged, strict=True):
            rows.writerow((seed, how, " ".join(sorted(rules))))
    print(f"the deck flags {sum(map(bool, flagged))} of {len(flagged)} mutants")
    return 0


def ask_of_many(drawings: list[Drawing]) -> list[set[str]]:
    """Return the rules that the deck flags in each drawing; it runs once on a sheet of all."""
    sheet = Drawing.new(SKY130, "sheet")
    for at, drawing in enumerate(drawings):
        x, y = (_APART_NM * place for place in reversed(divmod(at, _IN_A_ROW)))
        for layer in SKY130.layers:
            sheet.add(layer, drawing.region(layer).moved(x, y))
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "sheet.gds"
        sheet.write(path)
        places = ask_deck(path, find_program(), find_deck())
    found: list[set[str]] = [set() for _ in drawings]
    for place in places:
        found[_which(place)].add(place.rule)
    return found


def _which(place: Flagged) -> int:
    column, row = (round(1e3 * um / _APART_NM) for um in (place.x_um, place.y_um))
    return row * _IN_A_ROW + column


def _said(rules: list[str]) -> str:
    return f"{len(rules)} places, {', '.join(sorted(set(rules)))}" if rules else "clean"


if __name__ == "__main__":
    try:
        sys.exit(min(main(sys.argv[1:]), 1))
    except AnaspikeError as error:
        sys.exit(str(error))
