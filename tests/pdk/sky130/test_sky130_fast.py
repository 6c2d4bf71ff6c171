"""The named approximation: what its cards leave out, and that nobody takes them for the others."""

import re
from pathlib import Path

import pytest
from toy_models import GLOBALS, toy_device

from anaspike.campaign.keys import Keys
from anaspike.errors import InputError
from anaspike.experiments.device import DeviceTransfer
from anaspike.pdk.catalog import open_pdk
from anaspike.pdk.generic28 import Generic28
from anaspike.pdk.roles import MosSize
from anaspike.pdk.sky130 import Sky130
from anaspike.pdk.sky130.cache import CardCache
from anaspike.pdk.sky130.flatten import corner_scope, flatten

SIZE = MosSize("nmos_svt", 0.5e-6, 0.2e-6)
DEVICE = Sky130.devices["nmos_svt"].model
CORNER = f".param sw_tox_corner=4e-9 sw_vth0_{DEVICE}=0.02\n"
NAMED = "fast: no body-resistance network, no source/drain squares"


def values(text: str) -> dict[str, str]:
    return dict(re.findall(r"(\w+)=(\S+)", text))


def test_the_network_and_the_squares_are_left_out_and_nothing_else() -> None:
    device = toy_device(DEVICE).replace("level = 54", "level = 54 rbodymod = 1 rbpb = 50")
    exact, fast = (
        flatten(DEVICE, SIZE, device, corner_scope(CORNER, GLOBALS), fast) for fast in (False, True)
    )
    whole, less = values(exact.text), values(fast.text)
    assert {name: less[name] for name in whole if less[name] != whole[name]} == {
        "rbodymod": "0", "nrd": "0.0", "nrs": "0.0",
    }  # fmt: skip
    assert whole["rbodymod"] == "1"
    assert list(whole) == list(less)
    assert (exact.name, exact.delvto_V) == (fast.name, fast.delvto_V)


def test_the_two_are_other_processes_with_other_keys(toy: Path) -> None:
    exact, fast = Sky130(toy), Sky130(toy).approximated()
    assert (exact.approximation, fast.approximation) == ("", NAMED)
    assert exact != fast and fast == fast.approximated() == Sky130(toy, fast=True)
    assert len({exact, fast}) == 2
    points = [DeviceTransfer(process, SIZE) for process in (exact, fast)]
    decks = [point.build() for point in points]
    assert decks[0].body == decks[1].body
    assert decks[0].digest() != decks[1].digest()
    keys = [Keys().of(point, decks[0], "ngspice") for point in points]  # the deck apart
    assert keys[0] != keys[1]


def test_the_models_say_so_themselves(toy: Path) -> None:
    models = Sky130(toy, fast=True).models("ss", [SIZE])
    assert models.lines == ".include 'sky130_ss_fast.spice'"
    assert f"\n* An approximation, {NAMED}.\n" in models.files["sky130_ss_fast.spice"]


def test_neither_takes_the_others_cards_from_the_cache(toy: Path, tmp_path: Path) -> None:
    cache = CardCache(tmp_path / "cards")
    exact, fast = Sky130(toy, cache), Sky130(toy, cache).approximated()
    expected = Sky130(toy).models("tt", [SIZE]), Sky130(toy, fast=True).models("tt", [SIZE])
    for _ in range(2):  # made, then found
        assert (exact.models("tt", [SIZE]), fast.models("tt", [SIZE])) == expected
        exact, fast = Sky130(toy, cache), Sky130(toy, cache, fast=True)
    assert len(list((tmp_path / "cards").iterdir())) == 2


def test_mismatch_is_the_same(toy: Path) -> None:
    exact, fast = Sky130(toy), Sky130(toy, fast=True)
    asked = (SIZE, "ss", 0.01, 0.02)
    assert exact.mismatch_parameters(*asked) == fast.mismatch_parameters(*asked)


def test_another_process_has_none_and_says_why() -> None:
    for refused in (Generic28().approximated, lambda: open_pdk("generic28", fast=True)):
        with pytest.raises(InputError) as error:
            refused()
        assert str(error.value).startswith("generic28 has no fast approximation: only sky130 has")
        assert "body resistors" in str(error.value)


@pytest.mark.sky130
def test_a_device_without_its_squares_conducts_a_little_more(ngspice, sky130_models) -> None:
    """Some 200 ohm at source and drain each are gone; the threshold is what it was."""
    rows = []
    for fast in (False, True):
        process = Sky130(sky130_models, fast=fast)
        point = DeviceTransfer(process, MosSize("nmos_svt", 1e-6, 0.15e-6))
        (text,) = point.build().models.files.values()
        assert float(values(text)["rbodymod"]) == (0 if fast else 1)
        rows.append(point.measure(ngspice.run(point.build())))
    exact, fast = rows
    assert 1 < fast["ion_A_per_m"] / exact["ion_A_per_m"] < 1.15
    assert fast["vth_lin_V"] == pytest.approx(exact["vth_lin_V"], abs=1e-3)
    assert fast["ioff_A_per_m"] == pytest.approx(exact["ioff_A_per_m"], rel=1e-3)
