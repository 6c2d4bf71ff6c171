"""A well of its own: how large it is drawn, and its junction to the substrate."""

from dataclasses import replace

import numpy as np
import pytest
from toy_gf180mcu import write_library

from anaspike.circuits.block import Block, Technology
from anaspike.circuits.comparator import comparator
from anaspike.circuits.designs import design_for
from anaspike.circuits.pseudo_resistor import pseudo_resistor
from anaspike.errors import InputError
from anaspike.pdk.generic28 import Generic28
from anaspike.pdk.gf180mcu import Gf180mcu
from anaspike.pdk.roles import MosSize, Pdk, Well
from anaspike.spice.deck import Deck
from anaspike.spice.options import SimulationOptions

WELL = Well("w", ends_m=1e-6, between_m=0.5e-6, across_m=0.4e-6, least_m=0.8e-6)
PMOS = MosSize("pmos_svt", 1e-6, 0.2e-6)


def test_a_well_encloses_what_stands_side_by_side_in_it():
    assert WELL.around([PMOS]) == pytest.approx((1.4e-6, 1.2e-6))
    # Three gates of 0.2 um, two gaps.
    assert WELL.around([replace(PMOS, mult=2), PMOS]) == pytest.approx((1.4e-6, 2.6e-6))
    assert WELL.around([replace(PMOS, w_m=0.1e-6)])[0] == 0.8e-6


def test_what_stands_on_no_supply_has_a_well_of_its_own():
    technology, sizes = Technology(Generic28()), design_for("generic28").neuron
    leak = pseudo_resistor(technology, sizes.pseudo_resistor).definitions()
    assert "Xwell_a a own_well" in leak
    assert "Xwell_k1 k1 own_well" in leak
    assert comparator(technology, sizes.comparator).definitions().count("own_well") == 1


def test_the_well_of_a_schottky_diode_is_its_cathode(tmp_path):
    pdk = Gf180mcu(write_library(tmp_path / "gf180mcu"))
    leak = pseudo_resistor(Technology(pdk), design_for("gf180mcu").neuron.pseudo_resistor)
    assert "Xwell_k1 k1 diode_dw2ps" in leak.definitions()
    assert "Xwell_b b diode_dw2ps" in leak.definitions()


class Wellless(Generic28):
    """A process whose models know no junction of a well."""

    well = Pdk.well


def test_where_the_models_know_no_junction_none_is_placed():
    sizes = design_for("generic28").neuron
    assert "well" not in str(pseudo_resistor(Technology(Wellless()), sizes.pseudo_resistor))


def charge(ngspice, pdk, corner, inside):
    """Return what a step of 1 mV at rest puts on a well, by the volt: its capacitance there."""
    block = Block(Technology(pdk, 0.0), "dut", "a")
    block.own_well("a", *inside)
    body = f"{block.definitions()}\nxd a dut\nva a 0 pwl(0 0 1n 0 2n 1m)\n"
    options = SimulationOptions(max_step_s=10e-12)
    deck = Deck("well", body, pdk.models(corner, inside), 3e-9, ("v(a)", "i(va)"), options)
    traces = ngspice.run(deck)
    return -np.trapezoid(traces["i(va)"], traces.time_s) / 1e-3


def drawn(pdk, inside):
    w_m, l_m = pdk.well(inside[0]).around(inside)
    return w_m * l_m, 2 * (w_m + l_m)


def test_generic28s_junction_is_the_stated_one(ngspice):
    area_m2, edge_m = drawn(Generic28(), [PMOS])
    expected_F = 1.2e-4 * area_m2 + 5.8e-10 * edge_m
    assert charge(ngspice, Generic28(), "ss", [PMOS]) == pytest.approx(expected_F, rel=0.01)


@pytest.mark.parametrize(
    ("role", "cj", "cjsw"), [("pmos_svt", 15e-5, 6e-10), ("schottky", 23e-5, 7e-10)]
)
@pytest.mark.parametrize(("corner", "factor"), [("tt", 1.0), ("ff", 0.9), ("sf", 1.0)])
def test_gf180mcus_junction_follows_the_corner(ngspice, tmp_path, corner, factor, role, cj, cjsw):
    pdk = Gf180mcu(write_library(tmp_path / "gf180mcu"))
    inside = [MosSize(role, 1e-6, 4e-6)]
    area_m2, edge_m = drawn(pdk, inside)
    expected_F = factor * (cj * area_m2 + cjsw * edge_m)
    assert charge(ngspice, pdk, corner, inside) == pytest.approx(expected_F, rel=0.01)


def test_models_without_the_junction(tmp_path):
    gf180mcu = Gf180mcu(write_library(tmp_path / "gf180mcu"))
    library = gf180mcu.folder / "sm141064.ngspice"
    library.write_text(library.read_text().replace("diode_dw2ps", "diode_other"))
    with pytest.raises(InputError, match="gf180mcu models lack diode_dw2ps; install them afresh"):
        gf180mcu.models("tt", [replace(PMOS, l_m=0.3e-6)])
