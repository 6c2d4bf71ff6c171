"""A picture that shows itself: as a still image, or to zoom into where ipympl is on."""

import re
import sys
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from anaspike.errors import InputError

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_PNG = b"\x89PNG\r\n\x1a\n"
# As `%matplotlib widget` and `%matplotlib ipympl` are called by matplotlib, from 3.9 on and before.
_IPYMPL = re.compile(r"widget|ipympl")


class Picture:
    """A picture of a result; the last line of a cell shows it.

    Args:
        name: of the picture.
        image: called once for its PNG.
        figure: called for matplotlib's figure.
    """

    def __init__(
        self, name: str, image: Callable[[], bytes], figure: "Callable[[], Figure]"
    ) -> None:
        self.name = name
        self._image, self._figure = image, figure
        self._png = b""

    def __repr__(self) -> str:
        return f"<picture {self.name}: .figure is matplotlib's, .png its image>"

    @property
    def figure(self) -> "Figure":
        """A new figure of matplotlib's, to change and save as one likes.

        Raises:
            InputError: of a run that was read back, whose picture is an image.
        """
        return self._figure()

    @property
    def png(self) -> bytes:
        """The image.

        Raises:
            InputError: of a run that was read back, where it is missing or damaged.
        """
        self._png = self._png or self._image()
        return self._png

    def _repr_png_(self) -> bytes:
        return self.png

    def _repr_mimebundle_(self, include: object = None, exclude: object = None) -> Any:
        return {"text/plain": repr(self), "image/png": self.png}

    def _ipython_display_(self) -> None:
        from IPython.display import display  # noqa: PLC0415  # who calls this has it

        canvas = self._to_zoom()
        display(self._repr_mimebundle_() if canvas is None else canvas, raw=canvas is None)

    def _to_zoom(self) -> Any:
        """Return the figure on ipympl's canvas; None where that is not in use, or cannot be."""
        pyplot = sys.modules.get("matplotlib.pyplot")
        if pyplot is None or not _IPYMPL.search(str(pyplot.get_backend())):
            return None
        from ipympl.backend_nbagg import Canvas, FigureManager  # noqa: PLC0415  # it is in use

        try:
            canvas = Canvas(self.figure)
        except InputError:  # a picture of a run that was read back, which is an image
            return None
        canvas.manager = FigureManager(canvas, 0)
        canvas.manager.set_window_title(self.name)
        return canvas


def checked_png(content: bytes, name: str) -> bytes:
    """Return an image that is one.

    Raises:
        ValueError: it is none.
    """
    if not content.startswith(_PNG):
        raise ValueError(f"{name} is no PNG")
    return content
