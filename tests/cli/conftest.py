"""The command line as a user meets it: arguments in, exit code and text out."""

import pytest

from anaspike.cli import run


@pytest.fixture
def anaspike(capsys, monkeypatch, tmp_path):
    """Run a command in an empty folder; return (exit code, stdout, stderr)."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "120")

    def call(*arguments):
        code = run([str(argument) for argument in arguments])
        printed = capsys.readouterr()
        return code, printed.out, printed.err

    return call


@pytest.fixture
def simulator(stub, monkeypatch):
    """Put a stand-in simulator in ngspice's place."""

    def use(script, version="39"):
        monkeypatch.setenv("ANASPIKE_NGSPICE", str(stub(script, version)))

    return use
