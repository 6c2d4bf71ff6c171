"""Spike trains for the inputs of a testbench, and the time step that follows them."""

from collections.abc import Sequence
from dataclasses import replace
from functools import lru_cache

from anaspike.circuits.designs import Drive
from anaspike.errors import InputError
from anaspike.spice.options import SimulationOptions
from anaspike.units import spice_number

MOST_SPIKES = 10_000  # each is a line of the deck
BRISK_S = 5e-6  # up to this period a design's largest step stands as it is


def check_drive(drive: Drive) -> None:
    """Refuse a train whose spikes run into each other.

    Raises:
        InputError: width, edges and period do not fit each other, no spike, or too many.
    """
    if drive.spikes_in < 1:
        raise InputError("a spike train needs at least 1 spike; give `spikes_in` 1 or more")
    if drive.spikes_in > MOST_SPIKES:
        raise InputError(
            f"a spike train of {drive.spikes_in} is too long; give at most {MOST_SPIKES} spikes"
        )
    if drive.width_s < drive.edge_s:
        raise InputError(
            f"a spike of {drive.width_s:g} s is over before it has risen, which takes"
            f" {drive.edge_s:g} s; give a longer `width_s`"
        )
    if drive.width_s + 2 * drive.edge_s >= drive.period_s:
        raise InputError(
            f"a spike of {drive.width_s:g} s does not fit a period of {drive.period_s:g} s;"
            " give a shorter `width_s` or a longer `period_s`"
        )


@lru_cache(maxsize=64)
def spike_train(
    drive: Drive, start_s: float, high_V: float, among: tuple[bool, ...] | None = None
) -> str:
    """Return the train as a piecewise-linear SPICE source, one spike a line.

    (PULSE would be shorter, but the meaning of its last argument differs
    between ngspice versions.)

    Args:
        drive: the train; width is measured from the start of the rise to the
            start of the fall.
        start_s: start of the first rise, in seconds.
        high_V: level of a spike, in volt.
        among: which of the train's places have a spike, (spikes_in,); all where not given.
    """
    lines = ["pwl(0 0"]
    for i in range(drive.spikes_in):
        if among is not None and not among[i]:
            continue
        rise_s = start_s + i * drive.period_s
        fall_s = rise_s + drive.width_s
        corners = (
            (rise_s, 0.0),
            (rise_s + drive.edge_s, high_V),
            (fall_s, high_V),
            (fall_s + drive.edge_s, 0.0),
        )
        lines.append("+ " + " ".join(f"{spice_number(t)} {spice_number(v)}" for t, v in corners))
    return "\n".join((*lines, "+ )"))


def steps(levels: Sequence[tuple[float, float]], edge_s: float) -> str:
    """Return a source that steps to each level in turn, starting at the first.

    Args:
        levels: (when the step starts, in seconds; voltage, in volt).
        edge_s: that a step takes, in seconds.
    """
    points = [levels[0]]
    for at_s, level_V in levels[1:]:
        points += [(at_s, points[-1][1]), (at_s + edge_s, level_V)]
    return "pwl(" + " ".join(f"{spice_number(t)} {spice_number(v)}" for t, v in points) + ")"


def following(options: SimulationOptions, drive: Drive) -> SimulationOptions:
    """Return numerical settings whose largest step follows the train.

    A train twice as slow is simulated in steps twice as long, so that it has as many. Between
    spikes only leaks move, and at a spike the step is none of ours: each corner of the train is
    a time point that the simulator starts from with a tenth of an edge, and from there the error
    control lets steps grow no faster than the circuit comes to rest (docs/numerics.md).

    Args:
        options: of the design, or those tightened.
        drive: the train.
    """
    slower = max(1.0, drive.period_s / BRISK_S)
    return replace(options, max_step_s=options.max_step_s * slower)
