"""What went wrong once: inputs that were a traceback, a hang, or obeyed. Each stands in seeds/.

`@OUTSIDE@` in one of them is the path of a file that is none of its own.
"""

import json
from contextlib import suppress

import pytest
from mutants import SEEDS
from test_fuzz_cluster import DECK as SENT
from test_fuzz_spice import DECK, NO_DECK
from test_fuzz_texts import READERS

from anaspike.campaign.shipment import NoAnswer, unpacked
from anaspike.experiments.network_file import read_network
from anaspike.learning.labels import read_labels
from anaspike.learning.weights import import_weights
from anaspike.mapping.supply_curve import SupplyCurve
from anaspike.spice.carried import carried
from anaspike.spice.deck import Deck, ModelFiles
from anaspike.studies.flow import read_flow


def deck(path):
    """Read a good deck with these parts in place of its own."""
    try:
        return Deck.from_dict({**DECK, **json.loads(path.read_text())})
    except NO_DECK:
        return None


def netlist(path):
    net = carried(f".include '{path}/top.sp'\nv1 a 0 1\n", path)
    return Deck("t", net.body, ModelFiles("", {}), 1e-9, ("v(a)",), files=net.files)


def answer(path):
    with suppress(NoAnswer):
        unpacked(path.read_bytes(), SENT)


SURFACES = {
    "answers": answer,
    "curves": SupplyCurve.read,
    "decks": deck,
    "flows": read_flow,
    "labels": lambda path: read_labels(path, 3, 3),
    "netlists": netlist,
    "networks": lambda path: read_network(path, "generic28"),
    "weights": import_weights,
}
ALL = [f"{place.parent.name}/{place.name}" for place in sorted(SEEDS.glob("*/*"))]


def put(contract, name):
    """Write a seed where the contract looks; return its path."""
    place = SEEDS / name
    paths = [place] if place.is_file() else [path for path in place.rglob("*") if path.is_file()]
    files = {str(path.relative_to(place.parent)): path.read_bytes() for path in sorted(paths)}
    return contract.written(files) / place.name


@pytest.mark.parametrize("name", [name for name in ALL if name.partition("/")[0] in SURFACES])
def test_seeds(contract, name):
    surface = name.partition("/")[0]
    path = put(contract, name)
    found = contract.holds(lambda: SURFACES[surface](path), apart=surface == "decks")
    assert surface != "decks" or not isinstance(found, Deck)  # each of them tries something


@pytest.mark.parametrize("name", [name for name in ALL if name.startswith("runs/")])
def test_run_folders(contract, name):
    run = put(contract, name).name
    contract.command("report", run, "-o", "page.html", apart=True)
    command = ("rerun", run, "0", "--keep", "--timeout", "2")
    contract.command(*command, apart=True, programs=("ngspice",))


@pytest.mark.parametrize("reader", READERS.values(), ids=READERS)
def test_numbers(contract, reader):
    for text in (SEEDS / "numbers/refused.txt").read_text(encoding="utf-8").splitlines():
        contract.holds(lambda text=text: reader(text))
