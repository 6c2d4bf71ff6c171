"""The smallest experiment there is, many times; single ones of another body."""

from dataclasses import dataclass

from anaspike.spice.deck import Deck, ModelFiles


@dataclass(frozen=True)
class Resistor:
    r_ohm: float
    body: str = ""

    def conditions(self):
        return {"r_ohm": self.r_ohm}

    def build(self):
        body = self.body or f"v1 a 0 1\nr1 a 0 {self.r_ohm}"
        return Deck("r", body, ModelFiles("", {}), 1e-6, ("i(v1)",))

    def measure(self, traces):
        return {"current_A": float(-traces["i(v1)"][-1])}


def points(count, bodies):
    """Return so many, each of another value; those of a number in `bodies` have that body."""
    return [Resistor(1e3 + i, bodies.get(i, "")) for i in range(count)]


def currents(count):
    return [1 / (1e3 + i) for i in range(count)]
