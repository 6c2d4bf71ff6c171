"""`study = "netlist"`: a circuit that others drew, asked as our own are."""

from collections.abc import Mapping
from contextlib import suppress
from functools import cached_property, partial
from pathlib import Path
from typing import Any, ClassVar

from pydantic import Field

from anaspike.campaign.answer import Drawing, Findings
from anaspike.campaign.bench import Batch, Bench
from anaspike.campaign.quantities import over
from anaspike.circuits.brought import Brought, brought
from anaspike.errors import InputError
from anaspike.experiments.netlist_measures import Measure, read_measures
from anaspike.experiments.netlist_pins import DUT, Pins, Source, read_pins
from anaspike.experiments.netlist_transient import NetlistTransient
from anaspike.report.netlist import netlist_figure
from anaspike.spice.brought import Netlist, read_netlist
from anaspike.spice.carried import Carried, carried
from anaspike.spice.deck import ModelFiles
from anaspike.spice.expressions import evaluate
from anaspike.spice.failures import DeckRefused
from anaspike.spice.netlist import circuit_of
from anaspike.spice.options import SimulationOptions
from anaspike.spice.statements import small
from anaspike.studies.base import Celsius, Second, Study, Volt
from anaspike.studies.blocks.netlist_stimulus import read_stimulus
from anaspike.units import format_quantity, parse_quantity, printable, suggestion

_BY = ("corner", "temperature_C", "seed")
_FIXED = frozenset({"file", "subckt", "pins", "stimulus", "measure", "models"})
_LONGEST_STEPS = 1000  # a run has at least so many steps
# Half an hour of seven transistors, three times the usual time limit, and gigabytes of samples.
_MOST_STEPS = 1e8


class NetlistStudy(Study):
    """Run a sub-circuit of a netlist, and measure what a flow names.

    Attributes:
        file, subckt: the netlist beside the flow, and the sub-circuit in it.
        pins: pin -> "ground", "supply 0.9V", "supply 20nA", "stimulus", "load 5fF", "open",
            "with PIN".
        stimulus: pin -> its shape.
        measure: quantity -> what it is, in words.
        stop_s: end of the run.
        initial_V: pin or node -> where it starts.
        models: files of the user's own, "cards.inc" or "cards.lib tt", instead of the process's.
        params: parameter of the sub-circuit -> its value.
        sources: pin and unit, as "vdd_V" -> another level of its source.
        max_step_s: of the simulator; by itself a thousandth of the run at most.
        corner, temperature_C, seed: conditions; seed None for nominal devices.
        flow_folder: in which the files lie.
    """

    name: ClassVar[str] = "netlist"
    title: ClassVar[str] = "A netlist of one's own"
    tables: ClassVar[tuple[str, ...]] = ("sizes", "params", "sources", "initial_V")

    file: str
    subckt: str
    pins: dict[str, str]
    measure: dict[str, str]
    stop_s: Second
    stimulus: dict[str, dict[str, Any]] = Field(default_factory=dict)
    initial_V: dict[str, Volt] = Field(default_factory=dict)
    models: tuple[str, ...] = ()
    params: dict[str, str | float] = Field(default_factory=dict)
    sources: dict[str, str | float] = Field(default_factory=dict)
    max_step_s: Second | None = None
    corner: str = "tt"
    temperature_C: Celsius = 27.0
    seed: int | None = None
    flow_folder: Path = Field(default=Path(), exclude=True)

    def check(self) -> None:
        """Refuse, before anything is run, a netlist or a bench that cannot be simulated."""
        if self.sizes or self.sized is not None or self.layout is not None:
            raise InputError(
                "netlist: sizes, designs and layouts are of anaspike's own neuron; a netlist's"
                " parameters stand in params"
            )
        if not self.stop_s > 0:
            raise InputError(f"netlist: `stop_s` of {self.stop_s:g} s is no run; give more than 0")
        for source in self.bench.sources:
            if (source.begins_s or 0.0) >= self.stop_s:
                raise InputError(
                    f"netlist: stimulus.{source.pin}: it begins at {_time(source.begins_s or 0.0)},"
                    f" but the run ends at {_time(self.stop_s)}; is a unit left out (20us)?"
                )
        try:
            self.point.build().check()
        except DeckRefused as error:
            # The bench calls the circuit so, its user does not.
            said = str(error).replace(f"{DUT}.", "").replace(f" in {DUT}", f" in {self.subckt}")
            raise InputError(f"{printable(self.file)}: {said}") from None

    @cached_property
    def point(self) -> NetlistTransient:
        """What is run."""
        pins, own = self.bench, self._own
        return NetlistTransient(
            self.process, self.circuit, pins, self.measures, self.stop_s, self.corner,
            self.temperature_C, self.seed, self._options, self.initial_V,
            None if own is None else ModelFiles(own.body, own.files),
        )  # fmt: skip

    @cached_property
    def netlist(self) -> Netlist:
        """The netlist, read."""
        return read_netlist(self.file, self.flow_folder)

    @cached_property
    def circuit(self) -> Brought:
        """The sub-circuit in the process."""
        given = ((small(k), parse_quantity(v, "", f"params.{k}")) for k, v in self.params.items())
        own, pdk = self._own, self.process
        if own is None:
            return brought(self.netlist, self.subckt, pdk, tuple(given))
        known = circuit_of(own.body, tuple(own.files.items()))
        names = frozenset((*known.subcircuits, *known.models, *map(_bare, known.models)))
        return brought(self.netlist, self.subckt, None, tuple(given), names)

    @cached_property
    def bench(self) -> Pins:
        """What stands at the pins."""
        circuit, vdd_V = self.circuit, self.process.vdd_V
        stimuli = {small(pin): read_stimulus(pin, t) for pin, t in self.stimulus.items()}
        pins = read_pins(self.pins, stimuli, circuit.ports, circuit.common, vdd_V)
        return Pins(pins.nodes, self._moved(pins.sources), pins.loads)

    @cached_property
    def measures(self) -> tuple[Measure, ...]:
        """What is measured."""
        return read_measures(self.measure, self.bench, self.stop_s, self.process.vdd_V)

    def variable(self, name: str) -> str:
        """Return the name of what conditions may set: a parameter, a source's level, a condition.

        Raises:
            InputError: there is none of that name; the nearest is suggested.
        """
        table, dot, key = name.partition(".")
        known = {
            "params": self.known_params,
            "sources": tuple(knob_of(source) for source in self.bench.sources),
        }
        if table in known and dot:
            name = spelled(name)
            if name.partition(".")[2] not in known[table]:
                hint = suggestion(key, known[table]) if known[table] else "there is none"
                raise InputError(f"netlist: {table} has no '{printable(key)}'; {hint}")
            return name
        if name in _FIXED or table == "sizes":
            raise InputError(
                f"netlist: {printable(name)} cannot be varied; vary params.NAME, sources.PIN_V or a"
                " condition"
            )
        return name if dot and table in self.tables else super().variable(name)

    @property
    def known_params(self) -> tuple[str, ...]:
        """Parameters that may be set: the sub-circuit's, and the netlist's own."""
        sub = self.netlist.subcircuit(self.subckt)
        return (*sub.defaults, *sub.local, *self.netlist.whole.local)

    def entries(self) -> dict[str, float]:
        """Return what may be searched, and what it is: "params.wn", "sources.vdd_V".

        Parameters that are worked out of others are not among them.
        """
        sub, whole = self.netlist.subcircuit(self.subckt), self.netlist.whole
        texts = {
            **whole.local,
            **sub.defaults,
            **sub.local,
            **{small(k): str(v) for k, v in self.params.items()},
        }
        values: dict[str, float] = {}
        for name, text in texts.items():
            with suppress(InputError):
                values[f"params.{name}"] = evaluate(text, _no_name)
        return {**values, **{f"sources.{knob_of(s)}": s.most for s in self.bench.sources}}

    def find(self, bench: Bench) -> Findings:
        """Run it once, and measure."""
        batch = bench.run([self.point], keep={0})
        names = [one.name for one in self.measures]
        table = batch.table
        return Findings(
            {"netlist": table},
            {**over(table, names, _BY)},
            self._figures(batch),
            notes=tuple(self._notes()),
            show=tuple(name for name in names if name in table),
        )

    def _figures(self, batch: Batch) -> Mapping[str, Drawing]:
        waves = batch.waveforms.get(0)
        if waves is None:
            return {}
        shown = {}
        for name in self.point.watched:
            current = name.startswith("i(v")  # of the source, which drives it into the pin
            label = f"i({name[3:]}" if current else name.replace(f"{DUT}.", "")
            shown[label] = -waves[name] if current else waves[name]
        where = self.pdk if not self.models else "models of its own"
        title = f"{self.subckt} of {self.file}, {where}, {self.corner}"
        return {"netlist": partial(netlist_figure, waves.time_s, shown, title)}

    def _notes(self) -> list[str]:
        circuit = self.circuit
        if self.models:
            return ["models of the user's own: no corners, and no mismatch"]
        known = len(circuit.devices)
        notes = [f"{known} transistors of {self.pdk} are known: corners and mismatch are theirs"]
        if circuit.passives:
            names = ", ".join(sorted({one.device for one in circuit.passives}))
            notes.append(f"nominal at every corner, without mismatch: {names}")
        if circuit.unknown:
            notes.append(
                "devices of the netlist's own models know no corner and no mismatch:"
                f" {circuit.unknown} in its sub-circuits"
            )
        return notes

    @property
    def _options(self) -> SimulationOptions:
        # Nobody knows which node decides: what a known neuron may leave out, this one may not.
        options = self.design.options.fine()
        step_s = self.max_step_s
        if step_s is None:
            step_s = min(options.max_step_s, self.stop_s / _LONGEST_STEPS)
        if not 0 < step_s <= self.stop_s:
            raise InputError(
                f"netlist: `max_step_s` of {step_s:g} s; use more than 0, up to stop_s"
            )
        if self.stop_s > _MOST_STEPS * step_s:
            raise InputError(
                f"netlist: `stop_s` of {_time(self.stop_s)} would be {self.stop_s / step_s:.2g}"
                f" steps of {_time(step_s)}; is a unit left out (20us)? Else give a larger"
                " `max_step_s`"
            )
        return SimulationOptions(**{**options.as_dict(), "max_step_s": step_s})  # type: ignore[arg-type]

    @cached_property
    def _own(self) -> Carried | None:
        if not self.models:
            return None
        lines = []
        for text in self.models:
            file, _, section = text.strip().partition(" ")
            if not file or any(mark in text for mark in "'\"\n\r"):
                raise InputError(
                    f"models: '{printable(text)}' is no file; write cards.inc, or cards.lib tt"
                )
            lines.append(f".lib '{file}' {section.strip()}" if section else f".include '{file}'")
        return carried("\n".join(lines), self.flow_folder, what="`models`", inside=self.flow_folder)

    def _moved(self, sources: tuple[Source, ...]) -> tuple[Source, ...]:
        """Return sources with the levels that `sources` names."""
        levels = {small_but_unit(name): value for name, value in self.sources.items()}
        knobs = {knob_of(source): source for source in sources}
        if strange := next((name for name in levels if name not in knobs), None):
            hint = suggestion(strange, knobs) if knobs else "no pin has a source"
            raise InputError(f"sources.{printable(strange)}: there is none; {hint}")
        return tuple(
            source.at(parse_quantity(levels[knob], source.unit, f"sources.{knob}"))
            if knob in levels else source
            for knob, source in knobs.items()
        )  # fmt: skip


def _time(seconds: float) -> str:
    return format_quantity(seconds, "s")


def _no_name(name: str) -> float:
    raise InputError(f"{printable(name)} is no number")


def small_but_unit(knob: str) -> str:
    """Return a source's name in small letters, but for its unit: VDD_V is vdd_V."""
    name, under, unit = knob.rpartition("_")
    return f"{small(name)}{under}{unit}"


def spelled(name: str) -> str:
    """Return the name of what may be varied as SPICE spells it: sources.VDD_V is sources.vdd_V."""
    table, _, key = name.partition(".")
    if table == "params":
        return f"{table}.{small(key)}"
    return f"{table}.{small_but_unit(key)}" if table == "sources" else name


def knob_of(source: Source) -> str:
    """Return what a source is called where its level is set: pin and unit."""
    return f"{source.pin}_{source.unit}"


def _bare(model: str) -> str:
    """Return a model's name without the number of its bin."""
    base, _, number = model.rpartition(".")
    return base if base and number.isdigit() else model
