"""The contract itself: whoever breaks it is caught, even where it swallows every error."""

import os
import pickle
import socket
import subprocess
import time
from pathlib import Path

import contract as module
import pytest
from contract import Broken
from mutants import SPECIALS, Special

from anaspike.errors import AnaspikeError, InputError


class Told:
    def __reduce__(self):
        return (Path, ("ran",))


def wrongs(contract):
    """Return what readers do wrong -> how."""
    canary = contract.canary
    return {
        "reads outside": (canary.read_text, "which is outside"),
        "looks outside": (lambda: list(canary.parent.iterdir()), "which is outside"),
        "writes outside": (lambda: canary.write_text("x"), "which is outside"),
        "removes outside": (canary.unlink, "which is outside"),
        "moves there": (lambda: (contract.folder / "a").rename(canary), "which is outside"),
        "makes a folder": ((canary.parent / "new").mkdir, "which is outside"),
        "runs a program": (lambda: subprocess.run(["true"], check=False), "ran 'true'"),
        "runs a shell": (lambda: os.system("true"), "ran "),  # noqa: S605
        "speaks": (lambda: socket.create_connection(("127.0.0.1", 9)), "socket."),
        "unpickles": (lambda: pickle.loads(pickle.dumps(Told())), "pickle.find_class"),  # noqa: S301
        "runs its code": (
            lambda: exec(compile("x = 1", contract.folder / "a.py", "exec")), "ran code of"  # noqa: S102
        ),
    }  # fmt: skip


KINDS = ("reads outside", "looks outside", "writes outside", "removes outside", "moves there",
         "makes a folder", "runs a program", "runs a shell", "speaks", "unpickles",
         "runs its code")  # fmt: skip


@pytest.mark.parametrize("kind", KINDS)
def test_what_no_reader_may_do(contract, kind):
    contract.written({"a": b"", "a.py": b""})
    do, said = wrongs(contract)[kind]
    with pytest.raises(Broken, match=said):
        contract.holds(do, apart=True)
    assert contract.canary.read_text() == "a secret of the user's\n"
    assert [path.name for path in contract.canary.parent.iterdir()] == ["canary.txt"]


def test_what_is_swallowed_is_told_all_the_same(contract):
    def quiet():
        try:
            contract.canary.read_text()
        except BaseException:
            return

    contract.written({})
    with pytest.raises(AssertionError, match="which is outside"):
        contract.holds(quiet, apart=True)


def test_links_out_are_outside(contract):
    contract.written({"link": Special("outside")})
    with pytest.raises(Broken, match="which is outside"):
        contract.holds((contract.folder / "link").read_text, apart=True)


def test_a_link_out_may_go_but_not_what_it_leads_to(contract):
    contract.written({"link": Special("outside"), "folder": Special("outside_folder")})
    contract.holds((contract.folder / "link").unlink, apart=True)
    with pytest.raises(Broken, match="which is outside"):
        contract.holds((contract.folder / "folder/canary.txt").unlink)
    assert contract.canary.exists()


def without_end():
    while True:
        pass


def test_who_waits_is_woken(contract, monkeypatch):
    monkeypatch.setattr(module, "LIMIT_S", 0.1)
    contract.written({"pipe": Special("pipe")})
    for wait in (lambda: time.sleep(60), (contract.folder / "pipe").read_bytes, without_end):
        with pytest.raises(Broken, match=r"still busy after 0\.1 s"):
            contract.holds(wait)


def test_who_takes_too_much_is_told(contract, monkeypatch):
    monkeypatch.setattr(module, "LIMIT_B", 50_000_000)
    contract.written({})
    with pytest.raises(AssertionError, match=r"took 0\.\d+ GB"):
        contract.holds(lambda: bytes(b"x" * 200_000_000))


@pytest.mark.parametrize("said", ["", " ", "a\nb", "\x1b[2J", "x" * 3000])
def test_a_refusal_is_one_line(contract, said):
    def refuse():
        raise AnaspikeError(said)

    with pytest.raises(AssertionError):
        contract.holds(refuse, refusals=(AnaspikeError,))


def test_what_is_right(contract):
    def refuse():
        raise InputError("no such file; name another")

    contract.written({"a": b"text"})
    assert contract.holds((contract.folder / "a").read_text, apart=True) == "text"
    assert str(contract.holds(refuse)) == "no such file; name another"
    contract.holds(lambda: (contract.folder / "new").write_text("x"), apart=True)
    contract.holds(lambda: subprocess.run(["true"], check=False), programs=("true",))


def test_every_special_can_be_put(contract):
    names = [kind.kind for kind in SPECIALS.elements]
    contract.written({name: Special(name) for name in names})
    there = {path.name for path in contract.folder.iterdir()}
    assert there == set(names) - {"missing"}
