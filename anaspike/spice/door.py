"""The one door for all that goes into a deck: what does more there than describe a circuit."""

import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass

from anaspike.errors import InputError
from anaspike.spice.statements import (
    FILE_NAMED,
    REMARK,
    STRANGE,
    Statement,
    file_named,
    lines_of,
    names_files,
    no_statement,
    options,
    small,
    statements,
)
from anaspike.units import printable

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
    rf"{_CONTROL_CHARACTER.pattern}|\\\\[^\S\n]*$|^[\t ]*(?:.#|[{re.escape(''.join(STRANGE))}@]"
    r"|\*ng_script|\.(?:lib|inc|opt|c?model|control|endc|title|end(?!\S)))",
    re.IGNORECASE | re.MULTILINE,
)
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
# Other signs part words in ways of their own there: temp=27&rawfile=x sets two variables.
_PLAIN_OPTIONS = re.compile(r"[\w\s.,+\-*/={}()']*", re.ASCII)
_RUN_PROGRAMS = frozenset({"d_process", "d_cosim"})
_WRITE_FILES = frozenset({"numd", "numd2d", "nbjt", "nbjt2d", "numos"})  # of CIDER
_READ_FILES = frozenset({"filesource", "d_source", "d_state", "table2d", "table3d", "xfer"})
# ngspice looks for the file of a .lib before it takes comments off: x//y is one name to it.
_LIB = re.compile(r"\.lib\w*\s+(['\"]?)[\w.+-]+\1(?!\S)")
# What is looked through within seconds and a gigabyte; a foundry's library whole is a tenth.
MOST_STATEMENTS, MOST_PARTS = 200_000, 3_000_000
_PARTS = "\n\t ={(,"


@dataclass
class Length:
    """How long the texts of one deck are together, counted without reading them.

    Attributes:
        statements: or lines, but for remarks and what continues one.
        parts: words and lines.
    """

    statements: int = 0
    parts: int = 0

    def add(self, text: str) -> None:
        """Take up a text.

        Raises:
            InputError: there are more statements or words than a deck may have.
        """
        others = text.count("\n+") + text.count("\n*") + text.count("\n\n")
        self.statements += text.count("\n") - others
        self.parts += sum(map(text.count, _PARTS))
        for found, most, what in (
            (self.statements, MOST_STATEMENTS, "statements"),
            (self.parts, MOST_PARTS, "words"),
        ):
            if found > most:
                raise InputError(f"a deck has at most {most} {what}, with all files that it calls")


def refuse_endless(texts: Iterable[str]) -> None:
    """Refuse the texts of a deck that would be read for minutes.

    Raises:
        InputError: together they have more statements, or words, than a deck may.
    """
    length = Length()
    for text in texts:
        length.add(text)


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
    for number, line in lines_of(text):
        if wrong := _commands(line, before):
            raise _refused(what, number, f"{wrong}: '{printable(line)}'")
        before = before if not line or line.startswith(REMARK) else line
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
    first = next((line for _, line in lines_of(bare) if line and not no_statement(line)), "")
    return not first.startswith("+")


def allowed_reads(statement: Statement) -> tuple[str, ...]:
    """Return the files that a statement reads while it runs; none of a model that has no place.

    To ngspice 'x' is a value to be worked out, and the door lets no such name in. But a netlist
    may say it, for what is carried is named anew, in double quotes.
    """
    is_model = statement.text.startswith((".model", ".cmodel"))
    anew = FILE_NAMED.sub(lambda found: f'{found["to"]}"{file_named(found)}"', statement.text)
    return () if is_model and _forbidden_model(anew) else statement.reads


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
    if line.startswith("+") and (before.startswith(STRANGE) or _END.match(small(before))):
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
    if text.startswith(".opt") and (wrong := _forbidden_option(statement)):
        return wrong
    named = set(statement.reads)
    return "names a file that is not the deck's own" if not named <= set(files) else ""


def _forbidden_model(text: str) -> str:
    model = _MODEL.match(text)
    if model is None:
        return "does not say plainly what model it is"
    if model[1] in _RUN_PROGRAMS:
        return "is a model that runs programs"
    if model[1] in _WRITE_FILES:
        return "is a model that writes files"
    # To ngspice the = may be missing, and the word may stand in quotes.
    given = text[model.end(1) :]
    hides = "{" in text or "'" in text or "file" in small(FILE_NAMED.sub("", given))
    if model[1] in _READ_FILES and hides:
        return 'is a model that reads a file, and does not say plainly which (file="name")'
    return ""


def _forbidden_option(statement: Statement) -> str:
    if not _PLAIN_OPTIONS.fullmatch(statement.text):
        return "does not say plainly which options it sets"
    strange = set(options(statement)) - _OPTIONS
    return f"sets {min(strange)}, which is no option of a circuit" if strange else ""
