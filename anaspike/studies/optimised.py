"""What a search found: the front, what holds it back, and the best sizes as a design file."""

from collections.abc import Sequence
from functools import partial
from typing import Any

import pandas as pd

from anaspike.campaign.answer import Answer, Findings
from anaspike.campaign.quantities import Quantity
from anaspike.campaign.space import Value
from anaspike.campaign.specs import Spec
from anaspike.circuits.designs import with_unit, written
from anaspike.report.optimise import history_figure
from anaspike.studies.searched import BEST
from anaspike.studies.sizing import Sizing
from anaspike.studies.tried import (
    OF_NETLISTS,
    Aim,
    Named,
    Tried,
    best_of,
    condition_name,
    front_of,
)
from anaspike.units import format_named, unit_of

NONE_KEPT = "no sizes keep all limits"
_MOST_FILES = 20


def findings(tried: Sequence[Tried], aim: Aim, sizing: Sizing, where: str) -> Findings:
    """Return what a search found.

    Args:
        tried: every candidate, the design that it started from first.
        aim: what it was for.
        sizing: of the design.
        where: name and process, for the picture.
    """
    front, best = front_of(tried), best_of(tried)
    evaluations = pd.DataFrame([_row(one, aim, one in front) for one in tried])
    limits = pd.DataFrame([_limit(named, spec, best, tried, aim) for named, spec in aim.limits])
    shown = evaluations[evaluations["front"]] if front else evaluations.iloc[[best.number]]
    names = [named.called for named in aim.costs]
    return Findings(
        {
            "front": shown.reset_index(drop=True),
            "evaluations": evaluations,
            **({"limits": limits} if len(limits) else {}),
        },
        _quantities(tried, front, best, aim),
        {"history": partial(history_figure, evaluations, names, where, sizing.kinds)},
        _notes(front, best, aim, limits),
        show=("evaluation", *names, *(n.called for n, _ in aim.limits), *sizing.start),
        also=("limits",) if len(limits) else (),
        texts=_files(front, sizing) if front else {},
    )


def why_none(answer: Answer, specs: Sequence[Spec]) -> str:
    """Return which limit no sizes keep, and by how much it is missed; "" where some keep all."""
    if answer.findings.quantities["evaluations_kept"]:
        return ""
    missed = [verdict for verdict in answer.verdicts if not verdict.met]
    if not missed:
        return f"{NONE_KEPT}: no candidate was measured to its end; see the table evaluations"
    limits = answer.findings.tables["limits"].set_index("quantity")
    most = max(missed, key=lambda verdict: _miss(verdict.margin))
    name, spec = most.spec.quantity, most.spec
    bound = " and ".join(
        f"at {which} {format_named(name, limit)}"
        for which, limit in (("least", spec.least), ("most", spec.most))
        if limit is not None
    )
    measured = "no number" if most.measured is None else format_named(name, most.measured)
    by = "" if most.margin is None else f", {-most.margin:.3g} times its limit away"
    counted = f"{limits['missed_by'][name]} of {limits['of'][name]} miss it"
    return (
        f"{NONE_KEPT}: {name} fails most; it should be {bound}, and the nearest candidate has"
        f" {measured}{by} ({counted}); widen a range or loosen the limit"
    )


def _miss(margin: float | None) -> float:
    return float("inf") if margin is None else -margin


def _row(one: Tried, aim: Aim, in_front: bool) -> dict[str, Any]:
    return {
        "evaluation": one.number,
        **{named.called: one.cost(named) for named in aim.costs},
        **{named.called: one.worst(named, spec) for named, spec in aim.limits},
        **one.sizes,
        "keeps_limits": one.score.kept,
        "missed": one.score.violation,
        "survived": one.survived,
        "front": in_front,
        "status": one.status,
        "message": one.message,
    }


def _limit(
    named: Named, spec: Spec, best: Tried, tried: Sequence[Tried], aim: Aim
) -> dict[str, Any]:
    """Return a limit's row: where the best stands, and how many better ones it keeps out."""
    place = [one for one, _ in aim.limits].index(named)
    missing = [one.score for one in tried if one.score.violations[place] > 0]
    kept_out = sum(sum(score.costs) < sum(best.score.costs) for score in missing)
    at_best = best.worst(named, spec)
    return {
        "quantity": named.called,
        "min": spec.least,
        "max": spec.most,
        "at_best": at_best,
        "margin": spec.margin(at_best),
        "missed_by": len(missing),
        "of": len(tried),
        "better_kept_out": kept_out,
        "binds": kept_out > 0,
        "why": spec.why,
    }


def _quantities(
    tried: Sequence[Tried], front: Sequence[Tried], best: Tried, aim: Aim
) -> dict[str, Quantity]:
    kept = sum(one.score.kept and one.survived for one in tried)
    return {
        "evaluations": float(len(tried) - 1),
        "evaluations_failed": float(sum(one.status != "ok" for one in tried)),
        "evaluations_kept": float(kept),
        "front_size": float(len(front)),
        **{f"start_{named.called}": tried[0].cost(named) for named in aim.costs},
        **{named.called: best.cost(named) for named in aim.costs},
        **{named.called: best.rows(named) for named, _ in aim.limits},
    }


def _notes(front: Sequence[Tried], best: Tried, aim: Aim, limits: pd.DataFrame) -> tuple[str, ...]:
    which = "best" if front else "nearest"
    binds = [str(name) for name in limits.loc[limits["binds"], "quantity"]] if len(limits) else []
    return (
        f"{which}: evaluation {best.number}; {as_options(best)}",
        *(
            (f"what holds it back, better candidates miss it: {', '.join(binds)}",)
            if front and binds
            else ()
        ),
        "evaluation 0 is the design that the search starts from; a quantity to minimise is as the"
        " studies ask it, a limit holds under the further conditions too",
    )


def as_options(one: Tried) -> str:
    """Return sizes as options of a command."""
    said = (
        f"--{'size' if condition_name(name) != name else 'set'} {name}={_text(name, value)}"
        for name, value in one.sizes.items()
    )
    return " ".join(said)


def _text(name: str, value: Value) -> str:
    return str(with_unit(value, unit_of(name)) if isinstance(value, float) else value)


def _remark(one: Tried) -> str:
    return f"Evaluation {one.number} of a search."


def _files(front: Sequence[Tried], sizing: Sizing) -> dict[str, str]:
    """Return the best sizes as a design file, and each of a front of several."""
    names = {BEST: front[0]}
    if len(front) > 1:
        names |= {f"front-{one.number}.toml": one for one in front[:_MOST_FILES]}
    return {name: _text_of(one, sizing) for name, one in names.items()}


def _text_of(one: Tried, sizing: Sizing) -> str:
    """Return sizes as a design file; of a netlist as the tables of its flow."""
    design = sizing.of(one.sizes)
    if design is not None:
        return written(design, _remark(one), as_options(one))
    lines = [f"# {_remark(one)} Put it into the flow: {as_options(one)}"]
    for table in OF_NETLISTS:
        own = {k.partition(".")[2]: v for k, v in one.sizes.items() if k.startswith(f"{table}.")}
        entries = [f'"{name}" = {value!r}' for name, value in own.items()]
        lines += [f"[parameters.{table}]", *entries] if own else []
    return "\n".join((*lines, ""))
