"""Pictures in a page: as images, in which a browser runs nothing and loads nothing."""

import base64
import re
from bisect import bisect_left
from dataclasses import dataclass
from urllib.parse import unquote
from xml.parsers.expat import ExpatError, ParserCreate

from anaspike.errors import InputError
from anaspike.report.foreign import Allowance, ForeignFolder
from anaspike.report.schema import shortened
from anaspike.units import printable

_MOST_B, _MOST_UNFOLDED_B = 10_000_000, 50_000_000
_SVG = "http://www.w3.org/2000/svg"
_POINTS = re.compile(r"(\d{1,5}(?:\.\d{1,9})?)pt")
_REFERENCE = re.compile(r"url\(\s*['\"]?\s*#([^'\")]*)", re.IGNORECASE)
# With these a part may be shown from elsewhere than where it is named; matplotlib writes none.
_HIDES = re.compile(r"\\|var\(", re.IGNORECASE)
_STYLE_HIDES = re.compile(rf"{_HIDES.pattern}|url\(|@", re.IGNORECASE)
_NOT_STILL = frozenset({"set", "animate", "animateMotion", "animateTransform", "discard", "link"})
_OWN_ALONE = frozenset({"clip-path", "mask", "filter"})  # what stands inside does not inherit them
_LINE_ENDS = re.compile(r"[\t\n\r]")
_BLANK = "".join(map(chr, range(33)))
_PX_PER_PT = 96 / 72
_OF_ROOT, _LONGEST_SAID = 2, 1_000  # elements that are open in a child of the root; characters


@dataclass(frozen=True)
class Embedded:
    """A picture as a page holds it.

    Attributes:
        source: the whole picture as a `data:` address.
        width_px: the most it is blown up to; None where it says no width.
        said: what it says of itself, for who cannot see it; "" where it says nothing.
    """

    source: str
    width_px: int | None
    said: str = ""


def embedded(folder: ForeignFolder, name: str, parts: Allowance) -> Embedded:
    """Return a picture of a folder for a page.

    Args:
        folder: in which it lies.
        name: of the file, an SVG.
        parts: how many elements and attributes all pictures of the page may have.

    Raises:
        InputError: it cannot be read, is no SVG, or finds no parts left.
    """
    content = folder.read(name, _MOST_B)
    parts.take(content.count(b"<") + content.count(b"="))
    if parts.overdrawn:
        raise InputError(f"with {name} the page's pictures have too many parts")
    try:
        outline = _Outline(content)
    except (ExpatError, ValueError, LookupError) as error:
        raise InputError(f"{name} is no SVG that a page shows: {error}") from None
    width_pt = _POINTS.fullmatch(outline.root.get("width", ""))
    text = base64.b64encode(content).decode("ascii")
    return Embedded(
        f"data:image/svg+xml;base64,{text}",
        round(1.5 * _PX_PER_PT * float(width_pt[1])) if width_pt else None,
        outline.said,
    )


class _Outline:
    """What an SVG says of itself, and that a browser is soon done with it.

    A few lines can ask for a drawing without end: entities made of entities, or parts
    shown ten times that show parts ten times. matplotlib writes neither. Here too they
    could take long: a DTD gives each element as many attributes as it likes.

    Args:
        content: of the file.

    Attributes:
        root: attributes of the outermost element.
        said: its title and description.

    Raises:
        ExpatError: it is no XML.
        ValueError: it is no SVG, or unfolds.
    """

    def __init__(self, content: bytes) -> None:
        self.root: dict[str, str] = {}
        self._said: dict[str, str] = {}
        # Of each open element: its id, its place, whether what stands in it shows what it shows.
        self._open: list[tuple[str | None, int, bool]] = []
        self._style: list[str] = []
        self._extents: dict[str, tuple[int, int]] = {}
        self._twice: set[str] = set()
        self._shown: list[tuple[int, str]] = []  # where another part is shown, and its id
        self._parser = ParserCreate()
        self._parser.StartElementHandler, self._parser.EndElementHandler = self._start, self._end
        self._parser.StartDoctypeDeclHandler = self._doctype
        self._parser.ProcessingInstructionHandler = self._instruction
        self._parser.CharacterDataHandler = self._style.append
        self._parser.Parse(content, True)
        self._check_unfolded()

    @property
    def said(self) -> str:
        words = (self._said.get(name, "") for name in ("title", "desc"))
        return ". ".join(filter(None, words))

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        place = self._parser.CurrentByteIndex
        if not self._open and (name, attributes.get("xmlns")) != ("svg", _SVG):
            raise ValueError("its outermost element is another one")
        local = name.rpartition(":")[2]
        if local in _NOT_STILL or any(map(_HIDES.search, attributes.values())):
            raise ValueError("it moves, or holds escapes or variables of CSS")
        if self._open and self._open[-1][2]:
            raise ValueError("what it shows is handed on to others inside")
        if local == "style":
            self._style.clear()
        self.root = self.root or attributes
        shown = [(key, target) for key in attributes for target in _targets(key, attributes[key])]
        handed_on = any(key not in _OWN_ALONE and not _is_link(key) for key, _ in shown)
        self._open.append((attributes.get("id"), place, handed_on))
        self._shown.extend((place, target) for _, target in shown)

    def _end(self, element: str) -> None:
        if element.rpartition(":")[2] == "style" and _STYLE_HIDES.search("".join(self._style)):
            raise ValueError("its style names parts, or holds escapes or variables of CSS")
        if element in {"title", "desc"} and len(self._open) == _OF_ROOT:
            words = " ".join("".join(self._style).split())
            self._said.setdefault(element, shortened(words, _LONGEST_SAID))
        self._style.clear()
        name, place, _ = self._open.pop()
        if name in self._extents:
            self._twice.add(name)
        elif name is not None:
            self._extents[name] = place, self._parser.CurrentByteIndex

    def _doctype(self, _name: str, _system: str | None, _public: str | None, own: int) -> None:
        if own:
            raise ValueError("it brings its own DTD")

    def _instruction(self, target: str, _: str) -> None:
        raise ValueError(f"it holds the instruction {printable(target)}")

    def _check_unfolded(self) -> None:
        places = [place for place, _ in self._shown]
        size = 0
        for _, target in self._shown:
            if target in self._twice:
                raise ValueError(f"two of its parts are called {printable(target)}")
            start, end = self._extents.get(target, (0, 0))
            if bisect_left(places, start) != bisect_left(places, end):
                raise ValueError("what it shows several times shows others in turn")
            size += end - start
        if size > _MOST_UNFOLDED_B:
            raise ValueError(f"it unfolds to more than {_MOST_UNFOLDED_B / 1e6:g} MB")


def _is_link(key: str) -> bool:
    return key.rpartition(":")[2] == "href"


def _targets(key: str, value: str) -> list[str]:
    """Return the ids of the picture's other parts that an attribute refers to."""
    plain = _LINE_ENDS.sub("", value).strip(_BLANK)  # as a browser reads an address
    if _is_link(key):
        return [unquote(plain[1:])] if plain.startswith("#") else []
    return list(map(unquote, _REFERENCE.findall(plain)))
