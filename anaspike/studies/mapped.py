"""What the studies that map a network have in common."""

from typing import Protocol

import pandas as pd

from anaspike.errors import InputError
from anaspike.experiments.testbench import check_conditions
from anaspike.mapping.domains import check_domains
from anaspike.mapping.energy import Inference
from anaspike.mapping.hardware import check_sigma
from anaspike.mapping.supplies import MappedNetwork
from anaspike.mapping.supply_curve import SupplyCurve, check_bits
from anaspike.pdk.roles import Pdk
from anaspike.studies.base import Bench
from anaspike.studies.synapse import Synapse


class Mapping(Protocol):
    """Parameters that say how a network is mapped."""

    dac_bits: int
    domains: int | None
    corner: str
    mismatch: float
    calibrate: bool
    temperature_C: float
    seed: int
    samples: int


def check_mapping(study: Mapping, process: Pdk, neurons: int | None = None) -> None:
    """Refuse a mapping that cannot be, before anything is run.

    Args:
        study: its parameters.
        process: that the chip is made in.
        neurons: of the network, where that is known already.

    Raises:
        InputError: no bits, rails or samples, an unknown corner, an impossible sigma.
    """
    check_bits(study.dac_bits)
    check_sigma(study.mismatch)
    if study.domains is not None:
        check_domains(study.domains, max(1, study.domains) if neurons is None else neurons)
        if study.calibrate:
            raise InputError(
                "neurons that share rails cannot be calibrated one by one; leave out --domains or"
                " --calibrate"
            )
    check_conditions(process, study.corner, study.temperature_C, study.seed)
    if study.samples < 1:
        raise InputError(f"--samples {study.samples}: a proof needs at least 1 neuron")


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
