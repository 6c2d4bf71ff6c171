"""From a data set to something to tune: a source network, and the target task's samples."""

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from anaspike.errors import InputError
from anaspike.learning.clusters import Whitening, centres, nearest
from anaspike.learning.control import Scaler
from anaspike.learning.datasets.base import Dataset
from anaspike.learning.datasets.splits import Split, grouped_split
from anaspike.learning.encoding import Encoder
from anaspike.learning.loop import Report
from anaspike.learning.network import Floats, Network
from anaspike.learning.rules import SURROGATE
from anaspike.learning.samples import Indices, Samples
from anaspike.learning.settings import FEED_FORWARD, SPIKING, VARIANTS
from anaspike.learning.source import headed, pretrain, spiking, with_linear_head
from anaspike.learning.start import Start
from anaspike.units import printable

INPUTS, READS = ("spikes", "features"), ("outputs", "hidden")
_MOST_VOTES = 1000
_COMPONENTS = 6  # of the features, in which clusters are looked for


@dataclass(frozen=True)
class Recipe:
    """How a source network comes about.

    Attributes:
        source: the source task: clusters, orientations or other-classes.
        inputs: spikes (0 or 1, what hardware takes) or features (scaled numbers).
        spikes, levels: inputs in all, and thresholds of each feature.
        hidden: neurons of each hidden layer.
        clusters: outputs of the source network, for clusters.
        scale: spread of every layer's drive, in units of theta.
        epochs: of pre-training.
        variant: spiking, or feed-forward: then the network stays a ReLU network.
        head: whether there is a new head; None where the source's outputs decide that.
        reads: what a new head reads: the source's outputs, or its hidden neurons.
        votes: outputs of each class.

    Raises:
        InputError: an unknown source, kind of inputs or variant, no votes.
    """

    source: str = "clusters"
    inputs: str = "spikes"
    spikes: int = 128
    levels: int = 2
    hidden: tuple[int, ...] = (128,)
    clusters: int = 12
    scale: float = 0.8
    epochs: int = 25
    variant: str = SPIKING
    head: bool | None = None
    reads: str = "outputs"
    votes: int = 1

    def __post_init__(self) -> None:
        for what, known in (
            ("source", tuple(_SOURCES)), ("inputs", INPUTS), ("variant", VARIANTS),
            ("reads", READS),
        ):  # fmt: skip
            if getattr(self, what) not in known:
                raise InputError(
                    f"unknown {what} '{printable(getattr(self, what))}';"
                    f" choose one of {', '.join(known)}"
                )
        if not 1 <= self.votes <= _MOST_VOTES:
            raise InputError(f"`votes` is {self.votes}; a class has 1 to {_MOST_VOTES} outputs")


def recipe_for(dataset: Dataset, rule: str = "") -> Recipe:
    """Return what was measured to suit a data set, and a rule."""
    if dataset.name == "digits":  # pixels are numbers between 0 and 1 already
        return Recipe("orientations", "features", hidden=(256, 256), scale=0.4, epochs=15)
    if rule == SURROGATE.name:
        return Recipe(head=True, reads="hidden", votes=8)
    return Recipe()


@dataclass(frozen=True, eq=False)
class Task:
    """A source network, and what it is to be tuned to.

    Attributes:
        network: spiking, with a new head where the source's outputs are other than the target's.
        train, validation, test: of the target task.
        features_train, features_test: the same samples as an ordinary classifier takes them.
        groups: source image of each test sample, empty where unknown.
        clean: whether no copy of a training sample can be among the validation samples.
        classes: names of the target's classes.
        encoder: what made spikes of features; None where the inputs are numbers.
        source: what the source network was trained on, in words.
        source_exact: share of the source's own validation samples it had right, before spiking;
            None of a network from elsewhere.
        rows: of the test samples in the data set.
        variant: spiking or feed-forward.
    """

    network: Network
    train: Samples
    validation: Samples
    test: Samples
    features_train: Floats
    features_test: Floats
    groups: NDArray[np.str_]
    clean: bool
    classes: tuple[str, ...]
    encoder: Encoder | None
    source: str
    source_exact: float | None
    rows: Indices
    variant: str = SPIKING


@dataclass(frozen=True, eq=False)
class _Source:
    """A source task: its samples, and which samples and labels the target keeps."""

    train: Samples
    validation: Samples
    n_outputs: int
    target: Split
    labels: NDArray[np.int64]  # of every sample of the data set, as the target counts them
    classes: tuple[str, ...]
    head: bool
    words: str


def make_task(
    dataset: Dataset,
    seed: int = 0,
    recipe: Recipe | None = None,
    report: Report | None = None,
    split: Split | None = None,
) -> Task:
    """Split a data set, pre-train a source network and set up the target task.

    Args:
        dataset: features with labels.
        seed: of the split, the source network and its head.
        recipe: how; where not given, what suits the data set.
        report: called after each epoch of pre-training.
        split: of the data set; where not given, by the seed.

    Raises:
        InputError: a source that the data set cannot give, too few samples.
    """
    chosen = recipe or recipe_for(dataset)
    _check_classes(dataset)
    split = split or grouped_split(dataset, seed)
    encoder, inputs = _encoded(dataset.features, split.train, chosen)
    source = _SOURCES[chosen.source](dataset, split, inputs, chosen, seed)
    source = replace(source, head=source.head if chosen.head is None else chosen.head)
    if not source.head and chosen.votes > 1:
        raise InputError("only a new head has several outputs a class; leave out `votes`")
    trained = pretrain(
        source.train, source.validation, source.n_outputs, chosen.hidden, chosen.epochs,
        seed=seed, report=report,
    )  # fmt: skip
    network, target = trained.network, source.target
    if chosen.variant == SPIKING:
        network = spiking(network, source.train.inputs, chosen.scale)
    if source.head and chosen.reads == "hidden":
        network = replace(network, layers=network.layers[:-1])
    if source.head:
        network = _headed(network, len(source.classes), inputs[target.train], chosen, seed)
    return replace(
        _task(dataset, inputs, target, network),
        train=Samples(inputs[target.train], source.labels[target.train]),
        validation=Samples(inputs[target.validation], source.labels[target.validation]),
        test=Samples(inputs[target.test], source.labels[target.test]),
        classes=source.classes, encoder=encoder, source=source.words,
        source_exact=trained.best.validation_exact, variant=chosen.variant,
    )  # fmt: skip


def start_task(
    dataset: Dataset, start: Start, seed: int = 0, recipe: Recipe | None = None,
    split: Split | None = None,
) -> Task:  # fmt: skip
    """Set up the target task for a network from elsewhere.

    Args:
        dataset: features with labels.
        start: the network.
        seed: of the split and of a new head.
        recipe: variant, and votes of a new head; the rest of it is not used.
        split: of the data set; where not given, by the seed.

    Raises:
        InputError: a network that does not fit the data set, or the task.
    """
    chosen = recipe or Recipe()
    _check_classes(dataset)
    split = split or grouped_split(dataset, seed)
    network, inputs = start.checked(len(dataset.classes)), start.inputs(dataset.features)
    if start.scale is not None:
        network = spiking(network, inputs[split.train], start.scale)
    if start.head:
        network = _headed(network, len(dataset.classes), inputs[split.train], chosen, seed)
    return replace(
        _task(dataset, inputs, split, network),
        encoder=start.encoder, source=f"the network {start.name}", variant=chosen.variant,
    )  # fmt: skip


def without_source(task: Task, seed: int, votes: int = 1) -> Task:
    """Return the task for one spiking layer straight on the same inputs: no source, no NT."""
    network = headed((), task.network.theta, len(task.classes), task.train.inputs, seed, votes)
    return replace(task, network=network, variant=SPIKING)


def _check_classes(dataset: Dataset) -> None:
    if len(dataset.classes) < 2:
        raise InputError(f"{printable(dataset.name)} has but one class; there is nothing to learn")


def _task(dataset: Dataset, inputs: Floats, split: Split, network: Network) -> Task:
    train, validation, test = (
        Samples(inputs[rows], dataset.labels[rows])
        for rows in (split.train, split.validation, split.test)
    )
    # Where they are one and the same they are kept once: of VGG-19's they are gigabytes.
    features_train, features_test = (
        part.inputs if inputs is dataset.features else dataset.features[rows]
        for part, rows in ((train, split.train), (test, split.test))
    )
    return Task(
        network, train, validation, test, features_train, features_test,
        dataset.groups[split.test], split.clean(dataset), dataset.classes, None, "", None,
        split.test,
    )  # fmt: skip


def _headed(network: Network, n_classes: int, inputs: Floats, recipe: Recipe, seed: int) -> Network:
    if recipe.variant == FEED_FORWARD:
        return with_linear_head(network, n_classes, seed)
    return headed(network.layers, network.theta, n_classes, inputs, seed, recipe.votes)


def _encoded(features: Floats, train: Indices, recipe: Recipe) -> tuple[Encoder | None, Floats]:
    if recipe.inputs == "spikes":
        encoder = Encoder.fit(features[train], recipe.spikes, recipe.levels)
        return encoder, encoder.encode(features).astype(np.float32)
    return None, Scaler.fit(features[train]).encode(features)


def _clusters(dataset: Dataset, split: Split, inputs: Floats, recipe: Recipe, seed: int) -> _Source:
    """Which cluster of the features: no label of the target is looked at."""
    scaled = Scaler.fit(dataset.features[split.train]).encode(dataset.features)
    points = Whitening.fit(scaled[split.train], _COMPONENTS)(scaled)
    cluster = nearest(points, centres(points[split.train], recipe.clusters, seed))
    return _Source(
        Samples(inputs[split.train], cluster[split.train]),
        Samples(inputs[split.validation], cluster[split.validation]),
        recipe.clusters, split, dataset.labels, dataset.classes, True,
        f"which of {recipe.clusters} clusters of the features, no label looked at; new head",
    )  # fmt: skip


def _orientations(
    dataset: Dataset, split: Split, inputs: Floats, recipe: Recipe, seed: int
) -> _Source:
    """The same classes in four orientations: the target's are among them.

    As STL-10 is drawn from ImageNet (section 4), source and target share their training images.
    """
    side = round(inputs.shape[1] ** 0.5)
    if recipe.inputs != "features" or side * side != inputs.shape[1]:
        raise InputError("orientations need square images as features; choose another source")
    n_classes = len(dataset.classes)

    def turned(rows: Indices) -> Samples:
        images = inputs[rows].reshape(-1, side, side)
        turns = [np.rot90(images, turn, (1, 2)).reshape(len(rows), -1) for turn in range(4)]
        labels = [dataset.labels[rows] + turn * n_classes for turn in range(4)]
        return Samples(np.concatenate(turns), np.concatenate(labels))

    return _Source(
        turned(split.train), turned(split.validation), 4 * n_classes, split, dataset.labels,
        dataset.classes, False, f"the {n_classes} classes in four orientations; no new head",
    )  # fmt: skip


def _other_classes(
    dataset: Dataset, split: Split, inputs: Floats, recipe: Recipe, seed: int
) -> _Source:
    """The first half of the classes; the target is the other half."""
    n_source = len(dataset.classes) // 2
    if n_source < 2:
        raise InputError(
            f"{dataset.name} has {len(dataset.classes)} classes; other-classes needs at least 4"
        )
    known, new = (
        replace(split, **{part: rows[keep[rows]] for part, rows in vars(split).items()})
        for keep in (dataset.labels < n_source, dataset.labels >= n_source)
    )
    return _Source(
        Samples(inputs[known.train], dataset.labels[known.train]),
        Samples(inputs[known.validation], dataset.labels[known.validation]),
        n_source, new, dataset.labels - n_source, dataset.classes[n_source:], True,
        f"the classes {', '.join(dataset.classes[:n_source])}; the target is the others; new head",
    )  # fmt: skip


_SOURCES: dict[str, Callable[[Dataset, Split, Floats, Recipe, int], _Source]] = {
    "clusters": _clusters,
    "orientations": _orientations,
    "other-classes": _other_classes,
}
SOURCES = tuple(_SOURCES)
