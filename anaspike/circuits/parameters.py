"""What every parameter dataclass of a circuit has in common: it is checked."""

import math
from dataclasses import fields

from anaspike.errors import InputError
from anaspike.pdk.roles import ROLES, MosSize
from anaspike.units import check_size, unit_of

_LARGEST_M = 1e-3  # of a transistor
_MOST_IN_PARALLEL = 10_000


class Parameters:
    """Base of the parameter dataclasses: every number positive, finite and of a circuit's size.

    A field whose metadata holds `zero=True` may be 0 as well; `most=...` is the largest it
    may be, where its unit allows more.

    Raises:
        InputError: at construction, naming the field.
    """

    def __post_init__(self) -> None:
        for item in fields(self):  # type: ignore[arg-type]  # every subclass is a dataclass
            value = getattr(self, item.name)
            if isinstance(value, MosSize):
                check_mos(value, item.name)
            elif isinstance(value, (int, float)) and not isinstance(value, bool):
                check_positive(value, f"`{item.name}`", zero=bool(item.metadata.get("zero")))
                check_size(value, unit_of(item.name), f"`{item.name}`", item.metadata.get("most"))


def check_positive(value: float, where: str, zero: bool = False) -> None:
    """Refuse a number that is not finite and positive (or zero, where it may be).

    Raises:
        InputError: it is not.
    """
    if not math.isfinite(value) or value < 0 or (value == 0 and not zero):
        least = "0 or more" if zero else "positive"
        raise InputError(f"{where} is {value:g}; it must be a finite number, {least}")


def check_mos(size: MosSize, name: str) -> None:
    """Refuse a transistor size that is no size.

    Raises:
        InputError: unknown role, width, length or multiplicity not positive, or beyond any
            transistor.
    """
    if size.role not in ROLES:
        raise InputError(f"`{name}`: no role '{size.role}'; choose one of {', '.join(ROLES)}")
    for dimension in ("w_m", "l_m"):
        value, where = getattr(size, dimension), f"`{name}.{dimension}`"
        check_positive(value, where)
        check_size(value, "m", where, _LARGEST_M)
    if not 1 <= size.mult <= _MOST_IN_PARALLEL or size.mult != int(size.mult):
        raise InputError(
            f"`{name}.mult` is {size.mult:g}; it must be a whole number from 1 to"
            f" {_MOST_IN_PARALLEL}"
        )
