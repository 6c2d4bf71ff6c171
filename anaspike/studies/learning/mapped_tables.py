"""The tables of `train-and-map`: what all networks of a kind have in common, on one chip."""

from collections.abc import Mapping
from dataclasses import asdict

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from anaspike.learning.judging import Judged, bare_scores, score
from anaspike.learning.scores import balanced_accuracy, confusion
from anaspike.mapping.energy import EventEnergies, inference
from anaspike.mapping.repeated import counted, repeated
from anaspike.mapping.trial import Trial
from anaspike.studies.learning.mapped import Tested, energy_table

# The networks that are mapped: tuned by NT, and one spiking layer straight on the inputs.
NT, ONE_LAYER = "NT", "one layer"


def step_table(trials: list[Trial], steps: list[dict[str, Judged]]) -> pd.DataFrame:
    """Return a row for each step, test samples of all seeds pooled, intervals by source."""
    labels = [trial.task.test.labels for trial in trials]
    groups = [trial.task.groups for trial in trials]
    first = trials[0].task
    rows = bare_scores(
        np.concatenate(labels), len(first.classes), len(first.classes), first.network.votes
    )
    rows += [score(step, [run[step] for run in steps], labels, groups) for step in steps[0]]
    return pd.DataFrame([row.row() for row in rows]).rename(columns={"what": "step"})


def answered(trials: list[Trial], tested: list[Tested]) -> NDArray[np.int64]:
    """Return what all networks together answer for each class."""
    counted = [
        confusion(
            trial.answered(one.chip.hardware.run(one.inputs, one.chip.drawn)).exact,
            trial.task.test.labels,
            len(trial.task.classes),
        )
        for trial, one in zip(trials, tested, strict=True)
    ]
    return np.asarray(np.sum(counted, axis=0), np.int64)


def windows_tables(
    trials: list[Trial], tested: Mapping[str, list[Tested]], windows: int
) -> dict[str, pd.DataFrame]:
    """Return `windows`, a row for each kind and number of windows, where there are several.

    Accuracy is by counted votes, all networks pooled. Columns: kind, windows, accuracy, balanced,
    balanced_low and balanced_high (95 %), no_answer.
    """
    if windows == 1:
        return {}
    labels = np.concatenate([trial.task.test.labels for trial in trials])
    groups = np.concatenate([trial.task.groups for trial in trials])
    rows = []
    for kind, networks in tested.items():
        fired = [
            repeated(one.chip.hardware, one.inputs, windows, one.chip.drawn) for one in networks
        ]
        for count in range(1, windows + 1, 2):
            found = np.concatenate(
                [
                    counted(one[:count], trial.task.network.votes)
                    for trial, one in zip(trials, fired, strict=True)
                ]
            )
            even = balanced_accuracy(found == labels, labels, groups)
            rows.append(
                {
                    "kind": kind, "windows": count, "accuracy": float(np.mean(found == labels)),
                    "balanced": even.value, "balanced_low": even.low, "balanced_high": even.high,
                    "no_answer": float(np.mean(found < 0)),
                }
            )  # fmt: skip
    return {"windows": pd.DataFrame(rows)}


def supplies_table(tested: Mapping[str, list[Tested]]) -> pd.DataFrame:
    """Return every network's supplies, its kind and number before each row."""
    parts = []
    for kind, networks in tested.items():
        for one in networks:
            part = one.chip.hardware.mapped.table()
            part.insert(0, "network", one.seed)
            part.insert(0, "kind", kind)
            parts.append(part)
    return pd.concat(parts, ignore_index=True)


def energies_table(energies: EventEnergies, tested: Mapping[str, list[Tested]]) -> pd.DataFrame:
    """Return the energy of an inference: of NT beside a digital machine's, and of one layer."""
    spent = {
        kind: energy_table(*(
            inference(
                energies, one.chip.hardware.mapped, one.inputs,
                one.chip.hardware.run(one.inputs, one.chip.drawn),
            )
            for one in networks
        ))
        for kind, networks in tested.items()
    }  # fmt: skip
    alone = spent[ONE_LAYER].iloc[:1].assign(what="one spiking layer, SPICE's events")
    return pd.concat([spent[NT], alone], ignore_index=True)


def history_table(trials: list[Trial]) -> pd.DataFrame:
    """Return a row for each epoch of NT, of each network."""
    rows: list[Mapping[str, float]] = [
        {"seed": trial.seed, **asdict(epoch)} for trial in trials for epoch in trial.tuned.history
    ]
    return pd.DataFrame(rows)
