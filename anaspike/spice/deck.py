"""A deck: everything that ngspice is given for one run, as one value."""

import hashlib
import math
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from typing import Any

from anaspike.errors import InputError
from anaspike.spice.carried import TAKEN, carried
from anaspike.spice.door import allowed_reads, forbid_commands, refuse_endless
from anaspike.spice.failures import DeckRefused
from anaspike.spice.modules import Module, load_command
from anaspike.spice.options import SimulationOptions
from anaspike.spice.questions import check_body, check_names, refuse_commands
from anaspike.spice.statements import (
    calls,
    calls_files,
    names_files,
    statements,
)
from anaspike.units import printable, spice_number

_NAME = re.compile(r"[a-z][a-z0-9_]{0,63}\Z")
_FOLDER = re.compile(r"[\w./+-]+\Z")
_FILE = re.compile(r"[\w][\w.+-]*\Z")
_INSTANCE = re.compile(r"[\w.:#]+\Z")
_NO_NAME = re.compile(r"[\s;$`\"'{}\\]")  # what no vector or node holds; to ngspice they mean more
_NO_WORD = re.compile(r"[<>|&!*?]")  # what they hold, and what is no plain word in a command
_ABSOLUTE_ZERO_C = -273.15
_LONGEST_TITLE = 1000  # bytes; of 5000 or more ngspice reads the rest as a part of the circuit
# Words that mean something to ngspice where a node or block name may stand.
_RESERVED = frozenset({"gnd", "all", "time", "temp", "temper", "hertz", "end", "ends"})


def checked_name(name: str, what: str = "name") -> str:
    """Return `name` when it is safe as a SPICE node, element or block name.

    A user's text never reaches a deck but through here, so that it cannot
    become a control line.

    Raises:
        InputError: it is empty, too long, not lower-case letters, digits and
            underscores, or a word of SPICE's own.
    """
    if not _NAME.match(name) or name in _RESERVED:
        raise InputError(
            f"{what} '{printable(name)}' cannot stand in a netlist; use lower-case letters,"
            " digits and _, a letter first, and no word of SPICE's own"
        )
    return name


@dataclass(frozen=True)
class ModelFiles:
    """The model text of one corner: the files and the lines that call them.

    Attributes:
        lines: what the deck says, for example `.lib 'generic28.lib' tt`. Files
            that it calls by an absolute path are read at construction.
        files: file name -> text, laid beside the deck.
        modules: compiled models that the simulator loads before it reads the deck.

    Raises:
        InputError: at construction, where a file is called that is neither
            there nor among `files`.
    """

    lines: str
    files: Mapping[str, str]
    modules: tuple[Module, ...] = ()

    def __post_init__(self) -> None:
        if strange := next((name for name in self.files if not _may_lie_beside(name)), None):
            raise InputError(f"a model file cannot be called '{printable(strange)}'")
        refuse_endless((self.lines, *self.files.values()))
        _take_up(self, "lines", "the model lines", self.files)
        own = frozenset(self.files)
        _looked_through(self.lines, "the model lines", own)
        for name, text in self.files.items():
            _check_calls(text, name, own)
            _looked_through(text, name, own)

    def digest(self) -> str:
        """Return the SHA-256 of the lines and files together."""
        return self._sha

    @cached_property
    def _sha(self) -> str:
        compiled = (f"{module.name}\0{module.sha256}" for module in self.modules)
        files = (f"{n}\n{t}" for n, t in sorted(self.files.items()))
        return _digest(self.lines, *files, *compiled)

    def inlined(self) -> str:
        """Return the model text itself, every `.lib` and `.include` of ours resolved."""
        return "\n".join(self._resolved(self.lines.splitlines()))

    def in_folder(self, folder: str) -> str:
        """Return the lines, calling the files from where they lie in `folder`.

        Raises:
            InputError: a name that SPICE could read as something else.
        """
        if not _FOLDER.match(folder):
            raise InputError(
                f"a folder of models cannot be called '{printable(folder)}'; use letters,"
                " digits and the signs . _ - / and +"
            )
        lines = self.lines
        for name in self.files:
            lines = lines.replace(f"'{name}'", f"'{folder}/{name}'")
        return lines

    def _resolved(self, lines: Iterable[str]) -> Iterator[str]:
        for line in lines:
            word, _, rest = line.strip().partition(" ")
            name, _, section = rest.partition(" ")
            text = self.files.get(name.strip("'\""))
            if word == ".include" and text is not None:
                yield from self._resolved(text.splitlines())
            elif word == ".lib" and text is not None:
                yield from self._resolved(_section(text, section.strip()))
            else:
                yield line


@dataclass(frozen=True)
class Deck:
    """One circuit, one transient analysis, and the vectors wanted of it.

    Attributes:
        title: first line of the deck.
        body: the circuit, as SPICE text. Files that it calls by an absolute
            path are read at construction and called by plain names.
        models: the model files of the corner.
        stop_s: end of the transient, in seconds.
        save: vectors to keep, as ngspice names them: `v(out)`, `i(vdd)`.
        options: numerical settings.
        temperature_C: in degrees Celsius.
        initial_V: node -> voltage of the `.ic` line, in volt.
        alter: instance parameters set after loading, as
            (`m.xneuron.xcmp.m0`, `delvto`, value): mismatch goes here, so that
            the body stays hierarchical and readable.
        files: that the body calls, name -> text, as `carried` returns them;
            laid beside the deck.

    Raises:
        InputError: at construction, where a name is more than one line, or the
            body calls a file that is neither there nor among `files`.
    """

    title: str
    body: str
    models: ModelFiles
    stop_s: float
    save: tuple[str, ...]
    options: SimulationOptions = field(default_factory=SimulationOptions)
    temperature_C: float = 27.0
    initial_V: Mapping[str, float] = field(default_factory=dict)
    alter: tuple[tuple[str, str, float], ...] = ()
    files: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for text in (self.title, *self.save, *self.initial_V):
            if not text.isprintable():
                raise InputError(
                    f"'{printable(text)}' cannot stand in a deck: it is more than one line"
                )
        if len(self.title.encode()) > _LONGEST_TITLE:
            raise InputError(f"a deck's title has more than {_LONGEST_TITLE} letters")
        self._check_names()
        self._check_numbers()
        refuse_endless((self.body, *self.files.values(), *self.models.files.values()))
        _take_up(self, "body", "the body", {**self.models.files, **self.files})
        own = frozenset((*self.files, *self.models.files))
        refuse_commands(self.body, own)
        for name, text in self.files.items():
            _check_calls(text, name, own)
            _looked_through(text, name, own)

    def _check_names(self) -> None:
        for name in filter(_NO_NAME.search, self.save):
            raise DeckRefused(f"the vector '{printable(name)}' is none; ask for v(node)")
        for name in filter(_NO_NAME.search, self.initial_V):
            shown = printable(name)
            raise DeckRefused(f"the initial voltage of '{shown}': that is no name of a node")
        for name in (name for device, parameter, _ in self.alter for name in (device, parameter)):
            if not _INSTANCE.match(name):
                raise DeckRefused(
                    f"'{printable(name)}', which is altered, is no device's parameter"
                )
        for name, text in self.files.items():
            if not _may_lie_beside(name):
                raise InputError(f"a file beside a deck cannot be called '{printable(name)}'")
            if self.models.files.get(name, text) != text:
                raise InputError(
                    f"the deck and its models call different files {name}; rename the deck's own"
                )

    def _check_numbers(self) -> None:
        numbers = (*self.initial_V.values(), *(value for *_, value in self.alter))
        if not all(map(math.isfinite, (self.stop_s, self.temperature_C, *numbers))):
            raise InputError("a number of a deck is not finite; give it another")
        if self.stop_s <= 0:
            raise InputError(f"a transient that ends at {self.stop_s:g} s is none; give more")
        if self.temperature_C <= _ABSOLUTE_ZERO_C:
            raise InputError(f"a deck at {self.temperature_C:g} °C is below absolute zero")

    @property
    def digest_of_texts(self) -> str:
        """The SHA-256 of all files beside the deck."""
        return _digest(self.models.digest(), *(f"{n}\n{t}" for n, t in sorted(self.files.items())))

    @classmethod
    def from_dict(cls, parts: Mapping[str, Any]) -> "Deck":
        """Return the deck that `dataclasses.asdict` took apart, perhaps on another machine.

        Raises:
            InputError: it holds what no deck of ours does: commands, calls of other files.
            KeyError, TypeError, ValueError: it is no deck.
        """
        lines, shared = str(parts["models"]["lines"]), dict(parts["models"]["files"])
        options = SimulationOptions(**parts["options"])
        alter = tuple((str(d), str(p), float(v)) for d, p, v in parts["alter"])
        own = dict(parts.get("files", {}))  # older decks have none
        compiled = parts["models"].get("modules", ())
        modules = tuple(Module(str(m["name"]), str(m["sha256"])) for m in compiled)
        files = frozenset((*shared, *own))
        refuse_endless(map(str, (parts["body"], lines, *shared.values(), *own.values())))
        # Before anything is made of it, which reads what is called by an absolute path.
        refuse_commands(str(parts["body"]), files)
        _looked_through(lines, "the model lines", frozenset(shared))
        return cls(
            str(parts["title"]),
            str(parts["body"]),
            ModelFiles(lines, {str(name): str(text) for name, text in shared.items()}, modules),
            float(parts["stop_s"]),
            tuple(str(vector) for vector in parts["save"]),
            options.checked(),
            float(parts["temperature_C"]),
            {str(node): float(v) for node, v in dict(parts["initial_V"]).items()},
            alter,
            {str(name): str(text) for name, text in own.items()},
        )

    def check(self) -> None:
        """Refuse what no run should be spent on: `check_body`, and names that are not there.

        Raises:
            DeckRefused: with what may have been meant.
        """
        self.check_body()
        check_names(self.save, tuple(self.initial_V), *self._circuit)

    def check_body(self) -> None:
        """Refuse a body that ngspice would take for another one without a word.

        Raises:
            DeckRefused: with the line, and what SPICE makes of it.
        """
        check_body(*self._circuit)

    @property
    def _circuit(self) -> tuple[str, str, tuple[tuple[str, str], ...]]:
        return self.body, self.models.lines, (*self.models.files.items(), *self.files.items())

    def render(self) -> str:
        """Return the deck's text for `ngspice -b -r`."""
        return self._rendered

    @cached_property
    def _rendered(self) -> str:
        return self._text((f".save {' '.join(self.save)}", *self._control(self._alter_lines())))

    def render_standalone(self, lines: str, control: tuple[str, ...]) -> str:
        """Return a deck that runs by itself under `ngspice -b`.

        Args:
            lines: what calls the models from where the deck will lie.
            control: commands after the run (`meas ...`, `print ...`).

        Raises:
            DeckRefused: the name of a vector means more in a command, or a compiled model is
                not on this machine.
        """
        if strange := next((vector for vector in self.save if _NO_WORD.search(vector)), None):
            raise DeckRefused(f"'{printable(strange)}' cannot stand in a command of a deck")
        done = f"time[length(time)-1] >= {spice_number(self.stop_s * (1 - 1e-6))}"
        commands = (
            *map(load_command, self.models.modules),
            *self._alter_lines(),
            f"save {' '.join(self.save)}",
            "run",
            *control,
            # ngspice leaves with 0 after a failed run too, unless it is asked.
            *(f"if {done}", "  quit 0", "end", "quit 1"),
        )
        return self._text(self._control(commands), model_lines=lines)

    def digest(self) -> str:
        """Return the SHA-256 of all that decides the result but the simulator."""
        return self._sha

    @cached_property
    def _sha(self) -> str:
        return _digest(self.render(), self.digest_of_texts if self.files else self.models.digest())

    def _text(self, tail: tuple[str, ...], model_lines: str | None = None) -> str:
        step = spice_number(self.options.max_step_s)
        initial = " ".join(f"v({n})={spice_number(v)}" for n, v in self.initial_V.items())
        return "\n".join(
            [
                f"* {self.title}",
                self.models.lines if model_lines is None else model_lines,
                self.options.card(),
                f".temp {spice_number(self.temperature_C)}",
                "",
                self.body.strip(),
                "",
                *([f".ic {initial}"] if initial else []),
                # The third number is the maximum step; the first must not exceed it.
                f".tran {step} {spice_number(self.stop_s)} 0 {step}",
                *tail,
                ".end",
                "",
            ]
        )

    def _alter_lines(self) -> tuple[str, ...]:
        return tuple(f"alter @{d}[{p}] = {spice_number(v)}" for d, p, v in self.alter)

    @staticmethod
    def _control(commands: tuple[str, ...]) -> tuple[str, ...]:
        return (".control", *commands, ".endc") if commands else ()


@lru_cache(maxsize=32)
def _looked_through(text: str, what: str, files: frozenset[str]) -> None:
    """Refuse commands as `forbid_commands` does; a text that many decks share is read once."""
    forbid_commands(text, what, files)


@lru_cache(maxsize=64)
def _check_calls(text: str, what: str, files: frozenset[str]) -> None:
    """Refuse a text that calls another file than these."""
    named = [(c.line, c.file) for c in calls(text)] if calls_files(text) else []
    if names_files(text):
        named += [(s.line, name) for s in statements(text) for name in allowed_reads(s)]
    for line, name in named:
        if name not in files:
            raise InputError(
                f"line {line} of {what} calls {printable(name) or 'no file'}, which the deck does"
                " not carry; give it the body and files that carried(body, folder) of"
                " anaspike.spice.carried returns, or an absolute path"
            )


def _take_up(value: "ModelFiles | Deck", part: str, what: str, beside: Mapping[str, str]) -> None:
    """Have a text's files that it calls by an absolute path lie beside it; it calls no others."""
    text = getattr(value, part)
    if not (calls_files(text) or names_files(text)):
        return
    net = carried(text, None, beside, what)
    if net.files:
        # Frozen: this is its construction.
        object.__setattr__(value, part, net.body)
        object.__setattr__(value, "files", {**value.files, **net.files})
    own = frozenset((*beside, *net.files))
    _check_calls(net.body, what, own)
    for name, file in net.files.items():
        _looked_through(file, name, own)


def _may_lie_beside(name: str) -> bool:
    """Return whether a file may have this name in a run's folder."""
    return _FILE.match(name) is not None and name.lower() not in TAKEN


def _section(text: str, name: str) -> list[str]:
    """Return the lines between `.lib name` and its `.endl`."""
    lines = text.splitlines()
    start = lines.index(f".lib {name}") + 1
    return lines[start : lines.index(f".endl {name}", start)]


def _digest(*parts: str) -> str:
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()
