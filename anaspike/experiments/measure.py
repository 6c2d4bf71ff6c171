"""Measurements on waveforms: plain functions of arrays, no simulator needed."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Spikes:
    """The spikes of one trace.

    Attributes:
        rise_s: times of the rising crossings, shape (n,), in seconds.
        width_s: from rise to fall, shape (n,), in seconds; NaN for a last
            spike that had not ended.
    """

    rise_s: Array
    width_s: Array

    def __len__(self) -> int:
        return len(self.rise_s)


def find_spikes(time_s: Array, trace_V: Array, high_V: float, low_V: float) -> Spikes:
    """Find spikes by threshold crossing with hysteresis.

    A spike starts where the trace rises through `high_V` and ends where it
    next falls through `low_V`; ripples between the two are no spikes. Times
    are interpolated linearly. A trace that starts high has no first spike
    until it has been low.

    Args:
        time_s: sample times, shape (n,), in seconds.
        trace_V: the trace, shape (n,), in volt.
        high_V: rising threshold, in volt.
        low_V: falling threshold, below `high_V`, in volt.
    """
    # +1 above, -1 below, and between the two whatever it was last.
    state = np.where(trace_V >= high_V, 1, np.where(trace_V <= low_V, -1, 0))
    known = np.maximum.accumulate(np.where(state != 0, np.arange(len(state)), -1))
    state = np.where(known >= 0, state[np.maximum(known, 0)], 0)
    rises = np.flatnonzero((state[1:] == 1) & (state[:-1] == -1))
    falls = np.flatnonzero((state[1:] == -1) & (state[:-1] == 1))
    rise_s = _crossings(time_s, trace_V, rises, high_V)
    fall_s = _crossings(
        time_s, trace_V, falls[falls > rises[0]] if len(rises) else falls[:0], low_V
    )
    width_s = np.full(len(rise_s), np.nan)
    width_s[: len(fall_s)] = fall_s - rise_s[: len(fall_s)]
    return Spikes(rise_s, width_s)


@dataclass(frozen=True)
class Decisions:
    """The decisions of one neuron nearest to its threshold: its clock falls, and it fires or not.

    Attributes:
        highest_silent_V: the highest membrane at which it stayed silent; None where it never did.
        lowest_fired_V: the lowest membrane at which it fired; None where it never did.
    """

    highest_silent_V: float | None
    lowest_fired_V: float | None


def decided(
    time_s: Array, hold_V: Array, membrane_V: Array, out: Spikes, vdd_V: float
) -> tuple[Array, Array, NDArray[np.bool_]]:
    """Return when a neuron decided, where its membrane was then (V), and whether it fired.

    It decides where `hold` falls through half of the supply, after each spike into it or out of
    it; a spike out answers the last decision before it. For the arguments see `find_decisions`.
    """
    held = find_spikes(time_s, hold_V, 0.7 * vdd_V, 0.5 * vdd_V)
    fall_s = (held.rise_s + held.width_s)[~np.isnan(held.width_s)]
    fired = np.zeros(len(fall_s), dtype=bool)
    answered = np.searchsorted(fall_s, out.rise_s) - 1
    fired[answered[answered >= 0]] = True
    return fall_s, np.interp(fall_s, time_s, membrane_V), fired


def find_decisions(
    time_s: Array, hold_V: Array, membrane_V: Array, out: Spikes, vdd_V: float
) -> Decisions:
    """Find the two decisions of a neuron that are nearest to its threshold.

    Args:
        time_s, hold_V, membrane_V: the traces, shape (n,).
        out: the neuron's spikes.
        vdd_V: supply, in volt.
    """
    _, decided_V, fired = decided(time_s, hold_V, membrane_V, out, vdd_V)
    return Decisions(
        highest_silent_V=float(decided_V[~fired].max()) if not fired.all() else None,
        lowest_fired_V=float(decided_V[fired].min()) if fired.any() else None,
    )


def integrate(time_s: Array, values: Array, start_s: float, stop_s: float) -> float:
    """Integrate a sampled quantity over a window, by the trapezoidal rule.

    The window's ends are interpolated, so that it need not fall on samples.
    """
    inside = (time_s > start_s) & (time_s < stop_s)
    ends = np.interp([start_s, stop_s], time_s, values)
    t = np.concatenate(([start_s], time_s[inside], [stop_s]))
    y = np.concatenate((ends[:1], values[inside], ends[1:]))
    return float(np.trapezoid(y, t))


def supply_energy(
    time_s: Array, current_A: Array, voltage_V: float, start_s: float, stop_s: float
) -> float:
    """Return the energy that a supply delivered in a window, in joule.

    Args:
        time_s: sample times, shape (n,), in seconds.
        current_A: ngspice's branch current of the source, positive *into*
            its plus pin, shape (n,), in ampere.
        voltage_V: of the supply, in volt.
        start_s, stop_s: the window, in seconds.
    """
    return -voltage_V * integrate(time_s, current_A, start_s, stop_s)


def _crossings(time_s: Array, trace_V: Array, before: NDArray[np.intp], level_V: float) -> Array:
    """Interpolate the times at which a trace crosses a level just after the given samples.

    With hysteresis the step may lie a few samples before the state changed;
    the state changes at the first sample beyond the level, so that the
    crossing lies between it and the one before.
    """
    left_V, right_V = trace_V[before], trace_V[before + 1]
    fraction = (level_V - left_V) / (right_V - left_V)
    crossing: Array = time_s[before] + fraction * (time_s[before + 1] - time_s[before])
    return crossing
