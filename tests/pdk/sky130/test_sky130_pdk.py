"""The process: corners, sizes, mismatch, and the cache behind it."""

import json
from pathlib import Path

import pytest
from toy_models import write_models

from anaspike.errors import InputError
from anaspike.pdk.roles import MosSize
from anaspike.pdk.sky130 import Sky130
from anaspike.pdk.sky130 import pdk as sky130_pdk
from anaspike.pdk.sky130.cache import CardCache
from anaspike.pdk.spicetext import parameters

NMOS = MosSize("nmos_svt", 0.42e-6, 0.2e-6)
PMOS = MosSize("pmos_lvt", 1e-6, 0.5e-6, mult=2)


def test_one_file_holds_each_size_once(toy: Path) -> None:
    models = Sky130(toy).models("tt", [NMOS, PMOS, NMOS])
    assert models.lines == ".include 'sky130_tt.spice'"
    (text,) = models.files.values()
    assert text.count(".subckt") == text.count(".model") == 2 + 1  # and a well
    assert "Apache License" in text
    assert models == Sky130(toy).models("tt", [PMOS, NMOS])


def test_a_size_is_called_by_its_own_subcircuit(toy: Path) -> None:
    pdk = Sky130(toy)
    assert pdk.subcircuit(NMOS) == ("nmos_svt_w420n_l200n", {})
    assert pdk.subcircuit(PMOS) == ("pmos_lvt_w1000n_l500n", {"mult": "2"})


@pytest.mark.parametrize(
    ("corner", "nmos_V"), [("tt", 0), ("ss", 0.05), ("sf", 0.03), ("fs", -0.03)]
)
def test_the_first_letter_of_a_corner_is_the_nmos(toy: Path, corner: str, nmos_V: float) -> None:
    shift = Sky130(toy).mismatch_parameters(NMOS, corner, 0.0, 0.0)["delvto"]
    assert shift == pytest.approx(nmos_V * (0.1 / 0.2 + 0.9), abs=1e-15)


def test_mixed_corners_follow_the_data_and_not_the_file_names(toy: Path) -> None:
    one, other = (toy / f"parameters_fet_{name}.spice" for name in ("sf", "fs"))
    before = Sky130(toy).models("sf", [NMOS, PMOS])
    texts = one.read_text(), other.read_text()
    one.write_text(texts[1])
    other.write_text(texts[0])
    assert Sky130(toy).models("sf", [NMOS, PMOS]) == before


def test_mismatch_keeps_the_corners_shift_and_slows_both_kinds(toy: Path) -> None:
    pdk = Sky130(toy)
    nominal = {
        size: pdk.mismatch_parameters(size, "ss", 0.0, 0.0)["delvto"] for size in (NMOS, PMOS)
    }
    assert pdk.mismatch_parameters(NMOS, "ss", 0.01, 0.0) == {"delvto": nominal[NMOS] + 0.01}
    assert pdk.mismatch_parameters(PMOS, "ss", 0.01, 0.1) == {
        "delvto": nominal[PMOS] - 0.01,
        "mulu0": 1.1,
    }


@pytest.mark.parametrize(
    ("size", "message"),
    [
        (
            MosSize("nmos_svt", 0.36e-6, 0.15e-6),
            "sky130 nmos_svt: width 360 nm is below the process minimum of 420 nm",
        ),
        (
            MosSize("pmos_lvt", 1e-6, 0.15e-6),
            "sky130 pmos_lvt: length 150 nm is below the process minimum of 350 nm",
        ),
        (
            MosSize("nmos_hvt", 1e-6, 0.15e-6),
            "sky130 offers no nmos_hvt; it has nmos_svt, nmos_lvt, pmos_svt, pmos_lvt, pmos_hvt",
        ),
    ],
)
def test_sizes_that_it_does_not_make(toy: Path, size: MosSize, message: str) -> None:
    for ask in (Sky130(toy).subcircuit, lambda size: Sky130(toy).models("tt", [size])):
        with pytest.raises(InputError) as caught:
            ask(size)
        assert str(caught.value) == message


def test_an_unknown_corner(toy: Path) -> None:
    with pytest.raises(InputError) as caught:
        Sky130(toy).models("ll", [NMOS])
    assert str(caught.value) == "sky130 has no corner 'll'; choose one of tt, ff, ss, sf, fs"


def test_a_corner_without_its_file(toy: Path) -> None:
    (toy / "parameters_fet_ss.spice").unlink()
    with pytest.raises(InputError) as caught:
        Sky130(toy).models("ss", [NMOS])
    assert str(caught.value) == (
        f"cannot read {toy}/parameters_fet_ss.spice: No such file or directory;"
        " the sky130 models are incomplete, install them afresh"
    )


def test_a_mixed_corner_that_no_file_holds(toy: Path) -> None:
    slow_n = (toy / "parameters_fet_fs.spice").read_text()
    (toy / "parameters_fet_sf.spice").write_text(slow_n)
    with pytest.raises(InputError, match=r"^the sky130 models hold no fs corner; install them"):
        Sky130(toy).models("fs", [NMOS])


def test_the_cache_spares_the_flattening(
    toy: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = Sky130(toy, CardCache(tmp_path / "cache")).models("tt", [NMOS, PMOS])
    monkeypatch.setattr(sky130_pdk, "flatten", None)
    again = Sky130(toy, CardCache(tmp_path / "cache"))
    assert again.models("tt", [PMOS, NMOS]) == first
    assert again.models("tt", [NMOS]).files.keys() == first.files.keys()


def test_other_sources_are_not_answered_from_the_cache(toy: Path, tmp_path: Path) -> None:
    cache = CardCache(tmp_path / "cache")
    before = Sky130(toy, cache).models("tt", [NMOS])
    models = toy / "models_fet.spice"
    models.write_text(models.read_text().replace("vth0 = 0.", "vth0 = 1."))
    assert Sky130(toy, cache).models("tt", [NMOS]) != before


def cut(entry: Path) -> None:
    entry.write_bytes(entry.read_bytes()[:-40])


def flip_a_bit(entry: Path) -> None:
    content = bytearray(entry.read_bytes())
    place = content.index(b"delvto") + 8
    content[place] ^= 1
    entry.write_bytes(bytes(content))


def empty(entry: Path) -> None:
    entry.write_bytes(b"")


def other_shape(entry: Path) -> None:
    entry.write_text(json.dumps({"card": {"name": "x"}, "sha256": ""}))


@pytest.mark.parametrize("damage", [cut, flip_a_bit, empty, other_shape])
def test_a_damaged_entry_is_made_anew(toy: Path, tmp_path: Path, damage) -> None:  # type: ignore[no-untyped-def]
    folder = tmp_path / "cache"
    good = Sky130(toy, CardCache(folder)).models("tt", [NMOS])
    (entry,) = folder.iterdir()
    intact = entry.read_bytes()
    damage(entry)
    assert Sky130(toy, CardCache(folder)).models("tt", [NMOS]) == good
    assert entry.read_bytes() == intact


def test_an_entry_under_anothers_name_does_not_open(toy: Path, tmp_path: Path) -> None:
    folder = tmp_path / "cache"
    good = Sky130(toy, CardCache(folder)).models("tt", [NMOS])
    (first,) = folder.iterdir()
    Sky130(toy, CardCache(folder)).models("ss", [NMOS])
    (second,) = set(folder.iterdir()) - {first}
    first.write_bytes(second.read_bytes())
    assert Sky130(toy, CardCache(folder)).models("tt", [NMOS]) == good


def test_a_cache_that_cannot_be_written_is_done_without(toy: Path, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    pdk = Sky130(toy, CardCache(tmp_path / "file" / "cache"))
    assert pdk.models("tt", [NMOS]) == Sky130(toy).models("tt", [NMOS])


@pytest.mark.sky130
def test_pelgroms_coefficients_are_the_pdks(sky130_models: Path) -> None:
    stated = parameters((sky130_models / "models_global.spice").read_text())
    for device in Sky130.devices.values():
        assert device.a_vt_Vm == pytest.approx(1e-6 * float(stated[f"sw_mm_vth0_{device.model}"]))


def test_models_of_another_folder_are_another_process(toy, tmp_path):
    other = write_models(tmp_path / "other" / "continuous")
    assert Sky130(toy) == Sky130(toy)
    assert Sky130(toy) != Sky130(other)
