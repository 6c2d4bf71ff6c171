"""Flow files of a search: what is to be small, what is kept, and which sizes may change.

pdk = "generic28"
minimise = ["energy_fired_J"]
evaluations = 120

[studies.comparator]             # what every candidate is asked
parameters = { samples = 20 }

[specs.offset_sigma_V]
max = "5mV"

[sizes]
"comparator.input_pair.w_m" = "1um:6um:log"
"spike_generator.first_n.role" = ["nmos_svt", "nmos_hvt"]

[tied]                           # sizes that follow
"comparator.dummy.w_m" = "0.42 * comparator.input_pair.w_m"

[confirm]                        # what survivors are asked too
corners = ["ff", "ss"]
"""

import re
from collections.abc import Mapping
from dataclasses import replace
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from anaspike.campaign.optimise import EXTRA, METHODS
from anaspike.circuits.designs import Design, design_for
from anaspike.errors import InputError
from anaspike.extras import need
from anaspike.files import is_plain_name, read_toml
from anaspike.studies.base import Study, Whole
from anaspike.studies.blocks.netlist import NetlistStudy, spelled
from anaspike.studies.catalog import study_class
from anaspike.studies.conditions import Conditions, SpaceTable
from anaspike.studies.flow import SpecTable, declared, design_beside, slip, specs_of
from anaspike.studies.optimisation import Optimisation
from anaspike.studies.sizing import Sizing, read_entries, read_sizing
from anaspike.units import printable, suggestion

_MOST = 10_000
_NAME = re.compile(r"[A-Za-z0-9_-]{1,60}")
_ENTRY = re.compile(r"[\w.]+", re.ASCII)
EVALUATIONS = 200


class AskTable(BaseModel):
    """`[studies.<name>]`: the study of that name, or `study`, or a netlist's `flow`; parameters."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    study: str | None = None
    flow: str | None = None
    parameters: dict[str, Any] = Field(default_factory=dict)


class SearchTable(BaseModel):
    """The whole of a search's flow file."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    title: str = ""
    pdk: str = "generic28"
    design: str | None = None
    minimise: tuple[str, ...]
    studies: dict[str, AskTable]
    sizes: dict[str, Any]
    tied: dict[str, str] = Field(default_factory=dict)
    specs: dict[str, SpecTable] = Field(default_factory=dict)
    confirm: Conditions = Conditions()
    evaluations: Whole = EVALUATIONS
    method: str | None = None
    seed: Whole = 0


_TABLES: Mapping[str, type[BaseModel]] = {
    "specs": SpecTable,
    "confirm": Conditions,
    "studies": AskTable,
}


def read_search(
    path: Path, evaluations: int | None = None, method: str | None = None
) -> Optimisation:
    """Read a flow file of a search; nothing of it is run.

    Args:
        path: of the file.
        evaluations, method: instead of the file's own.

    Raises:
        InputError: it cannot be read, or something in it makes no sense; the message names
            file, key and mend.
    """
    content = read_toml(path)
    try:
        table = SearchTable.model_validate(content)
        return _optimisation(table, path, evaluations, method)
    except ValidationError as error:
        raise InputError(f"{path}: {slip(error, SearchTable, _TABLES)}") from None
    except InputError as error:
        raise InputError(f"{path}: {error}") from None


def _optimisation(
    table: SearchTable, path: Path, evaluations: int | None, method: str | None
) -> Optimisation:
    sized = design_beside(table.design, path.parent)
    folder = path.parent
    studies = {
        name: _study(name, one, table.pdk, sized, folder) for name, one in table.studies.items()
    }
    if not studies:
        raise InputError("studies names nothing to ask; write for example [studies.energy]")
    _check_minimise(table.minimise)
    budget = table.evaluations if evaluations is None else evaluations
    if not 1 <= budget <= _MOST or table.seed < 0:
        raise InputError(f"{budget} evaluations, seed {table.seed}: use 1 to {_MOST}, from seed 0")
    return Optimisation(
        name=f"optimise-{path.stem}",
        title=table.title or f"Sizes with the least {', '.join(table.minimise)}",
        studies=studies,
        minimise=table.minimise,
        specs=specs_of(table.specs),
        sizing=_sizing(table, studies, sized),
        confirm=table.confirm,
        evaluations=budget,
        method=_method(table.method if method is None else method),
        seed=table.seed,
    )


def _sizing(table: SearchTable, studies: Mapping[str, Study], sized: Design | None) -> Sizing:
    """Return what is searched: sizes of the design, or what the netlists of all studies have."""
    netlists = [study for study in studies.values() if isinstance(study, NetlistStudy)]
    if not netlists:
        return read_sizing(sized or design_for(table.pdk), table.sizes, table.tied)
    if len(netlists) < len(studies) or sized is not None:
        raise InputError(
            "a search asks netlists, or anaspike's own neuron and its design; leave one out"
        )
    first, *others = (study.entries() for study in netlists)
    known = {name: value for name, value in first.items() if all(name in o for o in others)}
    sizes = {spelled(name): text for name, text in table.sizes.items()}
    tied = {
        spelled(name): _ENTRY.sub(lambda found: spelled(found[0]), text)
        for name, text in table.tied.items()
    }
    return read_entries(known, sizes, tied)


def _netlist(name: str, one: AskTable, pdk: str, folder: Path) -> Study:
    """Return the question of a netlist's flow, without the conditions and limits that it has."""
    flow = one.flow or ""
    if one.study is not None or not is_plain_name(flow):
        raise InputError(f"studies.{printable(name)}: name a flow beside the search, and no study")
    asked = declared(folder / flow).asked(Conditions(), None, one.parameters)
    bare = {"conditions": Conditions(), "space": SpaceTable(), "specs": None}
    alone = replace(asked, table=asked.table.model_copy(update=bare))
    if alone.table.study != NetlistStudy.name:
        raise InputError(f"studies.{printable(name)}.flow: only flows of a netlist can be asked so")
    (study,) = alone.flow((pdk,)).studies
    assert isinstance(study, Study)  # noqa: S101  # under one condition
    return study


def _study(name: str, one: AskTable, pdk: str, sized: Design | None, folder: Path) -> Study:
    for given in ("pdk", "sizes", "sized"):
        if given in one.parameters:
            raise InputError(
                f"studies.{printable(name)}.parameters.{given}: a search has one process and one"
                " design, as `pdk` and `design` at the top say; leave it out"
            )
    if not _NAME.fullmatch(name):
        raise InputError(f"studies.{printable(name)}: use letters, digits, _ and -, at most 60")
    if one.flow is not None:
        return _netlist(name, one, pdk, folder)
    kind = study_class(one.study or name)
    return kind(**{**one.parameters, "pdk": pdk, "sized": sized})


def _check_minimise(names: tuple[str, ...]) -> None:
    if not names:
        raise InputError('minimise is empty; name a quantity, minimise = ["energy_per_spike_J"]')
    for name in names:
        if names.count(name) > 1:
            raise InputError(f"minimise names {printable(name)} twice; name it once")


def _method(asked: str | None) -> str:
    """Return how the search goes: as asked, else by optuna where it is installed."""
    if asked is None:
        return "tpe" if find_spec("optuna") is not None else "evolution"
    if asked not in METHODS:
        raise InputError(f"there is no method '{printable(asked)}'; {suggestion(asked, METHODS)}")
    if asked == "tpe":
        need("optuna", EXTRA)
    return asked
