"""What the studies that map a network have in common."""

from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from anaspike.campaign.bench import Bench, Made
from anaspike.campaign.statistics import mean_interval
from anaspike.errors import InputError
from anaspike.experiments.testbench import check_conditions
from anaspike.learning.network import Spikes
from anaspike.mapping.characterise import Conditions, measure_scatter
from anaspike.mapping.deploy import HEADROOM, Hardware, Neurons, for_mapping, measure_neurons, moved
from anaspike.mapping.disturbance import Disturbance
from anaspike.mapping.domains import check_domains
from anaspike.mapping.energy import DIGITAL_ADD_J, Inference
from anaspike.mapping.mismatch import Deviation, check_sigma, draw_chip, draw_gains
from anaspike.mapping.quantise import CodedLayer
from anaspike.mapping.supplies import MappedNetwork
from anaspike.mapping.supply_curve import SupplyCurve, check_bits
from anaspike.mapping.verify import prove
from anaspike.studies.base import Celsius, Count, Ohm, Study, Volt
from anaspike.studies.blocks.synapse import Synapse


@dataclass(frozen=True)
class OnChip:
    """A mapped network on one chip at one corner.

    Attributes:
        hardware: as it runs, calibrated where that was asked for.
        left: the same with its supplies left as they were meant.
        drawn: deviations of each layer's neurons; None for nominal ones.
    """

    hardware: Hardware
    left: Hardware
    drawn: list[Deviation] | None


@dataclass(frozen=True)
class Tested:
    """A network on a chip, and what it is tested with.

    Attributes:
        name: before the name of each of its cases; "" where it is the only one.
        chip: the network as it runs.
        inputs: patterns, (patterns, n_in).
        seed: of the draw of neurons to prove.
    """

    name: str
    chip: OnChip
    inputs: Spikes
    seed: int


_ROOM = 160  # characters of a list within a note
# What tells the chips of one mapping apart.
_OF_A_CHIP = ("corner", "seed", "mismatch")


class MappingStudy(Study):
    """A study that maps a network to supplies.

    Attributes:
        dac_bits: of the converter that sets supplies.
        domains: rails that all neurons share; None gives each its own.
        corner: that the chip is at; its supplies are meant for tt.
        seed: of the chip, whose synapses, comparators and spikes are drawn by Pelgrom's law;
            None for nominal ones.
        mismatch: sigma of the neurons' gains (of their logarithms), beside that.
        calibrate: whether each neuron's supply is set by what it itself does.
        samples: neurons proven at transistor level.
        temperature_C: of the chip.
        noise_V: rms at each decision; what it costs is said beside the quiet chip.
        source_ohm: from a stiff supply to each neuron's, or to each rail that neurons share;
            likewise.
    """

    dac_bits: int = 5
    domains: Count | None = None
    corner: str = "tt"
    mismatch: float = 0.0
    calibrate: bool = False
    samples: Count = 24
    temperature_C: Celsius = 27.0
    seed: int | None = None
    noise_V: Volt = 0.0
    source_ohm: Ohm = 0.0

    @property
    def disturbance(self) -> Disturbance:
        """What the chip is disturbed by, where that is asked for."""
        return Disturbance(self.noise_V, self.source_ohm, seed=self.seed or 0)

    def check_mapping(self, neurons: int | None = None) -> None:
        """Refuse a mapping that cannot be, before anything is run.

        Args:
            neurons: of the network, where that is known already.

        Raises:
            InputError: no bits, rails or samples, an unknown corner, an impossible sigma.
        """
        check_bits(self.dac_bits)
        _ = self.disturbance  # says what is wrong with it
        check_sigma(self.mismatch)
        if self.domains is not None:
            check_domains(self.domains, max(1, self.domains) if neurons is None else neurons)
            if self.calibrate:
                raise InputError(
                    "neurons that share rails cannot be calibrated one by one; leave out `domains`"
                    " or `calibrate`"
                )
        check_conditions(self.process, self.corner, self.temperature_C, self.seed)
        if self.samples < 1:
            raise InputError(f"`samples` {self.samples}: a proof needs at least 1 neuron")

    def at(self, corner: str) -> Conditions:
        """Return the conditions of neurons at a corner, with the spikes of mapped networks."""
        return Conditions(self.process, for_mapping(self.design), corner, self.temperature_C)

    def shared(self, bench: Bench, what: Hashable, make: Callable[[Bench], Made]) -> Made:
        """Return what is the same for every corner and chip: made once on the bench."""
        return bench.once((what, self.model_dump_json(exclude=set(_OF_A_CHIP))), make)

    def neurons(
        self, bench: Bench, corner: str, curve: SupplyCurve, coded: Sequence[CodedLayer]
    ) -> Neurons:
        """Measure the charge model's constants at a corner."""
        return self.shared(
            bench,
            ("neurons", corner),
            lambda root: measure_neurons(root, self.at(corner), curve, coded),
        )

    def drawn(
        self, bench: Bench, mapped: MappedNetwork, default_seed: int = 0
    ) -> list[Deviation] | None:
        """Return a chip's deviations; None where its neurons are nominal.

        Args:
            bench: where it is measured how far devices scatter.
            mapped: the network.
            default_seed: of the gains' draw, where no chip is named.
        """
        seed = default_seed if self.seed is None else self.seed
        gains = draw_gains(mapped, self.mismatch, seed) if self.mismatch else None
        if self.seed is None:
            return gains
        ends_V = float(mapped.curve.supply_V[0]), float(mapped.curve.supply_V[-1])
        scatter = self.shared(
            bench,
            ("scatter", self.corner),
            lambda root: measure_scatter(root, self.at(self.corner), *ends_V),
        )
        return draw_chip(mapped, scatter, self.seed, gains)

    def on_chip(
        self,
        bench: Bench,
        meant: Hardware,
        coded: Sequence[CodedLayer],
        inputs: Spikes,
        default_seed: int = 0,
    ) -> OnChip:
        """Put a mapped network on the chip asked for.

        Args:
            bench: where the corner is measured.
            meant: the network on nominal neurons at tt.
            coded: all layers that the corner's constants are for.
            inputs: patterns to calibrate with, (patterns, n_in).
            default_seed: of the gains' draw, where no chip is named.
        """
        drawn = self.drawn(bench, meant.mapped, default_seed)
        left = meant
        if self.corner != "tt":
            left = moved(meant, self.neurons(bench, self.corner, meant.mapped.curve, coded))
        return OnChip(left.calibrated(inputs, drawn) if self.calibrate else left, left, drawn)

    def proof(self, bench: Bench, chip: OnChip, inputs: Spikes, seed: int = 0) -> pd.DataFrame:
        """Prove nominal neurons of the corner at transistor level; a row for each sample.

        Args:
            bench: where they run.
            chip: what is to be proven. Where its devices are drawn, its corner's nominal ones
                stand for them, on the supplies that are meant for nominal ones.
            inputs: patterns to draw from, (patterns, n_in).
            seed: of the draw.
        """
        return self.proof_of(bench, [Tested("", chip, inputs, seed)])

    def proof_of(self, bench: Bench, networks: Sequence["Tested"]) -> pd.DataFrame:
        """Prove neurons of several networks on one chip, dealt out to them as evenly as can be.

        Of fewer neurons than networks the first networks get one each.
        """
        drawn = any(one.chip.drawn is not None for one in networks)
        at = [one.chip.left if drawn else one.chip.hardware for one in networks]

        def make(root: Bench) -> pd.DataFrame:
            shares = np.diff(np.linspace(0, self.samples, len(networks) + 1).round().astype(int))
            cases, first = [], 0
            for one, hardware, count in zip(networks, at, sorted(shares)[::-1], strict=True):
                drawn_here = hardware.cases(one.inputs, int(count), one.seed, first)
                cases += [replace(case, name=f"{one.name}{case.name}") for case in drawn_here]
                first += int(count)
            return prove(root, at[0].at, at[0].tables, cases)

        return self.shared(bench, ("proof", self.corner, drawn), make)

    @property
    def off_nominal(self) -> str:
        """What is not as the supplies were meant for; empty where all is."""
        return ", ".join(
            [
                *([f"corner {self.corner}"] if self.corner != "tt" else []),
                *([f"chip {self.seed}"] if self.seed is not None else []),
                *([f"gain sigma {self.mismatch:g}"] if self.mismatch else []),
            ]
        )

    @property
    def headroom(self) -> float:
        """How much further out in k the converter's ends lie, so that neurons can be calibrated."""
        return HEADROOM if self.calibrate else 1.0


def measured_curve(bench: Bench, pdk: str, temperature_C: float, fast: bool) -> SupplyCurve:
    """Measure k(V) as the synapse study does, at tt."""
    study = Synapse(pdk=pdk, points=2, membranes_V=(0.30,), temperature_C=temperature_C, fast=fast)
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
        which = [f"{r.layer}/{r.neuron} (k {r.k:.3g})" for r in clipped.itertuples()]
        notes.append(
            f"{len(clipped)} of {len(table)} neurons want a k outside the curve and got its end:"
            f" layer/neuron {listed(which, 'supplies')}"
        )
    if table["flipped"].any():
        notes.append(f"{int(table['flipped'].sum())} neurons have all their signs flipped: a < 0")
    if mapped.dac is not None:
        dac = mapped.dac
        notes.append(
            f"converter: {dac.bits} bits from {dac.low_V:.4g} to {dac.high_V:.4g} V,"
            f" {dac.step * 1e3:.3g} mV a step"
            + (": widened, no converter has finer ones" if dac.widened else "")
        )
    return tuple(notes)


def listed(names: Sequence[str], table: str) -> str:
    """Return names in a row, as many as a note has room for; of the others, where they stand."""
    shown = list(names)
    while len(shown) > 1 and len(", ".join(shown)) > _ROOM:
        shown.pop()
    more = f" and {len(names) - len(shown)} more, see {table}" if len(shown) < len(names) else ""
    return ", ".join(shown) + more


def energy_table(*spent: Inference) -> pd.DataFrame:
    """Return the energy of an inference beside the additions that a digital machine needs.

    Columns: what, events, energy_J; of several networks their mean, and its 95 % interval
    energy_low_J and energy_high_J.
    """
    kinds = {
        "mapped network, SPICE's events": [(one.synapse_events, one.energy_J) for one in spent],
        **{
            f"digital, additions alone, {bits} bits": [
                (one.additions, one.additions * addition_J) for one in spent
            ]
            for bits, addition_J in DIGITAL_ADD_J.items()
        },
    }
    rows: list[dict[str, object]] = []
    for what, counted in kinds.items():
        events, energy_J = np.mean(counted, axis=0)
        row = {"what": what, "events": float(events), "energy_J": float(energy_J)}
        if len(spent) > 1:
            low_J, high_J = mean_interval([energy_J for _, energy_J in counted])
            row |= {"energy_low_J": low_J, "energy_high_J": high_J}
        rows.append(row)
    return pd.DataFrame(rows)
