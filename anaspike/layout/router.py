"""A router that negotiates: nets are wired one by one, may cross at a price, and the price rises.

After L. McMurchie and C. Ebeling, "PathFinder: a negotiation-based performance-driven router for
FPGAs", FPGA 1995: what is asked for by several nets becomes dearer from round to round, until only
who cannot do without it is left. Metal 1 runs both ways, 2 and 4 up and down, 3 across.
"""

import heapq
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from anaspike.errors import AnaspikeError
from anaspike.layout.grid import FREE, M1, M2, M3, M4, NOBODY, Grid

_ROUNDS = 60
_HOPS = 45  # rounds in which a wire may change metals and at once, beside that, change back
_LOOK_BACK = 8  # steps: as many as a way around two nodes takes that returns beside where it left
_FIRST_PRICE, _DEARER, _HIGHEST_PRICE = 0.5, 1.35, 60.0
_NODE_MEMORY, _CUT_MEMORY = 1.5, 3.0
_ACROSS = {M1: 1.0, M3: 1.1}  # price of a step
_ALONG = {M1: 2.2, M2: 1.2, M4: 1.1}
_UP = {M1: 2.0, M2: 2.5, M3: 2.5}
_FAR = 1e18
_SHORTEST = {M3: 3, M4: 3}  # nodes: the least area of those metals


class NotRouted(AnaspikeError):
    """A routing that failed; another seed may do.

    Attributes:
        nets: that are in each other's way.
        why: where none are: what else is wrong.
    """

    def __init__(self, nets: Iterable[str], why: str = ""):
        self.nets, self.why = tuple(sorted(nets)), why
        super().__init__(why or f"not routed: {', '.join(self.nets)}")


@dataclass(frozen=True)
class Goal:
    """One of the places that a net must join.

    Attributes:
        nodes: any of these will do.
        contact: whether a cut stands there, so that it must keep away from others; wires that lie
            there already have none, and all of their nodes may be used at once.
    """

    nodes: frozenset[int]
    contact: bool = True
    wire: bool = False


@dataclass
class Route:
    """The wires of one net.

    Attributes:
        nodes: on which they lie.
        edges: pairs of neighbouring nodes.
        cuts: contacts and vias, numbered like the nodes above them.
        used: goal -> the node at which it is reached.
    """

    nodes: set[int] = field(default_factory=set)
    edges: set[tuple[int, int]] = field(default_factory=set)
    cuts: set[int] = field(default_factory=set)
    used: dict[int, int] = field(default_factory=dict)
    beside: set[int] = field(default_factory=set)
    near: set[int] = field(default_factory=set)


class _Search:
    """One search: what each node cost so far, and from where it was reached."""

    def __init__(
        self, welcome: frozenset[int], price: float, cuts: set[int], known: dict[int, float]
    ):
        self.welcome, self.price, self.cuts, self.known = welcome, price, cuts, known
        self.before: dict[int, int] = {}
        self.heap = [(cost, node) for node, cost in known.items()]
        heapq.heapify(self.heap)


class Router:
    """Wires for all nets of a block.

    Args:
        grid: its places.
        metals: on which wires may lie.
        nets: name -> the goals of the net; one with a single goal only gets its contact.

    Attributes:
        owner: node -> FREE, NOBODY or the number of the only net that may lie there.
        barred: cuts that nobody may have.
    """

    def __init__(self, grid: Grid, metals: Sequence[int], nets: Mapping[str, Sequence[Goal]]):
        self.grid = grid
        self.nets = {name: list(goals) for name, goals in nets.items()}
        self.number = {name: i + 1 for i, name in enumerate(self.nets)}
        self.owner = [NOBODY] * grid.size
        for metal in metals:
            for x, y in grid.inside():
                self.owner[grid.node(metal, x, y)] = FREE
        self.barred: set[int] = set()
        self._groups: dict[int, frozenset[str]] = {}
        self.routes: dict[str, Route] = {}
        self._metals = set(metals)
        self._asked = [0] * grid.size
        self._cut_asked = [0] * grid.size
        self._memory = [0.0] * grid.size
        self._cut_memory = [0.0] * grid.size
        self._beside = {metal: grid.beside(metal) for metal in metals}
        self._near = {cut: grid.near(cut) for cut in range(4)}
        self._around = grid.around()
        self._steps = self._all_steps()
        self._may_hop = True

    def reserve_for(self, nets: Iterable[str], nodes: Iterable[int]) -> None:
        """Say that just these nets may lie on these nodes."""
        group = 1 + max((*self.number.values(), *self._groups), default=0)
        self._groups[group] = frozenset(nets)
        for node in nodes:
            self._own(node, group)

    def _welcome(self, net: str) -> frozenset[int]:
        """Return the owners on whose nodes a net may lie."""
        groups = (group for group, nets in self._groups.items() if net in nets)
        return frozenset((FREE, self.number[net], *groups))

    def keep(self, net: str, nodes: Iterable[int]) -> None:
        """Say that a net lies there already: others keep away."""
        number = self.number.get(net, NOBODY)
        for node in nodes:
            for offset in self._beside.get(node // self.grid.floor, ()):
                self._own(node + offset, number)

    def reserve(self, net: str, nodes: Iterable[int]) -> None:
        """Say that just these nodes are for one net; for no net where it is not known."""
        for node in nodes:
            self._own(node, self.number.get(net, NOBODY))

    def _own(self, node: int, number: int) -> None:
        now = self.owner[node]
        self.owner[node] = number if now in (FREE, number) else NOBODY

    def bar(self, cuts: Iterable[int]) -> None:
        """Say where cuts stand already: near them stands no other, not even of the same net."""
        for cut in cuts:
            for offset in self._near[cut // self.grid.floor]:
                self.barred.add(cut + offset)

    def run(self) -> dict[str, Route]:
        """Return a route for each net.

        Raises:
            NotRouted: after all rounds nets are still in each other's way, or one has no way.
        """
        price = _FIRST_PRICE
        order = sorted(self.nets, key=lambda net: len(self.nets[net]))
        bad = set(order)
        for round_ in range(_ROUNDS):
            self._may_hop = round_ < _HOPS
            for net in order:
                if net in bad:
                    self._again(net, price)
            bad = self._conflicts()
            if not bad:
                return self.routes
            price = min(price * _DEARER, _HIGHEST_PRICE)
        raise NotRouted(bad)

    def _again(self, net: str, price: float) -> None:
        if net in self.routes:
            self._count(self.routes[net], -1)
        route = self._routed(net, price)
        self._lengthen(route, net, price)
        floor = self.grid.floor
        route.beside = {n + o for n in route.nodes for o in self._beside[n // floor]}
        route.near = {c + o for c in route.cuts for o in self._near[c // floor]}
        self.routes[net] = route
        self._count(route, 1)

    def _count(self, route: Route, sign: int) -> None:
        for node in route.beside:
            self._asked[node] += sign
        for cut in route.near:
            self._cut_asked[cut] += sign

    def _conflicts(self) -> set[str]:
        """Return the nets that are in each other's way; the places become dearer for good."""
        nodes: set[int] = set()
        cuts: set[int] = set()
        bad: set[str] = set()
        for net, route in self.routes.items():
            here = {node for node in route.nodes if self._asked[node] > 1}
            taken = {c for c in route.cuts if self._cut_asked[c] > (c in route.near)}
            close = {c for c in route.cuts for o in self._around if c + o in route.cuts}
            if taken or close or here:
                bad.add(net)
            nodes |= here
            cuts |= taken
            for cut in taken | close:
                self._cut_memory[cut] += _CUT_MEMORY
            for node in here:
                self._memory[node] += _NODE_MEMORY
        for net, route in self.routes.items():
            if not (nodes.isdisjoint(route.beside) and cuts.isdisjoint(route.near)):
                bad.add(net)
        return bad

    def _price(self, node: int, welcome: frozenset[int], price: float) -> float | None:
        if self.owner[node] not in welcome:
            return None
        return self._memory[node] + price * self._asked[node]

    def _cut_price(self, cut: int, price: float, own: set[int]) -> float | None:
        if cut in self.barred:
            return None
        for offset in self._around:
            if cut + offset in own:
                return None
        return self._cut_memory[cut] + price * self._cut_asked[cut]

    def _routed(self, net: str, price: float) -> Route:
        """Grow a tree from the first goal to the nearest of those left, until all are joined."""
        goals, route, welcome = self.nets[net], Route(), self._welcome(net)
        first = min(range(len(goals)), key=lambda i: (not goals[i].wire, goals[i].contact is False))
        if len(goals) == 1:
            return self._alone(net, goals[0], route, price)
        tree: dict[int, float] = dict.fromkeys(sorted(goals[first].nodes), 0.0)
        if goals[first].contact:
            tree = self._entries(goals[first], welcome, price, set())
        left = [i for i in range(len(goals)) if i != first]
        while left:
            path, goal = self._shortest(net, tree, [(i, goals[i]) for i in left], route, price)
            if not route.nodes:
                self._reach(route, first, goals[first], path[-1])
            self._reach(route, goal, goals[goal], path[0])
            left.remove(goal)
            for a, b in pairwise(path):
                route.edges.add((a, b))
                if a // self.grid.floor != b // self.grid.floor:
                    route.cuts.add(max(a, b))
            route.nodes.update(path)
            tree = dict.fromkeys(sorted(route.nodes), 0.0)
            for i in route.used:
                if goals[i].wire:
                    tree.update(dict.fromkeys(sorted(goals[i].nodes), 0.0))
        return route

    @staticmethod
    def _reach(route: Route, index: int, goal: Goal, node: int) -> None:
        route.used[index] = node
        if goal.contact:
            route.cuts.add(node)

    def _entries(
        self, goal: Goal, welcome: frozenset[int], price: float, own: set[int]
    ) -> dict[int, float]:
        """Return the nodes of a goal with a contact that may be entered -> at what price."""
        found = {}
        for node in sorted(goal.nodes):
            here, cut = self._price(node, welcome, price), self._cut_price(node, price, own)
            if here is not None and cut is not None:
                found[node] = here + cut
        return found

    def _alone(self, net: str, goal: Goal, route: Route, price: float) -> Route:
        """Give a net with one goal its contact and a via on it, where others may join it."""
        welcome, floor = self._welcome(net), self.grid.floor
        found = []
        for node, entry in self._entries(goal, welcome, price, set()).items():
            above = self._price(node + floor, welcome, price)
            cut = self._cut_price(node + floor, price, set())
            if above is not None and cut is not None:
                found.append((entry + above + cut, node))
        if not found:
            raise NotRouted([net])
        _, node = min(found)
        route.nodes |= {node, node + floor}
        route.edges.add((node, node + floor))
        route.cuts.add(node + floor)
        self._reach(route, 0, goal, node)
        return route

    def _shortest(
        self,
        net: str,
        tree: Mapping[int, float],
        goals: Sequence[tuple[int, Goal]],
        route: Route,
        price: float,
    ) -> tuple[list[int], int]:
        """Return the cheapest path from a goal back to the tree, and the goal."""
        ends = {node: i for i, goal in reversed(goals) for node in goal.nodes}
        contacts = {i for i, goal in goals if goal.contact}
        search = _Search(self._welcome(net), price, route.cuts, dict(tree))
        while search.heap:
            cost, node = heapq.heappop(search.heap)
            if node < 0:  # a goal, with its contact
                return self._path(~node, search.before), ends[~node]
            if cost > search.known[node]:
                continue
            if node in ends:
                extra: float | None = 0.0
                if ends[node] in contacts:
                    extra = self._cut_price(node, price, route.cuts)
                if extra is not None:
                    heapq.heappush(search.heap, (cost + extra, ~node))
            self._spread(search, cost, node)
        raise NotRouted([net])

    def _spread(self, search: "_Search", cost: float, node: int) -> None:
        """Go on from a node to its neighbours."""
        owner, asked, memory, known = self.owner, self._asked, self._memory, search.known
        mine = search.welcome
        for offset, fee, cut in self._steps[node // self.grid.floor]:
            other = node + offset
            if owner[other] not in mine:
                continue
            total = cost + fee + memory[other] + search.price * asked[other]
            if cut and total < known.get(other, _FAR):
                at = max(node, other)
                if not self._may_hop and self._hops(search.before, node, at):
                    continue
                more = self._cut_price(at, search.price, search.cuts)
                total = _FAR if more is None else total + more
            if total < known.get(other, _FAR):
                known[other] = total
                search.before[other] = node
                heapq.heappush(search.heap, (total, other))

    def _hops(self, before: Mapping[int, int], node: int, cut: int) -> bool:
        """Return whether the path to a node has a cut of this kind right beside this one: the two
        are too close, and no price parts a net from itself."""
        floor = self.grid.floor
        for _ in range(_LOOK_BACK):
            last = before.get(node)
            if last is None:
                return False
            if last // floor != node // floor and max(last, node) - cut in self._around:
                return True
            node = last
        return False

    @staticmethod
    def _path(node: int, before: Mapping[int, int]) -> list[int]:
        path = [node]
        while path[-1] in before:
            path.append(before[path[-1]])
        return path

    def _all_steps(self) -> dict[int, list[tuple[int, float, bool]]]:
        """Return metal -> steps as (offset, price, whether through a cut)."""
        across, floor = self.grid.across, self.grid.floor
        steps: dict[int, list[tuple[int, float, bool]]] = {}
        for metal in self._metals:
            here = [(sign, _ACROSS[metal], False) for sign in (-1, 1) if metal in _ACROSS]
            here += [(sign * across, _ALONG[metal], False) for sign in (-1, 1) if metal in _ALONG]
            if metal + 1 in self._metals:
                here.append((floor, _UP[metal], True))
            if metal - 1 in self._metals:
                here.append((-floor, _UP[metal - 1], True))
            steps[metal] = here
        return steps

    def _lengthen(self, route: Route, net: str, price: float) -> None:
        """Make wires of the upper metals as long as their least area asks."""
        for metal, least in _SHORTEST.items():
            step = 1 if metal == M3 else self.grid.across
            mine = {node for node in route.nodes if node // self.grid.floor == metal}
            for node in sorted(mine):
                if node - step in mine:
                    continue
                run = [node]
                while run[-1] + step in mine:
                    run.append(run[-1] + step)
                self._grow(route, net, run, step, least, price)

    def _grow(
        self, route: Route, net: str, run: list[int], step: int, least: int, price: float
    ) -> None:
        more = least - len(run)
        if more <= 0:
            return
        ways = []
        for below in range(more + 1):
            new = [run[0] - step * (i + 1) for i in range(below)]
            new += [run[-1] + step * (i + 1) for i in range(more - below)]
            prices = [self._price(node, self._welcome(net), price) for node in new]
            if None not in prices:
                ways.append((sum(p for p in prices if p is not None), below, new))
        if not ways:
            raise NotRouted([net])
        nodes = sorted([*run, *min(ways)[2]])
        route.nodes.update(nodes)
        route.edges |= {(a, a + step) for a in nodes[:-1]}
