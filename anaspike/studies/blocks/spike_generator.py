"""`characterise spike-generator`: how wide a spike is, and what holds it there."""

from dataclasses import replace
from functools import partial
from itertools import pairwise
from typing import Any, ClassVar

import numpy as np
import pandas as pd

from anaspike.campaign.answer import Findings
from anaspike.campaign.bench import Bench
from anaspike.campaign.quantities import over
from anaspike.campaign.specs import Spec
from anaspike.errors import InputError
from anaspike.experiments.spike_generator import FixedBias, SpikeGeneratorPulse
from anaspike.experiments.testbench import check_conditions
from anaspike.report.spike_generator import width_figure
from anaspike.studies.base import Celsius, Count, Study
from anaspike.units import format_quantity


class SpikeGenerator(Study):
    """Width over the bias current, and over corners and temperature with two kinds of bias.

    Attributes:
        bias_factors: bias currents, as multiples of the design's own; 1 among them.
        corners, temperatures_C: every pair is run, with the mirrored bias and with
            the voltages that the mirror gives at the nominal corner and 27 °C.
        samples: mismatch seeds, from 0, at the nominal bias; at least 2. Each is drawn with the
            mirror, as chips differ, and without, as the neurons of one chip do.
        corner, temperature_C: of the curve over the bias and of the samples.
        seed: of one mismatch sample for the curve and the corners; None for nominal devices.
    """

    name: ClassVar[str] = "spike-generator"
    title: ClassVar[str] = "Spike generator: width over bias, corners and temperature"

    bias_factors: tuple[float, ...] = (0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0)
    corners: tuple[str, ...] = ("tt", "ff", "ss", "sf", "fs")
    temperatures_C: tuple[Celsius, ...] = (-40.0, 27.0, 125.0)
    samples: Count = 60
    corner: str = "tt"
    temperature_C: Celsius = 27.0
    seed: int | None = None

    def specs(self) -> tuple[Spec, ...]:
        """The width holds over corners and temperature, and over mismatch."""
        why = "a spike's charge goes with its width"
        shorter = f"{why}; a floor of 1 ns is in its spikes of 8"
        return (
            Spec("width_ratio_mirror", most=1.25, why=why),
            Spec("width_log_sigma", most=0.15, why=why),
            Spec("width_log_sigma_one_chip", most=0.12, why=why),
            Spec("width_ratio_mirror", most=1.75, why=shorter, pdk="sky130"),
            Spec("width_log_sigma", most=0.12, why=f"{why}; its mirror is larger", pdk="sky130"),
        )

    def check(self) -> None:
        """Refuse conditions that cannot be simulated."""
        factors = self.bias_factors
        rising = all(low < high for low, high in pairwise(factors))
        if not (rising and 1 in factors and factors[0] >= 1e-3 and factors[-1] <= 1e3):
            raise InputError(
                "spike-generator: bias factors must rise from one to the next, lie within 0.001"
                " to 1000, and 1 must be among them; write for example 0.5, 1, 2"
            )
        if not self.corners or not self.temperatures_C:
            raise InputError("spike-generator: give at least one corner and one temperature")
        if self.samples < 2:
            raise InputError(
                f"spike-generator: {self.samples} samples have no spread; give 2 or more"
            )
        for corner in (self.corner, *self.corners):
            for temperature_C in (self.temperature_C, *self.temperatures_C):
                check_conditions(self.process, corner, temperature_C, self.seed)

    def find(self, bench: Bench) -> Findings:
        """Read the mirror's voltages at the nominal corner, then run all the rest."""
        self.check()
        process, design = self.process, self.design
        generator = design.neuron.spike_generator
        bias_A = generator.bias_current_A
        nominal = SpikeGeneratorPulse(process, design, bias_A, corner=process.corners[0])
        at = replace(nominal, corner=self.corner, temperature_C=self.temperature_C, seed=self.seed)
        swept = [replace(at, bias_current_A=factor * bias_A) for factor in self.bias_factors]
        mirrored = [
            replace(at, corner=corner, temperature_C=temperature_C)
            for corner in self.corners
            for temperature_C in self.temperatures_C
        ]
        read = bench.run([nominal]).ok
        fixed = [replace(point, fixed=_voltages(read)) for point in mirrored if len(read)]
        runs = bench.run([*swept, *mirrored, *fixed]).table
        samples = self._sample(bench, at)
        over_bias, over_corners = runs.iloc[: len(swept)], runs.iloc[len(swept) :]
        where = f"{self.corner}, {self.temperature_C:g} °C"
        return Findings(
            {
                "corners": _by_condition(over_corners),
                "bias": over_bias[[name for name in _OVER_BIAS if name in over_bias]],
                "runs": runs,
                "samples": samples,
            },
            {
                **_figures(over_bias.iloc[[self.bias_factors.index(1)]], over_corners, samples),
                "width_ratio_mirror": _ratio(over_corners, "mirror"),
                "width_ratio_fixed": _ratio(over_corners, "fixed"),
                **_spread(samples),
            },
            {
                "spike_width": partial(
                    width_figure,
                    over_bias,
                    over_corners,
                    f"Spike width, {self.pdk}: over the bias ({where}), corners and temperature",
                )
            },
            notes=(
                "width is from 70 % up to 30 % down of the supply, delay from half to there; energy"
                " is the flip-flop's and the delay's, what flows at rest not counted; the mirror's"
                f" power is apart: it serves {generator.neurons_per_mirror} neurons",
                "fixed: the voltages that the mirror gives at the nominal corner and 27 °C, from"
                " stiff sources; ratio: widest over narrowest of all corners and temperatures",
                _mismatch_note(samples, where),
                *_failed_resets(runs),
            ),
            also=("bias",),
        )

    def _sample(self, bench: Bench, at: SpikeGeneratorPulse) -> pd.DataFrame:
        """Return the mismatch seeds, first of whole chips, then of the neurons of one chip."""
        seeds = range(self.samples)
        points = [
            replace(at, seed=seed, mirror_drawn=drawn) for drawn in (True, False) for seed in seeds
        ]
        table = bench.run(points).table
        table.insert(0, "seed", [*seeds, *seeds])
        table.insert(1, "drawn", [_CHIPS] * len(seeds) + [_ONE_CHIP] * len(seeds))
        return table


_CHIPS, _ONE_CHIP = "with its mirror", "generator alone"
_OVER_BIAS = ("bias_current_A", "spike_width_s", "delay_s", "energy_per_spike_J", "status")
_FIGURES = ("spike_width_s", "delay_s", "energy_per_spike_J", "static_power_W", "bias_power_W")


def _voltages(read: pd.DataFrame) -> FixedBias:
    return FixedBias(float(read["bias_n_V"].iloc[0]), float(read["bias_p_V"].iloc[0]))


def _by_condition(table: pd.DataFrame) -> pd.DataFrame:
    """Return a row for each corner and temperature: both widths, the mirrored spike's energy."""
    mirror, fixed = (
        table[table["bias"] == bias].reset_index(drop=True) for bias in ("mirror", "fixed")
    )
    return pd.DataFrame(
        {
            "corner": mirror["corner"],
            "temperature_C": mirror["temperature_C"],
            "width_mirror_s": mirror.get("spike_width_s"),
            "width_fixed_s": fixed.get("spike_width_s"),
            "energy_per_spike_J": mirror.get("energy_per_spike_J"),
            "status": mirror["status"],
        }
    )


def _figures(
    nominal: pd.DataFrame, over_corners: pd.DataFrame, samples: pd.DataFrame
) -> "dict[str, pd.Series[float]]":
    """Return what is judged: spikes of the nominal bias, mirrored, wherever they were asked."""
    mirrored = over_corners[over_corners["bias"] == "mirror"]
    by = ["corner", "temperature_C", "seed"]
    chips = samples[samples["drawn"] == _CHIPS]
    rows = pd.concat([nominal, mirrored, chips]).drop_duplicates(by)
    return over(rows, _FIGURES, by)


def _spread(samples: pd.DataFrame) -> dict[str, float | None]:
    """Return how the width varies over mismatch; None where a sample gave no result."""
    widths_s, alone_s = (_widths(samples, drawn) for drawn in (_CHIPS, _ONE_CHIP))
    return {
        "width_log_sigma": _known(np.log(widths_s).std()),
        "width_log_sigma_one_chip": _known(np.log(alone_s).std()),
        "width_mismatch_median_s": _known(widths_s.median()),
        "width_mismatch_sigma_s": _known(widths_s.std()),
        "width_mismatch_least_s": _known(widths_s.min()),
        "width_mismatch_most_s": _known(widths_s.max()),
    }


def _widths(samples: pd.DataFrame, drawn: str) -> "pd.Series[float]":
    """Return the widths of the seeds so drawn; none where a sample gave no result."""
    rows = samples[samples["drawn"] == drawn]
    known = bool(rows["status"].eq("ok").all())
    return rows["spike_width_s"].astype(float) if known else pd.Series(dtype=float)


def _mismatch_note(samples: pd.DataFrame, where: str) -> str:
    spread = _spread(samples)
    median, sigma, least, most = (
        format_quantity(spread[f"width_mismatch_{name}_s"], "s")
        for name in ("median", "sigma", "least", "most")
    )
    return (
        f"mismatch, {len(samples) // 2} seeds at {where}, the mirror's own devices included: median"
        f" {median}, sigma {sigma}, {least} to {most}; one chip: the mirror nominal, so what is"
        " left is how its neurons differ"
    )


def _known(value: Any) -> float | None:
    return None if value is None or pd.isna(value) else float(value)


def _failed_resets(table: pd.DataFrame) -> tuple[str, ...]:
    """Return a note on spikes that a first reset did not end, if there are any."""
    if "resets_tried" not in table:
        return ()
    again = table[table["resets_tried"] > 1]
    where = ", ".join(
        f"{row['bias']} {row['corner']} {row['temperature_C']:g} °C" for _, row in again.iterrows()
    )
    return (f"a first reset failed and a second ended the spike: {where}",) if where else ()


def _ratio(table: pd.DataFrame, bias: str) -> float | None:
    """Return the widest over the narrowest spike; None where one of them is not known."""
    rows = table[table["bias"] == bias]
    if rows.empty or not rows["status"].eq("ok").all():
        return None
    return float(rows["spike_width_s"].max() / rows["spike_width_s"].min())
