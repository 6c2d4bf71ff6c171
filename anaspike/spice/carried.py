"""Netlists and tables of the user's own: the files that a deck's body calls travel with it.

ngspice runs a deck in a folder of its own, perhaps on another machine, and a result is found again
by the deck's text. So what a body calls by a path is read when the deck is built, with all that it
calls in turn, and called by a plain name from then on: it lies beside the deck, and is in its key.
"""

import codecs
import re
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from types import MappingProxyType

from anaspike.errors import InputError
from anaspike.spice.door import Length, allowed_reads
from anaspike.spice.statements import (
    FILE_NAMED,
    Call,
    calls,
    calls_files,
    file_named,
    names_files,
    sections,
    statements,
)
from anaspike.units import printable

# What a run writes into its folder beside a deck's files.
TAKEN = frozenset({"deck.cir", "out.raw", "ngspice.log"})
LIMIT_B = 50_000_000
_DEEPEST = 50  # calls within calls
_UNFIT = re.compile(r"[^a-z0-9_.+-]")


@dataclass(frozen=True)
class Carried:
    """A body that calls its files by plain names.

    Attributes:
        body: the circuit, as SPICE text.
        files: name -> text.
    """

    body: str
    files: Mapping[str, str]


def carried(
    body: str,
    folder: Path | None = None,
    beside: Mapping[str, str] = MappingProxyType({}),
    what: str = "the body",
    inside: Path | None = None,
) -> Carried:
    """Return a body with the files that it calls.

    They are those of `.include`, `.inc` and `.lib`, in the body and in what it calls, and those
    that models read (`file="table.txt"`). Of a library only the sections that are called are
    carried. Byte order marks, Windows line ends, UTF-16 and Latin-1 are read.

    Args:
        body: the circuit, as SPICE text.
        folder: where relative names are looked for; in a file also beside that file. None
            leaves those of the body as they are: where it lies is not known.
        beside: files that the deck has already, name -> text; what calls them stays.
        what: the text is, for messages.
        inside: a folder that no file may lie outside of; None for any. A stranger's netlist
            reads nothing else of a machine.

    Raises:
        InputError: a file is not there, is no text, calls itself, might be either of two, lies
            elsewhere than `inside`, or all together are larger than 50 MB; a library has no such
            section.
    """
    bag = _Bag(folder, beside, None if inside is None else inside.resolve())
    bag.length.add(body)
    text = bag.rewritten(body, _Origin(what, folder, ()))
    return Carried(text, bag.files())


@dataclass(frozen=True)
class _Origin:
    """Where a text comes from.

    Attributes:
        what: it is, for messages.
        folder: in which it lies, where that is known.
        callers: the files, and sections, that lead to it, itself the last.
    """

    what: str
    folder: Path | None
    callers: tuple[tuple[Path, str], ...]

    def inside(self, path: Path, section: str = "") -> "_Origin":
        return _Origin(str(path), path.parent, (*self.callers, (path, section)))


@dataclass
class _Bag:
    """What is carried so far.

    Attributes:
        base: folder of the body, where that is known.
        beside: what lies beside the deck without us.
        inside: the folder that no file may lie outside of, where there is one.
        names: file, and what it is called as -> its plain name.
        texts: of the files that are called whole, by their plain name.
        libraries: plain name -> section -> its text.
        read: file -> its text as it was read.
        length: of them all, and of the body.
    """

    base: Path | None
    beside: Mapping[str, str]
    inside: Path | None = None
    names: dict[tuple[Path, str], str] = field(default_factory=dict)
    texts: dict[str, str] = field(default_factory=dict)
    libraries: dict[str, dict[str, str]] = field(default_factory=dict)
    read: dict[Path, str] = field(default_factory=dict)
    length: Length = field(default_factory=Length)

    def files(self) -> dict[str, str]:
        """Return name -> text; of a library, of its sections that are called."""
        made = {
            name: "".join(f".lib {s}\n{text}\n.endl {s}\n" for s, text in parts.items())
            for name, parts in self.libraries.items()
        }
        return {**self.texts, **made}

    def rewritten(self, text: str, origin: _Origin) -> str:
        """Return a text that calls its files by plain names, and take those up."""
        # As ngspice parts lines; a carriage return is nothing to it.
        lines = text.replace("\r\n", "\n").split("\n")
        for call in _calls(text):
            if not self._stays(call.file, origin):
                lines[call.line - 1] = self._called(call, origin)
        for first, last, names in _names(text):
            where = _where(first, origin)
            called = {n: self._data(n, where, origin) for n in names if not self._stays(n, origin)}
            there = {name for line in lines[first - 1 : last] for name in _named_in(line)}
            if strange := next((n for n in called if n != called[n] and n not in there), None):
                raise InputError(
                    f"{where} names {printable(strange)} on another line than `file=`; write both"
                    " on one"
                )
            lines[first - 1 : last] = [_renamed(line, called) for line in lines[first - 1 : last]]
        return "\n".join(lines)

    def _stays(self, name: str, origin: _Origin) -> bool:
        """Whether a name is called already as it should be, or is relative to nobody knows what."""
        if not origin.callers and name in self.beside:
            return True
        return origin.folder is None and not name.startswith(("/", "~"))

    def _called(self, call: Call, origin: _Origin) -> str:
        where = _where(call.line, origin)
        if call.more or not call.file:
            wrong = "has more words than a call of a file" if call.more else "names no file"
            raise InputError(f"{where} {wrong}; put a name with blanks in quotes")
        path = self._found(call.file, where, origin)
        _check_chain((*origin.callers, (path, call.section)), where)
        if call.section:
            return f".lib '{self._section(path, call, where, origin)}' {call.section}"
        name = self._name(path, "netlist")
        if name not in self.texts:
            self.texts[name] = ""  # the name is taken
            self.texts[name] = self.rewritten(self._text(path, where), origin.inside(path))
        return f".include '{name}'"

    def _section(self, path: Path, call: Call, where: str, origin: _Origin) -> str:
        """Take up a section of a library; return the library's plain name."""
        name = self._name(path, "library")
        parts = self.libraries.setdefault(name, {})
        if call.section not in parts:
            found = self._begins(path, call.section, where, origin)
            if found is None:
                known = ", ".join(dict.fromkeys(n for _, n in _sections(self.read[path]) if n))
                there = f"it has {known}" if known else "it is no library, .include it"
                raise InputError(
                    f"{where} calls the section {printable(call.section)} of {path}; {there}"
                )
            home, above, text = found
            # With as many lines above it as in its file: a message numbers them.
            inner = origin.inside(home, call.section)
            parts[call.section] = self.rewritten("\n" * above + text, inner)[above:]
        return name

    def _begins(
        self, path: Path, section: str, where: str, origin: _Origin
    ) -> tuple[Path, int, str] | None:
        """Return the file in which a section stands, the lines above its text, and its text.

        The file is the library, or one that it calls.
        """
        text = self._text(path, where)
        marks = _sections(text)
        for index, (line, name) in enumerate(marks):
            if name == section:
                end = next((n for n, ends in marks[index + 1 :] if ends is None), None)
                if end is None:
                    raise InputError(f"the section {printable(section)} of {path} has no .endl")
                return path, line, "\n".join(text.split("\n")[line : end - 1])
        inside = origin.inside(path)
        for call in _calls(text):
            if call.file and not call.section:
                there = _where(call.line, inside)
                inner = self._found(call.file, there, inside)
                _check_chain((*inside.callers, (inner, "")), there)
                if found := self._begins(inner, section, there, inside):
                    return found
        return None

    def _data(self, name: str, where: str, origin: _Origin) -> str:
        """Take up a file that a model reads; return its plain name."""
        path = self._found(name, where, origin)
        plain = self._name(path, "data")
        self.texts[plain] = self._text(path, where)
        return plain

    def _found(self, name: str, where: str, origin: _Origin) -> Path:
        """Return the file that a name means."""
        try:
            named = Path(name).expanduser()
            folders = [folder for folder in (origin.folder, self.base) if folder is not None]
            # An absolute one stays what it is, and is one place.
            places = dict.fromkeys(folder / named for folder in folders or [Path("/")])
            # What lies elsewhere is not even looked for: whether it is there is nobody's business.
            self._refuse_outside(places, name, where)
            there = {place.resolve(): None for place in places if place.exists()}
        except (OSError, RuntimeError, ValueError) as error:
            reason = getattr(error, "strerror", None) or error
            raise InputError(f"{where} calls {printable(name)}: {reason}") from error
        if not there:
            tried = " nor ".join(str(place) for place in places)
            raise InputError(f"{where} calls {printable(name)}, but there is no {tried}")
        path, *others = there
        if path.is_dir() or not path.is_file():
            raise InputError(f"{where} calls {path}, which is {_kind(path)} and no file")
        if any(self._text(path, where) != self._text(other, where) for other in others):
            raise InputError(
                f"{where} calls {printable(name)}, which may be {path} or {others[0]}; write"
                " which, with its path"
            )
        return path

    def _refuse_outside(self, places: Iterable[Path], name: str, where: str) -> None:
        for place in places if self.inside is not None else ():
            if not place.resolve().is_relative_to(self.inside):  # type: ignore[arg-type]
                raise InputError(
                    f"{where} calls {printable(name)}, which lies outside of {self.inside}; put it"
                    " there, or leave the line out: models of the process need none"
                )

    def _text(self, path: Path, where: str) -> str:
        if path not in self.read:
            self.read[path] = _decoded(self._bytes(path, where), f"{where} calls {path}, which")
            self.length.add(self.read[path])
        return self.read[path]

    def _bytes(self, path: Path, where: str) -> bytes:
        so_far = sum(map(len, self.read.values()))
        try:
            if so_far + path.stat().st_size > LIMIT_B:
                others = f", with the {len(self.read)} before it" if self.read else ""
                raise InputError(
                    f"{where} calls {path}, which is larger than {LIMIT_B // 10**6} MB{others}"
                )
            return path.read_bytes()
        except OSError as error:
            raise InputError(f"{where} calls {path}: {error.strerror or error}") from error

    def _name(self, path: Path, called_as: str) -> str:
        """Return a plain name that no other file has, in small letters: ngspice folds some."""
        if (path, called_as) not in self.names:
            clean = _UNFIT.sub("_", path.name.lower()).lstrip(".+-_") or "file"
            stem, dot, suffix = clean.rpartition(".") if "." in clean else (clean, "", "")
            taken, number, name = {*self.names.values(), *self.beside, *TAKEN}, 1, ""
            while not name or name in taken:
                end = f"_{number}" if number > 1 else ""
                name, number = f"{stem[:60]}{end}{dot}{suffix[:20]}", number + 1
            self.names[path, called_as] = name
        return self.names[path, called_as]


def _check_chain(callers: tuple[tuple[Path, str], ...], where: str) -> None:
    """Refuse what would never end: a file, or a section of one, that leads back to itself."""
    chain = " calls ".join(file.name for file, _ in callers[-4:])
    if callers[-1] in callers[:-1]:
        raise InputError(f"{where} calls in a circle: {chain}")
    if len(callers) > _DEEPEST:
        raise InputError(f"{where} calls files more than {_DEEPEST} deep: {chain}")


def _where(line: int, origin: _Origin) -> str:
    return f"line {line} of {origin.what}"


def _kind(path: Path) -> str:
    return "a folder" if path.is_dir() else "a pipe or a device"


def _decoded(content: bytes, what: str) -> str:
    """Return a file's text, its lines ended by a line feed."""
    mark = next(
        (m for m in (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE) if content.startswith(m)), b""
    )
    for encoding in ("utf-16" if mark else "utf-8-sig", "cp1252"):
        with suppress(UnicodeDecodeError):
            text = content.decode(encoding)
            break
    else:
        text = content.decode("latin-1")
    if "\0" in text:
        raise InputError(f"{what} is no text")
    return text.removesuffix("\x1a").replace("\r\n", "\n")  # as DOS ended a file


def _named_in(line: str) -> set[str]:
    return set(map(file_named, FILE_NAMED.finditer(line)))


def _renamed(line: str, called: Mapping[str, str]) -> str:
    def plainly(found: re.Match[str]) -> str:
        plain = called.get(file_named(found))
        return found[0] if plain is None else f'{found["to"]}"{plain}"'

    return FILE_NAMED.sub(plainly, line)


@lru_cache(maxsize=64)  # as the next: thousands of points call the same files
def _calls(text: str) -> tuple[Call, ...]:
    return tuple(calls(text)) if calls_files(text) else ()


@lru_cache(maxsize=64)
def _sections(text: str) -> tuple[tuple[int, str | None], ...]:
    return tuple(sections(text))


@lru_cache(maxsize=64)
def _names(text: str) -> tuple[tuple[int, int, tuple[str, ...]], ...]:
    """Return first line and last line of each statement that reads files, and their names."""
    if not names_files(text):
        return ()
    those = (s for s in statements(text) if not s.text.startswith((".inc", ".lib")))
    found = [(s.line, allowed_reads(s)) for s in those]
    if not found:  # a remark alone
        return ()
    ends = [line - 1 for line, _ in found[1:]] + [text.count("\n") + 1]
    return tuple(
        (line, end, tuple(filter(None, dict.fromkeys(names))))
        for (line, names), end in zip(found, ends, strict=True)
        if any(names)
    )
