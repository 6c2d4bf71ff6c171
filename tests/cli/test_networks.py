"""`anaspike xor-test` and `simulate-network` as a user meets them."""

from pathlib import Path

import pytest

ONE = 'inputs = ["a"]\noutputs = ["n"]\n[neurons.n]\nvdd_syn = "0.75V"\nsynapses = { a = 7 }\n'


def test_a_network_file_runs(anaspike, ngspice):
    Path("one.toml").write_text(ONE)
    code, out, err = anaspike("simulate-network", "one.toml", "--inputs", "a=1", "--out", "o")
    assert (code, err) == (0, "")
    assert "spikes n" in out
    assert sorted(path.name for path in Path("o").iterdir()) == [
        *("answer.json", "decks.zip", "manifest.json"),
        *("network.csv", "raster.png", "raster.svg"),
    ]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("simulate-network", "none.toml"), "error: cannot read none.toml: No such file"),
        (
            ("simulate-network", "one.toml", "--inputs", "a:1"),
            "error: --inputs: 'a:1' is not name=spikes; write for example a=10,b=0",
        ),
        (
            ("simulate-network", "one.toml", "--inputs", "b=1"),
            "error: the inputs are a; give each its number of spikes",
        ),
        (("xor-test", "--corner", "tt,typ"), "error: generic28 has no corner 'typ'; choose one"),
        (
            ("simulate-network", "one.toml", "--inputs", "a=99999999999999"),
            "error: a spike train of 99999999999999 is too long; give at most 10000 spikes",
        ),
        (("xor-test", "--corner", "tt,tt"), "error: corner: tt stands there twice; give it once"),
        (
            ("xor-test", "--mc", "1000000000000"),
            "error: 1000000000000 conditions are too many; use at",
        ),
        (("xor-test", "--mc", "-2"), "error: -2 mismatch samples are none; use 1 or more, or"),
        (("xor-test", "--mc", "2", "--seed", "-1"), "error: seed -1 is negative; use 0 or more"),
        (("xor-test", "--temp", "27,hot"), "error: --temp: 'hot' is not a number"),
        (("xor-test", "--reading", "x"), "error: --reading: Input should be 'wide', 'pap"),
    ],
)
def test_bad_input(anaspike, simulator, arguments, message):
    simulator("exit 3")
    Path("one.toml").write_text(ONE)
    code, out, err = anaspike(*arguments)
    assert (code, out) == (2, "")
    assert err.startswith(message)
    assert err.count("\n") == 1
