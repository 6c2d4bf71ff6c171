"""The conditions of a saved answer in a few words, for the names of its rows."""

from collections.abc import Iterable, Mapping
from typing import Any

_MOST, _LONGEST = 5, 60  # values that are named one by one; characters of one


def in_words(parameters: Mapping[str, Any], conditions: Any = None) -> str:
    """Return what corner, temperature and chips an answer is about.

    Args:
        parameters: as its manifest has them; whoever wrote them, anything may be in them.
        conditions: as the manifest of a study over several has them: a table for each.
    """
    asked = {**parameters, **_table(parameters.get("conditions")), **_spanned(conditions)}
    corners = [value for value in _several(asked, "corner", "corners") if isinstance(value, str)]
    degrees = [
        float(value)
        for value in _several(asked, "temperature_C", "temperatures_C")
        if isinstance(value, int | float) and not isinstance(value, bool)
    ]
    said = [_listed(corners), _temperatures(degrees), _chips(asked)]
    if _table(asked.get("sized")):
        said.append("sizes of its own")
    return ", ".join(filter(None, said))


def _table(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _spanned(conditions: Any) -> dict[str, Any]:
    """Return the values that each parameter takes over several conditions."""
    rows = [row for row in conditions if isinstance(row, dict)] if _is_list(conditions) else []
    spanned = {
        f"{stem}s{unit}": list(dict.fromkeys(row[stem + unit] for row in rows))
        for stem, unit in (("corner", ""), ("temperature", "_C"))
        if rows and all(isinstance(row.get(stem + unit), str | int | float) for row in rows)
    }
    seeds = {row["seed"] for row in rows if isinstance(row.get("seed"), int)}
    return {**spanned, "mc": len(seeds)} if seeds else dict(spanned)


def _several(asked: Mapping[str, Any], one: str, several: str) -> list[Any]:
    values = asked.get(several)
    return values if _is_list(values) and values else [asked.get(one)]


def _is_list(value: Any) -> bool:
    return isinstance(value, list)


def _listed(words: Iterable[str]) -> str:
    known = [word[:_LONGEST] for word in dict.fromkeys(words)]
    return ", ".join(known) if len(known) <= _MOST else f"{len(known)} corners"


def _temperatures(degrees: list[float]) -> str:
    if not degrees:
        return ""
    least, most = min(degrees), max(degrees)
    return f"{least:g} °C" if least == most else f"{least:g} to {most:g} °C"


def _chips(asked: Mapping[str, Any]) -> str:
    count, seed = asked.get("mc"), asked.get("seed")
    if isinstance(count, int) and count > 0 and count is not True:
        return f"{count} mismatch samples"
    one = isinstance(seed, int) and "mc" not in asked
    return f"mismatch sample {seed}" if one else ""
