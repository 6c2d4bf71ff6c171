"""`anaspike run`: flow files, one or all."""

from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from anaspike.cli.conditions import condition_options
from anaspike.cli.options import PATH
from anaspike.cli.study import INTERRUPTED, output_options, run_study
from anaspike.errors import InputError

if TYPE_CHECKING:
    from anaspike.studies.flow import Flow

FLOWS = Path("flows")


@click.command("run")
@click.argument("files", nargs=-1, type=PATH, metavar="FILE...")
@click.option("--all", "everything", is_flag=True, help="run every flow in flows/")
@click.option("--pdk", help="process to run on instead of the file's own, or several: a,b")
@click.option("--trust", is_flag=True, help="run Python from outside of this folder unasked")
@condition_options
@output_options
def run_flows(
    files: tuple[Path, ...],
    everything: bool,
    pdk: str | None,
    trust: bool,
    conditions: Any,
    out: Path | None,
    **output: Any,
) -> int:
    """Run flow files: declared studies with their specs.

    \b
    --corner, --temp, --mc and --seed stand in the place of the files' own.
    Each study's answer goes to a folder of its own: OUT/<flow>/<pdk>. Of
    several a summary comes last: what is met, missed and not judged.
    A flow may name Python of its own, which is run: that is said, and asked
    where the file does not lie below the current folder.
    Exit code: 0 all specs met, 1 a point failed or a spec is missed, 2 bad
    input, 130 interrupted.
    """
    from anaspike.cli.trust import ask_once  # noqa: PLC0415
    from anaspike.studies.flow import declared  # noqa: PLC0415
    from anaspike.studies.own import own_errors  # noqa: PLC0415

    if everything == bool(files):
        raise InputError("name flow files, or give --all for every one in flows/")
    paths = sorted(FLOWS.glob("*.toml")) if everything else list(files)
    if not paths:
        raise InputError("there is no flow in flows/; name the files")
    chosen = tuple(pdk.split(",")) if pdk else ()
    # All are read and checked before any is run: a slip in the last must not cost an hour.
    names, written = _names(paths), [declared(path).asked(conditions) for path in paths]
    ask_once([one.own for one in written if one.own], trust, output["quiet"])
    flows = [replace(one.flow(chosen), name=name) for one, name in zip(written, names, strict=True)]
    if output["fast"]:
        flows = [
            replace(flow, studies=tuple(study.approximated() for study in flow.studies))
            for flow in flows
        ]
    for one, flow in zip(written, flows, strict=True):
        try:
            with own_errors(one.own):
                for study in flow.studies:
                    study.check()
        except InputError as error:
            raise InputError(f"{one.path}: {error}") from None
    owns = [one.own for one in written]
    return _run(flows, owns, out or Path("results") / "runs", output)


def _names(paths: Sequence[Path]) -> list[str]:
    """Return what flows are called where their answers go; two of a name by their folders too."""
    stems = [path.stem for path in paths]
    names = [
        f"{path.absolute().parent.name}-{stem}" if stems.count(stem) > 1 else stem
        for path, stem in zip(paths, stems, strict=True)
    ]
    for path, name in zip(paths, names, strict=True):
        if names.count(name) > 1:
            raise InputError(
                f"{path}: another of these flows would write into the same folder, {name};"
                " name it once, or rename one"
            )
    return names


def _run(flows: "list[Flow]", owns: list[Path | None], root: Path, output: dict[str, Any]) -> int:
    from anaspike.report.verdicts import Summary  # noqa: PLC0415
    from anaspike.studies.own import own_errors  # noqa: PLC0415

    asked = [(flow.name, study.pdk) for flow in flows for study in flow.studies]
    summary, worst = Summary(asked), 0
    with _held(root, asked):
        try:
            for flow, own in zip(flows, owns, strict=True):
                again = {
                    name: output[name] or getattr(flow, name)
                    for name in ("check_convergence", "second_opinion")
                }
                for study, specs in zip(flow.studies, flow.specs, strict=True):
                    place = root / flow.name / study.pdk
                    with own_errors(own):
                        code = run_study(
                            study, out=place, specs=specs, seen=summary.add, holds_out=True,
                            **{**output, **again},
                        )  # fmt: skip
                    worst = max(worst, code)
                    if worst == INTERRUPTED:  # Ctrl-C means all of them
                        return worst
        finally:  # whatever ended it, what was done is said
            if len(asked) > 1 and not (output["quiet"] or output["as_json"]):
                summary.show()
    return worst


@contextmanager
def _held(root: Path, asked: list[tuple[str, str]]) -> Iterator[None]:
    """Keep other commands out of every folder: a second one is refused before it has begun."""
    from anaspike.folders import held, refuse_links  # noqa: PLC0415

    with ExitStack() as all_of_them:
        for flow, pdk in asked:
            all_of_them.enter_context(held(refuse_links(root / flow / pdk, root)))
        yield
