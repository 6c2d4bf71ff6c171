"""ngspice as a shared library: which one there is, and which decks it may be given.

A library that runs one deck after another must leave nothing of one to the next. It does with
what circuits are made of. What it keeps, or reads otherwise than in batch, is left to a program
of the deck's own: rows are the same to the bit, or they are not made in process.
"""

import re
import resource
import sys
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path

from anaspike.spice.chance import may_draw
from anaspike.spice.deck import Deck
from anaspike.spice.statements import names_files

NAME = "libngspice.0.dylib" if sys.platform == "darwin" else "libngspice.so.0"
INSTALL = "apt-get install libngspice0"
NOT_ASKED = "another program than the `ngspice` of this machine is named, or batch is asked for"

# What a deck's lines may begin with. Not among them:
# - `a` of XSPICE, and `poly` and `table`, which ngspice makes such ones of: code models are
#   loaded once and keep what they like;
# - `o`, `p`, `u` and `y`, lines of all kinds: their solvers share tables;
# - `.options` beside the deck's own: some (`seed`, `cshunt`) set variables that stay set;
# - `.csparam` and `.global`, which define for more than one circuit.
_ELEMENTS = "bcdefghijklmqrstvwxz"
_CARDS = "model|cmodel|subckt|ends|macro|eom|param|func|ic|nodeset|lib|endl|inc(?:lude)?|end"
_OTHER = re.compile(
    rf"^[\x00-\x20]*(?![+*$;#]|//|[{_ELEMENTS}]|\.(?:{_CARDS}|if|elseif|else|endif)(?![a-z]))[^\s]"
    r"|(?<![\w.])(?:poly|table)(?!\w)",
    re.IGNORECASE | re.MULTILINE,
)


def find_library(environ: Mapping[str, str]) -> str:
    """Return the name or path of the library that may stand for the program; "" for none.

    Who names a program of their own gets that, whatever else is here. A limit of the user's own on
    processor time is one of each program, not of all runs together.

    Args:
        environ: `ANASPIKE_LIBNGSPICE` names another library, or none when it is empty.
    """
    named = environ.get("ANASPIKE_LIBNGSPICE", "" if environ.get("ANASPIKE_NGSPICE") else NAME)
    if resource.getrlimit(resource.RLIMIT_CPU) != (resource.RLIM_INFINITY,) * 2:
        return ""
    return str(Path(named).absolute()) if "/" in named else named


def needs_batch(deck: Deck) -> bool:
    """Whether a deck holds what is not for a library that runs others after it."""
    if deck.models.modules:  # compiled ones, loaded where ngspice starts, and for good
        return True
    texts = (deck.body, deck.models.lines, *deck.models.files.values(), *deck.files.values())
    return any(map(_not_for_it, texts))


@lru_cache(maxsize=64)  # the points of a campaign share their models
def _not_for_it(text: str) -> bool:
    return _OTHER.search(text) is not None or names_files(text) or may_draw(text)
