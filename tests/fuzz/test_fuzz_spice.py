"""Bodies, model lines, model files and netlists: a circuit, or refused; nothing of it is obeyed."""

import json
from contextlib import suppress
from dataclasses import asdict

import pytest
import toy_sg13g2
from contract import examples
from hypothesis import example, given
from hypothesis import strategies as st
from mutants import mutants, of_json, of_text
from toy_gf180mcu import write_library
from toy_models import write_models

from anaspike.errors import InputError
from anaspike.pdk.gf180mcu import Gf180mcu
from anaspike.pdk.installed import check_installed
from anaspike.pdk.roles import MosSize
from anaspike.pdk.sg13g2 import Sg13g2
from anaspike.pdk.sg13g2.locate import locate as locate_sg13g2
from anaspike.pdk.sky130.cache import CardCache
from anaspike.pdk.sky130.flatten import Card
from anaspike.pdk.sky130.locate import locate, version_of
from anaspike.pdk.sky130.pdk import Sky130
from anaspike.spice.carried import carried
from anaspike.spice.deck import Deck, ModelFiles
from anaspike.spice.failures import SimulationFailure
from anaspike.spice.modules import Module
from anaspike.spice.ngspice.run import Ngspice
from anaspike.spice.vacask.text import translated

MODELS = ".model mn nmos level=1 vto=0.4\n.subckt half a b\nr1 a b 1k\n.ends\n"
BODY = """\
v1 a 0 pulse(0 1 0 1n 1n 10n 20n)
.include 'load.sp'
x1 a b half
m1 b a 0 0 mn w=1u l={l}
.param l=1u
"""
LIB = ".lib tt\n.param vt=0.4\n.endl\n.lib ss\n.param vt=0.5\n.endl\n"
DECK = asdict(
    Deck(
        "a deck", BODY,
        ModelFiles(".include 'm.sp'\n.lib 'l.lib' tt", {"m.sp": MODELS, "l.lib": LIB}),
        1e-8, ("v(b)", "i(v1)"), initial_V={"b": 0.1}, alter=(("m.m1", "delvto", 1e-3),),
        files={"load.sp": "c1 b 0 1f\n"},
    )
)  # fmt: skip
# What a deck has no place for, in pieces, and what may hide it.
TRICKS = (
    ".control", ".endc", "shell", "touch", "OUTSIDE", "write", "echo", "x >", "source", "*#",
    "*ng_script", ".include", ".inc ", ".lib", "../outside/canary.txt", "'@OUTSIDE@'", "tt",
    ".model z d_process", "(process_file=", "'sh')", ".model z filesource(file=", '"@OUTSIDE@"',
    ".option", "sourcepath=", ".end", ".ends", ".title", "@", "+", "\\\\", "\r", "\n", "\n", "\n",
    " ", ";", "$", "//", "\u0000", "\u001a", "\u2028", "\u00a0", "\u212a", "{", "'", '"',
    "b1 q 0 v=", "aspice", ".csparam", ".func", ".if (1)", ".save", ".print", ".meas", ".global",
    "xz a b half", "a1 a b z", "quit", ".codemodel", "pre_osdi",
)  # fmt: skip
TEXTS = st.lists(st.sampled_from(TRICKS), min_size=1, max_size=9)
TRICKED = st.builds(
    lambda words, by, where: (by.join(words), where), TEXTS, st.sampled_from(("", " ", "\n")),
    st.sampled_from(("title", "body", "lines", "m.sp", "l.lib", "load.sp", "save", "alter")),
)  # fmt: skip


def tricked(trick, canary):
    text, where = trick
    text = text.replace("@OUTSIDE@", str(canary)).replace("OUTSIDE", str(canary.parent / "ran"))
    parts = json.loads(json.dumps(DECK))
    match where:
        case "title" | "body":
            parts[where] += f"\n{text}\n" if where == "body" else text
        case "lines":
            parts["models"]["lines"] += f"\n{text}\n"
        case "save":
            parts["save"].append(text)
        case "alter":
            parts["alter"].append((text, text, 1.0))
        case "load.sp":
            parts["files"][where] += f"\n{text}\n"
        case _:
            parts["models"]["files"][where] += f"\n{text}\n"
    return parts


# What `from_dict` says of what is no deck; its callers say which file is damaged.
NO_DECK = (ValueError, TypeError, KeyError, RecursionError)


@examples(60)
@given(of_json(json.dumps(DECK).encode()))
def test_decks(contract, text):
    contract.written({})

    def read():
        with suppress(*NO_DECK):
            Deck.from_dict(json.loads(text)).check_body()

    contract.holds(read, apart=True)


@examples(60)
@given(TRICKED)
def test_decks_that_try_tricks(contract, trick):
    contract.written({})
    parts = tricked(trick, contract.canary)
    contract.holds(lambda: Deck.from_dict(parts).render(), apart=True)


@pytest.fixture(scope="module")
def brief(ngspice):
    return Ngspice(ngspice.executable, ngspice.version, 5.0)


@examples(25)
@given(TRICKED)
def test_what_is_run_obeys_no_trick(contract, brief, trick):
    """What passes the door goes through ngspice, and nothing outside is touched."""
    folder = contract.written({})
    outside = contract.canary.parent
    before = {path: path.read_text() for path in outside.iterdir()}

    def run():
        with suppress(SimulationFailure):
            brief.run(Deck.from_dict(tricked(trick, contract.canary)), folder / "run")

    contract.holds(run, apart=True, programs=(brief.executable.name,))
    assert {path: path.read_text() for path in outside.iterdir()} == before
    log = folder / "run/ngspice.log"
    assert not log.exists() or "a secret" not in log.read_text(errors="replace")
    assert {path.name for path in folder.iterdir()} <= {"run"}


PLAIN = b"""\
.param l=1u k={2*l}
.subckt half a b r=1k
r1 a b {r}
c1 b 0 1f m=2
.ends
v1 a 0 dc 0 pulse(0 1 0 1n 1n 10n 20n)
i1 0 c pwl(0 0 1n 1u 2n {1u*2})
x1 a b half r={1k + 2*k}
m1 b a 0 0 mn w=1u l={l}
.model mn nmos level=14 vth0=0.4 toxe={l*2m}
l1 b c 1n
"""
WORDS = {"anaspike", "load", "model", "control", "options", "save", "analysis", "endc"}


@examples(40)
@given(of_text(PLAIN))
@example(b"l=1u k={2*l}\n")
def test_decks_for_another_simulator(contract, body):
    contract.written({})
    parts = {**DECK, "body": body.decode("utf-8", "replace"), "alter": (), "files": {}}
    parts["models"] = {"lines": "", "files": {}}

    def read():
        with suppress(*NO_DECK):
            return translated(Deck.from_dict(parts))

    text = contract.holds(read, apart=True)
    if isinstance(text, str):  # every line is ours: what a deck says can begin none
        lines = [line.strip() for line in text.split("\n") if line.strip()]
        assert {line.split()[0] for line in lines if not line.startswith("'")} <= WORDS
        assert [line for line in lines if line in {"control", "endc"}] == ["control", "endc"]


NETLIST = {
    "top.sp": b".include 'sub/load.sp'\n.lib models.lib tt\nx1 a b half\n.inc sub/load.sp\n",
    "sub/load.sp": b'c1 b 0 1f\n.model z filesource(file="table.txt")\n',
    "sub/table.txt": b"0 1\n1e-9 2\n",
    "models.lib": LIB.encode(),
}


@examples(40)
@given(mutants(NETLIST))
def test_netlists_of_one_s_own(contract, files):
    folder = contract.written(files)

    def read():
        body = f".include '{folder}/top.sp'\nv1 a 0 1\n"
        net = carried(body, folder)
        return Deck("t", net.body, ModelFiles("", {}), 1e-9, ("v(a)",), files=net.files)

    contract.holds(read)


def library_of(write, folder):
    """Return the files that `write` writes into a folder."""
    write(folder)
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


@pytest.fixture(scope="module")
def toys(tmp_path_factory):
    """Good models of three processes, as files."""
    folder = tmp_path_factory.mktemp("toys")
    writers = {"gf": write_library, "sky": write_models, "ihp": toy_sg13g2.write_models}
    return [library_of(write, folder / name) for name, write in writers.items()]


@examples(12)
@given(st.data())
def test_models_of_gf180mcu(contract, toys, data):
    folder = contract.written(data.draw(mutants(toys[0])))
    sizes = [MosSize("nmos_svt", 1e-6, 3e-7), MosSize("pmos_svt", 1e-6, 3e-7)]

    def read():
        files = Gf180mcu.open({"ANASPIKE_GF180MCU": str(folder)}).models("tt", sizes)
        Deck.from_dict({**DECK, "models": asdict(files), "body": "v1 a 0 1", "files": {}})

    contract.holds(read)


@examples(12)
@given(st.data())
def test_models_of_sky130(contract, toys, data):
    folder = contract.written(data.draw(mutants(toys[1])))
    sizes = [MosSize("nmos_svt", 1e-6, 3e-7), MosSize("pmos_hvt", 1e-6, 3e-7)]

    def read():
        found = locate({"ANASPIKE_SKY130": str(folder)})
        files = Sky130(found, CardCache(folder / "cards")).models("sf", sizes)
        Deck.from_dict({**DECK, "models": asdict(files), "body": "v1 a 0 1", "files": {}})

    contract.holds(read)


@examples(12)
@given(st.data())
def test_models_of_sg13g2(contract, toys, data):
    folder = contract.written(data.draw(mutants(toys[2])))
    sizes = [MosSize("nmos_svt", 1e-6, 3e-7), MosSize("pmos_hvt", 1e-6, 5e-7)]

    def read():
        found = locate_sg13g2({"ANASPIKE_SG13G2": str(folder)})
        files = Sg13g2(found, Module("psp103.osdi", "0" * 64)).models("sf", sizes)
        Deck.from_dict({**DECK, "models": asdict(files), "body": "v1 a 0 1", "files": {}})

    contract.holds(read)


CARD = Card("nmos_svt_w420n_l150n", "* a card\n", 0.01)


@pytest.fixture(scope="module")
def kept(tmp_path_factory):
    """A cache of one flattened card, as files."""
    return library_of(lambda folder: CardCache(folder).put("x", CARD), tmp_path_factory.mktemp("c"))


@examples(20)
@given(st.data())
def test_cards_that_are_kept(contract, kept, data):
    cache = CardCache(contract.written(data.draw(mutants(kept))))
    assert contract.holds(lambda: cache.get("x", CARD.name)) in {None, CARD}


INSTALLED = {
    "SOURCE.json": json.dumps(
        {"package": "p", "version": "1", "files": {"models/a.sp": {"bytes": 2, "sha256": "0" * 64}}}
    ).encode(),
    "models/a.sp": b"*\n",
    "sky130A/.config/nodeinfo.json": b'{"commit": {"open_pdks": "0fe599b"}}',
}


@examples(20)
@given(mutants(INSTALLED))
def test_lists_of_installed_models(contract, files):
    folder = contract.written(files)

    def read():
        with suppress(InputError):
            check_installed(folder, "sky130")
        version_of(folder / "sky130A/libs.tech/combined/continuous")

    contract.holds(read)
