"""The exact failure of each kind of broken deck, from real ngspice."""

from dataclasses import replace

import pytest

from anaspike.spice.deck import Deck, ModelFiles
from anaspike.spice.failures import (
    ConvergenceFailure,
    DeckError,
    MissingFile,
    MissingModel,
    MissingSubcircuit,
    OutOfMemory,
    SingularMatrix,
    TimestepTooSmall,
)
from anaspike.spice.ngspice.log import classify

# Two messages where versions word it differently: ngspice 39's, ngspice 44's.
BROKEN = {
    "a model that is not there": (
        "v1 a 0 1\nm1 a a 0 0 nosuch w=1u l=1u",
        MissingModel,
        "the deck names a model that is not there: warning, can't find model 'nosuch' from line"
        " m1 a a 0 0 nosuch w=1u l=1u",
    ),
    "a sub-circuit that is not there": (
        "v1 a 0 1\nx1 a 0 nosub",
        MissingSubcircuit,
        "the deck places a sub-circuit that is not there: Error: unknown subckt: x1 a 0 nosub",
    ),
    "a library that is not there": (
        ".lib 'nofile.lib' tt\nv1 a 0 1\nr1 a 0 1",
        MissingFile,
        "the deck includes a file that is not there: Error: Could not find library file nofile.lib",
    ),
    "a parameter that is not there": (
        "v1 a 0 1\nr1 a 0 {nopar*2}",
        DeckError,
        "ngspice cannot read the deck: Undefined parameter [nopar]",
    ),
    "a parameter that an instance does not have": (
        "v1 a 0 1\nm1 a a 0 0 mm w=1u l=1u zork=3\n.model mm nmos level=1",
        DeckError,
        "ngspice cannot read the deck: unknown parameter (zork), in: m1 a a 0 0 mm w=1u"
        " l=1u zork=3",
    ),
    "a sub-circuit with too few nodes": (
        "v1 a 0 1\nx1 a s\n.subckt s p q\nr1 p q 1\n.ends",
        DeckError,
        'ngspice cannot read the deck: Too few parameters for subcircuit type "s" (instance: xx1)',
    ),
    "a sub-circuit that does not end": (
        "v1 a 0 1\n.subckt s p q\nr1 p q 1",
        DeckError,
        "ngspice cannot read the deck: Error: Mismatch of .subckt ... .ends statements!",
    ),
    "a line that is no element": (
        "v1 a 0 1\nfoo bar baz qux",
        DeckError,
        "ngspice cannot read the deck: Error: not enough parameters in line foo bar baz qux",
    ),
    "an unknown dot command": (
        "v1 a 0 1\nr1 a 0 1\n.zork 3",
        DeckError,
        (
            "ngspice cannot read the deck: unimplemented control card - error, in: .zork 3",
            "ngspice cannot read the deck: unimplemented dot command '.zork', in: .zork 3",
        ),
    ),
    "an element twice": (
        "v1 a 0 1\nr1 a 0 1\nr1 a 0 2",
        DeckError,
        (
            "ngspice cannot read the deck: device already exists, existing one being used,"
            " in: r1 a 0 2",
            "ngspice cannot read the deck: device already exists, bail out, in: r1 a 0 2",
        ),
    ),
    "a vector that is not there": (
        "v1 b 0 1\nr1 b 0 1",
        DeckError,
        "ngspice cannot read the deck: Error: no data saved for Transient analysis;"
        " analysis not run",
    ),
    "two sources in a loop": (
        "v1 a 0 1\nv2 a 0 2",
        SingularMatrix,
        # Which gmin step it stands behind depends on buffering.
        "the circuit has no unique solution: ",
    ),
    "no operating point": (
        "v1 b 0 1\nb1 a 0 v = v(a) > 0.5 ? 0 : 1\nr1 a 0 1k",
        ConvergenceFailure,
        "no operating point was found: doAnalyses: TRAN:  Timestep too small; initial timepoint:"
        ' trouble with node "a"',
    ),
    "no solution on the way": (
        "v1 b 0 pulse(0 1 5n 0.1n 0.1n 1u)\n"
        "b1 a 0 v = v(b) > 0.5 ? (v(a) > 0.5 ? 0 : 1) : 0\nr1 a 0 1k",
        TimestepTooSmall,
        "no time step was small enough: doAnalyses: TRAN:  Timestep too small; time = ",
    ),
}


@pytest.mark.parametrize("case", BROKEN)
def test_broken_decks(ngspice, case):
    body, failure, message = BROKEN[case]
    vector = "v(nothere)" if "vector" in case else "v(a)"
    # A deck that calls what it does not carry is none; one that was meddled with may.
    lines, _, body = body.rpartition("tt\n") if "library" in case else ("", "", body)
    deck = Deck(case, body, ModelFiles("", {}), 10e-9, (vector,))
    object.__setattr__(deck.models, "lines", f"{lines}tt" if lines else "")
    with pytest.raises(failure) as caught:
        ngspice.run(deck)
    assert str(caught.value).startswith(message)
    assert caught.value.log_line
    if failure is SingularMatrix:
        assert "singular matrix:  check node v1#branch" in caught.value.log_line


@pytest.mark.parametrize(
    ("asked", "line"),
    [
        ({"alter": (("r9", "resistance", 1.0),)}, "Error: no such device or model name r9"),
        ({"alter": (("r1", "zork", 1.0),)}, "Error: no such parameter zork."),
        ({"save": ("v(a)", "@r9[i]")}, "Warning: unrecognized variable - @r9[i]"),
        ({"save": ("v(a)", "@r1[zork]")}, "Warning: unrecognized variable - @r1[zork]"),
        (
            {"body": "v1 a 0 1\nm1 a a 0 0 mm w=1u l=1u\n.model mm nmos level=999"},
            "Level must be < 99 (Setting Level to 1)",
        ),
    ],
)
def test_what_ngspice_leaves_out_and_runs_on_without_is_no_result(ngspice, asked, line):
    deck = Deck("test", "v1 a 0 1\nr1 a 0 1k", ModelFiles("", {}), 10e-9, ("v(a)",))
    with pytest.raises(DeckError) as caught:
        ngspice.run(replace(deck, **asked))
    assert str(caught.value) == f"ngspice left out a part of the deck: {line}"


# As ngspice 44.2 writes them, so that they are read wherever the tests run.
@pytest.mark.parametrize(
    ("log", "failure", "message"),
    [
        (
            "Error: malloc: can't allocate 72 bytes.\n    Not enough memory or heap corruption\n",
            OutOfMemory,
            "ngspice asked for more memory than it may have: Error: malloc: can't allocate 72"
            " bytes.",
        ),
        (
            "Error on line 8 or its substitute:\n  .zork 3\n unimplemented dot command '.zork'\n"
            "    Simulation interrupted due to error!\n\nError: circuit not parsed.\n",
            DeckError,
            "ngspice cannot read the deck: unimplemented dot command '.zork', in: .zork 3",
        ),
        (
            "Error on line 8 or its substitute:\n  r1 a 0 2\ndevice already exists, bail out\n"
            "    Simulation interrupted due to error!\n\nError: circuit not parsed.\n",
            DeckError,
            "ngspice cannot read the deck: device already exists, bail out, in: r1 a 0 2",
        ),
        (
            'Too many parameters for subcircuit type "load" (instance: xx1)\n'
            "    Simulation interrupted due to error!\n\n"
            "Error: there aren't any circuits loaded.\n",
            DeckError,
            'ngspice cannot read the deck: Too many parameters for subcircuit type "load"'
            " (instance: xx1)",
        ),
        (
            "Error: no such function 'foo'\n\nError on line 2 or its substitute:\n"
            "  b1 a 0 v= foo ( v(c) )\nparameter value out of range or the wrong type\n"
            "    Simulation interrupted due to error!\n\nError: circuit not parsed.\n",
            DeckError,
            "ngspice cannot read the deck: Error: no such function 'foo'",
        ),
        (
            "Error on line 3 or its substitute:\n  m1 a a 0 nm w=1u l=1u\nnot enough nodes\n"
            "    Simulation interrupted due to error!\n\nError: circuit not parsed.\n",
            DeckError,
            "ngspice cannot read the deck: not enough nodes, in: m1 a a 0 nm w=1u l=1u",
        ),
        (
            "Error on line 2 or its substitute:\n  1r a 0 1k\n unknown device type - error \n"
            "    Simulation interrupted due to error!\n\nError: circuit not parsed.\n",
            DeckError,
            "ngspice cannot read the deck: unknown device type - error, in: 1r a 0 1k",
        ),
        (
            "ERROR: mal formed B line: b1 c 0 3\nERROR: fatal error in ngspice, exit(1)\n",
            DeckError,
            "ngspice cannot read the deck: ERROR: mal formed B line: b1 c 0 3",
        ),
        (
            "Fatal error: f1: unknown controlling source vz\n"
            "doAnalyses: no such parameter on this device\n",
            DeckError,
            "ngspice cannot read the deck: Fatal error: f1: unknown controlling source vz",
        ),
        (
            "Error: Transient op failed, timestep too small\n\n\n"
            "Error: The operating point could not be simulated successfully.\n"
            "    Any of the following steps may fail.!\n\n"
            'doAnalyses: TRAN:  Timestep too small; initial timepoint: trouble with node "a"\n',
            ConvergenceFailure,
            "no operating point was found: doAnalyses: TRAN:  Timestep too small;"
            ' initial timepoint: trouble with node "a"',
        ),
        (
            "Error: Transient op failed, timestep too small\n"
            "Error: The operating point could not be simulated successfully.\n",
            ConvergenceFailure,
            "no operating point was found: Error: The operating point could not be simulated"
            " successfully.",
        ),
    ],
)
def test_a_newer_version_s_words(log, failure, message):
    found = classify(log)
    assert isinstance(found, failure)
    assert str(found) == message


@pytest.mark.parametrize(
    "log",
    [
        "Error: not enough parameters in line",
        "Error on line 1\nno data saved",
        "Error on line 1 or its substitute:\n\nno data saved",
        "\n\nno data saved",
    ],
)
def test_a_log_may_end_anywhere(log):
    assert log.splitlines()[-1] in str(classify(log))


def test_a_log_line_is_one_short_line_whatever_the_log_holds():
    failure = classify("unknown subckt: \x1b[31mx1\x07" + "y" * 100_000)
    assert str(failure).isprintable()
    assert len(str(failure)) < 300


def test_a_cause_is_told_before_its_consequence():
    log = "Warning: singular matrix:  check node x\nunknown subckt: x1\nTimestep too small"
    assert isinstance(classify(log), MissingSubcircuit)


def test_a_quiet_log_shows_nothing():
    assert classify("Doing analysis at TEMP = 27\nNo. of Data Rows : 59") is None
