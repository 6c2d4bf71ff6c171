"""Design files: a neuron's sizes and working point in TOML.

    base = "generic28"           # what is not said is that design's; a whole file says `pdk`

    [sizes.comparator.input_pair]
    w_m = "2um"                  # why it is

Tables and keys are the fields of `Design`, and so the names that `--size` takes. A block
without gates of its own has the neuron's.
"""

from collections.abc import Collection, Mapping
from dataclasses import MISSING, Field, dataclass, fields, is_dataclass, replace
from functools import cache
from pathlib import Path
from types import NoneType, UnionType
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints

from anaspike.circuits.design import Design
from anaspike.circuits.gates import LogicSizes
from anaspike.circuits.parameters import check_mos, check_positive
from anaspike.circuits.synapse import check_code
from anaspike.errors import InputError
from anaspike.files import read_toml
from anaspike.pdk.catalog import pdk_class, pdk_names
from anaspike.pdk.roles import MosSize, Pdk
from anaspike.spice.deck import checked_name
from anaspike.units import parse_quantity, parse_whole, printable, suggestion, unit_of

Tables = Mapping[str, Any]

_FOLDER = Path(__file__).parent
SUFFIX = ".toml"


def design_for(pdk_name: str) -> Design:
    """Return the neuron's design in a process.

    Raises:
        InputError: no design has been sized for it.
    """
    if pdk_name not in _of_processes():
        known = ", ".join(_of_processes())
        raise InputError(f"no neuron design for '{printable(pdk_name)}'; there is {known}")
    return _shipped(pdk_name)


def design_named(name: str) -> Design:
    """Return a design that comes with anaspike: a process's own, or a variant of one.

    Raises:
        InputError: there is none of that name.
    """
    if name not in _files():
        hint = suggestion(name, _files())
        raise InputError(f"there is no design '{printable(name)}'; {hint}; a file ends in {SUFFIX}")
    return _shipped(name)


def read_design(path: Path) -> Design:
    """Read a design file: a whole one, or one that changes some of another's sizes.

    Raises:
        InputError: it cannot be read, or something in it makes no sense; the message names file,
            key and mend.
    """
    tables = read_toml(path)
    try:
        return _design(_whole(tables))
    except InputError as error:
        raise InputError(f"{path}: {error}") from None


def design_asked(asked: str, folder: Path = Path()) -> Design:
    """Return the design that a user names: a file, or one that comes with anaspike.

    Args:
        asked: path of a file, which ends in .toml, or name.
        folder: that the path starts from.

    Raises:
        InputError: there is none, or it makes no sense.
    """
    return read_design(folder / asked) if asked.endswith(SUFFIX) else design_named(asked)


def with_smallest_comparator(pdk_name: str) -> Design | None:
    """Return the design with the smallest comparator that decides rightly when nominal.

    None where the design's own is as small as that. It shows what a low
    offset costs, and is used for nothing else.
    """
    name = f"{pdk_name}_smallest_comparator"
    return _shipped(name) if name in _files() else None


@cache
def _shipped(name: str) -> Design:
    return read_design(_files()[name])


@cache
def _of_processes() -> Mapping[str, Path]:
    known = {path.stem: path for path in _FOLDER.glob(f"*{SUFFIX}")}
    return {name: known[name] for name in pdk_names() if name in known}


@cache
def _files() -> Mapping[str, Path]:
    """Return the design files that come with anaspike, those of the processes first."""
    variants = sorted((_FOLDER / "variants").glob(f"*{SUFFIX}"))
    return {**_of_processes(), **{path.stem: path for path in variants}}


def _whole(tables: Tables) -> Tables:
    """Return what a file says, with what its base says where it says nothing.

    Raises:
        InputError: there is no such base, or it is of another process.
    """
    if "base" not in tables:
        return tables
    base = tables["base"]
    if not isinstance(base, str) or base not in _files():
        hint = suggestion(str(base), _files())
        raise InputError(f"base: {printable(repr(base))} is no design of anaspike's; {hint}")
    below = _whole(read_toml(_files()[base]))
    if tables.get("pdk", below["pdk"]) != below["pdk"]:
        raise InputError(f"pdk: {base} is for {below['pdk']}; leave out `pdk`, or the base")
    return _over(below, {key: value for key, value in tables.items() if key != "base"})


def _over(below: Tables, tables: Tables) -> Tables:
    """Return tables with others laid over them, key by key."""
    both = {
        key: _over(below[key], value)
        for key, value in tables.items()
        if isinstance(value, dict) and isinstance(below.get(key), dict)
    }
    return {**below, **tables, **both}


def _design(tables: Tables) -> Design:
    pdk = tables.get("pdk")
    if pdk is None:
        raise InputError('a design says its `pdk`, or `base = "generic28"` and what it changes')
    if pdk not in pdk_names():
        hint = suggestion(str(pdk), pdk_names())
        raise InputError(f"pdk: {printable(repr(pdk))} is no process; {hint}")
    design: Design = _Reader(pdk_class(pdk)).dataclass_of(Design, tables, "")
    if design.core_V is not None:
        _at("core_V", pdk_class(pdk).check_core, design.core_V)
    for code in design.drive.codes:
        _at("drive.codes", check_code, code)
    return design


@dataclass(frozen=True)
class _Reader:
    """Makes dataclasses of tables, field by field: its type and unit say what may stand there.

    Attributes:
        process: whose devices there are.
        gates: of the neuron, for blocks that name none.
    """

    process: type[Pdk]
    gates: LogicSizes | None = None

    def dataclass_of(self, kind: Any, table: object, where: str) -> Any:
        """Return what a table says.

        Args:
            kind: dataclass.
            table: as TOML has it.
            where: its dotted name in the file; "" for the whole.

        Raises:
            InputError: an unknown or missing key, or a value that is none.
        """
        items = {_key(item): item for item in fields(kind)}
        table = _known(table, items, where)
        values, hints, reader = {}, get_type_hints(kind), self
        for key, item in items.items():
            name = _dotted(where, key)
            if key in table:
                values[item.name] = reader.value(hints[item.name], item, table[key], name)
            elif hints[item.name] is LogicSizes and reader.gates is not None:
                values[item.name] = reader.gates
            elif item.default is MISSING and item.default_factory is MISSING:
                raise InputError(f"key '{name}' is missing")
            if isinstance(values.get(item.name), LogicSizes) and reader.gates is None:
                reader = replace(reader, gates=values[item.name])
        return self._checked(_at(where, kind, **values), where)

    def _checked(self, made: object, where: str) -> object:
        """Return what was made, where the process has such a device and a netlist such a name."""
        if isinstance(made, MosSize):
            _at(where, check_mos, made, where.rpartition(".")[2])
            _at(where, self.process.check_size, made)
        if isinstance(made, LogicSizes):
            _at(f"{where}.prefix", checked_name, f"{made.prefix}inverter", "block")
        return made

    def value(self, kind: Any, item: "Field[Any]", value: object, name: str) -> Any:
        """Return what a key says.

        Args:
            kind: type that it should have.
            item: field that it is for.
            value: as TOML has it.
            name: dotted name in the file.

        Raises:
            InputError: it is none.
        """
        if is_dataclass(kind):
            return self.dataclass_of(kind, value, name)
        if get_origin(kind) is tuple:
            if not isinstance(value, list):
                raise InputError(f"{name}: {printable(repr(value))} is no list; give one, in []")
            return tuple(_plain(get_args(kind)[0], item, each, name) for each in value)
        several = get_args(kind) if get_origin(kind) in {Union, UnionType} else ()
        if NoneType in several:
            return self.value(Union[tuple(set(several) - {NoneType})], item, value, name)  # noqa: UP007
        found = _plain(kind, item, value, name)
        if isinstance(found, int | float) and not isinstance(found, bool):
            check_positive(found, name, zero=bool(item.metadata.get("zero")))
        return found


def _known(table: object, keys: Collection[str], where: str) -> Tables:
    """Return a table none of whose keys is unknown."""
    if not isinstance(table, dict):
        raise InputError(f"{where}: {printable(repr(table))} is no table of keys")
    for key in table:
        if key not in keys:
            name = printable(_dotted(where, key))
            raise InputError(f"unknown key '{name}'; {suggestion(key, keys)}")
    return table


def _plain(kind: Any, item: "Field[Any]", value: object, name: str) -> object:
    """Return a number, a truth or a word."""
    if kind is float:
        return parse_quantity(value, unit_in(item), name)  # type: ignore[arg-type]
    if kind is int:
        return parse_whole(value, name)  # type: ignore[arg-type]
    if kind is bool:
        if not isinstance(value, bool):
            raise InputError(f"{name}: {printable(repr(value))} is neither true nor false")
        return value
    if not isinstance(value, str):
        raise InputError(f'{name}: {printable(repr(value))} is no word; write it in ""')
    choices = _words(kind)
    if choices and value not in choices:
        raise InputError(f"{name}: there is no '{printable(value)}'; {suggestion(value, choices)}")
    return value


def unit_in(item: "Field[Any]") -> str:
    """Return the unit of a field: its name ends with it, where its metadata names no other."""
    return str(item.metadata.get("unit", unit_of(item.name)))


def _words(kind: Any) -> tuple[str, ...]:
    """Return the words that a Literal, or several of them, allow; none where any word may be."""
    if get_origin(kind) is Literal:
        return get_args(kind)
    return tuple(word for part in get_args(kind) for word in _words(part))


def _key(item: "Field[Any]") -> str:
    return str(item.metadata.get("key", item.name))


def _dotted(where: str, key: str) -> str:
    return f"{where}.{key}" if where else key


def _at(where: str, make: Any, *values: Any, **named: Any) -> Any:
    """Return what is made of values; what is wrong with them is said with its place in the file."""
    try:
        return make(*values, **named)
    except InputError as error:
        raise InputError(f"{where}: {error}" if where else str(error)) from None
