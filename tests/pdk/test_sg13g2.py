"""IHP SG13G2: found, flattened, its sizes and mismatch; on the real models where they are."""

import json
import os
import re
from dataclasses import replace

import numpy as np
import pytest
from toy_sg13g2 import write_models

from anaspike.circuits.designs import design_for
from anaspike.circuits.neuron import NeuronSizes
from anaspike.cli import run
from anaspike.errors import InputError
from anaspike.pdk.catalog import open_pdk
from anaspike.pdk.generic28 import Generic28
from anaspike.pdk.mismatch import deviation, drawn_deviation
from anaspike.pdk.roles import MosSize
from anaspike.pdk.sg13g2 import Sg13g2
from anaspike.pdk.sg13g2.locate import BUILD, build, installed_folder
from anaspike.spice.deck import Deck
from anaspike.spice.failures import DeckError, DeckRefused
from anaspike.spice.modules import FOLDER, Module

MODULE = Module("psp103.osdi", "a" * 64)
N, P = MosSize("nmos_svt", 0.5e-6, 0.13e-6), MosSize("pmos_hvt", 0.3e-6, 1e-6)
A_DECK = {"stop_s": 1e-8, "save": ("i(vd)",)}


@pytest.fixture
def toy(tmp_path):
    return Sg13g2(write_models(tmp_path / "models"), MODULE)


@pytest.fixture
def data(tmp_path, monkeypatch):
    """A data folder of the test's own; return where a compiled model lies in it."""
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    place = installed_folder() / FOLDER / "psp103.osdi"
    place.parent.mkdir(parents=True)
    place.write_bytes(b"compiled")
    place.with_name(BUILD).write_text(json.dumps(build()))
    write_models(installed_folder() / "ngspice/models")
    return place


def refusal(environ):
    with pytest.raises(InputError) as caught:
        open_pdk("sg13g2", environ)
    return str(caught.value)


def test_where_its_cards_may_lie(data, tmp_path):
    assert open_pdk("sg13g2", {}).folder == installed_folder() / "ngspice/models"
    theirs = write_models(tmp_path / "pdks/ihp-sg13g2/libs.tech/ngspice/models")
    root = str(tmp_path / "pdks")
    assert open_pdk("sg13g2", {"PDK_ROOT": root, "PDK": "ihp-sg13g2"}).folder == theirs
    assert open_pdk("sg13g2", {"ANASPIKE_SG13G2": str(theirs)}).folder == theirs
    assert "cards " in open_pdk("sg13g2", {"ANASPIKE_SG13G2": str(theirs)}).source
    assert refusal({"ANASPIKE_SG13G2": root}).startswith(f"ANASPIKE_SG13G2 is {root}, which holds")


def test_what_is_missing_is_said_with_its_mend(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    assert refusal({}) == (
        "sg13g2 models not found; run `anaspike pdk install sg13g2`,"
        " or set PDK_ROOT to the folder of ihp-sg13g2 (IHP-Open-PDK, ciel)"
    )
    theirs = write_models(tmp_path / "models")
    said = refusal({"ANASPIKE_SG13G2": str(theirs)})
    assert said.startswith("sg13g2's transistor model is not compiled here (")
    assert said.endswith("psp103.osdi is missing); run `anaspike pdk install sg13g2`")


def test_a_compiled_model_of_another_build_is_refused_by_name(data):
    assert open_pdk("sg13g2", {}).osdi() == (Module.of(data),)
    data.with_name(BUILD).write_text(json.dumps({"compiler": "openvaf 23.5", "machine": "vax"}))
    said = refusal({})
    assert said.startswith(f"{data} is of another build (openvaf 23.5 for vax, not openvaf-r of ")
    assert said.endswith("; run `anaspike pdk install sg13g2 --force`")


def test_the_doctor_says_what_it_runs_on(data, stub, vacask_package, monkeypatch, capsys):
    for variable in ("PDK_ROOT", "PDK", "ANASPIKE_SG13G2"):
        monkeypatch.delenv(variable, raising=False)
    monkeypatch.setenv("ANASPIKE_NGSPICE", str(stub("exit 0")))
    monkeypatch.syspath_prepend(vacask_package())
    assert run(["doctor"]) == 0
    (here,) = (line for line in capsys.readouterr().out.splitlines() if " PDK sg13g2: " in line)
    assert here.startswith("ok ")
    assert here.endswith("; runs on vacask 0.3.4.dev3")
    data.unlink()
    assert run(["doctor"]) == 0
    assert "mend: anaspike pdk install sg13g2" in capsys.readouterr().out


def test_a_card_is_numbers_of_its_corner_and_size(toy):
    text = toy.models("ss", [N]).files["sg13g2_ss.spice"]
    assert (
        ".subckt nmos_svt_w500n_l130n d g s b mult=1\nnm0 d g s b nmos_svt_w500n_l130n_card w=5e"
        in text
    )
    card = dict(
        pair.split("=") for pair in text.split("_card psp103va\n")[1].split() if pair != "+"
    )
    assert card.pop("type") == "1"
    assert {name: float(value) for name, value in card.items()} == pytest.approx(
        {
            **{"level": 103.6, "tr": 27.0, "wot": -1e-8, "dlq": -1.5e-8, "vfbo": -0.81},
            **{"vfbl": 0.014, "cfrw": 1.2e-16, "rbulko": 4000.0, "rjunso": 1300.0, "swsoa": 0.0},
        }
    )
    assert "vfbo=-1.08" in toy.models("sf", [P]).files["sg13g2_sf.spice"]
    drawn = dict(re.findall(r"(\w+)=(\S+)", text.split(".ends")[0]))
    assert float(drawn["ad"]) == pytest.approx(0.34e-6 * 0.5e-6)  # 0.34 um of diffusion
    assert float(drawn["ps"]) == pytest.approx(2 * (0.34e-6 + 0.5e-6))
    assert toy.models("tt", [N]).modules == (MODULE,)


@pytest.mark.parametrize(
    ("role", "w_um", "l_um", "says"),
    [
        ("nmos_svt", 0.14, 0.13, "width 140 nm is below the process minimum of 150 nm"),
        ("pmos_svt", 0.15, 0.12, "length 120 nm is below the process minimum of 130 nm"),
        ("nmos_hvt", 0.3, 0.44, "length 440 nm is below the process minimum of 450 nm"),
        ("pmos_hvt", 0.29, 0.4, "width 290 nm is below the process minimum of 300 nm"),
        ("nmos_svt", 10.1, 0.13, "width 10.1 um is above the 10 um that its model is valid for"),
        ("pmos_hvt", 0.3, 11, "length 11 um is above the 10 um that its model is valid for"),
        ("nmos_lvt", 1, 1, "sg13g2 offers no nmos_lvt; it has nmos_svt, pmos_svt, nmos_hvt, pmos"),
    ],
)
def test_sizes_outside_of_the_model_are_refused(toy, role, w_um, l_um, says):
    size = MosSize(role, w_um * 1e-6, l_um * 1e-6)
    for ask in (toy.subcircuit, lambda size: toy.models("tt", [size])):
        with pytest.raises(InputError, match=says):
            ask(size)


def test_mismatch_is_psp_s(toy):
    assert toy.instance("xdut.xd1") == "n.xdut.xd1.nm0"
    # Slower is positive for both kinds, at every corner: the corner's shift is in the card.
    for size in (N, P):
        assert toy.mismatch_parameters(size, "ss", 0.01, -0.02) == {"delvto": 0.01, "factuo": 0.98}
    four = replace(P, mult=4)
    assert [2 * x for x in deviation(toy, four, 1, "x")] == pytest.approx(deviation(toy, P, 1, "x"))


def test_drawn_sizes_vary_too_each_device_by_itself(toy):
    draws = np.array(
        [
            (*drawn_deviation(toy, P, seed, "x"), *deviation(toy, P, seed, "x"))
            for seed in range(2000)
        ]
    )
    assert np.std(draws[:, :2], axis=0) == pytest.approx(3e-9, rel=0.08)
    assert np.abs(np.corrcoef(draws.T) - np.eye(4)).max() < 0.08  # four draws, no two alike
    assert toy.drawn_parameters(P, 3e-9, -2e-9) == pytest.approx({"w": 0.303e-6, "l": 0.998e-6})
    assert drawn_deviation(Generic28(), N, 1, "x") == (0, 0)  # whose mismatch stays as it was
    assert Generic28().drawn_parameters(N, 0, 0) == {}


def test_damaged_models_are_named(toy):
    folder = toy.folder
    (folder / "sg13g2_moslv_parm.lib").write_text(".model sg13g2_lv_nmos_psp nmos level=54\n")
    with pytest.raises(InputError, match="card sg13g2_lv_nmos_psp is not of PSP"):
        Sg13g2(folder, MODULE).models("tt", [N])
    (folder / "sg13g2_moslv_parm.lib").write_text("")
    with pytest.raises(InputError, match="lack the card sg13g2_lv_nmos_psp"):
        Sg13g2(folder, MODULE).models("tt", [N])
    (folder / "cornerMOSlv.lib").write_text("")
    with pytest.raises(InputError, match="have no corner tt"):
        Sg13g2(folder, MODULE).models("tt", [N])


def test_the_design_fits_the_process(toy):
    design = design_for("sg13g2")
    assert isinstance(design.neuron, NeuronSizes)
    # Thick oxide on the synapse's own supply, core transistors elsewhere.
    assert design.neuron.synapse.source.role == "pmos_hvt"


@pytest.fixture(scope="session")
def real():
    try:
        return open_pdk("sg13g2", os.environ)
    except InputError as error:
        pytest.skip(str(error))


def device_deck(process, size, corner="tt", alter=()):
    name, parameters = process.subcircuit(size)
    sign = 1 if size.role.startswith("nmos") else -1
    given = "".join(f" {key}={value}" for key, value in parameters.items())
    body = f"xd d g 0 0 {name}{given}\nvd d 0 {1.2 * sign}\nvg g 0 pwl(0 0 10n {1.2 * sign})\n"
    return Deck("t", body, process.models(corner, [size]), alter=alter, **A_DECK)


def on_current(simulator, deck):
    return abs(simulator.run(deck)["i(vd)"][-1])


@pytest.mark.sg13g2
@pytest.mark.parametrize("role", ["nmos_svt", "pmos_svt", "nmos_hvt", "pmos_hvt"])
def test_a_real_transistor_is_slower_by_a_positive_shift(vacask, real, role):
    size = MosSize(role, 1e-6, 0.5e-6)
    nominal = on_current(vacask, device_deck(real, size))
    parts = (
        real.mismatch_parameters(size, "tt", 0.02, 0.0),
        real.mismatch_parameters(size, "tt", 0.0, 0.1),
    )
    slower, stronger = (
        on_current(
            vacask,
            device_deck(real, size, alter=tuple((real.instance("xd"), k, v) for k, v in p.items())),
        )
        for p in parts
    )
    assert 0.8 * nominal < slower < 0.99 * nominal
    assert stronger == pytest.approx(1.1 * nominal, rel=0.03)
    two = on_current(vacask, device_deck(real, replace(size, mult=2)))
    assert two == pytest.approx(2 * nominal, rel=1e-6)


@pytest.mark.sg13g2
def test_both_simulators_say_the_same_where_ngspice_can(ngspice, vacask, real):
    if lacks := ngspice.lacks(real.osdi()):
        pytest.skip(lacks)
    alter = tuple((real.instance("xd"), k, v) for k, v in (("delvto", 0.02), ("l", 0.14e-6)))
    for size in (N, P):
        deck = device_deck(real, size, "ss", alter)
        assert on_current(ngspice, deck) == pytest.approx(on_current(vacask, deck), rel=1e-3)
        with pytest.raises(DeckError, match="no such device"):
            ngspice.run(replace(deck, alter=(("m.xd.m0", "delvto", 0.02),)))


@pytest.mark.sg13g2
def test_mismatch_of_what_is_not_there_is_a_failure(vacask, real):
    deck = device_deck(real, N)
    with pytest.raises(DeckRefused, match=r"'m\.xd\.m0', which is altered, is no device"):
        vacask.run(replace(deck, alter=(("m.xd.m0", "delvto", 0.02),)))
    with pytest.raises(DeckError, match="mulu0"):
        vacask.run(replace(deck, alter=((real.instance("xd"), "mulu0", 1.1),)))


@pytest.mark.sg13g2
def test_the_currents_of_1_um_are_ihp_s(vacask, real):
    """26.4 pA and 400.5 uA, -46.3 pA and -211.5 uA: of IHP's own library, unflattened."""
    for role, off_A, on_A in (("nmos_svt", 26.4e-12, 400.5e-6), ("pmos_svt", 46.3e-12, 211.5e-6)):
        traces = vacask.run(device_deck(real, MosSize(role, 1e-6, 0.13e-6)))
        assert abs(traces["i(vd)"][0]) == pytest.approx(off_A, rel=2e-3)
        assert abs(traces["i(vd)"][-1]) == pytest.approx(on_A, rel=2e-3)
