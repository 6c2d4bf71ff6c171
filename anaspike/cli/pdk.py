"""`anaspike pdk`: which processes are here, and how to get the others."""

import os

import click

from anaspike.report.console import Terminal
from anaspike.report.streams import say


@click.group("pdk")
def pdk() -> None:
    """List the processes, or install an open one."""


@pdk.command("list")
def list_() -> None:
    """List the processes and whether their models are on this machine."""
    from anaspike.errors import InputError  # noqa: PLC0415
    from anaspike.pdk.catalog import open_pdk, pdk_names  # noqa: PLC0415

    console = Terminal(soft_wrap=True)
    for name in pdk_names():
        try:
            process = open_pdk(name)
        except InputError as error:
            console.parts(("absent", "yellow"), " ", (name, "bold"), f"  {error}")
        else:
            console.parts(("here", "green"), "   ", (name, "bold"), f"  {process.title}")
            console.parts(f"       core {process.vdd_V:g} V; corners {', '.join(process.corners)}")
            console.parts(f"       models: {process.source}")


@pdk.command("install")
@click.argument("name")
@click.option("--force", is_flag=True, help="fetch them afresh, whatever is there")
def install(name: str, force: bool) -> None:
    """Fetch the models of NAME into your data folder.

    \b
    NAME is sky130 (38 MB), gf180mcu (150 kB) or sg13g2 (660 kB; its transistor
    model is compiled, which needs anaspike[vacask]); version and hash are pinned.
    A second call fetches nothing; it says whether what is there is whole.
    """
    from anaspike.pdk.catalog import install_pdk  # noqa: PLC0415

    install_pdk(name, say, os.environ, force)
