"""SPICE text as ngspice sees it: the one door for all that goes into a deck.

Whoever looks at a deck's text with other eyes than the simulator's can be
deceived: a carriage return vanishes inside a word, `+` joins lines across
comments, `;#` at a line's start is a command. So there is one reader, and one
list of what has no place in a deck. The rules are those of ngspice's own
reader (inpcom.c; the same in 39 and 44), tried with both.
"""

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from functools import cached_property

from anaspike.errors import InputError
from anaspike.units import printable

# In small letters are A to Z alone: to Python a Kelvin sign is a k as well.
_SMALL = str.maketrans("ABCDEFGHIJKLMNOPQRSTUVWXYZ", "abcdefghijklmnopqrstuvwxyz")
_BLANK = "".join(chr(code) for code in range(1, 33) if chr(code) != "\n")
_COMMENT = re.compile(r"(?!\A);|(?<=[ ,\t])\$(?!;)|//")
_REMARK = ("*", "$", "#", "//")  # a whole line; a + after it continues what stood before
_STRANGE = tuple(';=[]?()&%"!:,')  # a whole line too, but a + after it continues the remark
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
    for number, line in _lines(text):
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
    for number, line in _lines(text):
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
    for number, line in _lines(text):
        if not line:
            continue
        if line.startswith("@"):  # here ngspice stops to read
            break
        # A file is called in before lines are joined.
        joins = glued and small(line[:4]) != ".inc"
        kept, glued = _glue(f"+{line}" if joins else line)
        kept = "" if _no_statement(kept) else _without_comment(kept).strip(_BLANK)
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
    if parts and not parts[0].startswith(_STRANGE):
        yield Statement(start, " ".join(parts))
    yield from ends


def _lines(text: str) -> Iterator[tuple[int, str]]:
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


def _no_statement(line: str) -> bool:
    """Return whether a line is a remark, or a title that becomes one."""
    return line.startswith(_REMARK) or small(line[:6]) == ".title"


def _without_comment(line: str) -> str:
    if ";" not in line and "$" not in line and "//" not in line:  # told faster than by a pattern
        return line
    comment = _COMMENT.search(line)
    return line if comment is None else line[: comment.start()]


def _bare(word: str) -> str:
    return word.strip("'\"")


# What the first word of a line makes it, were a deck to hold it; an `@` ends
# the deck where it stands. `*ng_script` as title makes commands of all lines.
_COMMANDS = {
    ".control": "begins commands",
    ".endc": "ends commands",
    "@": "ends the deck before its end",
}
_SCRIPT = re.compile(r"(?:\.title\S*\s*)?\*ng_script")
_END = re.compile(r"\.end(?!\S)")
_CONTROL_CHARACTER = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff\ufeff]")
_SUSPECT = re.compile(
    rf"{_CONTROL_CHARACTER.pattern}|\\\\[^\S\n]*$|^[\t ]*(?:.#|[{re.escape(''.join(_STRANGE))}@]"
    r"|\*ng_script|\.(?:lib|inc|opt|c?model|control|endc|title|end(?!\S)))",
    re.IGNORECASE | re.MULTILINE,
)
_VALUE = re.compile(r"\s*=\s*\S*")
_MODEL = re.compile(r"\.c?model\s+[^\s'\"{}=,()]+\s+([a-z0-9_]+)(?=[\s(]|\Z)")
# What an option may be; any other name sets a variable of ngspice's own: rawfile, sourcepath.
# (`parser` stands in SkyWater's library; it is another simulator's, and ngspice has no such one.)
_OPTIONS = frozenset({
    "absdv", "abstol", "autopartial", "badmos3", "bypass", "chgtol", "convabsstep", "convlimit",
    "convstep", "copynodesets", "cshunt", "defad", "defas", "defl", "defm", "defw", "dyngmin",
    "enable_noisy_r", "epsmin", "gmin", "gminfactor", "gminsteps", "gshunt", "indverbosity",
    "itl1", "itl2", "itl3", "itl4", "itl5", "itl6", "keepopinfo", "klu", "maxevtiter",
    "maxopalter", "maxord", "maxwarns", "method", "minbreak", "nodedamping", "noopac",
    "noopalter", "noopiter", "nostepsizelimit", "notrnoise", "oldlimit", "parser", "pivrel",
    "pivtol", "ramptime", "reldv", "reltol", "rshunt", "savecurrents", "scale", "seed",
    "sparse", "srcsteps", "temp", "tnom", "trtol", "trytocompact", "vntol", "warn", "xmu",
    "xtrtol",
})  # fmt: skip
_RUN_PROGRAMS = frozenset({"d_process", "d_cosim"})
_WRITE_FILES = frozenset({"numd", "numd2d", "nbjt", "nbjt2d", "numos"})  # of CIDER
_READ_FILES = frozenset({"filesource", "d_source", "d_state", "table2d", "table3d"})
# ngspice looks for the file of a .lib before it takes comments off: x//y is one name to it.
_LIB = re.compile(r"\.lib\w*\s+(['\"]?)[\w.+-]+\1(?!\S)")
FILE_NAMED = re.compile(
    r"(?P<to>(?<![a-z0-9_])(?:[a-z0-9_]+[_.]|ic\.)?file\s*=\s*)"
    r"""(?:"(?P<double>[^"]*)"|'(?P<single>[^']*)'|(?P<bare>[^\s"')]*))""",
    re.IGNORECASE,
)


def forbid_commands(text: str, what: str, files: Collection[str] = ()) -> None:
    """Refuse a text that would do more in a deck than describe a circuit.

    Args:
        text: body, model lines or a model file.
        what: it is, for the message: "the body".
        files: names of the deck's own files, which alone may be called.

    Raises:
        InputError: it holds a command, a control character, a model that runs
            programs, or calls another file; the message names the line.
    """
    bare = text.replace("\r\n", "\n")
    if _is_plain(bare):
        return
    found = _CONTROL_CHARACTER.search(bare)
    if found:
        number = bare.count("\n", 0, found.start()) + 1
        raise _refused(what, number, f"holds the control character {found[0]!a}")
    before = ""
    for number, line in _lines(text):
        if wrong := _commands(line, before):
            raise _refused(what, number, f"{wrong}: '{printable(line)}'")
        before = before if not line or line.startswith(_REMARK) else line
    if before.rstrip().endswith("\\\\"):
        raise _refused(what, bare.rstrip().count("\n") + 1, "ends in \\\\ and joins what follows")
    for statement in statements(text):
        if wrong := _reaches_out(statement, files):
            shown = printable(statement.written)
            raise _refused(what, statement.line, f"{wrong}: '{shown}'")


def _is_plain(bare: str) -> bool:
    """Return whether a text holds nothing that could be refused.

    Extracted netlists have a hundred thousand lines of elements, and this is told at once.
    """
    if _SUSPECT.search(bare) or names_files(bare):
        return False
    first = next((line for _, line in _lines(bare) if line and not _no_statement(line)), "")
    return not first.startswith("+")


def file_named(found: re.Match[str]) -> str:
    """Return the name in what `FILE_NAMED` found."""
    return found["double"] or found["single"] or found["bare"] or ""


def _refused(what: str, line: int, wrong: str) -> InputError:
    return InputError(f"line {line} of {what} {wrong}; a deck holds a circuit and nothing else")


def _commands(line: str, before: str) -> str:
    """Return what a line does before it is joined with others, or "".

    Args:
        line: without blanks at its start.
        before: the line that a + would continue.
    """
    folded = small(line[:10])
    if line[1:2] == "#" or _SCRIPT.match(small(line)):
        return "is a command to ngspice"
    if folded.startswith(".lib") and not _LIB.match(small(line)):
        return "calls a file by no plain name"
    if line.startswith("+") and (before.startswith(_STRANGE) or _END.match(small(before))):
        return "continues what is no statement"
    return next((does for word, does in _COMMANDS.items() if folded.startswith(word)), "")


def _reaches_out(statement: Statement, files: Collection[str]) -> str:
    """Return what a statement does that reaches beyond the deck, or ""."""
    text = statement.text
    if text.startswith("+"):
        return "continues what is not its own"
    if text.startswith((".inc", ".lib")):
        if statement.file and statement.file not in files:
            return "calls a file that is not the deck's own"
        known = 2 if text.startswith(".inc") or not statement.file else 3
        return "has more words than a call of a file" if len(statement.words) > known else ""
    if text.startswith((".model", ".cmodel")) and (wrong := _forbidden_model(text)):
        return wrong
    if text.startswith(".opt") and (strange := set(options(statement)) - _OPTIONS):
        return f"sets {min(strange)}, which is no option of a circuit"
    named = set(statement.reads)
    return "names a file that is not the deck's own" if not named <= set(files) else ""


def options(statement: Statement) -> list[str]:
    """Return the names that a `.options` sets."""
    return _VALUE.sub(" ", statement.text).split()[1:]


def _forbidden_model(text: str) -> str:
    model = _MODEL.match(text)
    if model is None:
        return "does not say plainly what model it is"
    if model[1] in _RUN_PROGRAMS:
        return "is a model that runs programs"
    if model[1] in _WRITE_FILES:
        return "is a model that writes files"
    hides = model[1] in _READ_FILES and ("{" in text or "'" in text)
    return "is a model that reads a file, and hides which" if hides else ""
