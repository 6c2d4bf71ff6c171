"""`train-and-map`: from features to supply voltages, run and proven."""

from collections.abc import Mapping
from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import ClassVar

import numpy as np
import pandas as pd

from anaspike.campaign.answer import Drawing, Findings
from anaspike.campaign.specs import Spec
from anaspike.errors import InputError
from anaspike.learning.comparison import Right
from anaspike.learning.datasets.base import Dataset
from anaspike.learning.datasets.catalog import check_name, load_dataset
from anaspike.learning.datasets.splits import FOLDS
from anaspike.learning.scores import (
    accuracy,
    answers,
    balanced_accuracy,
    chance,
    confusion,
    majority,
)
from anaspike.mapping.deploy import (
    Hardware,
    deploy,
    measure_neurons,
    moved,
)
from anaspike.mapping.energy import inference, measure_energies
from anaspike.mapping.hardware import Deviation
from anaspike.mapping.quantise import code_arrays
from anaspike.mapping.sweeps import sweep, sweep_table
from anaspike.mapping.trial import FLOAT, HEAD_ALONE, ORDINARY, RETUNED, Trial, run_trials
from anaspike.mapping.verify import confusion as decisions
from anaspike.mapping.verify import proof_quantities, prove
from anaspike.report.train_and_map import (
    confusion_figure,
    energy_figure,
    learning_figure,
    supplies_figure,
    sweeps_figure,
)
from anaspike.studies.base import Bench
from anaspike.studies.mapped import MappingStudy, energy_table, measured_curve, supply_notes

UNTRIMMED, CONTINUOUS = "on hardware, k(V) alone", "on hardware, trimmed"
CONVERTER = "on hardware, {}-bit converter"
# Judged where every cell has been tested once: a fold alone has some seventy.
_BLOOD_CELLS = (
    Spec("balanced_float", 0.60, why="NT, on blood cells it never saw"),
    Spec("gained_over_head", 0.10, why="what NT adds to training the new head alone"),
    Spec("balanced_control", 0.85, why="an ordinary classifier: the features are good enough"),
)


class TrainAndMap(MappingStudy):
    """A spiking network pre-trained, tuned by NT, quantised, mapped to supplies, proven.

    Attributes:
        dataset: a data set's name, or an npz table of features.
        data: folder of its images, where it has any.
        seeds: how many networks, each with a fold of the samples to be judged by; five test
            every sample once. Accuracies are pooled over them.
        sweeps: whether bits, converter, rails and mismatch are swept.
    """

    name: ClassVar[str] = "train-and-map"
    title: ClassVar[str] = "From features to supply voltages, proven in SPICE"

    dataset: str = "bccd"
    data: Path | None = None
    seeds: int = 5
    sweeps: bool = True

    def specs(self) -> tuple[Spec, ...]:
        """What NT must reach, what codes, converter and calibration may cost; that SPICE agrees."""
        return (
            *(_BLOOD_CELLS if self.dataset == "bccd" and self.seeds >= FOLDS else ()),
            Spec("loss_by_codes", most=0.02, why="3-bit codes and NT again, against NT"),
            Spec("loss_by_converter", most=0.02, why="against continuous supplies"),
            Spec("spice_agreement", 0.9, why="half of the samples near their threshold"),
            *(
                (Spec("loss_by_mismatch_calibrated", most=0.02, why="gain sigma 0.3"),)
                if self.sweeps
                else ()
            ),
        )

    def check(self) -> None:
        """Refuse, before anything is trained, what cannot be."""
        if not self.dataset.endswith(".npz"):
            check_name(self.dataset)
        self.check_mapping()
        if self.seeds < 1 or self.seed < 0:
            raise InputError("train-and-map: seeds count from 0, and at least 1 is needed")

    def find(self, bench: Bench) -> Findings:
        """Train, map, run and prove; a table row for each step."""
        self.check()
        dataset = load_dataset(self.dataset, self.data)
        trials = run_trials(dataset, self.seed, self.seeds)
        curve = measured_curve(bench, self.pdk, self.temperature_C)
        layers = [layer for trial in trials for layer in trial.coded]
        nominal = measure_neurons(bench, self.at("tt"), curve, layers)
        here = nominal
        if self.corner != "tt":
            here = measure_neurons(bench, self.at(self.corner), curve, layers)
        steps: list[dict[str, Right]] = []
        chips: list[tuple[Hardware, list[Deviation] | None]] = []
        swept = []
        for trial in trials:
            network = trial.tuned.network
            plain = deploy(nominal, trial.coded, network, curve)
            ideal = plain.trimmed(trial.train)
            run = {
                **trial.right,
                UNTRIMMED: trial.judge(plain.outputs(trial.test)),
                CONTINUOUS: trial.judge(ideal.outputs(trial.test)),
            }
            chip = ideal.remapped(self.dac_bits, self.domains, self.headroom)
            run[self._supplied] = trial.judge(chip.outputs(trial.test))
            drawn = self.drawn(chip.mapped, trial.seed)
            if self.corner != "tt" or drawn:
                chip = moved(chip, here)
                run[self._off_nominal] = trial.judge(chip.outputs(trial.test, drawn))
            if self.calibrate:
                chip = chip.calibrated(trial.train, drawn)
                run["calibrated neuron by neuron"] = trial.judge(chip.outputs(trial.test, drawn))
            steps.append(run)
            chips.append((chip, drawn))
            if self.sweeps:
                swept += [(trial, point) for point in sweep(trial, ideal, self.dac_bits)]
        first, (chip, drawn) = trials[0], chips[0]
        # Mismatch is of the model; at transistor level the neurons proven are nominal ones.
        proof = prove(bench, chip.at, chip.tables, chip.cases(first.test, self.samples, self.seed))
        reference_V = float(curve.supply_for(1.0)[0])
        spent = inference(
            measure_energies(bench, self.at("tt"), reference_V), chip.mapped, first.test,
            chip.run(first.test, drawn),
        )  # fmt: skip
        table = self._step_table(trials, steps)
        sweeps = sweep_table(swept) if swept else None
        supplies, energy = chip.mapped.table(), energy_table(spent)
        history = _history(trials)
        counted = confusion(
            answers(chip.outputs(first.test, drawn)), first.task.test.labels,
            len(first.task.classes),
        )  # fmt: skip
        tables = {
            "steps": table,
            "supplies": supplies,
            "decisions": decisions(proof),
            "proof": proof,
            "energy": energy,
            **({} if sweeps is None else {"sweeps": sweeps}),
            "learning": history,
        }
        figures: dict[str, Drawing] = {
            "learning": partial(
                learning_figure, history, f"{dataset.name}: NT, {self.seeds} seeds"
            ),
            "confusion": partial(
                confusion_figure,
                counted,
                first.task.classes,
                f"The mapped network's answers, seed {self.seed}",
            ),
            "supplies": partial(supplies_figure, supplies, f"Supplies, seed {self.seed}"),
            "energy": partial(
                energy_figure, energy, "Energy of an inference, beside arithmetic alone"
            ),
        }
        if sweeps is not None:
            title = "What a mapping may save on, and mismatch; dashed: NT before quantising"
            before = float(table.loc[table["step"] == FLOAT, "balanced"].iloc[0])
            figures["sweeps"] = partial(sweeps_figure, sweeps, before, title)
        return Findings(
            tables,
            {**self._losses(table, sweeps), **proof_quantities(proof),
             "energy_per_inference_J": spent.energy_J},
            figures,
            notes=(*self._notes(dataset, first), *supply_notes(chip.mapped)),
            also=("supplies", "decisions", "energy"),
            as_json=("supplies",),
            arrays={"codes": code_arrays([layer.coded for layer in chip.mapped.layers])},
        )  # fmt: skip

    @property
    def _supplied(self) -> str:
        text = CONVERTER.format(self.dac_bits)
        return text if self.domains is None else f"{text}, {self.domains} rails"

    @property
    def _off_nominal(self) -> str:
        parts = [f"corner {self.corner}"] if self.corner != "tt" else []
        return ", ".join(parts + ([f"gain sigma {self.mismatch:g}"] if self.mismatch else []))

    def _step_table(self, trials: list[Trial], steps: list[dict[str, Right]]) -> pd.DataFrame:
        """Return a row for each step, test samples of all seeds pooled, intervals by source."""
        labels = np.concatenate([trial.task.test.labels for trial in trials])
        groups = np.concatenate([trial.task.groups for trial in trials])
        n_classes = len(trials[0].task.classes)
        rows = [
            {"step": "chance", "accuracy": chance(n_classes), "balanced": chance(n_classes)},
            {"step": "majority class", "accuracy": majority(labels), "balanced": 1 / n_classes},
        ]
        for step in steps[0]:
            right = np.concatenate([run[step] for run in steps])
            plain, even = accuracy(right), balanced_accuracy(right, labels, groups)
            rows.append(
                {"step": step, "accuracy": plain.value, "balanced": even.value,
                 "low": even.low, "high": even.high}
            )  # fmt: skip
        return pd.DataFrame(rows)

    def _losses(self, table: pd.DataFrame, sweeps: pd.DataFrame | None) -> dict[str, float | None]:
        at = table.set_index("step")["balanced"]
        losses: dict[str, float | None] = {
            "balanced_float": float(at[FLOAT]),
            "balanced_mapped": float(at.iloc[-1]),
            "balanced_control": float(at[ORDINARY]),
            "gained_over_head": float(at[FLOAT] - at[HEAD_ALONE]) if HEAD_ALONE in at else None,
            "loss_by_codes": float(at[FLOAT] - at[RETUNED]),
            "loss_by_converter": float(at[CONTINUOUS] - at[self._supplied]),
        }
        if sweeps is not None:
            by = sweeps[sweeps["sweep"] == "mismatch"].set_index(["setting", "calibrated"])
            for calibrated, name in ((False, "mismatch"), (True, "mismatch_calibrated")):
                lost = by["balanced"]["0", False] - by["balanced"]["0.3", calibrated]
                losses[f"loss_by_{name}"] = float(lost)
        return losses

    def _notes(self, dataset: Dataset, first: Trial) -> tuple[str, ...]:
        return (
            f"source task: {first.task.source}",
            f"exact match: right only where the right output fires and no other; balanced: mean"
            f" over the classes; test samples of {self.seeds} networks pooled, each judged by"
            " sources it never saw; 95 % intervals by drawing sources",
            *dataset.notes[:1],
            f"`anaspike datasets {dataset.name}` says what was left out",
        )


def _history(trials: list[Trial]) -> pd.DataFrame:
    rows: list[Mapping[str, float]] = [
        {"seed": trial.seed, **asdict(epoch)} for trial in trials for epoch in trial.tuned.history
    ]
    return pd.DataFrame(rows)
