"""What a search leaves for later: files to check it by, and what it was, should it go on."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from anaspike.circuits.designs import toml_value
from anaspike.errors import InputError
from anaspike.files import read_json
from anaspike.folders import refuse_links
from anaspike.studies.base import FOLDER, Study
from anaspike.studies.conditions import Conditions
from anaspike.studies.tried import Aim
from anaspike.units import printable

SEARCH, BEST = "search.json", "best.toml"
_MOST_B = 1_000_000


def refuse_another(asked: Mapping[str, Any], folder: Path) -> None:
    """Refuse a folder that holds another search: its candidates would not be this one's.

    Args:
        asked: what is searched, in plain values.
        folder: where the answer goes.

    Raises:
        InputError: the folder is of another search; the line says what differs.
    """
    path = refuse_links(folder / SEARCH, folder)
    now = json.loads(search_text(asked))
    if path.exists() and (before := read_json(path, _MOST_B)) != now:
        raise InputError(
            f"{folder} is of a search with another {_difference(before, now)}; ask as then, or"
            " choose another --out"
        )


def search_text(asked: Mapping[str, Any]) -> str:
    """Return what is searched, as its file has it."""
    return json.dumps(asked, indent=2, allow_nan=False) + "\n"


def flows_of(studies: Mapping[str, Study], aim: Aim, confirm: Conditions) -> dict[str, str]:
    """Return a flow file a study, which asks the best sizes again, alone: name -> text."""
    return {
        f"check-{name}.toml": _flow(study, name, aim, confirm)
        for name, study in studies.items()
        if FOLDER not in type(study).model_fields  # its files lie beside its own flow
    }


def _flow(study: Study, name: str, aim: Aim, confirm: Conditions) -> str:
    """Return a flow that asks one study of the best sizes, under the further conditions."""
    own = study.model_fields_set - {"pdk", "sizes", "sized"}
    limits = [(named, spec) for named, spec in aim.limits if named.study == name]
    tables: dict[str, Mapping[str, Any]] = {
        "": {"study": study.name, "pdks": [study.pdk], "design": BEST},
        "parameters": study.model_dump(mode="json", include=own),
        "conditions": confirm.model_dump(mode="json", exclude_defaults=True),
        **{
            f"specs.{named.quantity}": {
                "min": spec.least, "max": spec.most, "typ": spec.typical, "why": spec.why,
                "yield": spec.share if spec.share < 1 else None,
            }
            for named, spec in limits
        },
    }  # fmt: skip
    return "\n".join(_table(head, table) for head, table in tables.items() if table)


def _table(head: str, table: Mapping[str, Any]) -> str:
    said = {key: value for key, value in table.items() if value not in (None, "")}
    lines = [f"{key} = {toml_value(value)}" for key, value in said.items()]
    return "\n".join([f"[{head}]"] * bool(head) + lines) + "\n"


def _difference(before: Any, now: Any) -> str:
    """Return the first key that differs, and both values: `sizes.membrane_F: ... then, ... now`."""
    if isinstance(before, dict) and isinstance(now, dict):
        for key in dict.fromkeys((*now, *before)):
            if before.get(key) != now.get(key):
                inner = _difference(before.get(key), now.get(key))
                return f"{printable(str(key))}{'' if inner.startswith(': ') else '.'}{inner}"
    was, is_ = (printable(json.dumps(one)) for one in (before, now))
    return f": {was} then, {is_} now"
