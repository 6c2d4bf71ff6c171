"""The processes that anaspike knows, by the name that `--pdk` takes."""

import os
from collections.abc import Callable, Mapping

from anaspike.errors import InputError
from anaspike.pdk.generic28 import Generic28
from anaspike.pdk.roles import Pdk
from anaspike.units import printable

INSTALLABLE = ("sky130", "gf180mcu", "sg13g2")


def pdk_names() -> tuple[str, ...]:
    """Return the names, the embedded process first."""
    return tuple(_classes())


def open_pdk(name: str, environ: Mapping[str, str] = os.environ, *, fast: bool = False) -> Pdk:
    """Return a process, its models found.

    Args:
        name: of the process.
        environ: variables that may name its models.
        fast: as its named approximation (`Pdk.approximated`).

    Raises:
        InputError: the name is unknown, the models are not on this machine, or the
            process has no approximation.
    """
    process = pdk_class(name).open(environ)
    return process.approximated() if fast else process


def pdk_class(name: str) -> type[Pdk]:
    """Return what a process offers, whether its models are on this machine or not.

    Raises:
        InputError: the name is unknown.
    """
    classes = _classes()
    if name not in classes:
        raise InputError(f"unknown PDK '{printable(name)}'; choose one of {', '.join(classes)}")
    return classes[name]()


def _classes() -> dict[str, Callable[[], type[Pdk]]]:
    return {
        "generic28": lambda: Generic28,
        "sky130": _sky130,
        "gf180mcu": _gf180mcu,
        "sg13g2": _sg13g2,
    }


def _sky130() -> type[Pdk]:
    # Imported here: who uses the embedded process pays nothing for this one.
    from anaspike.pdk.sky130 import Sky130  # noqa: PLC0415

    return Sky130


def _gf180mcu() -> type[Pdk]:
    from anaspike.pdk.gf180mcu import Gf180mcu  # noqa: PLC0415

    return Gf180mcu


def _sg13g2() -> type[Pdk]:
    from anaspike.pdk.sg13g2 import Sg13g2  # noqa: PLC0415

    return Sg13g2


def install_pdk(
    name: str,
    report: Callable[[str], None],
    environ: Mapping[str, str] = os.environ,
    force: bool = False,
) -> None:
    """Fetch a process's models into the user's data folder; where they are, only by `force`.

    Raises:
        InputError: it cannot be fetched, or fetching failed; the message says why.
    """
    if name == "generic28":
        report("generic28 is embedded in anaspike: nothing to install")
    elif name == "sky130":
        from anaspike.pdk.sky130.install import install as install_sky130  # noqa: PLC0415

        install_sky130(report, environ, force)
    elif name == "gf180mcu":
        from anaspike.pdk.gf180mcu import install as install_gf180mcu  # noqa: PLC0415

        install_gf180mcu(report, environ, force)
    elif name == "sg13g2":
        from anaspike.pdk.sg13g2.install import install as install_sg13g2  # noqa: PLC0415

        install_sg13g2(report, environ, force)
    else:
        raise InputError(
            f"cannot install '{printable(name)}'; only {', '.join(INSTALLABLE[:-1])} and"
            f" {INSTALLABLE[-1]} can be installed"
        )
