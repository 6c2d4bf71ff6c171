import csv
from pathlib import Path

import pytest
from every_layer import every_layer
from layout_mutants import mutant

from anaspike.layout.drawing import Drawing
from anaspike.layout.rules import check_rules
from anaspike.layout.sky130 import SKY130

# What the community's deck says of mutants of `every_layer`; renewed by
# `python -m benchmarks.layout_signoff --mutants`.
DECK = Path(__file__).parent / "deck.csv"


def broken(drawing):
    return {found.rule.name for found in check_rules(drawing)}


def drawn(*boxes):
    drawing = Drawing.new(SKY130, "cell")
    for layer, *box in boxes:
        drawing.box(layer, *box)
    return drawing


def test_a_drawing_with_every_layer_is_clean(klayout):
    drawing = every_layer()
    assert not any(drawing.region(layer).is_empty() for layer in SKY130.layers)
    assert broken(drawing) == set()


def test_what_the_deck_flags_is_flagged(klayout):
    with DECK.open(newline="") as file:
        rows = list(csv.DictReader(file))
    flagged = {int(row["seed"]): row["what"] for row in rows if row["deck"]}
    assert len(rows) >= 250
    assert len(flagged) >= 150
    missed = {}
    for seed, what in flagged.items():
        changed, how = mutant(every_layer(), seed)
        assert how == what  # the deck judged the same mutant
        if not broken(changed):
            missed[seed] = how
    assert missed == {}


def test_a_broken_rule_says_where(klayout):
    (found,) = check_rules(drawn(("m1", 0, 0, 600, 600), ("m1", 0, 700, 600, 1300)))
    assert str(found) == "m1.2 (between metals 1) at 0.300, 0.650 um"


@pytest.mark.parametrize(
    ("rule", "boxes"),
    [
        ("m1.2", [("m1", 0, 0, 400, 400), ("m1", 535, 0, 935, 400)]),
        ("m1.2", [("m1", 0, 0, 400, 400), ("m1", 0, 400, 140, 900), ("m1", 270, 400, 410, 900)]),
        ("m1.3", [("m1", 0, 0, 3100, 3100), ("m1", 3300, 0, 3500, 3100)]),
        ("m1.7", [("m1", 0, 0, 900, 300), ("m1", 0, 600, 900, 900), ("m1", 0, 0, 300, 900),
                  ("m1", 600, 0, 900, 900)]),
        ("via.4a", [("via", 0, 0, 150, 150)]),
        ("x.1b.m1", [("m1", 0, 0, 401, 400)]),
        ("nsd.7", [("tap", 0, 0, 400, 400), ("nsdm", -125, -125, 400, 525),
                   ("tap", 400, 0, 800, 400), ("psdm", 400, -125, 925, 525)]),
        ("lvtn.3b", [("nwell", -500, -500, 1500, 1500), ("diff", 0, 0, 400, 400),
                     ("lvtn", 600, 0, 1200, 400)]),
        ("lvtn.9", [("lvtn", 0, 0, 600, 600), ("hvtp", 900, 0, 1500, 600)]),
        ("lvtn.13", [("lvtn", 0, 0, 500, 500)]),
        ("hvtp.5", [("hvtp", 0, 0, 500, 500)]),
        ("difftap.9", [("diff", 0, 0, 400, 400), ("nsdm", -125, -125, 525, 525),
                       ("nwell", 700, 0, 2000, 2000)]),
        ("difftap.11", [("tap", 0, 0, 400, 400), ("psdm", -125, -125, 525, 525),
                        ("nwell", 500, 0, 2000, 2000)]),
        ("difftap.tap", [("tap", 0, 0, 400, 400), ("diff", 300, 0, 700, 400)]),
        ("implant.both", [("tap", 0, 0, 400, 400), ("psdm", -125, -125, 525, 525),
                          ("nsdm", 300, -125, 825, 525)]),
        ("nsd.10", [("nsdm", 0, 0, 500, 500)]),
        ("psd.10", [("psdm", 0, 0, 500, 500)]),
        ("poly.5", [("poly", 0, 0, 150, 600), ("tap", 200, 0, 600, 600)]),
        ("poly.6", [("diff", 0, 0, 800, 420), ("poly", 300, -130, 450, 550),
                    ("tap", 725, 420, 1000, 700), ("tap", 700, 0, 1000, 420)]),
        ("m3.3", [("m3", 0, 0, 3100, 3100), ("m3", 3400, 0, 3700, 3100)]),
        ("m4.5", [("m4", 0, 0, 3100, 3100), ("m4", 3400, 0, 3700, 3100)]),
        ("licon.14", [("poly", 0, 0, 400, 400), ("licon", 100, 100, 270, 270),
                      ("diff", 270, 0, 700, 400)]),
        ("poly.12", [("tap", 0, 0, 400, 400), ("poly", 100, -200, 250, 600)]),
        ("poly.1b", [("nwell", -500, -500, 900, 900), ("diff", 0, 0, 800, 420),
                     ("poly", 300, -130, 500, 550), ("lvtn", 120, -180, 680, 600)]),
        ("difftap.2", [("diff", 0, 0, 800, 400), ("poly", 300, -130, 500, 530)]),
        ("poly.11", [("diff", 0, 0, 800, 500), ("poly", 300, -130, 450, 300),
                     ("poly", 300, 200, 650, 700)]),
        ("licon.17", [("licon", 0, 0, 170, 170), ("poly", -100, -100, 270, 270),
                      ("diff", -100, -100, 270, 270)]),
        ("LU.2", [("diff", 0, 0, 400, 400), ("nsdm", -125, -125, 525, 525),
                  ("tap", 15_500, 0, 15_900, 400), ("psdm", 15_375, -125, 16_025, 525)]),
    ],
)  # fmt: skip
def test_a_mistake_breaks_its_rule(klayout, rule, boxes):
    assert rule in broken(drawn(*boxes))


def test_a_slanted_edge_is_flagged(klayout):
    drawing = drawn()
    points = [klayout.Point(0, 0), klayout.Point(400, 400), klayout.Point(800, 0)]
    drawing.add("m1", klayout.Region(klayout.Polygon(points)))
    assert "x.2.m1" in broken(drawing)


def test_taps_reach_in_a_circle(klayout):
    near = [("tap", 0, 0, 400, 400), ("psdm", -125, -125, 525, 525)]
    for place, far in ((10_900, False), (11_100, True)):
        diff = ("diff", place, place, place + 100, place + 100)
        implant = ("nsdm", place - 125, place - 125, place + 225, place + 225)
        assert ("LU.2" in broken(drawn(*near, diff, implant))) is far
