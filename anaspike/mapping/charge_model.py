"""The neuron as charge on its membrane: every constant measured in SPICE, no transistor left.

One window: all active inputs spike together, from rest. P units of code excite, N inhibit:

    C(V) dV/dt = P I+(V) - N I-(V) + I_leak(V)

from the start of the spike to its end. I+ falls as the membrane rises, I- dies as it nears
ground; both, and C (membrane capacitor, core, junctions, and what the channels of active synapses
store) are tables over V measured at the neuron's supply. Before it, switching on takes a charge;
after it, switching off adds one until the neuron decides: synapses switch off a gate delay or two
later than the clock tree, inhibition last. It fires if what it then has exceeds the threshold.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray
from scipy.interpolate import PchipInterpolator

from anaspike.errors import InputError

Floats = NDArray[np.float64]
Short = NDArray[np.float32]
Places = NDArray[np.intp]

STEPS = 32  # of a window: three times as many move a membrane by less than 0.2 mV
_LEAP_V = 0.04  # 32 of them are more than all there is
ON_STEPS = 16
BELOW_V = 0.3  # ground: what synapses take and give as they switch moves a membrane so far
_AT_ONCE = 8192  # neurons x patterns in hand: what a core's own cache holds
_WIDE = 4  # numbers of a cell that are fetched at once


@dataclass(frozen=True)
class ChargeTables:
    """The constants, all measured.

    Axis 0 of those of synapses is excitation, inhibition; they are for a unit of code, and
    what they push flows into the membrane.

    Attributes:
        supply_V: synapse supplies, rising, (s,), in volt.
        membrane_V: evenly spaced from 0 V, (g,), in volt.
        current_A: (2, s, g), in ampere.
        capacitance_F: what an active code adds, (2, s, g), in farad.
        idle_F: of a synapse whatever it does, (s, g), in farad.
        on_coulomb: of switching on, beside current times width, (2, s).
        off_coulomb: of switching off, up to `off_s` after the spike, (2, s, d).
        off_s: (d,), in seconds, from 0.
        core_F: without the membrane capacitor, (g,), in farad.
        leak_A: (g,), in ampere.
        clock_push_coulomb: of the clock as it rises.
        rest_V: where a window starts, in volt.
        width_s: of a spike, in seconds.
    """

    supply_V: Floats
    membrane_V: Floats
    current_A: Floats
    capacitance_F: Floats
    idle_F: Floats
    on_coulomb: Floats
    off_coulomb: Floats
    off_s: Floats
    core_F: Floats
    leak_A: Floats
    clock_push_coulomb: float
    rest_V: float
    width_s: float

    def at(self, supply_V: Floats) -> "ChargeTables":
        """Return the same at other supplies of the range, (n,); currents by their logarithm."""
        tables, curves = self._over_supply
        ends = np.cumsum([table[0].size for table in tables])[:-1]
        *by_sign, idle_F = (
            part.reshape(len(supply_V), *table.shape[1:])
            for part, table in zip(np.split(_on(curves, supply_V), ends, 1), tables, strict=True)
        )
        size, shape, capacitance_F, on, off = (np.swapaxes(table, 0, 1) for table in by_sign)
        return replace(
            self,
            supply_V=supply_V,
            current_A=shape * np.exp(size)[:, :, None],
            capacitance_F=capacitance_F,
            idle_F=idle_F,
            on_coulomb=on,
            off_coulomb=off,
        )

    @cached_property
    def _over_supply(self) -> tuple[list[Floats], PchipInterpolator]:
        """Return what changes with the supply, supplies first, and a curve through all of it."""
        size = np.abs(self.current_A[:, :, self._at_rest])
        by_sign = (
            np.log(size), self.current_A / size[:, :, None], self.capacitance_F,
            self.on_coulomb, self.off_coulomb,
        )  # fmt: skip
        tables = [*(np.swapaxes(table, 0, 1) for table in by_sign), self.idle_F]
        columns = [table.reshape(len(table), -1) for table in tables]
        return tables, PchipInterpolator(self.supply_V, np.concatenate(columns, axis=1))

    @property
    def _at_rest(self) -> int:
        return int(np.argmin(np.abs(self.membrane_V - self.rest_V)))

    def off_by(self, delay_s: float) -> Floats:
        """Return the charge of switching off that has come by then, (2, s), in coulomb."""
        late = float(np.clip(delay_s, 0, self.off_s[-1]))
        right = max(1, int(np.searchsorted(self.off_s, late)))
        left_s, right_s = self.off_s[right - 1], self.off_s[right]
        before, after = self.off_coulomb[:, :, right - 1], self.off_coulomb[:, :, right]
        return np.asarray(before + (late - left_s) / (right_s - left_s) * (after - before))

    def unit_charge(self, supply_V: float) -> float:
        """Return the charge of a unit of code in one spike, mean of both signs, in coulomb."""
        flown = self.current_A[:, :, self._at_rest] * self.width_s
        charge = np.abs(flown + self.on_coulomb + self.off_coulomb[:, :, -1])
        logs = PchipInterpolator(self.supply_V, np.log(charge), axis=1, extrapolate=False)
        return float(np.exp(np.mean(logs(supply_V))))

    def core_at(self, membrane_V: float) -> float:
        """Return the core's capacitance at a membrane voltage, in farad."""
        return float(np.interp(membrane_V, self.membrane_V, self.core_F))

    def parasitic(self, synapses: int) -> float:
        """Return what is stored beside the membrane capacitor from rest to threshold, in farad."""
        near = np.abs(self.membrane_V - self.rest_V - 0.05) <= 0.051
        return float(np.mean(self.core_F[near]) + synapses * np.mean(self.idle_F[:, near]))


@dataclass(frozen=True)
class Geometry:
    """What all neurons of a layer share.

    Attributes:
        synapses: connected to one membrane, idle ones included.
        membrane_F: the membrane capacitor, in farad.
        threshold_V: membrane at the end of a spike from which on a neuron fires, in volt.
        delay_s: from the end of the spike to the decision, in seconds.
    """

    synapses: int
    membrane_F: float
    threshold_V: float
    delay_s: float


@dataclass(frozen=True)
class Limits:
    """Threshold and delay of any layer's neurons, measured.

    Attributes:
        capacitance_F: all that a membrane hangs on, rising, (c,), in farad.
        threshold_V: (c,), in volt; a small membrane is kicked further by the comparator.
        fan_in: inputs of a clock tree, rising, (f,).
        delay_s: (f,), in seconds.
    """

    capacitance_F: Floats
    threshold_V: Floats
    fan_in: Floats
    delay_s: Floats

    def geometry(self, tables: ChargeTables, synapses: int, membrane_F: float) -> Geometry:
        """Return threshold and delay of a layer with so many synapses on such a membrane."""
        total_F = membrane_F + tables.parasitic(synapses)
        # The kick is a charge: over the inverse of the capacitance it is nearly a line.
        inverse = 1 / self.capacitance_F
        threshold_V = np.interp(1 / total_F, inverse[::-1], self.threshold_V[::-1])
        delay_s = np.interp(np.log(synapses), np.log(self.fan_in), self.delay_s)
        return Geometry(synapses, membrane_F, float(threshold_V), float(delay_s))


class ChargeLayer:
    """Neurons with their supplies, ready to run.

    Args:
        tables: the constants.
        geometry: of the layer.
        supply_V: of each neuron's synapses, (n,), in volt.
        gain: factor on all that a neuron's synapses push, (n,); 1 for nominal devices.
        offset_V: of each comparator, (n,), in volt.

    Raises:
        InputError: a supply outside the tables.
    """

    def __init__(
        self,
        tables: ChargeTables,
        geometry: Geometry,
        supply_V: Floats,
        gain: Floats | None = None,
        offset_V: Floats | None = None,
    ) -> None:
        ends_V = tables.supply_V[[0, -1]]
        if (supply_V < ends_V[0] - 1e-9).any() or (supply_V > ends_V[1] + 1e-9).any():
            raise InputError(
                f"a supply of {supply_V.min():.4g} to {supply_V.max():.4g} V lies outside what"
                f" was measured ({ends_V[0]:g} to {ends_V[1]:g} V)"
            )
        self._tables, self.geometry = tables, geometry
        # Neurons of the same supply, of which a converter makes many, need its tables once.
        levels_V, self._level = np.unique(np.clip(supply_V, *ends_V), return_inverse=True)
        at_levels = tables.at(levels_V)
        self._cells = _Cells.at(at_levels, geometry)
        self._gain = gain
        self._on = at_levels.on_coulomb[:, self._level]
        self._off = at_levels.off_by(geometry.delay_s)[:, self._level]
        shift_V = np.zeros(len(supply_V)) if offset_V is None else offset_V
        self._threshold_V = geometry.threshold_V + shift_V

    def run(
        self, excite: Floats, inhibit: Floats, start_V: Floats | None = None
    ) -> tuple[Floats, Floats]:
        """Return by how much neurons fire, and their membranes at the end of the window.

        Args:
            excite, inhibit: units of code that are active and pull up or down, both positive,
                (patterns, neurons).
            start_V: membranes as the window begins, (patterns, neurons); at rest where not given.

        Returns:
            The margin to the threshold at the decision, positive where a neuron fires, and the
            membrane; both (patterns, neurons), in volt.
        """
        margin_V, membrane_V = np.empty(excite.shape), np.empty(excite.shape)
        rows = max(1, _AT_ONCE // max(1, excite.shape[1]))
        for start in range(0, len(excite), rows):
            part = slice(start, start + rows)
            started = None if start_V is None else start_V[part]
            margin_V[part], membrane_V[part] = self._run(excite[part], inhibit[part], started)
        return margin_V, membrane_V

    def _run(
        self, excite: Floats, inhibit: Floats, start_V: Floats | None
    ) -> tuple[Floats, Floats]:
        tables, cells = self._tables, self._cells
        if self._gain is not None:
            excite, inhibit = excite * self._gain, inhibit * self._gain
        first = self._level * len(tables.membrane_V)

        def place(volt: Floats) -> Places:
            at = (volt / tables.membrane_V[1]).astype(np.intp)
            if start_V is not None:
                np.maximum(at, 0, out=at)
            at += first
            return np.asarray(at)

        # Within the last cell, not beyond it. One that starts near ground may be taken below.
        ends_V = 0 if start_V is None else -BELOW_V, tables.membrane_V[-1] * (1 - 1e-12)
        volt = np.full(excite.shape, tables.rest_V) if start_V is None else np.array(start_V)
        pushed = excite * self._on[0] + inhibit * self._on[1] + tables.clock_push_coulomb
        step_coulomb, up, down = (_short(one) for one in (pushed / ON_STEPS, excite, inhibit))
        for _ in range(ON_STEPS):
            volt += step_coulomb / cells.stored(place(volt), up, down)
            volt.clip(*ends_V, out=volt)
        up, down = (np.repeat(one[..., None], _WIDE, axis=-1) for one in (up, down))
        for _ in range(STEPS):
            store_F, rate, flown = cells.flown(place(volt), up, down, _short(volt))
            # Exponential Euler: exact where the current is linear in V, stable where it is steep.
            flown /= store_F
            flown *= _growth(rate / store_F)
            # Who would leap over a bend of its current gets there in more steps than one.
            volt += flown.clip(-_LEAP_V, _LEAP_V, out=flown)
            volt.clip(*ends_V, out=volt)
        # What switching off adds is stored in channels that are open no more.
        pushed = excite * self._off[0] + inhibit * self._off[1]
        return volt + pushed / cells.rest_F.take(place(volt)) - self._threshold_V, volt


@dataclass(frozen=True)
class _Cells:
    """The tables at some supplies: the cells between two membrane voltages, supply after supply.

    In single precision, in half of the time: steps are summed in double, and what they sum to is
    right to a tenth of a microvolt. What is asked of a cell at once is a row of four numbers, which
    are fetched in the time of one; the fourth is nothing.

    Within a cell a current is a line over the membrane.

    Attributes:
        in_step: of a unit of excitation, of inhibition, and of all else: what is stored, in farad;
            of what flows in a step of the window the slope, in coulomb a volt, and the line's
            value at 0 V, in coulomb; (3, cells, 4).
        store_F: what is stored by a unit of excitation, of inhibition, and by all else, (cells, 4).
        rest_F: by all else, (cells,).
    """

    in_step: Short
    store_F: Short
    rest_F: Short

    @classmethod
    def at(cls, tables: ChargeTables, geometry: Geometry) -> "_Cells":
        """Return the tables at all of their supplies, one supply after the other."""
        leak_A = np.broadcast_to(tables.leak_A, tables.idle_F.shape)
        step_coulomb = np.concatenate([tables.current_A, leak_A[None]]) * (tables.width_s / STEPS)
        slope = np.diff(step_coulomb, append=step_coulomb[..., -1:]) / tables.membrane_V[1]
        at_zero = step_coulomb - slope * tables.membrane_V
        rest_F = geometry.membrane_F + tables.core_F + geometry.synapses * tables.idle_F
        store_F = np.concatenate([tables.capacitance_F, rest_F[None]])
        in_step = _rows((store_F, slope, at_zero))
        return cls(in_step, _rows(store_F), _short(rest_F).reshape(-1))

    def stored(self, at: Places, excite: Short, inhibit: Short) -> Short:
        """Return all that a membrane in cell `at` hangs on, in farad, shaped as `at` is."""
        row = self.store_F.take(at, axis=0)
        total = row[..., 0] * excite
        total += row[..., 1] * inhibit
        total += row[..., 2]
        return np.asarray(total)

    def flown(
        self, at: Places, excite: Short, inhibit: Short, volt: Short
    ) -> tuple[Short, Short, Short]:
        """Return what a membrane hangs on, by how much more flows a volt higher, and what flows.

        Args:
            at: the cells.
            excite, inhibit: units, each four times over, (..., 4).
            volt: the membranes, in volt.

        Returns:
            In farad; of a step, in coulomb a volt and in coulomb; each shaped as `at` is.
        """
        total, other = (side.take(at, axis=0) for side in self.in_step[:2])
        total *= excite
        other *= inhibit
        total += other
        total += self.in_step[2].take(at, axis=0)
        store_F, slope, at_zero = (np.ascontiguousarray(total[..., i]) for i in range(3))
        flown = slope * volt
        flown += at_zero
        return store_F, slope, flown


def _rows(parts: Sequence[Floats] | Floats) -> Short:
    """Return tables (..., supplies, g), three of them, as rows of four, (..., cells, 4)."""
    rows = np.zeros((*parts[0].shape, _WIDE), np.float32)
    for i, part in enumerate(parts):
        rows[..., i] = part
    return rows.reshape(*rows.shape[:-3], -1, _WIDE)


def _on(curves: PchipInterpolator, x: Floats) -> Floats:
    """Return thousands of curves at a few places, (places, curves): faster than they do it."""
    left = np.clip(np.searchsorted(curves.x, x, "right") - 1, 0, len(curves.x) - 2)
    cubic, square, line, value = curves.c[:, left]
    further = (x - curves.x[left])[:, None]
    return np.asarray(((cubic * further + square) * further + line) * further + value)


def _short(values: Floats) -> Short:
    return values.astype(np.float32)


def _growth(rate: Short) -> Short:
    """Return (exp(x) - 1) / x; it is 1 at 0, and so is what this gives there."""
    safe = rate.clip(-60, 4, out=rate)
    safe += 1e-30
    grown = np.expm1(safe)
    grown /= safe
    return np.asarray(grown)
