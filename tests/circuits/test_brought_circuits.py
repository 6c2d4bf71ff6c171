"""Circuits that others drew: their transistors are the process's, what is drawn of them stays."""

from pathlib import Path

import pytest

from anaspike.circuits.brought import brought
from anaspike.errors import InputError
from anaspike.pdk.catalog import open_pdk
from anaspike.pdk.generic28 import Generic28
from anaspike.pdk.roles import MosSize
from anaspike.spice.brought import read_netlist
from anaspike.studies.flow import read_flow

EXAMPLES = Path(__file__).parents[2] / "docs/examples"

TWO = """\
.param lmin=30n
.subckt inv a y vdd wn=100n
m1 y a 0 0 nmos_svt w='wn' l=lmin
xm2 y a vdd vdd pmos_svt w={2*wn} l={lmin} m=2
.ends
.subckt top in out vdd
x1 in mid vdd inv wn=200n
x2 mid out vdd inv
x3 mid out vdd inv m=3
c1 mid 0 1f
.ends
"""


def bring(tmp_path, text, subckt="top", pdk=None, **parameters):
    (tmp_path / "n.sp").write_text(text)
    net = read_netlist("n.sp", tmp_path)
    return brought(net, subckt, pdk or Generic28(), tuple(parameters.items()))


def test_every_transistor_by_its_path_and_size(tmp_path):
    circuit = bring(tmp_path, TWO)
    n, p = "nmos_svt", "pmos_svt"
    assert dict(circuit.devices) == {
        "x1.xm1": MosSize(n, 200e-9, 30e-9), "x1.xm2": MosSize(p, 400e-9, 30e-9, 2),
        "x2.xm1": MosSize(n, 100e-9, 30e-9), "x2.xm2": MosSize(p, 200e-9, 30e-9, 2),
        "x3.xm1": MosSize(n, 100e-9, 30e-9, 3), "x3.xm2": MosSize(p, 200e-9, 30e-9, 6),
    }  # fmt: skip
    # One definition for each set of sizes, and each before it is called.
    assert circuit.text.count(".subckt inv") == 3
    assert circuit.text.index(".subckt inv__3") < circuit.text.index(".subckt top")


def test_parameters_of_the_sub_circuit_and_of_the_netlist(tmp_path):
    circuit = bring(tmp_path, TWO, "inv", wn=300e-9, lmin=60e-9)
    assert dict(circuit.devices)["xm1"] == MosSize("nmos_svt", 300e-9, 60e-9)
    assert ".param lmin=60n" in circuit.text
    with pytest.raises(InputError, match=r"inv has no parameter 'wm'; there is lmin, wn"):
        bring(tmp_path, TWO, "inv", wm=1.0)


def test_fingers_and_what_is_drawn_of_them(tmp_path):
    line = "x1 d g s 0 nmos_svt w=400n l=30n nf=4 m=2 ad=8f as=12f pd=1u ps=2u nrd=0.1 sa=0 sb=0"
    circuit = bring(tmp_path, f".subckt top d g s\n{line}\n.ends\n")
    assert circuit.devices == (("x1", MosSize("nmos_svt", 100e-9, 30e-9, 8)),)
    assert "own_ad=2f own_as=3f own_pd=250n own_ps=500n own_nrd=0.4" in circuit.text
    cards = circuit.models("ss").files["brought.spice"]
    assert "ad={own_ad} as={own_as} pd={own_pd} ps={own_ps}" in cards
    assert "own_sa" not in cards


def test_names_of_its_own_instance_stand_in_what_is_drawn(tmp_path):
    drawn = "ad='int((nf+1)/2) * W/nf * 70n' as='int((nf+2)/2) * W/nf * 70n'"
    circuit = bring(
        tmp_path, f".subckt top d g s\nx1 d g s 0 nmos_svt w=400n l=30n nf=2 {drawn}\n.ends\n"
    )
    assert "own_ad=7f own_as=14f" in circuit.text


@pytest.mark.sky130
def test_sizes_in_metres_of_a_process_that_counts_in_um(tmp_path):
    name = "sky130_fd_pr__nfet_01v8"
    try:
        pdk = open_pdk("sky130")
    except InputError as error:
        pytest.skip(str(error))
    klayout = f"M$1 a b c 0 {name} L=0.15U W=1.3U\n+ AS=0.377P AD=0.29P PS=3.18U PD=2.58U"
    magic = f"X2 a b c 0 {name} ad=0.29 as=0.377 pd=2.58 ps=3.18 w=1.3 l=0.15"
    circuit = bring(tmp_path, inside(f"{klayout}\n{magic}"), pdk=pdk)
    (_, one), (_, other) = circuit.devices
    assert one == other == MosSize("nmos_svt", 1.3e-6, 0.15e-6)
    drawn = [line.partition("own_")[2].split() for line in circuit.text.splitlines()[1:3]]
    assert sorted(drawn[0]) == sorted(drawn[1])
    with pytest.raises(InputError, match=r"width 0.0013 nm is below .* \(here w=1 is 1 um\)"):
        bring(tmp_path, inside(f"M1 a b c 0 {name} L=0.15 W=1.3U"), pdk=pdk)


@pytest.mark.parametrize(
    ("scale", "size"),
    [
        ("10n", "w=40 l=3 ad=280 as=280 pd=94 ps=94"),  # SPICE's: times metres
        ("10000u", "w=40 l=3 ad=280 as=280 pd=94 ps=94"),  # Magic's: times micrometres
        ("1e-6", "w=0.4 l=0.03 ad=0.028 as=0.028 pd=0.94 ps=0.94"),
        ("1", "w=400n l=30n ad=28f as=28f pd=0.94u ps=0.94u"),
    ],
)
def test_sizes_under_a_scale_are_those_without(tmp_path, scale, size):
    """Of transistors of the process, and as SPICE has it of the netlist's own models."""
    own = ".model rm r rsh=100\n.model nm nmos level=14\n"
    plain = "w=400n l=30n ad=28f as=28f pd=0.94u ps=0.94u"

    def lines(of_all, of_resistor):
        return inside(
            f"{own}x1 a b c 0 nmos_svt {of_all}\nm2 a b c 0 nm {of_all}\n"
            f"r1 a b rm {of_resistor} tc1=1m\nr2 a b 12\nc1 a c 1f"
        )

    drawn = " ".join(size.split()[:2])
    scaled = bring(tmp_path, f".option scale={scale}\n{lines(size, drawn)}")
    assert scaled.devices == (("x1", MosSize("nmos_svt", 400e-9, 30e-9)),)
    assert "own_ad=28f own_as=28f own_pd=940n own_ps=940n" in scaled.text
    if scale != "1":
        assert "m2 a b c 0 nm w=400n l=30n ad=28f as=28f pd=940n ps=940n" in scaled.text
        assert "r1 a b rm w=400n l=30n tc1=1m\nr2 a b 12\nc1 a c 1f" in scaled.text
    assert scaled.devices == bring(tmp_path, lines(plain, "w=400n l=30n")).devices


@pytest.mark.parametrize("scale", ["10n", "10000u", "0.01u"])
@pytest.mark.sky130
def test_an_extraction_with_a_scale_is_the_one_without(tmp_path, scale):
    try:
        pdk = open_pdk("sky130")
    except InputError as error:
        pytest.skip(str(error))
    mos, mim = "x1 a b c 0 sky130_fd_pr__nfet_01v8", "x2 a b sky130_fd_pr__cap_mim_m3_1"
    counted = f"{mos} ad=2900 pd=258 as=3770 ps=318 w=130 l=15\n{mim} l=340 w=340"
    plain = f"{mos} ad=0.29 pd=2.58 as=0.377 ps=3.18 w=1.3 l=0.15\n{mim} l=3.4 w=3.4"
    one = bring(tmp_path, f".option scale={scale}\n{inside(counted)}", pdk=pdk)
    other = bring(tmp_path, inside(plain), pdk=pdk)
    assert (one.text, one.devices, one.passives) == (other.text, other.devices, other.passives)


def test_a_call_as_cdl_writes_it(tmp_path):
    plain = bring(tmp_path, TWO)
    assert bring(tmp_path, TWO.replace("mid vdd inv wn", "mid vdd / inv wn")) == plain


def inside(line, pins="a b c"):
    return f".subckt top {pins}\n{line}\n.ends\n"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (
            inside("x1 a b c 0 nmos_rf w=1u l=1u"),
            "generic28 has no nmos_rf that is known here; did",
        ),
        (inside("m1 a b c 0 nch w=1u l=1u"), "generic28 has no nch that is known here; there is n"),
        (inside("m1 a b c nmos_svt w=1u l=1u"), "a transistor has four nodes, d g s b, and a mode"),
        (inside("x1 a b c 0 nmos_svt w=1u"), "it has no l"),
        (inside("x1 a b c 0 nmos_svt w=1u l=1u delvto=1"), "its parameter delvto is none that is"),
        (inside("x1 a b c 0 nmos_svt w=wx l=1u"), "w: parameters use wx, which nothing defines"),
        (inside("x1 a b c 0 nmos_svt w=1u l=1n"), "length 1 nm is below the process minimum"),
        (inside("x1 a b c 0 nmos_svt w=1u l=1u m=1.5"), "m=1.5 is no whole number of devices"),
        (inside("x1 a b c 0 nmos_svt w=1u l=1u m=2 mult=3"), "m=2 and mult=3 contradict each oth"),
        (inside("x1 a b c 0 nmos_svt w=1u l=1u nf=0"), "nf=0 is no whole number of fingers"),
        (inside("m1 a b c 0 nmos_svt w=1u l=1u\nxm1 a b c 0 nmos_svt w=1u l=1u"), "another xm1"),
        (".option scale=0\n" + TWO, "the netlist sets scale=0, which makes no size of a transis"),
        (".option scale=1e9\n" + TWO, "the netlist sets scale=1e9, which makes no size of a tra"),
        (inside("d1 a b dio"), "generic28 has no dio that is known here"),
        (inside("r1 a b rpoly w=1u l=1u"), "generic28 has no rpoly that is known here"),
        (inside("x1 a b top"), "top has 3 pins (a b c), here are 2"),
        (inside("x1 a b c top"), "more than 20 deep, or in a ring"),
        (TWO.replace("inv m=3", "inv wm=3"), "inv has no parameter wm; there is wn"),
        (TWO.replace("c1 mid 0 1f", "x9 in out inv"), "inv has 3 pins (a y vdd), here are 2"),
        (TWO + ".subckt nmos_svt d g s b\n.ends\n", "defines nmos_svt itself, which generic28 has"),
        (TWO.replace("xm2", "e9 y 0 a 0 2\nxm2"), "is placed 3 times (m), which it cannot be"),
        (inside("x1 a 0 c load\n.ends\n.subckt load p q gnd\nr1 p q 1k"), "is ground itself"),
    ],
)
def test_what_is_refused_with_its_line(tmp_path, text, said):
    with pytest.raises(InputError) as caught:
        bring(tmp_path, text)
    assert said in str(caught.value)
    assert "\n" not in str(caught.value)


def test_models_and_parasitics_of_its_own_stay(tmp_path):
    circuit = bring(
        tmp_path,
        inside(".model dio d is=1f\nd1 a b dio\nr1 a b 12.5\nc1 a c 0.11f\nx1 a b c 0 nmos_svt w=1u"
               " l=1u"),
    )  # fmt: skip
    assert ".model dio d is=1f\nd1 a b dio\nr1 a b 12.5\nc1 a c 0.11f\n" in circuit.text
    assert circuit.unknown == 1


def many(levels, line):
    """Return sub-circuits in one another, each placed twice by that around it."""
    text = ".subckt c0 a w=1\nr1 a 0 {w}\nx1 a a 0 0 nmos_svt w=1u l=1u\n.ends\n"
    for i in range(1, levels):
        text += f".subckt c{i} a w=1\nx1 a c{i - 1} {line[0]}\nx2 a c{i - 1} {line[1]}\n.ends\n"
    return text


@pytest.mark.parametrize(
    ("text", "top", "said"),
    [
        (many(19, ("", "")), "c18", "there are more than 200000 transistors"),
        (many(19, ("w={w*2}", "w={w*3}")), "c18", "with more than 5000 sets of parameters"),
        (many(4, ("m=400", "m=400")), "c3", "puts more than 100000 in parallel"),
        (many(30, ("", "m=2")), "c29", "more than 20 deep, or in a ring"),
        (
            ".param p0=1u\n" + "".join(f".param p{i}={{p{i - 1}}}\n" for i in range(1, 3000))
            + inside("x1 a b c 0 nmos_svt w=p2999 l=1u"),
            "top", "parameters are worked out of one another in too long a row",
        ),
    ],
)  # fmt: skip
def test_what_would_never_end(tmp_path, text, top, said):
    with pytest.raises(InputError) as caught:
        bring(tmp_path, text, top)
    assert said in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    "flow",
    ["netlist.toml", pytest.param("netlist_sky130.toml", marks=pytest.mark.sky130),
     pytest.param("netlist_extracted.toml", marks=pytest.mark.sky130)],
)  # fmt: skip
def test_the_examples_can_be_asked(flow):
    for study in read_flow(EXAMPLES / flow).studies:
        try:
            process = study.process
        except InputError as error:
            pytest.skip(str(error))
        study.check()
        assert process.name == study.pdk
