"""What a study finds under each of many conditions, kept so that thousands fit in memory."""

import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from anaspike.campaign.answer import Findings
from anaspike.campaign.quantities import Quantity
from anaspike.campaign.space import Assignment
from anaspike.campaign.specs import Spec, flat

Draws = Sequence[tuple[str, str, float]]  # as `Deck.alter`: instance, parameter, deviation
_TOGETHER = 256  # a small table is mostly overhead


@dataclass(frozen=True)
class Found:
    """What became of one condition.

    Attributes:
        condition: parameter -> value.
        status: "ok", or that of the first point that gave no result.
        message: one line on that.
        findings: None where it was refused or broke off.
        draws: the mismatch of its sample, if it is one.
    """

    condition: Assignment
    status: str
    message: str
    findings: Findings | None = None
    draws: Draws = ()

    @classmethod
    def of(cls, condition: Assignment, findings: Findings, draws: Draws) -> "Found":
        """Return what was found, its status that of the first point that gave no result."""
        findings = findings.as_judged()  # while its tables are there
        for table in findings.tables.values():
            if "status" in table and (failed := table[table["status"] != "ok"]).size:
                first = failed.iloc[0]
                status, message = str(first["status"]), str(first.get("message", ""))
                return cls(condition, status, message, findings, draws)
        return cls(condition, "ok", "", findings, draws)

    @property
    def quantities(self) -> Mapping[str, Quantity]:
        """What was measured."""
        return {} if self.findings is None else self.findings.quantities

    def row(self, specs: Sequence[Spec]) -> dict[str, Any]:
        """Return the condition, what was measured (the worst by its spec), and how that went."""
        measured = flat(self.quantities, specs)
        return {**self.condition, **measured, "status": self.status, "message": self.message}

    @property
    def light(self) -> "Found":
        """The same without tables, pictures and draws."""
        whole = self.findings
        findings = None if whole is None else Findings({}, whole.quantities, notes=whole.notes)
        return replace(self, findings=findings, draws=())


class Gathered:
    """Conditions as they come, in any order, from several threads.

    A condition's tables and draws are joined with the others'. Its pictures,
    on which all traces hang, are let go: only one condition's are ever saved.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._found: dict[int, Found] = {}
        self._first: tuple[tuple[bool, int], Found] | None = None
        self._tables: dict[str, _Joined] = {}
        self._draws: dict[tuple[tuple[str, str], ...], dict[int, NDArray[np.float64]]] = {}

    def add(self, index: int, found: Found) -> None:
        """Take in what became of the condition of that number."""
        devices = tuple((at, what) for at, what, _ in found.draws)
        values = np.array([value for _, _, value in found.draws])
        with self._lock:
            self._found[index] = found.light
            if devices:
                self._draws.setdefault(devices, {})[index] = values
            if found.findings is not None:
                for name, table in found.findings.tables.items():
                    self._tables.setdefault(name, _Joined()).add(index, table)
                rank = found.status != "ok", index
                if self._first is None or rank < self._first[0]:
                    self._first = rank, found

    @property
    def found(self) -> list[Found]:
        """Every condition in order, without tables, pictures and draws."""
        return [self._found[index] for index in sorted(self._found)]

    @property
    def first(self) -> Found | None:
        """The first condition that went well, if one did, with all that was found under it."""
        return None if self._first is None else self._first[1]

    def tables(self) -> dict[str, pd.DataFrame]:
        """Return each table of all conditions, in order, the condition before each row."""
        return {name: self._with_conditions(all_.whole()) for name, all_ in self._tables.items()}

    def draws(self) -> pd.DataFrame:
        """Return a row a condition, a column a device's deviation; missing where it has none."""
        parts = [
            pd.DataFrame(
                np.stack([*values.values()]), [*values], [_device(*device) for device in devices]
            )
            for devices, values in self._draws.items()
        ]
        draws = pd.concat(parts) if parts else pd.DataFrame()
        return draws.reindex(sorted(self._found))

    def _with_conditions(self, table: pd.DataFrame) -> pd.DataFrame:
        conditions = [self._found[index].condition for index in table.index]
        names = dict.fromkeys(name for condition in conditions for name in condition)
        own = {
            name: [condition[name] for condition in conditions]
            for name in names
            if name not in table
        }
        return pd.concat([pd.DataFrame(own), table.reset_index(drop=True)], axis=1)


class _Joined:
    """Small tables, joined by the hundred as they come."""

    def __init__(self) -> None:
        self._joined: list[pd.DataFrame] = []
        self._loose: list[pd.DataFrame] = []

    def add(self, index: int, table: pd.DataFrame) -> None:
        self._loose.append(table.set_axis([index] * len(table)))
        if len(self._loose) == _TOGETHER:
            self._joined.append(pd.concat(self._loose))
            self._loose = []

    def whole(self) -> pd.DataFrame:
        """Return all rows, those of a condition under its number."""
        return pd.concat([*self._joined, *self._loose]).sort_index(kind="stable")


def _device(at: str, parameter: str) -> str:
    """Return a device's place without what ngspice adds to it: `xdut.xforth.xd1 delvto`."""
    _, *place, _ = at.split(".") if at.count(".") > 1 else ("", at, "")
    return f"{'.'.join(place)} {parameter}"
