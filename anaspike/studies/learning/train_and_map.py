"""`train-and-map`: from features to supply voltages, run and proven."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from functools import partial
from pathlib import Path
from typing import Annotated, ClassVar

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from pydantic import Field

from anaspike.campaign.answer import Drawing, Findings
from anaspike.campaign.bench import SIMULATING, Bench
from anaspike.campaign.specs import Spec
from anaspike.errors import InputError
from anaspike.learning.comparison import Right
from anaspike.learning.datasets.base import Dataset
from anaspike.learning.datasets.catalog import check_name, load_dataset
from anaspike.learning.datasets.splits import FOLDS, repeated_splits
from anaspike.learning.images import UNKNOWN
from anaspike.learning.scores import (
    accuracy,
    answers,
    balanced_accuracy,
    chance,
    confusion,
    majority,
)
from anaspike.mapping.deploy import Hardware, deploy
from anaspike.mapping.energy import EventEnergies, inference, measure_energies
from anaspike.mapping.hardware import Ran
from anaspike.mapping.quantise import code_arrays
from anaspike.mapping.supply_curve import SupplyCurve
from anaspike.mapping.sweeps import sweep, sweep_table
from anaspike.mapping.trial import FLOAT, HEAD_ALONE, ORDINARY, RETUNED, Trial, run_trial
from anaspike.mapping.verify import confusion as decisions
from anaspike.mapping.verify import proof_quantities
from anaspike.report.train_and_map import (
    confusion_figure,
    energy_figure,
    learning_figure,
    supplies_figure,
    sweeps_figure,
)
from anaspike.studies.base import Bytes, Count
from anaspike.studies.learning.mapped import (
    MappingStudy,
    OnChip,
    Tested,
    energy_table,
    measured_curve,
    supply_notes,
)
from anaspike.studies.said import said_of_mirror

UNTRIMMED, CONTINUOUS = "on hardware, k(V) alone", "on hardware, trimmed"
CONVERTER = "on hardware, {}-bit converter"
CALIBRATED = "calibrated neuron by neuron"
_DISTURBED = "the same with {}"
# Judged where every cell has been tested once: a fold alone has some seventy.
_BLOOD_CELLS = (
    Spec("balanced_float", 0.60, why="NT, on blood cells it never saw"),
    Spec("gained_over_head", 0.10, why="what NT adds to training the new head alone"),
    Spec("balanced_control", 0.85, why="an ordinary classifier: the features are good enough"),
)
_CHIP = Spec("loss_on_chip", most=0.02, why="against nominal neurons at tt")
_UNCLEAN = (
    "the epoch is chosen on a validation part that is not clean: the sources of the training part"
    " are unknown"
)
_OF_TRAINING = ("dataset", "data", "train_seed", "seeds")


class TrainAndMap(MappingStudy):
    """A spiking network pre-trained, tuned by NT, quantised, mapped to supplies, proven.

    Attributes:
        dataset: a data set's name, or an npz table of features.
        data: folder of its images, where it has any.
        max_size_B: what a file may unpack to.  [default: as `anaspike.bounds` says]
        train_seed: of the first network's training.
        seeds: how many networks, each with a fold of the samples to be judged by; five test
            every sample once. Accuracies are pooled over them.
        sweeps: whether bits, converter, rails and mismatch are swept.
    """

    name: ClassVar[str] = "train-and-map"
    title: ClassVar[str] = "From features to supply voltages, proven in SPICE"

    dataset: str = "bccd"
    data: Path | None = None
    max_size_B: Bytes | None = None
    train_seed: int = 0
    seeds: Annotated[Count, Field(le=1000)] = 5
    sweeps: bool = True

    def specs(self) -> tuple[Spec, ...]:
        """What NT must reach, what codes, converter and calibration may cost; that SPICE agrees."""
        return (
            *((_CHIP,) if self.off_nominal else ()),
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
        if self.seeds < 1 or self.train_seed < 0:
            raise InputError("train-and-map: seeds count from 0, and at least 1 is needed")

    def find(self, bench: Bench) -> Findings:
        """Train, map, run and prove; a table row for each step."""
        self.check()
        plan = self.shared(bench, "plan", self._plan)
        layers = [layer for trial in plan.trials for layer in trial.coded]
        made = [
            self.on_chip(bench, meant, layers, trial.train, trial.seed)
            for trial, meant in zip(plan.trials, plan.meant, strict=True)
        ]
        tested = [
            Tested(f"network {trial.seed}, ", chip, trial.test, trial.seed)
            for trial, chip in zip(plan.trials, made, strict=True)
        ]
        proof = self.proof_of(bench, tested)
        reference_V = float(plan.curve.supply_for(1.0)[0])
        energies = self.shared(
            bench, "energies", lambda root: measure_energies(root, self.at("tt"), reference_V)
        )
        ran = [one.chip.hardware.run(one.inputs, one.chip.drawn) for one in tested]
        tables = self._tables(plan, tested, proof, energies, ran)
        mapped = {one.seed: one.chip.hardware.mapped for one in tested}
        return Findings(
            tables,
            {**self._losses(tables["steps"], plan.sweeps), **proof_quantities(proof),
             "energy_per_inference_J": float(tables["energy"]["energy_J"].iloc[0])},
            self._figures(plan, tables, _answered(plan.trials, ran)),
            notes=(
                *self._notes(plan.dataset, plan.trials[0]),
                *(f"network {seed}: {note}"
                  for seed, network in mapped.items() for note in supply_notes(network)),
            ),
            also=("supplies", "decisions", "energy"),
            as_json=("supplies",),
            arrays={
                f"codes_network_{seed}": code_arrays([layer.coded for layer in network.layers])
                for seed, network in mapped.items()
            },
        )  # fmt: skip

    def _tables(
        self,
        plan: "_Plan",
        tested: list[Tested],
        proof: pd.DataFrame,
        energies: EventEnergies,
        ran: list[list[Ran]],
    ) -> dict[str, pd.DataFrame]:
        """Return every table; each is of all networks."""
        steps = [
            {**done, **self._steps(trial, one.chip)}
            for done, trial, one in zip(plan.steps, plan.trials, tested, strict=True)
        ]
        spent = [
            inference(energies, one.chip.hardware.mapped, one.inputs, layers)
            for one, layers in zip(tested, ran, strict=True)
        ]
        return {
            "steps": self._step_table(plan.trials, steps),
            "supplies": _supplies(tested),
            "decisions": decisions(proof),
            "proof": proof,
            "energy": energy_table(*spent),
            **({} if plan.sweeps is None else {"sweeps": plan.sweeps}),
            "learning": _history(plan.trials),
        }

    def _figures(
        self, plan: "_Plan", tables: Mapping[str, pd.DataFrame], counted: NDArray[np.int64]
    ) -> dict[str, Drawing]:
        name = plan.dataset.name
        whose = "1 network" if self.seeds == 1 else f"{self.seeds} networks"
        unclean = "" if plan.trials[0].task.clean else "; validation is not clean"
        figures: dict[str, Drawing] = {
            "learning": partial(
                learning_figure, tables["learning"], f"{name}: NT, {self.seeds} seeds{unclean}"
            ),
            "confusion": partial(
                confusion_figure,
                counted,
                plan.trials[0].task.classes,
                f"What the mapped networks answer, test samples of {whose}",
            ),
            "supplies": partial(supplies_figure, tables["supplies"], f"Supplies of {whose}"),
            "energy": partial(
                energy_figure,
                tables["energy"],
                f"Energy of an inference, mean of {whose}, beside additions alone",
            ),
        }
        if plan.sweeps is not None:
            title = f"What a mapping may save on, and mismatch: {whose} pooled, 95 %"
            title += "; dashed: NT before quantising"
            steps = tables["steps"]
            before = float(steps.loc[steps["step"] == FLOAT, "balanced"].iloc[0])
            figures["sweeps"] = partial(sweeps_figure, plan.sweeps, before, title)
        return figures

    def _plan(self, bench: Bench) -> "_Plan":
        """Train, and map to nominal neurons at tt."""
        dataset, trials = bench.once(
            ("trained", self.model_dump_json(include=set(_OF_TRAINING))), self._train
        )
        curve = measured_curve(bench, self.pdk, self.temperature_C, self.fast)
        layers = [layer for trial in trials for layer in trial.coded]
        nominal = self.neurons(bench, "tt", curve, layers)
        steps, meant, swept = [], [], []
        for i, trial in enumerate(trials):
            bench.say(f"mapping network {i + 1} of {len(trials)}")
            plain = deploy(nominal, trial.coded, trial.tuned.network, curve)
            ideal = plain.trimmed(trial.train)
            chip = ideal.remapped(self.dac_bits, self.domains, self.headroom)
            meant.append(chip)
            steps.append(
                {
                    **trial.right,
                    UNTRIMMED: trial.judge(plain.outputs(trial.test)),
                    CONTINUOUS: trial.judge(ideal.outputs(trial.test)),
                    self._supplied: trial.judge(chip.outputs(trial.test)),
                }
            )
            if self.sweeps:
                swept += [(trial, point) for point in sweep(trial, ideal, self.dac_bits)]
        bench.say(SIMULATING)
        return _Plan(dataset, trials, curve, meant, steps, sweep_table(swept) if swept else None)

    def _train(self, bench: Bench) -> tuple[Dataset, list[Trial]]:
        dataset = load_dataset(self.dataset, self.data, max_size_B=self.max_size_B)
        trials = []
        for i, split in enumerate(repeated_splits(dataset, self.train_seed, self.seeds)):
            bench.say(f"training network {i + 1} of {self.seeds}")
            trials.append(run_trial(dataset, self.train_seed + i, split))
        bench.say(SIMULATING)
        return dataset, trials

    def _steps(self, trial: Trial, on: OnChip) -> dict[str, Right]:
        """Return which test samples a network has right on its chip, step by step."""
        steps = {}
        if self.off_nominal:
            steps[self.off_nominal] = trial.judge(on.left.outputs(trial.test, on.drawn))
        if self.calibrate:
            steps[CALIBRATED] = trial.judge(on.hardware.outputs(trial.test, on.drawn))
        for part in self.disturbance.parts().values():
            disturbed = replace(on.hardware, disturbance=part)
            steps[_DISTURBED.format(part)] = trial.judge(disturbed.outputs(trial.test, on.drawn))
        return steps

    @property
    def _supplied(self) -> str:
        text = CONVERTER.format(self.dac_bits)
        return text if self.domains is None else f"{text}, {self.domains} rails"

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
        parts = {name: _DISTURBED.format(part) for name, part in self.disturbance.parts().items()}
        as_it_runs = float(at.drop(list(parts.values())).iloc[-1])
        losses: dict[str, float | None] = {
            "balanced_float": float(at[FLOAT]),
            "balanced_mapped": as_it_runs,
            "balanced_control": float(at[ORDINARY]),
            "gained_over_head": float(at[FLOAT] - at[HEAD_ALONE]) if HEAD_ALONE in at else None,
            "loss_by_codes": float(at[FLOAT] - at[RETUNED]),
            "loss_by_converter": float(at[CONTINUOUS] - at[self._supplied]),
            "loss_on_chip": float(at[self._supplied] - as_it_runs),
            **{f"loss_by_{name}": as_it_runs - float(at[step]) for name, step in parts.items()},
        }
        if self.calibrate and self.off_nominal:
            losses["loss_uncalibrated"] = float(at[self._supplied] - at[self.off_nominal])
        if sweeps is not None:
            by = sweeps[sweeps["sweep"] == "mismatch"].set_index(["setting", "calibrated"])
            for calibrated, name in ((False, "mismatch"), (True, "mismatch_calibrated")):
                lost = by["balanced"]["0", False] - by["balanced"]["0.3", calibrated]
                losses[f"loss_by_{name}"] = float(lost)
        return losses

    def _notes(self, dataset: Dataset, first: Trial) -> tuple[str, ...]:
        judged = (
            "their sources are unknown, so that there are no intervals"
            if (first.task.groups == UNKNOWN).any()
            else "each judged by sources it never saw; 95 % intervals by drawing sources"
        )
        return (
            f"source task: {first.task.source}",
            f"proof: {self.samples} neurons of "
            + (
                f"{self.seeds} networks, dealt out evenly"
                if self.samples >= self.seeds
                else f"the first {self.samples} of {self.seeds} networks"
            ),
            f"exact match: right only where the right output fires and no other; balanced: mean"
            f" over the classes; test samples of {self.seeds} networks pooled, {judged}",
            *(() if first.task.clean else (_UNCLEAN,)),
            *dataset.notes[:1],
            said_of_mirror(self.design),
            f"`anaspike datasets {dataset.name}` says what was left out",
        )


@dataclass(frozen=True)
class _Plan:
    """What is the same for every chip and corner.

    Attributes:
        dataset: what was learned from.
        trials: the networks.
        curve: k(V).
        meant: each network on nominal neurons at tt, as its supplies are meant.
        steps: step -> which test samples are right, of each network.
        sweeps: accuracy over what a mapping may save on.
    """

    dataset: Dataset
    trials: list[Trial]
    curve: SupplyCurve
    meant: list[Hardware]
    steps: list[dict[str, Right]]
    sweeps: pd.DataFrame | None


def _answered(trials: list[Trial], ran: list[list[Ran]]) -> NDArray[np.int64]:
    """Return what all networks together answer for each class."""
    classes = len(trials[0].task.classes)
    counted = [
        confusion(answers(layers[-1].spikes), trial.task.test.labels, classes)
        for trial, layers in zip(trials, ran, strict=True)
    ]
    return np.asarray(np.sum(counted, axis=0), np.int64)


def _supplies(tested: list[Tested]) -> pd.DataFrame:
    """Return every network's supplies, the network before each row."""
    parts = []
    for one in tested:
        part = one.chip.hardware.mapped.table()
        part.insert(0, "network", one.seed)
        parts.append(part)
    return pd.concat(parts, ignore_index=True)


def _history(trials: list[Trial]) -> pd.DataFrame:
    rows: list[Mapping[str, float]] = [
        {"seed": trial.seed, **asdict(epoch)} for trial in trials for epoch in trial.tuned.history
    ]
    return pd.DataFrame(rows)
