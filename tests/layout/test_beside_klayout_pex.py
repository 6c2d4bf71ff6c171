"""Ours beside klayout-pex: nets by the same names, and ratios of what is large enough."""

from pathlib import Path

import pytest

from anaspike.circuits.designs import design_for
from anaspike.errors import InputError
from anaspike.layout.catalog import block_named, process_of
from anaspike.layout.compare import compare
from anaspike.layout.connect import Connected
from anaspike.layout.drawing import read_gds
from anaspike.layout.sky130 import SKY130
from benchmarks.layout_pex import find_kpex, named, pairs_of, ratios

GDS = Path(__file__).parents[2] / "netlists/layouts/clock_gate.gds"
# As klayout-pex 0.6.12 writes it.
NETLIST = r"""
X$6 \$2 out gnd sky130_gnd sky130_fd_pr__nfet_01v8 l=0.15 w=0.42 as=0.1218
+ ad=0.0693 ps=1.42 pd=0.75
Cext_1 net3 in1 0.25f
Cext_2 gnd net3 1e-1f
Cext_3 VSUBS net3 0.1f
Cext_4 VSUBS gnd 9f
Cext_5 net4 in1 0.05f
"""


def test_its_netlist_is_read_with_substrate_and_ground_as_one():
    names = {"net3": "idle", "net4": "idle", "VSUBS": "0", "gnd": "0"}
    found = pairs_of(NETLIST, names)
    assert found == {("idle", "in1"): pytest.approx(0.3e-15), ("0", "idle"): pytest.approx(2e-16)}


def test_ratios_are_of_what_both_have_and_is_not_tiny():
    ours = {("0", "a"): 2e-15, ("a", "b"): 1.2e-15, ("b", "c"): 1e-18, ("0", "b"): 1e-15}
    theirs = {("0", "a"): 1e-15, ("a", "b"): 1e-15, ("b", "c"): 2e-18}
    whole, ground, between = ratios(ours, theirs, {"a", "b", "c"})
    assert whole.ratios == pytest.approx({"a": 1.6, "b": 2.201 / 1.002})
    assert ground.ratios == pytest.approx({"a": 2.0})
    assert between.ratios == pytest.approx({"a - b": 1.2})
    assert str(ground) == "nets to ground, 1: median 2.000, 2.000 (a) to 2.000 (a)"


def test_every_net_with_a_wire_has_its_name_in_the_drawing(klayout):
    block = block_named("clock_gate", process_of("sky130"), design_for("sky130"))
    drawing, names = named(compare(read_gds(GDS, SKY130), block), block)
    drawn = set(Connected(drawing).nets)
    assert {names[net] for net in drawn & set(names)} == {
        "0", "vdd", "in1", "in2", "in3", "out", "hold", "idle",
    }  # fmt: skip


def test_without_it_the_line_says_where_it_is(monkeypatch):
    monkeypatch.setenv("PATH", "")
    with pytest.raises(InputError, match=r"^kpex was not found; `pip install klayout-pex"):
        find_kpex()
