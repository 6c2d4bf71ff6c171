"""`map`: a user's own network on supply voltages, run and proven on its own patterns."""

from functools import partial
from pathlib import Path
from typing import ClassVar

import numpy as np
import pandas as pd

from anaspike.campaign.answer import Findings
from anaspike.campaign.bench import Bench
from anaspike.campaign.specs import Spec
from anaspike.errors import InputError
from anaspike.learning.arrays import read_arrays
from anaspike.learning.network import Network, Spikes
from anaspike.mapping.deploy import deploy
from anaspike.mapping.energy import inference, measure_energies
from anaspike.mapping.hardware import Ran
from anaspike.mapping.quantise import code_arrays, coded_network, quantise
from anaspike.mapping.supplies import assign_supplies
from anaspike.mapping.supply_curve import SupplyCurve
from anaspike.mapping.verify import confusion, proof_quantities
from anaspike.report.train_and_map import energy_figure, supplies_figure
from anaspike.studies.base import Bytes
from anaspike.studies.learning.mapped import (
    MappingStudy,
    energy_table,
    measured_curve,
    supply_notes,
)

_RANDOM_PATTERNS = 200


class Map(MappingStudy):
    """A network of weights, biases and NT values as codes and supplies.

    Attributes:
        network: npz file, as `Network.save` writes it.
        inputs: npz file with patterns of spikes `inputs`, (patterns, n_in); random ones if none.
        curve: CSV table of k(V), as the synapse study writes it; measured if none.
        max_size_B: what a file may unpack to.  [default: as `anaspike.bounds` says]
    """

    name: ClassVar[str] = "map"
    title: ClassVar[str] = "A network as codes and supply voltages"

    network: Path
    inputs: Path | None = None
    curve: Path | None = None
    max_size_B: Bytes | None = None
    samples: int = 12

    def specs(self) -> tuple[Spec, ...]:
        """SPICE decides as the model does; a user's own accuracy is not ours to judge."""
        return (Spec("spice_agreement", 0.9, why="half of the samples near their threshold"),)

    def check(self) -> None:
        """Refuse files and parameters that cannot be, before anything is run."""
        network = Network.load(self.network, self.max_size_B)
        self.check_mapping(sum(len(layer.weights) for layer in network.layers))
        self._patterns(network)
        if self.curve is not None:
            assign_supplies(quantise(network), network, SupplyCurve.read(self.curve))

    def find(self, bench: Bench) -> Findings:
        """Quantise, set supplies, run on the charge model, prove samples in SPICE."""
        self.check()
        network = Network.load(self.network, self.max_size_B)
        inputs = self._patterns(network)
        coded = quantise(network)
        curve = self.shared(bench, "curve", self._curve)
        nominal = self.neurons(bench, "tt", curve, coded)
        ideal = deploy(nominal, coded, network, curve).trimmed(inputs)
        chip = ideal.remapped(self.dac_bits, self.domains, self.headroom)
        on = self.on_chip(bench, chip, coded, inputs)
        proof = self.proof(bench, on, inputs)
        chip, ran = on.hardware, on.hardware.run(inputs, on.drawn)
        energies = self.shared(
            bench,
            "energies",
            lambda root: measure_energies(root, self.at("tt"), float(curve.supply_for(1.0)[0])),
        )
        spent = inference(energies, chip.mapped, inputs, ran)
        supplies, energy = chip.mapped.table(), energy_table(spent)
        layers = _layer_table(network, coded_network(coded, network), ran, inputs)
        return Findings(
            {"layers": layers, "supplies": supplies, "decisions": confusion(proof),
             "proof": proof, "energy": energy},
            {**proof_quantities(proof), "output_agreement": float(layers["mapped"].iloc[-1]),
             "energy_per_inference_J": spent.energy_J},
            {"supplies": partial(supplies_figure, supplies, f"Supplies of {self.network.name}"),
             "energy": partial(
                 energy_figure, energy, "Energy of an inference, beside arithmetic alone")},
            notes=(
                "layers: share of decisions equal to the network's own, over "
                + (f"{len(inputs)} random patterns" if self.inputs is None
                   else f"the {len(inputs)} patterns of {self.inputs.name}"),
                *supply_notes(chip.mapped),
            ),
            also=("supplies", "decisions", "energy"),
            as_json=("supplies",),
            arrays={"codes": code_arrays(coded)},
        )  # fmt: skip

    def _curve(self, bench: Bench) -> SupplyCurve:
        if self.curve is None:
            return measured_curve(bench, self.pdk, self.temperature_C)
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


def _layer_table(network: Network, coded: Network, ran: list[Ran], inputs: Spikes) -> pd.DataFrame:
    """Return for each layer how many decisions are as the network's own: codes, and mapped."""
    signal = inputs.astype(np.float32)
    wanted, by_codes = network.spikes(signal), coded.spikes(signal)
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
