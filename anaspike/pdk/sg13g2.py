"""IHP SG13G2: recognised, and refused with what is missing.

Its transistors are PSP models in Verilog-A, which ngspice loads through OSDI
(Debian 13's can, Debian 12's cannot). Nothing has been measured and no neuron
has been sized: a guess would be no design.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import NoReturn

from anaspike.errors import InputError
from anaspike.pdk.roots import Whereabouts
from anaspike.spice.ngspice.version import find_ngspice, has_osdi

FAMILY = "ihp-sg13g2"
_CORNERS = "libs.tech/ngspice/models/cornerMOSlv.lib"
_COMPILED = ("osdi", "models")  # folders below libs.tech/ngspice, newer releases first
_MODEL = "psp103_nqs.osdi"


def refuse(environ: Mapping[str, str]) -> NoReturn:
    """Say what is missing for SG13G2 on this machine.

    Raises:
        InputError: always.
    """
    found = Whereabouts(FAMILY, (FAMILY,), _CORNERS, _models_in, needed=False).find(environ)
    missing = []
    if found is None:
        missing.append(f"the models ({FAMILY}/{_CORNERS} below PDK_ROOT)")
    elif not any((found / "libs.tech/ngspice" / f / _MODEL).is_file() for f in _COMPILED):
        missing.append(f"{_MODEL} (compile the PDK's psp103_nqs.va with OpenVAF)")
    if not has_osdi(find_ngspice(environ)):
        missing.append("OSDI in ngspice (build it with --enable-osdi; Debian 12's has none)")
    if missing:
        raise InputError(f"sg13g2 cannot be used here; missing: {', '.join(missing)}")
    raise InputError(
        f"sg13g2 is here ({found}), but anaspike has sized no neuron for it yet;"
        " docs/add-a-pdk.md says what that takes"
    )


def _models_in(folder: Path) -> Path | None:
    return folder if (folder / _CORNERS).is_file() else None
