"""A point's key: whatever may change its row changes the key, and nothing else does."""

import ast
import importlib
import json
import math
import sys
from dataclasses import dataclass, field, replace
from enum import Enum
from functools import partial
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from anaspike.campaign import keys
from anaspike.campaign.keys import Keys, Unkeyed, code_state
from anaspike.spice.deck import Deck, ModelFiles
from anaspike.spice.options import SimulationOptions
from anaspike.studies.blocks.sweep_vdd import SweepVdd


@dataclass(frozen=True)
class One:
    threshold_V: float = 0.5

    def build(self):
        return DECK


@dataclass(frozen=True)
class Other(One):
    """The same deck, another measurement."""


class Colour(Enum):
    RED = 1


DECK = Deck("t", "r1 a 0 1", ModelFiles("", {"m": "x"}), 1e-6, ("v(a)",))


def test_the_key_is_the_same_in_another_process_and_at_another_time():
    assert Keys().of(One(), DECK, "ngspice 39") == Keys().of(One(), DECK, "ngspice 39")


@pytest.mark.parametrize(
    "changed",
    [
        (One(), replace(DECK, body="r1 a 0 2"), "s"),
        (One(), replace(DECK, models=ModelFiles("", {"m": "y"})), "s"),
        (One(), replace(DECK, models=ModelFiles(".include m", {"m": "x"})), "s"),
        (One(), replace(DECK, options=SimulationOptions(reltol=1e-4)), "s"),
        (One(), replace(DECK, alter=(("r1", "resistance", 2.0),)), "s"),
        (One(), replace(DECK, temperature_C=28.0), "s"),
        (One(), replace(DECK, save=("v(b)",)), "s"),
        (One(), DECK, "another simulator"),
        (One(0.5000000000000001), DECK, "s"),
        (Other(), DECK, "s"),
    ],
)
def test_what_may_change_the_row_changes_the_key(changed):
    assert Keys().of(*changed) != Keys().of(One(), DECK, "s")


def test_what_is_drawn_anew_in_each_run_has_no_key():
    with pytest.raises(Unkeyed, match="agauss draws another number in each run"):
        Keys().of(One(), replace(DECK, body="r1 a 0 {agauss(1,1,1)}"), "s")


def test_the_schema_changes_the_key(monkeypatch):
    before = Keys().of(One(), DECK, "s")
    monkeypatch.setattr(keys, "SCHEMA", keys.SCHEMA + 1)
    assert Keys().of(One(), DECK, "s") != before


def forget():
    for remembered in (keys.code_state, keys._sources, keys._source, keys._is_ours):
        remembered.cache_clear()


@pytest.fixture
def mine(tmp_path, monkeypatch):
    """An experiment of a user's own, in two files that can be edited."""
    (tmp_path / "my_bench.py").write_text(
        "class Mine:\n    def measure(self, traces):\n"
        "        from my_limits import LIMIT\n        return {'x': LIMIT}\n"
    )
    (tmp_path / "my_limits.py").write_text("LIMIT = 1\n")
    monkeypatch.syspath_prepend(tmp_path)
    forget()
    yield lambda: importlib.import_module("my_bench").Mine
    for name in ("my_bench", "my_limits"):
        sys.modules.pop(name, None)
    forget()


@pytest.mark.parametrize("edited", ["my_bench.py", "my_limits.py"])
def test_editing_what_measures_changes_the_key_however_far_away(mine, tmp_path, edited):
    before = code_state(mine())
    forget()
    assert code_state(mine()) == before
    path = tmp_path / edited
    path.write_text(path.read_text() + "NEW = 2\n")
    forget()
    assert code_state(mine()) != before


def test_our_own_code_counts_and_others_does_not():
    point = SweepVdd(points=2).asked()[0]
    names = {line.split()[0] for line in keys._sources((type(point).__module__,))}
    assert {"anaspike.experiments.measure", "anaspike.circuits.synapse"} <= names
    assert all(name.startswith("anaspike") for name in names)
    assert not any(name.startswith(("anaspike.cli", "anaspike.report")) for name in names)
    engine = {line.split()[0] for line in keys._sources(keys._ENGINE)}
    assert {
        "anaspike.spice.rawfile",
        "anaspike.spice.ngspice.run",
        "anaspike.spice.vacask.text",
        "anaspike.spice.retry",
    } <= engine


def test_a_process_is_told_by_name_and_code_not_by_where_its_models_lie():
    points = [SweepVdd(points=2).asked()[0] for _ in range(2)]
    assert Keys().plain(points[0]) == Keys().plain(points[1])


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (1, 1.0),
        (True, 1),
        (0.0, -0.0),
        ("0x1.8p+0", 1.5),
        (None, "None"),
        ([1], [[1]]),
        ({"a": 1}, [["a", 1]]),
        (np.zeros(2), np.zeros(2, dtype=np.float32)),
        (np.zeros((2, 1)), np.zeros((1, 2))),
        (np.zeros(2), np.array([0.0, -0.0])),
        (Colour.RED, 1),
    ],
)
def test_different_values_stay_different(one, other):
    assert json.dumps(Keys().plain(one)) != json.dumps(Keys().plain(other))


@dataclass
class Holds:
    what: object = field(default_factory=object)


@pytest.mark.parametrize("what", [lambda: 1, object(), print, int, np.array([object()])])
def test_what_is_no_plain_value_has_no_key(what):
    with pytest.raises(Unkeyed):
        Keys().plain(Holds(what))


def test_a_class_without_a_source_has_no_key():
    with pytest.raises(Unkeyed, match=r"nowhere\.Typed has no source file"):
        code_state(type("Typed", (), {"__module__": "nowhere"}))


def drawn(table, title, limit=None):
    return table, title, limit


def drawn_too(table, title, limit=None):
    return table, title, limit


TABLE = pd.DataFrame(
    {"a_V": [0.5, math.nan], "n": pd.array([1, None], dtype="Int64"), "s": ["x", "y"]}
)


def test_a_calls_key_is_of_its_function_and_what_it_is_given():
    one = Keys().of_call(partial(drawn, TABLE, "t", limit=1.0))
    assert Keys().of_call(partial(drawn, TABLE.copy(), "t", limit=1.0)) == one
    assert Keys().of_call(partial(drawn, TABLE, "t", limit=1.0), "svg") != one


@pytest.mark.parametrize(
    "other",
    [
        partial(drawn, TABLE, "u", limit=1.0),
        partial(drawn, TABLE, "t", limit=1),
        partial(drawn, TABLE, "t", 1.0),
        partial(drawn, TABLE.iloc[::-1], "t", limit=1.0),
        partial(drawn, TABLE.set_axis([1, 2]), "t", limit=1.0),
        partial(drawn, TABLE.rename(columns={"s": "r"}), "t", limit=1.0),
        partial(drawn, TABLE.assign(n=[1, 2]), "t", limit=1.0),
        partial(drawn, TABLE.assign(n=[1.0, math.nan]), "t", limit=1.0),
        partial(drawn, TABLE.assign(a_V=[0.5000000000000001, math.nan]), "t", limit=1.0),
        partial(drawn, TABLE["a_V"], "t", limit=1.0),
        partial(drawn_too, TABLE, "t", limit=1.0),
    ],
)
def test_what_may_change_a_picture_changes_its_key(other):
    assert Keys().of_call(other) != Keys().of_call(partial(drawn, TABLE, "t", limit=1.0))


class Drawer:
    def draw(self):
        return self


@pytest.mark.parametrize(
    "call", [drawn, partial(lambda: 1), partial(Drawer().draw), partial(drawn, object())]
)
def test_what_a_call_holds_unseen_gives_no_key(call):
    with pytest.raises(Unkeyed):
        Keys().of_call(call)


def test_no_import_of_ours_is_overlooked():
    for path in Path(keys.__file__).parents[1].rglob("*.py"):
        tree = ast.parse(path.read_bytes())
        everywhere = [n for n in ast.walk(tree) if isinstance(n, ast.Import | ast.ImportFrom)]
        found = list(keys._statements(tree))
        assert {id(n) for n in everywhere} <= {id(n) for n in found}, path
