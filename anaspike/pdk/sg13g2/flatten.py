"""Exact flattening: of a card whose numbers depend on the size, the one that a transistor uses.

IHP's sub-circuits choose by conditions and their cards hold expressions, which ngspice reads in a
mode of its own (`ngbehavior=hsa`) and VACASK not at all. With corner, width and length known, all
of it is numbers; one card a size gives the same waveforms on both.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from anaspike.errors import InputError
from anaspike.pdk.cards import card_name, rounded
from anaspike.pdk.roles import MosSize
from anaspike.pdk.spicetext import Scope, assignments, logical_lines, merged

MODULE = "psp103va"
# What the sub-circuits' own parameters are for a transistor of one finger, drawn and not extracted.
_DRAWN = {"ng": "1", "rfmode": "0", "pre_layout": "1", "swsoa": "0"}
# Drain and source reach 0.34 um beyond the gate: `z1` of the sub-circuits.
_DIFFUSION_M = 0.34e-6
_CARD = re.compile(r"\.model\s+(\S+)\s+(\S+)\s")
_SECTION = re.compile(r"\.lib\s+(\w+)\s*$")


@dataclass(frozen=True)
class Sources:
    """The PDK's files that decide a device's cards at all corners, as text.

    Attributes:
        corners: `cornerMOSlv.lib` or `cornerMOShv.lib`.
        cards: `sg13g2_moslv_parm.lib` or `sg13g2_moshv_parm.lib`.
    """

    corners: str
    cards: str


def corner_scope(corners: str, corner: str) -> Scope:
    """Return a corner's parameters, the factors of the cards.

    Args:
        corners: text of `cornerMOSlv.lib` or `cornerMOShv.lib`.
        corner: `tt`.

    Raises:
        InputError: the text has no such corner.
    """
    lines = list(section_of(corners, f"mos_{corner}"))
    if not lines:
        raise InputError(f"the sg13g2 models have no corner {corner}; install them afresh")
    return Scope({**merged(line for line in lines if line.startswith(".param")), **_DRAWN})


def flatten(device: str, size: MosSize, cards: str, corner: Scope) -> str:
    """Return the sub-circuit and the card of one size, as SPICE text.

    Args:
        device: the PDK's name, `sg13g2_lv_nmos`.
        size: its role, width and length; `mult` stays a parameter.
        cards: text of the file with the device's card.
        corner: what `corner_scope` returned.

    Raises:
        InputError: the text lacks the card, or it is of another kind.
    """
    width, length = rounded(size)
    scope = Scope({"w": repr(width), "l": repr(length)}, outer=corner)
    values = [
        f"{name}={_exact(text, scope)}" for name, text in _card(f"{device}_psp", cards).items()
    ]
    name = card_name(size)
    rows = (" ".join(values[i : i + 6]) for i in range(0, len(values), 6))
    return "\n".join(
        (
            *_wrapper(name, width, length),
            f".model {name}_card {MODULE}",
            *(f"+ {row}" for row in rows),
            "",
        )
    )


def _wrapper(name: str, width: float, length: float) -> Iterator[str]:
    area, perimeter = _DIFFUSION_M * width, 2 * (width + _DIFFUSION_M)
    yield f".subckt {name} d g s b mult=1"
    yield (
        f"nm0 d g s b {name}_card w={width!r} l={length!r} nf=1 mult={{mult}} ad={area!r}"
        f" as={area!r} pd={perimeter!r} ps={perimeter!r} ngcon=2 delvto=0 factuo=1"
    )
    yield f".ends {name}"


def section_of(text: str, name: str) -> Iterator[str]:
    """Yield the logical lines between `.lib name` and its `.endl`."""
    inside = False
    for line in logical_lines(text):
        if line.startswith(".endl"):
            inside = False
        elif inside:
            yield line
        elif start := _SECTION.match(line):
            inside = start[1] == name


def _card(name: str, text: str) -> dict[str, str]:
    for line in logical_lines(text):
        found = _CARD.match(line)
        if found is None or found[1] != name:
            continue
        if found[2] != MODULE:
            raise InputError(f"the sg13g2 card {name} is not of PSP; install the models afresh")
        return assignments(line)
    raise InputError(f"the sg13g2 models lack the card {name}; install them afresh")


def _exact(text: str, scope: Scope) -> str:
    """Keep a plain number as the PDK wrote it; write an expression's value in full."""
    return repr(scope.evaluate(text)) if text[:1] in {"{", "'"} else text.lstrip("+ ")
