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
EDGES = st.sampled_from(
    ("0", "1", "-1", "1a", "1f", "1p", "1n", "2.5n", "50n", "300n", "1u", "1m", "0.55", "0.7",
     "1.2", "3", "10", "100", "1k", "1e3", "1M", "1e-30", "1e-29", "2e-10", "-273.15", "-300",
     "125", "1e4", "9999")
)  # fmt: skip
OPTIONS = ("--from", "--to", "--period", "--width", "--wire-cap", "--temp", "--step", "--timeout")
CODES = st.lists(st.integers(-8, 8).map(str), min_size=1, max_size=9).map(",".join)


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


@examples(6)
@given(
    st.lists(st.tuples(st.sampled_from(OPTIONS), EDGES), min_size=1, max_size=3),
    CODES,
    st.sampled_from(("tt", "ss", "ff")),
    st.integers(0, 12),
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
             "ANASPIKE_DATA", "COLUMNS", "NO_COLOR", "LANG", "SOURCE_DATE_EPOCH")  # fmt: skip
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
