"""matplotlib reads a `matplotlibrc` of the current folder as it loads, whoever put it there."""

import os
import subprocess
import sys

import pytest

DRAWN = """
from anaspike.errors import InputError
from anaspike.report.pictures import drawn
from anaspike.report.style import new_figure
try:
    print(len(drawn("p", lambda: new_figure("t"), ["png"])["png"]) > 0)
except InputError as error:
    print(error)
"""


def said(folder, **environment):
    asked = subprocess.run(
        [sys.executable, "-P", "-c", DRAWN], cwd=folder, capture_output=True, text=True,
        timeout=100, check=True,
        env={**os.environ, **environment},
    )  # fmt: skip
    assert asked.stderr == ""
    return asked.stdout.strip()


def test_a_pipe_is_not_waited_for(tmp_path):
    os.mkfifo(tmp_path / "matplotlibrc")
    assert said(tmp_path).startswith("cannot read matplotlibrc: it is no plain file")


@pytest.mark.parametrize("text", [b"font.family: \xff\xfe\n", b"\xff\xfea\0:\0"])
def test_what_is_no_text_is_a_line(tmp_path, text):
    (tmp_path / "matplotlibrc").write_bytes(text)
    assert said(tmp_path).startswith("matplotlibrc is ")


def test_what_is_wrong_in_it_is_not_printed(tmp_path):
    (tmp_path / "matplotlibrc").write_text("backend: module://evil\nodd\x1b[31m: x\n")
    (tmp_path / "evil.py").write_text("raise SystemExit(3)\n")
    assert said(tmp_path) == "True"


def test_a_backend_that_there_is_not_is_a_line(tmp_path):
    assert said(tmp_path, MPLBACKEND="odd").startswith("matplotlib does not load: Key backend")
