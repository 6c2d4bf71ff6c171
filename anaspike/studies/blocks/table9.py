"""`table9`: the neuron beside the paper's, the four that it cites (Table 9) and some since."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, ClassVar

import pandas as pd

from anaspike.campaign.answer import Findings
from anaspike.campaign.bench import Bench
from anaspike.campaign.specs import Spec, Verdict, judge
from anaspike.circuits.area import NeuronArea, area_rules, drawn_area, neuron_area
from anaspike.circuits.designs import Design, driven
from anaspike.errors import InputError
from anaspike.experiments.neuron_transient import NeuronTransient
from anaspike.pdk.catalog import open_pdk
from anaspike.pdk.roles import Pdk
from anaspike.spice.modules import Module
from anaspike.studies.base import Celsius, Farad, Study, Volt
from anaspike.studies.blocks.max_rate import fastest, less_references, search_max_rate
from anaspike.studies.blocks.published import CITED, PAPER, SINCE, row_of
from anaspike.studies.said import said_of_mirror
from anaspike.units import format_named, label_of

_SKY130 = "sky130"


@dataclass(frozen=True)
class Compared:
    """A figure of ours against the paper's.

    Attributes:
        paper: the paper's value, None where it gives none.
        side: whether ours should be at "least" or at "most" that; None for an
            estimate, which is shown and not judged.
        assumes: what ours rests on.
        drawn: what it rests on where the neuron is drawn.
        smaller_is_better: which way is better.
    """

    paper: float | None
    side: str | None
    assumes: str
    drawn: str
    smaller_is_better: bool = True

    def remark(self, ours: float | None, drawn: bool) -> str:
        """Return what ours rests on; where it is better, that no layout backs it, if none does."""
        if drawn:
            return self.drawn
        if ours is None or self.paper is None:
            return self.assumes
        better = ours < self.paper if self.smaller_is_better else ours > self.paper
        return self.assumes + ("; better, but not laid out yet" if better else "")


_COMPARED: Mapping[str, Compared] = {
    "area_core_um2": Compared(PAPER.area_core_um2, None, "from device sizes", "layout"),
    "area_total_um2": Compared(PAPER.area_total_um2, None, "from device sizes", "layout"),
    "max_rate_Hz": Compared(
        PAPER.max_rate_Hz, "least", "wires estimated", "layout", smaller_is_better=False
    ),
    "energy_per_spike_J": Compared(
        PAPER.energy_per_spike_J, "most",
        "at our highest rate, wires estimated", "at our highest rate, layout",
    ),
    "energy_per_spike_3MHz_J": Compared(
        PAPER.energy_per_spike_J, "most", "at 3.3 MHz, wires estimated", "at 3.3 MHz, layout"
    ),
    "energy_less_references_J": Compared(
        None, None,
        "the same, without V_rest, V_th and mirror", "layout, without V_rest, V_th and mirror",
    ),
    "energy_less_references_3MHz_J": Compared(
        None, None, "likewise at 3.3 MHz", "layout, likewise at 3.3 MHz"
    ),
    "static_power_W": Compared(None, None, "at rest; the paper gives none", "at rest, layout"),
}  # fmt: skip
_OUR_KIND = "the paper's neuron, its synapses' supply tunes it; {made}, simulated"
_WITH_ESTIMATE = "estimate: the layout, and weights from cells"


class Table9(Study):
    """Our neuron on each process beside the published ones.

    Attributes:
        pdks: processes, a row each; where not given, `pdk`, and SkyWater 130 too
            when its models are on this machine.
        codes, vdd_syn_V: the drive; the paper's neuron has three synapses. The highest supply
            that each design is for, where none is given.
        spikes_in: of the train; four times as many confirm the highest rate.
        corner, temperature_C: conditions.
        seed: of a mismatch sample; None for nominal devices.
        wire_capacitance_F: of each node.
        resolution: relative precision of the highest rate.
    """

    name: ClassVar[str] = "table9"
    title: ClassVar[str] = "Beside the state of the art (Table 9)"

    pdks: tuple[str, ...] | None = None
    codes: tuple[int, ...] = (7, 0, 0)
    vdd_syn_V: Volt | None = None
    spikes_in: int = 10
    corner: str = "tt"
    temperature_C: Celsius = 27.0
    seed: int | None = None
    wire_capacitance_F: Farad = 2e-15
    resolution: float = 0.05

    def specs(self) -> tuple[Spec, ...]:
        """At least the paper's rate, at most its energy, on every process.

        A process that would have a row, were its models here, is said not to be judged.
        """
        here = self.processes()
        absent = (_SKY130,) if self.pdks is None and _SKY130 not in here else ()
        return tuple(
            Spec(
                _quantity(figure, name),
                least=against.paper if against.side == "least" else None,
                most=against.paper if against.side == "most" else None,
                why="the paper's own, Table 9",
                pdk=name if name in absent else None,
            )
            for name in (*here, *absent)
            for figure, against in _COMPARED.items()
            if against.side is not None
        )

    @property
    def process(self) -> Pdk:
        """The first of the processes: the one that the manifest names."""
        return self.process_named(self.processes()[0])

    @property
    def modules(self) -> tuple[Module, ...]:
        """Compiled models of any of the processes: one simulator runs all rows."""
        return tuple(module for name in self.processes() for module in open_pdk(name).osdi())

    def processes(self) -> tuple[str, ...]:
        """Return the names of the processes, one row each."""
        if self.pdks is not None:
            return self.pdks
        return tuple(dict.fromkeys((self.pdk, *((_SKY130,) if _sky130_found() else ()))))

    def parameters(self) -> dict[str, Any]:
        """Return what was asked for, and which processes that meant."""
        return {**super().parameters(), "pdks": list(self.processes())}

    def check(self) -> None:
        """Refuse conditions that cannot be simulated."""
        if not self.processes():
            raise InputError("table9 needs a process; write `pdks`, for example generic28")
        if len(set(self.processes())) < len(self.processes()):
            raise InputError("table9 has one row a process; name each of them once")
        if not 0.001 <= self.resolution <= 1:
            raise InputError(f"a resolution of {self.resolution:g} is outside 0.001 to 1; use 0.05")
        for name in self.processes():
            _ = self._point(name).block  # its codes are checked as it is built
            _ = area_rules(name)  # else known only after the search
            if self.layout is not None:
                _ = self._area(name)

    def find(self, bench: Bench) -> Findings:
        """Search the highest rate on each process; the first point of it is at 3.3 MHz."""
        tried = {name: self._search(bench, name) for name in self.processes()}
        areas = {name: self._area(name) for name in tried}
        made = "schematic" if self.layout is None else "layout, extracted"
        ours = [
            {
                "design": self._ours(name),
                **_our_row(name, tried[name], areas[name]),
                "kind": _OUR_KIND.format(made=made),
            }
            for name in tried
        ]
        quantities = {
            _quantity(figure, name): row[figure]
            for name, row in zip(tried, ours, strict=True)
            for figure in _COMPARED
        }
        return Findings(
            tables={
                "table9": pd.DataFrame([*ours, *map(row_of, (PAPER, *CITED, *SINCE))]),
                "compared": self._compared(quantities),
                "area": pd.concat(
                    (_area_table(name, area) for name, area in areas.items()), ignore_index=True
                ),
                "max_rate": pd.concat(
                    (table.assign(pdk=name) for name, table in tried.items()), ignore_index=True
                ),
            },
            quantities=quantities,
            notes=self._notes(),
            also=("compared", "area"),
        )

    def _ours(self, name: str) -> str:
        """Return what our neuron is called: beside the sized one a drawn one is another."""
        drawn = ", drawn" if self.layout is not None else ""
        weights = ", with its weight memory" if _holds_weights(self.design_in(name)) else ""
        return f"ours, {name}{drawn}{weights}"

    def _supply_of(self, name: str) -> float:
        return self.design_in(name).supplies.high_V if self.vdd_syn_V is None else self.vdd_syn_V

    def _point(self, name: str) -> NeuronTransient:
        process = self.process_named(name)
        design = driven(self.design_in(name), self.codes, self.spikes_in, None, None)
        return NeuronTransient(
            process,
            design,
            self._supply_of(name),
            self.corner,
            self.temperature_C,
            self.wire_capacitance_F,
            self.seed,
        )

    def _area(self, name: str) -> NeuronArea:
        """Return the neuron's area: of its layout where it has one, else from device sizes."""
        process, design = self.process_named(name), self.design_in(name)
        estimated = neuron_area(process, design)
        if self.layout is None:
            return estimated
        plain = replace(self._point(name), pdk=process.laid_out(None), whole=True).block
        frames_um2 = self.layout.frames_um2(plain)
        if not frames_um2:
            raise InputError(
                "table9 answers for a whole neuron, and `layout` has none with a frame; give one of"
                " it, or generated"
            )
        drawn = drawn_area(plain, frames_um2)
        return (
            drawn
            if _holds_weights(design)
            else replace(drawn, parts=(*drawn.parts, estimated.parts[-1]))
        )

    def _search(self, bench: Bench, name: str) -> pd.DataFrame:
        point = self._point(name)
        # A period no longer than a spike has no room for one.
        fast_s = point.design.drive.width_s
        return search_max_rate(bench, point, 1 / PAPER.max_rate_Hz, fast_s, self.resolution)

    def _compared(self, quantities: Mapping[str, float | None]) -> pd.DataFrame:
        here = [spec for spec in self.specs() if spec.pdk is None]
        verdicts = {v.spec.quantity: v for v in judge(here, quantities)}
        return pd.DataFrame(
            {
                "pdk": name,
                "figure": label_of(figure),
                "paper": _shown(figure, against.paper),
                "ours": _shown(figure, ours),
                "ratio": ours / against.paper if ours is not None and against.paper else None,
                "bound": f"at {against.side}" if against.side else "none",
                "verdict": _word(verdicts.get(_quantity(figure, name))),
                "assumes": self._assumes(name, figure, ours),
            }
            for name in self.processes()
            for figure, against in _COMPARED.items()
            for ours in (quantities[_quantity(figure, name)],)
        )

    def _assumes(self, name: str, figure: str, ours: float | None) -> str:
        drawn = self.layout is not None
        if drawn and figure == "area_total_um2" and not _holds_weights(self.design_in(name)):
            return _WITH_ESTIMATE
        return _COMPARED[figure].remark(ours, drawn)

    def _notes(self) -> tuple[str, ...]:
        codes = ", ".join(f"{code:+d}" if code else "0" for code in self.codes)
        supplies = ", ".join(f"{self._supply_of(n):g} V ({n})" for n in self.processes())
        return (
            f"ours: codes {codes} at {supplies}, corner {self.corner},"
            f" {self._wires}, {self.spikes_in} spikes; the paper's figures are from a layout",
            "highest rate: one spike out for each one in, input spikes no wider than half their"
            f" period, found to {self.resolution:.0%}, confirmed with a train four times as long",
            "energy counts the core, synapses, references and bias; static power likewise",
            said_of_mirror(*map(self.design_in, self.processes())),
            "the neurons of 4 and 1.6 fJ a spike are of another kind: a few femtofarad that cross"
            " an inverter's threshold at 0.2 V, without weights or a threshold that one can set",
            *self._notes_of_area(),
        )

    @property
    def _wires(self) -> str:
        if self.layout is not None:
            return "the wires of its layout"
        return f"{self.wire_capacitance_F * 1e15:g} fF of wire a node"

    def _notes_of_area(self) -> tuple[str, ...]:
        if self.layout is not None:
            return (
                "area: frames at which neighbours abut, no guard rings, no bias mirror; core: all"
                " but synapses and weights; total: with 3 synapses and what stores their weights,"
                " as the paper's",
            )
        stored = all(map(_holds_weights, map(self.design_in, self.processes())))
        weights = "the memory of their weights" if stored else "18 flip-flops of weight"
        return (
            f"core area: all but synapses; total: with 3 synapses and {weights};"
            " no routing, no guard rings, no bias mirror",
            *(area_rules(name).basis for name in self.processes()),
        )


def _our_row(name: str, tried: pd.DataFrame, area: NeuronArea) -> dict[str, Any]:
    best = fastest(tried)
    at_3mhz = tried.iloc[0] if tried["one_to_one"].iloc[0] else None

    def figure(row: "pd.Series[Any] | None", column: str) -> float | None:
        return None if row is None else float(row[column])

    def without(row: "pd.Series[Any] | None") -> float | None:
        return None if row is None else less_references(row)

    return {
        "process_nm": area_rules(name).process_nm,
        "area_core_um2": area.core_um2,
        "area_total_um2": area.total_um2,
        "max_rate_Hz": figure(best, "rate_in_Hz"),
        "energy_per_spike_J": figure(best, "energy_per_spike_J"),
        "energy_per_spike_3MHz_J": figure(at_3mhz, "energy_per_spike_J"),
        "energy_less_references_J": without(best),
        "energy_less_references_3MHz_J": without(at_3mhz),
        "static_power_W": figure(at_3mhz, "static_power_W"),
        "source": "this run",
    }


def _holds_weights(design: Design) -> bool:
    return design.neuron.weights == "stored"


def _area_table(name: str, area: NeuronArea) -> pd.DataFrame:
    parts = [{"pdk": name, **vars(part)} for part in area.parts]
    return pd.DataFrame(parts).rename(columns={"name": "part"})


def _quantity(figure: str, pdk_name: str) -> str:
    """Return the name of one process's figure; its unit stays last."""
    bare, _, unit = figure.rpartition("_")
    return f"{bare}_{pdk_name}_{unit}"


def _shown(figure: str, value: float | None) -> str:
    return "—" if value is None else format_named(figure, value)


def _word(verdict: Verdict | None) -> str:
    if verdict is None:
        return "not judged"
    return "met" if verdict.met else "missed"


def _sky130_found() -> bool:
    try:
        open_pdk(_SKY130)
    except InputError:
        return False
    return True
