"""Pictures as files: drawn once, then found in the cache by what they are drawn from."""

import io
import logging
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING
from xml.sax.saxutils import escape

from anaspike.campaign.answer import Drawing
from anaspike.campaign.keys import Keys, Unkeyed, code_files, code_state
from anaspike.campaign.reads import unseen, watched
from anaspike.campaign.store import PICTURES, Cache, Damaged
from anaspike.errors import InputError
from anaspike.files import read_text
from anaspike.report.curves import SUFFIX, as_json, curves_of, spoken
from anaspike.report.style import also_titled

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_DOTS_PER_INCH = 130


def picture(
    name: str, drawing: Drawing, cache: Cache | None = None, remark: str = ""
) -> dict[str, bytes]:
    """Return a picture as files: "svg", "png" and, of lines alone, "curves.json" -> its bytes.

    Args:
        name: of the picture; it makes the names inside an SVG its own.
        drawing: what draws it.
        cache: where it may lie, and goes; None for none. A picture whose
            drawing has no key, or reads files, is drawn each time.
        remark: a second line of its title, if any.
    """

    def titled() -> "Figure":
        return also_titled(drawing(), remark)

    if cache is None:
        return drawn(name, titled)
    try:
        key = Keys().of_call(drawing, name, remark, code_state(drawn), version("matplotlib"))
        made_from = code_files(drawing.func)  # type: ignore[attr-defined]  # it has a key
    except Unkeyed:
        return drawn(name, titled)
    if unseen(made_from, (), ()):
        return drawn(name, titled)
    with suppress(Damaged):  # it is drawn again, over the damaged one
        if (found := cache.picture(key)) is not None:
            cache.used(key, PICTURES)
            return found
    with watched():
        files = drawn(name, titled)
    if not unseen(made_from, (), ()):
        with suppress(InputError):  # a full disk: the picture is as good
            cache.put_picture(key, files)
    return files


def drawn(
    name: str, drawing: Drawing, suffixes: Sequence[str] = ("svg", "png")
) -> dict[str, bytes]:
    """Return a picture as files, the same bytes each time: no date, no chance, no one's own style.

    Args:
        name: of the picture.
        drawing: what draws it.
        suffixes: its formats.
    """
    with _no_settings_of_the_folder():
        from matplotlib import rc_context, rcdefaults, rcParams  # noqa: PLC0415

    files = {}
    with rc_context():
        rcdefaults()
        rcParams["svg.hashsalt"] = name
        rcParams["svg.fonttype"] = "none"  # text stays text: it can be found, read aloud, copied
        figure = drawing()
        for suffix in suffixes:
            buffer, metadata = io.BytesIO(), {"Date": None} if suffix == "svg" else {}
            figure.savefig(buffer, format=suffix, dpi=_DOTS_PER_INCH, metadata=metadata)
            files[suffix] = buffer.getvalue()
        if "svg" in files:
            files["svg"] = _told(files["svg"], figure.get_suptitle() or name, spoken(figure))
        if (curves := curves_of(figure)) is not None:
            files[SUFFIX] = as_json(curves)
    return files


def _told(svg: bytes, title: str, description: str) -> bytes:
    """Return an SVG that says what it shows."""
    end = svg.index(b">", svg.index(b"<svg")) + 1
    said = f"<title>{escape(title)}</title><desc>{escape(description)}</desc>"
    return svg[: end - 1] + b' role="img">' + said.encode() + svg[end:]


@contextmanager
def _no_settings_of_the_folder() -> Iterator[None]:
    """Let matplotlib load: it reads a `matplotlibrc` of the current folder, whoever put it there.

    What that says is of no use, for pictures have a style of their own; what is wrong with it
    matplotlib would print as it is.

    Raises:
        InputError: it is no text that can be read, or MPLBACKEND names no backend.
    """
    settings, logger = Path("matplotlibrc"), logging.getLogger("matplotlib")
    if "matplotlib" not in sys.modules and settings.exists() and not settings.is_dir():
        read_text(settings)
    before = logger.level
    logger.setLevel(logging.CRITICAL)
    try:
        yield
    except ValueError as error:  # MPLBACKEND names none that there is
        raise InputError(f"matplotlib does not load: {error}; correct MPLBACKEND") from None
    finally:
        logger.setLevel(before)
