"""Files that a stranger may send: good ones, changed where they are looked at last.

Each kind of file is changed in its own terms (a key of a JSON file, an array's header in a zip),
so that a mutant goes past the first check; and now and then in no terms at all.
"""

import copy
import io
import json
import os
import re
import warnings
import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from hypothesis import strategies as st

SEEDS = Path(__file__).parent / "seeds"
OUTSIDE = b"@OUTSIDE@"  # stands for the path of a file that is none of theirs

# Words that are more, or other, than they seem.
ODD = (
    "", "0", "-1", "1", "1e400", "-1e300", "1e-400", "nan", "inf", "9" * 5000, "10000000000000",
    "true", "null", "None", "self", "__class__", "a" * 100_000, "[" * 3000, "{" * 3000, "(" * 500,
    "\x1b[31m", "\x00", "\r", "\n", "\u202e", "\u212a", "é", "\x85", "\ufeff", "'", '"', "\\",
    "../outside/canary.txt", "@OUTSIDE@", "/dev/zero", "~", "..", "%s", "$(id)", ";", "=", ",",
    "\\\\", "<script>", "&lt;", "[/x]", ".control", "*#", "+",
)  # fmt: skip
# Stand in a JSON text for what no `json.dumps` writes.
_RAW = {"@DIGITS@": "9" * 5000, "@DEEP@": "[" * 3000 + "]" * 3000, "@HUGE@": "1e999"}
_VALUES: tuple[Any, ...] = (
    None, True, False, 0, 1, -1, 2**63, 10**40, 1e300, float("nan"), float("inf"), "", [], {},
    [[]], [None], [1, "a"], {"": None}, {"a": {}}, "x", *_RAW, *ODD[:30:3], *ODD[30:],
)  # fmt: skip
_BYTES = (b"", b"\x00", b"\xff", b"\xff\xff\xff\x7f", b"\x00" * 8, b"\n", b"\x80", b"\xff" * 8,
          b"\x1a", b"PK\x03\x04", b"9", b"-", b"\x80\x04")  # fmt: skip
_TOKEN = re.compile(r"[\w.]+|\s+|[^\w\s]")
_ENCODINGS = ("utf-16", "utf-16-le", "utf-32", "latin-1", "utf-8-sig", "cp037")


def npy(values: Any) -> bytes:
    """Return the file of an array, as NumPy writes it."""
    file = io.BytesIO()
    np.save(file, values)
    return file.getvalue()


_SHAPES = ((), (0,), (1,), (2,), (3,), (1, 2), (2, 3), (3, 8), (8, 4), (10_000, 0), (1, 1, 1))
_NUMBERS = (0.0, 1.0, -1.0, 2.5, 1e300, np.nan, np.inf, -np.inf, 5e-324)
_OTHERS = (True, 1, -1, 2**63 - 1, 1j, "a", "\x1b[2J", "\0", b"a", np.float16(6e4), np.uint8(255))
_ARRAYS = [npy(np.full(shape, value)) for shape in _SHAPES for value in (*_NUMBERS, *_OTHERS)] + [
    npy(np.asfortranarray(np.ones((3, 8)))), npy(np.ones((8, 4), ">f8")), npy(np.arange(6) % 2),
    npy(np.zeros(2, [("a", "f4"), ("b", "i4")])), npy(np.zeros(3, "M8[s]")), npy(np.ones(6, "g")),
]  # fmt: skip


@dataclass(frozen=True)
class Special:
    """What stands in a file's place and is none."""

    kind: str

    def put(self, path: Path, canary: Path) -> None:
        """Put it there."""
        if self.kind == "pipe":
            os.mkfifo(path)
        elif self.kind == "folder":
            path.mkdir()
        elif self.kind != "missing":
            aims = {"loop": path.name, "device": "/dev/zero", "outside": canary, "up": "..",
                    "nowhere": "nowhere", "outside_folder": canary.parent}  # fmt: skip
            path.symlink_to(aims[self.kind])


_KINDS = ("missing", "pipe", "loop", "device", "outside", "outside_folder", "up",
          "nowhere", "folder")  # fmt: skip
SPECIALS = st.sampled_from([Special(kind) for kind in _KINDS])
_PLACE = st.integers(0, 2**20)


@st.composite
def mutants(draw: Any, files: dict[str, bytes], specials: bool = True) -> dict[str, Any]:
    """Return the files with a few of them changed."""
    changed: dict[str, Any] = dict(files)
    for _ in range(draw(st.integers(1, 1 + min(2, len(files) // 2)))):
        name = draw(st.sampled_from(sorted(changed)))
        if specials and draw(st.integers(0, 15)) == 0:
            changed[name] = draw(SPECIALS)
        elif isinstance(changed[name], bytes):
            changed[name] = draw(mutant(name, changed[name]))
    return changed


def mutant(name: str, content: bytes) -> st.SearchStrategy[bytes]:
    """Return the changed files of one, in the terms of its kind seven times of eight."""
    kind = Path(name).suffix.lower()
    own = {
        ".json": of_json, ".zip": of_zip, ".npz": of_zip, ".npy": of_array,
        ".safetensors": of_safetensors, ".png": of_bytes, ".jpg": of_bytes,
        ".gds": of_bytes, ".nir": of_bytes, ".bin": of_values,
    }.get(kind, of_text)  # fmt: skip
    return st.integers(0, 7).flatmap(lambda at: (own if at else of_bytes)(content))


@st.composite
def of_bytes(draw: Any, content: bytes) -> bytes:
    """Return bytes, some of them others, twice, or gone."""
    data = bytearray(content)
    for _ in range(draw(st.integers(1, 3))):
        at = draw(_PLACE) % (len(data) + 1)
        match draw(st.integers(0, 5)):
            case 0:
                del data[at:]
            case 1:
                data[at : at + draw(st.integers(1, 8))] = b""
            case 2:
                data[at:at] = data[: draw(st.integers(1, 200))]
            case 3:
                data[at:at] = draw(st.sampled_from(_BYTES))
            case 4:
                new = draw(st.sampled_from(_BYTES))
                data[at : at + len(new)] = new
            case 5:
                data[at : at + 1] = bytes([draw(st.integers(0, 255))])
    return bytes(data)


@st.composite
def of_values(draw: Any, content: bytes) -> bytes:
    """Return as many bytes, some of them others."""
    data = bytearray(content)
    for _ in range(draw(st.integers(1, 3)) if data else 0):
        data[draw(_PLACE) % len(data)] = draw(st.sampled_from((0, 1, 10, 11, 127, 128, 255)))
    return bytes(data)


@st.composite
def of_text(draw: Any, content: bytes) -> bytes:
    """Return a text with words and lines changed, perhaps in another encoding."""
    text = content.decode("utf-8", "replace")
    for _ in range(draw(st.integers(1, 3))):
        text = draw(_by_words(text) if draw(st.booleans()) else _by_lines(text))
    if draw(st.integers(0, 9)) == 0:
        return text.encode(draw(st.sampled_from(_ENCODINGS)), "replace")
    return text.encode("utf-8", "replace")


@st.composite
def _by_words(draw: Any, text: str) -> str:
    words = _TOKEN.findall(text) or [""]
    at, odd = draw(_PLACE) % len(words), draw(st.sampled_from(ODD))
    changed = (odd, words[at] * 2, "", odd + words[at], words[draw(_PLACE) % len(words)])
    words[at] = draw(st.sampled_from(changed))
    return "".join(words)


@st.composite
def _by_lines(draw: Any, text: str) -> str:
    lines = text.split("\n")
    at, other = draw(_PLACE) % len(lines), draw(_PLACE) % len(lines)
    times = 300 if len(text) < 10_000 else 2  # of a text that was changed before
    match draw(st.integers(0, 6)):
        case 0:
            lines.insert(other, lines[at])
        case 1:
            del lines[at]
        case 2:
            lines[at], lines[other] = lines[other], lines[at]
        case 3:
            lines[at] *= times
        case 4:
            lines[at : at + 1] = [lines[at]] * times
        case 5:
            lines[at] += draw(st.sampled_from(ODD))
        case 6:
            return draw(st.sampled_from(("\r\n", "\r", "\\\n", "\x0b"))).join(lines)
    return "\n".join(lines)


@st.composite
def of_json(draw: Any, content: bytes) -> bytes:
    """Return a JSON text with values of other types, and keys gone, renamed or twice."""
    try:
        value = json.loads(content)
    except (ValueError, RecursionError):  # it was changed before
        return draw(of_text(content))
    holder = [value]
    for _ in range(draw(st.integers(1, 2))):
        inner, key = holder, 0
        while isinstance(inner[key], dict | list) and inner[key] and draw(st.integers(0, 4)):
            inner = inner[key]
            keys = list(inner) if isinstance(inner, dict) else list(range(len(inner)))
            key = draw(st.sampled_from(keys))
        if draw(st.integers(0, 5)) == 0 and inner is not holder:
            new = inner.pop(key)
            if isinstance(inner, dict) and draw(st.booleans()):
                inner[draw(st.sampled_from(ODD))] = new
        elif isinstance(inner[key], int | float) and draw(st.booleans()):
            inner[key] = draw(st.sampled_from((0, 1, -1, inner[key] + 1, 2**31, 2**63, 0.5, 1e300)))
        else:
            inner[key] = copy.deepcopy(draw(st.sampled_from(_VALUES)))
    text = json.dumps(holder[0])
    for word, meant in _RAW.items():
        text = text.replace(f'"{word}"', meant)
    return text.encode("utf-8", "replace")


@st.composite
def of_zip(draw: Any, content: bytes) -> bytes:
    """Return a zip whose members are changed, renamed, twice, or packed in another way."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            members = [(name, archive.read(name)) for name in archive.namelist()]
    except Exception:  # it was changed before
        return draw(of_bytes(content))
    at = draw(_PLACE) % max(len(members), 1)
    name, inner = members[at] if members else ("x", b"")
    match draw(st.integers(0, 7)):
        case 0:
            members[at : at + 1] = []
        case 1:
            odd = draw(st.sampled_from([odd for odd in ODD if 0 < len(odd) < 999]))
            members[at : at + 1] = [(draw(st.sampled_from((odd, f"../{name}", f"/{name}"))), inner)]
        case 2:
            members.append((name, draw(mutant(name, inner))))
        case 3:
            new = draw(st.sampled_from(("fc3.weight", "x", "labels", "bias_0", "head", "b1.npy")))
            members[at : at + 1] = [(f"{new}.npy", inner), *members[at : at + 1]]
        case 4:
            other = draw(_PLACE) % max(len(members), 1)
            members[at : at + 1] = [(name, members[other][1])] if members else []
        case _:
            members[at : at + 1] = [(name, draw(mutant(name, inner)))]
    method = draw(st.sampled_from((zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2)))
    packed = zipped(members, method if draw(st.integers(0, 4)) == 0 else zipfile.ZIP_DEFLATED)
    return draw(of_bytes(packed)) if draw(st.integers(0, 15)) == 0 else packed


def zipped(members: list[tuple[str, bytes]], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    """Return a zip of (name, content), of which two may have one name."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        for name, content in members:
            member = zipfile.ZipInfo(name)
            member.compress_type = method
            with warnings.catch_warnings(action="ignore"):  # of a name that is there already
                archive.writestr(member, content)
    return file.getvalue()


@st.composite
def of_array(draw: Any, content: bytes) -> bytes:
    """Return an array's file whose header says something else, or that of an odd array."""
    if draw(st.booleans()):
        return draw(st.sampled_from(_ARRAYS))
    if len(content) < 10 or draw(st.integers(0, 3)) == 0:
        return draw(of_bytes(content))
    length = int.from_bytes(content[8:10], "little")
    header = draw(of_text(content[10 : 10 + length]))
    size = len(header) if draw(st.integers(0, 9)) else draw(st.integers(0, 65535))
    return content[:8] + min(size, 65535).to_bytes(2, "little") + header + content[10 + length :]


@st.composite
def of_safetensors(draw: Any, content: bytes) -> bytes:
    """Return a safetensors file whose header says something else."""
    length = int.from_bytes(content[:8], "little")
    header = draw(of_json(content[8 : 8 + length]))
    size = len(header) if draw(st.integers(0, 9)) else draw(st.integers(0, 2**64 - 1))
    return size.to_bytes(8, "little") + header + content[8 + length :]


def seeds(surface: str) -> list[bytes]:
    """Return the files of past failures of one surface, to change them further."""
    return [path.read_bytes() for path in sorted((SEEDS / surface).iterdir())]
