"""Supplies learned on a chip that answers nothing but spikes.

Forward goes the chip itself, whatever it is made of. Backward go the codes, which are known: the
chip holds them. What is not known is how strong its synapses are, and that is what is learned: a
supply a neuron, as a converter's code. An answer is to be right with a margin, so a batch is
presented twice, once with the outputs' supplies a step lower and once a step higher.
"""

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain, islice, repeat
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from anaspike.circuits.network import Network
from anaspike.errors import InputError
from anaspike.learning.samples import Indices, balanced_batches
from anaspike.learning.scores import Labels
from anaspike.mapping.supplies import MappedNetwork
from anaspike.mapping.supply_curve import Dac

Floats = NDArray[np.float64]
# What the outputs do with their supplies lower, and higher; what was wanted. How wrong each is,
# (patterns, outputs): positive where it should fire more.
Shifts = Sequence[int | NDArray[np.int64]]  # codes
Teacher = Callable[[Floats, Floats, NDArray[np.bool_]], Floats]

_LARGEST_STEP = 5.0  # codes: of one update
_WINDOW = 2.0  # thresholds: above, a neuron fires whatever its supply


class SpikingChip(Protocol):
    """What answers spikes for supplies: a circuit, or a model of it."""

    def answer(self, supply_V: Sequence[Floats], inputs: Floats) -> list[Floats]:
        """Return how often each neuron fires.

        Args:
            supply_V: of each layer's neurons, (n,), in volt.
            inputs: spikes of each input, (patterns, n_in).

        Returns:
            Of each layer, (patterns, n).
        """


@dataclass(frozen=True)
class Codes:
    """What is known of a network: its codes, as drives that are 1 where a neuron should just fire.

    Attributes:
        weights: of each layer, (n_out, n_in).
        bias: of each layer, (n_out,).
        full: spikes that an input which is on gives; as many are a whole answer of a neuron.
    """

    weights: tuple[Floats, ...]
    bias: tuple[Floats, ...]
    full: float = 1.0

    @classmethod
    def of(cls, mapped: MappedNetwork) -> "Codes":
        """Return a mapped network's, each neuron at the k that was wanted of it."""
        scale = [(layer.k / layer.unit_theta)[:, None] for layer in mapped.layers]
        coded = [layer.coded for layer in mapped.layers]
        return cls(
            tuple(one.codes * size for one, size in zip(coded, scale, strict=True)),
            tuple(one.bias_codes * size[:, 0] for one, size in zip(coded, scale, strict=True)),
        )

    @classmethod
    def of_circuit(cls, network: Network, full: float) -> "Codes":
        """Return a circuit's, each neuron driven by 1 where its strongest source alone is on.

        Args:
            network: each layer of it hears the one before, and nothing else.
            full: spikes that an input which is on gives.

        Raises:
            InputError: a neuron hears another layer, or nothing that excites it.
        """
        cells = {cell.name: dict(cell.synapses) for cell in network.neurons}
        weights, heard = list[Floats](), network.inputs
        for level in network.levels():
            rows = []
            for name in level:
                strongest = max(cells[name].values())
                if strongest <= 0 or not cells[name].keys() <= set(heard):
                    raise InputError(
                        f"neuron '{name}' cannot be tuned: it needs a source that excites it, and"
                        f" sources among {', '.join(heard)} alone"
                    )
                rows.append([cells[name].get(source, 0) / strongest for source in heard])
            weights.append(np.array(rows, float))
            heard = level
        return cls(tuple(weights), tuple(np.zeros(len(rows)) for rows in weights), full)

    def drive(self, layer: int, signal: Floats) -> Floats:
        """Return what drives a layer's neurons, (patterns, n_out), for spikes (patterns, n_in)."""
        return np.asarray(signal / self.full @ self.weights[layer].T + self.bias[layer])


class Tuned:
    """The supplies of a chip, as codes of a converter, and what setting them has taken.

    Args:
        chip: what answers.
        dac: the converter; there must be one.
        start_V: of each layer's neurons, (n,), in volt.

    Attributes:
        presentations: patterns shown so far.
        supply_writes: how often a supply was given another code.
        places: of each layer's supplies between the converter's codes, (n,); a supply has the
            nearest.

    Raises:
        InputError: every supply is at an end of the converter, or there is none.
    """

    def __init__(self, chip: SpikingChip, dac: Dac | None, start_V: Sequence[Floats]) -> None:
        if dac is None:
            raise InputError("supplies are learned as codes of a converter: give it some bits")
        self.presentations = self.supply_writes = 0
        self._chip, self._dac = chip, dac
        self._top = 2**dac.bits - 1
        self.places = [np.clip((v - dac.low_V) / dac.step, 0, self._top) for v in start_V]
        self._set = self.codes()
        if all(((codes == 0) | (codes == self._top)).all() for codes in self._set):
            raise InputError(
                f"every supply of the chip is at an end of its converter ({dac.low_V:.4g} to"
                f" {dac.high_V:.4g} V), where none can be learned; give it a wider one, or start"
                " from other supplies"
            )

    def codes(self, shifts: Shifts = ()) -> list[NDArray[np.int64]]:
        """Return the converter's codes, those of the last layers shifted, each layer by its own."""
        codes = [np.rint(at).astype(np.int64) for at in self.places]
        for i, shift in enumerate(shifts, len(codes) - len(shifts)):
            codes[i] = np.clip(codes[i] + shift, 0, self._top)
        return codes

    def supplies(self) -> list[Floats]:
        """Return the supplies, in volt."""
        return [self._dac.supply(codes) for codes in self.codes()]

    def ask(self, inputs: Floats, shifts: Shifts = ()) -> list[Floats]:
        """Set the supplies, shifted as `codes` does, and return what the chip answers."""
        codes = self.codes(shifts)
        changed = (now != then for now, then in zip(codes, self._set, strict=True))
        self.supply_writes += sum(int(np.count_nonzero(one)) for one in changed)
        self.presentations += len(inputs)
        self._set = codes
        return self._chip.answer([self._dac.supply(code) for code in codes], inputs)

    def move(self, steps: Sequence[Floats]) -> None:
        """Move each supply by so many codes, also by a part of one; it stays in the converter."""
        self.places = [
            np.clip(at + np.clip(step, -_LARGEST_STEP, _LARGEST_STEP), 0, self._top)
            for at, step in zip(self.places, steps, strict=True)
        ]


class Learner(ABC):
    """Learns supplies from what a chip answers.

    Attributes:
        supplies: that are learned.
    """

    def __init__(self, supplies: Tuned) -> None:
        self.supplies = supplies

    @abstractmethod
    def update(self, inputs: Floats, wanted: NDArray[np.bool_], rate: float) -> None:
        """Learn from a batch.

        Args:
            inputs: (patterns, n_in).
            wanted: what the outputs should do, (patterns, outputs).
            rate: codes that an error all through the batch moves a supply by.
        """


class NtInLoop(Learner):
    """NT: forward through the chip, backward through the codes.

    Args:
        supplies: that are learned.
        codes: of the chip.
        teacher: what says how wrong outputs are.
        margin: codes by which the outputs' supplies are shifted; with 0 each batch is
            presented once.
    """

    def __init__(self, supplies: Tuned, codes: Codes, teacher: Teacher, margin: int = 1) -> None:
        super().__init__(supplies)
        self._codes, self._teacher, self._margin = codes, teacher, margin

    def update(self, inputs: Floats, wanted: NDArray[np.bool_], rate: float) -> None:
        """Move each supply along the error times the drive: dv/dlog k is v."""
        lower = upper = self.supplies.ask(inputs, (-self._margin,))
        if self._margin:
            upper = self.supplies.ask(inputs, (self._margin,))
        error = self._teacher(lower[-1], upper[-1], wanted)
        signals = [inputs, *lower[:-1]]
        steps: list[Floats] = []
        for i in reversed(range(len(lower))):
            drive = self._seen(self._codes.drive(i, signals[i]), lower[i], upper[i])
            # Who fires already cannot fire more, who is silent cannot fire less.
            useful = np.where(error > 0, lower[i] < self._codes.full, upper[i] > 0)
            passed = error * (useful & (drive >= 0) & (drive <= _WINDOW))
            steps.insert(0, rate * (passed * drive).mean(axis=0))
            if i:  # nobody learns before the inputs
                error = passed @ self._codes.weights[i]
        self.supplies.move(steps)

    def _seen(self, drive: Floats, lower: Floats, upper: Floats) -> Floats:
        """Return what codes say of a drive, put right by what the neuron did."""
        fired = np.where(lower > 0, np.maximum(drive, 1), drive)
        return np.where(upper < self._codes.full, np.minimum(fired, 1), fired)


class Perturbation(Learner):
    """Without the codes: every supply is shifted by a code at random, there and back.

    All go the way on which less was wrong. Source: J. C. Spall, "Multivariate stochastic
    approximation using a simultaneous perturbation gradient approximation", IEEE Transactions on
    Automatic Control 37 (1992).

    Args:
        supplies: that are learned.
        loss: what says how wrong an answer of the outputs is, as one number.
        seed: of the shifts.
    """

    def __init__(
        self, supplies: Tuned, loss: Callable[[Floats, NDArray[np.bool_]], float], seed: int
    ) -> None:
        super().__init__(supplies)
        self._loss, self._rng = loss, np.random.default_rng([seed, 29])

    def update(self, inputs: Floats, wanted: NDArray[np.bool_], rate: float) -> None:
        """Move all supplies by the difference of two answers."""
        shifts = [self._rng.choice((-1, 1), len(codes)) for codes in self.supplies.codes()]
        there, back = (
            self._loss(self.supplies.ask(inputs, [sign * one for one in shifts])[-1], wanted)
            for sign in (1, -1)
        )
        step = rate * (back - there) / 2
        self.supplies.move([np.multiply(step, one, dtype=np.float64) for one in shifts])


def spikes_missing(lower: Floats, upper: Floats, wanted: NDArray[np.bool_]) -> Floats:
    """Return which outputs are silent that should fire, and fire that should be silent, minus.

    Args:
        lower, upper: what they do with their supplies lower, and higher, (patterns, outputs).
        wanted: which should fire, (patterns, outputs).
    """
    return np.where(wanted, lower <= 0, -1.0 * (upper > 0))


def outputs_wrong(fired: Floats, wanted: NDArray[np.bool_]) -> float:
    """Return how many outputs do not do what they should, mean of the patterns."""
    return float(np.mean(np.sum((fired > 0) != wanted, axis=1)))


@dataclass(frozen=True, eq=False)
class Lessons:
    """What is learned from.

    Attributes:
        inputs: spikes, (patterns, n_in).
        wanted: what the outputs should do, (patterns, outputs).
        kinds: of each pattern, (patterns,); each kind is as frequent in batches as the others.
    """

    inputs: Floats
    wanted: NDArray[np.bool_]
    kinds: Labels


def learn(
    learner: Learner,
    lessons: Lessons,
    updates: int,
    batch: int,
    rate: float,
    seed: int,
    seen: Callable[[int], None],
) -> None:
    """Learn from batches, at a rate that falls to nothing.

    A batch says where to go but roughly: what is kept is the mean of the second half of the way.

    Args:
        learner: what learns.
        lessons: to learn from.
        updates: how many.
        batch: patterns of each.
        rate: at the start.
        seed: of the order of patterns.
        seen: called after each update with its number, after the last with what is kept.
    """
    ways: list[list[Floats]] = []
    for number, rows in enumerate(_batches(lessons.kinds, updates, batch, seed), 1):
        left = 1 - (number - 1) / updates
        learner.update(lessons.inputs[rows], lessons.wanted[rows], rate * left)
        if 2 * number > updates:
            ways.append(learner.supplies.places)
        if number == updates:
            learner.supplies.places = [np.mean(layer, axis=0) for layer in zip(*ways, strict=True)]
        seen(number)


def _batches(kinds: Labels, count: int, size: int, seed: int) -> Iterator[Indices]:
    rng = np.random.default_rng([seed, 31])
    epochs = (balanced_batches(kinds, size, rng) for _ in repeat(None))
    return islice(chain.from_iterable(epochs), count)
