"""How a network is trained: the numbers, checked."""

import math
from dataclasses import dataclass, field

from anaspike.errors import InputError
from anaspike.learning import feedforward, surrogate
from anaspike.learning.methods import method_named
from anaspike.learning.rules import SURROGATE, rule_named
from anaspike.learning.surrogate import Chip
from anaspike.units import printable

SPIKING, FEED_FORWARD = "spiking", "feed-forward"
VARIANTS = (SPIKING, FEED_FORWARD)

# What suits each method and rule on the digits and the blood cells; one batch is summed.
_RATES = {
    ("nt1", "windowed"): 0.01,
    ("nt1", "paper"): 0.01,
    ("nt2", "windowed"): 0.01,
    ("additive", "windowed"): 0.001,
    ("additive", "paper"): 0.001,
    ("tft", "windowed"): 0.0005,
    ("tft", "paper"): 0.0005,
    ("nt1", "surrogate"): 0.005,
    ("nt2", "surrogate"): 0.005,
}
# Of Adam, section 4: the paper's best, for NT and for what moves every weight.
_FEED_FORWARD_RATE, _FEED_FORWARD_TFT = 0.01, 0.0001
_OTHER_RATE = 0.003
_HEAD_RATE, _SURROGATE_HEAD_RATE = 0.01, 0.02
_MOST_EPOCHS = 1_000_000


@dataclass(frozen=True)
class Settings:
    """How a network is tuned. Equal settings, samples and networks give equal bits.

    Attributes:
        method: nt1, nt2, additive, bitfit, tft or none; feed-forward nt1-inputs too.
        rule: paper, windowed or surrogate; a feed-forward network is tuned by Adam.
        rate: learning rate; where not given, one that suits method and rule.
        head_rate: of a new head; where not given, one that suits the rule.
        epochs: passes over the balanced training samples.
        batch: samples a step.
        seed: of first values and of the order of samples.
        variant: spiking (section 5), or feed-forward (section 4).
        chip: what of it is there while the surrogate rule learns.
        last: whether the last epoch is kept, not the one that is best on the validation samples.

    Raises:
        InputError: an unknown method or rule, a number out of its range.
    """

    method: str = "nt1"
    rule: str = "windowed"
    rate: float | None = None
    head_rate: float | None = None
    epochs: int = 100
    batch: int = 64
    seed: int = 0
    variant: str = SPIKING
    chip: Chip = field(default_factory=Chip)
    last: bool = False

    def __post_init__(self) -> None:
        self._check_method()
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
        if self.rate is not None:
            return self.rate
        if self.variant == FEED_FORWARD:
            return _FEED_FORWARD_TFT if self.method == "tft" else _FEED_FORWARD_RATE
        return _RATES.get((self.method, self.rule), _OTHER_RATE)

    @property
    def head_rate_used(self) -> float:
        """The head's rate that was given, or the one that suits."""
        if self.head_rate is not None:
            return self.head_rate
        if self.variant == FEED_FORWARD:  # one optimiser for all (section 4)
            return self.rate_used
        return _SURROGATE_HEAD_RATE if self.rule == SURROGATE.name else _HEAD_RATE

    @property
    def how(self) -> str:
        """The rule, in a word."""
        return "adam" if self.variant == FEED_FORWARD else self.rule

    def _check_method(self) -> None:
        if self.variant not in VARIANTS:
            raise InputError(
                f"unknown variant '{printable(self.variant)}'; choose one of {', '.join(VARIANTS)}"
            )
        rule_named(self.rule)
        if self.variant == FEED_FORWARD:
            feedforward.check_method(self.method)
            return
        method_named(self.method)
        if self.rule == SURROGATE.name and self.method not in surrogate.METHODS:
            raise InputError(
                f"the surrogate rule does not tune by {self.method}; choose one of"
                f" {', '.join(surrogate.METHODS)}"
            )
