"""Any question from Python: the command line's parameters in, a result out."""

from collections.abc import Iterable, Mapping
from dataclasses import fields, replace
from os import PathLike
from pathlib import Path
from typing import Any, get_args, get_origin

from anaspike.api.bar import Bar
from anaspike.api.result import Result, of_answer
from anaspike.campaign.specs import Spec
from anaspike.campaign.traces import InFolder, InMemory
from anaspike.circuits.designs import Design, design_asked
from anaspike.errors import InputError
from anaspike.files import path_of
from anaspike.studies import running
from anaspike.studies.base import Study
from anaspike.studies.catalog import study_class
from anaspike.studies.conditions import Conditions, SpaceTable, under
from anaspike.studies.flow import Declared, Flow, declared, names_file
from anaspike.studies.networks.network import read_counts
from anaspike.studies.running import Place, Question, Running
from anaspike.units import parse_quantity, parse_whole, printable, suggestion

_RUNNING = tuple(one.name for one in fields(Running))
_SWITCHES = tuple(one.name for one in fields(Running) if one.type is bool)
_CONDITIONS = ("corner", "temp", "mc", "seed")
_SPACE = ("over", "sample", "sample_seed")
_NOT_JUDGED = ("sweep-vdd",)  # of what it finds, none is bad: as its command has it
_AGAIN = ("second_opinion", "check_convergence")
_OTHERS = ("pdk", "design", "size", "fast", "out", "keep_waveforms")


def study(name: str | PathLike[str], /, **parameters: Any) -> Result:
    """Ask any question by its name, as the command line does; each has a function of its own too.

    The parameters are those of the command, with underscores, an option's unit behind its name:
    `--vdd-syn 0.65` is `vdd_syn_V=0.65` or `vdd_syn_V="650m"`. Of `explore` there are `over`,
    `sample` and `sample_seed`; of a study what a flow file sets.

    A flow file is asked by its name, "mine.toml", on the first of its processes where `pdk` says
    no other; what is given stands in the place of what the file says.

    Interrupted, it returns what is finished; the other rows say "cancelled".

    Args:
        name: of the study: "xor-test", "sweep-vdd", "pseudo-resistor", ...; or of a flow file.
        parameters: `pdk`; `corner`, `temp`, `mc`, `seed`: conditions, one or several;
            `design`, `size`: another neuron; `jobs`, `timeout_s`, `no_cache`, `fail_fast`,
            `scheduler`, `simulator`, `second_opinion`, `check_convergence`, `fast`: how it is
            run; `out`: a folder for its files; `keep_waveforms`: hold each point's traces, in
            the folder if there is one; and the study's own.

    Raises:
        InputError: something asked for makes no sense, or ngspice or the PDK is missing.
    """
    if not isinstance(name, str | PathLike):
        raise InputError(f"a question is asked by its name, not by {printable(repr(name))}")
    name = str(name)
    given = {key: _plain(value) for key, value in parameters.items() if value is not None}
    written = declared(Path(name)) if names_file(name) else None
    if written is not None and written.own is not None:
        raise InputError(
            f"{printable(name)} runs Python of its own: ask it by `anaspike run`, which says so"
            " before"
        )
    kind = study_class(name if written is None else written.table.study)
    _refuse_unknown(kind, given)
    how = _running(given)
    out, every = given.pop("out", None), bool(given.pop("keep_waveforms", False))
    folder = None if out is None else path_of(out, "out")
    if written is not None:
        flow = _flow(written, kind, given)
        again = {key: getattr(how, key) or getattr(flow, key) for key in _AGAIN}
        return answered(flow.studies[0], replace(how, **again), folder, every, flow.specs[0])
    question = _asked(kind, given)
    specs = () if name in _NOT_JUDGED else None
    return answered(question, how, folder, every, specs)


def answered(
    question: Question,
    how: Running,
    out: Path | None,
    every: bool,
    specs: tuple[Spec, ...] | None = None,
) -> Result:
    """Ask a question and return its answer, written into a folder where one is named.

    Args:
        question: to ask.
        how: its points are run.
        out: the folder; None for none.
        every: whether each point's traces are kept, in the folder or in memory.
        specs: limits to judge by instead of the question's own.

    Raises:
        InputError: it cannot be asked so.
    """
    bar = Bar(question.name)
    memory = InMemory(every)
    folder = InFolder(out, bar.say) if out is not None and every else None
    place = None if out is None else Place(out, instead="choose another folder")
    found = running.answered(
        question, how, place, specs, folder or memory, bar.moving(),
        lambda forecast: bar.say(str(forecast)), bar.say,
    )  # fmt: skip
    kept = memory.found if folder is None else folder.found
    return of_answer(found.answer, kept, out, how.cache)


def _running(given: dict[str, Any]) -> Running:
    """Return how it is run; numbers may be written as on the command line."""
    how = {key: given.pop(key) for key in _RUNNING if key in given}
    for name in _SWITCHES:
        if not isinstance(how.get(name, False), bool):
            raise InputError(f"{name}: {printable(repr(how[name]))} is neither True nor False")
    if "jobs" in how:
        how["jobs"] = parse_whole(how["jobs"], "jobs")
    if "timeout_s" in how:
        how["timeout_s"] = parse_quantity(how["timeout_s"], "s", "timeout_s")
    return Running(**how)


def _refuse_unknown(kind: type[Study], given: Iterable[str]) -> None:
    known = [*kind.model_fields, *_RUNNING, *_SPACE, *_OTHERS, *_CONDITIONS]
    for name in given:
        if name not in known:
            raise InputError(
                f"{kind.name} has no parameter '{printable(name)}'; {suggestion(name, known)}"
            )


def _asked(kind: type[Study], given: dict[str, Any]) -> Question:
    """Return the question under its conditions."""
    conditions, table, parameters = _taken_apart(kind, given)
    if "conditions" in kind.model_fields:  # it makes its chips of them itself
        return kind(**parameters, conditions=conditions)
    return under(kind(**parameters), conditions, table)


def _flow(written: Declared, kind: type[Study], given: dict[str, Any]) -> Flow:
    """Return a flow file's question, asked as its own words and these parameters say."""
    pdk = given.pop("pdk", None)
    conditions, space, parameters = _taken_apart(kind, given)
    for sizes in ("sized", "sizes"):
        if not parameters[sizes]:
            del parameters[sizes]
    asked = written.asked(conditions, space if space.over else None, parameters)
    chosen = (pdk,) if pdk is not None else asked.table.pdks[:1]
    return asked.flow(chosen)


def _taken_apart(
    kind: type[Study], given: dict[str, Any]
) -> tuple[Conditions, SpaceTable, dict[str, Any]]:
    """Return conditions, what to go through, and the study's own parameters."""
    own = _own_conditions(kind)
    asked = {key: given.pop(key) for key in _CONDITIONS if key in given and key not in own}
    space = {key: given.pop(key) for key in _SPACE if key in given}
    through = space.get("over", {})
    if not isinstance(through, Mapping):
        raise InputError(f"over: {printable(repr(through))} is no table, {{name: values}}")
    over = {
        name: values if isinstance(values, str) else _several(values)
        for name, values in through.items()
    }
    table = SpaceTable(
        over=over, sampling=space.get("sample", "grid"), seed=space.get("sample_seed", 0)
    )
    parameters = {
        "sized": _design(given.pop("design", None)),
        "sizes": _sizes(given.pop("size", {})),
        **{name: _in_parts(kind, name, value) for name, value in given.items()},
    }
    return _conditions(asked), table, parameters


def _own_conditions(kind: type[Study]) -> tuple[str, ...]:
    """Return what is called as a condition and is a parameter: a training's seed."""
    return () if kind.simulates else ("seed",)


def _conditions(asked: Mapping[str, Any]) -> Conditions:
    corners, temperatures = asked.get("corner", ()), asked.get("temp", ())
    numbers = {name: asked[name] for name in ("mc", "seed") if name in asked}
    try:
        return Conditions(
            corners=_several(corners), temperatures_C=_several(temperatures), **numbers
        )
    except ValueError as error:
        raise InputError(f"corner, temp, mc or seed: {_first_line(error)}") from None


def _first_line(error: ValueError) -> str:
    found: list[Any] = getattr(error, "errors", list)()
    return str(found[0]["msg"]).removeprefix("Value error, ") if found else str(error)


def _several(value: Any) -> tuple[Any, ...]:
    """Return several values, however they are given: one, a list, "a,b"."""
    if isinstance(value, str):
        return tuple(part.strip() for part in value.split(","))
    return tuple(value) if isinstance(value, list | tuple | range | set) else (value,)


def _in_parts(kind: type[Study], name: str, value: Any) -> Any:
    """Return a parameter's value; a field of several is given one, too, or a text with commas."""
    field = kind.model_fields.get(name)
    if field is None:
        return value
    kinds = [field.annotation, *get_args(field.annotation)]
    return _several(value) if any(get_origin(one) is tuple for one in kinds) else value


def _plain(value: Any) -> Any:
    """Return NumPy's arrays and numbers as Python's own."""
    return value.tolist() if hasattr(value, "tolist") else value


def _design(design: Any) -> Design | None:
    return design if design is None or isinstance(design, Design) else design_asked(str(design))


def _sizes(sizes: Any) -> dict[str, Any]:
    """Return sizes by their names; as on the command line they may be "name=value" each."""
    if isinstance(sizes, Mapping):
        return dict(sizes)
    named = {}
    for text in _several(sizes):
        name, equals, value = str(text).partition("=")
        if not (name and equals and value):
            raise InputError(f"size: '{printable(str(text))}' is not name=value")
        named[name] = value
    return named


def asked(name: str, given: Mapping[str, Any]) -> Result:
    """Ask a question as its function was called: with the parameters of its command.

    Args:
        name: of the study.
        given: parameter -> value, as the function got them.

    Raises:
        InputError: as of `study`.
    """
    parameters = dict(given)
    if "no_calibrate" in parameters:
        parameters["calibrate"] = not parameters.pop("no_calibrate")
    if parameters.get("steps") is not None:  # of networks in time alone
        name = f"{name}-in-time"
    if name == "simulate-network":
        counts = parameters.pop("inputs") or {}
        parameters["spikes_in"] = counts if isinstance(counts, Mapping) else read_counts(counts)
    return study(name, **parameters)
