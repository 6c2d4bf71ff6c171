"""One seed, from features to codes: source network, NT with the chip in the loop, its rivals."""

from dataclasses import dataclass, replace

import numpy as np

from anaspike.learning.datasets.base import Dataset
from anaspike.learning.datasets.splits import Split
from anaspike.learning.judging import (
    FULL,
    HEAD_ALONE,
    ON_FEATURES,
    ON_INPUTS,
    UNTUNED,
    Judged,
    baseline,
    judge,
    tuned,
)
from anaspike.learning.judging import STRAIGHT as ONE_LAYER
from anaspike.learning.loop import Tuned
from anaspike.learning.network import Network, Spikes
from anaspike.learning.rules import SURROGATE
from anaspike.learning.scores import answers, nearest
from anaspike.learning.settings import Settings
from anaspike.learning.tasks import Recipe, Task, make_task, recipe_for, without_source
from anaspike.mapping.hardware import Ran
from anaspike.mapping.quantise import CodedLayer, quantise

# What a mapped network is held against, in the order of the table.
WINDOWED = "NT, windowed rule, one output a class"
HEAD_WINDOWED = "head alone, windowed rule, one output a class"
STRAIGHT_WINDOWED = "one spiking layer, windowed rule, one output a class"
FLOAT, CODED = "NT, weights as numbers", "NT, 3-bit codes"
STRAIGHT = "one spiking layer, 3-bit codes"


@dataclass(frozen=True, eq=False)
class Trial:
    """What training gave for one seed.

    Attributes:
        seed: of source network and training.
        task: the samples, and the network before tuning.
        tuned: the network tuned by NT, its weights codes, with its history.
        coded: its codes.
        straight: one spiking layer on the same inputs, without source and NT, its weights codes.
        straight_coded: its codes.
        judged: step -> answers for the test samples.
    """

    seed: int
    task: Task
    tuned: Tuned
    coded: tuple[CodedLayer, ...]
    straight: Network
    straight_coded: tuple[CodedLayer, ...]
    judged: dict[str, Judged]

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

    def answered(self, ran: list[Ran]) -> Judged:
        """Return what a mapped network answers, by what its outputs did on the test samples."""
        last, votes = ran[-1], self.task.network.votes
        return Judged(answers(last.spikes, votes), nearest(last.margin_V, votes))


def chip_recipe(dataset: Dataset) -> Recipe:
    """Return what suits a data set where inputs must be spikes, and the chip is in the loop."""
    suits = recipe_for(dataset, SURROGATE.name)
    return suits if suits.inputs == "spikes" else Recipe(head=True, reads="hidden", votes=8)


def chip_settings(seed: int, bits: int | None = 3) -> Settings:
    """Return how a network for a chip learns: weights are codes, drives are noisy; no epoch is
    chosen, the last is kept.

    Args:
        seed: of noise and order.
        bits: of a weight's code; None for numbers.
    """
    plain = Settings(rule=SURROGATE.name, seed=seed, last=True)
    return replace(plain, chip=replace(plain.chip, bits=bits))


def chip_task(dataset: Dataset, seed: int, split: Split) -> Task:
    """Return a source network for a chip, and what it is tuned to: validation is learned from too.

    Args:
        dataset: features with labels.
        seed: of the source network.
        split: of the samples.
    """
    both = np.sort(np.concatenate([split.train, split.validation]))
    whole = split if dataset.complete else Split(both, both, split.test)
    return make_task(dataset, seed, chip_recipe(dataset), split=whole)


def run_trial(dataset: Dataset, seed: int, split: Split) -> Trial:
    """Train with the chip in the loop, and train what it is held against.

    No epoch is chosen, so the validation part is learned from too; the networks of the windowed
    rule, which keep their best epoch, have it for that.

    Args:
        dataset: features with labels.
        seed: of source network and training.
        split: of the samples.
    """
    task, settings = chip_task(dataset, seed, split), chip_settings(seed)
    found = tuned(task, settings)
    straight_task = without_source(task, seed, task.network.votes)
    straight = tuned(straight_task, replace(settings, method="none")).network
    plain = make_task(dataset, seed, Recipe(), split=split)
    windowed = Settings(seed=seed)
    judged = {
        **{what: baseline(task, what, settings) for what in (UNTUNED, HEAD_ALONE, FULL)},
        HEAD_WINDOWED: baseline(plain, HEAD_ALONE, windowed),
        WINDOWED: judge(tuned(plain, windowed).network, plain.test),
        FLOAT: judge(tuned(task, chip_settings(seed, None)).network, task.test),
        CODED: judge(found.network, task.test),
        STRAIGHT_WINDOWED: baseline(plain, ONE_LAYER, windowed),
        STRAIGHT: judge(straight, task.test),
        **{what: baseline(task, what, settings) for what in (ON_INPUTS, ON_FEATURES)},
    }
    return Trial(seed, task, found, quantise(found.network), straight, quantise(straight), judged)
