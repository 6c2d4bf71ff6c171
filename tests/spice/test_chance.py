"""What ngspice draws anew in each run: found, so that no row of it is kept as the result."""

import pytest

from anaspike.spice.chance import drawn
from anaspike.spice.deck import Deck, ModelFiles

LOADED = "i1 0 a 1m\nr9 a 0 {}"
SEED = "\n.Options seed = 3"


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (LOADED.format("1k"), ""),
        (LOADED.format("{agauss(1k,100,1)}"), "agauss draws another number in each run"),
        (LOADED.format("{AUNIF (1k,100)}"), "aunif draws another number in each run"),
        (LOADED.format("'gauss(1k,0.1,1)'") + SEED, ""),
        (LOADED.format("1k") + "\nb1 b 0 v=\n+ unif(1,0.1)", "unif draws another number in each"),
        (LOADED.format("1k ; agauss(1)") + "\n* gauss(1,1,1)", ""),
        (LOADED.format("{limit(1k,100)}") + "\n.func limit(x,y) {x}", ""),
        ("v1 a 0 trnoise(1 1n 0 0)\nr9 a 0 1k", "trnoise is other noise in each run"),
        ("v1 a 0 dc 0 TRRANDOM (1 1n 0 1)" + SEED, "trrandom is other noise in each run"),
        ("v1 trnoise 0 1\nr9 trnoise 0 1k", ""),
    ],
)
def test_what_is_drawn_is_named(body, said):
    assert drawn([body]).startswith(said) and bool(drawn([body])) == bool(said)


def test_a_file_that_a_body_calls_draws_too():
    assert drawn([".include 'x.inc'", "r1 a 0 {gauss(1,1,1)}"]).startswith("gauss draws")


def test_a_seed_makes_ngspice_draw_the_same(ngspice):
    body = LOADED.format("{agauss(1k,100,1)}") + SEED
    deck = Deck("t", body, ModelFiles("", {}), 1e-8, ("v(a)",))
    assert len({float(ngspice.run(deck)["v(a)"][-1]) for _ in range(3)}) == 1
