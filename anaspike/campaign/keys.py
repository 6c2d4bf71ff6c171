"""The key of a point: everything that decides its row, and nothing else; of a picture likewise.

Two points with one key have one row. So the key holds the rendered deck with
the text of its models, the simulator, and what `measure` depends on: the
experiment's class, its fields, and the source of every module that the class
is made from. No clock and no file date takes part.
"""

import ast
import hashlib
import importlib.util
import json
import os
import platform
import sys
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, fields, is_dataclass
from enum import Enum
from functools import cache, partial
from importlib.metadata import version
from pathlib import Path, PurePath
from types import FunctionType
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from anaspike import beside
from anaspike.campaign import reads
from anaspike.experiments.protocol import Experiment
from anaspike.spice.chance import drawn
from anaspike.spice.deck import Deck
from anaspike.spice.ngspice.run import SPICEINIT

# Raise it when an entry's meaning changes without a change of code.
SCHEMA = 2
_REMEMBERED = 1000
# What turns a deck into vectors, whatever the experiment.
_ENGINE = (
    "anaspike.spice.retry",
    "anaspike.spice.ngspice.run",
    "anaspike.spice.vacask.run",
)
_INSTALLED = ("site-packages", "dist-packages")
# Python 3.11 counts the depth of a tree for all threads together: two that parse at once
# may fail with "AST constructor recursion depth mismatch".
_PARSING = threading.Lock()


class Unkeyed(Exception):
    """A point that has no key, so that its result cannot be kept."""


class Keys:
    """Makes the keys of points; remembers the parts that many of them share."""

    def __init__(self) -> None:
        self._known: dict[int, tuple[object, str]] = {}

    def of(self, point: Experiment, deck: Deck, simulator: str) -> str:
        """Return the SHA-256 that names a point's result.

        Args:
            point: the experiment.
            deck: what it built.
            simulator: identity of what runs it.

        Raises:
            Unkeyed: a field of the point is no plain value, its source is not to be had
                (a class typed into a notebook), or its deck draws at random.
            OSError: a file that it reads cannot be read.
        """
        if chance := drawn((deck.body, *deck.files.values())):
            raise Unkeyed(chance)
        return _sha(
            [
                *(SCHEMA, deck.digest(), self.plain(deck.options), self.plain(deck.stop_s)),
                *(SPICEINIT, simulator, engine_state(), _arithmetic()),
                *(self._whole(point), [[p.name, reads.content(p)] for p in files_read(point)]),
            ]
        )

    def of_call(self, call: Callable[..., object], *further: object) -> str:
        """Return the SHA-256 that names what a call returns: by its function, and what it is given.

        Args:
            call: a `functools.partial` of a function of a module.
            further: what it depends on beside that.

        Raises:
            Unkeyed: it is no such call, or what it is given is no plain value.
        """
        # A method, a lambda and a function in a function hold more than they are given.
        if not (isinstance(call, partial) and _is_plain_function(call.func)):
            raise Unkeyed("it is no partial of a function of a module")
        given = [self.plain(part) for part in (call.args, call.keywords, further)]
        return _sha([SCHEMA, *_arithmetic(), code_state(call.func), given])

    def plain(self, value: Any) -> object:
        """Return a value as JSON knows it, exactly: what differs stays different.

        An object that is none is its class, with the code of it, and its
        fields, or what its `key_parts()` returns; what is frozen is taken
        apart once.

        Raises:
            Unkeyed: it has none of that, or its class no source.
        """
        if value is None or isinstance(value, bool | int | str):
            return value
        if value is pd.NA or isinstance(value, float):
            return {"float": value.hex() if isinstance(value, float) else "NA"}
        if isinstance(value, np.ndarray | np.generic):
            return _plain_array(np.asarray(value))
        if isinstance(value, pd.DataFrame | pd.Series):
            value = _columns(value)
        if isinstance(value, Mapping):
            return {"map": [[self.plain(key), self.plain(item)] for key, item in value.items()]}
        if isinstance(value, Sequence):
            return [self.plain(item) for item in value]
        return {"sha": self._frozen(value)} if _is_frozen(value) else self._whole(value)

    def _whole(self, value: object) -> object:
        kind: Any = type(value)
        return {code_state(kind): self.plain(_parts(value))}

    def _frozen(self, value: object) -> str:
        known = self._known.get(id(value))
        if known is None:
            if len(self._known) >= _REMEMBERED:
                self._known.clear()
            # The value too: while it is held, no other can have its id.
            known = self._known[id(value)] = (value, _sha(self._whole(value)))
        return known[1]


def files_read(point: Experiment) -> tuple[Path, ...]:
    """Return the files that an experiment says its `build` and `measure` read.

    Raises:
        Unkeyed: what it says names no files.
    """
    named: object = getattr(point, "reads", ())
    several = (named,) if isinstance(named, str | PurePath) else named
    if not isinstance(several, Iterable) or not all(isinstance(p, str | PurePath) for p in several):
        raise Unkeyed(f"`reads` of {_name(type(point))} is no tuple of paths")
    return tuple(Path(path) for path in several)


@cache
def _arithmetic() -> tuple[str, ...]:
    return (platform.python_version(), np.__version__, version("scipy"))


def _is_plain_function(value: object) -> bool:
    return isinstance(value, FunctionType) and value.__qualname__.isidentifier()


def _is_frozen(value: object) -> bool:
    if hasattr(value, "key_parts"):
        return True
    parameters = getattr(value, "__dataclass_params__", None)
    return bool(parameters and parameters.frozen)


def _plain_array(array: NDArray[Any]) -> object:
    if array.dtype.hasobject:
        raise Unkeyed("an array of objects is no plain value")
    digest = hashlib.sha256(array.tobytes()).hexdigest()
    return {"array": [array.dtype.str, list(array.shape), digest]}


def _columns(table: "pd.DataFrame | pd.Series[Any]") -> list[object]:
    """Return a table's index and columns, each with its name and type."""
    whole = (table if isinstance(table, pd.DataFrame) else table.to_frame()).reset_index()
    return ["table", [[name, str(c.dtype), c.to_list()] for name, c in whole.items()]]


def _parts(value: Any) -> Mapping[str, object]:
    if isinstance(value, Enum):
        return {"value": value.value}
    if isinstance(value, PurePath):
        return {"path": str(value)}
    if hasattr(value, "key_parts"):
        parts: Mapping[str, object] = value.key_parts()
        return parts
    if is_dataclass(value) and not isinstance(value, type):
        return {field.name: getattr(value, field.name) for field in fields(value)}
    if isinstance(value, type) or callable(value) or not hasattr(value, "__dict__"):
        raise Unkeyed(f"{_name(type(value))} is no plain value")
    fields_of: Mapping[str, object] = vars(value)
    return fields_of


@cache
def code_state(kind: Callable[..., Any]) -> str:
    """Return the SHA-256 of the source that a class or a function is made from.

    That is its module and those of its bases, and every module those
    import, as far as it is anaspike's or the user's own. It is read once a
    process: a process runs what it has loaded.

    Raises:
        Unkeyed: it has no source file.
    """
    sources = _sources(_roots(kind))
    if not any(line.startswith(f"{beside.plain(kind.__module__)} ") for line in sources):
        raise Unkeyed(f"{_name(kind)} has no source file")
    return _sha([_name(kind), sources])


@cache
def code_files(kind: Callable[..., Any]) -> Mapping[str, str]:
    """Return the modules that a class or a function is made from: full name -> its file."""
    return {name: os.path.realpath(source.file) for name, source in _found(_roots(kind)).items()}


def files_of_code(point: Experiment) -> Mapping[str, str]:
    """Return the modules that an experiment and what it holds are made from, as `code_files`."""
    names: list[str] = [f.name for f in fields(point)] if is_dataclass(point) else []
    return _files_of_code(type(point), frozenset(type(getattr(point, name)) for name in names))


@cache
def _files_of_code(whole: Any, held: frozenset[Any]) -> Mapping[str, str]:
    found = dict(code_files(whole))
    for kind in held:
        if _top(kind.__module__) not in {"anaspike", "builtins", *sys.stdlib_module_names}:
            with suppress(Unkeyed):
                found |= code_files(kind)
    return found


def _roots(kind: Callable[..., Any]) -> tuple[str, ...]:
    home = _top(kind.__module__)
    bases: Iterable[Any] = kind.__mro__ if isinstance(kind, type) else (kind,)
    return tuple(base.__module__ for base in bases if _is_ours(_top(base.__module__), home))


@cache
def engine_state() -> str:
    """Return the SHA-256 of the source that turns a deck into vectors."""
    return _sha(_sources(_ENGINE))


@cache
def _sources(roots: tuple[str, ...]) -> list[str]:
    """Return the digests of modules, and of those of ours that they import, however far."""
    return sorted(f"{beside.plain(n)} {source.digest}" for n, source in _found(roots).items())


def _found(roots: Iterable[str]) -> dict[str, "_Source"]:
    """Return modules, and those of ours that they import, with their packages."""
    found: dict[str, _Source] = {}
    waiting = list(roots)
    while waiting:
        name = waiting.pop()
        source = _source(name)
        if _top(name) != "anaspike":  # a package of the user's runs before what lies in it
            waiting += [name.rpartition(".")[0]] if "." in name else []
        if name in found or source is None:
            continue
        found[name] = source
        waiting += [module for module in source.imports if _is_ours(_top(module), _top(name))]
    return found


@dataclass(frozen=True)
class _Source:
    """A module's source: its SHA-256, and the modules it names, at its top or in a function."""

    file: Path
    digest: str
    imports: tuple[str, ...]


@cache
def _source(name: str) -> _Source | None:
    path = _path(name)
    if path is None:
        return None
    text = beside.text_of(name) or path.read_bytes()
    package = name if path.name == "__init__.py" else name.rpartition(".")[0]
    named = _imports(text, package) if path.suffix == ".py" else ()
    imports = tuple(beside.meant(name, module) for module in named)
    return _Source(path, hashlib.sha256(text).hexdigest(), imports)


def _path(name: str) -> Path | None:
    """Return a module's source file, or None where there is none."""
    loaded = getattr(sys.modules.get(name), "__file__", None)
    if loaded is None:
        try:
            spec = importlib.util.find_spec(name)
        except (ImportError, ValueError):  # `from package import value` names no module
            return None
        loaded = spec.origin if spec else None
    path = Path(loaded) if loaded else None
    if path is None or not path.is_file():
        return None
    return path if path.suffix == ".py" or beside.is_own(name) else None


def _imports(text: bytes, package: str) -> Iterator[str]:
    with _PARSING:
        tree = ast.parse(text)
    for node in _statements(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            named = "." * node.level + (node.module or "")
            base = importlib.util.resolve_name(named, package) if node.level else named
            yield base
            yield from (f"{base}.{alias.name}" for alias in node.names)


def _statements(node: ast.AST) -> Iterator[ast.AST]:
    """Yield every statement below a node; expressions, most of a tree, hold no import."""
    for block in ("body", "handlers", "orelse", "finalbody", "cases"):
        parts = getattr(node, block, None)
        for part in parts if isinstance(parts, list) else ():
            yield part
            yield from _statements(part)


@cache
def _is_ours(top: str, home: str) -> bool:
    """Whether a package's code counts: anaspike's, the asker's own, what is not installed."""
    if top in {"anaspike", home}:
        return True
    if top in sys.stdlib_module_names or top == "__future__":
        return False
    path = _path(top)
    return path is not None and not any(part in _INSTALLED for part in path.parts)


def _top(name: str) -> str:
    return name.partition(".")[0]


def _name(kind: Callable[..., Any]) -> str:
    return f"{beside.plain(kind.__module__)}.{kind.__qualname__}"


def _sha(value: object) -> str:
    return hashlib.sha256(json.dumps(value, sort_keys=True).encode()).hexdigest()
