import pytest
from test_compare import changed, drawn, small, technology

from anaspike.circuits.block import Block, Technology
from anaspike.circuits.extracted import DrawnWell
from anaspike.errors import InputError
from anaspike.layout.block import Ask, rows_block
from anaspike.layout.extract import LEAST_F, _lumped, extract, spice_text
from anaspike.layout.files import realised
from anaspike.layout.sky130 import SKY130
from anaspike.layout.units import ports, unit_transistors
from anaspike.pdk.catalog import open_pdk
from anaspike.pdk.roles import DrawnMos, MosSize
from anaspike.spice.deck import Deck

pytestmark = pytest.mark.usefixtures("klayout")


def two_supplies():
    """Two inverters in a row, each on a supply of its own in the netlist."""
    block = Block(technology(), "chain", "a", "y", "vdd_flip_flop", "vdd_delay")
    for name, a, y, vdd in (("one", "a", "m", "vdd_flip_flop"), ("two", "m", "y", "vdd_delay")):
        block.nmos(f"n_{name}", MosSize("nmos_svt", 0.42e-6, 0.15e-6), y, a)
        block.pmos(f"p_{name}", MosSize("pmos_svt", 0.84e-6, 0.15e-6), y, a, vdd, well=vdd)
    return block


def drawn_block(block):
    units = unit_transistors(block)
    return realised(block.name, rows_block(units, Ask(tuple(ports(block)), ("vdd",))), SKY130)


def test_it_is_a_block_with_the_same_name_ports_and_paths():
    block = extract(drawn(), small()).block
    assert (block.name, block.ports) == (small().name, small().ports)
    paths = dict(block.transistors())
    assert set(paths) == {"xn_0", "xn_1", "xfoot", "xp", "xq", "xown"}
    assert paths["xq"] == DrawnMos("pmos_lvt", 1.0e-6, 0.35e-6)
    assert "Xq y b vdd vdd pmos_lvt_w1000n_l350n_drawn a_d=" in str(block)


def test_every_net_has_capacitance_and_none_is_lost():
    found = extract(drawn(), small())
    total = found.by_net()
    assert set(total) == {"0", "a", "b", "k", "y", "w", "vdd"}
    assert all(0.1e-15 < farad < 5e-15 for net, farad in total.items() if net not in {"0", "vdd"})
    assert str(found.block).count("\nC") == len(found.capacitances)


def test_a_well_on_no_supply_is_a_junction():
    found = extract(drawn(), small())
    (well,) = found.wells
    assert well.net == "y"
    assert round(well.area_m2 * 1e18) in [
        polygon.area() for polygon in drawn().region("nwell").each()
    ]
    assert "Xwell0 y own_well " in str(found.block)


def test_a_rectangle_stands_for_any_well():
    well = DrawnWell("y", DrawnMos("pmos_svt", 1e-6, 1e-6), 3e-12, 8e-6)
    assert sorted(well.sides_m) == pytest.approx([1e-6, 3e-6])


def test_supplies_that_are_one_net_on_the_chip_stay_apart():
    """So that the energy of each consumer is told after layout too."""
    block = two_supplies()
    text = str(extract(drawn_block(block), block).block)
    assert "Xp_one m a vdd_flip_flop vdd_flip_flop" in text
    assert "Xp_two y m vdd_delay vdd_delay" in text


def test_it_is_placed_like_the_block_that_was_drawn():
    outer = Block(technology(), "outer", "a", "y", "vdd")
    pins = {"a": "a", "b": "a", "y": "y", "w": "open", "vdd": "vdd"}
    outer.place("inside", extract(drawn(), small()).block, **pins)
    assert "xinside.xfoot" in dict(outer.transistors())
    assert "Xinside a a y open vdd small" in outer.definitions()


def test_a_drawing_of_something_else_is_refused():
    lost = changed(label=lambda text: "" if text == "w" else text)
    with pytest.raises(InputError, match="the layout small is not the block small: no label"):
        extract(lost, small())


def test_what_is_tiny_goes_to_ground_and_is_not_lost():
    pairs = {("a", "b"): LEAST_F / 2, ("0", "a"): 1e-15, ("a", "c"): 2e-16}
    got = _lumped(pairs)
    assert got == {
        ("0", "a"): pytest.approx(1.0005e-15, rel=1e-3),
        ("0", "b"): LEAST_F / 2,
        ("a", "c"): 2e-16,
    }


@pytest.mark.ngspice
@pytest.mark.sky130
def test_ngspice_reads_it_and_calls_all_as_before(ngspice, sky130_models):
    plain = Technology(open_pdk("sky130"))
    block = Block(plain, "inverter", "a", "y", "vdd")
    inner = Block(plain, "inner", "a", "y", "vdd")
    inner.nmos("n", MosSize("nmos_svt", 0.42e-6, 0.15e-6), "m", "a")
    inner.pmos("p", MosSize("pmos_svt", 0.84e-6, 0.15e-6), "m", "a", "vdd")
    inner.nmos("n2", MosSize("nmos_svt", 0.42e-6, 0.15e-6), "y", "m")
    inner.pmos("p2", MosSize("pmos_svt", 0.84e-6, 0.15e-6), "y", "m", "vdd")
    block.place("in", inner, a="a", y="y", vdd="vdd")
    found = extract(drawn_block(block), block).block
    bench = "Vdd vdd 0 1.2\nVa a 0 pulse(0 1.2 1n 20p 20p 3n 9n)\nXdut a y vdd inverter\n"
    deck = Deck(
        title="extracted", body=f"{found.definitions()}\n{bench}",
        models=plain.pdk.models("tt", [size for _, size in found.transistors()]),
        stop_s=3e-9, save=("v(y)", "v(xdut.xin.m)"),
        alter=((plain.pdk.instance("xdut.xin.xn"), "delvto", 0.01),),
    )  # fmt: skip
    waves = ngspice.run(deck)
    assert waves["v(y)"][-1] == pytest.approx(1.2, abs=0.01)
    assert waves["v(xdut.xin.m)"][-1] == pytest.approx(0.0, abs=0.01)
    assert "a_d={" not in spice_text(found, "tt").partition(".subckt inverter")[2]
