"""`map --steps`: a network in time on supply voltages and a period, run and proven."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import ClassVar

import numpy as np
import pandas as pd

from anaspike.campaign.answer import Findings
from anaspike.campaign.bench import Bench
from anaspike.campaign.quantities import Quantity, alone
from anaspike.campaign.specs import Spec
from anaspike.errors import InputError
from anaspike.files import own_or_shipped
from anaspike.learning.foreign.nir import EXAMPLES, import_nir
from anaspike.learning.labels import read_labels
from anaspike.learning.network import Spikes
from anaspike.learning.temporal import (
    Labels,
    TemporalNetwork,
    answers,
    check_score,
    check_step,
    read_trains,
)
from anaspike.mapping.characterise import measure_leak, measure_leak_sigma
from anaspike.mapping.deploy import Neurons, measure_neurons
from anaspike.mapping.disturbance import Disturbance
from anaspike.mapping.in_time import (
    HardwareInTime,
    beta_made,
    coded_in_time,
    period_for,
    sized_in_time,
    static,
    wanted_betas,
)
from anaspike.mapping.mismatch import Deviation, draw_leaks
from anaspike.mapping.quantise import CodedLayer, code_arrays
from anaspike.mapping.supplies import assign_supplies
from anaspike.mapping.supply_curve import SupplyCurve
from anaspike.mapping.verify import LINEAR_V, confusion
from anaspike.mapping.verify_windows import (
    alike,
    measure_aftermath,
    prove_windows,
    timed_quantities,
)
from anaspike.mapping.windows import check_period
from anaspike.report.charge_model import agreement_figure
from anaspike.report.train_and_map import supplies_figure
from anaspike.studies.base import Bytes, Count, Second
from anaspike.studies.learning.mapped import MappingStudy, measured_curve, supply_notes
from anaspike.studies.learning.timed_tables import accuracy_table, layer_table, leak_notes

MOST_STEPS = 1000
_RANDOM_PATTERNS, _RANDOM_RATE = 100, 0.3
_CORNERS = ("tt", "ss", "ff")
_TEMPERATURES_C = (0.0, 67.0)
_ACCURACY = Spec("accuracy_lost", most=0.03, why="of the network's own, by the labels")
_ANSWERS = Spec("answers_agree", 0.9, why="of the mapped network, with the network's own")
_SPICE = Spec("spice_agreement", 0.9, why="decisions; half of the neurons near their threshold")


class MapInTime(MappingStudy):
    """A network in time as codes, supplies and a period.

    Attributes:
        network: `.nir` file, or an npz file as `import-weights` makes of one.
        dt_s: of a `.nir` file: how long a step is.
        steps: that it runs for.
        inputs: npz file of trains or rates, as `read_trains` takes it; random ones if none.
        labels: file that says which output should answer, as `read_labels` takes it.
        score: how outputs answer: `most` spikes, `first` spike, `exact`.
        period_s: from window to window; what makes beta if none.
        curve: CSV table of k(V), as the synapse study writes it; measured if none.
        max_size_B: what a file may unpack to.  [default: as `anaspike.bounds` says]
    """

    name: ClassVar[str] = "map-in-time"
    title: ClassVar[str] = "A network in time as codes, supply voltages and a period"

    network: Path
    dt_s: Second | None = None
    steps: Count = 10
    inputs: Path | None = None
    labels: Path | None = None
    score: str = "most"
    period_s: Second | None = None
    curve: Path | None = None
    max_size_B: Bytes | None = None
    samples: Count = 8

    def specs(self) -> tuple[Spec, ...]:
        """The mapped network answers as the user's own, and SPICE decides as the model."""
        return (_ANSWERS, *((_ACCURACY,) if self.labels is not None else ()), _SPICE)

    def check(self) -> None:
        """Refuse files and parameters that cannot be, before anything is run."""
        check_score(self.score)
        if not 1 <= self.steps <= MOST_STEPS:
            raise InputError(f"`steps` {self.steps}: a network runs for 1 to {MOST_STEPS} steps")
        if self.dt_s is not None:
            check_step(self.dt_s)
        network = self._network()
        self.check_mapping(sum(len(layer.weights) for layer in network.layers))
        if self.domains is not None or self.source_ohm:
            raise InputError(
                "networks in time have a stiff supply for each neuron; leave out `domains` and"
                " `source_ohm`"
            )
        if self.period_s is not None:
            check_period(self.period_s, self.at("tt").design.drive.width_s)
        self._meant(network, self._trains(network))
        if self.curve is not None:
            SupplyCurve.read(self.curve)

    def find(self, bench: Bench) -> Findings:
        """Quantise, choose membranes and period, set supplies, run, prove samples in SPICE."""
        self.check()
        network = self._network()
        trains = self._trains(network)
        wanted = network.run(trains)
        plan = self.shared(bench, "plan", lambda root: self._plan(root, network, trains, wanted))
        chip = self._on_chip(bench, plan, trains, wanted)
        ran = chip.hardware.run(trains, chip.drawn)
        proof = self._proof(bench, plan, chip, trains)
        judged = self._judged(network, plan, chip, trains, wanted)
        supplies = chip.hardware.mapped.table()
        leak = self.shared(bench, "leak", lambda root: self._leak(root, plan, network))
        layers = layer_table(network, chip.hardware, wanted, [layer.spikes for layer in ran])
        where = f", {self.off_nominal}" if self.off_nominal else ""
        return Findings(
            {**judged.tables, "layers": layers, "leak": leak, "supplies": supplies,
             "decisions": confusion(proof), "proof": proof},
            {**judged.quantities, **timed_quantities(proof),
             "period_s": chip.hardware.period_s,
             "duration_s": chip.hardware.period_s * self.steps},
            {"supplies": partial(supplies_figure, supplies, f"Supplies of {self.network.name}"),
             "windows": partial(agreement_figure, alike(proof), LINEAR_V,
                                f"{self.samples} neurons of {self.network.name} over"
                                f" {self.steps} windows{where}")},
            notes=(*judged.notes, *leak_notes(layers), *supply_notes(chip.hardware.mapped)),
            also=(*list(judged.tables)[1:], "layers", "leak", "supplies", "decisions"),
            as_json=("supplies",),
            arrays={"codes": code_arrays(plan.coded)},
        )  # fmt: skip

    def _plan(
        self, bench: Bench, network: TemporalNetwork, trains: Spikes, wanted: Sequence[Spikes]
    ) -> "_Plan":
        """Choose codes, membranes, period and supplies, for nominal neurons at tt."""
        curve = (
            measured_curve(bench, self.pdk, self.temperature_C, self.fast)
            if self.curve is None
            else SupplyCurve.read(self.curve)
        )
        coded = coded_in_time(network)
        neurons = measure_neurons(bench, self.at("tt"), curve, coded)
        geometries, units, period_s = sized_in_time(neurons, coded, network, curve, self.period_s)
        reference_V = float(curve.supply_for(1.0)[0])
        after = measure_aftermath(
            bench, neurons.at, neurons.tables, geometries, reference_V, period_s
        )
        mapped = assign_supplies(coded, static(network), curve, unit_thetas=units)
        ideal = HardwareInTime(
            neurons.at, neurons.tables, geometries, tuple(after), period_s, mapped
        ).trimmed(trains, wanted)
        meant = ideal.remapped(self.dac_bits, headroom=self.headroom)
        return _Plan(coded, curve, neurons, ideal, meant)

    def _on_chip(
        self, bench: Bench, plan: "_Plan", trains: Spikes, wanted: Sequence[Spikes]
    ) -> "_OnChip":
        """Put the network on the chip asked for; its period follows the corner's leak."""
        left, drawn = plan.meant, self.drawn(bench, plan.meant.mapped)
        if self.corner != "tt":
            neurons = self.neurons(bench, self.corner, plan.curve, plan.coded)
            left = self.shared(
                bench, ("moved", self.corner), lambda root: self._moved(root, plan, neurons)
            )
        if self.seed is not None and drawn is not None:
            sigma = self.shared(
                bench,
                ("leak sigma", self.corner),
                lambda root: measure_leak_sigma(root, self.at(self.corner)),
            )
            drawn = draw_leaks(drawn, plan.meant.mapped, sigma, self.seed)
        hardware = left.calibrated(trains, wanted, drawn) if self.calibrate else left
        noise = Disturbance(self.noise_V, seed=self.seed or 0)
        return _OnChip(replace(hardware, disturbance=noise), left, drawn)

    def _moved(self, bench: Bench, plan: "_Plan", neurons: Neurons) -> HardwareInTime:
        """Return the same membranes and supplies at another corner, on its own period."""
        meant, reference_V = plan.meant, float(plan.curve.supply_for(1.0)[0])
        geometries = tuple(
            neurons.limits.geometry(neurons.tables, old.synapses, old.membrane_F)
            for old in meant.geometries
        )
        period_s = meant.period_s
        if self.period_s is None:
            made = [
                beta_made(meant.tables, old, reference_V, meant.period_s)
                for old in meant.geometries
            ]
            periods = [
                period_for(neurons.tables, geometry, reference_V, beta, i)
                for i, (geometry, beta) in enumerate(zip(geometries, made, strict=True))
            ]
            period_s = float(np.exp(np.mean(np.log(periods))))
        after = measure_aftermath(
            bench, neurons.at, neurons.tables, geometries, reference_V, period_s
        )
        return replace(
            meant, at=neurons.at, tables=neurons.tables, geometries=geometries,
            after=tuple(after), period_s=period_s,
        )  # fmt: skip

    def _proof(self, bench: Bench, plan: "_Plan", chip: "_OnChip", trains: Spikes) -> pd.DataFrame:
        """Prove nominal neurons of the corner; where devices are drawn, on supplies as meant."""
        hardware = chip.left if chip.drawn is not None else chip.hardware
        cases = replace(hardware, disturbance=plan.meant.disturbance).cases(trains, self.samples, 0)
        return self.shared(
            bench,
            ("proof", self.corner, chip.drawn is None),
            lambda root: prove_windows(
                root, hardware.at, hardware.tables, cases, hardware.period_s
            ),
        )

    def _judged(
        self,
        network: TemporalNetwork,
        plan: "_Plan",
        chip: "_OnChip",
        trains: Spikes,
        wanted: Sequence[Spikes],
    ) -> Findings:
        """Hold what mapped networks answer against the network itself, and against labels."""
        ways = {
            "the network itself": wanted[-1],
            "on continuous supplies": plan.ideal.outputs(trains),
            f"{self.dac_bits}-bit converter": plan.meant.outputs(trains),
        }
        if self.off_nominal:
            ways[self.off_nominal] = chip.left.outputs(trains, chip.drawn)
        if self.calibrate or self.noise_V:
            ways["calibrated" if self.calibrate else "with noise"] = chip.hardware.outputs(
                trains, chip.drawn
            )
        answered = {what: answers(spikes, self.score) for what, spikes in ways.items()}
        own, last = answered["the network itself"], list(answered.values())[-1]
        labels = self._meant(network, trains)
        quantities: dict[str, Quantity] = {"answers_agree": float(np.mean(own == last))}
        if labels is not None:
            right = {what: float(np.mean(found == labels)) for what, found in answered.items()}
            first, mapped = right["the network itself"], list(right.values())[-1]
            quantities |= {
                "accuracy": alone(first), "accuracy_mapped": mapped,
                "accuracy_lost": first - mapped,
            }  # fmt: skip
        return Findings(
            {"accuracy": accuracy_table(answered, own, labels)},
            quantities,
            notes=(
                f"answers by {self.score} spikes, {self.steps} windows"
                if self.score == "most"
                else f"answers: {self.score}, {self.steps} windows",
                f"judged on {len(trains)} "
                + (f"patterns of {self.inputs.name}" if self.inputs else "random patterns"),
            ),
        )

    def _leak(self, bench: Bench, plan: "_Plan", network: TemporalNetwork) -> pd.DataFrame:
        """Return what corners and temperatures do to beta, over the period meant, and which
        period would make it.
        """
        reference_V = float(plan.curve.supply_for(1.0)[0])
        meant, at = plan.meant, plan.neurons.at
        conditions = [replace(at, corner=corner) for corner in _CORNERS]
        conditions += [replace(at, temperature_C=celsius) for celsius in _TEMPERATURES_C]
        rows = []
        for condition, tables in zip(
            conditions, measure_leak(bench, conditions, plan.neurons.tables), strict=True
        ):
            for i, geometry in enumerate(meant.geometries):
                row: dict[str, object] = {
                    "corner": condition.corner, "temperature_C": condition.temperature_C,
                    "layer": i,
                    "beta_made": beta_made(tables, geometry, reference_V, meant.period_s),
                }  # fmt: skip
                try:
                    beta = wanted_betas(network)[i]
                    row["period_needed_s"] = period_for(tables, geometry, reference_V, beta, i)
                except InputError:  # none makes it there
                    row["period_needed_s"] = None
                rows.append(row)
        return pd.DataFrame(rows)

    def _network(self) -> TemporalNetwork:
        path = own_or_shipped(self.network, EXAMPLES)
        if path.suffix.lower() == ".nir":
            return import_nir(path, self.dt_s, self.max_size_B)
        if self.dt_s is not None:
            raise InputError(f"{path} says itself how long a step is; leave out `dt_s`")
        return TemporalNetwork.load(path, self.max_size_B)

    def _trains(self, network: TemporalNetwork) -> Spikes:
        if self.inputs is None:
            rng = np.random.default_rng([0, 31])
            return rng.random((_RANDOM_PATTERNS, self.steps, network.n_inputs)) < _RANDOM_RATE
        path = own_or_shipped(self.inputs, EXAMPLES)
        return read_trains(path, network.n_inputs, self.steps, max_size_B=self.max_size_B)

    def _meant(self, network: TemporalNetwork, trains: Spikes) -> Labels | None:
        """Return which output should answer, (patterns,); None where nobody says."""
        if self.labels is None:
            return None
        if self.inputs is None:
            raise InputError("--labels says what trains are; give the trains by --inputs")
        path = own_or_shipped(self.labels, EXAMPLES)
        table = read_labels(path, len(trains), network.n_outputs, self.max_size_B)
        return np.where(table.any(axis=1), table.argmax(axis=1), -1)


@dataclass(frozen=True)
class _Plan:
    """What is the same for every chip and corner.

    Attributes:
        coded: the layers.
        curve: k(V).
        neurons: what SPICE says of them, at tt.
        ideal, meant: the network on nominal neurons, on continuous supplies and a converter's.
    """

    coded: tuple[CodedLayer, ...]
    curve: SupplyCurve
    neurons: Neurons
    ideal: HardwareInTime
    meant: HardwareInTime


@dataclass(frozen=True)
class _OnChip:
    """A network on a chip: as it runs, with its supplies left as meant, and what deviates."""

    hardware: HardwareInTime
    left: HardwareInTime
    drawn: list[Deviation] | None
