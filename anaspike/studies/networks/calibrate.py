"""`calibrate`: for each chip find the synapse supplies that restore the nominal spikes."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import cached_property, partial
from itertools import product
from typing import Any, ClassVar, Literal

import pandas as pd

from anaspike.campaign.answer import Drawing, Findings
from anaspike.campaign.bench import Bench
from anaspike.campaign.search import Crossing, Window, first_reaching
from anaspike.campaign.specs import Spec
from anaspike.circuits.designs import driven
from anaspike.circuits.network import Network, NetworkNeuron
from anaspike.errors import InputError
from anaspike.experiments.calibration import Case, Chip, CountSpikes, condition_of
from anaspike.report.calibrate import calibrate_figure
from anaspike.studies.base import Study, Volt
from anaspike.studies.conditions import Conditions
from anaspike.studies.networks.mended import AFTER, BEFORE, QUANTITIES, quantities_of, yields_of
from anaspike.studies.networks.sinks import sink_levels
from anaspike.studies.networks.xor import CASES, LEAST_SPIKES, SPIKES_OF_A_ONE, Xor

Supplies = Mapping[str, float]  # neuron -> volt
_NOMINAL = Chip()
_HEADROOM_V = 0.05  # a synapse supply stays this far below the core's
_TOLERANCE = 1  # spikes: a neuron this close to the nominal count is right


class Calibrate(Study):
    """Search, on every chip, the supplies that restore what the nominal chip does.

    Of each neuron the lowest supply is bisected at which it fires as often as
    the nominal one does at its nominal supply. The nominal neuron's own lowest
    supply lies below that by some slack; a chip gets the same slack above its
    own. A neuron is measured after those it hears have been set.

    Attributes:
        target: "neuron", one on its own, or "xor", the network of section 6.2.
        reading: of the XOR, as in `xor-test`.
        vdd_syn_V: nominal supply of the neuron on its own.
        spikes_in: of its input train; the design's own where not given.
        conditions: which chips: corners, temperatures, mismatch samples.
        from_V, to_V: allowed supplies; where `to_V` is not given, up to 50 mV
            below the core's.
        resolution_V: step of the search.
        sinks: "follow", the sinks' gates stand on each neuron's own supply; "set", on one of the
            chip's, at which a unit of inhibition is what a unit of excitation is nominally.
    """

    name: ClassVar[str] = "calibrate"
    title: ClassVar[str] = "Supplies that restore the nominal spikes"
    by_design: ClassVar[Mapping[str, str]] = {"vdd_syn_V": "middle_V"}

    target: Literal["neuron", "xor"] = "neuron"
    reading: Literal["wide", "paper"] = "wide"
    vdd_syn_V: Volt = 0.65
    spikes_in: int | None = None
    conditions: Conditions = Conditions()
    from_V: Volt = 0.45
    to_V: Volt | None = None
    resolution_V: Volt = 0.01
    sinks: Literal["follow", "set"] = "follow"

    def specs(self) -> tuple[Spec, ...]:
        """Setting supplies never costs yield."""
        return (Spec("yield_gained", 0, why="setting the supplies never costs yield"),)

    def check(self) -> None:
        """Refuse chips or supplies that cannot be."""
        window = self.window
        if window.low < 0:
            raise InputError(f"`from_V` is {window.low:g}; a supply is 0 V or more")
        for name, supply_V in self.nominal_supplies.items():
            if not window.low < supply_V <= window.high:
                raise InputError(
                    f"the nominal supply of {name}, {supply_V:g} V, is outside the allowed"
                    f" {window.low:g} to {window.high:g} V"
                )
        for chip in self.chips:
            self.counter.all_neurons(chip, self.cases[0], self.nominal_supplies)

    @property
    def chips(self) -> tuple[Chip, ...]:
        """Every chip: each corner at each temperature with each mismatch sample."""
        axes = {axis.name: axis.values for axis in self.conditions.axes()} or {"corner": _CORNERS}
        values: Any = product(*axes.values())
        return tuple(Chip(**dict(zip(axes, one, strict=True))) for one in values)

    @property
    def window(self) -> Window:
        """The allowed supplies."""
        top_V = self.process.vdd_V - _HEADROOM_V
        return Window(self.from_V, top_V if self.to_V is None else self.to_V, self.resolution_V)

    @property
    def nominal_supplies(self) -> Supplies:
        """Supply of each neuron on the nominal chip."""
        return {cell.name: cell.vdd_syn_V for cell in self.counter.network.neurons}

    @cached_property
    def counter(self) -> CountSpikes:
        """What is measured."""
        if self.target == "xor":
            xor = Xor(pdk=self.pdk, reading=self.reading)
            return CountSpikes(self.process, xor.driving(self.design), xor.network())
        design = driven(self.design, None, self.spikes_in, None, None)
        codes = enumerate(design.drive.codes, 1)
        cell = NetworkNeuron("neuron", tuple((f"in{i}", c) for i, c in codes), self.vdd_syn_V)
        network = Network(tuple(source for source, _ in cell.synapses), (cell,), ("neuron",))
        return CountSpikes(self.process, design, network)

    @property
    def cases(self) -> tuple[Case, ...]:
        """Spikes of each input, in every case that is judged."""
        network = self.counter.network
        if self.target == "xor":
            ones = (
                {n: SPIKES_OF_A_ONE * b for n, b in zip(network.inputs, bits, strict=True)}
                for bits in CASES
            )
            return tuple(ones)
        spikes_in = self.counter.design.drive.spikes_in
        return ({source: spikes_in if c else 0 for source, c in network.neurons[0].synapses},)

    def find(self, bench: Bench) -> Findings:
        """Run all chips as they are, search their supplies, run them again."""
        plain, nominal_V = self.counter, self.nominal_supplies
        nominal = self._run(bench, plain, {_NOMINAL: nominal_V}, "nominal")
        before = self._run(bench, plain, dict.fromkeys(self.chips, nominal_V), BEFORE)
        if not (nominal["status"] == "ok").all():
            return Findings({"cases": nominal}, dict.fromkeys(QUANTITIES))
        wanted = self._wanted(nominal)
        counter = self._with_sinks(bench)
        found = self._search(bench, counter, wanted)
        settings = self._settings(found)
        after = self._run(bench, counter, _supplies(settings), AFTER)
        table = self._chip_table(before, after, nominal, settings, found)
        if self.sinks == "set":
            levels_V = [counter.sink_on_V.get(condition_of(chip)) for chip in self.chips]
            table.insert(list(table).index("limited"), "sink_on_V", levels_V)
        yields = yields_of(table)
        return Findings(
            {
                "calibrate": table,
                "yield": yields,
                "supplies": settings,
                "cases": pd.concat([nominal, before, after], ignore_index=True),
            },
            quantities_of(table, yields),
            {"calibrate": self._drawing(table, yields)},
            notes=(
                *(
                    f"{name}: {count} spikes wanted for {_shown(case)}"
                    for name, (case, count) in wanted.items()
                ),
                f"supplies searched from {self.window.low:g} to {self.window.high:g} V in steps"
                f" of {self.window.step:g} V; {self._figure_of_merit()[1]}",
            ),
            show=(
                *(axis for axis in _AXES if table[axis].nunique() > 1),
                *(f"{self._figure_of_merit()[0]}_{when}" for when in (BEFORE, AFTER)),
                *("right_before", "right_after"),
                *(("exact_before", "exact_after") if self.reading == "paper" else ()),
                *(f"vdd_syn_{name}_V" for name in self.nominal_supplies),
                *(("sink_on_V",) if self.sinks == "set" else ()),
                *(("limited",) if table["limited"].any() else ()),
            ),
            also=("yield",),
        )  # fmt: skip

    def _with_sinks(self, bench: Bench) -> CountSpikes:
        """Return what is measured, with the sinks' level of each chip where it is set."""
        if self.sinks == "follow":
            return self.counter
        levels_V = sink_levels(
            bench, self.process, self.counter.design, self.chips,
            self.nominal_supplies.values(), self.window.high,
        )  # fmt: skip
        return replace(self.counter, sink_on_V=levels_V)

    def _run(
        self, bench: Bench, counter: CountSpikes, supplies_V: Mapping[Chip, Supplies], kind: str
    ) -> pd.DataFrame:
        """Run every case on each chip; return a row for each."""
        asked = [(chip, case) for chip in supplies_V for case in self.cases]
        points = [counter.all_neurons(c, case, supplies_V[c], kind) for c, case in asked]
        table = bench.run(points).table.rename(columns={"case": "supplies"})
        table.insert(2, "temperature_C", [chip.temperature_C for chip, _ in asked])
        return table.astype({"seed": "Int64"})

    def _wanted(self, nominal: pd.DataFrame) -> dict[str, tuple[Case, int]]:
        """Return, for each neuron, the case it is measured in and its nominal count there.

        Of the cases in which it fires that with the fewest spikes: a count that
        follows every input spike would not move with the supply.

        Raises:
            InputError: a neuron that does not fire at its nominal supply.
        """
        wanted = {}
        for name in self.nominal_supplies:
            counts = nominal[f"spikes_{name}"].tolist()
            fired = [i for i, count in enumerate(counts) if count > 0]
            if not fired:
                raise InputError(
                    f"{name} does not fire at its nominal supply, so there is nothing to restore;"
                    " give it a higher one"
                )
            least = min(fired, key=lambda i: counts[i])
            wanted[name] = (self.cases[least], int(counts[least]))
        return wanted

    def _search(
        self, bench: Bench, counter: CountSpikes, wanted: Mapping[str, tuple[Case, int]]
    ) -> dict[tuple[Chip, str], Crossing]:
        """Return where each neuron of each chip, and of the nominal one, reaches its count."""
        found: dict[tuple[Chip, str], Crossing] = {}
        chips = dict.fromkeys((_NOMINAL, *self.chips))
        for level in self.counter.network.levels():
            set_V = _supplies(self._settings(found)) if found else {}

            def measure(
                asked: Mapping[tuple[Chip, str], float], set_V: Mapping[Chip, Supplies] = set_V
            ) -> dict[tuple[Chip, str], float | None]:
                points = [
                    counter.one_neuron(
                        chip, name, wanted[name][0],
                        {**self.nominal_supplies, **set_V.get(chip, {}), name: supply_V},
                    )
                    for (chip, name), supply_V in asked.items()
                ]  # fmt: skip
                rows = bench.run(points).table.to_dict("records")
                return {
                    key: row[f"spikes_{key[1]}"] if row["status"] == "ok" else None
                    for key, row in zip(asked, rows, strict=True)
                }

            keys = {(chip, name): wanted[name][1] for chip in chips for name in level}
            found |= first_reaching(measure, keys, self.window)
        return found

    def _settings(self, found: Mapping[tuple[Chip, str], Crossing]) -> pd.DataFrame:
        """Return a row for each chip and neuron: its supply, and what stood in its way."""
        rows = []
        for (chip, name), crossing in found.items():
            nominal_V, nominal = self.nominal_supplies[name], found[_NOMINAL, name]
            supply_V, limited = _set(crossing, nominal, nominal_V, self.window)
            if chip in self.chips:
                rows.append(
                    {
                        **vars(chip),
                        "neuron": name,
                        "nominal_V": nominal_V,
                        "reached_nominal_V": nominal.at,
                        "reached_V": crossing.at,
                        "vdd_syn_V": supply_V,
                        "limited": limited,
                        "runs": crossing.runs,
                    }
                )
        return pd.DataFrame(rows).astype({"seed": "Int64"})

    def _chip_table(
        self,
        before: pd.DataFrame,
        after: pd.DataFrame,
        nominal: pd.DataFrame,
        settings: pd.DataFrame,
        found: Mapping[tuple[Chip, str], Crossing],
    ) -> pd.DataFrame:
        """Return a row for each chip: before, after, its supplies."""
        merit = self._figure_of_merit()[0]
        judged = {
            when: self._judged(cases, nominal) for when, cases in ((BEFORE, before), (AFTER, after))
        }
        supplies_V = _supplies(settings)
        rows = []
        for i, chip in enumerate(self.chips):
            limits = settings[[Chip(*key) == chip for key in _keys(settings)]]["limited"]
            statuses = [
                cases["status"].iloc[i * len(self.cases) :][: len(self.cases)]
                for cases in (before, after)
            ]
            bad = [status for part in statuses for status in part if status != "ok"]
            rows.append(
                {
                    **vars(chip),
                    **{f"{merit}_{when}": values[i][0] for when, values in judged.items()},
                    **{f"right_{when}": values[i][1] for when, values in judged.items()},
                    **{f"exact_{when}": values[i][2] for when, values in judged.items()},
                    **{f"vdd_syn_{name}_V": v for name, v in supplies_V[chip].items()},
                    "limited": "; ".join(text for text in limits if text),
                    "runs": sum(found[chip, name].runs for name in self.nominal_supplies),
                    "status": bad[0] if bad else "ok",
                }
            )
        table = pd.DataFrame(rows)
        counts = ["seed", *(f"{merit}_{when}" for when in judged)]
        return table.astype(dict.fromkeys(counts, "Int64"))

    def _judged(
        self, cases: pd.DataFrame, nominal: pd.DataFrame
    ) -> list[tuple[int | None, bool, bool]]:
        """Return, for each chip, its figure of merit, whether it is right, and whether exactly.

        Exactly: every case gives as many spikes as on the nominal chip.
        """
        (output,) = self.counter.network.outputs
        column = f"spikes_{output}"
        counts = (cases[column] if column in cases else cases["seed"] * pd.NA).tolist()
        wanted = nominal[column].tolist()
        size = len(self.cases)
        chips = [counts[i : i + size] for i in range(0, len(counts), size)]
        return [
            (None, False, False) if any(pd.isna(n) for n in chip)
            else (*_xor_margin(chip), chip == wanted) if self.target == "xor"
            else (int(chip[0]), abs(int(chip[0]) - wanted[0]) <= _TOLERANCE, chip == wanted)
            for chip in chips
        ]  # fmt: skip

    def _figure_of_merit(self) -> tuple[str, str]:
        if self.target == "xor":
            return (
                "margin_spikes",
                "margin: how many more, or fewer, spikes would make a case wrong",
            )
        return "spikes", f"right: within {_TOLERANCE} spike of the nominal count"

    def _drawing(self, table: pd.DataFrame, yields: pd.DataFrame) -> Drawing:
        merit = self._figure_of_merit()[0]
        before, after = yields["right"].iloc[:2]
        title = f"{self.target} on {self.pdk}: {before} of {yields['of_chips'].iloc[0]} chips right"
        title += f", {after} with their supplies set"
        ends_V = self.window.low, self.window.high
        return partial(calibrate_figure, table, merit, self.nominal_supplies, ends_V, title)


_AXES = ("corner", "temperature_C", "seed")
_CORNERS = ("tt", "ff", "ss", "sf", "fs")


def _xor_margin(counts: Sequence[int]) -> tuple[int, bool]:
    """Return how many more, or fewer, output spikes would make a case wrong, and if none is."""
    margins = [
        count - (LEAST_SPIKES - 1) if a ^ b else LEAST_SPIKES - count
        for count, (a, b) in zip(counts, CASES, strict=True)
    ]
    return int(min(margins)), min(margins) > 0


def _set(
    crossing: Crossing, nominal: Crossing, nominal_V: float, window: Window
) -> tuple[float, str]:
    """Return a neuron's supply, and in words what limited it; "" where nothing did."""
    if "failed" in {nominal.status, crossing.status}:
        return nominal_V, "a measurement failed"
    if nominal.at is None:
        return nominal_V, f"the nominal neuron's own count is {nominal.status} the range"
    if crossing.status == "above":
        return window.high, f"not reached up to {window.high:g} V"
    slack_V = nominal_V - nominal.at
    if crossing.at is None:
        return window.low, f"reached below {window.low:g} V"
    supply_V = round(crossing.at + slack_V, 9)
    if supply_V > window.high:
        return window.high, f"needs {supply_V:g} V"
    return supply_V, ""


def _keys(settings: pd.DataFrame) -> list[tuple[str, float, int | None]]:
    return [
        (
            str(row["corner"]),
            float(row["temperature_C"]),
            None if pd.isna(row["seed"]) else int(row["seed"]),
        )
        for row in settings.to_dict("records")
    ]


def _supplies(settings: pd.DataFrame) -> dict[Chip, dict[str, float]]:
    supplies: dict[Chip, dict[str, float]] = {}
    for key, name, supply_V in zip(
        _keys(settings), settings["neuron"], settings["vdd_syn_V"], strict=True
    ):
        supplies.setdefault(Chip(*key), {})[str(name)] = float(supply_V)
    return supplies


def _shown(case: Case) -> str:
    return ", ".join(f"{name} {spikes}" for name, spikes in case.items())
