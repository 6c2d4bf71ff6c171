"""Curves in a page: drawn anew by plotly, which the page brings along, to zoom and read values.

What a folder's curves say is data for that drawing, never markup: names are escaped, numbers are
numbers, and everything is bounded.
"""

import html
import json
import re
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from anaspike.errors import InputError
from anaspike.extras import has, need
from anaspike.report.curves import SUFFIX
from anaspike.report.foreign import ForeignFolder
from anaspike.report.schema import one_line
from anaspike.units import harmless

_STYLE_ID = re.compile(r'getElementById\("([0-9a-f]{64})"\)')
_LIBRARY, _EXTRA = "plotly", "interactive"
_MOST_B, _MOST_POINTS = 10_000_000, 200_000  # of one picture
_Text = Annotated[str, Field(max_length=1_000)]
_Numbers = Annotated[list[float | None], Field(max_length=_MOST_POINTS)]
_Pair = Annotated[list[float], Field(min_length=2, max_length=2)]


class _Table(BaseModel):
    model_config = ConfigDict(strict=True, frozen=True, allow_inf_nan=False, extra="forbid")


class _Axis(_Table):
    label: _Text
    log: bool
    limits: _Pair
    ticks: Annotated[
        list[Annotated[list[float | _Text], Field(min_length=2, max_length=2)]],
        Field(max_length=100),
    ]


class _Curve(_Table):
    name: _Text
    x: _Numbers
    y: _Numbers
    colour: Annotated[str, Field(pattern=r"^#[0-9a-f]{6}$")]
    dash: Literal["solid", "dash", "dot", "dashdot"]
    line: bool
    marker: bool
    aside: bool


class _Panel(_Table):
    place: Annotated[list[Annotated[float, Field(ge=0, le=1)]], Field(min_length=4, max_length=4)]
    title: _Text
    x: _Axis
    y: _Axis
    x_of: Annotated[int, Field(ge=0, lt=50)]
    curves: Annotated[list[_Curve], Field(max_length=200)]


class _Curves(_Table):
    schema_: Annotated[int, Field(alias="schema")]
    size: Annotated[list[Annotated[float, Field(gt=0, le=100)]], Field(min_length=2, max_length=2)]
    panels: Annotated[list[_Panel], Field(max_length=50)]


def available() -> bool:
    """Tell whether the library that draws is installed."""
    return has(_LIBRARY)


def library() -> str:
    """Return the script that draws, whole, for a page that opens offline.

    Raises:
        InputError: it is not installed.
    """
    package = Path(need(_LIBRARY, _EXTRA).__file__).parent
    text = (package / "package_data" / "plotly.min.js").read_text(encoding="utf-8")
    return text.replace("\r", "")  # a browser takes the digest of what it reads: without them


def unwanted_styles(script: str) -> list[str]:
    """Return the ids of style elements that the library would add for maps, which no page has.

    It adds none whose id is taken; the page's policy would refuse it, and say so.
    """
    return sorted(set(_STYLE_ID.findall(script)))


def curves_in(folder: ForeignFolder, name: str) -> str | None:
    """Return the curves of a folder's picture as JSON for a page; None where it has none.

    Raises:
        InputError: they cannot be read, or are no curves.
    """
    file = f"{name}.{SUFFIX}"
    if not folder.file(file).exists():
        return None
    content = folder.json(file, _MOST_B)
    try:
        curves = _Curves.model_validate(content)
    except ValidationError as error:
        raise InputError(f"{file}: {one_line(error)}") from None
    if sum(len(c.x) + len(c.y) for panel in curves.panels for c in panel.curves) > _MOST_POINTS:
        raise InputError(f"{file} has more than {_MOST_POINTS} numbers")
    text = json.dumps(_escaped(curves.model_dump(by_alias=True)), separators=(",", ":"))
    # Nothing in it ends the element that it stands in, or opens another.
    return text.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")


def _escaped(value: Any) -> Any:
    """Return a value in which no text is markup: the library reads some tags in what it draws."""
    if isinstance(value, str):
        return html.escape(harmless(value))
    if isinstance(value, dict):
        return {key: _escaped(each) for key, each in value.items()}
    if isinstance(value, list):
        return [_escaped(each) for each in value]
    return value
