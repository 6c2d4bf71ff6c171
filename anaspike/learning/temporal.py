"""Networks in time: leaky neurons over steps, their trains of spikes, and how these are scored."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray

from anaspike.errors import InputError
from anaspike.learning.arrays import read_arrays, write_arrays
from anaspike.learning.network import Floats, Spikes, floats
from anaspike.units import printable, suggestion

FORMAT = 1  # of the file; a reader refuses any other
SCORES = ("most", "first", "exact")
_NAMES = ("weights", "bias", "threshold", "beta")

Labels = NDArray[np.int64]


@dataclass(frozen=True)
class TemporalLayer:
    """A layer of leaky integrate-and-fire neurons, step by step:

        u = beta u + W s + b;   who has u > threshold spikes, and starts again from 0

    Attributes:
        weights: W, (n_out, n_in).
        bias: b, (n_out,).
        threshold: above rest, (n_out,).
        beta: what a membrane keeps of itself from step to step, (n_out,), above 0; 1 without leak.

    Raises:
        InputError: shapes that do not fit, values that are not finite or cannot be.
    """

    weights: Floats
    bias: Floats
    threshold: Floats
    beta: Floats

    @classmethod
    def of(
        cls, weights: ArrayLike, bias: ArrayLike | None, threshold: ArrayLike, beta: ArrayLike
    ) -> Self:
        """Make a layer from any numbers; one threshold or beta stands for all neurons."""
        matrix = floats(weights)
        n_out = len(matrix) if matrix.ndim else 0
        given = [floats(0 if values is None else values) for values in (bias, threshold, beta)]
        each = [
            np.broadcast_to(values.reshape(-1), n_out) if values.size in {1, n_out} else values
            for values in given
        ]
        return cls(matrix, *each)

    def __post_init__(self) -> None:
        if self.weights.ndim != 2 or not self.weights.size:
            raise InputError(
                f"weights of shape {self.weights.shape} are no matrix (neurons, inputs)"
            )
        for name in _NAMES:
            values = getattr(self, name)
            if name != "weights" and values.shape != (len(self.weights),):
                raise InputError(
                    f"{name} of shape {values.shape} does not fit weights of shape"
                    f" {self.weights.shape}; it needs one value a neuron"
                )
            if not np.isfinite(values).all():
                raise InputError(f"{name} holds values that are not finite, or beyond float32")
        if not (self.threshold > 0).all():
            raise InputError("a threshold lies at or below rest: its neuron would always fire")
        if not ((self.beta > 0) & (self.beta <= 1)).all():
            raise InputError("beta lies outside 0 to 1: a membrane keeps a part of itself")

    def run(self, inputs: Spikes) -> Spikes:
        """Return who spikes when, (patterns, steps, n_out), for (patterns, steps, n_in)."""
        patterns, steps, _ = inputs.shape
        drive = inputs.astype(np.float32) @ self.weights.T + self.bias
        spikes = np.zeros(drive.shape, bool)
        membrane = np.zeros((patterns, len(self.weights)), np.float32)
        for step in range(steps):
            membrane = self.beta * membrane + drive[:, step]
            spikes[:, step] = membrane > self.threshold
            membrane = np.where(spikes[:, step], np.float32(0), membrane)
        return spikes


@dataclass(frozen=True)
class TemporalNetwork:
    """Layers in time, one after the other; spikes reach the next layer in the same step.

    Attributes:
        layers: from the inputs on.
        step_s: what a step stood for where it was trained, in seconds.

    Raises:
        InputError: no layers, or layers that do not fit each other.
    """

    layers: tuple[TemporalLayer, ...]
    step_s: float

    def __post_init__(self) -> None:
        if not self.layers:
            raise InputError("a network needs at least one layer")
        for i in range(1, len(self.layers)):
            takes, gets = self.layers[i].weights.shape[1], len(self.layers[i - 1].weights)
            if takes != gets:
                raise InputError(f"layer {i} takes {takes} inputs, but layer {i - 1} has {gets}")
        check_step(self.step_s)

    @property
    def n_inputs(self) -> int:
        """Inputs of the first layer."""
        return int(self.layers[0].weights.shape[1])

    @property
    def n_outputs(self) -> int:
        """Neurons of the last layer."""
        return len(self.layers[-1].weights)

    def run(self, inputs: Spikes) -> list[Spikes]:
        """Return who spikes when in each layer, (patterns, steps, n_out).

        Args:
            inputs: trains, (patterns, steps, n_in).
        """
        trains = [inputs]
        for layer in self.layers:
            trains.append(layer.run(trains[-1]))
        return trains[1:]

    def save(self, path: Path) -> None:
        """Write the network to an npz file, whole or not at all."""
        named: dict[str, NDArray[Any]] = {
            "format_in_time": np.array(FORMAT),
            "step_s": np.array(self.step_s),
        }
        for i, layer in enumerate(self.layers):
            named |= {f"{name}_{i}": getattr(layer, name) for name in _NAMES}
        write_arrays(path, named)

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, NDArray[Any]]) -> Self:
        """Make a network of what `save` wrote.

        Raises:
            InputError: an array is missing, or cannot be.
        """

        def array(name: str) -> NDArray[Any]:
            if name not in arrays or arrays[name].dtype.kind not in "fiu":
                raise InputError(f"the array {name} is missing, or holds no numbers")
            return arrays[name]

        def number(name: str) -> float:
            values = array(name)
            if values.ndim:
                raise InputError(f"the array {name} has shape {values.shape}; it is one number")
            return float(values)

        if (version := number("format_in_time")) != FORMAT:
            raise InputError(f"written in format {version:g}; this anaspike reads {FORMAT}")
        count = sum(name.startswith("weights_") for name in arrays)
        layers = [
            TemporalLayer(*(floats(array(f"{name}_{i}")) for name in _NAMES)) for i in range(count)
        ]
        return cls(tuple(layers), number("step_s"))

    @classmethod
    def load(cls, path: Path, max_size_B: float | None = None) -> Self:
        """Read a network that `save` wrote.

        Raises:
            InputError: it cannot be read, or is no network in time.
        """
        arrays = read_arrays(path, max_size_B=max_size_B)
        try:
            return cls.from_arrays(arrays)
        except InputError as error:
            raise InputError(
                f"{path} holds no network in time: {error}; `anaspike import-weights MODEL --dt`"
                " makes one"
            ) from error


def check_step(step_s: float) -> float:
    """Return a step when it can be one.

    Raises:
        InputError: it is no positive time, or none that any network has.
    """
    if not 0 < step_s <= 3600:
        raise InputError(
            f"`dt_s` {step_s:g} s: a step of a network in time is above 0, 1 h at most"
        )
    return step_s


def read_trains(
    path: Path, n_inputs: int, steps: int, seed: int = 0, max_size_B: float | None = None
) -> Spikes:
    """Read what a network in time gets: trains, or rates that trains are drawn from.

    Args:
        path: npz file with `inputs`: trains of 0 and 1, (patterns, steps, n_in); or the
            probability of a spike in each step, 0 to 1, (patterns, n_in).
        n_inputs: of the network.
        steps: that it runs for.
        seed: of the draw.
        max_size_B: what the file may unpack to.  [default: as `anaspike.bounds` says]

    Returns:
        (patterns, steps, n_in).

    Raises:
        InputError: it cannot be read, does not fit, or holds what are no spikes or rates.
    """
    arrays = read_arrays(path, max_size_B=max_size_B)
    if "inputs" not in arrays:
        raise InputError(f"{path} has no array 'inputs'; it needs (patterns, {steps}, {n_inputs})")
    values = arrays["inputs"]
    right = {2: (n_inputs,), 3: (steps, n_inputs)}.get(values.ndim)
    if right is None or values.shape[1:] != right or not len(values):
        raise InputError(
            f"{path}: inputs of shape {values.shape} are no trains of {steps} steps for"
            f" {n_inputs} inputs; it needs (patterns, {steps}, {n_inputs}), or rates (patterns,"
            f" {n_inputs})"
        )
    if values.dtype.kind not in "biuf" or not ((values >= 0) & (values <= 1)).all():
        raise InputError(f"{path}: inputs are spikes, 0 or 1, or rates from 0 to 1 a step")
    if values.ndim == 2:
        rng = np.random.default_rng([seed, 29])
        drawn: Spikes = rng.random((len(values), steps, n_inputs)) < values[:, None]
        return drawn
    if not np.isin(values, (0, 1)).all():
        raise InputError(f"{path}: trains that are not 0 or 1; hardware takes spikes, encode them")
    return np.asarray(values.astype(bool))


def check_score(score: str) -> str:
    """Return the name of a way to score.

    Raises:
        InputError: there is none of that name.
    """
    if score not in SCORES:
        raise InputError(f"no score '{printable(score)}'; {suggestion(score, SCORES)}")
    return score


def answers(spikes: Spikes, score: str = "most") -> Labels:
    """Return the output that a network answers with, for each pattern; -1 for none.

    - `most`: the output with most spikes; of several with as many the first to spike, and of these
      the first in their order.
    - `first`: the first to spike; of several the one with most spikes, and so on.
    - `exact`: the only one that spikes at all.

    Args:
        spikes: of the outputs, (patterns, steps, n_out).
        score: one of `SCORES`.
    """
    check_score(score)
    steps = spikes.shape[1]
    count = spikes.sum(axis=1)
    early = np.where(spikes.any(axis=1), steps - spikes.argmax(axis=1), 0)
    if score == "exact":
        alone = (count > 0).sum(axis=1) == 1
        return np.where(alone, count.argmax(axis=1), -1)
    one, other = (count, early) if score == "most" else (early, count)
    best = (one * (steps + 1) + other).argmax(axis=1)
    return np.where(count.any(axis=1), best, -1)
