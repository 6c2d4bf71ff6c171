"""`characterise noise`: what noise moves at a decision, and how often a neuron fires for it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from math import erf, sqrt
from typing import Annotated, Any, ClassVar

import numpy as np
import pandas as pd
from pydantic import Field

from anaspike.campaign.answer import Findings
from anaspike.campaign.bench import Bench
from anaspike.campaign.specs import Spec
from anaspike.errors import InputError
from anaspike.experiments.charge import CoreCharge
from anaspike.experiments.measure import Array
from anaspike.experiments.noise import (
    CHARGE_COULOMB,
    COMPARATOR,
    JITTER,
    KTC,
    SHOT,
    SOURCES,
    Channel,
    NoisyDecision,
    NoisyPulse,
    jittered,
    ktc_sigma,
    normals,
)
from anaspike.experiments.testbench import check_conditions
from anaspike.report.noise import noise_figure
from anaspike.studies.base import Celsius, Count, Study

ALL = "all"
_SUPPLY_HALVINGS = 9  # to half a millivolt of 0.3 V
_REACH_V = 6e-3  # a draw's threshold lies this near to the nominal one
_HALVINGS = 6  # to a fifth of a millivolt: a twentieth, rms
_LEVELS = np.linspace(-3, 3, 13)  # of the firing probability, in sigmas


class Noise(Study):
    """One neuron, one spike that takes it from rest to its threshold, many draws of the noise.

    Attributes:
        draws: of each source, numbered from `first_draw`.
        first_draw: number of the first; other numbers are other noise.
        code: weight code of the one synapse; None takes the one whose spike comes nearest.
        corner, temperature_C: conditions.
        seed: of a mismatch sample; None for nominal devices.
    """

    name: ClassVar[str] = "noise"
    title: ClassVar[str] = "Noise at a decision: kT/C, shot, comparator, jitter"

    draws: Annotated[Count, Field(le=10_000)] = 20
    first_draw: int = 0
    code: int | None = None
    corner: str = "tt"
    temperature_C: Celsius = 27.0
    seed: int | None = None

    def specs(self) -> tuple[Spec, ...]:
        """Noise stays small beside what a weight's step moves."""
        why = "a fiftieth of the 100 mV from rest to threshold"
        return (Spec("noise_V", most=2e-3, why=why),)

    def check(self) -> None:
        """Refuse conditions that cannot be simulated."""
        check_conditions(self.process, self.corner, self.temperature_C, self.seed)
        if self.draws < 3 or self.first_draw < 0:
            raise InputError("noise: draws count from 0, and 3 are needed to tell a sigma")
        if self.code is not None and not 1 <= self.code <= _LARGEST_CODE:
            raise InputError(f"noise: code {self.code} does not excite; give 1 to {_LARGEST_CODE}")

    def find(self, bench: Bench) -> Findings:
        """Find the working point, then each source's sigma, then thresholds draw by draw."""
        self.check()
        at = self._at_threshold(bench)
        draws = [self.first_draw + i for i in range(self.draws)]
        pulses = self._pulses(bench, draws)
        jitter = float(np.std(pulses.iloc[1:] / pulses.iloc[0], ddof=1))
        core = CoreCharge(self.process, self.design, self.corner, self.temperature_C)
        stored = bench.run([core], keep={0})
        rest_V = self.design.neuron.v_rest_V
        capacitance_F = (
            float(core.capacitance(stored.waveforms[0], np.array([rest_V]))[0])
            if 0 in stored.waveforms
            else float("nan")
        )
        watched = bench.run([replace(at, watched=True)], keep={0})
        channels = at.channels_of(watched.waveforms[0]) if watched.waveforms else ()
        drawn = _Drawn(at, ktc_sigma(capacitance_F, self.temperature_C), jitter, channels)
        moved = bench.run([drawn.point((s,), d) for s in (KTC, SHOT, JITTER) for d in draws]).table
        membrane_V = _column(moved, "membrane_V").reshape(3, -1)
        rise_V = _column(watched.table, "membrane_V")[0] - rest_V
        searched = self._thresholds(bench, drawn, draws)
        by_hand_V = {
            KTC: drawn.ktc_V,
            SHOT: sqrt(CHARGE_COULOMB * rise_V / capacitance_F),
            JITTER: jitter * rise_V,
        }
        found: dict[str, Array] = {
            **dict(zip((KTC, SHOT, JITTER), membrane_V, strict=True)),
            COMPARATOR: searched.shift_V[COMPARATOR],
            ALL: searched.shift_V[ALL],
        }
        sources = _source_table(found, by_hand_V)
        sigma_V = dict(zip(sources["source"], sources["sigma_V"], strict=True))
        firing = _firing(searched.shift_V[ALL], sigma_V[ALL])
        where = f"{self.pdk}, {self.corner}, {self.temperature_C:g} °C"
        return Findings(
            {"noise": sources, "firing": firing, "draws": searched.table},
            {
                **{f"noise_{source}_V": sigma_V[source] for source in SOURCES},
                "noise_V": sigma_V[ALL],
                "jitter_relative": jitter,
                "membrane_at_rest_F": capacitance_F,
            },
            {
                "noise": partial(
                    noise_figure, sources, firing, f"Noise at a decision, {where}", self.draws
                )
            },
            notes=(
                f"one synapse of code {at.codes[0]:+d} at {at.vdd_syn_V:.4g} V, whose one spike"
                " takes the membrane from rest to the threshold; millivolts are of the membrane at"
                " the end of that spike",
                "synapses and the spike's delay have the shot noise of their current, a bound above"
                " weak inversion; the comparator's channels 4 k T (2/3 gm + gds); the bias"
                " mirror's and the references' own noise is apart",
                f"{self.draws} draws: a sigma is known to"
                f" {100 / sqrt(2 * (self.draws - 1)):.0f} %; the same draw is the same noise in"
                " every run",
                "jitter is of one spike: of n that add up to the threshold a root of n less",
            ),
            also=("firing",),
        )

    def _at_threshold(self, bench: Bench) -> NoisyDecision:
        """Return the noiseless decision whose spike just makes it fire.

        Raises:
            InputError: no supply does.
        """
        supplies = self.design.supplies
        base = NoisyDecision(
            self.process, self.design, (self.code or 1,), (True,), supplies.middle_V,
            corner=self.corner, temperature_C=self.temperature_C, seed=self.seed,
            start_V=self.design.neuron.v_rest_V,
        )  # fmt: skip
        if self.code is None:
            tried = [replace(base, codes=(code,)) for code in range(1, _LARGEST_CODE + 1)]
            reached_V = _column(bench.run(tried).table, "membrane_V")
            nearest = int(np.nanargmin(np.abs(reached_V - self.design.neuron.v_th_V)))
            base = tried[nearest]
        low_V, high_V = supplies.below_V, supplies.above_V
        ends = [replace(base, vdd_syn_V=volt) for volt in (low_V, high_V)]
        below, above = _column(bench.run(ends).table, "fired")
        if below or not above:
            raise InputError(
                f"noise: a spike of code {base.codes[0]:+d} does not take the membrane just to its"
                f" threshold on any supply from {low_V:g} to {high_V:g} V; give another `code`"
            )
        for _ in range(_SUPPLY_HALVINGS):
            middle_V = (low_V + high_V) / 2
            point = replace(base, vdd_syn_V=middle_V)
            fired = _column(bench.run([point], doubted=False).table, "fired")[0]
            low_V, high_V = (low_V, middle_V) if fired else (middle_V, high_V)
        return replace(base, vdd_syn_V=round(high_V, 9))

    def _pulses(self, bench: Bench, draws: Sequence[int]) -> "pd.Series[float]":
        """Return the widths of spikes, the noiseless one first."""
        current_A = self.design.neuron.spike_generator.bias_current_A
        plain = NoisyPulse(
            self.process, self.design, current_A, corner=self.corner,
            temperature_C=self.temperature_C, seed=self.seed,
        )  # fmt: skip
        table = bench.run([plain, *(replace(plain, draw=draw) for draw in draws)]).table
        return pd.Series(_column(table, "spike_width_s"))

    def _thresholds(self, bench: Bench, drawn: "_Drawn", draws: Sequence[int]) -> "_Searched":
        """Return by how much each draw moves the threshold, by bisecting where its window starts.

        The noise of a draw is the same in each of its runs, so that each has one threshold.
        """
        kinds: list[tuple[tuple[str, ...], int]] = [
            ((), 0),
            *(((COMPARATOR,), draw) for draw in draws),
            *((SOURCES, draw) for draw in draws),
        ]
        rest_V = drawn.at.start_V or 0.0

        def fires(shift_V: Array) -> tuple[Array, Array]:
            points = [
                drawn.point(sources, draw, float(shift))
                for (sources, draw), shift in zip(kinds, shift_V, strict=True)
            ]
            table = bench.run(points, doubted=False).table
            return _column(table, "fired"), _column(table, "membrane_V")

        low_V, high_V = np.full(len(kinds), -_REACH_V), np.full(len(kinds), _REACH_V)
        (below, start_V), (above, end_V) = fires(low_V), fires(high_V)
        slope = (end_V[0] - start_V[0]) / (2 * _REACH_V)
        bracketed = (below == 0) & (above == 1)
        for _ in range(_HALVINGS):
            middle_V = (low_V + high_V) / 2
            fired = fires(middle_V)[0] == 1
            low_V, high_V = np.where(fired, low_V, middle_V), np.where(fired, middle_V, high_V)
        at_V = np.where(bracketed, (low_V + high_V) / 2, np.nan)
        moved_V = slope * (at_V[0] - at_V)  # a threshold that lies lower is noise that pushed up
        count = len(draws)
        shift_V = {COMPARATOR: moved_V[1 : 1 + count], ALL: moved_V[1 + count :]}
        table = pd.DataFrame(
            {
                "source": [kind for kind in (COMPARATOR, ALL) for _ in draws],
                "draw": [*draws, *draws],
                "start_at_threshold_V": rest_V + at_V[1:],
                "moved_V": moved_V[1:],
            }
        )
        return _Searched(shift_V, table)


_LARGEST_CODE = 7


@dataclass(frozen=True)
class _Drawn:
    """Points of one working point under noise.

    Attributes:
        at: the noiseless decision at its threshold.
        ktc_V: rms of what the reset leaves on the membrane, in volt.
        jitter: sigma of a spike's width, over the width.
        channels: of its comparator.
    """

    at: NoisyDecision
    ktc_V: float
    jitter: float
    channels: tuple[Channel, ...]

    def point(self, sources: Sequence[str], draw: int, shift_V: float = 0.0) -> NoisyDecision:
        """Return the decision under one draw of these sources, its start moved."""
        left_V = self.ktc_V * float(normals(draw, KTC, 1)[0]) if KTC in sources else 0.0
        design = jittered(self.at.design, self.jitter, draw) if JITTER in sources else None
        return replace(
            self.at,
            design=design or self.at.design,
            start_V=(self.at.start_V or 0.0) + shift_V + left_V,
            shot=SHOT in sources,
            channels=self.channels if COMPARATOR in sources else (),
            draw=draw,
        )


@dataclass(frozen=True)
class _Searched:
    """What a search found.

    Attributes:
        shift_V: source -> by how much each draw moved the decision, up is positive, in volt.
        table: a row for each draw.
    """

    shift_V: Mapping[str, Array]
    table: pd.DataFrame


def _column(table: pd.DataFrame, name: str) -> Array:
    """Return a column as numbers, NaN where a run failed."""
    if name not in table:
        return np.full(len(table), np.nan)
    return np.asarray(table[name].to_numpy(float), float)


def _source_table(found: Mapping[str, Array], by_hand_V: Mapping[str, float]) -> pd.DataFrame:
    """Return a row for each source: sigma, its 95 % ends, what a pencil gives."""
    rows: list[dict[str, Any]] = []
    for source in (*SOURCES, ALL):
        moved_V = found[source]
        known = bool(np.isfinite(moved_V).all())
        sigma_V = float(np.std(moved_V, ddof=1)) if known else None
        spread = 1.96 / sqrt(2 * (len(moved_V) - 1))
        rows.append(
            {
                "source": source,
                "sigma_V": sigma_V,
                "low_V": sigma_V and sigma_V * max(0.0, 1 - spread),
                "high_V": sigma_V and sigma_V * (1 + spread),
                "by_hand_V": by_hand_V.get(source),
                "draws": len(moved_V),
                "status": "ok" if known else "not_measured",
            }
        )
    table = pd.DataFrame(rows)
    quiet = table[table["source"] != ALL]["sigma_V"]
    table.loc[table["source"] == ALL, "by_hand_V"] = float(
        np.sqrt((quiet.astype(float) ** 2).sum())
    )
    return table


def _firing(shift_V: Array, sigma_V: float | None) -> pd.DataFrame:
    """Return how often a neuron fires whose margin is so far from its noiseless threshold."""
    if sigma_V is None or not np.isfinite(shift_V).all():
        return pd.DataFrame({"margin_V": [], "fired_share": [], "normal": []})
    margin_V = _LEVELS * sigma_V
    return pd.DataFrame(
        {
            "margin_V": margin_V,
            "fired_share": [float(np.mean(shift_V + margin > 0)) for margin in margin_V],
            "normal": [(1 + erf(level / sqrt(2))) / 2 for level in _LEVELS],
        }
    )
