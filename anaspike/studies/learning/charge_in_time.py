"""`characterise charge-in-time`: the charge model over many windows, against SPICE."""

from collections.abc import Mapping
from functools import partial
from typing import Annotated, ClassVar

import pandas as pd
from pydantic import Field

from anaspike.campaign.answer import Findings
from anaspike.campaign.bench import Bench
from anaspike.campaign.specs import Spec
from anaspike.errors import InputError
from anaspike.experiments.testbench import check_conditions
from anaspike.mapping.characterise import Conditions, check_rising, measure_neuron
from anaspike.mapping.in_time import beta_made, period_for
from anaspike.mapping.verify import LINEAR_V, NEAR_V, confusion, rms
from anaspike.mapping.verify_windows import (
    alike,
    compared,
    measure_aftermath,
    prove_windows,
    random_windows,
    timed_quantities,
)
from anaspike.mapping.windows import check_period
from anaspike.report.charge_model import agreement_figure
from anaspike.studies.base import Celsius, Count, Second, Study, Volt


class ChargeInTime(Study):
    """Random neurons over many windows, half of them near their threshold, beside the model.

    Attributes:
        from_V, to_V: range of the synapse supply.
        synapses: of each random neuron.
        samples: random neurons, each with a train for every synapse.
        windows: that they run for.
        beta: what their membranes keep from window to window; it makes the period.
        period_s: instead of it.
        seed: of the draw.
        corner, temperature_C: conditions.
    """

    name: ClassVar[str] = "charge-in-time"
    title: ClassVar[str] = "Charge-domain model over many windows, against SPICE"
    by_design: ClassVar[Mapping[str, str]] = {"from_V": "below_V", "to_V": "above_V"}

    from_V: Volt = 0.50
    to_V: Volt = 0.80
    synapses: Annotated[Count, Field(le=1000)] = 16
    samples: Count = 200
    windows: Annotated[Count, Field(le=1000)] = 10
    beta: float = 0.9
    period_s: Second | None = None
    seed: int = 1
    corner: str = "tt"
    temperature_C: Celsius = 27.0

    def specs(self) -> tuple[Spec, ...]:
        """What a mapped network's proof stands on."""
        return (
            Spec("spice_agreement", 0.97, why="of all decisions; half of the neurons near"),
            Spec("membrane_error_rms_V", most=5e-3, why="away from clipping"),
        )

    def check(self) -> None:
        """Refuse a range, a number or a beta that is none."""
        check_conditions(self.process, self.corner, self.temperature_C, self.seed)
        check_rising(self.name, self.from_V, self.to_V, self.process.vdd_V)
        if min(self.synapses, self.samples, self.windows) < 1:
            raise InputError("charge-in-time: give at least 1 synapse, 1 sample and 1 window")
        if not 0 < self.beta < 1:
            raise InputError(f"`beta` {self.beta:g}: a membrane that leaks keeps between 0 and 1")
        if self.period_s is not None:
            check_period(self.period_s, self.design.drive.width_s)

    def find(self, bench: Bench) -> Findings:
        """Measure the constants, draw neurons, run them both ways."""
        self.check()
        at = Conditions(self.process, self.design, self.corner, self.temperature_C)
        tables, geometry = measure_neuron(bench, at, self.from_V, self.to_V, self.synapses)
        middle_V = (self.from_V + self.to_V) / 2
        period_s = self.period_s or period_for(tables, geometry, middle_V, self.beta)
        (after,) = measure_aftermath(bench, at, tables, [geometry], middle_V, period_s)
        cases = random_windows(
            tables, geometry, after, period_s, self.samples, self.windows, self.seed,
            self.from_V + 0.02, self.to_V - 0.02,
        )  # fmt: skip
        proof = prove_windows(bench, at, tables, cases, period_s)
        return Findings(
            {"confusion": confusion(proof), "windows": window_table(proof), "proof": proof},
            {
                **timed_quantities(proof),
                "period_s": period_s,
                "beta_made": beta_made(tables, geometry, middle_V, period_s),
                "reset_V": after.reset_V,
            },
            {
                "agreement": partial(
                    agreement_figure, alike(proof), LINEAR_V,
                    f"{self.samples} random neurons over {self.windows} windows,"
                    f" {self.pdk}, {self.corner}",
                ),
            },
            notes=(
                f"{self.synapses} synapses, random codes -7..7, trains and supplies; every other"
                f" neuron comes within {NEAR_V * 1e3:g} mV of its threshold by the model",
                "a decision after one that was another counts; its membrane does not, and is not in"
                f" the picture; away from clipping: from {LINEAR_V[0]:g} to {LINEAR_V[1]:g} V as a"
                " window begins and ends",
            ),
        )  # fmt: skip


def window_table(proof: pd.DataFrame) -> pd.DataFrame:
    """Return a row for each window: decisions, how many fire, how far model and SPICE agree.

    Columns: window, decisions, rate, agree, compared (membranes, as `timed_quantities` counts
    them), error_rms_V.
    """
    counted, rows = compared(proof), []
    for window, part in proof[proof["asked"] & (proof["status"] == "ok")].groupby("window"):
        error_V = counted.loc[counted["window"] == window, "membrane_error_V"].to_numpy(float)
        rows.append(
            {
                "window": window, "decisions": len(part), "rate": float(part["fired"].mean()),
                "agree": float(part["agrees"].mean()), "compared": len(error_V),
                "error_rms_V": rms(error_V),
            }
        )  # fmt: skip
    return pd.DataFrame(rows)
