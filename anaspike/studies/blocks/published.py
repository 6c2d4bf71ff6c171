"""Neurons that others have published, as they give their figures: the other rows of Table 9."""

from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True)
class Published:
    """A published neuron.

    Attributes:
        design: whose neuron.
        process_nm: name of the node.
        area_core_um2: of the neuron, where given.
        area_total_um2: with synapses and weight storage, where given.
        max_rate_Hz: highest spike rate.
        energy_per_spike_J: as published.
        kind: what it is, in a few words: a figure of another kind of neuron is no race.
        source: where its figures stand.
    """

    design: str
    process_nm: int
    area_core_um2: float | None
    area_total_um2: float | None
    max_rate_Hz: float
    energy_per_spike_J: float
    kind: str
    source: str


_TABLE9 = "Barton et al. 2022, Table 9"
# All five columns of that table; 3.3 MHz is its own neuron's maximum.
PAPER = Published(
    *("Barton et al. 2022 (the paper)", 28, 132.0, 598.0, 3.3e6, 1.08e-12),
    *("clocked LIF, its synapses' supply tunes it; layout, simulated", _TABLE9),
)
CITED = (
    Published("Joubert et al. 2012", 65, 538.0, None, 1.9e6, 41e-12, "LIF; simulated", _TABLE9),
    Published("Cruz-Albrecht et al. 2012", 90, 442.0, None, 100.0, 0.4e-12,
              "slow LIF with learning synapses; fabricated", _TABLE9),
    Published("Rangan et al. 2010", 90, 897.0, None, 7e3, 1e-12,
              "Izhikevich's model, subthreshold; simulated", _TABLE9),
    Published("Jayawan 2008", 350, 2800.0, None, 1e6, 9e-12,
              "many firing patterns; fabricated", _TABLE9),
)  # fmt: skip
# None of them has weights. Those of a few femtojoule are a membrane of a few femtofarad that
# crosses an inverter's threshold at a supply of a quarter of a volt.
SINCE = (
    Published("Sourikopoulos et al. 2017", 65, 35.0, None, 26e3, 4e-15,
              "Morris-Lecar, subthreshold at 0.2 V, one input current, no weights; fabricated",
              "doi:10.3389/fnins.2017.00123"),
    Published("Vuppunuthala et al. 2023", 65, None, None, 30.0, 3.6e-12,
              "differential-pair integrator at 0.5 V, biological time; no weights",
              "doi:10.1109/TCSII.2023.3324584"),
    Published("Besrour et al. 2024", 28, 34.0, None, 300e3, 1.61e-15,
              "LIF, subthreshold at 0.25 V, no weights; fabricated",
              "arXiv:2408.07734"),
)  # fmt: skip


def row_of(published: Published) -> dict[str, Any]:
    """Return its row of the table."""
    return asdict(published)
