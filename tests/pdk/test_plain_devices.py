"""Resistors and capacitors as plain elements: of a toy, and those of GF180MCU and SG13G2."""

import numpy as np
import pytest

from anaspike.errors import InputError
from anaspike.pdk.catalog import open_pdk
from anaspike.pdk.passives import PlainDevices
from anaspike.spice.deck import Deck, ModelFiles

TEXTS = """\
.model plate c (tc1=1e-3 tnom=27 cj=areal cjsw=0)
.SUBCKT poly 1 2 3 r_length=l r_width=w dtemp=0
* a remark between its parameters
+ rsh0='sheet*(1+chance*0)'
+ warm='1+1e-3*(temper+dtemp-25)'
+ vc1=0
.model poly_end r
+ rsh=20 tc1=0 tnom=25
rt 1 11 poly_end l=1u w=r_width
rb 11 2 r='warm*r_length/r_width*(rsh0+vc1*abs(v(11, 2)))' l=r_length
c1 1 3 c=1f
.ENDS poly
.subckt mim plus minus
.param l=7u
.param w=7u
.param ic=1e10
.if (ic>1e9)
  C1 plus minus plate l=l/1u w=w/1u
.else
  C1 plus minus plate l=l/1u w=w/1u ic=ic
.endif
.ends mim
.subckt bent 1 2 w=1u
rb 1 2 r='1k*(1+v(1,2))'
.ends
.subckt moved 1 2 w=1u
rb 1 2 r='1k*exp(temper/100)'
.ends
.subckt nothing 1 2 w=0
rb 1 2 r=w
.ends
.subckt diffusion 1 2 w=1u
rb 1 2 r=1k
d1 1 2 junction
.ends
.subckt compiled 1 2 w=1u
nr1 1 2 body w=w
.model body r3_cmc
.ends
"""
DEVICES = PlainDevices(TEXTS, ".param sheet=300 areal=1f\n.param chance=0\n")


def test_a_value_and_its_coefficients():
    assert DEVICES.card("one", "poly", {"r_length": 10e-6, "r_width": 2e-6}, 2).splitlines() == [
        ".subckt one 1 2 3",
        "rt 1 11 r=10.0 m=2.0",
        "rb 11 2 r=1503.0 tc1=0.000998003992016 m=2.0",
        "c1 1 3 c=1e-15 m=2.0",
        ".ends one",
    ]
    mim = DEVICES.card("one", "mim", {"l": 2e-6, "w": 3e-6}, 1)
    assert "c1 plus minus c=6e-15 tc1=0.001\n" in mim


def test_a_name_that_means_another():
    named = PlainDevices(TEXTS, DEVICES.values, lambda name: name.removesuffix("_m4m5"))
    assert named.has("mim_m4m5")
    assert named.card("one", "mim_m4m5", {}, 1) == DEVICES.card("one", "mim", {}, 1)
    assert not named.has("mum_m4m5")


@pytest.mark.parametrize(
    ("device", "values", "said"),
    [
        ("poly", {"r_length": 1e-6}, "it is given no r_width"),
        ("poly", {"r_length": 1e-6, "r_width": 1e-6, "q": 1.0}, "it has no parameter q"),
        ("mim", {"ic": 0.0}, "its c1 has ic, which a plain element has not"),
        ("bent", {}, "its rb follows its own voltage"),
        ("moved", {}, "its rb follows temperature in a way of its own"),
        ("nothing", {}, "its rb is 0: that is no size of it"),
        ("diffusion", {}, "it holds d1, which is no resistor and no capacitor"),
        ("compiled", {}, "its r1 is of the compiled model r3_cmc, which anaspike does not compile"),
    ],
)
def test_what_has_no_value_is_refused_by_name(device, values, said):
    with pytest.raises(InputError) as caught:
        DEVICES.card("one", device, values, 1)
    assert str(caught.value) == f"{device} cannot be flattened: {said}"


GF = {"r_length": 10e-6, "r_width": 1.5e-6}
REAL = [
    pytest.param("gf180mcu", "npolyf_u", GF, marks=pytest.mark.gf180mcu),
    pytest.param("gf180mcu", "ppolyf_u_1k", GF, marks=pytest.mark.gf180mcu),
    pytest.param("gf180mcu", "rm1", GF, marks=pytest.mark.gf180mcu),
    pytest.param(
        "gf180mcu", "cap_mim_2f0ff", {"c_length": 5e-6, "c_width": 8e-6},
        marks=pytest.mark.gf180mcu,
    ),
    pytest.param("sg13g2", "cap_cmim", {"l": 7e-6, "w": 9e-6}, marks=pytest.mark.sg13g2),
]  # fmt: skip
LIBRARIES = {
    "gf180mcu": ("sm141064.ngspice", ("res_typical", "cap_mim")),
    "sg13g2": ("cornerCAP.lib", ("cap_typ",)),
}
SWITCHES = (
    ".param sw_stat_global=0 sw_stat_mismatch=0 res_mc_skew=3 fnoicor=0\n"
    ".param mim_corner_1p5ff=1 mim_corner_1p0ff=1 mim_corner_2p0ff=1\n"
    ".param mc_c_cox_1p5ff=0 mc_c_cox_1p0ff=0 mc_c_cox_2p0ff=0\n"
)


@pytest.mark.ngspice
@pytest.mark.parametrize(("process", "device", "values"), REAL)
def test_it_is_what_the_foundrys_own_library_says(ngspice, process, device, values):
    try:
        pdk = open_pdk(process)
    except InputError as error:
        pytest.skip(str(error))
    card = pdk.passive("one", device, values, 1, "tt")
    pins = len(card.splitlines()[0].split()) - 2
    given = " ".join(f"{key}={value}" for key, value in values.items())
    # A current through a resistor, or into a capacitor, is a voltage that says all.
    bench = "i1 0 a pwl(0 0 1n 1n 1u 1n)\nrbig a 0 1t\nx1 a{} {{}}".format(" 0" * (pins - 1))
    library, sections = LIBRARIES[process]
    lines = "\n".join(f".lib '{pdk.folder / library}' {section}" for section in sections)
    for temperature_C in (27.0, 110.0):
        ours, theirs = (
            Deck("one", body, models, 1e-6, ("v(a)",), temperature_C=temperature_C)
            for body, models in (
                (bench.format("one"), ModelFiles(".include 'one.spice'", {"one.spice": card})),
                (bench.format(f"{device} {given}"), ModelFiles(SWITCHES + lines, {})),
            )
        )
        one, other = (ngspice.run(deck) for deck in (ours, theirs))
        here, there = (np.interp([2e-7, 9e-7], w.time_s, w["v(a)"]) for w in (one, other))
        assert abs(there[1]) > 1e-10
        assert here == pytest.approx(there, rel=1e-6)
