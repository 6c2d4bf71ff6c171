"""`anaspike run`: flow files, one or all."""

from pathlib import Path
from typing import Any

import click

from anaspike.cli.study import INTERRUPTED, output_options, run_study
from anaspike.errors import InputError

FLOWS = Path("flows")


@click.command("run")
@click.argument("files", nargs=-1, type=click.Path(path_type=Path), metavar="FILE...")
@click.option("--all", "everything", is_flag=True, help="run every flow in flows/")
@click.option("--pdk", help="process to run on instead of the file's own, or several: a,b")
@output_options
def run_flows(
    files: tuple[Path, ...], everything: bool, pdk: str | None, out: Path | None, **output: Any
) -> int:
    """Run flow files: declared studies with their specs.

    \b
    Each study's answer goes to a folder of its own: OUT/<flow>/<pdk>.
    Exit code: 0 all specs met, 1 a point failed or a spec is missed, 2 bad
    input, 130 interrupted.
    """
    from anaspike.studies.flow import read_flow  # noqa: PLC0415

    if everything == bool(files):
        raise InputError("name flow files, or give --all for every one in flows/")
    paths = sorted(FLOWS.glob("*.toml")) if everything else list(files)
    if not paths:
        raise InputError("there is no flow in flows/; name the files")
    chosen = tuple(pdk.split(",")) if pdk else ()
    # All are read and checked before any is run: a slip in the last must not cost an hour.
    flows = [read_flow(path, chosen) for path in paths]
    for path, flow in zip(paths, flows, strict=True):
        try:
            for study in flow.studies:
                study.check()
        except InputError as error:
            raise InputError(f"{path}: {error}") from None
    root, worst = out or Path("results") / "runs", 0
    for flow in flows:
        for study, specs in zip(flow.studies, flow.specs, strict=True):
            place = root / flow.name / study.pdk
            worst = max(worst, run_study(study, out=place, specs=specs, **output))
            if worst == INTERRUPTED:  # Ctrl-C means all of them
                return worst
    return worst
