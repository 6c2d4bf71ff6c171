"""How strong a chip's sinks are made: the supply of their gates, one for the whole chip."""

from collections.abc import Collection
from statistics import fmean

from anaspike.campaign.bench import Bench
from anaspike.circuits.designs import Design
from anaspike.errors import InputError
from anaspike.experiments.calibration import Chip, Condition, condition_of
from anaspike.experiments.synapse import SynapseRamp
from anaspike.pdk.roles import Pdk

_NOMINAL = Chip()


def sink_levels(
    bench: Bench,
    pdk: Pdk,
    design: Design,
    chips: Collection[Chip],
    nominal_V: Collection[float],
    top_V: float,
) -> dict[Condition, float]:
    """Return (corner, temperature) -> level at which a unit of inhibition is as strong as at rest.

    That is as strong as a unit of excitation on the nominal chip at its nominal supply. A chip has
    one level, whatever its devices' mismatch: it is that of a nominal synapse at its corner and
    temperature. One ramp each; a corner whose ramp fails has none.

    Args:
        bench: where the ramps run.
        pdk, design: the process and the neurons.
        chips: those to set.
        nominal_V: the nominal supplies; of several the mean counts.
        top_V: highest level allowed.

    Raises:
        InputError: the design has a level already.
    """
    if design.neuron.synapse.sink_on_V is not None:
        raise InputError("the design says `sink_on_V` itself; leave it out to have it set")
    ramps = {
        condition_of(chip): SynapseRamp(pdk, design, chip.corner, chip.temperature_C, to_V=top_V)
        for chip in (_NOMINAL, *chips)
    }
    waves = bench.run(list(ramps.values()), keep=range(len(ramps))).waveforms
    if 0 not in waves:
        return {}
    unit_A = ramps[condition_of(_NOMINAL)].current_at(waves[0], fmean(nominal_V))
    return {
        condition: round(ramp.supply_for(waves[i], unit_A, code=-1), 4)
        for i, (condition, ramp) in enumerate(ramps.items())
        if i in waves
    }
