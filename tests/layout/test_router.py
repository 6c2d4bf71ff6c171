"""The router: after 45 rounds no wire changes metals and back right beside itself."""

import pytest

from anaspike.layout import router as routing
from anaspike.layout.grid import M1, M2, M3, Grid
from anaspike.layout.router import Goal, NotRouted, Router

GRID = Grid(half=6, tracks=8)


def one_net(metals, start, end, free=None):
    """Return a router of one net between two nodes; only where `free` says may it lie."""
    goals = [Goal(frozenset({GRID.node(*place)}), contact=False) for place in (start, end)]
    router = Router(GRID, metals, {"a": goals})
    if free is not None:
        places = ((metal, x, y) for metal in metals for x, y in GRID.inside())
        router.reserve("nobody", [GRID.node(*p) for p in places if p not in free])
    return router


def rounds(monkeypatch, hopping, all_of_them):
    monkeypatch.setattr(routing, "_HOPS", hopping)
    monkeypatch.setattr(routing, "_ROUNDS", all_of_them)


def close_cuts(route):
    return [(a, b) for a in route.cuts for b in route.cuts if a - b in GRID.around()]


def test_a_hop_is_left_once_it_may_not_be(monkeypatch):
    # One column to the side: straight there and back is cheapest, and its vias are too close.
    rounds(monkeypatch, hopping=4, all_of_them=4)
    hopping = one_net((M1, M2), (M2, 0, 0), (M2, 1, 6))
    with pytest.raises(NotRouted, match="not routed: a"):
        hopping.run()
    assert close_cuts(hopping.routes["a"])
    rounds(monkeypatch, hopping=2, all_of_them=4)
    route = one_net((M1, M2), (M2, 0, 0), (M2, 1, 6)).run()["a"]
    assert len(route.cuts) == 2
    assert not close_cuts(route)


def test_a_detour_does_not_hide_a_hop(monkeypatch):
    # Metal 2 ends at (0, 0) and goes on from (1, 1), and both corners between are taken: what
    # way there is on metal 1 leads around them, and its vias are cornerwise all the same.
    around = [(0, 0), (-1, 0), (-1, 1), (-1, 2), (0, 2), (1, 2), (1, 1)]
    free = {(M1, x, y) for x, y in around} | {(M2, 0, 0), (M2, 1, 1), (M2, 1, 0)}
    rounds(monkeypatch, hopping=1, all_of_them=1)
    hopping = one_net((M1, M2), (M2, 0, 0), (M2, 1, 0), free)
    with pytest.raises(NotRouted):
        hopping.run()
    assert len(hopping.routes["a"].nodes) == len(around) + 3
    rounds(monkeypatch, hopping=0, all_of_them=1)
    strict = one_net((M1, M2), (M2, 0, 0), (M2, 1, 0), free)
    with pytest.raises(NotRouted, match="not routed: a"):
        strict.run()
    assert strict.routes == {}  # no way at all, not one that is in its own way


def test_wires_may_hop_for_45_rounds_of_60():
    asked = []

    class Stuck(Router):
        def _conflicts(self):
            asked.append(self._may_hop)
            return {"a"}

    goals = [Goal(frozenset({GRID.node(M2, 0, y)}), contact=False) for y in (0, 6)]
    with pytest.raises(NotRouted):
        Stuck(GRID, (M2, M3), {"a": goals}).run()
    assert asked == [True] * 45 + [False] * 15
