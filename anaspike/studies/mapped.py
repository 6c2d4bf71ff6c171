"""What the studies that map a network have in common."""

import pandas as pd

from anaspike.errors import InputError
from anaspike.experiments.testbench import check_conditions
from anaspike.mapping.characterise import Conditions
from anaspike.mapping.deploy import HEADROOM, for_mapping
from anaspike.mapping.domains import check_domains
from anaspike.mapping.energy import Inference
from anaspike.mapping.hardware import Deviation, check_sigma, draw_deviations
from anaspike.mapping.supplies import MappedNetwork
from anaspike.mapping.supply_curve import SupplyCurve, check_bits
from anaspike.studies.base import Bench, Celsius, Study
from anaspike.studies.synapse import Synapse


class MappingStudy(Study):
    """A study that maps a network to supplies.

    Attributes:
        seed: of all that is drawn, or the first of the seeds.
        dac_bits: of the converter that sets supplies.
        domains: rails that all neurons share; None gives each its own.
        corner: that the chip is at; its supplies are meant for tt.
        mismatch: sigma of the neurons' gains (of their logarithms).
        calibrate: whether each neuron's supply is set by what it itself does.
        samples: neurons proven at transistor level.
        temperature_C: of the chip.
    """

    seed: int = 0
    dac_bits: int = 5
    domains: int | None = None
    corner: str = "tt"
    mismatch: float = 0.0
    calibrate: bool = False
    samples: int = 24
    temperature_C: Celsius = 27.0

    def check_mapping(self, neurons: int | None = None) -> None:
        """Refuse a mapping that cannot be, before anything is run.

        Args:
            neurons: of the network, where that is known already.

        Raises:
            InputError: no bits, rails or samples, an unknown corner, an impossible sigma.
        """
        check_bits(self.dac_bits)
        check_sigma(self.mismatch)
        if self.domains is not None:
            check_domains(self.domains, max(1, self.domains) if neurons is None else neurons)
            if self.calibrate:
                raise InputError(
                    "neurons that share rails cannot be calibrated one by one; leave out --domains"
                    " or --calibrate"
                )
        check_conditions(self.process, self.corner, self.temperature_C, self.seed)
        if self.samples < 1:
            raise InputError(f"--samples {self.samples}: a proof needs at least 1 neuron")

    def at(self, corner: str) -> Conditions:
        """Return the conditions of neurons at a corner, with the spikes of mapped networks."""
        return Conditions(self.process, for_mapping(self.design), corner, self.temperature_C)

    def drawn(self, mapped: MappedNetwork, seed: int) -> list[Deviation] | None:
        """Return a chip's deviations; None where its neurons are nominal."""
        return draw_deviations(mapped, self.mismatch, seed) if self.mismatch else None

    @property
    def headroom(self) -> float:
        """How much further out in k the converter's ends lie, so that neurons can be calibrated."""
        return HEADROOM if self.calibrate else 1.0


def measured_curve(bench: Bench, pdk: str, temperature_C: float) -> SupplyCurve:
    """Measure k(V) as the synapse study does, at tt."""
    study = Synapse(pdk=pdk, points=2, membranes_V=(0.30,), temperature_C=temperature_C)
    tables = study.find(bench).tables
    if "k_of_vdd_syn" not in tables:
        raise InputError("k(V) could not be measured; `anaspike characterise synapse` says why")
    return SupplyCurve.of_table(tables["k_of_vdd_syn"], f"k(V) of {pdk}")


def supply_notes(mapped: MappedNetwork) -> tuple[str, ...]:
    """Say what was clipped or flipped, and what the converter's ends are."""
    table = mapped.table()
    notes = []
    clipped = table[table["clipped"]]
    if len(clipped):
        listed = ", ".join(f"{r.layer}/{r.neuron} (k {r.k:.3g})" for r in clipped.itertuples())
        shown = listed if len(listed) <= 160 else f"{listed[:160].rsplit(',', 1)[0]}, ..."
        notes.append(
            f"{len(clipped)} of {len(table)} neurons want a k outside the curve and got its end:"
            f" layer/neuron {shown}"
        )
    if table["flipped"].any():
        notes.append(f"{int(table['flipped'].sum())} neurons have all their signs flipped: a < 0")
    if mapped.dac is not None:
        dac = mapped.dac
        notes.append(
            f"converter: {dac.bits} bits from {dac.low_V:.4g} to {dac.high_V:.4g} V,"
            f" {dac.step * 1e3:.3g} mV a step"
        )
    return tuple(notes)


def energy_table(spent: Inference) -> pd.DataFrame:
    """Return the energy of an inference beside digital arithmetic: what, events, energy_J."""
    return pd.DataFrame(
        [
            {"what": "mapped network, SPICE's events", "events": spent.synapse_events,
             "energy_J": spent.energy_J},
            {"what": "digital, every product (8-bit MAC)", "events": float(spent.macs),
             "energy_J": spent.digital_J},
            {"what": "digital, additions for spikes only", "events": spent.additions,
             "energy_J": spent.additions_J},
        ]
    )  # fmt: skip
