"""The embedded process: targets, corners, mismatch."""

import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import anaspike
from anaspike.circuits.block import Technology
from anaspike.circuits.designs import design_for
from anaspike.circuits.neuron import neuron
from anaspike.errors import InputError
from anaspike.experiments.device import DeviceTransfer
from anaspike.pdk.catalog import open_pdk
from anaspike.pdk.generic28 import Generic28
from anaspike.pdk.mismatch import deviation, standard_normals
from anaspike.pdk.roles import MOS_ROLES, MosSize, Pdk
from anaspike.report.devices import GENERIC28_TARGETS, device_table, within
from anaspike.report.markdown import generated

README = Path(__file__).parents[2] / "pdk_models/generic28/README.md"
PDK = Generic28()


def numbers(text):
    return [float(word) for word in re.findall(r"-?\d+\.?\d*(?:e-?\d+)?", text)]


def test_targets_are_met_and_the_readme_says_so(ngspice):
    rows = anaspike.measure_devices(simulator=ngspice).to_dict("records")
    assert [row["status"] for row in rows] == ["ok"] * 6
    for row in rows:
        for target in GENERIC28_TARGETS:
            assert within(row, target), (row["role"], target.label)
    # Versions of ngspice may differ in the last digit shown.
    fresh, written = device_table(rows), generated(README, "targets")
    assert numbers(fresh) == pytest.approx(numbers(written), rel=0.02)
    assert re.sub(r"[\d.]+", "0", fresh) == re.sub(r"[\d.]+", "0", written)


def on_current(ngspice, role, corner, temperature_C=27.0):
    point = DeviceTransfer(PDK, MosSize(role, 1e-6, 30e-9), corner, temperature_C)
    return point.measure(ngspice.run(point.build()))["ion_A_per_m"]


@pytest.mark.parametrize(
    ("corner", "nmos", "pmos"),
    [("ff", 1, 1), ("ss", -1, -1), ("sf", -1, 1), ("fs", 1, -1)],
)
def test_corners_go_the_way_their_letters_say(ngspice, corner, nmos, pmos):
    for role, direction in (("nmos_svt", nmos), ("pmos_svt", pmos)):
        change = on_current(ngspice, role, corner) / on_current(ngspice, role, "tt") - 1
        assert direction * change > 0.05


def test_a_hot_device_leaks_more(ngspice):
    point = DeviceTransfer(PDK, MosSize("nmos_svt", 1e-6, 30e-9))
    hot = DeviceTransfer(PDK, MosSize("nmos_svt", 1e-6, 30e-9), temperature_C=125.0)
    cold_A, hot_A = (p.measure(ngspice.run(p.build()))["ioff_A_per_m"] for p in (point, hot))
    assert hot_A > 10 * cold_A


def test_mismatch_moves_the_threshold_by_what_was_drawn(ngspice):
    size = MosSize("pmos_svt", 1e-6, 30e-9)
    point = DeviceTransfer(PDK, size)
    deck = point.build()
    slower = PDK.mismatch_parameters(size, "tt", 0.02, 0.0)
    alter = tuple(
        (f"m.{device}.m0", name, value)
        for device in ("xsaturated", "xlinear")
        for name, value in slower.items()
    )
    altered = replace(deck, alter=alter)
    before, after = (point.measure(ngspice.run(d)) for d in (deck, altered))
    assert after["vth_lin_V"] - before["vth_lin_V"] == pytest.approx(0.02, rel=0.1)


@given(st.integers(0, 2**64), st.text("abcx._0123456789", min_size=1))
def test_a_draw_depends_on_seed_and_path_alone(seed, path):
    assert standard_normals(seed, path) == standard_normals(seed, path)
    assert standard_normals(seed, path) != standard_normals(seed + 1, path)


def test_draws_are_written_in_stone():
    # A sample must be the same on every machine and in every later version.
    drawn = standard_normals(7, "xneuron.xcore.xn")
    assert drawn == pytest.approx((-0.5732556292138465, -1.162568799758861), abs=1e-12)


def test_draws_follow_pelgrom():
    size = MosSize("nmos_svt", 100e-9, 100e-9, mult=4)  # 0.04 um2: sqrt is 0.2 um
    draws = np.array([deviation(PDK, size, seed, "x") for seed in range(4000)])
    assert draws.std(axis=0) == pytest.approx([1.8e-3 / 0.2, 0.8e-2 / 0.2], rel=0.05)
    assert draws.mean(axis=0) == pytest.approx([0, 0], abs=6e-4)
    assert abs(np.corrcoef(draws.T)[0, 1]) < 0.05


def test_every_role_is_there_and_no_other():
    assert set(PDK.devices) == set(MOS_ROLES)
    text = PDK.models("tt").inlined()
    assert all(f".subckt {role} d g s b" in text for role in MOS_ROLES)
    assert ".lib" not in text
    assert ".include" not in text


@pytest.mark.parametrize("name", ["generic29", "", "sky130\n.control"])
def test_an_unknown_process(name):
    with pytest.raises(InputError, match=r"unknown PDK .*; choose one of generic28, sky130"):
        open_pdk(name)


def test_an_unknown_corner():
    with pytest.raises(InputError) as caught:
        PDK.models("typical")
    assert str(caught.value) == (
        "generic28 has no corner 'typical'; choose one of tt, ff, ss, sf, fs"
    )


def test_a_process_opened_again_shares_its_circuits():
    sizes = design_for("generic28").neuron
    one, again = (neuron(Technology(Generic28()), sizes, (1,)) for _ in range(2))
    assert one is again

    class Own(Generic28):
        """One that does not say what tells two of it apart."""

        told_by = Pdk.told_by

    mine, other = Own(), Own()
    assert mine != other
    assert mine != Generic28()
    assert neuron(Technology(mine), sizes, (1,)) is not neuron(Technology(other), sizes, (1,))
