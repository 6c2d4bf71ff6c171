"""A finished run read back from its folder, whoever made it."""

import io
import os
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd

from anaspike.api.picture import Picture, checked_png
from anaspike.api.result import Named, Result, verdict_table
from anaspike.api.waveforms import Kept
from anaspike.campaign.traces import read_trace, traces_in
from anaspike.errors import InputError
from anaspike.files import path_of
from anaspike.report.foreign import ForeignFolder
from anaspike.report.saved import run_in, saved_answer, unreadable
from anaspike.report.tables import TABLE_FORMATS, parsed_table

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_MOST_TABLE_B, _MOST_IMAGE_B, _MOST_MANIFEST_B = 1_000_000_000, 50_000_000, 64_000_000


def load(folder: Path | str) -> Result:
    """Return a finished run: tables, pictures, verdicts, and traces where they were kept.

    The folder is read as data, whoever made it.

    Args:
        folder: of the run, as `--out` or `out=` named it: it holds `answer.json`, or
            one run that does.

    Raises:
        InputError: it is no path, no run, or is half-written, damaged or of an older version.
    """
    place = run_in(path_of(folder, "folder"))
    saved = saved_answer(place)
    inside = ForeignFolder(place)
    content = saved.content
    manifest = inside.json("manifest.json", _MOST_MANIFEST_B)
    try:
        traces = traces_in(place, manifest)
    except InputError:
        if "waveforms" in manifest:
            raise
        traces = []  # none were kept
    return Result(
        content.name,
        content.title,
        content.ok,
        Named("table", content.tables, partial(_table, inside)),
        Named("picture", content.figures, partial(_picture, inside)),
        verdict_table([verdict.model_dump() for verdict in content.verdicts]),
        {
            name: value if value is None or isinstance(value, float) else value.model_dump()
            for name, value in content.quantities.items()
        },
        Kept(traces, partial(read_trace, place)),
        manifest,
        tuple(content.notes),
    )


def _table(folder: ForeignFolder, name: str) -> pd.DataFrame:
    try:
        for format_ in TABLE_FORMATS:
            if os.path.lexists(folder.path / f"{name}.{format_}"):
                content = folder.read(f"{name}.{format_}", _MOST_TABLE_B)
                return parsed_table(io.BytesIO(content), format_)
        raise InputError(f"the table {name} is missing")
    except (ValueError, ImportError) as error:
        said = InputError(f"{name} is damaged: {error}")
        raise unreadable(folder.path, said) from None
    except InputError as error:
        raise unreadable(folder.path, error) from None


def _picture(folder: ForeignFolder, name: str) -> Picture:
    def image() -> bytes:
        try:
            return checked_png(folder.read(f"{name}.png", _MOST_IMAGE_B), f"{name}.png")
        except ValueError as error:
            raise unreadable(folder.path, InputError(str(error))) from None
        except InputError as error:
            raise unreadable(folder.path, error) from None

    def figure() -> "Figure":
        raise InputError(
            f"{name} was read back and is an image: .png; ask the question again for its figure"
        )

    return Picture(name, image, figure)
