"""What the commands that run a study share: their options, and how an answer leaves."""

from collections.abc import Callable, Sequence
from contextlib import nullcontext
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from anaspike.cli.options import COUNT, SECOND
from anaspike.cli.progress import progress_bar

if TYPE_CHECKING:
    from anaspike.campaign.specs import Spec
    from anaspike.studies.base import Study
    from anaspike.studies.spread import Spread

INTERRUPTED = 130
# What `output_options` adds, as `run_study` takes it.
OUTPUT = (
    "out", "table_format", "quiet", "as_json", "jobs", "timeout_s", "no_cache", "fail_fast",
)  # fmt: skip

Command = TypeVar("Command", bound=Callable[..., Any])


def default_folder(name: str) -> Path:
    """Return a folder of its own for a run, below results/runs."""
    stamp = datetime.now().astimezone().strftime("%Y%m%d-%H%M%S-%f")
    return Path("results") / "runs" / f"{name}-{stamp[:-3]}"


def output_options(command: Command) -> Command:
    """Add the options that say where an answer goes, and how it is run."""
    for option in (
        click.option("--json", "as_json", is_flag=True, help="print the answer as JSON"),
        click.option("--quiet", is_flag=True, help="print nothing but errors"),
        click.option(
            "--format", "table_format", default="csv", show_default=True,
            help="csv, parquet or json",
        ),
        click.option(
            "--out", type=click.Path(path_type=Path), help="folder  [default: results/runs/...]"
        ),
        click.option(
            "--timeout", "timeout_s", type=SECOND, default=600.0, show_default=True,
            help="wall-clock limit of one simulation",
        ),
        click.option("--no-cache", is_flag=True, help="run all afresh and keep no results"),
        click.option("--fail-fast", is_flag=True, help="stop at the first point that fails"),
        click.option("--jobs", type=COUNT, help="simulations at once  [default: all cores]"),
    ):  # fmt: skip
        command = option(command)
    return command


def run_study(
    study: "Study | Spread",
    *,
    out: Path | None,
    table_format: str,
    quiet: bool,
    as_json: bool,
    jobs: int | None,
    timeout_s: float,
    no_cache: bool,
    fail_fast: bool,
    specs: "Sequence[Spec] | None" = None,
) -> int:
    """Answer a study, write and print the answer; return the exit code.

    0 all specs met, 1 a point failed or a spec is missed, 130 interrupted.
    """
    from anaspike.campaign.store import Cache, cache_folder  # noqa: PLC0415
    from anaspike.files import make_folder  # noqa: PLC0415
    from anaspike.report import answers  # noqa: PLC0415
    from anaspike.report.tables import check_format  # noqa: PLC0415
    from anaspike.spice.run import Ngspice  # noqa: PLC0415
    from anaspike.studies.base import Bench  # noqa: PLC0415

    check_format(table_format)
    study.check()
    simulator = Ngspice.find(timeout_s=timeout_s)
    folder = make_folder(out or default_folder(study.name))
    talk = not (quiet or as_json)
    cache = None if no_cache else Cache(cache_folder())
    with progress_bar("simulating") if talk else nullcontext() as progress:
        bench = Bench(simulator, jobs, progress, cache, fail_fast)
        answer = study.answer(bench, specs)
    files = answers.save(answer, folder, table_format)
    if as_json:
        click.echo(answers.whole_json(answer, files))
    elif talk:
        answers.show(answer, files)
    if bench.interrupted:
        return INTERRUPTED
    return 0 if answer.ok else 1
