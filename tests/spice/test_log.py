"""What a finished run's log hides: each line is known to be harmless, or the run is no result."""

import re
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from anaspike.spice.deck import Deck, ModelFiles
from anaspike.spice.failures import (
    ConvergenceFailure,
    DeckError,
    MissingModel,
    SimulationFailure,
    SingularMatrix,
)
from anaspike.spice.ngspice.log import _HARMLESS, hidden_failure
from anaspike.spice.ngspice.run import Ngspice
from anaspike.spice.retry import LADDER, run_with_retries

NO_MODELS = ModelFiles("", {})
RC = Deck("t", "v1 a 0 1\nr1 a b 1k\nc1 b 0 1n", NO_MODELS, 1e-6, ("v(b)",), initial_V={"b": 0.0})
BLANK = " "

# As 39, 44 and 47 wrote them, stdout first: a circuit that needs gmin stepping.
QUIET = f"""
Note: No compatibility mode selected!


Circuit: * strongarm comparator, ff -40 °c

binary raw file "out.raw"
Doing analysis at TEMP = -40.000000 and TNOM = 27.000000

Using SPARSE 1.3 as Direct Linear Solver
No. of Data Columns : 3{BLANK}{BLANK}

Initial Transient Solution
--------------------------

Node                                   Voltage
----                                   -------
xneuron.xcmp.latch                  0.00123457
m.x1.m0#body                                -0
vdd#branch                         -1.2345e-06
error                                       12


No. of Data Rows : 59

Total analysis time (seconds) = 0.000420617

Total elapsed time (seconds) = 0.003{BLANK}

Total DRAM available = 24105.562 MB.
DRAM currently available = 14774.703 MB.
Maximum ngspice program size =   21.859 MB.
Current ngspice program size =   12.453 MB.

Shared ngspice pages =   10.754 MB.
Text (code) pages =  612.000 kB.
Stack = 0 bytes.
Library pages =    2.117 MB.

fopen("/proc/meminfo"): No such file or directory
Warning: singular matrix:  check node x
Note: Starting dynamic gmin stepping
Trying gmin =   1.0000E-03 Note: One successful gmin step
Trying gmin =   1.0000E-04 Warning: singular matrix:  check nodes x and y
Warning: Further gmin increment
Trying gmin =   1.0000E-05 Warning: Last gmin step failed
Warning: Dynamic gmin stepping failed
Note: Starting true gmin stepping
Trying gmin =   1.0000E-12 Note: One successful gmin step
Warning: True gmin stepping failed
Note: Starting source stepping
Supplies reduced to   0.0000%{BLANK}
Supplies reduced to   0.1000% Supplies reduced to   0.0000% Note: One successful source step
Note: True gmin stepping completed

Checking parameters for BSIM 4.5 model nmos_svt_w420n_l150n_card
Warning: Eta0 = -0.0301 is negative.
Warning: Vsat at current temperature = 812.5 may be too small.
Warning: Leff for CV = 9e-10 <= 1.0e-9. Recommended LeffCV >=1e-8{BLANK}
 Reference value :  1.23456e-06\r Reference value :  2.23456e-06\r
"""


def test_what_is_known_to_be_harmless_hides_nothing():
    assert hidden_failure(QUIET) is None
    assert hidden_failure("") is None


def test_each_harmless_line_says_why():
    assert all(why and re.compile(pattern) is not None for pattern, why in _HARMLESS)


SAID = st.text(st.characters(codec="utf-8", exclude_characters="\n\r"), max_size=40)


@given(st.integers(0, QUIET.count("\n")), SAID)
def test_a_line_that_is_not_known_is_a_failure_that_quotes_it(place, said):
    lines = QUIET.split("\n")
    lines.insert(place, f"Oh dear, {said}")
    failure = hidden_failure("\n".join(lines))
    assert isinstance(failure, SimulationFailure)
    assert failure.log_line.startswith("Oh dear,")


@pytest.mark.parametrize(
    "line",
    [
        "Warning: cgdo = -1e-10 is negative. Set to zero.",
        "Warning: Njs = 0.05 is less than 0.1. Setting Njs to 0.1.",
        "Warning: ckappas = 0.01 is too small.",  # says nothing of it, and sets it to 0.02
        "Warning: r1: resistance to low, set to 1 mOhm",
        "Warning: Value of resistor r2 is too small, set to 1.000000e-12",
        "Warning : voltage source v2 has non-increasing PWL time points.",
        "Note: Transient op finished successfully",
        "Note: One successful gmin step, but",
        "xneuron.latch   0.5",
    ],
)
def test_what_is_not_harmless(line):
    assert hidden_failure(f"{QUIET}{line}\n").log_line == line.strip()


@pytest.mark.parametrize("garbage", ["library file ", "singular matrix: ", "a 1 ", "\0"])
@pytest.mark.parametrize("end", ["", "\n"])
def test_a_huge_log_is_looked_through_in_no_time(garbage, end):
    assert hidden_failure((garbage + end) * (4_000_000 // len(garbage))) is not None


@pytest.mark.parametrize(
    ("more", "failure", "said"),
    [
        ("x1 a 0 s\n.subckt s p q\nr1 p q 1k\n.ends\n.subckt s p q\nr1 p q 2k\n.ends", DeckError,
         "ngspice left out a part of the deck: Warning: redefinition of .subckt s, ignored"),
        (".ic v(nowhere)=1", DeckError,
         "ngspice left out a part of the deck: Warning : IC on non-existent node - nowhere,"
         " ignored"),
        (".nodeset v(nowhere)=1", DeckError,
         "ngspice left out a part of the deck: Warning : Nodeset on non-existent node - nowhere,"
         " ignored"),
        ("m1 b a 0 0 nm w=1u l=1u\n.model nm nmos level=54 version=4.5 toxe=2n vth9=0.1", DeckError,
         "ngspice left out a part of the deck: unrecognized parameter (vth9) - ignored, in: .m"),
        ("d1 b 0 dm\n.model dm d (is=1e-15 zork=3)", DeckError,
         "ngspice left out a part of the deck: unrecognized parameter (zork) - ignored, in: .m"),
    ],
)  # fmt: skip
def test_what_ngspice_ignores_and_runs_on_without(ngspice, more, failure, said):
    with pytest.raises(failure) as caught:
        ngspice.run(replace(RC, body=f"{RC.body}\n{more}"))
    assert str(caught.value).startswith(said)


def test_a_model_that_is_not_there_in_a_run_that_came_back():
    log = "warning, can't find model '1u' from line\n    c1 a 0 1u\n"
    failure = hidden_failure(f"{QUIET}{log}")
    assert isinstance(failure, MissingModel)
    assert failure.log_line == "warning, can't find model '1u' from line c1 a 0 1u"


def test_an_operating_point_of_a_transient_is_none():
    log = "Warning: source stepping failed\nNote: Transient op started"
    assert isinstance(hidden_failure(log), ConvergenceFailure)
    failure = hidden_failure(f"Trying gmin = 1E-2 Warning: singular matrix:  check node x\n{log}")
    assert isinstance(failure, SingularMatrix)
    assert str(failure) == (
        "no operating point was found but by a transient of ngspice's own, which forgets the"
        " initial values: Note: Transient op started; Warning: singular matrix:  check node x"
    )


def test_an_initial_value_is_not_forgotten_where_a_node_floats(ngspice):
    """A resistor hangs on nothing: by itself ngspice would start b at 1 V, and not say so."""
    floating = replace(RC, body=f"{RC.body}\nr5 x y 1k")
    with pytest.raises(SingularMatrix, match=r"Transient op started; .*check node [xy]") as caught:
        run_with_retries(ngspice, floating)
    assert [failed.rung for failed in caught.value.failures] == [
        *(rung.name for rung in LADDER if rung.name != "plain")  # as asked, here
    ]
    assert ngspice.run(RC)["v(b)"][0] == pytest.approx(0.0, abs=1e-3)


def test_streams_do_not_cut_each_others_lines(stub, ngspice, tmp_path):
    """Each stream's lines are whole, however they are written."""
    ngspice.run(RC, tmp_path / "kept")
    raw = tmp_path / "kept" / "out.raw"
    simulator = Ngspice.find(
        30.0,
        {
            "ANASPIKE_NGSPICE": str(
                stub(
                    f"cp {raw} out.raw; printf 'No. of Data'; sleep 0.1; "
                    "echo 'Note: Starting source stepping' >&2; sleep 0.1; echo ' Rows : 3'"
                )
            )
        },
    )
    simulator.run(RC)
