"""`tune-in-loop`: a network on a chip that learns its supplies from its own spikes."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Annotated, Any, ClassVar, Self

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from pydantic import Field

from anaspike.campaign.answer import Findings
from anaspike.campaign.bench import SIMULATING, Bench
from anaspike.campaign.specs import Spec
from anaspike.errors import InputError
from anaspike.experiments.testbench import check_conditions
from anaspike.learning.datasets.base import Dataset
from anaspike.learning.datasets.catalog import check_name, load_dataset
from anaspike.learning.datasets.splits import repeated_splits
from anaspike.learning.judging import Judged, score, tuned
from anaspike.learning.loop import Tuned as Trained
from anaspike.learning.network import Spikes
from anaspike.learning.scores import answers, balanced, nearest
from anaspike.learning.tasks import Task
from anaspike.mapping.chips import ModelChip
from anaspike.mapping.deploy import HEADROOM, Hardware, deploy, moved
from anaspike.mapping.energy import EventEnergies, measure_energies
from anaspike.mapping.in_loop import (
    Codes,
    Learner,
    Lessons,
    NtInLoop,
    Perturbation,
    Tuned,
    learn,
    outputs_wrong,
    spikes_missing,
)
from anaspike.mapping.mismatch import Deviation
from anaspike.mapping.quantise import CodedLayer, quantise
from anaspike.mapping.trial import chip_settings, chip_task
from anaspike.report.in_loop import accuracy_figure, moved_figure
from anaspike.studies.base import Celsius, Count
from anaspike.studies.learning.mapped import MappingStudy, measured_curve

NOMINAL, AS_MEANT = "as meant, nominal neurons", "the chip, supplies as meant"
CALIBRATED = "calibrated neuron by neuron"
NT, BOTH, BLIND = "NT in the loop", "calibrated, then NT in the loop", "perturbation, codes unknown"
_QUANTITIES = {
    NOMINAL: "nominal", AS_MEANT: "as_meant", CALIBRATED: "calibrated", NT: "nt",
    BOTH: "calibrated_nt", BLIND: "perturbation",
}  # fmt: skip
_LEVELS = NOMINAL, CALIBRATED  # drawn as lines
_RATES = {NT: 4.0, BOTH: 2.0, BLIND: 2.0}  # codes
_LOOKS = 9  # at the test samples while it learns, for the picture alone


class TuneInLoop(MappingStudy):
    """Networks on one chip: supplies as meant, calibrated, learned by NT from the chip's spikes.

    Attributes:
        dataset: a data set's name, or an npz table of features.
        data: folder of its images, where it has any.
        train_seed: of the first network's training.
        seeds: how many networks; accuracies are pooled over them.
        updates: of the supplies.
        batch: patterns of an update.
        meant_temperature_C: that the supplies were set for; by default the chip's own.
    """

    name: ClassVar[str] = "tune-in-loop"
    title: ClassVar[str] = "A chip that learns its supplies from its own spikes"

    dataset: str = "bccd"
    data: Path | None = None
    train_seed: int = 0
    seeds: Annotated[Count, Field(le=1000)] = 5
    updates: Annotated[Count, Field(le=10_000)] = 90
    batch: Annotated[Count, Field(le=10_000)] = 64
    meant_temperature_C: Celsius | None = None

    def specs(self) -> tuple[Spec, ...]:
        """What is left of a chip's loss, and that learning costs nothing where nothing is lost."""
        return (
            Spec("lost_to_nominal", most=0.05, why="calibrated, then NT, against nominal neurons"),
            Spec("lost_by_nt", most=0.02, why="NT never costs: against supplies as meant"),
            Spec("updates", most=100, why="of 64 patterns"),
        )

    def check(self) -> None:
        """Refuse, before anything is trained, what cannot be."""
        if not self.dataset.endswith(".npz"):
            check_name(self.dataset)
        self.check_mapping()
        check_conditions(self.process, "tt", self.meant.temperature_C, None)
        if self.domains is not None:
            raise InputError("neurons that share rails cannot be tuned one by one")
        if min(self.seeds, self.updates, self.batch) < 1 or self.train_seed < 0:
            raise InputError(
                f"{self.name}: give at least 1 network, 1 update and 1 pattern; seeds count from 0"
            )

    @property
    def meant(self) -> Self:
        """The same at the conditions that supplies are meant for."""
        if self.meant_temperature_C is None:
            return self
        return self._with(temperature_C=self.meant_temperature_C)

    @property
    def drifted(self) -> bool:
        """Whether the chip is at other conditions than its supplies were meant for."""
        return self.corner != "tt" or self.meant.temperature_C != self.temperature_C

    def find(self, bench: Bench) -> Findings:
        """Train, map, put on the chip; calibrate, and learn; a table row for each step."""
        self.check()
        dataset, networks = bench.once(
            ("trained in loop", self.dataset, str(self.data), self.train_seed, self.seeds),
            self._train,
        )
        placed = self._placed(bench, networks)
        energies = self.meant.shared(bench, "energies", self._energies)
        runs = []
        for i, one in enumerate(placed):
            bench.say(f"learning on the chip, network {i + 1} of {len(placed)}")
            runs.append(self._run(one, energies))
        bench.say(SIMULATING)
        steps = _step_table(placed, runs)
        learning = pd.concat([run.learning for run in runs], ignore_index=True)
        supplies = pd.concat([run.supplies for run in runs], ignore_index=True)
        whose = "1 network" if self.seeds == 1 else f"{self.seeds} networks"
        where = f"{dataset.name} on {self._where}, {whose}"
        at = steps.set_index("step")["balanced"]
        return Findings(
            {"steps": steps, "learning": learning, "supplies": supplies},
            self._quantities(steps),
            {
                "accuracy": partial(
                    accuracy_figure, learning, {name: float(at[name]) for name in _LEVELS}, where
                ),
                "moved": partial(moved_figure, supplies[supplies["step"] == BOTH], where),
            },
            notes=(
                f"NT: {self.updates} updates of {self.batch} training patterns, each presented"
                " twice: with the outputs' supplies a code lower, and a code higher",
                "presentations, supply writes and energy are of learning alone, means of"
                f" {whose}; what a converter takes to write is not in the energy",
            ),
            show=("step", "accuracy", "balanced", "balanced_low", "balanced_high",
                  "presentations", "supply_writes", "energy_of_learning_J"),
        )  # fmt: skip

    @property
    def _where(self) -> str:
        parts = [self.pdk, self.corner, f"{self.temperature_C:g} °C"]
        if self.meant.temperature_C != self.temperature_C:
            parts.append(f"supplies of {self.meant.temperature_C:g} °C")
        if self.seed is not None:
            parts.append(f"chip {self.seed}")
        return ", ".join(parts)

    def _train(self, bench: Bench) -> tuple[Dataset, list["_Network"]]:
        dataset, networks = load_dataset(self.dataset, self.data), list[_Network]()
        for i, split in enumerate(repeated_splits(dataset, self.train_seed, self.seeds)):
            bench.say(f"training network {i + 1} of {self.seeds}")
            seed = self.train_seed + i
            task = chip_task(dataset, seed, split)
            trained = tuned(task, chip_settings(seed))
            networks.append(_Network(seed, task, trained, quantise(trained.network)))
        bench.say(SIMULATING)
        return dataset, networks

    def _energies(self, bench: Bench) -> EventEnergies:
        curve = measured_curve(bench, self.pdk, self.temperature_C, self.fast)
        return measure_energies(bench, self.at("tt"), float(curve.supply_for(1.0)[0]))

    def _placed(self, bench: Bench, networks: Sequence["_Network"]) -> list["_Placed"]:
        """Map every network, and put it on the chip with its supplies as they are meant."""
        meant = self.meant
        curve = measured_curve(bench, self.pdk, meant.temperature_C, self.fast)
        layers = [layer for one in networks for layer in one.coded]
        nominal = meant.neurons(bench, "tt", curve, layers)
        here = self.neurons(bench, self.corner, curve, layers) if self.drifted else nominal
        placed = []
        for one in networks:
            ideal = deploy(nominal, one.coded, one.trained.network, curve).trimmed(one.train)
            hardware = ideal.remapped(self.dac_bits, None, HEADROOM)
            drawn = self.drawn(bench, hardware.mapped, one.seed)
            left = moved(hardware, here) if self.drifted else hardware
            placed.append(_Placed(one, hardware, left, drawn))
        return placed

    def _run(self, placed: "_Placed", energies: EventEnergies) -> "_Run":
        """Run a network on its chip in every way."""
        run = _Run(placed, energies, {}, {}, [], [])
        calibrated = placed.left.calibrated(placed.network.train, placed.drawn)
        run.judge(NOMINAL, placed.meant, None)
        for step, there in ((AS_MEANT, placed.left), (CALIBRATED, calibrated)):
            run.judge(step, there, placed.drawn)
        for step, start in ((NT, placed.left), (BOTH, calibrated), (BLIND, placed.left)):
            self._learn(run, step, start)
        return run

    def _learn(self, run: "_Run", step: str, start: Hardware) -> None:
        """Learn from supplies; look at the test samples now and then, for the picture alone."""
        network, drawn = run.placed.network, run.placed.drawn
        mapped, chip = start.mapped, ModelChip(start, drawn, run.energies)
        supplies = Tuned(chip, mapped.dac, [layer.supply_V for layer in mapped.layers])
        learner: Learner
        if step == BLIND:
            learner = Perturbation(supplies, outputs_wrong, network.seed)
        else:
            learner = NtInLoop(supplies, Codes.of(mapped), spikes_missing)

        def look(update: int) -> None:
            if update % max(1, self.updates // _LOOKS) == 0 or update == self.updates:
                run.look(step, update, _at(start, supplies.supplies()), learner, chip)

        look(0)
        rate = _RATES[step]
        learn(learner, network.lessons, self.updates, self.batch, rate, network.seed, look)
        end = _at(start, supplies.supplies())
        run.judge(step, end, drawn, learner, chip)
        run.keep(step, start, end)

    def _quantities(self, steps: pd.DataFrame) -> dict[str, float | None]:
        at = steps.set_index("step")
        found: dict[str, float | None] = {
            f"balanced_{name}": float(at["balanced"][step]) for step, name in _QUANTITIES.items()
        }
        kept = float(min(at["balanced"][NT], at["balanced"][BOTH]))
        return {
            **found,
            "lost_as_meant": float(at["balanced"][NOMINAL] - at["balanced"][AS_MEANT]),
            "lost_to_nominal": float(at["balanced"][NOMINAL] - at["balanced"][BOTH]),
            "lost_by_nt": float(at["balanced"][AS_MEANT]) - kept,
            "updates": float(self.updates),
            "presentations": float(at["presentations"][BOTH]),
            "supply_writes": float(at["supply_writes"][BOTH]),
            "energy_of_learning_J": float(at["energy_of_learning_J"][BOTH]),
        }


@dataclass(frozen=True, eq=False)
class _Network:
    """A trained network, and its codes."""

    seed: int
    task: Task
    trained: Trained
    coded: tuple[CodedLayer, ...]

    @property
    def train(self) -> Spikes:
        """Patterns of the training part, (patterns, n_in)."""
        spikes: Spikes = self.task.train.inputs > 0
        return spikes

    @property
    def lessons(self) -> Lessons:
        """These, and what the network does as it was trained; of labels, to balance batches."""
        wanted = self.trained.network.spikes(self.task.train.inputs)[-1]
        return Lessons(self.train.astype(float), wanted, self.task.train.labels)


@dataclass(frozen=True, eq=False)
class _Placed:
    """A network as its supplies are meant, and the same on the chip, with its devices."""

    network: _Network
    meant: Hardware
    left: Hardware
    drawn: list[Deviation] | None


@dataclass(frozen=True, eq=False)
class _Run:
    """What became of a network on its chip: step -> answers, and what learning has taken."""

    placed: _Placed
    energies: EventEnergies
    judged: dict[str, Judged]
    spent: dict[str, dict[str, float]]
    looks: list[dict[str, Any]]
    kept: list[pd.DataFrame]

    def judge(
        self,
        step: str,
        hardware: Hardware,
        drawn: Sequence[Deviation] | None,
        learner: Learner | None = None,
        chip: ModelChip | None = None,
    ) -> None:
        """Answer the test samples after a step."""
        task = self.placed.network.task
        last = hardware.run(task.test.inputs > 0, drawn)[-1]
        votes = task.network.votes
        self.judged[step] = Judged(answers(last.spikes, votes), nearest(last.margin_V, votes))
        if learner is not None and chip is not None:
            self.spent[step] = _spent(learner, chip)

    def look(
        self, step: str, update: int, hardware: Hardware, learner: Learner, chip: ModelChip
    ) -> None:
        """Keep how well it does after an update."""
        task = self.placed.network.task
        fired = hardware.outputs(task.test.inputs > 0, self.placed.drawn)
        right = answers(fired, task.network.votes) == task.test.labels
        row = {"network": self.placed.network.seed, "step": step, "update": update}
        share = balanced(right, task.test.labels)
        self.looks.append({**row, "balanced": share, **_spent(learner, chip)})

    def keep(self, step: str, start: Hardware, end: Hardware) -> None:
        """Keep the supplies before and after."""
        table = end.mapped.table()[["layer", "neuron", "dac_code", "vdd_syn_V"]]
        before_V = start.mapped.table()["vdd_syn_V"]
        meant_V = self.placed.meant.mapped.table()["vdd_syn_V"]
        table = table.assign(network=self.placed.network.seed, step=step, before_V=before_V,
                             meant_V=meant_V)  # fmt: skip
        self.kept.append(table.rename(columns={"vdd_syn_V": "after_V"}))

    @property
    def learning(self) -> pd.DataFrame:
        """A row for each look."""
        return pd.DataFrame(self.looks)

    @property
    def supplies(self) -> pd.DataFrame:
        """A row for each neuron after each way of learning."""
        return pd.concat(self.kept, ignore_index=True)


def _spent(learner: Learner, chip: ModelChip) -> dict[str, float]:
    supplies = learner.supplies
    return {
        "presentations": supplies.presentations,
        "supply_writes": supplies.supply_writes,
        "energy_of_learning_J": chip.energy_J,
    }


def _at(hardware: Hardware, supply_V: Sequence[NDArray[np.float64]]) -> Hardware:
    """Return the same network on other supplies."""
    mapped = hardware.mapped
    layers = tuple(
        layer.at(volt, mapped.curve, mapped.dac)
        for layer, volt in zip(mapped.layers, supply_V, strict=True)
    )
    return replace(hardware, mapped=replace(mapped, layers=layers))


def _step_table(placed: Sequence[_Placed], runs: Sequence[_Run]) -> pd.DataFrame:
    """Return a row for each step, test samples of all networks pooled, intervals by source."""
    tasks = [one.network.task for one in placed]
    labels, groups = [task.test.labels for task in tasks], [task.groups for task in tasks]
    rows = []
    for step in _QUANTITIES:
        row = score(step, [run.judged[step] for run in runs], labels, groups).row()
        spent = pd.DataFrame([run.spent[step] for run in runs if step in run.spent])
        rows.append({**row, **{str(name): float(mean) for name, mean in spent.mean().items()}})
    return pd.DataFrame(rows).rename(columns={"what": "step"})
