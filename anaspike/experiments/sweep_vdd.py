"""The paper's Figure 4 and the start of Figure 8: the same neuron over synapse supplies."""

import math
from dataclasses import replace

import numpy as np

from anaspike.errors import InputError
from anaspike.experiments.neuron_transient import NeuronTransient

DEFAULT_POINTS = 9
_MAX_POINTS = 10_000


def supplies(
    start_V: float, stop_V: float, points: int | None = None, step_V: float | None = None
) -> tuple[float, ...]:
    """Return the supplies of a sweep, both ends included, lowest first, in volt.

    Args:
        start_V, stop_V: the range.
        points: how many; 9 when neither this nor the step is given.
        step_V: or the distance between them; the end is included only when
            the steps meet it.

    Raises:
        InputError: the range is empty or runs backwards, a number is not
            finite, fewer than two points, or both points and step given.
    """
    for name, value in (("start", start_V), ("end", stop_V), ("step", step_V)):
        if value is not None and not math.isfinite(value):
            raise InputError(f"the {name} of the supply range is {value}; give a finite voltage")
    if start_V > stop_V:
        raise InputError(
            f"the supply range runs backwards: from {start_V:g} V to {stop_V:g} V; swap the two"
        )
    if start_V == stop_V:
        raise InputError(
            f"the supply range is empty: from {start_V:g} V to {stop_V:g} V; set the ends apart"
        )
    if points is not None and step_V is not None:
        raise InputError("give either the number of points or the step, not both")
    if step_V is not None:
        points = _points_of_step(stop_V - start_V, step_V)
        stop_V = start_V + (points - 1) * step_V
    points = DEFAULT_POINTS if points is None else points
    if not 2 <= points <= _MAX_POINTS:
        raise InputError(f"a sweep of {points} points is no sweep; use 2 to {_MAX_POINTS} points")
    # Rounded to a nanovolt: 0.6000000000000001 is nobody's supply.
    return tuple(round(float(v), 9) for v in np.linspace(start_V, stop_V, points))


def sweep_vdd(base: NeuronTransient, supplies_V: tuple[float, ...]) -> list[NeuronTransient]:
    """Return one point for each supply; everything else is as in `base`."""
    return [replace(base, vdd_syn_V=supply_V) for supply_V in supplies_V]


def _points_of_step(range_V: float, step_V: float) -> int:
    if step_V <= 0:
        raise InputError(f"a step of {step_V:g} V leads nowhere; give a positive step")
    if step_V > range_V * (1 + 1e-9):
        raise InputError(
            f"a step of {step_V:g} V is larger than the range of {range_V:g} V; give a smaller one"
        )
    if step_V < range_V / _MAX_POINTS:
        raise InputError(
            f"a step of {step_V:g} V makes more than {_MAX_POINTS} points; give a larger one"
        )
    return 1 + math.floor(range_V / step_V + 1e-9)
