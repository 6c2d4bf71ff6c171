"""`characterise neuron`: spikes out for current or spikes in, its leak, its highest rate."""

import math
from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from itertools import pairwise
from typing import Any, ClassVar

import numpy as np
import pandas as pd

from anaspike.campaign.answer import Findings
from anaspike.campaign.bench import Bench
from anaspike.campaign.quantities import Quantity, alone
from anaspike.campaign.specs import Spec
from anaspike.circuits.designs import Design, driven
from anaspike.errors import InputError
from anaspike.experiments.neuron_current import MembraneLeak, NeuronCurrent, current_point
from anaspike.experiments.neuron_transient import NeuronTransient
from anaspike.experiments.pseudo_resistor import PseudoResistorCurve
from anaspike.experiments.testbench import check_conditions
from anaspike.report.neuron import rates_figure
from anaspike.studies.base import Ampere, Celsius, Study, Volt
from anaspike.studies.blocks.max_rate import (
    at_period,
    fastest,
    less_references,
    search_max_rate,
)
from anaspike.studies.said import said_of_mirror

PAPER_WIDTH_S = 133e-9  # the paper's spike
_SLOWEST_S = 500e-9  # period from which the highest rate is searched
_CLOCKS, _SHORTEST_CLOCK_S = 10, 10e-9  # decisions an interval, and their least distance
_USUAL_OHM = 400e6  # where the leak could not be measured
_ROOM_C = 27.0
_INTERVALS = 2.6  # watched, so that at least two spikes come


class Neuron(Study):
    """f-I curve, gain, refractory time, leak and highest rate of the whole neuron.

    Attributes:
        currents_A: direct currents into the membrane, rising.
        period_factors: input periods of the curve over the input rate, as multiples
            of the design's own, rising.
        codes, vdd_syn_V: the drive of the search of the highest rate.
        spikes_in: of its train; four times as many confirm it.
        resolution: its relative precision.
        corner, temperature_C: conditions.
        seed: of a mismatch sample; None for nominal devices.
    """

    name: ClassVar[str] = "neuron"
    title: ClassVar[str] = "Neuron: f-I curve, refractory time, leak, highest rate"
    by_design: ClassVar[Mapping[str, str]] = {"vdd_syn_V": "high_V"}

    currents_A: tuple[Ampere, ...] = (1e-9, 3e-9, 10e-9, 30e-9, 100e-9, 300e-9)
    period_factors: tuple[float, ...] = (0.5, 1.0, 2.0, 4.0, 8.0)
    codes: tuple[int, ...] = (7, 0, 0)
    vdd_syn_V: Volt = 0.75
    spikes_in: int = 10
    resolution: float = 0.05
    corner: str = "tt"
    temperature_C: Celsius = 27.0
    seed: int | None = None

    def specs(self) -> tuple[Spec, ...]:
        """The paper's rate at a tenth of its energy; 8 MHz with the design's own spikes."""
        shift_V = 8e-3 if self.temperature_C <= _ROOM_C else 20e-3
        return (
            Spec("max_rate_133ns_Hz", least=3.3e6, why="the paper's rate with its 133 ns spikes"),
            Spec("max_rate_Hz", least=8e6, why="with the design's own spikes"),
            Spec(
                "energy_less_references_133ns_J",
                most=110e-15,
                why="a tenth of the paper's 1.08 pJ, at about its rate and with its spikes",
            ),
            Spec(
                "resting_shift_V",
                least=-shift_V,
                most=shift_V,
                why="what idle synapses leak is small against the swing; warm, more of it",
            ),
        )

    def check(self) -> None:
        """Refuse conditions that cannot be simulated."""
        check_conditions(self.process, self.corner, self.temperature_C, self.seed)
        if not _rise(0.0, *self.currents_A, 1e-6 * (1 + 1e-9)):
            raise InputError(
                "neuron: currents must rise from one to the next, above 0 A and up to 1 uA;"
                " write for example 1nA, 10nA"
            )
        if not _rise(0.1 * (1 - 1e-9), *self.period_factors, 100 * (1 + 1e-9)):
            raise InputError(
                "neuron: period factors must rise from one to the next, within 0.1 to 100;"
                " write for example 1, 2, 4"
            )
        if not 0.001 <= self.resolution <= 1:
            raise InputError(
                f"neuron: a resolution of {self.resolution:g} is outside 0.001 to 1; use 0.05"
            )
        _ = self._driven(self.design).block  # its codes are checked as it is built

    def find(self, bench: Bench) -> Findings:
        """Watch the membrane leak, drive the neuron by currents and by rates, search its limit."""
        self.check()
        leak = self._leak(bench)
        by_current = self._by_current(bench, leak)
        by_rate = self._by_rate(bench)
        tried = {
            "": search_max_rate(bench, self._driven(self.design), _SLOWEST_S,
                                self.design.drive.width_s, self.resolution),
            "133ns_": search_max_rate(bench, self._driven(_with_width(self.design, PAPER_WIDTH_S)),
                                      _SLOWEST_S, 2 * PAPER_WIDTH_S, self.resolution),
        }  # fmt: skip
        return Findings(
            {
                "current": by_current,
                "rate": by_rate,
                "leak": leak,
                "max_rate": pd.concat(
                    (table.assign(spikes=kind or "own") for kind, table in tried.items()),
                    ignore_index=True,
                ),
            },
            {**_leak_figures(leak), **_current_figures(by_current), **_limits(tried)},
            {
                "rates": partial(
                    rates_figure,
                    by_current,
                    by_rate,
                    f"Neuron, {self.pdk}, {self.corner}, {self.temperature_C:g} °C",
                )
            },
            self._notes(),
            show=("current_A", "clock_period_s", "interval_s", "expected_s", "rate_Hz"),
        )

    @property
    def _conditions(self) -> dict[str, Any]:
        return {
            "corner": self.corner, "temperature_C": self.temperature_C, "seed": self.seed,
        }  # fmt: skip

    def _driven(self, design: Design) -> NeuronTransient:
        changed = driven(design, self.codes, self.spikes_in, None, None)
        return NeuronTransient(self.process, changed, self.vdd_syn_V, **self._conditions)

    def _leak(self, bench: Bench) -> pd.DataFrame:
        """Return one row: the leak's resistance, then capacitance, time constant and rest."""
        process, design = self.process, self.design
        curve = PseudoResistorCurve(process, design, self.corner, self.temperature_C)
        read = bench.run([curve]).table.iloc[0]
        ohm = _known(read.get("resistance_+50mV_ohm"))
        # Eight time constants, as far as they are known yet.
        window_s = 8 * (ohm or _USUAL_OHM) * 1.4 * design.neuron.membrane_F
        table = bench.run([MembraneLeak(process, design, window_s, **self._conditions)]).table
        table.insert(3, "leak_resistance_50mV_ohm", ohm)
        table.insert(4, "leak_resistance_100mV_ohm", read.get("resistance_+100mV_ohm"))
        return table

    def _by_current(self, bench: Bench, leak: pd.DataFrame) -> pd.DataFrame:
        """Return a row for each current: the interval, and what charge and leak let expect."""
        sizes = self.design.neuron
        row = leak.iloc[0]
        farad = _known(row.get("membrane_capacitance_F")) or sizes.membrane_F
        ohm = _known(row["leak_resistance_100mV_ohm"]) or _USUAL_OHM
        swing_V = sizes.v_th_V - sizes.v_rest_V
        charging_s = [
            charging_time(current_A, swing_V, ohm, farad) for current_A in self.currents_A
        ]
        points = [self._clocked(i, s) for i, s in zip(self.currents_A, charging_s, strict=True)]
        table = bench.run(points).table
        table["expected_s"] = np.array(charging_s) + table.get("spike_width_s", math.nan)
        table["rate_Hz"] = 1 / table["interval_s"].astype(float) if "interval_s" in table else None
        return table

    def _clocked(self, current_A: float, charging_s: float) -> NeuronCurrent:
        interval_s = self.design.drive.width_s + charging_s
        clock_s = max(interval_s / _CLOCKS, _SHORTEST_CLOCK_S)
        clocks = math.ceil(_INTERVALS * interval_s / clock_s)
        return current_point(
            self.process, self.design, current_A, clock_s, clocks, **self._conditions
        )

    def _by_rate(self, bench: Bench) -> pd.DataFrame:
        supply_V = self.design.supplies.middle_V
        point = NeuronTransient(self.process, self.design, supply_V, **self._conditions)
        periods_s = [factor * self.design.drive.period_s for factor in self.period_factors]
        table = bench.run([at_period(point, period_s) for period_s in periods_s]).table
        table.insert(0, "rate_in_Hz", [1 / period_s for period_s in periods_s])
        return table

    def _notes(self) -> tuple[str, ...]:
        code = max(self.design.drive.codes)
        return (
            "current: the comparator decides only when it is clocked, here ten times an interval"
            " by spikes of weight 0, so an interval is up to one clock too long",
            "expected: spike width, and the charging of the measured membrane to v_th through the"
            " leak at 100 mV; what is more is clock, and what the threshold lies above v_th",
            "refractory time: the membrane is held at rest for the width of the spike",
            f"rate: code {code:+d} at {self.design.supplies.middle_V:g} V; highest rate: code"
            f" {max(self.codes):+d} at {self.vdd_syn_V:g} V, one spike out for each in, input and"
            " output spikes of the same width, confirmed with a train four times as long; input"
            " spikes are no wider than half their period, so with 133 ns it ends below 3.76 MHz",
            said_of_mirror(self.design),
        )


def charging_time(current_A: float, swing_V: float, ohm: float, farad: float) -> float:
    """Return the time in which a current charges a leaky capacitor, in seconds.

    Where the leak takes all of it (paper section 5.2: no spike at all) the
    time is ten time constants, which is long enough to see that.
    """
    share = swing_V / (current_A * ohm)
    return ohm * farad * (-math.log1p(-share) if share < 1 - math.exp(-10) else 10.0)


def _with_width(design: Design, width_s: float) -> Design:
    """Return the design with input spikes, and a bias for output spikes, of this width."""
    generator = design.neuron.spike_generator
    bias_A = generator.bias_current_A * design.drive.width_s / width_s
    neuron = replace(design.neuron, spike_generator=replace(generator, bias_current_A=bias_A))
    drive = replace(design.drive, width_s=width_s, period_s=max(_SLOWEST_S, 2 * width_s))
    return replace(design, neuron=neuron, drive=drive)


def _rise(*values: float) -> bool:
    return len(values) > 2 and all(low < high for low, high in pairwise(values))


def _known(value: Any) -> float | None:
    return None if value is None or pd.isna(value) else float(value)


def _leak_figures(leak: pd.DataFrame) -> dict[str, float | None]:
    names = ("membrane_capacitance_F", "leak_resistance_50mV_ohm", "leak_time_constant_s",
             "resting_shift_V")  # fmt: skip
    return {name: _known(leak.iloc[0].get(name)) for name in names}


def _current_figures(table: pd.DataFrame) -> dict[str, float | None]:
    """Return the gain where the refractory time hardly counts, and that time itself."""
    known = table.dropna(subset=["rate_Hz"])
    width_s = _known(known["spike_width_s"].iloc[-1]) if len(known) else None
    low = known[known["rate_Hz"] < 0.2 / width_s] if width_s else known.iloc[:0]
    gain = None
    if len(low) > 1:
        slope, _ = np.polyfit(low["current_A"].astype(float), low["rate_Hz"].astype(float), 1)
        gain = float(slope) * 1e-12
    return {"gain_kHz_per_nA": gain, "refractory_time_s": width_s}


def _limits(tried: Mapping[str, pd.DataFrame]) -> dict[str, Quantity]:
    """Return what the neuron does at its highest rate; other rates of the search are no matter."""
    found = {kind: fastest(table) for kind, table in tried.items()}
    return {
        f"{bare}_{kind}{unit}": alone(None if row is None else read(row))
        for kind, row in found.items()
        for bare, unit, read in (
            ("max_rate", "Hz", lambda row: float(row["rate_in_Hz"])),
            ("energy_per_spike", "J", lambda row: float(row["energy_per_spike_J"])),
            ("energy_less_references", "J", less_references),
            ("spike_width", "s", lambda row: float(row["spike_width_s"])),
        )
    }
