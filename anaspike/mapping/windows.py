"""The neuron in time: the charge model carries its membrane from window to window.

A window is what `ChargeLayer` says, from wherever the membrane is as it begins. After it:

- who fired is reset by its own spike, and starts from where the reset switch lets go;
- who did not keeps what it has, and what its synapses, its clock and its comparator give as they
  switch back;
- until the next window all leaks through the pseudo-resistor: C(V) dV/dt = I_leak(V).

Windows in which no input spikes ask nothing: the clock does not rise, and the membrane leaks.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from anaspike.errors import InputError
from anaspike.learning.network import Spikes
from anaspike.mapping.charge_model import BELOW_V, ChargeLayer, ChargeTables, Geometry

Floats = NDArray[np.float64]

LEAK_STEPS = 16  # of a period: four times as many move a membrane by less than 10 uV
LEAST_WIDTHS = 6  # of a spike, in a period: input, own spike, and all at rest again
MOST_PERIOD_S = 1e-3
_EDGE = 5  # cells at the end of a sweep in which a capacitance is not to be trusted


@dataclass(frozen=True)
class Aftermath:
    """What a neuron's own switching leaves on its membrane after a window, measured.

    Attributes:
        reset_V: of who fired, as the reset switch has let go, in volt.
        back_coulomb: into the membrane of who did not, from the end of the spike on, beside what
            its synapses give.
    """

    reset_V: float
    back_coulomb: float


class WindowLayer:
    """Neurons with their supplies, ready to run for many windows.

    Args:
        tables: the constants.
        geometry: of the layer.
        after: what windows leave behind.
        period_s: from window to window, in seconds.
        supply_V: of each neuron's synapses, (n,), in volt.
        gain: factor on all that a neuron's synapses push, (n,).
        offset_V: of each comparator, (n,), in volt.
        leak: factor on each neuron's leak, (n,).

    Raises:
        InputError: a supply outside the tables, or a period that is none.
    """

    def __init__(
        self,
        tables: ChargeTables,
        geometry: Geometry,
        after: Aftermath,
        period_s: float,
        supply_V: Floats,
        gain: Floats | None = None,
        offset_V: Floats | None = None,
        leak: Floats | None = None,
    ) -> None:
        check_period(period_s, tables.width_s)
        self._layer = ChargeLayer(tables, geometry, supply_V, gain, offset_V)
        self._after, self._tables = after, tables
        self._stored_F = stored(tables, geometry, supply_V)
        self._late = late_charge(tables, supply_V) * (1.0 if gain is None else gain)
        factor = np.ones(len(supply_V)) if leak is None else leak
        quiet_s = period_s - tables.width_s
        self._asked, self._idle = (
            leaked(tables, self._stored_F, factor, time_s) for time_s in (quiet_s, period_s)
        )

    def run(
        self, excite: Floats, inhibit: Floats, asked: Spikes, noise_V: Floats | None = None
    ) -> tuple[Spikes, Floats, Floats]:
        """Return who fires when, by how much, and the membranes at the end of each spike.

        Args:
            excite, inhibit: units of code that are active, (patterns, windows, neurons).
            asked: in which windows any input spikes, (patterns, windows).
            noise_V: at each decision, (patterns, windows, neurons).

        Returns:
            Spikes, margins to the threshold at each decision (minus infinity where nobody asks)
            and membranes, each (patterns, windows, neurons), in volt.
        """
        spikes, margin_V = np.zeros(excite.shape, bool), np.full(excite.shape, -np.inf)
        membrane_V = np.empty(excite.shape)
        volt = np.full((excite.shape[0], excite.shape[2]), self._tables.rest_V)
        for window in range(excite.shape[1]):
            some = asked[:, window]
            membrane_V[:, window] = volt
            idle_V = self._held(self._idle, volt[~some])
            if some.any():
                up, down = excite[some, window], inhibit[some, window]
                margin, ended_V = self._layer.run(up, down, volt[some])
                if noise_V is not None:
                    margin = margin + noise_V[some, window]
                membrane_V[some, window], margin_V[some, window] = ended_V, margin
                spikes[some, window] = margin > 0
                volt[some] = self._left(ended_V, up, down, margin > 0)
            volt[~some] = idle_V
        return spikes, margin_V, membrane_V

    def _left(self, ended_V: Floats, excite: Floats, inhibit: Floats, fired: Spikes) -> Floats:
        """Return membranes as the next window begins."""
        neuron = np.broadcast_to(np.arange(ended_V.shape[1]), ended_V.shape)
        at = np.rint(np.maximum(ended_V, 0) / self._tables.membrane_V[1]).astype(np.intp)
        pushed = excite * self._late[0] + inhibit * self._late[1] + self._after.back_coulomb
        kept_V = ended_V + pushed / self._stored_F[neuron, at]
        return self._held(self._asked, np.where(fired, self._after.reset_V, kept_V))

    def _held(self, table_V: Floats, volt: Floats) -> Floats:
        """Return what a leak leaves of membranes (patterns, n), by its table (n, g)."""
        grid_V, _ = leak_below(self._tables)
        place = np.clip((volt - grid_V[0]) / (grid_V[1] - grid_V[0]), 0, len(grid_V) - 1 - 1e-9)
        left = place.astype(np.intp)
        neuron = np.broadcast_to(np.arange(volt.shape[1]), volt.shape)
        low_V, high_V = table_V[neuron, left], table_V[neuron, left + 1]
        return np.asarray(low_V + (place - left) * (high_V - low_V))


def stored(tables: ChargeTables, geometry: Geometry, supply_V: Floats) -> Floats:
    """Return what each neuron's membrane hangs on while nothing is active, (n, g), in farad."""
    idle_F = np.array(
        [np.interp(supply_V, tables.supply_V, column) for column in tables.idle_F.T]
    ).T
    store_F = geometry.membrane_F + tables.core_F + geometry.synapses * idle_F
    store_F[:, :_EDGE], store_F[:, -_EDGE:] = store_F[:, _EDGE, None], store_F[:, -_EDGE - 1, None]
    return np.asarray(store_F)


def leak_below(tables: ChargeTables) -> tuple[Floats, Floats]:
    """Return the membrane's grid from below ground on, and its leak there, (b,) each.

    Below ground, where no sweep goes, the leak grows on as its last cells say: by the same factor
    for each volt.
    """
    grid_V, leak_A = tables.membrane_V, tables.leak_A
    below_V = -grid_V[1] * np.arange(round(BELOW_V / grid_V[1]), 0, -1)
    first, second = leak_A[0], leak_A[_EDGE]
    growth = np.log(first / second) / grid_V[_EDGE] if first > second > 0 else 0.0
    return np.concatenate((below_V, grid_V)), np.concatenate(
        (first * np.exp(-growth * below_V), leak_A)
    )


def late_charge(tables: ChargeTables, supply_V: Floats) -> Floats:
    """Return all that a unit gives once its spike is over, (2, n), in coulomb."""
    return np.array(
        [np.interp(supply_V, tables.supply_V, side[:, -1]) for side in tables.off_coulomb]
    )


def leaked(tables: ChargeTables, stored_F: Floats, factor: Floats, time_s: float) -> Floats:
    """Return where a membrane that starts on the grid of `leak_below` is after a time, (n, b).

    Args:
        tables: the constants.
        stored_F: of each neuron, (n, g).
        factor: on each neuron's leak, (n,).
        time_s: that it leaks for.
    """
    grid_V, leak_A = leak_below(tables)
    below = len(grid_V) - stored_F.shape[1]
    store_F = np.concatenate((np.repeat(stored_F[:, :1], below, axis=1), stored_F), axis=1)
    volt = np.array(np.broadcast_to(grid_V, store_F.shape))
    slope = np.gradient(leak_A, grid_V)
    neuron = np.arange(len(stored_F))[:, None]
    for _ in range(LEAK_STEPS):
        at = np.rint((volt - grid_V[0]) / (grid_V[1] - grid_V[0])).astype(np.intp)
        share = factor[:, None] * (time_s / LEAK_STEPS) / store_F[neuron, at]
        flow = np.interp(volt, grid_V, leak_A) * share
        rate = slope[at] * share
        safe = np.where(np.abs(rate) < 1e-9, 1e-9, np.clip(rate, -60, 1))
        # Exponential Euler: exact where the leak is a line.
        volt = np.clip(volt + flow * np.expm1(safe) / safe, grid_V[0], grid_V[-1])
    return volt


def kept(tables: ChargeTables, stored_F: Floats, period_s: float, excursion_V: float) -> Floats:
    """Return beta: what is left of an excursion from rest after a period, (n,).

    Rest is where the leak settles, which is not quite v_rest where devices leak elsewhere.
    """
    table_V = leaked(tables, stored_F, np.ones(len(stored_F)), period_s)
    rest_V = resting(tables)
    grid_V, _ = leak_below(tables)
    ends_V = [np.interp(rest_V + excursion_V, grid_V, row) for row in table_V]
    return (np.array(ends_V) - rest_V) / excursion_V


def resting(tables: ChargeTables) -> float:
    """Return where the leak settles: the membrane nearest to v_rest at which it is nothing."""
    leak_A, grid_V = tables.leak_A, tables.membrane_V
    falls = np.flatnonzero((leak_A[:-1] > 0) & (leak_A[1:] <= 0))
    if not len(falls):
        return tables.rest_V
    at = falls[np.argmin(np.abs(grid_V[falls] - tables.rest_V))]
    return float(grid_V[at] + grid_V[1] * leak_A[at] / (leak_A[at] - leak_A[at + 1]))


def check_period(period_s: float, width_s: float) -> float:
    """Return a period when windows fit it.

    Raises:
        InputError: it is too short for the spikes, or longer than anyone waits.
    """
    least_s = LEAST_WIDTHS * width_s
    if not least_s <= period_s <= MOST_PERIOD_S:
        raise InputError(
            f"`period_s` {period_s:g} s: windows of spikes of {width_s:g} s need {least_s:g} s at"
            f" least, and {MOST_PERIOD_S:g} s at most"
        )
    return period_s
