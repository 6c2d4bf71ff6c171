"""Compiled models: a deck names them by digest, a machine has them or refuses by name."""

import hashlib
import json
import shutil
from dataclasses import asdict, replace

import pytest

from anaspike.errors import InputError
from anaspike.spice.deck import Deck, ModelFiles
from anaspike.spice.failures import DeckRefused
from anaspike.spice.modules import Module, find_module
from anaspike.spice.ngspice.run import SPICEINIT, lay_out
from anaspike.spice.vacask.text import translated

CARD = """.model slow psp103va type=-1 level=103.6 vfbo=-0.81
.subckt pmos d g s b mult=1
nm0 d g s b slow w=1e-6 l=1.3e-07 mult={mult} delvto=0 factuo=1
.ends
"""
BODY = "vd d 0 1\nx1 d 0 0 0 pmos mult=3\n"


@pytest.fixture
def module(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    path = tmp_path / "anaspike/sg13g2/2.0.0/osdi/psp103.osdi"
    path.parent.mkdir(parents=True)
    path.write_bytes(b"machine code")
    return Module.of(path)


def deck(*modules, **more):
    models = ModelFiles(".include 'c.sp'", {"c.sp": CARD}, modules)
    return Deck("t", BODY, models, 1e-9, ("i(vd)",), **more)


def test_a_deck_of_another_build_is_another_deck(module):
    other = replace(module, sha256="0" * 64)
    assert len({d.digest() for d in (deck(), deck(module), deck(other))}) == 3
    assert Deck.from_dict(json.loads(json.dumps(asdict(deck(module))))) == deck(module)
    older = asdict(deck())
    del older["models"]["modules"]
    assert Deck.from_dict(older) == deck()


def test_what_is_found_is_what_was_compiled_here(module, tmp_path):
    path = tmp_path / "anaspike/sg13g2/2.0.0/osdi/psp103.osdi"
    assert find_module(module) == path
    assert module.sha256 == hashlib.sha256(b"machine code").hexdigest()
    path.write_bytes(b"other machine code")
    with pytest.raises(DeckRefused, match=r"psp103\.osdi of SHA-256 [0-9a-f]{12}, and .* is anoth"):
        find_module(module)
    path.unlink()
    with pytest.raises(DeckRefused, match="none is in the data folder of anaspike; `anaspike pdk"):
        find_module(module)


@pytest.mark.parametrize(
    "parts",
    [
        {"name": "../psp103.osdi"},
        {"name": "/home/psp103.osdi"},
        {"name": "psp103.osdi\nshell touch owned"},
        {"name": "psp103.so"},
        {"sha256": "../../x"},
        {"sha256": ""},
    ],
)
def test_a_deck_of_a_stranger_names_no_file_of_theirs(module, parts):
    foreign = asdict(deck(module))
    foreign["models"]["modules"][0].update(parts)
    with pytest.raises(InputError, match="is no compiled model of a deck"):
        Deck.from_dict(foreign)


def test_ngspice_loads_it_before_it_reads_the_deck(module, tmp_path):
    lay_out(deck(module), tmp_path / "run")
    assert (tmp_path / "run/.spiceinit").read_text() == f"{SPICEINIT}osdi psp103.osdi\n"
    assert (tmp_path / "run/psp103.osdi").read_bytes() == b"machine code"
    lay_out(deck(), tmp_path / "run")
    assert (tmp_path / "run/.spiceinit").read_text() == SPICEINIT


def test_a_deck_by_itself_loads_it_from_where_it_lies(module, tmp_path, monkeypatch):
    path = tmp_path / "anaspike/sg13g2/2.0.0/osdi/psp103.osdi"
    lines = deck(module).render_standalone("", ()).splitlines()
    assert lines[lines.index(".control") + 1] == f"pre_osdi {path}"
    odd = tmp_path / "a b; shell touch owned"
    shutil.copytree(tmp_path / "anaspike", odd / "anaspike")
    monkeypatch.setenv("XDG_DATA_HOME", str(odd))
    with pytest.raises(DeckRefused, match="cannot stand in a command of a deck; set XDG_DATA_HOME"):
        deck(module).render_standalone("", ())


def test_vacask_is_given_the_model_by_its_own_names(module):
    altered = (("n.x1.nm0", "delvto", 0.01), ("n.x1.nm0", "factuo", 0.9))
    lines = translated(deck(module, alter=altered))["deck.sim"].splitlines()
    assert 'load "psp103.osdi"' in lines
    assert "model 'slow' psp103va type=-1 level=103.6 vfbo=-0.81" in lines
    placed = next(line for line in lines if line.startswith("'x1.nm0'"))
    assert placed == ("'x1.nm0' ('d' 0 0 0) 'slow' w=1e-06 l=1.3e-07 mult=3 delvto=0.01 factuo=0.9")
    with pytest.raises(DeckRefused, match=r"'m\.x1\.m0', which is altered, is no device"):
        translated(deck(module, alter=(("m.x1.m0", "delvto", 0.01),)))
