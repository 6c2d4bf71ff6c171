"""The processes that anaspike knows, by the name that `--pdk` takes."""

import os
from collections.abc import Callable, Mapping

from anaspike.errors import InputError
from anaspike.pdk.generic28 import Generic28
from anaspike.pdk.roles import Pdk
from anaspike.units import printable


def pdk_names() -> tuple[str, ...]:
    """Return the names, the embedded process first."""
    return tuple(_openers())


def open_pdk(name: str, environ: Mapping[str, str] = os.environ) -> Pdk:
    """Return a process, its models found.

    Raises:
        InputError: the name is unknown, or the models are not on this machine.
    """
    openers = _openers()
    if name not in openers:
        raise InputError(f"unknown PDK '{printable(name)}'; choose one of {', '.join(openers)}")
    return openers[name](environ)


def _openers() -> dict[str, Callable[[Mapping[str, str]], Pdk]]:
    return {"generic28": lambda _: Generic28(), "sky130": _open_sky130}


def _open_sky130(environ: Mapping[str, str]) -> Pdk:
    # Imported here: who uses the embedded process pays nothing for this one.
    from anaspike.pdk.sky130 import Sky130  # noqa: PLC0415

    return Sky130.open(environ)
