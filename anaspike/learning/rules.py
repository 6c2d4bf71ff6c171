"""How an error moves a parameter: the paper's rule, and better ones, each as a value."""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from anaspike.errors import InputError
from anaspike.learning.network import Floats, Spikes
from anaspike.units import printable

# Supplies can scale a synapse's current over this range (measured); NT values stay inside.
SMALLEST_AMPLIFIER, LARGEST_AMPLIFIER = 0.25, 4.0
# One batch moves the logarithm of an NT value by no more than this.
_LARGEST_STEP = 1.0


@dataclass(frozen=True)
class Rule:
    """What is an error, where it passes, and how NT values move.

    Attributes:
        name: as `--rule` takes it.
        margin: an output is wrong unless it is this far on the right side of theta. With 0 the
            error is the paper's target minus output (equation 2).
        window: a hidden error passes only where |v - theta| is below this. Infinite is the
            paper's sigma = 1 (after equation 10).
        falls: whether the rate falls linearly to zero over the epochs.
        exponential: whether NT values are a = exp(g) with g trained, within what a supply can
            do; otherwise a itself is trained (equation 12) and may take any value.
    """

    name: str
    margin: float = 0.0
    window: float = math.inf
    falls: bool = False
    exponential: bool = False

    def error(self, drive: Floats, wanted: Spikes, theta: float) -> Floats:
        """Return +1 where an output should fire, -1 where it should not, 0 where it is right."""
        missing = wanted & (drive < theta + self.margin)
        unwanted = ~wanted & (drive >= theta - self.margin)
        return missing.astype(np.float32) - unwanted.astype(np.float32)

    def passed(self, error: Floats, drive: Floats, theta: float) -> Floats:
        """Return what of a hidden layer's error counts."""
        if math.isinf(self.window):
            return error
        return np.where(np.abs(drive - np.float32(theta)) < self.window, error, np.float32(0))

    def move_amplifier(self, amplifier: Floats, gradient: Floats, rate: float) -> None:
        """Move NT values along dv/da summed over a batch, in place."""
        if not self.exponential:
            amplifier += np.float32(rate) * gradient
            return
        step: NDArray[np.float32] = np.float32(rate) * gradient * amplifier
        amplifier *= np.exp(step.clip(-_LARGEST_STEP, _LARGEST_STEP))
        np.clip(amplifier, SMALLEST_AMPLIFIER, LARGEST_AMPLIFIER, out=amplifier)


PAPER = Rule("paper")
WINDOWED = Rule("windowed", margin=1.0, window=1.0, falls=True, exponential=True)
# Adam along a surrogate gradient (`learning.surrogate`); only its name and its fall are used.
SURROGATE = Rule("surrogate", falls=True, exponential=True)
RULES = {rule.name: rule for rule in (PAPER, WINDOWED, SURROGATE)}


def rule_named(name: str) -> Rule:
    """Return a rule.

    Raises:
        InputError: unknown.
    """
    if name not in RULES:
        raise InputError(f"unknown rule '{printable(name)}'; choose one of {', '.join(RULES)}")
    return RULES[name]
