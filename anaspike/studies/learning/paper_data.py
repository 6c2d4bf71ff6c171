"""What a table of the paper learns from: embedded sets, or a folder with the paper's own."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from anaspike.errors import InputError
from anaspike.learning.datasets.base import Dataset
from anaspike.learning.datasets.catalog import extracted, find_images, load_dataset
from anaspike.learning.features.vgg19 import read_classifier
from anaspike.learning.network import Network
from anaspike.learning.paper import STL10_OUTPUTS, PaperTable
from anaspike.learning.settings import FEED_FORWARD, SPIKING
from anaspike.learning.start import Start
from anaspike.learning.tasks import Recipe, recipe_for

_OWN = {"STL-10": "stl10", "Food-11": "food11", "BCCD": "bccd"}
_SUFFIXES = (".npz", ".safetensors", ".pth", ".pt")
_FROM = {
    "stl10": "cs.stanford.edu/~acoates/stl10",
    "food11": "www.epfl.ch/labs/mmspg/downloads/food-image-datasets",
    "bccd": "kaggle.com/datasets/paultimothymooney/blood-cells",
}
_SCALE = 0.8  # spread of each layer's drive, in units of theta: as of our own source networks


@dataclass(frozen=True, eq=False)
class PaperSet:
    """A data set for a table.

    Attributes:
        dataset: features with labels.
        recipe: of the source network, where there is none from elsewhere.
        start: VGG-19's classifier; None where a source network is pre-trained here.
        remark: how it differs from the paper's, in words.
    """

    dataset: Dataset
    recipe: Recipe
    start: Start | None
    remark: str


def embedded(name: str, table: PaperTable, max_size_B: float | None = None) -> PaperSet:
    """Return a data set that needs no files, or a user's own table."""
    dataset = load_dataset(name, max_size_B=max_size_B)
    suits = recipe_for(dataset)
    head = True if table.variant == FEED_FORWARD else None  # every one has a new head there
    recipe = Recipe(**{**vars(suits), "variant": table.variant, "head": head})
    widths = "-".join(map(str, recipe.hidden))
    n, d = dataset.features.shape
    return PaperSet(
        dataset, recipe, None,
        f"{dataset.name}: {n} samples of {d} features, source network {widths}"
        f" ({recipe.source}); the paper has VGG-19's embedding of 25,088 and its classifier"
        " 4096-4096-1000, pre-trained on ImageNet",
    )  # fmt: skip


def own_sets(
    folder: Path,
    table: PaperTable,
    cache: Path | None = None,
    max_size_B: float | None = None,
    say: Callable[[str], None] = lambda _: None,
) -> Iterator[PaperSet]:
    """Yield the paper's own data sets as VGG-19 sees them, with its classifier, one at a time.

    Args:
        folder: with STL-10, Food-11, BCCD (those that the table has) and VGG-19's weights.
        table: of the paper.
        cache: folder for embeddings.
        max_size_B: what a file may unpack to.  [default: as `anaspike.bounds` says]
        say: told what is done now.

    Raises:
        InputError: what the table needs is not there: all of it in one line, and where it is from.
    """
    weights = _checked(folder, table)
    network = read_classifier(weights, max_size_B)
    for title in table.sets:
        name = _OWN[title]
        collection = find_images(name, folder, {})
        assert collection is not None  # noqa: S101  # just checked
        say(f"embedding {name}")

        def progress(done: int, total: int, name: str = name) -> None:
            if done % 100 == 0 or done == total:
                say(f"embedding {name}: {done} of {total}")

        yield _own(
            extracted(collection, "vgg19", weights, cache, progress, max_size_B, any_width=True),
            network, weights, table,
        )  # fmt: skip


def _own(dataset: Dataset, network: Network, weights: Path, table: PaperTable) -> PaperSet:
    headless = table.variant == SPIKING and dataset.name == "stl10"
    start = Start(
        network, weights.name, None, not headless, STL10_OUTPUTS if headless else None,
        _SCALE if table.variant == SPIKING else None,
    )  # fmt: skip
    widths = "-".join(str(len(layer.weights)) for layer in network.layers)
    remark = (
        f"{dataset.name}: the paper's own data; VGG-19's classifier {network.n_inputs}-{widths}"
    )
    if headless:
        remark += "; which of ImageNet's classes stand for STL-10's the paper does not say"
    return PaperSet(dataset, Recipe(variant=table.variant), start, remark)


def _checked(folder: Path, table: PaperTable) -> Path:
    """Return the file of VGG-19's weights.

    Raises:
        InputError: anything is missing.
    """
    if not folder.is_dir():
        raise InputError(f"--data-dir {folder}: no such folder")
    missing = []
    for title in table.sets:
        name = _OWN[title]
        try:
            find_images(name, folder, {})
        except InputError as error:
            missing.append(f"{title} ({error}; from {_FROM[name]})")
    weights = [path for path in sorted(folder.glob("vgg19*")) if path.suffix in _SUFFIXES]
    if not weights:
        missing.append(
            "VGG-19's weights (vgg19*.pth, .safetensors or .npz; torchvision's vgg19 has them)"
        )
    if missing:
        raise InputError(f"{folder} lacks what table {table.number} needs: {'; '.join(missing)}")
    return weights[0]
