"""`characterise charge-model`: a fast model of the neuron, against SPICE on random neurons."""

from collections.abc import Mapping
from functools import partial
from typing import Annotated, ClassVar

import numpy as np
import pandas as pd
from pydantic import Field

from anaspike.campaign.answer import Findings
from anaspike.campaign.bench import Bench
from anaspike.campaign.specs import Spec
from anaspike.errors import InputError
from anaspike.experiments.testbench import check_conditions
from anaspike.mapping.characterise import Conditions, check_rising, measure_neuron
from anaspike.mapping.charge_model import ChargeTables
from anaspike.mapping.disturbance import Disturbance
from anaspike.mapping.verify import (
    LINEAR_V,
    NEAR_V,
    confusion,
    proof_quantities,
    prove,
    random_cases,
)
from anaspike.report.charge_model import agreement_figure, constants_figure
from anaspike.studies.base import Celsius, Count, Ohm, Study, Volt


class ChargeModel(Study):
    """Constants measured in SPICE; then random neurons, half of them near their threshold.

    Attributes:
        from_V, to_V: range of the synapse supply.
        synapses: of each random neuron.
        samples: random neurons, each with a pattern.
        seed: of the draw.
        corner, temperature_C: conditions.
        noise_V: rms at each decision; said is how many it changes.
        source_ohm: from a stiff supply to each neuron's own, in the model and in SPICE.
    """

    name: ClassVar[str] = "charge-model"
    title: ClassVar[str] = "Charge-domain model of the neuron, against SPICE"
    by_design: ClassVar[Mapping[str, str]] = {"from_V": "below_V", "to_V": "above_V"}

    from_V: Volt = 0.50
    to_V: Volt = 0.80
    synapses: Annotated[Count, Field(le=1000)] = 16
    samples: Count = 200
    seed: int = 1
    corner: str = "tt"
    temperature_C: Celsius = 27.0
    noise_V: Volt = 0.0
    source_ohm: Ohm = 0.0

    @property
    def disturbance(self) -> Disturbance:
        """Noise and source resistance, where they are asked for."""
        return Disturbance(self.noise_V, self.source_ohm, seed=self.seed)

    def specs(self) -> tuple[Spec, ...]:
        """What a mapped network's proof stands on."""
        return (
            Spec("spice_agreement", 0.98, why="half of the neurons drawn near their threshold"),
            Spec("membrane_error_rms_V", most=5e-3, why="away from clipping"),
        )

    def check(self) -> None:
        """Refuse a range, a number of synapses or of samples that is none."""
        check_conditions(self.process, self.corner, self.temperature_C, self.seed)
        check_rising(self.name, self.from_V, self.to_V, self.process.vdd_V)
        _ = self.disturbance  # says what is wrong with it
        if self.synapses < 1 or self.samples < 1:
            raise InputError("charge-model: give at least 1 synapse and 1 sample")

    def find(self, bench: Bench) -> Findings:
        """Measure the constants, draw neurons, run them both ways."""
        self.check()
        at = Conditions(self.process, self.design, self.corner, self.temperature_C)
        tables, geometry = measure_neuron(bench, at, self.from_V, self.to_V, self.synapses)
        cases = random_cases(
            tables, geometry, self.samples, self.seed, self.from_V + 0.02, self.to_V - 0.02,
            self.disturbance,
        )  # fmt: skip
        proof = prove(bench, at, tables, cases, self.disturbance)
        where = f"{self.pdk}, {self.corner}"
        return Findings(
            {"confusion": confusion(proof), "proof": proof, "constants": constants_table(tables)},
            {
                **proof_quantities(proof),
                **self._cost_of_noise(proof),
                "threshold_V": geometry.threshold_V,
                "decision_delay_s": geometry.delay_s,
            },
            {
                "agreement": partial(
                    agreement_figure, proof, LINEAR_V, f"{self.samples} random neurons, {where}"
                ),
                "constants": partial(
                    constants_figure,
                    tables.membrane_V, tables.supply_V, tables.current_A, tables.capacitance_F,
                    f"A unit of code over the membrane, {where}",
                ),
            },
            notes=(
                f"{self.synapses} synapses, random codes -7..7, patterns and supplies; every other"
                f" neuron within {NEAR_V * 1e3:g} mV of its threshold by the model",
                f"away from clipping: membranes from {LINEAR_V[0]:g} to {LINEAR_V[1]:g} V in SPICE",
            ),
        )  # fmt: skip

    def _cost_of_noise(self, proof: pd.DataFrame) -> dict[str, float | None]:
        """Return the share of the decisions that noise changes; nothing where there is none."""
        if not self.noise_V:
            return {}
        margin_V = proof["margin_V"].to_numpy(float)
        noisy_V = margin_V + self.disturbance.noise(0, margin_V.shape)
        return {"changed_by_noise": float(np.mean((noisy_V > 0) != (margin_V > 0)))}


def constants_table(tables: ChargeTables) -> pd.DataFrame:
    """Return a row for each supply: what a unit of code pushes into a membrane at rest."""
    at_rest = int(np.argmin(np.abs(tables.membrane_V - tables.rest_V)))
    columns = {"vdd_syn_V": tables.supply_V}
    for side, name in enumerate(("excite", "inhibit")):
        columns |= {
            f"{name}_current_A": tables.current_A[side, :, at_rest],
            f"{name}_on_coulomb": tables.on_coulomb[side],
            f"{name}_off_coulomb": tables.off_coulomb[side, :, -1],
        }
    return pd.DataFrame({**columns, "idle_F": tables.idle_F[:, at_rest]})
