"""Decks and networks that are small as a file and would be read for minutes."""

import pytest

from anaspike.circuits.network import Network, NetworkNeuron
from anaspike.experiments.network_file import read_network
from anaspike.spice.carried import carried
from anaspike.spice.deck import Deck, ModelFiles
from anaspike.spice.door import MOST_PARTS, MOST_STATEMENTS
from anaspike.studies.flow import read_flow

CIRCUIT = "v1 a 0 1\nr1 a 0 1k\n"
NO_MODELS = ModelFiles("", {})
LONG = {
    "elements": "".join(f"r{number} a 0 1k\n" for number in range(2, MOST_STATEMENTS + 3)),
    "calls": ".include 'f'\n" * (MOST_STATEMENTS + 1),
    "remarks": ".model m nmos level=54\n" + "*\n" * MOST_PARTS,
    "continued": ".model m nmos level=54\n" + "+\n" * MOST_PARTS,
    "words": "r2 a 0 " + "{1} " * MOST_PARTS + "\n",
}


def deck(body, files=None):
    return Deck("t", body, NO_MODELS, 1e-9, ("v(a)",), files=files or {})


@pytest.mark.parametrize("text", LONG.values(), ids=LONG)
def test_long_texts(contract, text):
    parts = {"title": "t", "body": CIRCUIT + text, "models": {"lines": "", "files": {}},
             "stop_s": 1e-9, "save": ["v(a)"], "options": {}, "temperature_C": 27.0,
             "initial_V": {}, "alter": [], "files": {"f": "* x\n"}}  # fmt: skip
    found = contract.holds(lambda: Deck.from_dict(parts))
    assert "a deck has at most" in str(found)
    found = contract.holds(lambda: deck(CIRCUIT, {"f": text}))
    assert "a deck has at most" in str(found)
    found = contract.holds(lambda: ModelFiles(".include 'f'", {"f": text}))
    assert "a deck has at most" in str(found)


def test_long_netlists_of_several_files(contract):
    rows = "".join(f"r{number} a 0 1k\n" for number in range(2, MOST_STATEMENTS // 2))
    folder = contract.written({f"{name}.sp": rows.encode() for name in "pqr"})
    calls = "".join(f".include '{name}.sp'\n" for name in "pqr")
    found = contract.holds(lambda: carried(calls, folder))
    assert "a deck has at most" in str(found)


def test_files_that_call_all_those_behind_them(contract):
    files = {
        f"f{i}": "".join(f".include 'f{j}'\n" for j in range(i + 1, 40)) or "r9 a 0 1k\n"
        for i in range(40)
    }
    found = contract.holds(deck(CIRCUIT + ".include 'f0'\n", files).check)
    assert "calls more than 10000 files" in str(found)


def test_files_without_end(contract):
    chain = {f"f{i}": f".include 'f{i + 1}'\n" for i in range(3000)} | {"f3000": "* x\n"}
    for files in (chain, {"f0": ".include 'f0'\n"}):
        found = contract.holds(deck(CIRCUIT + ".include 'f0'\n", files).check)
        assert "without end" in str(found)


def test_a_library_may_call_its_own_sections():
    library = ".lib tt\n.lib 'l' all\n.endl tt\n.lib all\nr9 a 0 1k\n.endl all\n"
    deck(CIRCUIT + ".lib 'l' tt\n", {"l": library}).check()


def test_parameters_by_the_hundred_thousand(contract):
    given = " ".join(f"p{number}=1" for number in range(300_000))
    contract.holds(deck(f"{CIRCUIT}r2 a 0 1k {given}\n").check)
    inside = f".subckt s a {given}\nr1 a 0 1k\n.ends\nx1 a s {given}\n"
    contract.holds(deck(CIRCUIT + inside).check)


def test_brackets_without_end(contract):
    deep = "(" * 100_000 + "1" + ")" * 100_000
    contract.holds(deck(f"{CIRCUIT}.param x={deep}, y=1\n").check)


INPUTS = ", ".join(f'"i{i}"' for i in range(60_000))
HEAD = 'inputs = ["a"]\noutputs = ["n0"]\n'


def neurons(count, synapses):
    return HEAD + "".join(
        f"[neurons.n{i}]\nvdd_syn = 1\nsynapses = {{ {synapses(i)} = 7 }}\n" for i in range(count)
    )


@pytest.mark.parametrize(
    "text",
    [
        f"inputs = [{INPUTS}]\n" + neurons(1, lambda _: "i1").partition("\n")[2],
        neurons(18_000, lambda _: "a"),
        neurons(18_000, lambda i: f"n{i + 1}"),
    ],
    ids=["inputs", "neurons", "chain"],
)
def test_networks_of_tens_of_thousands(contract, text):
    path = contract.written({"net.toml": text.encode()}) / "net.toml"
    found = contract.holds(lambda: read_network(path, "generic28"))
    assert "a network has at most 2000" in str(found)


def test_a_long_chain_is_checked_in_one_go(contract):
    cells = tuple(
        NetworkNeuron(f"n{i}", ((f"n{i + 1}" if i < 20_000 else "a", 7),), 1.0)
        for i in range(20_001)
    )
    contract.holds(lambda: Network(("a",), cells, ("n0",)))


def test_flows_of_tens_of_thousands(contract):
    pdks = ", ".join(f'"p{i}"' for i in range(60_000))
    text = f'study = "pseudo-resistor"\npdks = [{pdks}]\n'
    path = contract.written({"flow.toml": text.encode()}) / "flow.toml"
    found = contract.holds(lambda: read_flow(path))
    assert "'p0' is no process; there is generic28" in str(found)
