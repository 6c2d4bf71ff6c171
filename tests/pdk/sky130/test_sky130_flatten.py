"""Cards: the right bin, every value, and what is refused."""

from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from toy_models import GLOBALS, toy_device, write_models

from anaspike.errors import InputError
from anaspike.pdk.cards import card_name
from anaspike.pdk.roles import MosSize
from anaspike.pdk.sky130 import Sky130
from anaspike.pdk.sky130.flatten import Card, corner_scope, flatten

DEVICE = Sky130.devices["nmos_svt"].model
CORNER = f".param sw_tox_corner=4e-9 sw_vth0_{DEVICE}=0.02\n"
EXPECTED = """\
.subckt nmos_svt_w500n_l200n d g s b mult=1
m0 d g s b nmos_svt_w500n_l200n_card w=5e-07 l=2e-07 ad=1.45e-13 as=1.45e-13\
 pd=1.58e-06 ps=1.58e-06 nrd=0.28 nrs=0.28 delvto=0.027999999999999997 m={mult}
.ends nmos_svt_w500n_l200n
.model nmos_svt_w500n_l200n_card nmos
+ level=54 version=4.5 rsh=560.0 vth0=0.1 ngate=9.999999999999999e22 toxe=8e-09
"""


def card(w_um: float, l_um: float, text: str = toy_device(DEVICE)) -> Card:
    size = MosSize("nmos_svt", w_um * 1e-6, l_um * 1e-6)
    return flatten(DEVICE, size, text, corner_scope(CORNER, GLOBALS))


def test_a_card_in_full() -> None:
    made = card(0.5, 0.2)
    assert made.text == EXPECTED
    assert made.name == "nmos_svt_w500n_l200n"
    assert made.delvto_V == 0.02 * (0.1 / 0.2 + 0.9)


@pytest.mark.parametrize(
    ("w_um", "l_um", "number"),
    [
        (0.42, 0.15, 1),
        (0.999999, 0.15, 1),
        (1.0, 0.15, 2),
        (0.5, 1.0, 3),
        (0.1 * 10, 0.5 + 0.5, 4),
        (0.7 + 0.3 - 1e-16, 0.9, 2),  # a hair below the edge is rounding, not a choice
        (999, 19.9, 4),
    ],
)
def test_the_bin_that_holds_the_size(w_um: float, l_um: float, number: int) -> None:
    assert f" vth0=0.{number} " in card(w_um, l_um).text


@given(st.floats(0.42, 999), st.floats(0.15, 19.9))
def test_every_size_within_the_edges_has_exactly_one_bin(w_um: float, l_um: float) -> None:
    text = card(w_um, l_um).text
    assert sum(f" vth0=0.{number} " in text for number in range(1, 5)) == 1
    assert "{" not in text.replace("m={mult}", "")
    assert "lmin" not in text and "wmax" not in text


@pytest.mark.parametrize(
    ("w_um", "l_um", "label"),
    [(0.42, 0.15, "w420n_l150n"), (0.4205, 2, "w420p5n_l2000n"), (1.68, 0.35, "w1680n_l350n")],
)
def test_names_can_be_read(w_um: float, l_um: float, label: str) -> None:
    assert card_name(MosSize("pmos_lvt", w_um * 1e-6, l_um * 1e-6)) == f"pmos_lvt_{label}"


BROKEN: list[tuple[Callable[[str], str], str]] = [
    (lambda text: "* empty\n", f"the sky130 models lack {DEVICE}; install them afresh"),
    (
        lambda text: text[: text.rindex(".ends")],
        f"the sky130 models of {DEVICE} are cut short; install them afresh",
    ),
    (
        lambda text: text.replace(" nmos\n", " d\n"),
        f"the sky130 models of {DEVICE} are not MOS models; install them afresh",
    ),
    (
        lambda text: text.replace("swx_nrds = ", "other = "),
        "the models use swx_nrds, which nothing defines",
    ),
]


@pytest.mark.parametrize(("damage", "message"), BROKEN)
def test_damaged_models(damage: Callable[[str], str], message: str) -> None:
    with pytest.raises(InputError) as caught:
        card(0.5, 0.2, damage(toy_device(DEVICE)))
    assert str(caught.value) == message


def test_a_size_without_a_bin() -> None:
    with pytest.raises(InputError) as caught:
        card(0.5, 25)
    assert str(caught.value) == (
        "sky130 nmos_svt: no model for W 500 nm, L 25000 nm;"
        " stay within 1 mm by 20 um and use several in parallel"
    )


def test_both_layouts_give_the_same_cards(tmp_path: Path) -> None:
    sizes = [MosSize(role, 1e-6, 0.5e-6) for role in Sky130.devices]
    old = Sky130(write_models(tmp_path / "old")).models("ss", sizes)
    new = Sky130(write_models(tmp_path / "new", apart=True)).models("ss", sizes)
    assert old == new
