"""Exact flattening: of 2 MB of binned models, the one card that a transistor uses.

The PDK's library takes a second and 170 MB to load, once per simulation. A
transistor of a known size and corner uses one bin of one device, in which
every expression has one value; that card alone gives the same waveforms.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from anaspike.errors import InputError
from anaspike.pdk.cards import card_name, rounded
from anaspike.pdk.roles import DrawnMos, MosSize
from anaspike.pdk.spicetext import Scope, assignments, logical_lines, merged, parameters

# What the library's section of every corner sets: the corner in full, Monte Carlo off.
_SECTION = {
    "corner_factor": "1",
    "process_mc_factor": "1",
    "mismatch_factor": "1",
    "mc_mm_switch": "0",
    "mc_pr_switch": "0",
}
_LIMITS = ("lmin", "lmax", "wmin", "wmax")
# Drain and source reach 0.29 um beyond the gate: one row of contacts.
_DIFFUSION_M = 0.29e-6
_LIMIT = {name: re.compile(rf"\b{name}\s*=\s*(\S+)", re.IGNORECASE) for name in _LIMITS}
_MODEL = re.compile(r"^[ \t]*\.model\b", re.IGNORECASE | re.MULTILINE)
_ENDS = re.compile(r"^[ \t]*\.ends\b", re.IGNORECASE | re.MULTILINE)


@dataclass(frozen=True)
class Card:
    """One transistor size at one corner, as SPICE text.

    Attributes:
        name: of its sub-circuit (pins d g s b, parameter mult).
        text: the sub-circuit and its model.
        delvto_V: the corner's shift of the threshold, in volt, as it stands on
            the transistor `m0`.
    """

    name: str
    text: str
    delvto_V: float


def corner_scope(parameters_text: str, globals_text: str) -> Scope:
    """Return the corner's parameters.

    Args:
        parameters_text: the PDK's `parameters_fet_<corner>.spice`.
        globals_text: the PDK's `models_global.spice`.
    """
    return Scope({**parameters(parameters_text), **parameters(globals_text), **_SECTION})


def flatten(
    device: str, size: MosSize, models_text: str, corner: Scope, fast: bool = False
) -> Card:
    """Return the card of one size.

    Args:
        device: the PDK's name, `sky130_fd_pr__nfet_01v8`.
        size: its role, width and length; `mult` stays a parameter.
        models_text: the PDK's `models_fet.spice`.
        corner: what `corner_scope` returned.
        fast: without the network of body resistors, five and three nodes a transistor,
            and without source and drain squares, which are two more.

    Raises:
        InputError: the text lacks the device, or no bin holds the size.
    """
    head, *bins = _MODEL.split(subcircuit_text(device, models_text))
    width, length = rounded(size)
    header = list(logical_lines(head))
    local = Scope(
        merged(line for line in header if line.startswith((".subckt", ".param")))
        # The PDK counts in micrometres (its library sets scale=1u).
        | {"w": f"{width * 1e6:.12g}", "l": f"{length * 1e6:.12g}"},
        outer=corner,
    )
    chosen = _choose_bin(bins, size, local)
    instance = next((line for line in header if line.startswith("m")), "")
    delvto = local.evaluate(assignments(instance).get("delvto", "0"))
    name = card_name(size)
    squares = {key: 0.0 if fast else local.value(key) for key in ("nrd", "nrs")}
    model = next(logical_lines(f".model {chosen}"))
    lines = [
        *_wrapper(name, size, delvto, squares),
        *_model_lines(name, device, model, local, {"rbodymod": "0"} if fast else {}),
    ]
    return Card(name, "\n".join(lines) + "\n", delvto)


def subcircuit_text(device: str, models_text: str) -> str:
    """Return a device's sub-circuit, but its last line.

    Raises:
        InputError: the text lacks it.
    """
    # Search first and parse later: only one device of thirty is wanted.
    start = re.search(rf"(?im)^[ \t]*\.subckt\s+{re.escape(device)}\s", models_text)
    if start is None:
        raise InputError(f"the sky130 models lack {device}; install them afresh")
    end = _ENDS.search(models_text, start.end())
    if end is None:
        raise InputError(f"the sky130 models of {device} are cut short; install them afresh")
    return models_text[start.start() : end.start()]


def _choose_bin(bins: list[str], size: MosSize, local: Scope) -> str:
    width, length = rounded(size)
    for text in bins:
        found = (_LIMIT[name].search(text) for name in _LIMITS)
        l_min, l_max, w_min, w_max = (local.evaluate(match[1]) if match else 0.0 for match in found)
        if _within(length, l_min, l_max) and _within(width, w_min, w_max):
            return text
    raise InputError(
        f"sky130 {size.role}: no model for W {width * 1e9:g} nm, L {length * 1e9:g} nm;"
        " stay within 1 mm by 20 um and use several in parallel"
    )


def _within(value: float, least: float, above: float) -> bool:
    # As the simulator bins: the lower edge belongs to the bin, give or take a rounding.
    return least * (1 - 1e-9) <= value < above * (1 - 1e-9)


def _wrapper(name: str, size: MosSize, delvto: float, squares: Mapping[str, float]) -> list[str]:
    width, length = rounded(size)
    area, perimeter = repr(_DIFFUSION_M * width), repr(2 * (width + _DIFFUSION_M))
    given = {"a_d": area, "a_s": area, "p_d": perimeter, "p_s": perimeter}
    drawn = isinstance(size, DrawnMos)
    ad, a_s, pd, ps = (f"{{{name}}}" if drawn else value for name, value in given.items())
    more = "".join(f" {name}={value}" for name, value in given.items()) if drawn else ""
    return [
        f".subckt {name} d g s b mult=1{more}",
        f"m0 d g s b {name}_card w={width!r} l={length!r} ad={ad} as={a_s}"
        f" pd={pd} ps={ps} nrd={squares['nrd']!r} nrs={squares['nrs']!r}"
        f" delvto={delvto!r} m={{mult}}",
        f".ends {name}",
    ]


def _model_lines(
    name: str, device: str, line: str, local: Scope, instead: Mapping[str, str]
) -> list[str]:
    kind = re.match(r"\.model\s+\S+\s+([np]mos)\b", line)
    if kind is None:
        raise InputError(f"the sky130 models of {device} are not MOS models; install them afresh")
    values = [
        f"{key}={instead.get(key) or exact(text, local)}"
        for key, text in assignments(line).items()
        if key not in _LIMITS
    ]
    rows = (" ".join(values[i : i + 6]) for i in range(0, len(values), 6))
    return [f".model {name}_card {kind[1]}", *(f"+ {row}" for row in rows)]


def exact(text: str, local: Scope) -> str:
    """Keep a plain number as the PDK wrote it; write an expression's value in full."""
    return repr(local.evaluate(text)) if text[:1] in {"{", "'"} else text
