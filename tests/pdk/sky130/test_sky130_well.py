"""The junction of an n-well to the substrate, as the PDK's diode has it."""

import numpy as np
import pytest
from toy_models import WELL_CJ, write_models

from anaspike.circuits.block import Block, Technology
from anaspike.errors import InputError
from anaspike.pdk.roles import MosSize
from anaspike.pdk.sky130 import Sky130
from anaspike.spice.deck import Deck
from anaspike.spice.options import SimulationOptions

PMOS = MosSize("pmos_svt", 1e-6, 0.2e-6)


def charge(ngspice, pdk, corner):
    """Return what a step of 1 mV at rest puts on a well, by the volt: its capacitance there."""
    block = Block(Technology(pdk, 0.0), "dut", "a")
    block.own_well("a", PMOS, PMOS)
    body = f"{block.definitions()}\nxd a dut\nva a 0 pwl(0 0 1n 0 2n 1m)\n"
    options = SimulationOptions(max_step_s=10e-12)
    deck = Deck("well", body, pdk.models(corner, [PMOS]), 3e-9, ("v(a)", "i(va)"), options)
    traces = ngspice.run(deck)
    return -np.trapezoid(traces["i(va)"], traces.time_s) / 1e-3


def expected(pdk, cj, cjsw):
    w_m, l_m = pdk.well(PMOS).around([PMOS, PMOS])
    return pytest.approx(cj * w_m * l_m + cjsw * 2 * (w_m + l_m), rel=0.01)


@pytest.mark.parametrize("apart", [False, True])
@pytest.mark.parametrize("corner", ["tt", "sf"])
def test_the_junction_follows_the_corner(ngspice, tmp_path, corner, apart):
    pdk = Sky130(write_models(tmp_path / "continuous", apart))
    cj = WELL_CJ["fs" if corner == "sf" else corner]  # the PDK's names, wrong way round
    assert charge(ngspice, pdk, corner) == expected(pdk, cj, 6e-10 * cj / 9e-5)


@pytest.mark.sky130
def test_the_real_junction_is_the_pdks(ngspice, sky130_models):
    pdk = Sky130(sky130_models)
    assert charge(ngspice, pdk, "tt") == expected(pdk, 9e-5, 5.822e-10)


def test_models_without_the_junction(tmp_path):
    pdk = Sky130(write_models(tmp_path / "sky130"))
    (pdk.folder / "models_diodes.spice").write_text("* none")
    with pytest.raises(InputError, match=r"sky130 models lack .*diode_pd2nw; install them afresh"):
        pdk.models("tt", [PMOS])
