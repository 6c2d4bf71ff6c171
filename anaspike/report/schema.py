"""What a page reads of `answer.json` and `manifest.json`: types, and how much of each.

Keys that nobody here knows are left alone: a later version may write them. Lists are bounded
before their entries are looked at, for each wrong entry would take room of its own.
"""

import json
from typing import Annotated, Any, Literal

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    ValidationError,
    model_validator,
)

from anaspike.files import is_plain_name
from anaspike.report.conditioned import in_words
from anaspike.units import printable

_LONGEST_MESSAGE, _LONGEST_JSON = 10_000, 100_000  # characters that are kept


def shortened(text: str, most: int) -> str:
    """Return a text, its end left out where it is longer than `most` characters."""
    return text if len(text) <= most else text[: most - 1] + "…"


def _at_most(count: int) -> BeforeValidator:
    def check(value: Any) -> Any:
        if isinstance(value, list | dict) and len(value) > count:
            raise ValueError(f"{len(value)} entries are too many; there may be {count}")
        return value

    return BeforeValidator(check)


def _in_one_line(text: str) -> str:
    if "\n" in text:
        raise ValueError("it should be one line")
    return text


def _plain(name: str) -> str:
    if not is_plain_name(name):
        raise ValueError(f"'{printable(name)}' is no plain name of a file in the folder")
    return name


def _message(text: str) -> str:
    return shortened(text, _LONGEST_MESSAGE)


def _shown_json(value: Any) -> str:
    try:
        return shortened(json.dumps(value, sort_keys=True), _LONGEST_JSON)
    except RecursionError:
        raise ValueError("it nests too deep") from None


_Text = Annotated[str, Field(max_length=1_000)]
_Word = Annotated[_Text, AfterValidator(_in_one_line)]
_Message = Annotated[str, AfterValidator(_message)]
_Names = Annotated[list[Annotated[str, AfterValidator(_plain)]], _at_most(100)]


class _Table(BaseModel):
    model_config = ConfigDict(strict=True, frozen=True, allow_inf_nan=False)


class Range(_Table):
    """From where to where a quantity lies under several conditions; None where none has it."""

    least: float | None
    most: float | None
    conditions: int
    missing: int


class Judged(_Table):
    """One verdict; one of an older answer says nothing about several conditions."""

    quantity: _Text
    measured: float | None
    min: float | None
    max: float | None
    met: bool
    margin: float | None
    within: int = 1
    of: int = 1
    counted: _Text = ""
    worst: _Text = ""
    why: _Text = ""


class NotJudged(_Table):
    """A quantity without a verdict, and why."""

    quantity: _Text
    why: _Text


class Content(_Table):
    """What a page says of `answer.json`."""

    name: _Text
    title: _Text
    ok: bool
    quantities: Annotated[dict[_Text, float | Range | None], _at_most(10_000)]
    verdicts: Annotated[list[Judged], _at_most(10_000)]
    not_judged: Annotated[list[NotJudged] | None, _at_most(10_000)] = None
    notes: Annotated[list[_Message], _at_most(1_000)]
    tables: _Names
    figures: _Names


class Point(_Table):
    """What became of one simulation."""

    status: _Text
    message: _Message


class Parameters(_Table):
    """What was asked for.

    Attributes:
        text: all of it as JSON.
        pdks: the processes, where one study asks several.
    """

    text: str
    pdks: tuple[str, ...]

    @model_validator(mode="before")
    @classmethod
    def _of_any(cls, value: Any) -> Any:
        if not isinstance(value, dict):
            raise ValueError("it should be a table")
        pdks = value.get("pdks")  # a study of the user's own may call anything so
        named = pdks[:100] if isinstance(pdks, list) else []
        kept = tuple(shortened(name, 100) for name in named if isinstance(name, str))
        return {"text": _shown_json(value), "pdks": kept}


class _Process(_Table):
    name: _Word
    approximation: _Word = ""
    models_sha256: Annotated[list[_Word], _at_most(10_000)]


class _Simulator(_Table):
    version: _Word


class Manifest(_Table):
    """What a page says of `manifest.json`.

    Attributes:
        conditions: corner, temperature and chips, in words.
    """

    created: _Word
    anaspike: _Word
    simulator: Literal["ngspice", "vacask", "none"] = "ngspice"
    ngspice: _Simulator = _Simulator(version="")
    vacask: _Simulator = _Simulator(version="")
    pdk: _Process
    parameters: Parameters
    conditions: str = ""
    options: Annotated[Any, AfterValidator(_shown_json)]
    points: Annotated[list[Point], _at_most(200_000)]

    @model_validator(mode="before")
    @classmethod
    def _in_words(cls, value: Any) -> Any:
        if not isinstance(value, dict):
            return value
        parameters, several = value.get("parameters"), value.get("conditions")
        asked = parameters if isinstance(parameters, dict) else {}
        return {**value, "conditions": in_words(asked, several)}

    @property
    def made_with(self) -> str:
        """The simulator and its version."""
        if self.simulator == "none":
            return "no simulator"
        versions = {"ngspice": self.ngspice.version, "vacask": self.vacask.version}
        return f"{self.simulator} {versions[self.simulator]}"


def one_line(error: ValidationError) -> str:
    """Return the first thing that is wrong, and where."""
    first = error.errors(include_url=False, include_input=False)[0]
    where = printable(".".join(map(str, first["loc"])))
    said = first["msg"].removeprefix("Value error, ")
    if first["type"] == "model_type":
        said = "it should be a table"
    return f"'{where}': {said}" if where else said
