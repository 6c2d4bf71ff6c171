"""Flow and network files of any content: a study, a network, or one line that names the file."""

import json
import math
import tempfile
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from anaspike.errors import InputError
from anaspike.experiments.network_file import DriveTable, NetworkTable, NeuronTable, read_network
from anaspike.studies.catalog import STUDIES
from anaspike.studies.conditions import Conditions, SpaceTable
from anaspike.studies.flow import FlowTable, SpecTable, read_flow

TABLES = (FlowTable, SpecTable, Conditions, SpaceTable, NetworkTable, NeuronTable, DriveTable)
KEYS = sorted(
    {name for table in (*TABLES, *STUDIES) for name in table.model_fields}
    | {"self", "n", "a", "generic28", "asymmetry", "resistance_50mV_ohm", "x y", "\x1b[31m", "[/x]"}
)
WORDS = ("pseudo-resistor", "sweep-vdd", "tt", "generic28", "85c", "320 MΩ", "1k5", "0.65V", "nan",
         "27:85:3", "sobol:64", "lhs:1e30", "1e400", "—", "[/x]", "\x1b[2J", "9" * 70,
         "")  # fmt: skip
VALUES = st.recursive(
    st.none() | st.booleans() | st.sampled_from(WORDS) | st.text(max_size=5)
    | st.integers(-(2**70), 2**70) | st.floats() | st.integers(0, 9),
    lambda inner: st.lists(inner, max_size=3)
    | st.dictionaries(st.sampled_from(KEYS), inner, max_size=4),
    max_leaves=12,
)  # fmt: skip


def toml(value):
    """Write a value as TOML does."""
    if isinstance(value, dict):
        pairs = ", ".join(f"{toml(key)} = {toml(inner)}" for key, inner in value.items())
        return f"{{{pairs}}}"
    if isinstance(value, list):
        return f"[{', '.join(map(toml, value))}]"
    if isinstance(value, str):
        return json.dumps(value)
    if isinstance(value, float) and not math.isfinite(value):
        return str(value)
    if value is None:
        return "1979-05-27"
    return str(value).lower() if isinstance(value, bool) else repr(value)


def told(read, table):
    """Read a table from a file; what is refused is one line that begins with the file's name."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "x.toml"
        lines = (f"{toml(key)} = {toml(value)}\n" for key, value in table.items())
        path.write_text("".join(lines), encoding="utf-8", errors="replace")
        try:
            read(path)
        except InputError as error:
            assert str(error).startswith(str(path))
            assert "\n" not in str(error)
            assert "\x1b" not in str(error)


TOP = st.dictionaries(st.sampled_from(KEYS), VALUES, max_size=5)


@settings(max_examples=80)
@given(TOP, st.sampled_from([study.name for study in STUDIES]), TOP)
def test_any_flow(table, study, parameters):
    told(read_flow, {**table, "study": study, "parameters": parameters})
    told(read_flow, table)


@settings(max_examples=80)
@given(TOP, TOP, TOP)
def test_any_network(table, neuron, drive):
    whole = {"inputs": ["a"], "outputs": ["n"], "neurons": {"n": neuron}, "drive": drive}
    told(lambda path: read_network(path, "generic28"), {**whole, **table})
    told(lambda path: read_network(path, "generic28"), table)
