"""SkyWater's resistors and capacitors as plain elements: of a toy PDK, and of the real one."""

import pytest

from anaspike.errors import InputError
from anaspike.pdk.catalog import open_pdk
from anaspike.pdk.sky130.passive import Passives
from anaspike.pdk.spicetext import Scope

TEXTS = """\
.param tc1body=1e-3
.subckt  sky130_fd_pr__res_high_po r0 r1 b mult=1
+ w=1 l=1
.param weff = {w-narrower} leff = {l+0.25}
+ unused = {floor(log(w))}
rbody r0 r1 body w = {weff} l = {leff}
xc0 r0 b sky130_fd_pr__model__parasitic__cap_p2ps w = {weff} l = {l} m = 0.5
.model body r
+ rsh = {sheet*(1+mm*AGAUSS(0,1.0,1)/sqrt(w*l*mult))} tc1 = {tc1body}
.ends sky130_fd_pr__res_high_po
.subckt sky130_fd_pr__model__parasitic__cap_p2ps r0 sub mult=1
+ w=1 l=1
c0 r0 sub c = {l*w*1e-16}
.ends
.subckt sky130_fd_pr__res_xhigh_po r0 r1 b w=1 l=1
rbody r0 r1 r = {2k*(1+v(r0,r1))}
.ends
.subckt sky130_fd_pr__res_generic_nd r0 r1 b w=1 l=1
xd0 b r0 sky130_fd_pr__diode_pw2nd area=1
.ends
"""
PASSIVES = Passives(TEXTS, ".param sheet = {300+corner_factor*0.0}\n")
CORNER = Scope({"narrower": "0.1", "corner_factor": "1", "mm": "0"})


def card(device, count=1, **values):
    return PASSIVES.card("one", device, values, count, CORNER)


def test_every_expression_has_one_value():
    assert card("sky130_fd_pr__res_high_po", w=1.1, l=9.75, count=2).splitlines() == [
        ".subckt one r0 r1 b",
        ".model body r rsh=300.0 tc1=0.001",
        "rbody r0 r1 body w=1.0 l=10.0 m=2.0",
        "cxc0_0 r0 b c=9.75e-16",
        ".ends one",
    ]


def test_a_width_in_the_name_as_xschem_writes_it():
    assert PASSIVES.has("sky130_fd_pr__res_high_po_0p35")
    assert not PASSIVES.has("sky130_fd_pr__res_none_0p35")
    assert "body w=0.5 l=1.25" in card("sky130_fd_pr__res_high_po_0p6", l=1.0)


@pytest.mark.parametrize(
    ("device", "values", "said"),
    [
        ("sky130_fd_pr__res_xhigh_po_0p69", {"l": 1.0}, "has no value: unknown function v"),
        ("sky130_fd_pr__res_generic_nd", {}, "it holds sky130_fd_pr__diode_pw2nd, which is no res"),
        ("sky130_fd_pr__res_high_po", {"ww": 1.0}, "it has no parameter ww"),
    ],
)
def test_what_cannot_be_flattened_is_refused_by_name(device, values, said):
    with pytest.raises(InputError) as caught:
        card(device, **values)
    assert str(caught.value).startswith(f"{device} cannot be flattened: ")
    assert said in str(caught.value)


@pytest.mark.sky130
def test_those_of_the_real_process():
    try:
        process = open_pdk("sky130")
    except InputError as error:
        pytest.skip(str(error))
    square = process.passive("one", "sky130_fd_pr__cap_mim_m3_1", {"w": 10.0, "l": 10.0}, 1, "ss")
    assert float(square.split("c=")[1].split()[0]) == pytest.approx(2e-15 * 10.15**2)
    long = process.passive("one", "sky130_fd_pr__res_high_po_0p35", {"l": 10.0}, 1, "tt")
    assert long.startswith(".subckt one r0 r1 b\n")
    assert "rsh=325.0 tc1=" in long
