"""How much work a run will be, judged from its deck before it starts."""

import re
from collections import Counter
from dataclasses import dataclass
from functools import lru_cache

from anaspike.spice.deck import Deck
from anaspike.spice.statements import Statement, statements

# Measured on neurons of 180 and networks of 540 transistors: 2.4 to 4.5 us in three processes.
_COST_S = 3e-6
# Time points that a corner of a source brings along: 55 where no spike follows, 110 where one does.
_AT_A_CORNER = 80
_SOURCE = re.compile(r"\bpwl\s*\(([^)]*)\)")
_SOLVED = frozenset("mdqjzbn")  # elements whose equations are solved anew at each time point


@dataclass(frozen=True)
class Effort:
    """What a run is expected to take.

    Attributes:
        time_points: how many; at least, where the circuit moves between the corners of its inputs.
        devices: transistors and the like that are solved at each.
    """

    time_points: float
    devices: int

    @property
    def processor_s(self) -> float:
        """Time on one processor, in seconds: right within a factor of two or three."""
        return self.time_points * self.devices * _COST_S


def effort(deck: Deck) -> Effort:
    """Return what a run of a deck is expected to take."""
    devices, corners = _counted(deck.body)
    points = deck.stop_s / deck.options.max_step_s + _AT_A_CORNER * corners
    return Effort(points, max(1, devices))


@lru_cache(maxsize=32)  # samples and corners differ in other things than the body
def _counted(body: str) -> tuple[int, int]:
    """Return how many devices are placed, and corners of the source that has most."""
    inside: dict[str, Counter[str]] = {"": Counter()}
    block, corners = "", 0
    for statement in statements(body):
        word = statement.words[0]
        if word == ".subckt" and len(statement.words) > 1:
            block = statement.words[1]
            inside[block] = Counter()
        elif word == ".ends":
            block = ""
        elif word[0] == "x":
            inside[block][_placed(statement)] += 1
        elif word[0] in _SOLVED:
            inside[block][word[0]] += 1
        for source in _SOURCE.finditer(statement.text):
            corners = max(corners, len(source[1].split()) // 2)
    return _devices("", inside, {}), corners


def _placed(statement: Statement) -> str:
    """Return the sub-circuit that an X statement places: the last word before its parameters."""
    before = statement.text.partition("=")
    words = before[0].replace("params:", " ").split()
    return words[-2 if before[1] else -1] if len(words) > 2 else statement.text


def _devices(block: str, inside: dict[str, Counter[str]], known: dict[str, int]) -> int:
    if block not in inside:
        return 1  # of the models: one transistor in a wrapper
    if block not in known:
        known[block] = 0  # a block inside itself is no circuit; the simulator says so
        known[block] = sum(
            count * _devices(placed, inside, known) for placed, count in inside[block].items()
        )
    return known[block]
