"""One block of rows: placed, wired and drawn, from seed to seed until it is routed."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from anaspike.errors import InputError
from anaspike.layout.grid import M1, M2, M3, VIA, Grid
from anaspike.layout.place import Annealing, dealt, paired
from anaspike.layout.router import Goal, NotRouted, Route, Router
from anaspike.layout.rows import COLUMN, TRACK, Placed, Row
from anaspike.layout.sketch import Sketch
from anaspike.layout.stack import Stack, least_half, stacked
from anaspike.layout.strips import Access, Pens, Terminal, contacts_of, draw_rails, draw_row
from anaspike.layout.units import GROUND, Unit
from anaspike.layout.wires import draw_route, label

SEEDS = 8
Place = tuple[int, int, int]  # metal, column, track
_STEPS = 4000  # of annealing


@dataclass(frozen=True)
class Ask:
    """What a block is to be like.

    Attributes:
        ports: nets with a pin.
        supplies: nets that wells under rails may be on.
        rows: with rails; as many as there are wells at least.
        half: columns from the middle to the edge; None for as few as its longest row needs.
        landings: ports that a neighbour reaches on m3.
        extra: tracks more in each row, for wires.
        upper: nets that a neighbour above goes on with, on m2 at the upper edge.
        lower: net -> column at which a neighbour below comes in with it, on m2.
    """

    ports: tuple[str, ...]
    supplies: tuple[str, ...]
    rows: int = 1
    half: int | None = None
    landings: tuple[str, ...] = ()
    extra: int = 1
    upper: tuple[str, ...] = ()
    lower: Mapping[str, int] = field(default_factory=dict)


@dataclass
class Drawn:
    """A block that is drawn.

    Attributes:
        half: columns from the middle to the edge.
        tracks: height.
        sketch: its shapes.
        landings: port -> nodes of m3 and m4 on which neighbours may join it.
        taken: nodes of m3 and m4 that are used -> net.
        rails: track -> net.
        shut: nodes on which no wire of a neighbour may lie.
        seed: with which it was routed.
        parts: of an assembly: name, from track, to track.
        upper: net -> the column of m2 at which it leaves the upper edge.
    """

    half: int
    tracks: int
    sketch: Sketch
    landings: dict[str, list[Place]] = field(default_factory=dict)
    taken: dict[Place, str] = field(default_factory=dict)
    rails: dict[int, str] = field(default_factory=dict)
    shut: set[Place] = field(default_factory=set)
    seed: int = 0
    parts: tuple[tuple[str, int, int], ...] = ()
    upper: dict[str, int] = field(default_factory=dict)

    @property
    def width_um(self) -> float:
        """From edge to edge."""
        return 2 * self.half * COLUMN / 1e3

    @property
    def height_um(self) -> float:
        """From the middle of the lowest rail to that of the highest."""
        return self.tracks * TRACK / 1e3


def rows_block(units: Sequence[Unit], ask: Ask, seed: int = 1) -> Drawn:
    """Place, wire and draw a block.

    Args:
        units: its transistors.
        ask: what it is to be like.
        seed: the first to be tried.

    Raises:
        InputError: no seed is routed, or a row is longer than the width that is asked for.
    """
    return first_routed(lambda attempt: _attempt(units, ask, attempt), seed)


def first_routed(draw: Callable[[int], Drawn], seed: int, where: str = "") -> Drawn:
    """Return the drawing of the first seed that is routed.

    Args:
        draw: draws with a seed, or raises `NotRouted`.
        seed: the first to be tried.
        where: said of the wires where none is.

    Raises:
        InputError: none of them.
    """
    failed: dict[str, int] = {}
    why = ""
    for attempt in range(seed, seed + SEEDS):
        try:
            return draw(attempt)
        except NotRouted as error:
            why = error.why
            for net in error.nets:
                failed[net] = failed.get(net, 0) + 1
    worst = sorted(failed, key=lambda net: (-failed[net], net))[:6]
    if not worst:
        raise InputError(f"{why}, with each of {SEEDS} seeds from {seed}; give more --rows")
    raise InputError(
        f"no way found {where}for {', '.join(worst)} with {SEEDS} seeds from {seed};"
        " try another --seed, or --rows for more room"
    )


def _attempt(units: Sequence[Unit], ask: Ask, seed: int) -> Drawn:
    rows, placed = planned(units, ask, seed)
    needed = least_half(rows, placed)
    if ask.half is not None and needed > ask.half:
        row_um, block_um = (2 * half * COLUMN / 1e3 for half in (needed, ask.half))
        why = f"a row takes {row_um:.2f} um, and the block is {block_um:.2f} um wide"
        raise NotRouted([], why)
    drawn = wired(stacked(rows, placed, ask.half or needed), ask)
    drawn.seed = seed
    return drawn


def planned(units: Sequence[Unit], ask: Ask, seed: int) -> tuple[list[Row], list[list[Placed]]]:
    """Return rows with their transistors placed, not yet wired."""
    rows = dealt(paired(units), ask.supplies, ask.rows)
    for row in rows:
        row.extra = ask.extra
    return rows, Annealing(rows, seed).run(_STEPS)


def wired(stack: Stack, ask: Ask) -> Drawn:
    """Draw a stack's rows and wire them.

    Raises:
        NotRouted: nets are in each other's way.
    """
    sketch, count = Sketch(), contacts_of(stack, ask.ports)
    draw_rails(sketch, stack)
    terminals = [t for row in stack.rows for t in draw_row(Pens(sketch), row, stack.half, count)]
    grid = Grid(stack.half, stack.tracks)
    nets = _nets(grid, stack, terminals, ask)
    router = Router(grid, (M1, M2, M3), {net: goals for net, (goals, _) in nets.items()})
    _fence(router, stack, ask)
    routes = router.run()
    drawn = Drawn(stack.half, stack.tracks, sketch, rails=dict(stack.rails))
    for net, route in routes.items():
        _draw_net(drawn, grid, net, route, nets[net][1], ask)
    for port in (GROUND, *ask.ports):
        rails = [track for track, net in stack.rails.items() if net == port]
        if rails:
            sketch.label("m1", port, -stack.half * COLUMN, rails[0] * TRACK)
        elif port in routes:
            label(sketch, grid, port, sorted(routes[port].nodes))
    return drawn


def _nets(
    grid: Grid, stack: Stack, terminals: Iterable[Terminal], ask: Ask
) -> dict[str, tuple[list[Goal], list[Terminal | None]]]:
    """Return net -> goals, and the terminal behind each; rails first."""
    nets: dict[str, tuple[list[Goal], list[Terminal | None]]] = {}

    def add(net: str, goal: Goal, terminal: Terminal | None) -> None:
        goals, behind = nets.setdefault(net, ([], []))
        goals.append(goal)
        behind.append(terminal)

    inside = range(-stack.half + 1, stack.half)
    grounds = frozenset(
        grid.node(M1, x, t) for t, net in stack.rails.items() if net == GROUND for x in inside
    )
    add(GROUND, Goal(grounds, contact=False, wire=True), None)  # joined by the straps
    for track, net in stack.rails.items():
        if net != GROUND:
            nodes = frozenset(grid.node(M1, x, track) for x in inside)
            add(net, Goal(nodes, contact=False, wire=True), None)
    for terminal in terminals:
        nodes = frozenset(grid.node(M1, *at) for at in terminal.at)
        add(terminal.net, Goal(nodes), terminal)
    for port in ask.landings:
        if port in nets and port != GROUND:
            add(port, Goal(_landings(grid, stack), contact=False), None)
    for net in ask.upper:
        add(net, Goal(_edge(grid, stack, ask), contact=False), None)
    for net, x in ask.lower.items():
        add(net, Goal(frozenset([grid.node(M2, x, 0)]), contact=False), None)
    return {
        net: found
        for net, found in nets.items()
        if len(found[0]) > 1 or (net in ask.ports and found[1][0] is not None)
    }


def _edge(grid: Grid, stack: Stack, ask: Ask) -> frozenset[int]:
    """Return the nodes at the upper edge where nets may go on to a neighbour."""
    inside = range(-stack.half + 3, stack.half - 2) if ask.upper else ()
    return frozenset(grid.node(M2, x, stack.tracks) for x in inside)


def _landings(grid: Grid, stack: Stack) -> frozenset[int]:
    return frozenset(
        grid.node(M3, x, y)
        for y in range(1, stack.tracks)
        for x in range(-stack.half + 3, stack.half - 2)
    )


def _fence(router: Router, stack: Stack, ask: Ask) -> None:
    """Say what lies there already, and keep the edges free for the neighbours."""
    grid, half = router.grid, stack.half
    columns = range(-half, half + 1)
    for track, net in stack.rails.items():
        router.reserve(net, (grid.node(M1, x, track) for x in columns))
        router.bar(grid.node(VIA, x, track) for x in stack.taps)
        # Above each rail inside, one of the neuron's wires may cross.
        if 0 < track < stack.tracks:
            near = (track - 1, track, track + 1)
            router.reserve("", (grid.node(M3, x, y) for x in columns for y in near))
    for strap in stack.straps:
        router.keep("", (grid.node(M2, strap, y) for y in range(stack.tracks + 1)))
        router.bar(grid.node(VIA, strap, t) for t, net in stack.rails.items() if net == GROUND)
    for y in range(stack.tracks + 1):
        ends = [x for x in columns if abs(x) > half - 2]
        router.reserve("", (grid.node(M3, x, y) for x in ends))
        router.reserve("", (grid.node(M1, x, y) for x in (-half, half)))
    router.reserve_for(ask.upper, _edge(grid, stack, ask))
    for net, x in ask.lower.items():
        router.reserve(net, [grid.node(M2, x, 0)])
    leaving = {*_edge(grid, stack, ask), *(grid.node(M2, x, 0) for x in ask.lower.values())}
    for y in (0, stack.tracks):  # the neighbour's too
        nodes = {grid.node(metal, x, y) for metal in (M2, M3) for x in columns}
        router.reserve("", sorted(nodes - leaving))


def _draw_net(
    drawn: Drawn, grid: Grid, net: str, route: Route, behind: Sequence[Terminal | None], ask: Ask
) -> None:
    reached: dict[int, Access] = {}
    for index, node in route.used.items():
        terminal = behind[index]
        if terminal is not None:
            _, x, y = grid.place(node)
            reached[node] = terminal.at[x, y]
    draw_route(drawn.sketch, grid, net, route, reached)
    upper = [place for place in map(grid.place, sorted(route.nodes)) if place[0] == M3]
    drawn.taken.update(dict.fromkeys(upper, net))
    if net in ask.landings:
        drawn.landings[net] = upper
    if net in ask.upper:
        drawn.upper[net] = min(
            x for metal, x, y in map(grid.place, route.nodes) if (metal, y) == (M2, drawn.tracks)
        )
