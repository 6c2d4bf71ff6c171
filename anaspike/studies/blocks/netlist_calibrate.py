"""`calibrate FLOW`: for each chip of a netlist, the level of a source that restores the nominal."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import partial
from itertools import product
from typing import Any, ClassVar

import pandas as pd
from pydantic import field_validator

from anaspike.campaign.answer import Drawing, Findings
from anaspike.campaign.bench import Bench
from anaspike.campaign.search import Crossing, Window, first_reaching
from anaspike.errors import InputError
from anaspike.experiments.calibration import Chip
from anaspike.experiments.netlist_transient import NetlistTransient
from anaspike.report.netlist import calibrated_figure
from anaspike.studies.blocks.netlist import NetlistStudy, knob_of, small_but_unit
from anaspike.studies.conditions import Conditions
from anaspike.units import format_named, parse_quantity, printable, suggestion

_NOMINAL = Chip()
_AXES = ("corner", "temperature_C", "seed")
_QUANTITIES = ("deviation_before", "deviation_after")


class CalibrateNetlist(NetlistStudy):
    """Search, on every chip, the level of a source at which a quantity is the nominal one.

    The quantity has to rise with the level, or to fall with it, over the whole range. Of each chip
    the lowest level of the grid is bisected at which it gets to the nominal value; the nominal
    chip's own lies below its level by some slack, and a chip gets the same slack.

    Attributes:
        knob: pin and unit of the source, "iin_A".
        quantity: one of `measure`.
        low, high, step: the range, and the step of the search, in the knob's unit.
        conditions: which chips: corners, temperatures, mismatch samples.
    """

    name: ClassVar[str] = "calibrate-netlist"
    title: ClassVar[str] = "Levels of a source that restore the nominal"

    knob: str
    quantity: str
    low: str | float
    high: str | float
    step: str | float
    conditions: Conditions = Conditions()

    def check(self) -> None:
        """Refuse a knob or a quantity that is not there, and chips that cannot be."""
        super().check()
        if self.quantity not in self.measure:
            hint = suggestion(self.quantity, self.measure)
            raise InputError(f"`quantity`: nothing measures {printable(self.quantity)}; {hint}")
        low, high, _ = self.range
        _ = self.window
        if not low <= self.nominal <= high:
            shown = (self._shown(v) for v in (self.nominal, low, high))
            raise InputError(
                "the nominal level, {}, is outside of the range from {} to {}".format(*shown)
            )
        for chip in self.chips:
            self._point(chip, self.nominal)

    @field_validator("knob")
    @classmethod
    def _as_in_spice(cls, knob: str) -> str:
        return small_but_unit(knob)

    @property
    def nominal(self) -> float:
        """The knob's level in the flow."""
        knobs = {knob_of(source): source.most for source in self.bench.sources}
        if self.knob not in knobs:
            hint = suggestion(self.knob, knobs) if knobs else "no pin has a source"
            raise InputError(f"`knob`: no source is called {printable(self.knob)}; {hint}")
        return knobs[self.knob]

    @property
    def range(self) -> tuple[float, float, float]:
        """Lowest and highest level, and the step of the search."""
        unit = self.knob.rpartition("_")[2]
        given = (("low", self.low), ("high", self.high), ("step", self.step))
        low, high, step = (parse_quantity(value, unit, f"`{name}`") for name, value in given)
        if not 0 < step < high - low:
            raise InputError(
                f"a search from {self._shown(low)} to {self._shown(high)} in steps of"
                f" {self._shown(step)} finds nothing; give a range that rises, and a smaller step"
            )
        return low, high, step

    @property
    def window(self) -> Window:
        """Where it is searched."""
        return Window(*self.range)

    @property
    def chips(self) -> tuple[Chip, ...]:
        """Every chip: each corner at each temperature with each mismatch sample."""
        axes = {axis.name: axis.values for axis in self.conditions.axes()}
        axes = axes or {"corner": self.process.corners}
        values: Any = product(*axes.values())
        return tuple(Chip(**dict(zip(axes, one, strict=True))) for one in values)

    def find(self, bench: Bench) -> Findings:
        """Run all chips as they are, search their levels, run them again."""
        chips = dict.fromkeys((_NOMINAL, *self.chips))
        before = self._values(bench, dict.fromkeys(chips, self.nominal))
        wanted = before[_NOMINAL]
        if wanted is None:
            raise InputError(
                f"{self.quantity} has no value on the nominal chip, so nothing can be restored"
            )
        found = self._search(bench, chips, wanted)
        settings = {chip: self._setting(found[chip], found[_NOMINAL]) for chip in self.chips}
        after = self._values(bench, {chip: level for chip, (level, _) in settings.items()})
        rows = []
        for chip in self.chips:
            level, limited = settings[chip]
            values = {"before": before[chip], "after": after[chip]}
            rows.append(
                {
                    **vars(chip),
                    **{f"{when}_{self.quantity}": value for when, value in values.items()},
                    **{f"deviation_{when}": _off(v, wanted) for when, v in values.items()},
                    self.knob: level,
                    "limited": limited,
                    "runs": found[chip].runs,
                }
            )
        table = pd.DataFrame(rows).astype({"seed": "Int64"})
        return Findings(
            {"calibrate": table},
            {name: _worst(table[name].tolist()) for name in _QUANTITIES},
            {"calibrate": self._drawing(table, wanted)},
            notes=(
                f"wanted: {self.quantity} as on the nominal chip, "
                f"{format_named(self.quantity, wanted)}; deviations are relative to it",
            ),
            show=(
                *(axis for axis in _AXES if table[axis].nunique() > 1),
                *(f"{when}_{self.quantity}" for when in ("before", "after")),
                "deviation_after",
                self.knob,
                *(("limited",) if table["limited"].any() else ()),
            ),
        )

    def _values(self, bench: Bench, levels: Mapping[Chip, float]) -> dict[Chip, float | None]:
        """Return the quantity on each chip; None where there is none."""
        table = bench.run([self._point(chip, level) for chip, level in levels.items()]).table
        column = table[self.quantity].tolist() if self.quantity in table else [None] * len(table)
        return {
            chip: None if pd.isna(value) else float(value)
            for chip, value in zip(levels, column, strict=True)
        }

    def _search(
        self, bench: Bench, chips: Mapping[Chip, None], wanted: float
    ) -> dict[Chip, Crossing]:
        window, sign = self.window, self._sign(bench)

        def measure(asked: Mapping[Chip, float]) -> dict[Chip, float | None]:
            rows = bench.run([self._point(c, v) for c, v in asked.items()]).table
            records = rows.to_dict("records")
            return {
                chip: _signed(row.get(self.quantity), sign) if row["status"] == "ok" else None
                for chip, row in zip(asked, records, strict=True)
            }

        return first_reaching(measure, dict.fromkeys(chips, sign * wanted), window)

    def _sign(self, bench: Bench) -> float:
        """Return 1 where the quantity rises with the level, else -1."""
        points = [self._point(_NOMINAL, level) for level in self.range[:2]]
        table = bench.run(points).table
        low, high = table.get(self.quantity, (None, None))
        if pd.isna(low) and pd.isna(high):
            raise InputError(
                f"{self.quantity} has no value at either end of the range on the nominal chip"
            )
        if not pd.isna(low) and not pd.isna(high):
            return 1.0 if high >= low else -1.0
        # A rate that is not there is none, a period that is not there is endless.
        grows = self.quantity.rpartition("_")[2] != "s"
        return 1.0 if pd.isna(low) == grows else -1.0

    def _setting(self, crossing: Crossing, nominal: Crossing) -> tuple[float, str]:
        """Return a chip's level, and in words what limited it; "" where nothing did."""
        low, high, _ = self.range
        if "failed" in {nominal.status, crossing.status}:
            return self.nominal, "a measurement failed"
        if crossing.status == "above":
            return high, f"not reached up to {self._shown(high)}"
        if crossing.at is None or nominal.at is None:
            return low, f"reached below {self._shown(low)}"
        level = crossing.at + self.nominal - nominal.at
        limited = "" if level <= high else f"needs {self._shown(level)}"
        return min(level, high), limited

    def _point(self, chip: Chip, level: float) -> NetlistTransient:
        point, pins = self.point, self.bench
        sources = tuple(s.at(level) if knob_of(s) == self.knob else s for s in pins.sources)
        return replace(point, pins=replace(pins, sources=sources), **vars(chip))

    def _shown(self, level: float) -> str:
        return format_named(self.knob, level)

    def _drawing(self, table: pd.DataFrame, wanted: float) -> Drawing:
        title = f"{self.subckt} of {self.file} on {self.pdk}: {self.quantity} set by {self.knob}"
        return partial(calibrated_figure, table, self.quantity, self.knob, wanted, title)


def _signed(value: Any, sign: float) -> float:
    """Return a value that rises with the level; one that is not there is not reached."""
    return float("-inf") if value is None or pd.isna(value) else sign * float(value)


def _off(value: float | None, wanted: float) -> float | None:
    return None if value is None or not wanted else abs(value / wanted - 1)


def _worst(values: Sequence[float | None]) -> float | None:
    known = [value for value in values if value is not None and not pd.isna(value)]
    return max(known) if values and len(known) == len(values) else None
