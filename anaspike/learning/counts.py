"""How many values each method trains: the last rows of the paper's Tables 3, 5 and 8."""

from collections.abc import Iterator
from dataclasses import dataclass

from anaspike.learning.methods import METHODS

# VGG-19's classifier fc1, fc2, fc3: (neurons, inputs) of each layer.
VGG_CLASSIFIER = ((4096, 25088), (4096, 4096), (1000, 4096))
# The data sets of the paper and their classes.
CLASSES = {"STL-10": 10, "Food-11": 11, "BCCD": 4}
# STL-10's classes are among ImageNet's thousand: the spiking network needs no head (section 6.1).
WITHOUT_HEAD = ("STL-10",)

Shapes = tuple[tuple[int, int], ...]


@dataclass(frozen=True)
class Count:
    """One figure of a table.

    Attributes:
        table: number of the paper's table.
        method: as the table names it.
        dataset: as the table names it.
        layers: trained values in the pre-trained layers.
        head: trained weights and biases of the new output layer; 0 where there is none.
    """

    table: int
    method: str
    dataset: str
    layers: int
    head: int

    @property
    def trained(self) -> int:
        """All values that are trained."""
        return self.layers + self.head


def head_values(shapes: Shapes, n_classes: int) -> int:
    """Return the weights and biases of an output layer appended to these layers."""
    return METHODS["tft"].count([(n_classes, shapes[-1][0])])


def input_gains(shapes: Shapes) -> int:
    """Return the NT values that multiply the inputs of every layer (Table 3)."""
    return sum(n_in for _, n_in in shapes)


def neuron_gains(shapes: Shapes) -> int:
    """Return the NT values without the first layer's: each belongs to a neuron (Table 5)."""
    return input_gains(shapes[1:])


def counts(shapes: Shapes = VGG_CLASSIFIER) -> Iterator[Count]:
    """Yield every figure of Tables 3 and 5 (feed-forward) and 8 (spiking).

    Args:
        shapes: (neurons, inputs) of the layers that are tuned.
    """
    whole = METHODS["tft"].count(shapes)
    for dataset, n_classes in CLASSES.items():
        head = head_values(shapes, n_classes)
        for table, gains in ((3, input_gains(shapes)), (5, neuron_gains(shapes))):
            yield Count(table, "NT_1", dataset, gains, head)
            yield Count(table, "TFT", dataset, whole, head)
        spiking_head = 0 if dataset in WITHOUT_HEAD else head
        yield Count(8, "TFT", dataset, whole, spiking_head)
        for label, method in (("NT_2", "nt2"), ("NT_1", "nt1"), ("additive bias", "additive")):
            yield Count(8, label, dataset, METHODS[method].count(shapes), spiking_head)
