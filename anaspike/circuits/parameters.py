"""What every parameter dataclass of a circuit has in common: it is checked."""

import math
from dataclasses import fields

from anaspike.errors import InputError
from anaspike.pdk.roles import ROLES, MosSize


class Parameters:
    """Base of the parameter dataclasses: every number positive and finite.

    A field whose metadata holds `zero=True` may be 0 as well.

    Raises:
        InputError: at construction, naming the field.
    """

    def __post_init__(self) -> None:
        for item in fields(self):  # type: ignore[arg-type]  # every subclass is a dataclass
            value = getattr(self, item.name)
            where = f"{type(self).__name__}.{item.name}"
            if isinstance(value, MosSize):
                check_mos(value, where)
            elif isinstance(value, (int, float)) and not isinstance(value, bool):
                check_positive(value, where, zero=bool(item.metadata.get("zero")))


def check_positive(value: float, where: str, zero: bool = False) -> None:
    """Refuse a number that is not finite and positive (or zero, where it may be).

    Raises:
        InputError: it is not.
    """
    if not math.isfinite(value) or value < 0 or (value == 0 and not zero):
        least = "0 or more" if zero else "positive"
        raise InputError(f"{where} is {value:g}; it must be a finite number, {least}")


def check_mos(size: MosSize, where: str) -> None:
    """Refuse a transistor size that is no size.

    Raises:
        InputError: unknown role, width, length or multiplicity not positive.
    """
    if size.role not in ROLES:
        raise InputError(f"{where}: no role '{size.role}'; choose one of {', '.join(ROLES)}")
    check_positive(size.w_m, f"{where}.w_m")
    check_positive(size.l_m, f"{where}.l_m")
    if size.mult != int(size.mult) or size.mult < 1:
        raise InputError(f"{where}.mult is {size.mult}; it must be a whole number from 1")
