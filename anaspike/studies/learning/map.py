"""`map`: a user's own network on supply voltages, run and proven on its own patterns."""

from collections.abc import Sequence
from dataclasses import replace
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
from anaspike.learning.arrays import read_arrays
from anaspike.learning.labels import read_labels
from anaspike.learning.network import Network, Spikes
from anaspike.learning.scores import voted
from anaspike.mapping.agreement import (
    accuracy_table,
    agreement_quantities,
    decisions,
    disturbed_table,
    output_table,
)
from anaspike.mapping.deploy import deploy
from anaspike.mapping.energy import inference, measure_energies
from anaspike.mapping.hardware import Ran
from anaspike.mapping.quantise import code_arrays, coded_network, quantise
from anaspike.mapping.supplies import assign_supplies
from anaspike.mapping.supply_curve import SupplyCurve
from anaspike.mapping.thresholds import Placed, placed
from anaspike.mapping.verify import confusion, proof_quantities
from anaspike.report.train_and_map import energy_figure, supplies_figure
from anaspike.studies.base import Bytes, Count
from anaspike.studies.learning.mapped import (
    MappingStudy,
    OnChip,
    energy_table,
    listed,
    measured_curve,
    supply_notes,
)
from anaspike.studies.said import said_of_mirror

_RANDOM_PATTERNS = 200
# What fires in one decision of a hundred agrees with what never does: hence four ways to judge.
_AGREEMENT = (
    Spec("output_agreement", 0.98, why="decisions of the outputs, as the network's own"),
    Spec("balanced_agreement", 0.95, why="mean of decisions to fire and decisions not to"),
    Spec("deciding_outputs", 0.5, why="of the network itself: that fire now and then, not always"),
    Spec("lost_outputs", most=0.0, why="mostly wrong where they must fire, or must not"),
)
_ACCURACY = Spec("accuracy_lost", most=0.02, why="of the network's own, by the labels")
_SPICE = Spec("spice_agreement", 0.9, why="half of the samples near their threshold")


class Map(MappingStudy):
    """A network of weights, biases and NT values as codes and supplies.

    Attributes:
        network: npz file, as `Network.save` writes it.
        inputs: npz file with patterns of spikes `inputs`, (patterns, n_in); random ones if none.
        labels: file that says which outputs should fire for them, as `read_labels` takes it.
        curve: CSV table of k(V), as the synapse study writes it; measured if none.
        max_size_B: what a file may unpack to.  [default: as `anaspike.bounds` says]
    """

    name: ClassVar[str] = "map"
    title: ClassVar[str] = "A network as codes and supply voltages"

    network: Path
    inputs: Path | None = None
    labels: Path | None = None
    curve: Path | None = None
    max_size_B: Bytes | None = None
    samples: Count = 12

    def specs(self) -> tuple[Spec, ...]:
        """The mapped network decides as the user's own does, and SPICE as the model does."""
        return (*_AGREEMENT, *((_ACCURACY,) if self.labels is not None else ()), _SPICE)

    def check(self) -> None:
        """Refuse files and parameters that cannot be, before anything is run."""
        network = Network.load(self.network, self.max_size_B)
        self.check_mapping(sum(len(layer.weights) for layer in network.layers))
        self._meant(network, self._patterns(network))
        if self.curve is not None:
            assign_supplies(quantise(network), network, SupplyCurve.read(self.curve))

    def find(self, bench: Bench) -> Findings:
        """Quantise, set supplies, run on the charge model, prove samples in SPICE."""
        self.check()
        network = Network.load(self.network, self.max_size_B)
        inputs = self._patterns(network)
        made = self.shared(bench, "placed", lambda _: placed(quantise(network), network, inputs))
        curve = self.shared(bench, "curve", self._curve)
        nominal = self.neurons(bench, "tt", curve, made.layers)
        ideal = deploy(nominal, made.layers, network, curve).trimmed(inputs)
        chip = ideal.remapped(self.dac_bits, self.domains, self.headroom)
        on = self.on_chip(bench, chip, made.layers, inputs)
        proof = self.proof(bench, on, inputs)
        chip, ran = on.hardware, on.hardware.run(inputs, on.drawn)
        energies = self.shared(
            bench,
            "energies",
            lambda root: measure_energies(root, self.at("tt"), float(curve.supply_for(1.0)[0])),
        )
        spent = inference(energies, chip.mapped, inputs, ran)
        judged = self._judged(network, made, ran, inputs)
        supplies, energy = chip.mapped.table(), energy_table(spent)
        disturbed = self._disturbed(network, on, inputs, ran)
        return Findings(
            {**judged.tables, **disturbed.tables, "supplies": supplies,
             "decisions": confusion(proof), "proof": proof, "energy": energy},
            {**judged.quantities, **disturbed.quantities, **proof_quantities(proof),
             "energy_per_inference_J": spent.energy_J},
            {"supplies": partial(supplies_figure, supplies, f"Supplies of {self.network.name}"),
             "energy": partial(
                 energy_figure, energy, "Energy of an inference, beside additions alone")},
            notes=(*judged.notes, *supply_notes(chip.mapped), said_of_mirror(self.design)),
            also=(*list(judged.tables)[1:], *disturbed.tables, "supplies", "decisions", "energy"),
            as_json=("supplies",),
            arrays={"codes": code_arrays(made.layers)},
        )  # fmt: skip

    def _judged(
        self, network: Network, made: Placed, ran: Sequence[Ran], inputs: Spikes
    ) -> Findings:
        """Hold what the mapped network does against the network itself, and against labels."""
        wanted = decisions(network, inputs)
        by_codes = coded_network(made.layers, network).spikes(inputs.astype(np.float32))
        mapped, meant = ran[-1].spikes, self._meant(network, inputs)
        tables = {
            "layers": _layer_table(wanted, by_codes, ran),
            "outputs": output_table(wanted[-1], mapped),
        }
        quantities: dict[str, Quantity] = {**agreement_quantities(wanted[-1], mapped)}
        if meant is not None:
            tables["accuracy"] = accuracy_table(
                meant, *(voted(one, network.votes) for one in (wanted[-1], mapped))
            )
            own, ours = tables["accuracy"]["accuracy"].iloc[-2:]
            quantities |= {
                "accuracy": alone(own), "accuracy_mapped": ours, "accuracy_lost": own - ours,
            }  # fmt: skip
        where = f", {self.off_nominal}" if self.off_nominal else ""
        ties = _changed(wanted, network.spikes(inputs.astype(np.float32)))
        return Findings(
            tables,
            quantities,
            notes=(
                self._judged_on(len(inputs)),
                *_output_notes(tables["outputs"], where),
                *_threshold_notes(made, ties),
            ),
        )

    def _disturbed(
        self, network: Network, on: OnChip, inputs: Spikes, quiet: Sequence[Ran]
    ) -> Findings:
        """Say what noise and source resistance cost, each alone; nothing where none is asked."""
        parts = self.disturbance.parts()
        if not parts:
            return Findings({}, {})
        ran = {
            name: replace(on.hardware, disturbance=part).outputs(inputs, on.drawn)
            for name, part in parts.items()
        }
        table = disturbed_table(
            decisions(network, inputs)[-1],
            self._meant(network, inputs),
            {"neither": quiet[-1].spikes, **{str(parts[name]): ran[name] for name in parts}},
        )
        agreement = table["agreement"]
        lost = {
            f"agreement_lost_by_{name}": float(agreement[0] - agreement[1 + i])
            for i, name in enumerate(parts)
        }
        return Findings({"disturbed": table}, lost)

    def _judged_on(self, patterns: int) -> str:
        if self.inputs is None:
            return (
                f"judged on {patterns} random patterns, each input a spike in half of them: what"
                " the network is for may look otherwise; bring it by --inputs"
            )
        return f"judged on the {patterns} patterns of {self.inputs.name}"

    def _meant(self, network: Network, inputs: Spikes) -> Spikes | None:
        """Return which outputs should fire, (patterns, n_out); None where nobody says."""
        if self.labels is None:
            return None
        if self.inputs is None:
            raise InputError("--labels says what patterns are; give the patterns by --inputs")
        return read_labels(self.labels, len(inputs), network.n_classes, self.max_size_B)

    def _curve(self, bench: Bench) -> SupplyCurve:
        if self.curve is None:
            return measured_curve(bench, self.pdk, self.temperature_C, self.fast)
        return SupplyCurve.read(self.curve)

    def _patterns(self, network: Network) -> Spikes:
        if self.inputs is None:
            rng = np.random.default_rng([0, 17])
            return rng.random((_RANDOM_PATTERNS, network.n_inputs)) < 0.5
        arrays = read_arrays(self.inputs, max_size_B=self.max_size_B)
        if "inputs" not in arrays:
            raise InputError(f"{self.inputs} has no array 'inputs'; it needs (patterns, inputs)")
        values = arrays["inputs"]
        if values.ndim != 2 or values.shape[1] != network.n_inputs or not len(values):
            raise InputError(
                f"{self.inputs}: inputs of shape {values.shape} do not fit a network of"
                f" {network.n_inputs} inputs; it needs (patterns, {network.n_inputs})"
            )
        if values.dtype.kind not in "biuf" or not np.isin(values, (0, 1)).all():
            raise InputError(
                f"{self.inputs}: inputs that are not 0 or 1; hardware takes spikes, encode them"
            )
        spikes: Spikes = values.astype(bool)
        return spikes


def _layer_table(
    wanted: Sequence[Spikes], by_codes: Sequence[Spikes], ran: Sequence[Ran]
) -> pd.DataFrame:
    """Return for each layer how many decisions are as the network's own: codes, and mapped."""
    return pd.DataFrame(
        [
            {
                "layer": i,
                "neurons": layer.shape[1],
                "rate": float(layer.mean()),
                "codes": float(np.mean(by_codes[i] == layer)),
                "mapped": float(np.mean(ran[i].spikes == layer)),
            }
            for i, layer in enumerate(wanted)
        ]
    )


def _changed(one: Sequence[Spikes], other: Sequence[Spikes]) -> int:
    return sum(int(np.sum(a != b)) for a, b in zip(one, other, strict=True))


def _output_notes(outputs: pd.DataFrame, where: str) -> tuple[str, ...]:
    """Name the outputs that (almost) never fire, or always, and those that mapping lost."""
    named: dict[str, list[str]] = {}
    for output, remark in zip(outputs["output"], outputs["remark"], strict=True):
        if remark:
            named.setdefault(remark, []).append(str(output))
    return tuple(
        f"{remark}: {len(names)} of {len(outputs)} outputs{where} ({listed(names, 'outputs')})"
        for remark, names in named.items()
    )


def _threshold_notes(made: Placed, ties: int) -> tuple[str, ...]:
    notes = []
    if ties:
        notes.append(f"{ties} drives are theta but for the rounding of 32-bit numbers: they fire")
    raised = np.concatenate(made.raised)
    if raised.any():
        notes.append(
            f"{np.count_nonzero(raised)} neurons have threshold and bias raised, by up to"
            f" {raised.max()} codes, above what their inhibition does of itself"
        )
    return tuple(notes)
