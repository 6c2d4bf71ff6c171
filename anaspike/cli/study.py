"""What the commands that run a study share: their options, and how an answer leaves."""

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from anaspike.cli.options import COUNT, PATH, SECOND, simulator_option
from anaspike.report.streams import pour, say

if TYPE_CHECKING:
    from anaspike.campaign.answer import Answer
    from anaspike.campaign.forecast import Forecast
    from anaspike.campaign.specs import Spec
    from anaspike.cli.progress import Move
    from anaspike.studies.base import Study
    from anaspike.studies.optimisation import Optimisation
    from anaspike.studies.spread import Spread

INTERRUPTED = 130
# What `output_options` adds, as `run_study` takes it.
OUTPUT = (
    "out", "table_format", "quiet", "as_json", "jobs", "timeout_s", "no_cache", "fail_fast",
    "scheduler", "simulator", "second_opinion", "check_convergence", "fast", "keep_waveforms",
)  # fmt: skip

# What `learning_options` adds.
LEARNING_OUTPUT = ("out", "table_format", "quiet", "as_json", "jobs", "no_cache", "fail_fast")

# What decides how long a command takes, where it has them.
_OF_LENGTH = ("--points", "--step", "--spikes-in", "--mc", "--corner", "--jobs")

Command = TypeVar("Command", bound=Callable[..., Any])


def default_folder(name: str) -> Path:
    """Return a folder of its own for a run, below results/runs."""
    stamp = datetime.now().astimezone().strftime("%Y%m%d-%H%M%S-%f")
    return Path("results") / "runs" / f"{name}-{stamp[:-3]}"


def _where_it_goes() -> tuple[Callable[[Command], Command], ...]:
    """Return the options that say where an answer goes, whatever it is about."""
    return (
        click.option("--json", "as_json", is_flag=True, help="print the answer as JSON"),
        click.option("--quiet", is_flag=True, help="print nothing but errors"),
        click.option(
            "--format", "table_format", default="csv", show_default=True,
            help="csv, parquet or json",
        ),
        click.option(
            "--out", type=PATH, help="folder  [default: results/runs/...]"
        ),
    )  # fmt: skip


def learning_options(command: Command) -> Command:
    """Add the options that say where an answer goes, of a study that simulates nothing."""
    for option in (
        *_where_it_goes(),
        click.option("--no-cache", is_flag=True, help="learn all afresh and keep no results"),
        click.option("--fail-fast", is_flag=True, help="stop at the first training that fails"),
        click.option("--jobs", type=COUNT, help="trainings at once  [default: all cores]"),
    ):  # fmt: skip
        command = option(command)
    return command


def output_options(command: Command) -> Command:
    """Add the options that say where an answer goes, and how it is run."""
    for option in (
        *_where_it_goes(),
        click.option(
            "--timeout", "timeout_s", type=SECOND, default=600.0, show_default=True,
            help="wall-clock limit of one simulation",
        ),
        click.option("--no-cache", is_flag=True, help="run all afresh and keep no results"),
        click.option("--fail-fast", is_flag=True, help="stop at the first point that fails"),
        click.option(
            "--scheduler", metavar="ADDRESS", help="run on the Dask cluster at tcp:// or tls://host:port"
        ),
        click.option(
            "--second-opinion", is_flag=True,
            help="run each point on the other simulator too, and compare",
        ),
        click.option(
            "--check-convergence", is_flag=True,
            help="run each point again at tighter settings, and compare",
        ),
        simulator_option(),
        click.option(
            "--keep-waveforms", is_flag=True,
            help="keep each point's traces, for `anaspike export`; their size is said before",
        ),
        click.option(
            "--fast", is_flag=True,
            help="sky130 only: an approximation in less time, which every title names",
        ),
        click.option("--jobs", type=COUNT, help="simulations at once  [default: all cores]"),
    ):  # fmt: skip
        command = option(command)
    return command


def run_study(
    study: "Study | Spread | Optimisation",
    *,
    out: Path | None,
    table_format: str,
    quiet: bool,
    as_json: bool,
    jobs: int | None,
    no_cache: bool,
    fail_fast: bool,
    timeout_s: float = 600.0,
    scheduler: str | None = None,
    simulator: str | None = None,
    second_opinion: bool = False,
    check_convergence: bool = False,
    fast: bool = False,
    keep_waveforms: bool = False,
    specs: "Sequence[Spec] | None" = None,
    seen: "Callable[[Answer], None] | None" = None,
    holds_out: bool = False,
) -> int:
    """Answer a study, write and print the answer, and show it to `seen`; return the exit code.

    Its folder is kept from other commands meanwhile, unless the caller `holds_out` itself.
    0 all specs met, 1 a point failed or a spec is missed, 130 interrupted.
    """
    from anaspike.campaign.traces import InFolder  # noqa: PLC0415
    from anaspike.report.answers import whole_json  # noqa: PLC0415
    from anaspike.report.tables import check_format  # noqa: PLC0415
    from anaspike.studies.running import Place, Running, answered  # noqa: PLC0415

    check_format(table_format)
    how = Running(
        jobs, timeout_s, no_cache, fail_fast, scheduler, simulator, second_opinion,
        check_convergence,
    )  # fmt: skip
    talk = not (quiet or as_json)
    folder = out or default_folder(study.name)
    say_so = _nothing if quiet else partial(say, err=True)
    found = answered(
        study.approximated() if fast else study,
        how,
        Place(folder, table_format, is_held=holds_out),
        specs,
        InFolder(folder, say_so) if keep_waveforms else None,
        _bar() if talk else None,
        None if quiet else partial(_foretell, timeout_s, _of_length()),
        say_so,
    )
    answer, files = found.answer, found.files
    if seen is not None:
        seen(answer)
    if as_json:
        pour(whole_json(answer, files) + "\n")
    elif talk:
        _show(answer, files)
    if found.interrupted:
        return INTERRUPTED
    return 0 if answer.ok else 1


def _nothing(_: str) -> None:
    """Say nothing."""


def _of_length() -> str:
    """Name the options of the running command that decide how long it takes."""
    context = click.get_current_context(silent=True)
    there = {name for option in (context.command.params if context else ()) for name in option.opts}
    return ", ".join(name for name in _OF_LENGTH if name in there)


def _foretell(timeout_s: float, options: str, forecast: "Forecast") -> None:
    """Say on the error stream how long it will take, and what changes that."""
    text = f"{forecast}; what changes it: {options}"
    if forecast.effort.processor_s > timeout_s:
        text += f"; --timeout ends each after {timeout_s:g} s"
    say(text, err=True)


def _show(answer: "Answer", files: Sequence[Path]) -> None:
    from anaspike.report.terminal import show  # noqa: PLC0415

    show(answer, files)


def _bar() -> "AbstractContextManager[Move]":
    from anaspike.cli.progress import progress_bar  # noqa: PLC0415

    return progress_bar("simulating")
