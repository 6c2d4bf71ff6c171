"""One seed, from features to codes: source network, NT, quantising, NT again."""

from dataclasses import dataclass, replace

import numpy as np

from anaspike.learning.comparison import Right, control_right, right_of
from anaspike.learning.datasets.base import Dataset
from anaspike.learning.datasets.splits import Split
from anaspike.learning.loop import Tuned
from anaspike.learning.network import Network, Spikes
from anaspike.learning.scores import answers
from anaspike.learning.settings import Settings
from anaspike.learning.tasks import Recipe, Task, make_task, recipe_for
from anaspike.learning.training import tune
from anaspike.mapping.quantise import CodedLayer, coded_network, quantise

# What a mapped network is held against, in the order of the table.
UNTUNED, HEAD_ALONE, FULL = "untuned", "head alone", "full fine-tuning"
ORDINARY, FLOAT = "ordinary classifier", "NT"
CODED, RETUNED = "3-bit codes", "3-bit codes, NT again"
# Codes are where they should be, nearly: smaller steps than on the way there.
_AGAIN_RATE = 0.03


@dataclass(frozen=True, eq=False)
class Trial:
    """What training gave for one seed.

    Attributes:
        seed: of source network and training.
        task: the samples.
        tuned: the network tuned by NT, with its history.
        coded: its codes, NT values tuned again.
        right: step -> which test samples it has right, (n_test,).
    """

    seed: int
    task: Task
    tuned: Tuned
    coded: tuple[CodedLayer, ...]
    right: dict[str, Right]

    @property
    def test(self) -> Spikes:
        """The test samples as spikes, (n_test, n_in)."""
        spikes: Spikes = self.task.test.inputs > 0
        return spikes

    @property
    def train(self) -> Spikes:
        """The training samples as spikes, (n_train, n_in)."""
        spikes: Spikes = self.task.train.inputs > 0
        return spikes

    def judge(self, outputs: Spikes) -> Right:
        """Return which test samples are right: only the right output fires."""
        right: Right = answers(outputs) == self.task.test.labels
        return right


def spiking_recipe(dataset: Dataset) -> Recipe:
    """Return what suits a data set where inputs must be spikes, as hardware takes them."""
    recipe = recipe_for(dataset)
    return recipe if recipe.inputs == "spikes" else Recipe()


def run_trial(dataset: Dataset, seed: int, split: Split) -> Trial:
    """Train, tune, quantise and tune again; judge each step on the test samples.

    Args:
        dataset: features with labels.
        seed: of source network and training.
        split: of the samples.
    """
    task = make_task(dataset, seed, spiking_recipe(dataset), split=split)
    settings = Settings(seed=seed)
    parts = task.train, task.validation

    def tuned_by(method: str) -> Network:
        return tune(task.network, *parts, replace(settings, method=method)).network

    tuned = tune(task.network, *parts, settings)
    coded = quantise(tuned.network)
    networks = {UNTUNED: task.network}
    if task.network.head:
        networks[HEAD_ALONE] = tuned_by("none")
    networks |= {FULL: tuned_by("tft"), FLOAT: tuned.network}
    networks[CODED] = coded_network(coded, tuned.network)
    coded = tuned_again(coded, tuned.network, task, settings)
    networks[RETUNED] = coded_network(coded, tuned.network)
    right = {name: right_of(network, task) for name, network in networks.items()}
    right[ORDINARY] = control_right(task)
    return Trial(seed, task, tuned, coded, right)


def tuned_again(
    coded: tuple[CodedLayer, ...], network: Network, task: Task, settings: Settings
) -> tuple[CodedLayer, ...]:
    """Return codes with NT values tuned again: of all neurons, each has its supply.

    A head's weights are codes now and stay: its neurons are tuned as the others are.
    """
    frozen = replace(coded_network(coded, network), head=False)
    again = replace(settings, method="nt1", rate=_AGAIN_RATE)
    found = tune(frozen, task.train, task.validation, again).network
    return tuple(
        layer.tuned(now.amplifier.astype(np.float64))
        for layer, now in zip(coded, found.layers, strict=True)
    )
