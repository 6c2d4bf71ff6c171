"""One card a transistor size: what its sub-circuit is called, and how it takes what is drawn."""

from collections.abc import Iterable
from functools import lru_cache

from anaspike.errors import InputError
from anaspike.pdk.roles import DrawnMos, MosSize
from anaspike.spice.parts import Line, taken_apart
from anaspike.spice.statements import Statement, statements

# What a netlist may say of one transistor: areas (m2) and perimeters (m) of drain and source, their
# squares, and how far its gate is from the ends of the diffusion (m).
OWN = ("ad", "as", "pd", "ps", "nrd", "nrs", "sa", "sb", "sd")


def rounded(size: MosSize) -> tuple[float, float]:
    """Return width and length in metres, free of rounding noise (12 digits)."""
    return float(f"{size.w_m:.12g}"), float(f"{size.l_m:.12g}")


def card_name(size: MosSize) -> str:
    """Return the sub-circuit's name: `nmos_svt_w420n_l150n`, `..._w35p5n_...`, `..._drawn`."""
    width, length = (f"{metres * 1e9:.12g}".replace(".", "p") for metres in rounded(size))
    drawn = "_drawn" if isinstance(size, DrawnMos) else ""
    return f"{size.role}_w{width}n_l{length}n{drawn}"


def own_name(card: str, keys: Iterable[str]) -> str:
    """Return what the sub-circuit is called that takes some of `OWN` from whoever places it."""
    return f"{card}_{'_'.join(keys)}"


@lru_cache(maxsize=64)  # the points of a campaign share their models
def own_cards(models: str, wanted: frozenset[tuple[str, tuple[str, ...]]]) -> str:
    """Return sub-circuits of transistors that take what is drawn of each, as SPICE text.

    Each is the process's own, but for that: its parameters `own_ad`, ... stand in the place of what
    the process assumes.

    Args:
        models: text of the models, files and all.
        wanted: (sub-circuit, names among `OWN`) of each.

    Raises:
        InputError: the models lack a sub-circuit.
    """
    bodies = _bodies(models, frozenset(card for card, _ in wanted))
    texts = []
    for card, keys in sorted(wanted):
        if card not in bodies:
            raise InputError(f"the models lack {card}; install them afresh")
        head, device = bodies[card]
        name = own_name(card, keys)
        own = {f"own_{key}": "0" for key in keys}
        inside = {**device.given, **{key: f"{{own_{key}}}" for key in keys}}
        texts.append(
            f".subckt {name} {' '.join(head.words[2:])} {_assigned({**head.given, **own})}\n"
            f"{' '.join(device.words)} {_assigned(inside)}\n.ends {name}\n"
        )
    return "".join(texts)


def _bodies(models: str, cards: frozenset[str]) -> dict[str, tuple[Line, Line]]:
    """Return head and transistor of each sub-circuit."""
    found: dict[str, tuple[Line, Line]] = {}
    head: Statement | None = None
    for statement in statements(models):
        word = statement.words[0]
        if word == ".subckt":
            head = statement if statement.words[1] in cards else None
        elif word == ".ends":
            head = None
        elif head is not None and word[0] in "mn":
            found[head.words[1]] = (taken_apart(head), taken_apart(statement))
    return found


def _assigned(values: dict[str, str]) -> str:
    return " ".join(f"{name}={value}" for name, value in values.items())
