"""The spiking network as a value: what is trained, saved, quantised and mapped."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray

from anaspike.errors import InputError
from anaspike.learning.arrays import read_arrays, write_arrays

FORMAT = 1  # of the file; a reader refuses any other
Floats = NDArray[np.float32]
Spikes = NDArray[np.bool_]


@dataclass(frozen=True)
class Layer:
    """One layer: v_i = (sum_j O_j w_ij + b_i) a_i (the paper's equation 3).

    Attributes:
        weights: w, (n_out, n_in); NT leaves them as they are.
        bias: b, (n_out,); inside a's bracket.
        amplifier: a, (n_out,), the NT values; all ones for a layer without, such as a head.

    Raises:
        InputError: the shapes do not fit each other, or a value is not finite.
    """

    weights: Floats
    bias: Floats
    amplifier: Floats

    @classmethod
    def of(
        cls, weights: ArrayLike, bias: ArrayLike | None = None, amplifier: ArrayLike | None = None
    ) -> Self:
        """Make a layer from any numbers; no bias are zeros, no amplifier are ones."""
        matrix = floats(weights)
        n_out = len(matrix) if matrix.ndim else 0
        return cls(
            matrix,
            np.zeros(n_out, np.float32) if bias is None else floats(bias),
            np.ones(n_out, np.float32) if amplifier is None else floats(amplifier),
        )

    def __post_init__(self) -> None:
        if self.weights.ndim != 2 or not self.weights.size:
            raise InputError(
                f"weights of shape {self.weights.shape} are no matrix (neurons, inputs)"
            )
        for name in ("bias", "amplifier"):
            values = getattr(self, name)
            if values.shape != (len(self.weights),):
                raise InputError(
                    f"{name} of shape {values.shape} does not fit weights of shape"
                    f" {self.weights.shape}; it needs one value a neuron"
                )
        for name in ("weights", "bias", "amplifier"):
            values = getattr(self, name)
            if not (np.isfinite(values.min()) and np.isfinite(values.max())):
                raise InputError(
                    f"{name} holds values that are not finite (NaN or infinite, or beyond float32:"
                    " 3.4e38)"
                )

    def sums(self, inputs: Floats) -> Floats:
        """Return what a amplifies, sum_j O_j w_ij + b_i: (n_samples, n_out)."""
        return inputs @ self.weights.T + self.bias

    def drive(self, inputs: Floats) -> Floats:
        """Return v: (n_samples, n_out)."""
        return self.sums(inputs) * self.amplifier


@dataclass(frozen=True)
class Network:
    """Spiking layers, each updated once: a neuron fires at most once a sample (section 5.1.1).

    Attributes:
        layers: from the inputs on.
        theta: v >= theta fires (equation 5); I of equation 4 is 1.
        head: whether the last layer is a new head: every method trains it, it has no NT values.
        votes: outputs of each class, one after another; the class most of whose outputs fire is
            the answer, and a tie is none. With 1, an output is a class.

    Raises:
        InputError: no layers, layers that do not fit each other, a theta that is not positive,
            outputs that cannot be dealt to classes.
    """

    layers: tuple[Layer, ...]
    theta: float = 1.0
    head: bool = False
    votes: int = 1

    def __post_init__(self) -> None:
        if not self.layers:
            raise InputError("a network needs at least one layer")
        for i, (below, above) in enumerate(zip(self.layers, self.layers[1:], strict=False)):
            if len(below.weights) != above.weights.shape[1]:
                raise InputError(
                    f"layer {i + 1} takes {above.weights.shape[1]} inputs,"
                    f" but layer {i} has {len(below.weights)} neurons"
                )
        if not (np.isfinite(floats(self.theta)) and floats(self.theta) > 0):
            raise InputError(
                f"theta is {self.theta:g}; a threshold is a positive number, as float32"
            )
        if self.votes < 1 or self.n_outputs % self.votes:
            raise InputError(
                f"{self.n_outputs} outputs cannot be dealt to classes by {self.votes} each"
            )

    @property
    def n_inputs(self) -> int:
        """Inputs of the first layer."""
        return int(self.layers[0].weights.shape[1])

    @property
    def n_outputs(self) -> int:
        """Neurons of the last layer."""
        return len(self.layers[-1].weights)

    @property
    def n_classes(self) -> int:
        """Classes that the outputs stand for."""
        return self.n_outputs // self.votes

    def drives(self, inputs: ArrayLike) -> list[Floats]:
        """Return v of each layer, (n_samples, n_out), for inputs (n_samples, n_in).

        Raises:
            InputError: the inputs do not fit the first layer.
        """
        signal = np.asarray(inputs, np.float32)
        if signal.ndim != 2 or signal.shape[1] != self.n_inputs:
            raise InputError(
                f"inputs of shape {signal.shape} do not fit a network of {self.n_inputs} inputs"
            )
        drives = []
        for layer in self.layers:
            drives.append(layer.drive(signal))
            signal = (drives[-1] >= self.theta).astype(np.float32)
        return drives

    def spikes(self, inputs: ArrayLike) -> list[Spikes]:
        """Return who fires in each layer, (n_samples, n_out), for inputs (n_samples, n_in)."""
        return [drive >= self.theta for drive in self.drives(inputs)]

    def arrays(self) -> dict[str, NDArray[Any]]:
        """Return all that a file holds, by name."""
        named: dict[str, NDArray[Any]] = {
            "format": np.array(FORMAT),
            "theta": np.array(self.theta),
            "head": np.array(self.head),
            **({} if self.votes == 1 else {"votes": np.array(self.votes)}),
        }
        for i, layer in enumerate(self.layers):
            named |= {f"{name}_{i}": values for name, values in vars(layer).items()}
        return named

    def save(self, path: Path) -> None:
        """Write the network to an npz file, whole or not at all."""
        write_arrays(path, self.arrays())

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, NDArray[Any]]) -> Self:
        """Make a network from what `arrays` gave.

        Raises:
            InputError: an array is missing, of the wrong kind or shape, or not finite.
        """
        if (version := _number(arrays, "format")) != FORMAT:
            raise InputError(f"written in format {version:g}; this anaspike reads {FORMAT}")
        count = sum(name.startswith("weights_") for name in arrays)
        layers = tuple(
            Layer(*(_floats(arrays, f"{name}_{i}") for name in ("weights", "bias", "amplifier")))
            for i in range(count)
        )
        votes = _number(arrays, "votes") if "votes" in arrays else 1
        if votes != int(votes):
            raise InputError(f"votes is {votes:g}, but should be a whole number")
        return cls(layers, _number(arrays, "theta"), bool(_number(arrays, "head")), int(votes))

    @classmethod
    def load(cls, path: Path, max_size_B: float | None = None) -> Self:
        """Read a network that `save` wrote.

        Args:
            path: the file.
            max_size_B: what it may unpack to.  [default: as `anaspike.bounds` says]

        Raises:
            InputError: it cannot be read, or is no network.
        """
        arrays = read_arrays(path, max_size_B=max_size_B)
        try:
            return cls.from_arrays(arrays)
        except InputError as error:
            elsewhere = "; `anaspike import-weights` makes one of arrays from elsewhere"
            if "format_in_time" in arrays:
                elsewhere = "; it is a network in time, which `anaspike map --steps` runs"
            elif "format" in arrays:
                elsewhere = ""
            raise InputError(f"{path} holds no network: {error}{elsewhere}") from error


def floats(values: ArrayLike) -> Floats:
    """Return numbers as float32; what is beyond it becomes infinite, which a layer refuses."""
    with np.errstate(over="ignore", invalid="ignore"):  # a signalling NaN is invalid
        return np.asarray(values, np.float32)


def _array(arrays: Mapping[str, NDArray[Any]], name: str) -> NDArray[Any]:
    if name not in arrays:
        raise InputError(f"the array {name} is missing")
    if arrays[name].dtype.kind not in "fiub":
        raise InputError(f"the array {name} holds no numbers ({arrays[name].dtype})")
    return arrays[name]


def _floats(arrays: Mapping[str, NDArray[Any]], name: str) -> Floats:
    return floats(_array(arrays, name))


def _number(arrays: Mapping[str, NDArray[Any]], name: str) -> float:
    values = _array(arrays, name)
    if values.ndim:
        raise InputError(f"the array {name} has shape {values.shape}, but should be one number")
    return float(values)
