import math

import pytest

from anaspike.errors import InputError
from anaspike.layout.capacitance import capacitances
from anaspike.layout.sky130_wires import FACING_PART, sky130_wires

pytestmark = pytest.mark.usefixtures("klayout")
UM = 1000
WIRES = sky130_wires()


def found(klayout, nets, halo_nm=8000):
    """Return aF between nets: net -> [(layer, left, bottom, right, top)] in nm."""
    regions = {}
    for net, boxes in nets.items():
        regions[net] = {}
        for layer, *box in boxes:
            region = regions[net].setdefault(layer, klayout.Region())
            region.insert(klayout.Box(*box))
    pairs = capacitances(regions, WIRES, klayout.Region(), "0", halo_nm)
    return {pair: farad * 1e18 for pair, farad in pairs.items()}


def spread(aF_per_um2, distance_um):
    return 2 / math.pi * math.atan(0.02 * aF_per_um2 * distance_um)


def test_a_plate_over_the_substrate(klayout):
    got = found(klayout, {"a": [("m1", 0, 0, 10 * UM, 10 * UM)]})
    fringe = 40 * 40.57 * spread(25.78, 8.0)
    assert got == {("0", "a"): pytest.approx(100 * 25.78 + fringe, rel=1e-6)}


def test_two_wires_side_by_side(klayout):
    wires = {"a": [("m1", 0, 0, 20 * UM, 140)], "b": [("m1", 0, 280, 20 * UM, 420)]}
    got = found(klayout, wires)["a", "b"]
    assert got == pytest.approx(FACING_PART * 44.0 * 20 / (0.14 + 0.25), rel=1e-6)


def test_a_wire_between_takes_it_all(klayout):
    wires = {net: [("m1", 0, at, 20 * UM, at + 140)] for net, at in (("a", 0), ("b", 560))}
    assert ("a", "b") in found(klayout, wires)
    wires["c"] = [("m1", 0, 280, 20 * UM, 420)]
    assert ("a", "b") not in found(klayout, wires)


def test_a_plate_between_shields(klayout):
    plates = {"a": [("m1", 0, 0, UM, UM)], "b": [("m3", 0, 0, UM, UM)]}
    assert found(klayout, plates)["a", "b"] == pytest.approx(34.54)
    plates["c"] = [("m2", -9 * UM, -9 * UM, 10 * UM, 10 * UM)]
    assert found(klayout, plates).get(("a", "b"), 0) == 0


def test_a_well_is_the_plate_below_what_lies_on_it(klayout):
    inside = {"a": [("m1", 0, 0, UM, UM)], "w": [("well", -9 * UM, -9 * UM, 10 * UM, 10 * UM)]}
    got = found(klayout, inside)
    assert got["a", "w"] > 25.78
    assert ("0", "a") not in got


def test_a_gate_is_left_to_its_model(klayout):
    poly, channel = (0, -500, 150, 920), klayout.Region(klayout.Box(0, 0, 150, 420))
    gate = {"g": {"poly": klayout.Region(klayout.Box(*poly))}}
    diffusion = klayout.Region(klayout.Box(-300, 0, 450, 420)) - channel
    all_nets = {**gate, "d": {"diffusion": diffusion}}
    with_model = capacitances(all_nets, WIRES, channel, "0")
    over_field = capacitances(gate, WIRES, klayout.Region(), "0")
    assert ("d", "g") not in with_model
    assert with_model["0", "g"] < over_field["0", "g"] - 0.06e-15 * 0.42


def test_a_mirror_changes_nothing(klayout):
    """A symmetric circuit that is drawn symmetric stays so."""
    left = [
        ("m1", -900, 0, -600, 3000),
        ("li", -1200, 500, -100, 700),
        ("poly", -700, 900, -500, 4000),
    ]
    mirrored = [(layer, -x1, y0, -x0, y1) for layer, x0, y0, x1, y1 in left]
    middle = [("m2", -200, -500, 200, 4000), ("m1", -70, 0, 70, 3000)]
    got = found(klayout, {"a": left, "b": mirrored, "m": middle})
    assert got["a", "m"] == pytest.approx(got["b", "m"], rel=1e-12)
    assert got["0", "a"] == pytest.approx(got["0", "b"], rel=1e-12)


def test_a_layout_without_wires_has_none(klayout):
    assert found(klayout, {}) == {}


def test_a_window_in_a_plate_is_seen_through(klayout):
    """Shapes of any outline: a ring of four bars casts its shade and no more."""
    ring = [
        ("m2", -9 * UM, -9 * UM, 10 * UM, 0),
        ("m2", -9 * UM, UM, 10 * UM, 10 * UM),
        ("m2", -9 * UM, 0, 0, UM),
        ("m2", UM, 0, 10 * UM, UM),
    ]
    plates = {"a": [("m1", 0, 0, UM, UM)], "b": [("m3", 0, 0, UM, UM)], "c": ring}
    assert found(klayout, plates)["a", "b"] == pytest.approx(34.54)


def test_more_corners_than_a_grid_can_hold_are_refused(klayout, monkeypatch):
    monkeypatch.setattr("anaspike.layout.plates.MOST_CELLS", 10)
    with pytest.raises(InputError, match="corners lie on a grid of 16 cells, more than 10:"):
        found(klayout, {"a": [("m1", 0, 0, UM, UM)]})
