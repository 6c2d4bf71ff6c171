"""What answers say of themselves: what energy counts; of many conditions, what is of one alone."""

from collections.abc import Mapping, Sequence

import pandas as pd

from anaspike.campaign.quantities import as_rows, in_words
from anaspike.campaign.specs import Spec
from anaspike.circuits.designs import Design
from anaspike.studies.gathered import Found, Gathered
from anaspike.units import label_of


def notes_of(gathered: Gathered) -> tuple[str, ...]:
    """Return what holds of all conditions, then of the first, and that its pictures are its own."""
    first = gathered.first
    if first is None or first.findings is None:
        return ()
    every = [set(one.findings.notes) for one in gathered.found if one.findings is not None]
    everywhere = set.intersection(*every)
    whose = in_words(first.condition)
    alone = f"of {whose}, one of {len(gathered.found)} conditions: "
    pictures = ", ".join(first.findings.figures)
    return (
        *(note if note in everywhere else alone + note for note in first.findings.notes),
        *((f"{alone}the pictures {pictures}",) if pictures else ()),
    )


def said_of_several(found: Sequence[Found], specs: Sequence[Spec]) -> tuple[str, ...]:
    """Say which judged quantities stand in a row by the worst of several values."""
    several = [
        label_of(spec.quantity)
        for spec in specs
        if any(len(as_rows(one.quantities.get(spec.quantity))) > 1 for one in found)
    ]
    if not several:
        return ()
    listed = ", ".join(several)
    return (f"measured several times in each condition, here the worst by its limit: {listed}",)


def said_of_mirror(*designs: Design) -> str:
    """Say how many neurons share a bias mirror, wherever its power is in an energy."""
    counts = dict.fromkeys(d.neuron.spike_generator.neurons_per_mirror for d in designs)
    shared = " or ".join(map(str, counts))
    return f"a bias mirror serves {shared} neurons: of its power each neuron's part is counted"


def said_of_devices(tables: Mapping[str, pd.DataFrame], gathered: Gathered) -> tuple[str, ...]:
    """Say of how many deviations the strongest are shown."""
    if "explained_by_devices" not in tables:
        return ()
    return (
        f"explained by devices: of each quantity the strongest of {gathered.draws().shape[1]}"
        " deviations",
    )
