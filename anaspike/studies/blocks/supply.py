"""`characterise supply`: what the source of a synapse-supply domain must be."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any, ClassVar

import pandas as pd

from anaspike.campaign.answer import Findings
from anaspike.campaign.bench import Bench
from anaspike.campaign.specs import Spec
from anaspike.circuits.designs import driven
from anaspike.errors import InputError
from anaspike.experiments.domain import Domain
from anaspike.experiments.network_file import read_network
from anaspike.experiments.neuron_transient import NeuronTransient
from anaspike.report.supply import supply_figure
from anaspike.studies.base import Celsius, Count, Farad, Ohm, Study, Volt

_HALVINGS = 5
# Of the droop that is allowed, half goes to the charge of a spike and half to the mean current.
_HALF = 0.5
_WITHIN = 0.95  # what is aimed at lies so far within what is allowed


class Supply(Study):
    """One neuron whose synapses hang on a domain with others that do what they do.

    Attributes:
        vdd_syn_V: of the stiff supply behind the source.
        codes: weight code of each synapse, 0 for an idle one; the design's own where not given.
        source_ohms: of the source, rising from 0.
        decouplings_F: from the domain to ground, rising from 0.
        synapses: active at once on the domain, each number in turn, rising; a neuron alone has
            as many as codes that are not 0.
        droop_V: that a domain may have, mean over a spike.
        network: file of the network that the synapses are of; so many and no more it has.
        spikes_in: of the train; the design's own where not given.
        corner, temperature_C, seed: conditions.
    """

    name: ClassVar[str] = "supply"
    title: ClassVar[str] = "Synapse supply: source resistance, decoupling, how many share it"
    by_design: ClassVar[Mapping[str, str]] = {"vdd_syn_V": "middle_V"}

    vdd_syn_V: Volt = 0.65
    codes: tuple[int, ...] | None = None
    source_ohms: tuple[Ohm, ...] = (0.0, 100.0, 1e3, 1e4, 1e5, 3e5, 1e6)
    decouplings_F: tuple[Farad, ...] = (0.0, 1e-12)
    synapses: tuple[Count, ...] = (1, 10, 100)
    droop_V: Volt = 5e-3
    network: Path | None = None
    spikes_in: int | None = None
    corner: str = "tt"
    temperature_C: Celsius = 27.0
    seed: int | None = None

    def specs(self) -> tuple[Spec, ...]:
        """What is said to be enough is enough; and how much a synapse may lose by it."""
        return (
            Spec("droop_as_needed_V", most=self.droop_V, why="run with what the table asks for"),
            Spec("k_as_needed", 0.9, why="a tenth of a weight is less than its 3 bits resolve"),
        )

    def parameters(self) -> dict[str, Any]:
        """Return what was asked for; a network file by its name, not by its place."""
        file = None if self.network is None else self.network.name
        return {**super().parameters(), "network": file, "codes": list(self._codes)}

    def check(self) -> None:
        """Refuse what cannot be simulated, and a domain of more synapses than there are."""
        for name in ("source_ohms", "decouplings_F"):
            values = getattr(self, name)
            if len(values) < 1 or values[0] != 0 or list(values) != sorted(set(values)):
                raise InputError(
                    f"supply: {name} must begin with 0, the stiff supply to compare with, and rise"
                )
        if len(self.source_ohms) < 2:
            raise InputError("supply: give source_ohms one more than 0, for example 0, 1k, 100k")
        counts = self.synapses
        if not counts or counts[0] < 1 or list(counts) != sorted(set(counts)):
            raise InputError("supply: synapses are whole numbers of at least 1 that rise")
        if not 0 < self.droop_V < self.vdd_syn_V:
            raise InputError("supply: droop_V must lie above 0 and below the synapse supply")
        if not self._active:
            raise InputError("supply: no synapse is active; give a code that is not 0")
        if self.network is not None:
            self._check_network(self.network)
        largest = self._point(self._domain(self.source_ohms[-1], self.decouplings_F[-1]))
        _ = largest.block  # its codes are checked as it is built
        _ = Domain(synapses=counts[0]).share_of(self._active)

    def find(self, bench: Bench) -> Findings:
        """Run every source, capacitor and number of synapses; then what is said to be enough."""
        self.check()
        wanted = [
            Domain(source_ohm, decoupling_F, count)
            for count in self.synapses
            for decoupling_F in self.decouplings_F
            for source_ohm in (self.source_ohms if not decoupling_F else self.source_ohms[1:])
        ]
        # Ten synapses on 1 kohm are one on 10 kohm: each share is run once.
        shares = list(dict.fromkeys(domain.share_of(self._active) for domain in wanted))
        ran = bench.run([self._point(share) for share in shares]).table
        ran.insert(0, "k", _k(ran, shares))
        row_of = dict(zip(shares, ran.to_dict("records"), strict=True))
        rows = pd.DataFrame(
            [{**row_of[d.share_of(self._active)], **d.conditions()} for d in wanted]
        )
        needs = self._needs(bench, shares, ran)
        table = rows[[name for name in _SHOWN if name in rows]]
        codes = ", ".join(f"{code:+d}" for code in self._codes if code)
        where = f"{self.pdk}, {self.corner}, {self.temperature_C:g} °C, {self.vdd_syn_V:g} V"
        return Findings(
            {"supply": table, "needs": needs},
            _quantities(needs),
            {"supply": partial(supply_figure, table, needs, f"Synapse-supply domain, {where}")},
            notes=(
                f"every active synapse of a domain has code {codes} and spikes when all others do,"
                " which is the worst that a domain can meet",
                "k: how far the first spike moves the membrane, over the stiff supply's; droop:"
                " mean while an input spike is high, of the worst spike; dip: the deepest, as"
                " gates switch",
                f"enough: a droop of {self.droop_V * 1e3:g} mV at most; by the source alone, or by"
                " a capacitor that gives a spike's charge and a larger source that makes it good"
                " before the next one; every such line was run",
            ),
            also=("needs",),
        )

    def _needs(self, bench: Bench, shares: Sequence[Domain], ran: pd.DataFrame) -> pd.DataFrame:
        """Return what a domain of each number of synapses needs; nothing where a run failed."""
        own = self._active
        alone = {
            share.source_ohm: ran.iloc[i]
            for i, share in enumerate(shares)
            if not share.decoupling_F
        }
        if any(row["status"] != "ok" for row in alone.values()):
            return pd.DataFrame({"synapses": list(self.synapses)})
        stiff = alone[0.0]
        source = self._for_droop(alone, self.droop_V * _WITHIN)
        counts_ohm = self._for_counts(bench, alone)
        drive = self._point(Domain(synapses=own)).design.drive
        current_A = self.droop_V / source.source_ohm
        spike_V, mean_V = self.droop_V * _HALF, self.droop_V * _HALF
        relaxed = Domain(
            mean_V / (current_A * drive.width_s / drive.period_s),
            current_A * drive.width_s / spike_V,
            own,
        )
        rows = bench.run([self._point(source), self._point(relaxed)]).table
        k = _k_of(rows, stiff)
        return pd.DataFrame(
            [
                {
                    "synapses": count,
                    "current_A": current_A * count / own,
                    "source_for_counts_ohm": counts_ohm * own / count,
                    "source_ohm": share.source_ohm * own / count,
                    "decoupling_F": share.decoupling_F * count / own,
                    "droop_V": rows["droop_V"].iloc[i],
                    "k": k[i],
                    "spikes_out": rows["spikes_out"].iloc[i],
                    "spikes_stiff": stiff["spikes_out"],
                    "status": rows["status"].iloc[i],
                }
                for count in self.synapses
                for i, share in enumerate((source, relaxed))
            ]
        )

    def _for_droop(self, alone: Mapping[float, Any], aim_V: float) -> Domain:
        """Return the source that has a droop, from the runs on either side of it."""
        ohms = [ohm for ohm in sorted(alone) if ohm]
        droop_V = [max(float(alone[ohm]["droop_V"]), 1e-9) for ohm in ohms]
        above = next((i for i, volt in enumerate(droop_V) if volt > aim_V), len(ohms) - 1)
        low, high = max(0, above - 1), max(1, above) if len(ohms) > 1 else 0
        if low == high:
            return Domain(ohms[0] * aim_V / droop_V[0], synapses=self._active)
        slope = math.log(ohms[high] / ohms[low]) / math.log(droop_V[high] / droop_V[low])
        ohm = ohms[low] * (aim_V / droop_V[low]) ** slope
        return Domain(ohm, synapses=self._active)

    def _for_counts(self, bench: Bench, alone: Mapping[float, Any]) -> float:
        """Return the largest source, without a capacitor, on which the neuron counts the same.

        Halved in on between the last that does and the first that does not (to a tenth).
        """
        counts = {ohm: alone[ohm]["spikes_out"] for ohm in sorted(alone)}
        changed = [ohm for ohm, count in counts.items() if count != counts[0.0]]
        if not changed:
            return max(counts)
        high = changed[0]
        low = max((ohm for ohm in counts if ohm < high), default=0.0)
        for _ in range(_HALVINGS):
            middle = math.sqrt(max(low, high * 1e-3) * high)
            row = bench.run(
                [self._point(Domain(middle, synapses=self._active))], doubted=False
            ).table.iloc[0]
            same = row["status"] == "ok" and row["spikes_out"] == counts[0.0]
            low, high = (middle, high) if same else (low, middle)
        return low

    @property
    def _codes(self) -> tuple[int, ...]:
        return self.design.drive.codes if self.codes is None else self.codes

    @property
    def _active(self) -> int:
        return sum(map(bool, self._codes))

    def _domain(self, source_ohm: float, decoupling_F: float) -> Domain:
        return Domain(source_ohm, decoupling_F, self._active)

    def _point(self, domain: Domain) -> NeuronTransient:
        design = driven(self.design, self._codes, self.spikes_in, None, None)
        return replace(
            NeuronTransient(
                self.process, design, self.vdd_syn_V, self.corner, self.temperature_C,
                seed=self.seed,
            ),
            domain=domain,
        )  # fmt: skip

    def _check_network(self, file: Path) -> None:
        """Refuse a domain of more synapses than a network has.

        Raises:
            InputError: it has not as many, or is no network.
        """
        network = read_network(file, self.pdk).network
        there = sum(len(cell.synapses) for cell in network.neurons)
        if self.synapses[-1] > there:
            raise InputError(
                f"supply: a domain of {self.synapses[-1]} synapses, and the network of {file.name}"
                f" has {there}; give at most {there}"
            )


_SHOWN = (
    *("synapses", "source_ohm", "decoupling_F", "spikes_in", "spikes_out"),
    *("k", "droop_V", "dip_V", "status", "message"),
)


def _k(table: pd.DataFrame, shares: Sequence[Domain]) -> "pd.Series[float]":
    stiff = next(i for i, share in enumerate(shares) if not share.source_ohm)
    return _k_of(table, table.iloc[stiff])


def _k_of(table: pd.DataFrame, stiff: "pd.Series[Any]") -> "pd.Series[float]":
    """Return how much of the stiff supply's first step of the membrane is left, as a factor."""
    if "first_rise_V" not in table or stiff["status"] != "ok":
        return pd.Series(float("nan"), table.index)
    return table["first_rise_V"].astype(float) / float(stiff["first_rise_V"])


def _quantities(needs: pd.DataFrame) -> dict[str, float | None]:
    """Return what one domain of the fewest synapses needs, and how all that is enough did."""
    known = "source_ohm" in needs and needs["status"].eq("ok").all()
    if not known:
        names = ("source_for_counts_ohm", "source_for_droop_ohm", "decoupling_for_droop_F",
                 "droop_as_needed_V", "k_as_needed")  # fmt: skip
        return dict.fromkeys(names)
    plain, decoupled = needs.iloc[0], needs.iloc[1]
    return {
        "source_for_counts_ohm": float(plain["source_for_counts_ohm"]),
        "source_for_droop_ohm": float(plain["source_ohm"]),
        "decoupling_for_droop_F": float(decoupled["decoupling_F"]),
        "droop_as_needed_V": float(needs["droop_V"].max()),
        "k_as_needed": float(needs["k"].min()),
    }
