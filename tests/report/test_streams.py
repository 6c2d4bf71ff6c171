"""What leaves for a terminal, a pipe or a file: text is text, and no stream ends the work."""

import ast
import io
import os
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.table import Table

import anaspike
from anaspike.report.console import Terminal
from anaspike.report.streams import fitting, say

PACKAGE = Path(anaspike.__file__).parent
COMMAND = (sys.executable, "-m", "anaspike")


def run(*arguments, **environ):
    """Run the command line as a process of its own."""
    return subprocess.run(
        (*COMMAND, *arguments),
        env={**os.environ, **environ},
        capture_output=True,
        timeout=120,
        check=False,
    )


@pytest.mark.parametrize("size", ["0", "000", "9" * 5000, "1000000000", "²", "wide", "-3"])
@pytest.mark.parametrize("variable", ["COLUMNS", "LINES"])
def test_a_terminal_of_no_size_that_may_be_is_told_all_the_same(monkeypatch, variable, size):
    monkeypatch.setenv(variable, size)
    assert b"told" in printed(monkeypatch, "utf-8", "told")


def printed(monkeypatch, encoding, *objects):
    """Print on a console whose stream has an encoding, strictly; return the bytes."""
    stream = io.TextIOWrapper(io.BytesIO(), encoding=encoding, errors="strict")
    monkeypatch.setattr(sys, "stdout", stream)
    console = Terminal()
    for shown in objects:
        console.print(shown)
    stream.flush()
    return stream.buffer.getvalue()


@pytest.mark.parametrize(
    ("encoding", "shown"),
    [
        ("utf-8", "419.9 MΩ 27 °C 3 µm² —"),
        ("latin-1", "419.9 Mohm 27 °C 3 µm² -"),
        ("cp1252", "419.9 Mohm 27 °C 3 µm² —"),
        ("ascii", "419.9 Mohm 27 degC 3 um2 -"),
    ],
)
def test_what_an_encoding_lacks_is_said_otherwise(monkeypatch, encoding, shown):
    text = "419.9 MΩ 27 °C 3 µm² —"
    assert fitting(text, encoding) == shown
    table = Table("", "R")
    table.add_row("", text)
    out = printed(monkeypatch, encoding, text, table).decode(encoding)
    assert out.splitlines()[0] == shown
    assert out.count(shown) == 2
    widths = {len(line) for line in out.splitlines()[1:]}
    assert len(widths) == 1, "the table's edge is straight: ohm is counted as three"


@given(st.text(max_size=40), st.sampled_from(["ascii", "latin-1", "cp1252", "koi8-r", "utf-8"]))
def test_any_text_fits_any_encoding(text, encoding):
    assert fitting(text, encoding).encode(encoding) is not None


@pytest.mark.parametrize("foreign", ["[/x]", "[bold]b[/]", ":smile:", "[link=http://x]y[/link]"])
def test_text_is_no_markup(monkeypatch, foreign):
    table = Table("", foreign)
    table.add_row("", foreign)
    out = printed(monkeypatch, "utf-8", foreign, table).decode()
    assert out.count(foreign) == 3


def test_what_steers_a_terminal_is_shown(monkeypatch, capsys):
    nasty = "a\x1b]0;owned\x07b\x9b31m\u202ec"
    table = Table("", nasty)
    table.add_row("", nasty)
    out = printed(monkeypatch, "utf-8", nasty, table).decode()
    assert not set("\x1b\x07\x9b\u202e") & set(out)
    assert "a\\x1b]0;owned\\x07b\\x9b31m\\u202ec" in out
    monkeypatch.undo()
    say(f"then: {nasty}\nok")
    assert capsys.readouterr().out == "then: a\\x1b]0;owned\\x07b\\x9b31m\\u202ec\\x0aok\n"


def test_nothing_prints_by_another_door():
    """All output goes through report/streams.py and report/console.py, which make text safe.

    Where neither can be loaded (Windows), the package itself says why, in words of its own.
    """
    doors = {"report/streams.py", "report/console.py", "__init__.py"}
    for path in sorted(PACKAGE.rglob("*.py")):
        name = path.relative_to(PACKAGE).as_posix()
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and name not in doors:
                called = ast.unparse(node.func)
                assert called not in {"print", "click.echo", "Console", "rich.print"}, name
                assert not called.endswith(("stdout.write", "stderr.write")), name
                marked = [key.arg for key in node.keywords if key.arg == "markup"]
                assert not marked or called == "TextColumn", name


def test_a_terminal_without_ohm_shows_the_answer(ngspice, tmp_path):
    done = run(
        "characterise", "pseudo-resistor", "--corner", "tt", "--temp", "27", "--out",
        str(tmp_path / "o"), PYTHONIOENCODING="latin-1",
    )  # fmt: skip
    assert (done.returncode, done.stderr) == (0, b"")
    assert b"419.9 Mohm" in done.stdout


@pytest.mark.parametrize("locale", ["C", "POSIX"])
def test_the_plainest_locale(locale):
    plain = {"LC_ALL": locale, "PYTHONCOERCECLOCALE": "0", "PYTHONUTF8": "0"}
    done = run("sweep-vdd", "--from", "3 Ω", **plain)
    assert done.returncode == 2
    assert done.stderr.startswith(b"error: --from: '3 ")
    assert b"Traceback" not in done.stderr


def test_text_in_the_environment_is_text():
    done = run("pdk", "list", ANASPIKE_SKY130="[/x]")
    assert (done.returncode, done.stderr) == (0, b"")
    assert b"ANASPIKE_SKY130 is [/x], which holds no sky130 models" in done.stdout


@pytest.mark.parametrize("arguments", [("--help",), ("parameters",), ("netlist", "neuron")])
def test_a_reader_that_leaves_is_no_error(arguments):
    reader, writer = os.pipe()
    os.close(reader)
    with os.fdopen(writer, "wb") as closed:
        done = subprocess.run(
            (*COMMAND, *arguments), stdout=closed, stderr=subprocess.PIPE, timeout=60, check=False
        )
    assert (done.returncode, done.stderr) == (0, b"")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="this system has no /dev/full")
@pytest.mark.parametrize("arguments", [("--help",), ("parameters",), ("netlist", "neuron")])
def test_a_full_disk_is_one_line(arguments):
    with Path("/dev/full").open("wb") as full:
        done = subprocess.run(
            (*COMMAND, *arguments), stdout=full, stderr=subprocess.PIPE, timeout=60, check=False
        )
    assert done.returncode == 2
    assert done.stderr.decode().endswith("No space left on device\n")
    assert done.stderr.count(b"\n") == 1
