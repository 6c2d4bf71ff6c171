"""How a network is trained: the numbers, checked."""

import math
from dataclasses import dataclass

from anaspike.errors import InputError
from anaspike.learning.methods import method_named
from anaspike.learning.rules import rule_named

# What suits each method and rule on the digits and the blood cells; one batch is summed.
_RATES = {
    ("nt1", "windowed"): 0.01,
    ("nt1", "paper"): 0.01,
    ("nt2", "windowed"): 0.01,
    ("additive", "windowed"): 0.001,
    ("additive", "paper"): 0.001,
    ("tft", "windowed"): 0.0005,
    ("tft", "paper"): 0.0005,
}
_OTHER_RATE = 0.003
_MOST_EPOCHS = 1_000_000


@dataclass(frozen=True)
class Settings:
    """How a network is tuned. Equal settings, samples and networks give equal bits.

    Attributes:
        method: nt1, nt2, additive, bitfit, tft or none.
        rule: paper or windowed.
        rate: learning rate; where not given, one that suits method and rule.
        head_rate: of a new head.
        epochs: passes over the balanced training samples.
        batch: samples a step.
        seed: of first values and of the order of samples.

    Raises:
        InputError: an unknown method or rule, a number out of its range.
    """

    method: str = "nt1"
    rule: str = "windowed"
    rate: float | None = None
    head_rate: float = 0.01
    epochs: int = 100
    batch: int = 64
    seed: int = 0

    def __post_init__(self) -> None:
        method_named(self.method)
        rule_named(self.rule)
        for rate in (self.rate, self.head_rate):
            if rate is not None and not 0 < rate < math.inf:
                raise InputError(f"a learning rate of {rate:g} is not a positive number")
        for name in ("epochs", "batch"):
            if getattr(self, name) < 1:
                raise InputError(f"`{name}` is {getattr(self, name)}; at least 1 is needed")
        if self.epochs > _MOST_EPOCHS:
            raise InputError(f"`epochs` is {self.epochs}; use at most {_MOST_EPOCHS}")
        if self.seed < 0:
            raise InputError(f"seed is {self.seed}; seeds count from 0")

    @property
    def rate_used(self) -> float:
        """The learning rate that was given, or the one that suits."""
        return self.rate or _RATES.get((self.method, self.rule), _OTHER_RATE)
