"""Measure in SPICE what the charge model and the mapping stand on."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Protocol

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from anaspike.campaign.outcome import CANCELLED
from anaspike.circuits.designs import Design
from anaspike.errors import InputError
from anaspike.experiments.charge import OFF_NS, CoreCharge, SynapseCharge
from anaspike.experiments.comparator import ComparatorThreshold
from anaspike.experiments.decision import Decision
from anaspike.experiments.protocol import Experiment
from anaspike.experiments.pseudo_resistor import PseudoResistorCurve
from anaspike.experiments.spike_generator import SpikeGeneratorPulse
from anaspike.experiments.synapse import SynapsePulse
from anaspike.mapping.charge_model import ChargeTables, Geometry, Limits
from anaspike.mapping.mismatch import Scatter
from anaspike.pdk.roles import Pdk
from anaspike.spice.failures import SimulationFailure
from anaspike.spice.waveforms import Waveforms

Floats = NDArray[np.float64]

SUPPLY_STEP_V = 0.025
_CELL_V = 0.005
_SIGNS = ("excite", "inhibit")
_SWING_V = 0.12  # from rest to threshold, about
_UNITS = (8, 12, 24, 128)  # of code that reach the threshold on the capacitances measured
_LEAST_F = 1e-15
_FAN_INS = (1, 3, 4, 12, 13, 48, 49, 144)  # each pair as many gates deep
_SILENT_V = 0.4  # above rest: any supply does where no code is set
_SEARCH_V = 0.06  # a threshold lies this near the comparator's reference
_HALVINGS = 10  # to a tenth of a millivolt
_BITS = (1, 2, 4, -1, -2, -4)
_SCATTER_SUPPLIES = 4
_SAMPLES = 24  # a sigma of 24 is known to 15 %, a synapse's, of three bits, to 8 %


class Ran(Protocol):
    """Points that have run."""

    @property
    def table(self) -> pd.DataFrame:
        """A row for each."""

    @property
    def waveforms(self) -> Mapping[int, Waveforms]:
        """Traces of those kept."""


class Runs(Protocol):
    """Where points run: a study's bench."""

    def run(self, points: Sequence[Experiment], keep: Collection[int] = ()) -> Ran:
        """Run points and return what came of them."""


class NotMeasured(SimulationFailure):
    """A constant of the charge model could not be measured."""

    kind = "not_measured"


@dataclass(frozen=True)
class Conditions:
    """Under which a network is run.

    Attributes:
        pdk, design: the process and the neuron.
        corner: global corner.
        temperature_C: in degrees Celsius.
    """

    pdk: Pdk
    design: Design
    corner: str = "tt"
    temperature_C: float = 27.0


def measure_tables(bench: Runs, at: Conditions, low_V: float, high_V: float) -> ChargeTables:
    """Measure the charge model's constants over a range of supplies.

    Args:
        bench: where decks run.
        at: the conditions.
        low_V, high_V: the range, in volt.

    Raises:
        NotMeasured: a run failed.
    """
    steps = max(2, round((high_V - low_V) / SUPPLY_STEP_V) + 1)
    supply_V = np.round(np.linspace(low_V, high_V, steps), 9)
    common = {"corner": at.corner, "temperature_C": at.temperature_C}
    synapses = [SynapseCharge(at.pdk, at.design, float(v), **common) for v in supply_V]  # type: ignore[arg-type]
    cores = [CoreCharge(at.pdk, at.design, slow=slow, **common) for slow in (False, True)]  # type: ignore[arg-type]
    ran = bench.run([*cores, *synapses], keep=range(len(cores) + steps))
    check_ran(ran.table, "the charge model's constants")
    cells = round(at.pdk.vdd_V / _CELL_V)
    membrane_V = np.linspace(0.0, at.pdk.vdd_V, cells + 1)
    fast, slow = (ran.waveforms[i] for i in range(2))
    swept = [s.swept(ran.waveforms[i + 2], membrane_V) for i, s in enumerate(synapses)]
    rows = ran.table.iloc[2:]
    sizes, width_s = at.design.neuron, at.design.drive.width_s
    current_A = np.array([[s[sign][0] for s in swept] for sign in _SIGNS])
    at_rest = int(np.argmin(np.abs(membrane_V - sizes.v_rest_V)))
    charge = np.array([rows[f"charge_{sign}_coulomb"].to_numpy(float) for sign in _SIGNS])
    off = [
        [np.zeros(steps), *(rows[f"off_{sign}_{ns:g}ns_coulomb"].to_numpy(float) for ns in OFF_NS)]
        for sign in _SIGNS
    ]
    return ChargeTables(
        supply_V=supply_V,
        membrane_V=membrane_V,
        current_A=current_A,
        capacitance_F=np.array([[s[sign][1] for s in swept] for sign in _SIGNS]),
        idle_F=np.array([s["none"][1] for s in swept]),
        on_coulomb=charge - current_A[:, :, at_rest] * width_s,
        off_coulomb=np.moveaxis(np.array(off), 1, 2),
        off_s=np.array((0.0, *OFF_NS)) * 1e-9,
        core_F=cores[0].capacitance(fast, membrane_V) - sizes.membrane_F,
        leak_A=cores[1].leakage(slow, membrane_V),
        clock_push_coulomb=float(ran.table["clock_push_coulomb"].iloc[0]),
        rest_V=sizes.v_rest_V,
        width_s=width_s,
    )


def measure_limits(bench: Runs, at: Conditions, tables: ChargeTables, synapses: int) -> Limits:
    """Measure the neuron's threshold over its capacitance, and the delay of its clock tree.

    Args:
        bench, at: where and under which conditions.
        tables: of the same conditions.
        synapses: the most that a neuron has.

    Raises:
        NotMeasured: a run failed, or no threshold near the comparator's reference.
    """
    unit_F = tables.unit_charge(float(np.median(tables.supply_V))) / _SWING_V
    core_F = tables.core_at(at.design.neuron.v_th_V)
    total_F = np.maximum(unit_F * np.array(_UNITS), core_F + _LEAST_F)
    trees = [count for i, count in enumerate(_FAN_INS) if i == 0 or _FAN_INS[i - 1] < synapses]
    table = bench.run([_silent(at, at.design, count, None) for count in trees]).table
    check_ran(table, "the delay of the clock tree")
    return Limits(
        total_F,
        _thresholds(bench, at, total_F - core_F),
        np.array(trees, float),
        table["decision_delay_s"].to_numpy(float),
    )


def measure_neuron(
    bench: Runs, at: Conditions, from_V: float, to_V: float, synapses: int
) -> tuple[ChargeTables, Geometry]:
    """Measure the design's own neuron whole: its constants over supplies, its threshold and delay.

    Raises:
        NotMeasured: a run failed, or no threshold near the comparator's reference.
    """
    tables = measure_tables(bench, at, from_V, to_V)
    limits = measure_limits(bench, at, tables, synapses)
    return tables, limits.geometry(tables, synapses, at.design.neuron.membrane_F)


def check_rising(name: str, from_V: float, to_V: float, core_V: float) -> None:
    """Refuse a range of supplies that is none, or that a core cannot switch.

    Raises:
        InputError: likewise.
    """
    if not 0 < from_V < to_V < core_V:
        raise InputError(
            f"{name}: from {from_V:g} V and to {to_V:g} V must rise in that"
            " order, below the core supply"
        )


def measure_leak(
    bench: Runs, conditions: Sequence[Conditions], tables: ChargeTables
) -> list[ChargeTables]:
    """Measure core and leak alone under other conditions; all else of the tables stays as it is.

    Raises:
        NotMeasured: a run failed.
    """
    cores = [
        CoreCharge(at.pdk, at.design, at.corner, at.temperature_C, slow=slow)
        for at in conditions
        for slow in (False, True)
    ]
    ran = bench.run(cores, keep=range(len(cores)))
    check_ran(ran.table, "the leak")
    return [
        replace(
            tables,
            core_F=cores[2 * i].capacitance(ran.waveforms[2 * i], tables.membrane_V)
            - at.design.neuron.membrane_F,
            leak_A=cores[2 * i + 1].leakage(ran.waveforms[2 * i + 1], tables.membrane_V),
        )
        for i, at in enumerate(conditions)
    ]


def measure_leak_sigma(bench: Runs, at: Conditions) -> float:
    """Measure how far leaks scatter: sigma of the logarithm of a pseudo-resistor at 50 mV.

    Raises:
        NotMeasured: a run failed.
    """
    samples = [
        PseudoResistorCurve(at.pdk, at.design, at.corner, at.temperature_C, seed=seed)
        for seed in range(_SAMPLES)
    ]
    table = bench.run(samples).table
    check_ran(table, "the mismatch of leaks")
    return float(np.log(table["resistance_+50mV_ohm"].astype(float)).std())


def measure_scatter(bench: Runs, at: Conditions, low_V: float, high_V: float) -> Scatter:
    """Measure how far a synapse's charge, a comparator's threshold and a spike's width scatter.

    Each device is drawn by Pelgrom's law, the samples of a synapse the same at every supply. The
    charge is of one spike, so that gates which come late are in it. The bias mirror, one for
    all neurons, is nominal.

    Args:
        bench: where decks run.
        at: the conditions.
        low_V, high_V: range of the synapse supply, in volt.

    Raises:
        NotMeasured: a run failed.
    """
    common = {"corner": at.corner, "temperature_C": at.temperature_C}
    supply_V = np.round(np.linspace(low_V, high_V, _SCATTER_SUPPLIES), 9)
    nominal = [
        SynapsePulse(at.pdk, at.design, float(v), codes=_BITS, **common)  # type: ignore[arg-type]
        for v in supply_V
    ]
    samples = [replace(point, seed=seed) for point in nominal for seed in range(_SAMPLES)]
    offsets = [
        ComparatorThreshold(at.pdk, at.design, seed=seed, **common)  # type: ignore[arg-type]
        for seed in range(_SAMPLES)
    ]
    current_A = at.design.neuron.spike_generator.bias_current_A
    widths = [
        SpikeGeneratorPulse(
            at.pdk, at.design, current_A, seed=seed, mirror_drawn=False, **common  # type: ignore[arg-type]
        )
        for seed in range(_SAMPLES)
    ]  # fmt: skip
    table = bench.run([*nominal, *samples, *offsets, *widths]).table
    check_ran(table, "the mismatch of synapses, comparators and spike generators")
    columns = [f"charge_of_{code:+d}_coulomb" for code in _BITS]
    charge = table[columns].to_numpy(float)[: len(nominal) + len(samples)]
    meant, drawn = np.split(charge, [len(nominal)])
    # A bit of m equal devices scatters by a root of m less; so all bits tell of the unit's sigma.
    unit = np.log(drawn.reshape(len(supply_V), _SAMPLES, -1) / meant[:, None])
    unit *= np.sqrt(np.abs(_BITS))
    sides = np.split(np.sqrt(np.mean(unit**2, axis=1)), len(_SIGNS), axis=1)
    return Scatter(
        supply_V,
        np.array([np.sqrt(np.mean(side**2, axis=1)) for side in sides]),
        float(table["offset_V"].std()),  # of those that have one
        float(np.log(table["spike_width_s"]).std()),
    )


def _thresholds(bench: Runs, at: Conditions, membranes_F: Floats) -> Floats:
    """Return the membrane at the end of a spike from which on a neuron fires, for each capacitor.

    Membranes are started at different voltages under a spike that does nothing (code 0), and
    the voltage halved in on, all capacitors at once.
    """
    sizes = at.design.neuron
    designs = [
        replace(at.design, neuron=replace(sizes, membrane_F=float(membrane_F)))
        for membrane_F in membranes_F
    ]

    def fires(starts_V: Floats) -> tuple[NDArray[np.bool_], Floats]:
        points = [
            _silent(at, design, 1, float(v)) for design, v in zip(designs, starts_V, strict=True)
        ]
        table = bench.run(points).table
        check_ran(table, "the threshold")
        return table["fired"].to_numpy(bool), table["membrane_V"].to_numpy(float)

    low_V = np.full(len(designs), sizes.v_th_V - _SEARCH_V)
    high_V = low_V + 2 * _SEARCH_V
    (below, silent_V), (above, fired_V) = fires(low_V), fires(high_V)
    if below.any() or not above.all():
        raise NotMeasured(
            f"no threshold within {_SEARCH_V * 1e3:g} mV of the comparator's reference"
        )
    for _ in range(_HALVINGS):
        middle_V = (low_V + high_V) / 2
        fired, membrane_V = fires(middle_V)
        low_V, high_V = np.where(fired, low_V, middle_V), np.where(fired, middle_V, high_V)
        silent_V = np.where(fired, silent_V, membrane_V)
        fired_V = np.where(fired, membrane_V, fired_V)
    return np.asarray((silent_V + fired_V) / 2, float)


def _silent(at: Conditions, design: Design, synapses: int, start_V: float | None) -> Decision:
    """Return a window in which all inputs spike and none has a weight."""
    return Decision(
        at.pdk,
        design,
        (0,) * synapses,
        (True,) * synapses,
        design.neuron.v_rest_V + _SILENT_V,
        start_V,
        corner=at.corner,
        temperature_C=at.temperature_C,
    )


def check_ran(table: pd.DataFrame, what: str) -> None:
    """Raise NotMeasured where a run failed, KeyboardInterrupt where it was cancelled."""
    failed = table[table["status"] != "ok"]
    if (failed["status"] == CANCELLED).any():
        raise KeyboardInterrupt  # what is finished lies in the cache
    if len(failed):
        raise NotMeasured(f"{what}: {failed['status'].iloc[0]}: {failed['message'].iloc[0]}")
