"""`train-and-map`: from features to supply voltages, run and proven."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
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
from anaspike.learning.datasets.base import Dataset
from anaspike.learning.datasets.catalog import check_name, load_dataset
from anaspike.learning.datasets.splits import FOLDS, repeated_splits
from anaspike.learning.images import UNKNOWN
from anaspike.learning.judging import HEAD_ALONE, ON_FEATURES, Judged
from anaspike.mapping.deploy import Hardware, deploy
from anaspike.mapping.energy import EventEnergies, measure_energies
from anaspike.mapping.quantise import CodedLayer, code_arrays
from anaspike.mapping.repeated import check_windows
from anaspike.mapping.supply_curve import SupplyCurve
from anaspike.mapping.sweeps import Point, sweep, sweep_table
from anaspike.mapping.trial import (
    CODED,
    FLOAT,
    HEAD_WINDOWED,
    WINDOWED,
    Trial,
    run_trial,
)
from anaspike.mapping.verify import confusion as decisions
from anaspike.mapping.verify import proof_quantities
from anaspike.report.train_and_map import (
    confusion_figure,
    energy_figure,
    learning_figure,
    supplies_figure,
    sweeps_figure,
    windows_figure,
)
from anaspike.studies.base import Bytes, Count
from anaspike.studies.learning.mapped import (
    MappingStudy,
    OnChip,
    Tested,
    measured_curve,
    supply_notes,
)
from anaspike.studies.learning.mapped_tables import (
    NT,
    ONE_LAYER,
    answered,
    energies_table,
    history_table,
    step_table,
    supplies_table,
    windows_tables,
)
from anaspike.studies.said import said_of_mirror

UNTRIMMED, CONTINUOUS = "on hardware, k(V) alone", "on hardware, trimmed"
CONVERTER = "on hardware, {}-bit converter"
CALIBRATED = "calibrated neuron by neuron"
_DISTURBED = "the same with {}"
# Judged where every cell has been tested once: a fold alone has some seventy.
_BLOOD_CELLS = (
    Spec("balanced_float", 0.60, why="NT, on blood cells it never saw"),
    Spec("balanced_nt", 0.74, why="NT on nominal neurons, on the converter"),
    Spec("balanced_straight", 0.80, why="the best network our circuit can run, likewise"),
    Spec("gained_over_head_windowed", 0.10, why="where the head reads 12 outputs alone"),
    Spec("balanced_control", 0.85, why="an ordinary classifier: the features are good enough"),
)
_CHIP = Spec("loss_on_chip", most=0.03, why="uncalibrated, against nominal neurons at tt")
_CALIBRATED = Spec("loss_on_chip", most=0.02, why="calibrated, against nominal neurons at tt")
_ARGMAX = (
    "argmax: the class that would win if a read-out ramped the supply of the outputs until one"
    " does; exact match is what the circuit gives as it is"
)
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
        windows: how often each pattern is shown at most, the head's supplies shifted; accuracy
            over it is a table.
    """

    name: ClassVar[str] = "train-and-map"
    title: ClassVar[str] = "From features to supply voltages, proven in SPICE"

    dataset: str = "bccd"
    data: Path | None = None
    max_size_B: Bytes | None = None
    train_seed: int = 0
    seeds: Annotated[Count, Field(le=1000)] = 5
    sweeps: bool = True
    windows: Count = 1

    def specs(self) -> tuple[Spec, ...]:
        """What NT must reach, what codes, converter and calibration may cost; that SPICE agrees."""
        return (
            *self._of_chip(),
            *(_BLOOD_CELLS if self.dataset == "bccd" and self.seeds >= FOLDS else ()),
            Spec("loss_by_codes", most=0.02, why="3-bit codes in the loop, against numbers"),
            Spec("loss_by_converter", most=0.02, why="against continuous supplies"),
            Spec("spice_agreement", 0.9, why="half of the samples near their threshold"),
            *(
                (Spec("loss_by_mismatch_calibrated", most=0.02, why="gain sigma 0.3"),)
                if self.sweeps
                else ()
            ),
        )

    def _of_chip(self) -> tuple[Spec, ...]:
        if not self.off_nominal:
            return ()
        return (_CALIBRATED if self.calibrate else _CHIP,)

    def check(self) -> None:
        """Refuse, before anything is trained, what cannot be."""
        if not self.dataset.endswith(".npz"):
            check_name(self.dataset)
        self.check_mapping()
        check_windows(self.windows)
        if self.seeds < 1 or self.train_seed < 0:
            raise InputError("train-and-map: seeds count from 0, and at least 1 is needed")

    def find(self, bench: Bench) -> Findings:
        """Train, map, run and prove; a table row for each step."""
        self.check()
        plan = self.shared(bench, "plan", self._plan)
        tested = {
            kind: self._tested(bench, plan, kind, hardware) for kind, hardware in plan.meant.items()
        }
        proof = self.proof_of(bench, [one for networks in tested.values() for one in networks])
        reference_V = float(plan.curve.supply_for(1.0)[0])
        energies = self.shared(
            bench, "energies", lambda root: measure_energies(root, self.at("tt"), reference_V)
        )
        tables = self._tables(plan, tested, proof, energies)
        mapped = [
            (kind, one.seed, one.chip.hardware.mapped) for kind in tested for one in tested[kind]
        ]
        return Findings(
            tables,
            {**self._losses(tables["steps"], plan.sweeps), **proof_quantities(proof),
             "energy_per_inference_J": float(tables["energy"]["energy_J"].iloc[0])},
            self._figures(plan, tables, answered(plan.trials, tested[NT])),
            notes=(
                *self._notes(plan.dataset, plan.trials[0]),
                *(f"{kind} {seed}: {note}"
                  for kind, seed, network in mapped for note in supply_notes(network)),
            ),
            show=("step", "accuracy", "balanced", "balanced_low", "balanced_high",
                  "argmax_balanced"),
            also=("supplies", "decisions", "energy"),
            as_json=("supplies",),
            arrays={
                f"codes_{kind.replace(' ', '_')}_{seed}": code_arrays(
                    [layer.coded for layer in network.layers]
                )
                for kind, seed, network in mapped
            },
        )  # fmt: skip

    def _tested(
        self, bench: Bench, plan: "_Plan", kind: str, hardware: list[Hardware]
    ) -> list[Tested]:
        """Put every network of a kind on the chip."""
        made = [
            self.on_chip(bench, meant, plan.layers, trial.train, trial.seed)
            for trial, meant in zip(plan.trials, hardware, strict=True)
        ]
        return [
            Tested(f"{kind} {trial.seed}, ", chip, trial.test, trial.seed)
            for trial, chip in zip(plan.trials, made, strict=True)
        ]

    def _tables(
        self,
        plan: "_Plan",
        tested: Mapping[str, list[Tested]],
        proof: pd.DataFrame,
        energies: EventEnergies,
    ) -> dict[str, pd.DataFrame]:
        """Return every table; each is of all networks."""
        steps = [dict(done) for done in plan.steps]
        for kind, networks in tested.items():
            for done, trial, one in zip(steps, plan.trials, networks, strict=True):
                done.update(self._steps(trial, one.chip, kind))
        return {
            "steps": step_table(plan.trials, steps),
            "supplies": supplies_table(tested),
            "decisions": decisions(proof),
            "proof": proof,
            "energy": energies_table(energies, tested),
            **({} if plan.sweeps is None else {"sweeps": plan.sweeps}),
            **windows_tables(plan.trials, tested, self.windows),
            "learning": history_table(plan.trials),
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
        if self.windows > 1:
            figures["windows"] = partial(windows_figure, tables["windows"], f"Windows of {whose}")
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
        layers = [layer for trial in trials for layer in (*trial.coded, *trial.straight_coded)]
        nominal = self.neurons(bench, "tt", curve, layers)
        steps: list[dict[str, Judged]] = []
        meant: dict[str, list[Hardware]] = {NT: [], ONE_LAYER: []}
        swept: list[tuple[Trial, Point]] = []
        for i, trial in enumerate(trials):
            bench.say(f"mapping network {i + 1} of {len(trials)}")
            steps.append(dict(trial.judged))
            for kind, coded, like in (
                (NT, trial.coded, trial.tuned.network),
                (ONE_LAYER, trial.straight_coded, trial.straight),
            ):
                plain = deploy(nominal, coded, like, curve)
                ideal = plain.trimmed(trial.train)
                chip = ideal.remapped(self.dac_bits, self.domains, self.headroom)
                meant[kind].append(chip)
                for step, hardware in (
                    (UNTRIMMED, plain), (CONTINUOUS, ideal), (self._supplied, chip)
                ):  # fmt: skip
                    steps[-1][f"{kind} {step}"] = trial.answered(hardware.run(trial.test))
                if self.sweeps and kind == NT:
                    swept += [(trial, point) for point in sweep(trial, ideal, self.dac_bits)]
        bench.say(SIMULATING)
        table = sweep_table(swept) if swept else None
        return _Plan(dataset, trials, layers, curve, meant, steps, table)

    def _train(self, bench: Bench) -> tuple[Dataset, list[Trial]]:
        dataset = load_dataset(self.dataset, self.data, max_size_B=self.max_size_B)
        trials = []
        for i, split in enumerate(repeated_splits(dataset, self.train_seed, self.seeds)):
            bench.say(f"training network {i + 1} of {self.seeds}")
            trials.append(run_trial(dataset, self.train_seed + i, split))
        bench.say(SIMULATING)
        return dataset, trials

    def _steps(self, trial: Trial, on: OnChip, kind: str) -> dict[str, Judged]:
        """Return what a network answers on its chip, step by step."""
        steps = {}
        if self.off_nominal:
            ran = on.left.run(trial.test, on.drawn)
            steps[f"{kind} on {self.off_nominal}"] = trial.answered(ran)
        if self.calibrate:
            ran = on.hardware.run(trial.test, on.drawn)
            steps[f"{kind} {CALIBRATED}"] = trial.answered(ran)
        for part in self.disturbance.parts().values():
            disturbed = replace(on.hardware, disturbance=part)
            ran = disturbed.run(trial.test, on.drawn)
            steps[f"{kind}, {_DISTURBED.format(part)}"] = trial.answered(ran)
        return steps

    @property
    def _supplied(self) -> str:
        text = CONVERTER.format(self.dac_bits)
        return text if self.domains is None else f"{text}, {self.domains} rails"

    def _losses(self, table: pd.DataFrame, sweeps: pd.DataFrame | None) -> dict[str, float | None]:
        at = table.set_index("step")["balanced"]
        last = {kind: self._last(kind) for kind in (NT, ONE_LAYER)}
        supplied = {kind: f"{kind} {self._supplied}" for kind in last}
        losses: dict[str, float | None] = {
            "balanced_float": float(at[FLOAT]),
            "balanced_nt": float(at[supplied[NT]]),
            "balanced_straight": float(at[supplied[ONE_LAYER]]),
            "balanced_mapped": float(at[last[NT]]),
            "balanced_straight_mapped": float(at[last[ONE_LAYER]]),
            "balanced_control": float(at[ON_FEATURES]),
            "gained_over_head": float(at[CODED] - at[HEAD_ALONE]) if HEAD_ALONE in at else None,
            "gained_over_straight": float(at[supplied[NT]] - at[supplied[ONE_LAYER]]),
            "gained_over_head_windowed": float(at[WINDOWED] - at[HEAD_WINDOWED]),
            "loss_by_codes": float(at[FLOAT] - at[CODED]),
            "loss_by_converter": float(at[f"{NT} {CONTINUOUS}"] - at[supplied[NT]]),
            "loss_on_chip": float(at[supplied[NT]] - at[last[NT]]),
            "loss_on_chip_straight": float(at[supplied[ONE_LAYER]] - at[last[ONE_LAYER]]),
            **{
                f"loss_by_{name}": float(at[last[NT]] - at[f"{NT}, {_DISTURBED.format(part)}"])
                for name, part in self.disturbance.parts().items()
            },
        }
        if self.calibrate and self.off_nominal:
            left = at[f"{NT} on {self.off_nominal}"]
            losses["loss_uncalibrated"] = float(at[supplied[NT]] - left)
        if sweeps is not None:
            by = sweeps[sweeps["sweep"] == "mismatch"].set_index(["setting", "calibrated"])
            for calibrated, name in ((False, "mismatch"), (True, "mismatch_calibrated")):
                lost = by["balanced"]["0", False] - by["balanced"]["0.3", calibrated]
                losses[f"loss_by_{name}"] = float(lost)
        return losses

    def _last(self, kind: str) -> str:
        """Return the step that a network of a kind ends with."""
        if self.calibrate:
            return f"{kind} {CALIBRATED}"
        return f"{kind} on {self.off_nominal}" if self.off_nominal else f"{kind} {self._supplied}"

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
            f"exact match: right where more of the right class's {first.task.network.votes}"
            " outputs fire than of any other's; balanced: mean over the classes; test samples of"
            f" {self.seeds} networks pooled, {judged}",
            _ARGMAX,
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
        layers: all of them, as codes.
        curve: k(V).
        meant: kind -> each network on nominal neurons at tt, as its supplies are meant.
        steps: step -> what each network answers.
        sweeps: accuracy over what a mapping may save on.
    """

    dataset: Dataset
    trials: list[Trial]
    layers: list[CodedLayer]
    curve: SupplyCurve
    meant: dict[str, list[Hardware]]
    steps: list[dict[str, Judged]]
    sweeps: pd.DataFrame | None
