"""SPICE text as ngspice sees it.

Whoever looks at a deck's text with other eyes than the simulator's can be
deceived: a carriage return vanishes inside a word, `+` joins lines across
comments, `;#` at a line's start is a command. So there is one reader; what has
no place in a deck says `door.py`. The rules are those of ngspice's own
reader (inpcom.c; the same in 39 and 44), tried with both.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

# In small letters are A to Z alone: to Python a Kelvin sign is a k as well.
_SMALL = str.maketrans("ABCDEFGHIJKLMNOPQRSTUVWXYZ", "abcdefghijklmnopqrstuvwxyz")
_BLANK = "".join(chr(code) for code in range(1, 33) if chr(code) != "\n")
_COMMENT = re.compile(r"(?!\A);|(?<=[ ,\t])\$(?!;)|//")
REMARK = ("*", "$", "#", "//")  # a whole line; a + after it continues what stood before
STRANGE = tuple(';=[]?()&%"!:,')  # a whole line too, but a + after it continues the remark
_CALLS = re.compile(r"^[\x00-\x09\x0b-\x20]*\.(?:inc|lib)", re.IGNORECASE | re.MULTILINE)
# Before an end of line, a comment or a line that is continued, for the = may stand on the next.
_NAMES = re.compile(r"file[^\S\n]*(?:[\n=;$/\\]|\Z)", re.IGNORECASE)
_FIRST_WORD = re.compile(r"\A[^\x00-\x20]*")
_IN_QUOTES = re.compile(r"""\s*(?P<mark>['"])(?P<word>.*?)(?P=mark)""")
_UNQUOTED = re.compile(r"""\s*(?P<word>[^\s'"]+)""")
_QUOTED = re.compile(r'"[^"]*"')
_HELD = re.compile(r"['\"{}]")
# Quotes and braces hold a word together; atomic, so that it stays linear.
_WORD = re.compile(
    r"""(?>'[^']*'|"[^"]*"|\{(?>[^{}]|\{[^{}]*\})*\}|[^\s'"{}]|['"{}])+""", re.DOTALL | re.ASCII
)
FILE_NAMED = re.compile(
    r"(?P<to>(?<![a-z0-9_])(?:[a-z0-9_]+[_.]|ic\.)?file\s*=\s*)"
    r"""(?:"(?P<double>[^"]*)"|'(?P<single>[^']*)'|(?P<bare>[^\s"')]*))""",
    re.IGNORECASE,
)
_VALUE = re.compile(r"\s*=\s*\S*")


@dataclass(frozen=True)
class Statement:
    """One statement of a deck: its lines joined, its comments gone.

    Attributes:
        line: number of its first line, from 1.
        written: the statement as it was written.
    """

    line: int
    written: str

    @cached_property
    def text(self) -> str:
        """The statement in small letters, but for what stands in double quotes and file names."""
        folded = small(self.written)
        if folded.startswith((".inc", ".lib")):
            head = folded.split(maxsplit=1)[0]
            return head + self.written[len(head) :]
        if '"' not in folded:
            return folded
        parts, end = list[str](), 0
        for quoted in _QUOTED.finditer(self.written):
            parts += (folded[end : quoted.start()], quoted[0])
            end = quoted.end()
        return "".join((*parts, folded[end:]))

    @cached_property
    def words(self) -> tuple[str, ...]:
        """The words of `text`; what stands in quotes or braces is not parted."""
        if self.text.isascii() and not _HELD.search(self.text):
            return tuple(self.text.split())
        return tuple(_WORD.findall(self.text))

    @property
    def file(self) -> str:
        """Name of the file that a `.include` or `.lib` calls, as written; "" for any other."""
        if not self.text.startswith((".inc", ".lib")) or len(self.words) < 2:
            return ""
        calls = self.text.startswith(".inc") or len(self.words) > 2
        return _bare(self.words[1]) if calls else ""

    @property
    def section(self) -> str:
        """Name of the section that a `.lib` calls (or, without a file, begins); else ""."""
        if not self.text.startswith(".lib") or len(self.words) < 2:
            return ""
        return small(_bare(self.words[2 if self.file else 1]))

    @property
    def reads(self) -> tuple[str, ...]:
        """Names of the files that a model or an element reads while it runs (`file="x"`)."""
        return tuple(map(file_named, FILE_NAMED.finditer(self.written)))


@dataclass(frozen=True)
class Call:
    """A line that calls a file in.

    Attributes:
        line: its number, from 1.
        file: as written, without its quotes; "" where it names none.
        section: of a `.lib`; "" for a `.include`.
        more: what else stands in the line, but for a comment.
    """

    line: int
    file: str
    section: str
    more: str


def calls_files(text: str) -> bool:
    """Return whether a text may call files in; most do not, and this is told at once."""
    return _CALLS.search(text.replace("\r", "")) is not None


def names_files(text: str) -> bool:
    """Return whether a text may name files that are read while it runs (`file="x"`)."""
    return _NAMES.search(text.replace("\r", "")) is not None


def calls(text: str) -> Iterator[Call]:
    """Yield the lines of a text that call files in: `.include 'x'`, `.inc x`, `.lib 'x' section`.

    ngspice looks for them before it joins lines.
    """
    for number, line in lines_of(text):
        if line.startswith("@"):
            return
        word = small(line[:4])
        if word == ".inc":
            name, more = _token(_after_word(line))
            yield Call(number, name, "", more)
        elif word == ".lib":
            name, rest = _token(_after_word(line), comments=False)
            section, more = _token(rest)
            if section:
                yield Call(number, name, small(section), more)


def sections(text: str) -> Iterator[tuple[int, str | None]]:
    """Yield line and name of where each section of a library begins; None where one ends."""
    for number, line in lines_of(text):
        if small(line[:5]) == ".endl":
            yield number, None
        elif small(line[:4]) == ".lib":
            name, rest = _token(_after_word(line), comments=False)
            if not _token(rest)[0]:
                yield number, small(name)


def _after_word(line: str) -> str:
    return _FIRST_WORD.sub("", line, count=1)


def _token(text: str, comments: bool = True) -> tuple[str, str]:
    """Return the first word, or what stands in quotes, and what follows it but for a comment.

    Args:
        text: part of a line.
        comments: whether one may begin in an unquoted word; in the file of a `.lib`, to ngspice
            x//y is one name.
    """
    text = f" {text}"  # what begins a comment at a line's start is none further on
    quoted = _IN_QUOTES.match(text)
    if quoted is None and comments:
        text = _without_comment(text)
    found = quoted or _UNQUOTED.match(text)
    if found is None:
        return "", ""
    return found["word"], _without_comment(f" {text[found.end() :]}").strip(_BLANK)


def small(text: str) -> str:
    """Return a text in small letters as ngspice makes them: A to Z alone."""
    return text.translate(_SMALL)


def statements(text: str) -> Iterator[Statement]:
    """Yield the statements of a text, in their order.

    A `.end` is one of them; to ngspice it ends nothing, what follows counts too.
    """
    start, parts, ends = 0, list[str](), list[Statement]()
    glued = False  # the line before ended in \\, which means the same as a + here
    for number, line in lines_of(text):
        if not line:
            continue
        if line.startswith("@"):  # here ngspice stops to read
            break
        # A file is called in before lines are joined.
        joins = glued and small(line[:4]) != ".inc"
        kept, glued = _glue(f"+{line}" if joins else line)
        kept = "" if no_statement(kept) else _without_comment(kept).strip(_BLANK)
        if not kept:
            continue
        if kept.startswith("+") and parts:
            parts.append(kept[1:].strip(_BLANK))
        elif small(kept) == ".end":
            ends.append(Statement(number, kept))
        else:
            yield from _closed(start, parts, ends)
            start, parts, ends = number, [kept], []
    yield from _closed(start, parts, ends)


def _closed(start: int, parts: list[str], ends: list[Statement]) -> Iterator[Statement]:
    if parts and not parts[0].startswith(STRANGE):
        yield Statement(start, " ".join(parts))
    yield from ends


def lines_of(text: str) -> Iterator[tuple[int, str]]:
    """Yield number and text of each line as ngspice's first look has them."""
    # Not splitlines, which parts lines at a dozen other characters.
    for number, line in enumerate(text.replace("\r", "").split("\n"), 1):
        yield number, line.partition("\0")[0].lstrip(_BLANK)


def _glue(line: str) -> tuple[str, bool]:
    """Return a line without a `\\\\` at its end, and whether there was one."""
    bare = line.rstrip(_BLANK)
    if bare.endswith("\\\\") and not line.startswith(("*", "$")):
        return bare[:-2], True
    return line, False


def no_statement(line: str) -> bool:
    """Return whether a line is a remark, or a title that becomes one."""
    return line.startswith(REMARK) or small(line[:6]) == ".title"


def _without_comment(line: str) -> str:
    if ";" not in line and "$" not in line and "//" not in line:  # told faster than by a pattern
        return line
    comment = _COMMENT.search(line)
    return line if comment is None else line[: comment.start()]


def _bare(word: str) -> str:
    return word.strip("'\"")


def file_named(found: re.Match[str]) -> str:
    """Return the name in what `FILE_NAMED` found."""
    return found["double"] or found["single"] or found["bare"] or ""


def options(statement: Statement) -> list[str]:
    """Return the names that a `.options` sets."""
    # To ngspice a comma parts options as a blank does.
    return _VALUE.sub(" ", statement.text.replace(",", " ")).split()[1:]
