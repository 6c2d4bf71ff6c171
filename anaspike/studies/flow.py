"""Flow files: a study, its parameters and its specs, declared in TOML.

    title = "The leak is 400 Mohm"
    study = "pseudo-resistor"
    pdks = ["generic28", "sky130"]

    [parameters]
    corners = ["tt", "ff"]

    [specs.resistance_50mV_ohm]
    min = "320Mohm"
    max = "480Mohm"
    pdk = "generic28"
    why = "the paper's 400 Mohm, +-20 %"

With `check_convergence = true` each point is run again at tighter settings, with
`second_opinion = true` on another simulator. `design = "mine.toml"` names a neuron's design: a
file beside the flow, or in a folder there, or one that comes with anaspike. `layout = "generated"`
asks of each block as it is drawn, `layout = "mine.gds"` of one block as that file has it.
Without `specs` the study's own limits hold. `study` may be one of the user's
own: `mine.py:MyStudy`, a class in a file beside the flow.
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from types import MappingProxyType
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from anaspike.campaign.specs import Spec
from anaspike.circuits.block import Layouts
from anaspike.circuits.designs import Design, design_asked
from anaspike.circuits.designs.reader import SUFFIX
from anaspike.errors import InputError, foremost, reason_of
from anaspike.files import is_plain_name, read_toml
from anaspike.pdk.catalog import pdk_names
from anaspike.studies.base import FOLDER, Study
from anaspike.studies.catalog import study_class
from anaspike.studies.conditions import Conditions, SpaceTable, under
from anaspike.studies.own import is_own, own_errors, own_file, own_study
from anaspike.studies.spread import Spread
from anaspike.units import parse_quantity, printable, quantity_reader, suggestion, unit_of


def _no_truth(value: object) -> object:
    if isinstance(value, bool):  # Python would take it for 0 or 1
        raise ValueError(f"{str(value).lower()} is not a number")
    return value


_Limit = Annotated[str | float | None, BeforeValidator(_no_truth)]


_NETLISTS = frozenset({".sp", ".spice", ".cir", ".ckt", ".net", ".cdl"})


class SpecTable(BaseModel):
    """`[specs.<quantity>]` of a flow file; numbers may carry suffix and unit."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    min: _Limit = None
    typ: _Limit = None
    max: _Limit = None
    pdk: str | None = None
    why: str = ""
    share: Annotated[float, BeforeValidator(quantity_reader(""))] = Field(1.0, alias="yield")


class FlowTable(BaseModel):
    """The whole of a flow file."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    study: str
    title: str = ""
    pdks: tuple[str, ...] = ("generic28",)
    parameters: dict[str, Any] = Field(default_factory=dict)
    conditions: Conditions = Conditions()
    space: SpaceTable = SpaceTable()
    check_convergence: bool = False
    second_opinion: bool = False
    design: str | None = None
    layout: str | None = None
    specs: dict[str, SpecTable] | None = None


@dataclass(frozen=True)
class Flow:
    """A flow file, read and checked.

    Attributes:
        name: of the file, without its suffix.
        title: one line for people.
        pdks: the processes to run on.
        studies: one for each process; over several conditions a spread.
        specs: one tuple for each process, with those of other processes; None where the
            study's own hold.
        check_convergence, second_opinion: whether each point is run again at tighter settings, and
            on another simulator.
    """

    name: str
    title: str
    pdks: tuple[str, ...]
    studies: tuple[Study | Spread, ...]
    specs: tuple[tuple[Spec, ...] | None, ...]
    check_convergence: bool = False
    second_opinion: bool = False


@dataclass(frozen=True)
class Declared:
    """A flow file as it is written: nothing of it has been run.

    Attributes:
        path: of the file.
        table: what it says.
    """

    path: Path
    table: FlowTable

    @property
    def own(self) -> Path | None:
        """The user's own Python that `flow` runs; None where the study is anaspike's."""
        return own_file(self.table.study, self.path.parent)

    def asked(
        self,
        conditions: Conditions,
        space: SpaceTable | None = None,
        parameters: Mapping[str, Any] = MappingProxyType({}),
    ) -> "Declared":
        """Return it asked under other conditions, or with other parameters; it is not run.

        Args:
            conditions: what of them is given stands in the place of the file's own.
            space: what to go through, beside what the file does; None for nothing more.
            parameters: name -> value; "sources.vdd_V" is an entry of a table.
        """
        table, given = self.table, conditions.model_dump(exclude_defaults=True)
        own = dict(table.parameters)
        for name, value in parameters.items():
            inner, dot, key = name.partition(".")
            if dot and isinstance(own.get(inner, {}), dict):
                own[inner] = {**own.get(inner, {}), key: value}
            else:
                own[name] = value
        changes: dict[str, Any] = {
            "conditions": table.conditions.model_copy(update=given),
            "parameters": own,
        }
        if space is not None:
            over = {**table.space.over, **space.over}
            changes["space"] = space.model_copy(update={"over": over})
        return replace(self, table=table.model_copy(update=changes))

    def of(self, study: str) -> "Declared":
        """Return it asked of another study, which takes what this one does; with its own limits."""
        return replace(self, table=self.table.model_copy(update={"study": study, "specs": None}))

    def flow(self, pdks: tuple[str, ...] = ()) -> Flow:
        """Return the flow, checked. A study of the user's own is run to know it.

        Args:
            pdks: processes to run on instead of the file's own.

        Raises:
            InputError: something in it makes no sense; the message names file, key
                and mend.
        """
        table, own = self.table, is_own(self.table.study)
        try:
            kind = own_study(table.study, self.path.parent) if own else study_class(table.study)
            chosen = pdks or table.pdks
            _check_processes(table, chosen)
            sized = design_beside(table.design, self.path.parent)
            drawn = layout_beside(table.layout, self.path.parent)
            with own_errors(self.own):
                return Flow(
                    name=self.path.stem,
                    title=table.title or kind.title,
                    pdks=chosen,
                    studies=tuple(
                        _study(table, kind, pdk, sized, drawn, self.path.parent) for pdk in chosen
                    ),
                    specs=(None if table.specs is None else specs_of(table.specs),) * len(chosen),
                    check_convergence=table.check_convergence,
                    second_opinion=table.second_opinion,
                )
        except InputError as error:
            raise InputError(f"{self.path}: {error}") from None


def names_file(text: str) -> bool:
    """Return whether a text names a flow file, or a netlist, which `declared` refuses."""
    return Path(text).suffix.lower() in {".toml", *_NETLISTS}


def declared(path: Path) -> Declared:
    """Read a flow file, and run nothing.

    Raises:
        InputError: it cannot be read, or is no flow.
    """
    if path.suffix.lower() in _NETLISTS:
        raise InputError(
            f'{path} is a netlist, and no flow; write one beside it with study = "netlist" and'
            f' file = "{printable(path.name)}" (docs/bring-a-netlist.md)'
        )
    content = read_toml(path)
    try:
        return Declared(path, FlowTable.model_validate(content))
    except ValidationError as error:
        raise InputError(f"{path}: {slip(error, FlowTable, _TABLES)}") from None
    except InputError as error:
        raise InputError(f"{path}: {error}") from None


def of_own_study(named: str, pdk: str) -> Declared:
    """Return what a user's own study is asked without a flow: `folder/mine.py:Mine`.

    Nothing of it is run.

    Raises:
        InputError: there is no such file.
    """
    folder, _, study = named.rpartition("/")
    path = Path(folder, study.partition(":")[0])
    if own_file(study, path.parent) is None and path.suffix == ".py" and not path.is_file():
        raise InputError(f"there is no {path}; name a file and a class in it: mine.py:MyStudy")
    return Declared(path, FlowTable(study=study, pdks=(pdk,)))


def read_flow(path: Path, pdks: tuple[str, ...] = ()) -> Flow:
    """Read a flow file; a study of the user's own is run.

    Args:
        path: of the file.
        pdks: processes to run on instead of the file's own.

    Raises:
        InputError: it cannot be read, or something in it makes no sense; the
            message names file, key and mend.
    """
    return declared(path).flow(pdks)


def _check_processes(table: FlowTable, chosen: tuple[str, ...]) -> None:
    """Refuse processes that there are not, twice the same, and none at all."""
    if not chosen:
        raise InputError('pdks is empty; name a process, for example pdks = ["generic28"]')
    for name, times in Counter(chosen).items():
        if times > 1:
            raise InputError(f"pdks names {printable(name)} twice; name it once")
    if len(chosen) > len(pdk_names()):
        strange = next(name for name in chosen if name not in pdk_names())
        raise InputError(
            f"'{printable(strange)}' is no process; {suggestion(strange, pdk_names())}"
        )
    if "pdk" in table.parameters:
        raise InputError("parameters.pdk: the processes of a flow stand in pdks; move it there")
    if "layout" in table.parameters:
        raise InputError("parameters.layout: a flow's layout stands at its top; move it there")
    for quantity, spec in (table.specs or {}).items():
        if spec.pdk is not None and spec.pdk not in pdk_names():
            where = f"specs.{printable(quantity)}.pdk"
            hint = suggestion(spec.pdk, pdk_names())
            raise InputError(f"{where}: '{printable(spec.pdk)}' is no process; {hint}")


def design_beside(named: str | None, folder: Path) -> Design | None:
    """Return the design that a flow names: one that comes with anaspike, or a file beside the flow.

    Raises:
        InputError: it names a file elsewhere, or the design makes no sense.
    """
    if named is None:
        return None
    if named.endswith(SUFFIX):
        _check_beside("design", named)
    return design_asked(named, folder)


def layout_beside(named: str | None, folder: Path) -> Layouts | None:
    """Return the layouts that a flow names: "generated", or a file beside the flow.

    Raises:
        InputError: it names a file elsewhere, or one that is no layout.
    """
    if named is None:
        return None
    from anaspike.layout.given import layout_asked  # noqa: PLC0415  # few ask for layouts

    _check_beside("layout", named)
    return layout_asked(named, folder)


def _check_beside(key: str, named: str) -> None:
    if not all(map(is_plain_name, named.split("/"))):
        raise InputError(
            f"{key}: '{printable(named)}' is no file beside the flow, nor in a folder there"
        )


def _study(
    table: FlowTable,
    kind: type[Study],
    pdk: str,
    sized: Design | None,
    drawn: Layouts | None,
    folder: Path,
) -> Study | Spread:
    beside = {FOLDER: folder} if FOLDER in kind.model_fields else {}
    if set(table.parameters) & set(beside):
        raise InputError(f"parameters.{FOLDER}: files lie beside the flow; leave it out")
    parameters = {**table.parameters, **beside, "pdk": pdk}
    if sized is not None:
        parameters["sized"] = sized
    if drawn is not None:
        parameters["layout"] = drawn
    if "conditions" in kind.model_fields:  # it goes through them itself
        if table.space.over:
            varied = printable(next(iter(table.space.over)))
            raise InputError(
                f"{kind.name} asks chip by chip itself and varies nothing else: {varied}"
            )
        return kind(**{"conditions": table.conditions, **parameters})
    study = kind(**parameters)
    return under(study, table.conditions, table.space)


def specs_of(tables: Mapping[str, SpecTable]) -> tuple[Spec, ...]:
    """Return the limits that `[specs.<quantity>]` tables say.

    Raises:
        InputError: one makes no sense.
    """
    return tuple(
        Spec(
            name,
            least=_limit(name, spec.min),
            most=_limit(name, spec.max),
            typical=_limit(name, spec.typ),
            why=spec.why,
            share=spec.share,
            pdk=spec.pdk,
        )
        for name, spec in tables.items()
    )


def _limit(quantity: str, value: str | float | None) -> float | None:
    if value is None:
        return None
    return parse_quantity(value, unit_of(quantity), f"specs.{quantity}")


_TABLES: Mapping[str, type[BaseModel]] = {
    "specs": SpecTable, "conditions": Conditions, "space": SpaceTable,
}  # fmt: skip


def slip(
    error: ValidationError, whole: type[BaseModel], tables: Mapping[str, type[BaseModel]]
) -> str:
    """Return the first thing that is wrong with a file, and what may have been meant.

    Args:
        error: what was raised.
        whole: of the file.
        tables: of tables in it, by the first part of their names.
    """
    first = foremost(error.errors())
    *parents, key = (str(part) for part in first["loc"])
    where = ".".join((*parents, key))
    if first["type"] == "extra_forbidden":
        fields = (tables[parents[0]] if parents else whole).model_fields
        known = [field.alias or name for name, field in fields.items()]
        return f"unknown key '{printable(where)}'; {suggestion(key, known)}"
    if first["type"] == "missing":
        hint = "; a flow names its study" if where == "study" else ""
        return f"key '{printable(where)}' is missing{hint}"
    return f"{printable(where)}: {reason_of(first['type'], first['msg'])}"
