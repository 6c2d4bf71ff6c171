"""Numbers that a command takes make a circuit: what cannot be one is refused before a run."""

import csv
import os
from unittest import mock

import pytest
from contract import examples
from hypothesis import given
from hypothesis import strategies as st
from mutants import ODD

from anaspike.cli import run

FAILS = "echo 'doAnalyses: TRAN:  Timestep too small'; exit 1"
# At the edges of what can be, and beyond.
EDGES = {
    "--from": ("0", "-1", "0.3", "0.55", "0.6", "1", "1e-30"),
    "--to": ("0", "0.55", "0.551", "0.7", "1.2", "3", "1k"),
    "--step": ("1f", "1m", "0.05", "0.1", "10"),
    "--period": ("1f", "1n", "100n", "300n", "10u", "1m", "1"),
    "--width": ("1a", "0.2n", "1n", "50n", "200n", "290n", "1u"),
    "--wire-cap": ("0", "1e-30", "1a", "2f", "1p", "1n", "-2f"),
    "--temp": ("-273.15", "-272", "-40", "27", "125", "500", "999"),
    "--timeout": ("1a", "1", "1M"),
    "--seed": ("0", "1", "9007199254740991"),
}
GIVEN = st.sampled_from([(name, value) for name, values in EDGES.items() for value in values])
CODES = st.lists(st.integers(-7, 7).map(str), min_size=1, max_size=3).map(",".join)


@pytest.fixture(scope="module")
def failing(tmp_path_factory):
    """A simulator that fails at once, whatever it is given."""
    path = tmp_path_factory.mktemp("stub") / "ngspice"
    path.write_text(f'#!/bin/sh\n[ "$1" = --version ] && echo "** ngspice-39" && exit 0\n{FAILS}\n')
    path.chmod(0o755)
    out = str(tmp_path_factory.mktemp("first") / "run")
    with mock.patch.dict(os.environ, {"ANASPIKE_NGSPICE": str(path)}):  # matplotlib keeps fonts
        assert run(["sweep-vdd", "--points", "2", "--quiet", "--no-cache", "--out", out]) == 1
    return path


@examples(8)
@given(
    st.lists(GIVEN, min_size=1, max_size=3),
    CODES,
    st.sampled_from(("tt", "ss", "ff")),
    st.integers(1, 12),
)
def test_numbers_make_a_circuit_or_are_refused(contract, failing, values, codes, corner, spikes):
    folder = contract.written({})
    command = ["sweep-vdd", "--no-cache", "--fail-fast", "--jobs", "1", "--out", "run"]
    command += [] if any(name == "--step" for name, _ in values) else ["--points", "2"]
    command += ["--codes", codes, "--corner", corner, "--spikes-in", str(spikes)]
    command += [word for option in dict(values).items() for word in option]
    with mock.patch.dict(os.environ, {"ANASPIKE_NGSPICE": str(failing)}):
        code, _ = contract.command(*command, programs=("ngspice",))
    assert code in {1, 2}
    if code == 1:  # the simulator's failure, and no mistake of ours
        with (folder / "run/sweep_vdd.csv").open() as file:
            assert {row["status"] for row in csv.DictReader(file)} <= {"timestep", "cancelled"}


VARIABLES = ("ANASPIKE_SKY130", "ANASPIKE_GF180MCU", "PDK_ROOT", "PDK", "ANASPIKE_CACHE",
             "ANASPIKE_DATA", "COLUMNS", "NO_COLOR", "LANG")  # fmt: skip
WORDS = st.sampled_from([word.replace("\0", "") for word in (".", "none", "sky130A", *ODD)])


@examples(15)
@given(
    st.dictionaries(st.sampled_from(VARIABLES), WORDS, min_size=1, max_size=3),
    st.sampled_from((("pdk", "list"), ("cache", "info"), ("datasets", "bccd"),
                     ("sweep-vdd", "--pdk", "sky130"), ("sweep-vdd", "--pdk", "gf180mcu"))),
)  # fmt: skip
def test_variables_of_the_environment(contract, values, command):
    contract.written({})
    with mock.patch.dict(os.environ, {"ANASPIKE_NGSPICE": "/nowhere/ngspice", **values}):
        contract.command(*command, programs=("ngspice",))
