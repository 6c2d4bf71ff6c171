"""What a deck leaves to chance: numbers that ngspice draws anew in each run."""

import re
from collections.abc import Iterable

from anaspike.spice.statements import Statement, statements

_DRAWN = re.compile(
    r"(?<![\w.])(?P<name>a?gauss|a?unif|limit|sgauss|sunif|poisson|exponential)\s*\(", re.IGNORECASE
)
# Its noise begins elsewhere in each run, whatever the seed.
_NOISE = re.compile(r"(?<![\w.])(?P<name>trnoise|trrandom)(?![\w.])", re.IGNORECASE)
_SEED = re.compile(r"\.opt\w*\b.*\bseed\s*=\s*\d", re.DOTALL)
_FUNCTION = re.compile(r"\.func\s+(\w+)")


def may_draw(text: str) -> bool:
    """Whether a text names what draws numbers: told at once, and wrong only in saying yes."""
    return _DRAWN.search(text) is not None or _NOISE.search(text) is not None


def drawn(texts: Iterable[str]) -> str:
    """Return what makes two runs of a deck two results, as half a sentence; "" if nothing does.

    Args:
        texts: the body, and the files that it calls.
    """
    held = list(texts)
    if not any(map(may_draw, held)):
        return ""
    lines = [statement for text in held for statement in statements(text)]
    for statement in lines:
        if statement.text[0] in "vi" and (noise := _NOISE.search(_behind_the_nodes(statement))):
            return f"{noise['name']} is other noise in each run"
    if any(_SEED.match(statement.text) for statement in lines):
        return ""
    own = {found[1] for statement in lines if (found := _FUNCTION.match(statement.text))}
    for statement in lines:
        for found in _DRAWN.finditer(statement.text):
            if found["name"] not in own:
                return f"{found['name']} draws another number in each run; .options seed=1 ends it"
    return ""


def _behind_the_nodes(statement: Statement) -> str:
    return " ".join(statement.words[3:])
