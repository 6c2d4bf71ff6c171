"""Numbers in SPICE text: what a reader takes them for, and what SPICE makes of them.

SPICE knows `M` for milli, takes `1F` for a femtofarad and reads `1k5` as far
as it understands it, 1k, without a word. So a number is good only where SPICE
and its reader agree.
"""

import re

from anaspike.spice.statements import Statement, small
from anaspike.units import printable

_SCALES = {
    "t": 1e12, "g": 1e9, "meg": 1e6, "mega": 1e6, "k": 1e3, "m": 1e-3, "u": 1e-6, "n": 1e-9,
    "p": 1e-12, "f": 1e-15,
}  # fmt: skip
_UNITS = ("", "v", "ohm", "ohms", "hz", "h", "s", "sec", "w", "c", "deg")
# Alone these are no units: `1a` is 1 to ngspice 39 and 1e-18 to 44, `1f` is femto, `1m` milli.
_UNITS_SCALED = (*_UNITS, "a", "f", "m")
_SCALED = {f"{scale}{unit}" for scale in _SCALES for unit in _UNITS_SCALED}
_DIGITS = r"(?:\d+\.?\d*|\.\d+)"
_GOOD = re.compile(
    rf"{_DIGITS}(?P<exponent>e[-+]?\d+)?(?P<letters>[a-z]*)", re.IGNORECASE | re.ASCII
)
_AS_SPICE = re.compile(
    r"(?P<mantissa>\d*\.?\d*)(?:[ed](?P<exponent>[-+]?\d*))?(?P<scale>meg|mil|[tgkmunpf])?",
    re.IGNORECASE | re.ASCII,
)
_BETWEEN = re.compile(r"(\d+)([tgkmunpfrv\u00b5\u03bc])(\d+)\Z", re.IGNORECASE)  # 1k5
_LARGEST = 300  # exponent of ten

# Where the numbers of an element begin: behind its name, its nodes and what else is a name.
_NAMES_FIRST = {**dict.fromkeys("rclvibk", 3), **dict.fromkeys("dfh", 4), **dict.fromkeys("eg", 5)}
_NO_NUMBERS = (".ends", ".eom", ".inc", ".lib", ".endl", ".global", ".else", ".endif", ".end")
_TEXT = re.compile(r"\"[^\"]*\"|\bversion\s*=\s*[^\s()]+", re.IGNORECASE)
_REFERENCE = re.compile(r"\b[vi]\s*\([^()]*\)|@[\w.#]+\[\w+\]", re.IGNORECASE)
_ENCLOSED = re.compile(r"\{(?>[^{}]|\{[^{}]*\})*\}|'[^']*'")
_NUMBER = re.compile(r"(?<![\w.])(?:\d|\.\d)(?:[\w.]|(?<=[0-9.][eEdD])[-+](?=\d))*")
_GROUP = re.compile(r"\(([^()]*)\)")
_ASSIGNED = re.compile(r"(?<![\w.])([\w.]*)\s*=\s*([-+]?\d[^\s()=]*)")
_PWL = re.compile(r"\bpwl\s*\(([^()]*)\)", re.IGNORECASE)
_FUNCTION = re.compile(
    r"(?<![\w.])(?:pulse|pwl|sine?|exp|sffm|am|trnoise|trrandom)(?![\w.])", re.IGNORECASE
)
_POLY = re.compile(r"\bpoly\s*\(\s*(\d{1,9})\s*\)", re.IGNORECASE | re.ASCII)
_PLAIN = re.compile(
    rf"[rclRCL][\w.]* [\w.#:]+ [\w.#:]+ {_DIGITS}(?:[eE][-+]?\d\d?|[tgkmunpf]|meg)?", re.ASCII
)
_FOREIGN = re.compile(r"[^\x00-\x7f\u00b5]")
_COMMA = re.compile(r"[-+]?(\d+),(\d+)([a-zA-Z\u00b5\u03bc]*)\Z")  # 1,5k


def wrong_number(statement: Statement) -> str:
    """Return what is wrong with a statement's numbers, and the mend; "" where nothing is.

    Looked at are values, not the names of nodes, models and elements.
    """
    if _PLAIN.fullmatch(statement.written):  # most lines of an extracted netlist
        return ""
    written = _TEXT.sub(" ", statement.written)
    zone = _REFERENCE.sub(" ", _zone(written))
    kind = "poly" if _poly(written) else small(written[:1])  # of a poly many values are right
    wrong = _wrong_values(zone, kind) or next(
        (w for found in _NUMBER.finditer(zone) if (w := misread(found[0]))), ""
    )
    if not wrong and (foreign := _FOREIGN.search(written)):
        wrong = f"'{printable(foreign[0])}' is no sign that SPICE knows"
    return wrong


def _zone(written: str) -> str:
    """Return the part of a statement in which numbers are values."""
    kind, folded = small(written[:1]), small(written)
    if folded.startswith(_NO_NUMBERS):
        return ""
    if folded.startswith((".func", ".if", ".elseif")):
        return written
    if kind not in _NAMES_FIRST:
        head, sign, tail = written.partition("=")
        return f"{head.split()[-1]}{sign}{tail}" if sign and head.strip() else ""
    if (poly := _poly(written)) is not None:
        inputs = int(poly[1]) * (2 if kind in "eg" else 1)
        return " ".join(re.sub(r"[(),]", " ", written[poly.end() :]).split()[inputs:])
    words = written.split()
    first = _NAMES_FIRST[kind]
    if kind in "eg" and any("=" in word or word[0] in "{'(" for word in words[3:first]):
        first = 3
    return " ".join(words[first:])


def _poly(written: str) -> re.Match[str] | None:
    return _POLY.search(written) if small(written[:1]) in set("egfh") else None


def _wrong_values(zone: str, kind: str) -> str:
    """Return what is wrong with how values stand: a comma in one, two where one should be."""
    plain = _ENCLOSED.sub(" {} ", zone)
    given = (_wrong_given(kind, *one) for one in _ASSIGNED.findall(plain))
    if wrong := next(filter(None, given), ""):
        return wrong
    if kind not in _NAMES_FIRST or kind == "b":
        return ""
    missing = "it has no value" if kind in "rcl" and not zone.strip() else ""
    if wrong := _wrong_points(plain) if kind in "vi" else missing:
        return wrong
    before = ""
    for word in _GROUP.sub(" () ", plain).split():
        bare = word.lstrip("+-")
        if "=" in word or not (bare[:1].isdigit() or (bare[:1] == "." and bare[1:2].isdigit())):
            before = ""
            continue
        number = _NUMBER.match(bare)
        if number is None or number[0] != bare:
            return two_numbers(bare) or _not_whole(bare)
        if before and kind in "rclegfh":
            return f"{before} and {word} are two values, of which SPICE takes one"
        before = word
    return ""


def _wrong_given(kind: str, name: str, value: str) -> str:
    """Return what is wrong with a value that an element is given by name."""
    if small(name) not in {"ic", "tc"} and (wrong := two_numbers(value)):
        return wrong
    bare = value.lstrip("+-")
    if kind in "rcl" and small(name) != "tc" and not _NUMBER.fullmatch(bare):
        part = f"of '{printable(bare)}' SPICE takes a part"
        return f"{part}; what is to be worked out stands in {{}}"
    return ""


def _wrong_points(plain: str) -> str:
    """Return what is wrong with what a source's functions are given."""
    for group in _GROUP.findall(plain):
        points = group.split()
        parted = [point for point in points if "," in point.strip(",")]
        # (0,0 1n,1) is pairs, and so is (0, 0, 1n, 1); (0 1,8 1n) is neither.
        if len(parted) < len(points) and not any(point.endswith(",") for point in points):
            wrong = next(filter(None, map(two_numbers, parted)), "")
            if wrong:
                return wrong
    if len(functions := _FUNCTION.findall(plain)) > 1:
        return f"{functions[0]} and {functions[1]} are two functions, of which SPICE takes one"
    for pwl in _PWL.finditer(plain):
        if "=" not in pwl[1] and len(re.split(r"[\s,]+", pwl[1].strip(" \t,"))) % 2:
            return "a pwl has an odd number of values"
    return ""


def _not_whole(text: str) -> str:
    value = f"'{printable(text)}' is {as_spice(text):.6g} to SPICE"
    return f"{value}; what is to be worked out stands in {{}}"


def misread(text: str) -> str:
    """Return what is wrong with a number without its sign, and the mend; "" where nothing is.

    Args:
        text: as written; it begins with a digit, or a point and a digit.
    """
    good = _GOOD.fullmatch(text.replace("\u00b5", "u"))  # the micro sign is a u to ngspice
    if good is not None and _agreed(good["letters"], good["exponent"]):
        return ""
    return f"'{printable(text)}' is {as_spice(text):.6g} to SPICE; write {_mend(text)}"


def two_numbers(text: str) -> str:
    """Return what is wrong with a number that a comma parts; "" where none does."""
    parted = _COMMA.match(text)
    if parted is None:
        return ""
    first, second = (as_spice(part) for part in text.lstrip("+-").split(","))
    mend = f"{parted[1]}.{parted[2]}{_letters(parted[3])}"
    return f"'{printable(text)}' is two numbers to SPICE, {first:g} and {second:g}; write {mend}"


def as_spice(text: str) -> float:
    """Return the value that ngspice's reader of numbers gives a text without a sign."""
    found = _AS_SPICE.match(text.replace("\u00b5", "u"))
    if found is None or found["mantissa"] in {"", "."}:
        return 0.0
    scale = {**_SCALES, "mil": 25.4e-6}[small(found["scale"])] if found["scale"] else 1.0
    exponent = found["exponent"] or ""
    power = f"e{exponent}" if exponent.strip("+-") else ""
    return float(f"{found['mantissa']}{power}") * scale


def _agreed(letters: str, exponent: str | None) -> bool:
    """Return whether SPICE and a reader take what stands behind a number for the same."""
    folded = small(letters)
    if exponent is not None:
        return folded in _UNITS and len(exponent) < 6 and abs(int(exponent[1:])) <= _LARGEST
    if letters == "F" or (letters.startswith("M") and not folded.startswith("meg")):
        return False
    return folded in _UNITS or folded in _SCALED


def _mend(text: str) -> str:
    digits = re.match(_DIGITS, text)
    number = digits[0] if digits else "1"
    letters = text[len(number) :]
    between = _BETWEEN.match(text)
    if between is not None:
        scale = "" if between[2] in "rRvV" else _letters(between[2])
        return f"{between[1]}.{between[3]}{scale}"
    if letters.startswith("M"):
        return f"{number}Meg or {number}m"
    if letters == "F":
        return f"{number} for farads, {number}f for femtofarads"
    if letters[:1] == "\u03bc":
        return f"{number}u"
    if small(letters) == "a":
        return f"{number}, or {number}e-18"
    return "it plainly, as 1.5k, 2Meg, 10u or 3e-9"


def _letters(letters: str) -> str:
    plain = letters.replace("\u00b5", "u").replace("\u03bc", "u")
    return plain.replace("M", "Meg", 1) if plain[:1] == "M" else plain
