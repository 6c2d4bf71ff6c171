"""The neuron as charge on its membrane: every constant measured in SPICE, no transistor left.

One window: all active inputs spike together, from rest. P units of code excite, N inhibit:

    C(V) dV/dt = P I+(V) - N I-(V) + I_leak(V)

from the start of the spike to its end. I+ falls as the membrane rises, I- dies as it nears
ground; both, and C (membrane capacitor, core, junctions, and what the channels of active synapses
store) are tables over V measured at the neuron's supply. Before it, switching on takes a charge;
after it, switching off adds one until the neuron decides: synapses switch off a gate delay or two
later than the clock tree, inhibition last. It fires if what it then has exceeds the threshold.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.interpolate import PchipInterpolator

from anaspike.errors import InputError

Floats = NDArray[np.float64]

STEPS = 32  # of a window: three times as many move a membrane by less than 0.2 mV
_LEAP_V = 0.04  # 32 of them are more than all there is
ON_STEPS = 16
_AT_ONCE = 200_000  # neurons x patterns in hand: tens of megabytes


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

    def unit_charge(self, supply_V: float) -> float:
        """Return the charge of a unit of code in one spike, mean of both signs, in coulomb."""
        at_rest = int(np.argmin(np.abs(self.membrane_V - self.rest_V)))
        flown = self.current_A[:, :, at_rest] * self.width_s
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
        at_V = np.clip(supply_V, *ends_V)
        gains = np.ones(len(supply_V)) if gain is None else gain
        self._current_A = _currents(tables, at_V) * gains[:, None]
        self._active_F = _at_supply(tables, tables.capacitance_F, at_V, 1) * gains[:, None]
        idle_F = geometry.synapses * _at_supply(tables, tables.idle_F, at_V, 0)
        self._rest_F = geometry.membrane_F + tables.core_F + idle_F
        self._on = _at_supply(tables, tables.on_coulomb, at_V, 1) * gains
        off = _at_supply(tables, tables.off_coulomb, at_V, 1) * gains[:, None]
        late = np.clip(geometry.delay_s, 0, tables.off_s[-1])
        self._off = np.apply_along_axis(lambda row: np.interp(late, tables.off_s, row), -1, off)
        shift_V = np.zeros(len(supply_V)) if offset_V is None else offset_V
        self._threshold_V = geometry.threshold_V + shift_V

    def run(self, excite: Floats, inhibit: Floats) -> tuple[Floats, Floats]:
        """Return by how much neurons fire, and their membranes at the end of the window.

        Args:
            excite, inhibit: units of code that are active and pull up or down, both positive,
                (patterns, neurons).

        Returns:
            The margin to the threshold at the decision, positive where a neuron fires, and the
            membrane; both (patterns, neurons), in volt.
        """
        margin_V, membrane_V = np.empty(excite.shape), np.empty(excite.shape)
        rows = max(1, _AT_ONCE // max(1, excite.shape[1]))
        for start in range(0, len(excite), rows):
            part = slice(start, start + rows)
            margin_V[part], membrane_V[part] = self._run(excite[part], inhibit[part])
        return margin_V, membrane_V

    def _run(self, excite: Floats, inhibit: Floats) -> tuple[Floats, Floats]:
        tables = self._tables
        neuron = np.broadcast_to(np.arange(excite.shape[1]), excite.shape)
        grid_V, top = tables.membrane_V[1], len(tables.membrane_V) - 1
        step_s = tables.width_s / STEPS

        def cell(volt: Floats) -> tuple[NDArray[np.intp], Floats]:
            place = np.clip(volt / grid_V, 0, top - 1e-9)
            left = place.astype(np.intp)
            return left, place - left

        def capacitance(at: NDArray[np.intp]) -> Floats:
            added = excite * self._active_F[0][neuron, at] + inhibit * self._active_F[1][neuron, at]
            return np.asarray(self._rest_F[neuron, at] + added)

        def current(at: NDArray[np.intp]) -> Floats:
            pulled = excite * self._current_A[0][neuron, at]
            pulled += inhibit * self._current_A[1][neuron, at]
            return np.asarray(pulled + tables.leak_A[at])

        volt = np.full(excite.shape, tables.rest_V)
        pushed = excite * self._on[0] + inhibit * self._on[1] + tables.clock_push_coulomb
        for _ in range(ON_STEPS):
            volt = volt + pushed / (ON_STEPS * capacitance(cell(volt)[0]))
        for _ in range(STEPS):
            at, part = cell(volt)
            left_A, right_A = current(at), current(at + 1)
            store_F = capacitance(at)
            flow = (left_A + part * (right_A - left_A)) / store_F
            # Exponential Euler: exact where the current is linear in V, stable where it is steep.
            rate = step_s * (right_A - left_A) / (grid_V * store_F)
            moved = step_s * flow * _growth(rate)
            # Who would leap over a bend of its current gets there in more steps than one.
            volt = volt + np.clip(moved, -_LEAP_V, _LEAP_V)
            volt = np.clip(volt, 0, tables.membrane_V[-1])
        at, _ = cell(volt)
        # What switching off adds is stored in channels that are open no more.
        late = (excite * self._off[0] + inhibit * self._off[1]) / self._rest_F[neuron, at]
        return volt + late - self._threshold_V, volt


def _growth(rate: Floats) -> Floats:
    """Return (exp(x) - 1) / x."""
    safe = np.where(np.abs(rate) < 1e-6, 1e-6, np.clip(rate, -60, 4))
    return np.asarray(np.expm1(safe) / safe)


def _at_supply(tables: ChargeTables, table: Floats, supply_V: Floats, axis: int) -> Floats:
    # Neurons of the same supply, of which a converter makes many, need it once.
    levels_V, place = np.unique(supply_V, return_inverse=True)
    found = PchipInterpolator(tables.supply_V, table, axis=axis)(levels_V)
    return np.asarray(np.take(found, place, axis=axis))


def _currents(tables: ChargeTables, supply_V: Floats) -> Floats:
    """Return the current tables at supplies: size by its logarithm, shape over V as it is."""
    at_rest = int(np.argmin(np.abs(tables.membrane_V - tables.rest_V)))
    size = np.abs(tables.current_A[:, :, at_rest])
    shape = _at_supply(tables, tables.current_A / size[:, :, None], supply_V, 1)
    return np.asarray(shape * np.exp(_at_supply(tables, np.log(size), supply_V, 1))[:, :, None])
