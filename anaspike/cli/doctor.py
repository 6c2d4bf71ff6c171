"""`anaspike doctor`: what is here, what is missing, and the command that mends it."""

import os
import platform
import shutil
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

import click

from anaspike.errors import AnaspikeError
from anaspike.extras import installs
from anaspike.report.console import Terminal

if TYPE_CHECKING:
    from anaspike.pdk.roles import Pdk

TESTED_PYTHONS = ("3.11", "3.12", "3.13")  # as the package's classifiers say


@dataclass(frozen=True)
class Finding:
    """One line of the diagnosis.

    Attributes:
        good: True fine, False broken, None missing but not needed.
        text: what was found.
        mend: the command that mends it, when there is one.
    """

    good: bool | None
    text: str
    mend: str = ""


@click.command("doctor")
def doctor() -> int:
    """Say what is found, what is missing, and the command that mends it.

    Exit code 1 when something that every command needs is missing.
    """
    console = Terminal(soft_wrap=True)
    marks = {
        True: ("ok     ", "green"),
        False: ("broken ", "bold red"),
        None: ("absent ", "yellow"),
    }
    findings = [_python(), *_simulator(), *_second_simulator(), *_processes()]
    for finding in findings:
        console.parts(marks[finding.good], finding.text)
        if finding.mend:
            console.parts(f"         mend: {finding.mend}")
    return int(any(finding.good is False for finding in findings))


def _python() -> Finding:
    here = f"{sys.version_info.major}.{sys.version_info.minor}"
    return Finding(
        True,
        f"Python {platform.python_version()} at {sys.executable}"
        f" ({_among(here in TESTED_PYTHONS, TESTED_PYTHONS)})",
    )


def _simulator() -> Iterator[Finding]:
    from anaspike.spice.ngspice.run import Ngspice  # noqa: PLC0415
    from anaspike.spice.ngspice.version import TESTED, has_osdi  # noqa: PLC0415

    try:
        simulator = Ngspice.find()
    except AnaspikeError as error:
        yield Finding(False, str(error), system_installs("ngspice", "ngspice"))
        return
    yield Finding(
        True,
        f"ngspice {simulator.version} at {simulator.executable}"
        f" ({_among(simulator.version.tested, TESTED)})",
    )
    if why := simulator.why_batch():
        mend = system_installs("libngspice0", "libngspice") if "No such file" in why else ""
        yield Finding(None, f"in process: {why} (each run starts a program: same numbers)", mend)
    else:
        yield Finding(True, "in process: the library of the same build runs decks (same numbers)")
    if has_osdi(simulator.executable):
        yield Finding(True, "OSDI: Verilog-A models can be loaded")
    else:
        yield Finding(None, "OSDI: this ngspice loads no Verilog-A models (sg13g2 runs on VACASK)")


def _second_simulator() -> Iterator[Finding]:
    from anaspike.spice.vacask.run import Vacask  # noqa: PLC0415
    from anaspike.spice.vacask.version import KNOWN  # noqa: PLC0415

    try:
        simulator = Vacask.find()
    except AnaspikeError as error:
        said = f"{error} (only --simulator vacask and --second-opinion need it)"
        yield Finding(None, said, installs("vacask"))
        return
    yield Finding(
        True,
        f"VACASK {simulator.version} at {simulator.executable}"
        f" ({_among(simulator.version.tested, (KNOWN,))})",
    )


def _processes() -> Iterator[Finding]:
    from anaspike.pdk.catalog import INSTALLABLE, open_pdk, pdk_names  # noqa: PLC0415
    from anaspike.pdk.installed import Broken  # noqa: PLC0415
    from anaspike.pdk.roots import Misnamed  # noqa: PLC0415

    for name in pdk_names():
        try:
            process = open_pdk(name)
        except AnaspikeError as error:
            # Models installed beside it would not mend a variable: it goes before them.
            installable = name in INSTALLABLE and not isinstance(error, Misnamed)
            afresh = " --force" if isinstance(error, Broken) else ""
            mend = f"anaspike pdk install {name}{afresh}" if installable else ""
            if name == "generic28":
                yield Finding(
                    False, f"PDK {name}: {error}", installs(flags="--force-reinstall --no-deps ")
                )
            else:
                yield Finding(None, f"PDK {name}: {error}", mend)
        else:
            said = f"PDK {name}: {process.title}, models from {process.source}"
            yield _runnable(said, process)


def _runnable(said: str, process: "Pdk") -> Finding:
    """Say on what a process with compiled models runs, where it has some."""
    from anaspike.spice.simulators import find_simulator  # noqa: PLC0415

    modules = process.osdi()
    if not modules:
        return Finding(True, said)
    try:
        found = find_simulator(modules=modules)
    except AnaspikeError as error:
        return Finding(None, f"{said}; nothing here runs it: {error}")
    return Finding(True, f"{said}; runs on {found.name} {found.version}")


def _among(tested: bool, versions: Iterable[object]) -> str:
    """Say what was tested, and whether what is here was."""
    return f"{'tested' if tested else 'not among those tested'}: {', '.join(map(str, versions))}"


def system_installs(debian: str, homebrew: str) -> str:
    """Return what installs a package of the system's on this machine.

    Args:
        debian: what Debian and Ubuntu call it.
        homebrew: what Homebrew calls it.
    """
    if sys.platform == "darwin":
        return f"brew install {homebrew}"
    there = "/usr/bin:/bin:/usr/sbin:/sbin"  # whatever the PATH says
    if shutil.which("apt-get", path=there) is None:
        return f"install {debian} as your system does; without root: docs/set-up.md"
    if os.geteuid() == 0:
        return f"apt-get install {debian}"
    if shutil.which("sudo", path=there) is not None:
        return f"sudo apt-get install {debian}"
    return f"apt-get install {debian} (as root; without: docs/set-up.md)"
