"""Blocks put on each other and joined on metal 3 and 4: the core, the neuron.

From below: the membrane capacitor, the synapses with their weight memory, the core's logic and
leak, the comparator. Nets that all neurons of a row share cross from edge to edge on metal 3, on
tracks where no block has wires of that metal, above rails for example. What is a neuron's own, its
inputs and its output, comes out on metal 4 at the upper edge.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from anaspike.errors import InputError
from anaspike.layout.block import Drawn, Place
from anaspike.layout.grid import M3, M4, Grid
from anaspike.layout.router import Goal, Route, Router
from anaspike.layout.rows import COLUMN, TRACK
from anaspike.layout.sketch import Sketch
from anaspike.layout.units import GROUND
from anaspike.layout.wires import METALS, draw_route

_STRAP = 160  # half the width of what crosses from edge to edge, in nm


@dataclass(frozen=True)
class Part:
    """One block of an assembly.

    Attributes:
        name: of it.
        drawn: its drawing.
        nets: its nets -> the assembly's; a net that is not there is its own.
    """

    name: str
    drawn: Drawn
    nets: Mapping[str, str]

    def net(self, net: str) -> str:
        """Return the assembly's name of a net."""
        return self.nets.get(net, f"{self.name}.{net}" if net not in ("", GROUND) else net)

    def column(self, net: str) -> int:
        """Return where one of the assembly's nets leaves the upper edge on m2."""
        return next(x for port, x in self.drawn.upper.items() if self.net(port) == net)


def upside_down(drawn: Drawn) -> Drawn:
    """Return a block with its upper edge below."""

    def turned(place: Place) -> Place:
        metal, x, y = place
        return metal, x, drawn.tracks - y

    return Drawn(
        drawn.half,
        drawn.tracks,
        drawn.sketch.upside_down(drawn.tracks * TRACK),
        {net: [turned(place) for place in places] for net, places in drawn.landings.items()},
        {turned(place): net for place, net in drawn.taken.items()},
        {drawn.tracks - track: net for track, net in drawn.rails.items()},
        {turned(place) for place in drawn.shut},
        drawn.seed,
    )


@dataclass
class Assembly:
    """Parts on each other.

    Attributes:
        parts: from below, all of one width.
        shared: nets that cross from edge to edge.
        own: nets that come out at the upper edge.
        probed: nets that have a name and come out nowhere.
    """

    parts: Sequence[Part]
    shared: Sequence[str]
    own: Sequence[str]
    probed: Sequence[str] = ()
    bases: list[int] = field(default_factory=list)

    def __post_init__(self) -> None:
        base = 0
        for part in self.parts:
            self.bases.append(base)
            base += part.drawn.tracks
        self.half, self.tracks = self.parts[0].drawn.half, base
        self.grid = Grid(self.half, self.tracks)

    def drawn(self) -> Drawn:
        """Return it joined.

        Raises:
            NotRouted: no way found for the wires.
            InputError: no room for what crosses.
        """
        straps = self._straps()
        goals = self._goals(straps)
        router = Router(self.grid, (M3, M4), goals)
        self._fence(router, straps)
        routes = router.run()
        sketch = Sketch()
        for part, base in zip(self.parts, self.bases, strict=True):
            sketch.add(part.drawn.sketch, base * TRACK, part.net, labels=False)
        for net, route in routes.items():
            draw_route(sketch, self.grid, net, route, {})
        edge = self.half * COLUMN
        for net, track in straps.items():
            y = track * TRACK
            sketch.box("m3", -edge, y - _STRAP, edge, y + _STRAP, net)
            sketch.label("m3", net, -edge, y)
        self._label(sketch, routes, straps)
        framed = zip(self.parts, self.bases, strict=True)
        return Drawn(
            self.half,
            self.tracks,
            sketch,
            rails=dict(self._rails()),
            parts=tuple((part.name, base, base + part.drawn.tracks) for part, base in framed),
        )

    def _rails(self) -> Iterator[tuple[int, str]]:
        for part, base in zip(self.parts, self.bases, strict=True):
            for track, net in part.drawn.rails.items():
                yield base + track, part.net(net)

    def _places(self, part: Part, base: int, places: Sequence[Place]) -> list[int]:
        return [self.grid.node(metal, x, y + base) for metal, x, y in places]

    def _straps(self) -> dict[str, int]:
        """Choose a track for each shared net, as near to its landings as may be."""
        free = self._free_tracks()
        chosen: dict[str, int] = {}
        for net in self.shared:
            heights = [
                y + base
                for part, base in zip(self.parts, self.bases, strict=True)
                for port, places in part.drawn.landings.items()
                if part.net(port) == net
                for _, _, y in places
            ]
            if not heights:
                continue
            if not free:
                raise InputError(f"no track is left on which {net} may cross; give more --rows")
            middle = sorted(heights)[len(heights) // 2]
            chosen[net] = min(free, key=lambda track: (abs(track - middle), track))
            free = [track for track in free if abs(track - chosen[net]) > 1]
        return chosen

    def _free_tracks(self) -> list[int]:
        """Return the tracks on and beside which no block has anything on m3: those above rails,
        which blocks keep free, and what else is."""
        used = {0, self.tracks}
        for part, base in zip(self.parts, self.bases, strict=True):
            places = (*part.drawn.taken, *part.drawn.shut)
            used |= {y + base for metal, _, y in places if metal == M3}
        return [y for y in range(self.tracks) if used.isdisjoint((y - 1, y, y + 1))]

    def _goals(self, straps: Mapping[str, int]) -> dict[str, list[Goal]]:
        goals: dict[str, list[Goal]] = {}
        for part, base in zip(self.parts, self.bases, strict=True):
            for port, places in part.drawn.landings.items():
                nodes = frozenset(self._places(part, base, places))
                goals.setdefault(part.net(port), []).append(Goal(nodes, contact=False, wire=True))
        inside = range(-self.half + 3, self.half - 2)
        for net, track in straps.items():
            nodes = frozenset(self.grid.node(M3, x, track) for x in inside)
            goals.setdefault(net, []).insert(0, Goal(nodes, contact=False, wire=True))
        top = frozenset(self.grid.node(M4, x, self.tracks) for x in inside)
        for net in self.own:
            if net in goals:
                goals[net].append(Goal(top, contact=False))
        return {net: found for net, found in goals.items() if len(found) > 1}

    def _fence(self, router: Router, straps: Mapping[str, int]) -> None:
        grid, columns = self.grid, range(-self.half, self.half + 1)
        for net, track in straps.items():
            router.keep(net, (grid.node(M3, x, track) for x in columns))
        for part, base in zip(self.parts, self.bases, strict=True):
            for (metal, x, y), net in part.drawn.taken.items():
                router.keep(part.net(net), [grid.node(metal, x, y + base)])
            router.reserve("", self._places(part, base, sorted(part.drawn.shut)))
        for metal in (M3, M4):
            for y in range(self.tracks + 1):
                ends = [x for x in columns if abs(x) > self.half - 2]
                router.reserve("", (grid.node(metal, x, y) for x in ends))
        for y in (0, self.tracks):
            router.reserve("", (grid.node(M3, x, y) for x in columns))
        router.reserve("", (grid.node(M4, x, 0) for x in columns))

    def _label(
        self, sketch: Sketch, routes: Mapping[str, Route], straps: Mapping[str, int]
    ) -> None:
        sketch.label("m1", GROUND, -self.half * COLUMN, 0)
        for net, route in routes.items():
            if net in straps or net not in (*self.own, *self.probed):
                continue
            places = map(self.grid.place, route.nodes)
            metal, x, y = max(places, key=lambda place: (place[0], place[2], place[1]))
            sketch.label(METALS[metal], net, x * COLUMN, y * TRACK)
