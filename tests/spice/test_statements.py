"""The reader that sees SPICE text as ngspice does, held against ngspice; and what it refuses."""

import subprocess

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from anaspike.errors import InputError
from anaspike.spice import door
from anaspike.spice import statements as reader
from anaspike.spice.door import forbid_commands
from anaspike.spice.rawfile import read_raw
from anaspike.spice.statements import Statement, calls, small, statements


def texts(text):
    return [statement.text for statement in statements(text)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("R1 A 0 1K", ["r1 a 0 1k"]),
        ("r1 a\r 0\r\n+ 1\rk\r\n", ["r1 a 0 1k"]),
        ("r1 a 0\n* remark\n\n   \n$ remark\n# remark\n+1k", ["r1 a 0 1k"]),
        ("r1 a 0 1\n; remark\n+ m=2\n! remark\n+ m=2\n", ["r1 a 0 1"]),
        ("r1 a 0 \\\\\n\n  1k\nr2 b 0 1", ["r1 a 0 1k", "r2 b 0 1"]),
        ("* remark \\\\\nr1 a 0 1", ["r1 a 0 1"]),
        ("r1 a 0 1;one\nr2 a 0 1 $two\nr3 a 0 1//three\nr4 a 0 1,$four\nr5 a 0 1$five",
         ["r1 a 0 1", "r2 a 0 1", "r3 a 0 1", "r4 a 0 1,", "r5 a 0 1$five"]),
        ("// one\n! two\n% three\n\"four\nr1 a 0 1", ["r1 a 0 1"]),
        ("r1 a 0 1\n@here\nr2 a 0 1", ["r1 a 0 1"]),
        ("r1 a 0 1\n.end\nr2 a 0 1", ["r1 a 0 1", ".end", "r2 a 0 1"]),
        ("r1 a 0\n.End ; x\n+ 1\nr2 a 0 1", ["r1 a 0 1", ".end", "r2 a 0 1"]),
        ("r1 a 0 1\n.Title x\n+ m=2", ["r1 a 0 1 m=2"]),
        ("r1 a 0 1\0 m=2\n", ["r1 a 0 1"]),
        (".Lib 'Models.LIB' TT ; x", [".lib 'Models.LIB' TT"]),
        ('.model M d_state(FILE="Big.TXT")', ['.model m d_state(file="Big.TXT")']),
        # No line ends to ngspice, whatever they are to Python; nor is a Kelvin sign a k.
        ("* one\x0cr1\x85r2\u2028r3", []),
        ("r1 a 0 1\u212a", ["r1 a 0 1\u212a"]),
        ("", []),
    ],
)  # fmt: skip
def test_statements_by_hand(text, expected):
    assert texts(text) == expected


def test_a_statement_knows_its_line_its_words_and_the_file_it_calls():
    text = "* x\n.include 'My File.inc'\nr1 a 0\n+ {1 + {2*r}} w='a + b'\n.lib Foo.LIB TT\n.lib tt"
    included, resistor, called, begun = statements(text)
    assert (included.line, included.file, included.section) == (2, "My File.inc", "")
    assert (resistor.line, resistor.file) == (3, "")
    assert resistor.words == ("r1", "a", "0", "{1 + {2*r}}", "w='a + b'")
    assert (called.file, called.section) == ("Foo.LIB", "tt")
    assert (begun.file, begun.section) == ("", "tt")


WORDS = st.text("abcxyzABC019.=()+-*{}'", min_size=1, max_size=8)
STATEMENTS = st.lists(WORDS, min_size=1, max_size=5).map(lambda words: f"r{' '.join(words)}")
BETWEEN = st.sampled_from(["", "  ", "* x", "*", "$ x", "\t* r9 a 0 1", "# y", "// z", "\r"])
ENDS = st.sampled_from(["", " ; x", ";x", " $ x", "\t$x", "// + x", "\r", "  "])


@given(st.data(), st.lists(STATEMENTS, max_size=4))
@settings(max_examples=200)
def test_comments_and_continuations_change_nothing(data, wanted):
    lines = []
    for statement in wanted:
        first, *others = statement.split(" ")
        lines.append(f"  {first}")
        for word in others:
            if data.draw(st.booleans()):
                lines[-1] += data.draw(ENDS)
                lines += data.draw(st.lists(BETWEEN, max_size=2))
                lines.append(f"\t+ {word}")
            else:
                lines[-1] += f" {word}"
        lines[-1] += data.draw(ENDS)
    assert texts("\n".join(lines)) == [small(statement) for statement in wanted]


@given(st.text("rR1 \t\r\n+*$;/\\.#@'\"{}endcotrlm\0\x0c\u212a", max_size=60))
@settings(max_examples=300)
def test_any_text_is_read_and_read_again_it_is_the_same(text):
    found = list(statements(text))
    assert all(isinstance(statement, Statement) and statement.words for statement in found)
    assert all("\n" not in s.text and "\r" not in s.text for s in found)
    lines = [statement.line for statement in found]
    assert lines == sorted(set(lines))


DECOR = st.lists(
    st.sampled_from(
        ["+ 1k", "+", "* x", "", "  ", "\t+ m=2", "rX a 0 2k", " R{} a\\\\", "// y", "! z", ".End",
         "r{} a 0 1k $ m=3", "r{} a 0 1k//m=3", "r{} a 0 1\rk;m=3", "\r+ m=3", "r{} a 0 $ x"]
    ),
    max_size=8,
)  # fmt: skip


@given(DECOR)
@settings(max_examples=40)
def test_ngspice_reads_the_statements_as_it_reads_the_text(ngspice, tmp_path_factory, lines):
    body = "\n".join(line.format(i) for i, line in enumerate(["r{} a 0 1k", *lines]))
    deck = f"v1 a 0 1\n{body}\n.tran 1n 2n\n.save i(v1)\n.end\n"
    folder = tmp_path_factory.mktemp("decks")
    as_read = "".join(f"{text}\n" for text in texts(deck))
    assert current(ngspice, folder / "1", deck) == current(ngspice, folder / "2", as_read)


def current(ngspice, folder, deck):
    """Return the current that ngspice draws from 1 V; None when it cannot read the deck."""
    folder.mkdir()
    (folder / "deck.cir").write_bytes(f"* t\n{deck}".encode())
    command = [ngspice.executable, "-b", "-r", "out.raw", "deck.cir"]
    subprocess.run(command, cwd=folder, capture_output=True, check=False)
    raw = folder / "out.raw"
    return float(np.asarray(read_raw(raw)[0].data)[1][-1]) if raw.exists() else None


HARMLESS = """.title of a library
* models of two corners; # and *# in their midst: a *# b
.lib tt\r
.param k=1.5 s='a//b'
.endl tt\r
.lib 'own.lib' tt
.include "own.lib"
.model nch nmos level=54
.model nch.1 nmos (level = 54
+ version=4.5)
.model sampled filesource(file="own.lib" amploffset=[0 0])
.subckt a b c profile=2
r1 b c {profile}
.ends a
"""


def test_what_describes_a_circuit_passes():
    forbid_commands(HARMLESS, "the models", {"own.lib"})


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("r1 a 0 1\n.control", "line 2 of the body begins commands: '.control'"),
        (" \t.CONTROLx", "line 1 of the body begins commands: '.CONTROLx'"),
        (".endc", "line 1 of the body ends commands: '.endc'"),
        (".\rcontrol\nshell touch x", r"line 1 of the body holds the control character '\\r'"),
        ("r1 a 0 1\n*#shell x", "line 2 of the body is a command to ngspice: '*#shell x'"),
        (";#shell x", "line 1 of the body is a command to ngspice: ';#shell x'"),
        ("  %#shell x", "line 1 of the body is a command to ngspice: '%#shell x'"),
        ("*ng_script", "line 1 of the body is a command to ngspice: '*ng_script'"),
        (".title *ng_script", "line 1 of the body is a command to ngspice: '.title *ng_script'"),
        (".TitleX\t*NG_Script", "line 1 of the body is a command to ngspice: '.TitleX"),
        ("r1 a 0 1\n @x", "line 2 of the body ends the deck before its end: '@x'"),
        ("r1 a 0 1\x0c", r"line 1 of the body holds the control character '\\x0c'"),
        ("r1\n* a\x1b[31m", r"line 2 of the body holds the control character '\\x1b'"),
        ("\ufeffr1", r"line 1 of the body holds the control character '\\ufeff'"),
        ("r1 a 0 \\\\\n\n", r"line 1 of the body ends in \\\\ and joins what follows"),
        ("r1 a 0 1\n; a\n* b\n+ m=9", "line 4 of the body continues what is no statement: '+ m=9'"),
        ("* a\n+ temp=99", "line 2 of the body continues what is not its own: '+ temp=99'"),
        ("r1 a 0 1\n.end\n+ m=9", "line 3 of the body continues what is no statement: '+ m=9'"),
        (".include own.lib\n+ m=9", "line 1 of the body has more words than a call of a file"),
        (".lib own.lib tt\n+ m=9", "line 1 of the body has more words than a call of a file"),
        (".include /etc/passwd", "line 1 of the body calls a file that is not the deck's own:"),
        (".INC '../own.lib'", "line 1 of the body calls a file that is not the deck's own:"),
        ("r1 a 0 \\\\\n.inc x", "line 2 of the body calls a file that is not the deck's own:"),
        (".inclu OWN.LIB", "line 1 of the body calls a file that is not the deck's own:"),
        (".LIB own.lib//x tt", "line 1 of the body calls a file by no plain name:"),
        (".lib 'own.lib tt'", "line 1 of the body calls a file by no plain name:"),
        ('.model m d_process(process_file="sh")', "line 1 of the body is a model that runs"),
        ('.MODEL m\n* x\n+ D_COSIM (simulation="x.so")', "line 1 of the body is a model that runs"),
        (".cmodel m d_process", "line 1 of the body is a model that runs programs"),
        (".model m {kind}(process_file=x)", "line 1 of the body does not say plainly what model"),
        (".model m 'kind'", "line 1 of the body does not say plainly what model it is"),
        (".model m numd level=2", "line 1 of the body is a model that writes files"),
        ('.model m filesource({p}="/etc/passwd")', "line 1 of the body is a model that reads a f"),
        ('.model m filesource(file="/etc/passwd")', "line 1 of the body names a file that is not"),
        (
            ".model m d_state(State_File = 'x')",
            "line 1 of the body is a model that reads a file, a",
        ),
        (".model m d_source(input_file=x)", "line 1 of the body names a file that is not the deck"),
        ('d1 a 0 m ic.file="x"', "line 1 of the body names a file that is not the deck's own"),
    ],
)
def test_what_does_more_than_describe_a_circuit_is_refused(text, message):
    with pytest.raises(InputError) as caught:
        forbid_commands(text, "the body", {"own.lib"})
    assert str(caught.value).startswith(
        message.replace("\\\\", "\\") if "\\" in message else message
    )
    assert str(caught.value).isprintable()


PIECES = st.sampled_from(
    [
        *(".include", ".INC ", ".lib", ".lib x tt", ".model", ".cmodel m filesource", ".control"),
        *(".endc", ".end", ".END", ".ends", ".title", "*ng_script", "*# x", "#", "@", "+", "+ x"),
        *("\\\\", "$", ";", "//", "\r", "\t", " ", "\n", "\n", "\n", "\xa0", "\u2028", "\0"),
        *("\x0b", "\x1a", "r1 a 0 1", "file", "FILE=", "=", "x_file", '"x"', "'x'", "in", "c"),
        *("(", ")", "[", "k", "\u212a", "\u017f"),
    ]
)


@settings(max_examples=500)
@given(st.lists(PIECES, max_size=12).map("".join))
@example("file $ x\n+ = x")
@example("*\n$\n\n+ r1")
@example("a\\\\ \n.control")
def test_what_is_told_at_once_is_what_looking_at_each_line_would_tell(text):
    if not reader.calls_files(text):
        assert list(calls(text)) == []
    if not reader.names_files(text):
        assert [s.reads for s in statements(text) if s.reads] == []
    if door._is_plain(text.replace("\r\n", "\n")):
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(door, "_is_plain", lambda _: False)
            forbid_commands(text, "the text")


@pytest.mark.proof
@settings(max_examples=30_000)
@given(st.lists(PIECES, max_size=12).map("".join))
def test_so_it_is_for_thirty_thousand_texts(text):
    at_once = test_what_is_told_at_once_is_what_looking_at_each_line_would_tell
    at_once.hypothesis.inner_test(text)
