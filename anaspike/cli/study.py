"""What the commands that run a study share: their options, and how an answer leaves."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from anaspike.cli.options import COUNT, SECOND, simulator_option
from anaspike.errors import AnaspikeError, InputError
from anaspike.report.streams import pour, say

if TYPE_CHECKING:
    from anaspike.campaign.answer import Answer
    from anaspike.campaign.bench import Bench
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
            "--out", type=click.Path(path_type=Path), help="folder  [default: results/runs/...]"
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
    from anaspike.campaign.opinion import with_opinions  # noqa: PLC0415
    from anaspike.campaign.traces import InFolder, clear, with_traces  # noqa: PLC0415
    from anaspike.folders import held, unfinished  # noqa: PLC0415
    from anaspike.report import answers  # noqa: PLC0415
    from anaspike.report.tables import check_format  # noqa: PLC0415
    from anaspike.studies.running import Running  # noqa: PLC0415

    check_format(table_format)
    how = Running(
        jobs, timeout_s, no_cache, fail_fast, scheduler, simulator, second_opinion,
        check_convergence,
    )  # fmt: skip
    study = study.approximated() if fast else study
    study.check()
    talk = not (quiet or as_json)
    folder = out or default_folder(study.name)
    say_so = _nothing if quiet else partial(say, err=True)
    with ExitStack() as to_the_end, ExitStack() as open_now:
        moves: list[Move] = []

        def move(done: int, total: int, doing: str, failed: int) -> None:
            for bar in moves:
                bar(done, total, doing, failed)

        kept = InFolder(folder, say_so) if keep_waveforms else None
        foresee = None if quiet else partial(_foretell, timeout_s, _of_length())
        bench = open_now.enter_context(how.bench(study, move, foresee, say_so, kept))
        if not holds_out:
            to_the_end.enter_context(held(folder))
        if kept is not None:
            to_the_end.enter_context(unfinished(folder))
        clear(folder)
        moves += [open_now.enter_context(_bar())] if talk else []
        with _kept_results_named(bench):
            answer = with_opinions(study.answer(bench, specs), bench)
            open_now.close()  # the bar goes before anything is said
            answer = answer if kept is None else with_traces(answer, kept.found)
            files = answers.save(answer, folder, table_format, how.cache)
    if seen is not None:
        seen(answer)
    if as_json:
        pour(answers.whole_json(answer, files) + "\n")
    elif talk:
        _show(answer, files)
    if bench.interrupted:
        return INTERRUPTED
    return 0 if answer.ok else 1


@contextmanager
def _kept_results_named(bench: "Bench") -> Iterator[None]:
    """Say that the cache took part in what went wrong: a result in it may be anyone's, and odd."""
    from anaspike.campaign.point import shown  # noqa: PLC0415
    from anaspike.studies.own import is_users  # noqa: PLC0415

    try:
        yield
    except (AnaspikeError, OSError, MemoryError):
        raise
    except Exception as error:
        if is_users(error) or all(outcome.made is None for outcome in bench.outcomes):
            raise
        raise InputError(
            f"{shown(error)}, with results from the cache; if it works with --no-cache, they are"
            " at fault: anaspike cache prune --all"
        ) from error


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
