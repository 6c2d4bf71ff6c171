"""A network from elsewhere as what tuning starts from, checked against the task."""

import math
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from anaspike.errors import InputError
from anaspike.learning.arrays import read_arrays
from anaspike.learning.encoding import Encoder
from anaspike.learning.network import Floats, Layer, Network


@dataclass(frozen=True, eq=False)
class Start:
    """A network to tune, instead of one that is pre-trained here.

    Attributes:
        network: as it was trained elsewhere.
        name: what people call it.
        encoder: what makes spikes of features for it; None where it takes the features.
        head: whether a new output layer is appended.
        outputs: which of its outputs stands for each class, where it has others too.
        scale: spread that each layer's drive is given, in units of theta; None leaves the
            network as it is.

    Raises:
        InputError: a spread that is none.
    """

    network: Network
    name: str
    encoder: Encoder | None = None
    head: bool = False
    outputs: tuple[int, ...] | None = None
    scale: float | None = None

    def __post_init__(self) -> None:
        if self.scale is not None and not 0 < self.scale < math.inf:
            raise InputError(f"`scale` is {self.scale:g}; a spread is a positive number")

    @classmethod
    def read(
        cls,
        path: Path,
        head: bool = False,
        outputs: tuple[int, ...] | None = None,
        scale: float | None = None,
        max_size_B: float | None = None,
    ) -> "Start":
        """Read a network that `train` or `import-weights` wrote, with its encoder if it has one.

        Raises:
            InputError: it cannot be read, or is no network.
        """
        network = Network.load(path, max_size_B)
        arrays = read_arrays(path, lambda name: name.startswith("encoder_"), max_size_B)
        encoder = Encoder.from_arrays(arrays) if len(arrays) == 2 else None
        return cls(network, path.name, encoder, head, outputs, scale)

    def inputs(self, features: Floats) -> Floats:
        """Return what the network takes of features (n_samples, d).

        Raises:
            InputError: its width is another than the data set's.
        """
        if self.encoder is not None:
            spikes = self.encoder.encode(features)
            return np.asarray(spikes, np.float32)
        if features.shape[1] != self.network.n_inputs:
            raise InputError(
                f"{self.name} takes {self.network.n_inputs} inputs, but the data set has"
                f" {features.shape[1]} features; take the features that it was trained on"
            )
        return features

    def checked(self, n_classes: int) -> Network:
        """Return the network with its outputs in the order of the classes; a head is still to come.

        Raises:
            InputError: a head that is missing or too much, outputs that it has not.
        """
        network = self.network
        if self.head:
            if network.head:
                raise InputError(
                    f"{self.name} has a head already, and another one was asked for; leave out"
                    " `head`"
                )
            if self.outputs is not None:
                raise InputError("a new head has outputs of its own; leave out `outputs` or `head`")
            return network
        if self.outputs is not None:
            return self._chosen(self.outputs, n_classes)
        if network.n_classes != n_classes:
            raise InputError(
                f"{self.name} has {network.n_classes} outputs for {n_classes} classes; append a new"
                " layer with `head`, or say which output stands for each class with `outputs`"
            )
        return network

    def _chosen(self, outputs: tuple[int, ...], n_classes: int) -> Network:
        """Return the network with the chosen outputs first, the others after them."""
        there = self.network.n_outputs
        if len(outputs) != n_classes or len(set(outputs)) != n_classes or self.network.votes > 1:
            raise InputError(
                f"`outputs` names {len(set(outputs))} outputs for {n_classes} classes; name"
                " one each"
            )
        if min(outputs) < 0 or max(outputs) >= there:
            raise InputError(f"`outputs`: {self.name} has the outputs 0 to {there - 1}")
        order = np.array([*outputs, *sorted(set(range(there)) - set(outputs))])
        *below, last = self.network.layers
        turned = Layer(last.weights[order], last.bias[order], last.amplifier[order])
        return replace(self.network, layers=(*below, turned))
