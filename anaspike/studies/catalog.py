"""The studies by the name that commands and flow files call them."""

import difflib

from anaspike.errors import InputError
from anaspike.studies.base import Study
from anaspike.studies.pseudo_resistor import PseudoResistor
from anaspike.units import printable

CHARACTERISE: tuple[type[Study], ...] = (PseudoResistor,)
STUDIES: tuple[type[Study], ...] = (*CHARACTERISE,)


def study_class(name: str, among: tuple[type[Study], ...] = STUDIES) -> type[Study]:
    """Return a study by its name.

    Raises:
        InputError: there is none of that name; the nearest is suggested.
    """
    by_name = {study.name: study for study in among}
    if name not in by_name:
        near = difflib.get_close_matches(name, by_name, 1)
        hint = f"did you mean '{near[0]}'?" if near else f"there is {', '.join(by_name)}"
        raise InputError(f"unknown study '{printable(name)}'; {hint}")
    return by_name[name]
