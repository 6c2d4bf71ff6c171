"""The user's variables, the same for every process: never other models than those they name."""

import json
import os
import sys

import pytest

from anaspike.errors import InputError
from anaspike.pdk import gf180mcu
from anaspike.pdk.catalog import open_pdk
from anaspike.pdk.gf180mcu import installed_folder as gf180mcu_folder
from anaspike.pdk.sg13g2.locate import CARDS
from anaspike.pdk.sky130.locate import installed_folder as sky130_folder

# Process -> a file of ours in a variant, and what else makes the folder one of models.
WITHIN = {
    "sky130": (
        "libs.tech/combined/continuous",
        ("models_fet.spice", "models_global.spice", "parameters_fet_tt.spice"),
    ),
    "gf180mcu": ("libs.tech/ngspice", ("sm141064.ngspice",)),
}
VARIANTS = {"sky130": ("sky130A", "sky130B"), "gf180mcu": ("gf180mcuD", "gf180mcuC")}
OTHER = {"sky130": "gf180mcuD", "gf180mcu": "sky130A"}
BOTH = pytest.mark.parametrize("process", ["sky130", "gf180mcu"])


@pytest.fixture
def installed(tmp_path, monkeypatch):
    """Both processes in the data folder: what must not be taken instead of what is named."""
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    monkeypatch.setattr("anaspike.pdk.sky130.locate.PACKAGE", "no-such-package-here")
    monkeypatch.setattr(gf180mcu, "PACKAGE", "no-such-package-here")
    for variable in ("PDK_ROOT", "PDK", "ANASPIKE_SKY130", "ANASPIKE_GF180MCU"):
        monkeypatch.delenv(variable, raising=False)
    put("sky130", sky130_folder() / "combined_models/continuous", within="")
    put("gf180mcu", gf180mcu_folder() / "models", within="")
    return tmp_path / "data"


def put(process, variant, within=None):
    """Lay the models of a process into a variant's folder; return where they lie."""
    inner, names = WITHIN[process]
    folder = variant / (inner if within is None else within)
    folder.mkdir(parents=True, exist_ok=True)
    for name in names:
        (folder / name).write_text("")
    return folder


def told(process, root, pdk=None, **further):
    environ = {"PDK_ROOT": str(root), **further}
    return open_pdk(process, environ if pdk is None else {**environ, "PDK": pdk}).told_by


@BOTH
def test_a_variant_in_other_letters_is_no_reason_to_take_the_installed_models(
    installed, tmp_path, process
):
    wrong = VARIANTS[process][0].upper()
    put(process, tmp_path / "root" / wrong)
    message = refusal(process, tmp_path / "root", wrong)
    assert message == f"PDK is {wrong}; write it as its folder: sky130A, gf180mcuD"


def refusal(process, root, pdk=None, **further):
    with pytest.raises(InputError) as caught:
        told(process, root, pdk, **further)
    assert "\n" not in str(caught.value)
    return str(caught.value)


@BOTH
@pytest.mark.parametrize("named", [False, True])
def test_a_root_that_holds_none_is_no_reason_to_look_elsewhere(installed, tmp_path, process, named):
    variant = VARIANTS[process][0]
    (tmp_path / "empty").mkdir()
    (tmp_path / "file").write_text("")
    for root in ("slip", "empty", "file"):
        assert refusal(process, tmp_path / root, variant if named else None) == (
            f"PDK_ROOT is {tmp_path / root}, which holds no {process} models"
            f" ({variant}/{WITHIN[process][0]}); correct it,"
            f" or unset it and run `anaspike pdk install {process}`"
        )


@BOTH
def test_a_root_that_is_not_there_is_wrong_whichever_process_pdk_names(
    installed, tmp_path, process
):
    said = refusal(process, tmp_path / "slip", OTHER[process])
    assert said.startswith(f"PDK_ROOT is {tmp_path / 'slip'}, which holds no {process} models")
    assert refusal("sg13g2", tmp_path / "slip", OTHER[process]).startswith("PDK_ROOT is ")
    assert refusal("sg13g2", tmp_path / "slip").startswith("PDK_ROOT is ")


@BOTH
def test_a_root_of_another_process_need_not_hold_ours(installed, tmp_path, process):
    assert told(process, tmp_path, OTHER[process]).is_relative_to(installed)
    assert told(process, tmp_path, "ihp-sg13g2").is_relative_to(installed)


@BOTH
def test_a_pdk_of_somebody_else_s_must_be_there(installed, tmp_path, process):
    (tmp_path / "root/asap7").mkdir(parents=True)
    assert told(process, tmp_path / "root", "asap7").is_relative_to(installed)
    put(process, tmp_path / "root" / VARIANTS[process][0])
    assert refusal(process, tmp_path / "root", "skyA") == (
        f"PDK is skyA, and PDK_ROOT is {tmp_path / 'root'}, which holds no such folder;"
        " correct one of them, or unset PDK"
    )


@BOTH
def test_the_variant_that_pdk_names_and_no_other(installed, tmp_path, process):
    first, second = VARIANTS[process]
    models = put(process, tmp_path / first)
    assert told(process, tmp_path) == models
    assert refusal(process, tmp_path, second) == (
        f"PDK is {second}, and PDK_ROOT is {tmp_path}, which holds {first} alone;"
        " correct one of them, or unset PDK"
    )
    other = put(process, tmp_path / second)
    assert told(process, tmp_path, second) == other
    assert told(process, tmp_path) == models


@BOTH
def test_a_root_may_be_the_variant_itself_but_no_other_variant(installed, tmp_path, process):
    first, second = VARIANTS[process]
    models = put(process, tmp_path / first)
    assert told(process, tmp_path / first) == models
    assert told(process, tmp_path / first, first) == models
    assert "which holds no" in refusal(process, tmp_path / first, second)


def versions(process, root, *names, variant=0, manager="ciel"):
    return [
        put(process, root / manager / process / "versions" / name / VARIANTS[process][variant])
        for name in names
    ]


@BOTH
def test_of_two_versions_none_is_taken(installed, tmp_path, process):
    (alone,) = versions(process, tmp_path, "bbbb")
    assert told(process, tmp_path) == alone
    versions(process, tmp_path, "aaaa", manager="volare", variant=1)
    assert refusal(process, tmp_path) == (
        f"PDK_ROOT is {tmp_path}, which holds 2 versions of {process} and none enabled; set"
        f" PDK_ROOT to one of them, for example {tmp_path}/ciel/{process}/versions/bbbb"
    )
    assert told(process, tmp_path, VARIANTS[process][0]) == alone  # one alone has that variant
    inner, variant = WITHIN[process][0], VARIANTS[process][0]
    (tmp_path / variant).symlink_to(str(alone).removesuffix(f"/{inner}"))
    assert told(process, tmp_path) == tmp_path / variant / inner


@BOTH
def test_a_version_that_two_managers_share_is_one(installed, tmp_path, process):
    (models,) = versions(process, tmp_path, "aaaa")
    (tmp_path / "volare").symlink_to(tmp_path / "ciel")
    assert told(process, tmp_path).samefile(models)


@BOTH
def test_an_enabled_version_that_was_removed_is_not_replaced_by_another(
    installed, tmp_path, process
):
    versions(process, tmp_path, "aaaa")
    (tmp_path / VARIANTS[process][0]).symlink_to(tmp_path / "gone")
    assert "which holds no" in refusal(process, tmp_path)


@BOTH
@pytest.mark.parametrize("by_link", [True, False])
def test_variants_of_different_versions_need_a_name(installed, tmp_path, process, by_link):
    for variant, version in zip(VARIANTS[process], ("aaaa", "bbbb"), strict=True):
        if by_link:
            folder = tmp_path / "ciel" / process / "versions" / version / variant
            put(process, folder)
            (tmp_path / variant).symlink_to(folder)
        else:
            put(process, tmp_path / variant)
            (tmp_path / variant / ".config").mkdir()
            info = {"commit": {"open_pdks": version}}
            (tmp_path / variant / ".config/nodeinfo.json").write_text(json.dumps(info))
    first, second = VARIANTS[process]
    assert refusal(process, tmp_path) == (
        f"PDK_ROOT is {tmp_path}, whose variants of {process} are of different versions; set PDK"
        f" to one of them: {first}, {second}"
    )
    assert told(process, tmp_path, second) == tmp_path / second / WITHIN[process][0]


@BOTH
def test_variants_that_say_no_version_need_a_name_where_they_differ(installed, tmp_path, process):
    first, second = (put(process, tmp_path / variant) for variant in VARIANTS[process][:2])
    assert told(process, tmp_path) == first
    model = next(path for path in second.rglob("*") if path.is_file())
    model.write_text(f"{model.read_text()}* another\n")
    assert "are of different versions; set PDK to one of them" in refusal(process, tmp_path)
    assert told(process, tmp_path, VARIANTS[process][1]) == second


@BOTH
def test_what_cannot_be_searched_is_said(installed, tmp_path, process):
    variable = f"ANASPIKE_{process.upper()}"
    said = refusal(process, "~nobody-of-that-name")
    assert said.startswith(f"the folder that {variable} or PDK_ROOT names cannot be searched for")
    assert "File name too long" in refusal(process, "x" * 5000)
    (tmp_path / "closed").mkdir(0o000)
    if os.geteuid() != 0 and sys.platform == "linux":
        assert "Permission denied" in refusal(process, tmp_path / "closed/in")


@BOTH
def test_our_own_variable_goes_first_and_must_hold(installed, tmp_path, process):
    variable = f"ANASPIKE_{process.upper()}"
    models = put(process, tmp_path / "mine", within="")
    assert told(process, tmp_path / "slip", **{variable: str(models)}) == models
    said = refusal(process, tmp_path / "slip", **{variable: str(tmp_path / "other")})
    assert said.startswith(f"{variable} is {tmp_path / 'other'}, which holds no ")


def test_two_versions_of_sg13g2(tmp_path, stub):
    for version in ("aaaa", "bbbb"):
        models = (
            tmp_path / f"ciel/ihp-sg13g2/versions/{version}/ihp-sg13g2/libs.tech/ngspice/models"
        )
        models.mkdir(parents=True)
        for name in CARDS:
            (models / name).write_text("")
    assert "holds 2 versions of ihp-sg13g2 and none enabled" in refusal("sg13g2", tmp_path)
