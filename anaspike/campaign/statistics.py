"""What many conditions say together: spread, yield, and what explains them.

Everything here works on a table with a row a condition: parameters varied,
quantities measured (missing where a condition gave none).
"""

import math
from collections.abc import Iterator, Sequence
from statistics import NormalDist
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from anaspike.campaign.quantities import numbers
from anaspike.campaign.specs import Spec

ALL = "all"
EVERY_SPEC = "every spec"
_FEWEST = 5  # conditions below which a rank correlation says nothing


def wilson(passed: float, total: int, confidence: float = 0.95) -> tuple[float, float]:
    """Return Wilson's score interval of a yield.

    Unlike the normal approximation it stays within 0 to 1 and does not shrink
    to nothing when all or none passed (E. B. Wilson, J. Am. Stat. Assoc. 22, 1927).

    Args:
        passed: samples that passed; a broken number where each passed in part.
        total: all samples, 1 or more.
        confidence: of the interval.
    """
    z = NormalDist().inv_cdf(0.5 + confidence / 2)
    share = passed / total
    scale = 1 + z**2 / total
    centre = (share + z**2 / (2 * total)) / scale
    half = z / scale * math.sqrt(share * (1 - share) / total + z**2 / (4 * total**2))
    return max(0.0, centre - half), min(1.0, centre + half)


def mean_interval(
    values: "Sequence[float] | NDArray[np.float64]", confidence: float = 0.95
) -> tuple[float | None, float | None]:
    """Return the interval of the mean of independent draws, by Student's t; None of fewer than two.

    Args:
        values: one for each draw.
        confidence: of the interval.
    """
    if len(values) < 2:
        return None, None
    from scipy.special import stdtrit  # noqa: PLC0415 - takes its time to load

    t = float(stdtrit(len(values) - 1, 0.5 + confidence / 2))
    mean, half = float(np.mean(values)), t * float(np.std(values, ddof=1)) / math.sqrt(len(values))
    return mean - half, mean + half


def varied(table: pd.DataFrame, quantities: Sequence[str]) -> list[str]:
    """Return the quantities that hold at least two different numbers."""
    return [name for name in quantities if numbers(table, name).nunique() > 1]


def spread_table(
    table: pd.DataFrame,
    quantities: Sequence[str],
    specs: Sequence[Spec] = (),
    drawn: Sequence[Sequence[str]] = (),
) -> pd.DataFrame:
    """Return count, mean, sigma (n - 1), extremes and Cpk of each quantity, by corner and in all.

    Cpk is the distance from the mean to the nearer limit over three sigma.

    Args:
        table: a row a condition.
        quantities: columns to describe.
        specs: for Cpk.
        drawn: columns that are random, each group drawn together. Where there are such, `low`
            and `high` are the 95 % interval of the mean: as of so many values as were drawn,
            each the mean over its corners and temperatures.
    """
    limits = {spec.quantity: spec for spec in specs}
    rows = []
    for corner, group in _groups(table):
        for name in quantities:
            values = numbers(group, name).dropna()
            sigma = float(values.std()) if len(values) > 1 else math.nan
            mean = float(values.mean()) if len(values) else math.nan
            near = limits[name].distance(mean) if name in limits else math.nan
            low, high = mean_interval(_by_draw(group, values, drawn))
            rows.append(
                {
                    "corner": corner,
                    "quantity": name,
                    "count": len(values),
                    "mean": mean,
                    "low": low,
                    "high": high,
                    "sigma": sigma,
                    "min": values.min() if len(values) else math.nan,
                    "max": values.max() if len(values) else math.nan,
                    "cpk": round(near / (3 * sigma), 2)
                    if sigma > 0 and math.isfinite(near)
                    else math.nan,
                }
            )
    interval = ["low", "high"] if drawn else []
    return pd.DataFrame(
        rows,
        columns=["corner", "quantity", "count", "mean", *interval, "sigma", "min", "max", "cpk"],
    )


def _by_draw(
    group: pd.DataFrame, values: "pd.Series[float]", drawn: Sequence[Sequence[str]]
) -> list[float]:
    """Return the mean of each draw; of several that are drawn, of that with the fewest draws."""
    known = group.loc[values.index]
    means = [values.groupby([known[name] for name in names]).mean() for names in drawn]
    return min((mean.tolist() for mean in means), key=len, default=[])


def yield_table(
    table: pd.DataFrame,
    specs: Sequence[Spec],
    made: Sequence[str],
    drawn: Sequence[Sequence[str]] = (),
) -> pd.DataFrame:
    """Return how many chips meet each spec, all of them, and all of them by corner.

    A chip may stand in several rows, at several temperatures or supplies: it
    meets a spec when it does in each of them.

    The interval (95 %, Wilson) is that of as many chips as were drawn apart
    from each other. The same draws at five corners are five chips, but no more
    evidence than one: each draw gives a share of corners passed, and a share of
    mean p varies by p (1 - p) at most, as a coin does (Bhatia and Davis, Am.
    Math. Mon. 107, 2000). So the interval holds whatever the corners have in
    common, and is too wide where they have little.

    Args:
        table: a row a condition; one that failed, or without a quantity, does
            not meet its spec.
        specs: at least one.
        made: columns that tell one chip from another: corner, seed, sizes.
        drawn: those of them that are random, each group drawn together; none
            where nothing is, so that there is no interval.

    Returns:
        Columns corner, spec, passed, of_chips, yield; where some are drawn,
        draws (how many the interval counts), low and high.
    """
    met = met_table(table, specs)
    met[EVERY_SPEC] = met.all(axis=1)
    which = _alike(table, made)
    met = met.groupby(which).all()
    chips = table[~which.duplicated()].set_axis(met.index)
    rows = []
    for corner, group in _groups(chips):
        draws = [len(group[[*names]].drop_duplicates()) for names in drawn]
        for name in [*met] if corner == ALL else [EVERY_SPEC]:
            passed = met[name].loc[group.index]
            share = float(passed.mean())
            row = {"corner": corner, "spec": name, "passed": int(passed.sum())}
            row |= {"of_chips": len(passed), "yield": share}
            if draws:
                low, high = wilson(share * min(draws), min(draws))
                row |= {"draws": min(draws), "low": low, "high": high}
            rows.append(row)
    return pd.DataFrame(rows)


def met_table(table: pd.DataFrame, specs: Sequence[Spec]) -> pd.DataFrame:
    """Return, for each condition and spec, whether it is met; none is where `status` is not ok."""
    ok = table["status"].eq("ok") if "status" in table else pd.Series(True, index=table.index)
    return pd.DataFrame(
        {
            spec.quantity: numbers(table, spec.quantity).map(spec.distance).ge(0) & ok
            for spec in specs
        },
        index=table.index,
    )


def worst(table: pd.DataFrame, spec: Spec) -> Any:
    """Return the index of the condition that is nearest to missing a spec, or misses it most."""
    return numbers(table, spec.quantity).map(spec.distance, na_action=None).idxmin()


def explained_by(
    table: pd.DataFrame, parameters: Sequence[str], quantities: Sequence[str]
) -> pd.DataFrame:
    """Return which parameter explains each quantity's spread, the strongest first.

    Numbers: Spearman's rank correlation. Words (a corner): the correlation
    ratio of the quantity's ranks, which has no sign, with the p value of
    Kruskal and Wallis.

    Returns:
        Columns quantity, parameter, correlation, p_value, conditions.
    """
    rows = [
        {"quantity": quantity, "parameter": parameter, **found}
        for quantity in quantities
        for parameter in parameters
        for found in _explained(table[parameter], numbers(table, quantity))
    ]
    columns = ["quantity", "parameter", "correlation", "p_value", "conditions"]
    explained = pd.DataFrame(rows, columns=columns)
    order = explained["correlation"].abs().sort_values(ascending=False, kind="stable").index
    places = {name: place for place, name in enumerate(quantities)}
    return explained.loc[order].sort_values(
        "quantity", key=lambda column: column.map(places), kind="stable", ignore_index=True
    )


def devices_explaining(
    draws: pd.DataFrame,
    table: pd.DataFrame,
    samples: "pd.Series[int]",
    others: Sequence[str],
    quantities: Sequence[str],
    top: int = 3,
) -> pd.DataFrame:
    """Return the devices whose mismatch explains each quantity's spread best.

    Spearman's rank correlation of each draw with the quantity, ranked within
    the conditions that are alike in everything but the sample. Among hundreds
    of devices some correlate by chance: the p value is multiplied by their
    number (Bonferroni).

    Args:
        draws: a row a condition, a column a device's deviation.
        table: a row a condition.
        samples: which sample (seed) each condition is of.
        others: columns that are varied beside the sample.
        quantities: columns to explain.
        top: devices for each quantity.

    Returns:
        Columns quantity, device, correlation, p_value, conditions.
    """
    alike = _alike(table, others)
    rows = []
    for name in quantities:
        values = numbers(table, name)
        known = values.notna() & draws.notna().all(axis=1)
        groups = alike[known]
        # One chip at several corners is one chip: only samples count.
        freedom = samples[known].nunique() - 2
        x, y = (_ranks_within(part, groups) for part in (draws[known], values[known].to_frame()))
        if freedom < _FEWEST or not (y**2).sum():
            continue
        correlation = (x * y).sum(axis=0) / np.sqrt((x**2).sum(axis=0) * (y**2).sum())
        best = np.argsort(-np.abs(np.nan_to_num(correlation)), kind="stable")[:top]
        for i in best:
            r = float(correlation[i])
            rows.append(
                {
                    "quantity": name,
                    "device": str(draws.columns[i]),
                    "correlation": r,
                    "p_value": min(1.0, _by_chance(r, freedom) * draws.shape[1]),
                    "conditions": len(groups),
                }
            )
    return pd.DataFrame(
        rows, columns=["quantity", "device", "correlation", "p_value", "conditions"]
    )


def _ranks_within(values: pd.DataFrame, groups: "pd.Series[int]") -> NDArray[np.float64]:
    """Return ranks within each group, less their mean there; shape of the values."""
    ranks = values.groupby(groups).rank()
    return (ranks - ranks.groupby(groups).transform("mean")).to_numpy(dtype=float)


def _explained(
    parameter: "pd.Series[Any]", quantity: "pd.Series[float]"
) -> Iterator[dict[str, float]]:
    known = quantity.notna() & parameter.notna()
    x, y = parameter[known], quantity[known]
    if len(y) < _FEWEST or y.nunique() < 2 or x.nunique() < 2:
        return
    ranks = y.rank()
    if pd.api.types.is_numeric_dtype(x):
        correlation = float(np.corrcoef(x.rank(), ranks)[0, 1])
        p_value = _by_chance(correlation, len(y) - 2)
    elif x.is_unique:
        return  # a word of its own for each condition explains everything, which says nothing
    else:
        from scipy.special import chdtrc  # noqa: PLC0415 - takes its time to load

        between = ranks.groupby(x).transform("mean") - ranks.mean()
        share = float((between**2).sum() / ((ranks - ranks.mean()) ** 2).sum())
        correlation = math.sqrt(share)
        # Kruskal and Wallis's H, ties and all, is this share of the ranks' variance.
        p_value = float(chdtrc(x.nunique() - 1, (len(y) - 1) * share))
    yield {"correlation": correlation, "p_value": p_value, "conditions": len(y)}


def _by_chance(correlation: float, freedom: int) -> float:
    """Return how likely ranks without any relation correlate as strongly, by Student's t."""
    from scipy.special import stdtr  # noqa: PLC0415 - takes its time to load

    r = min(abs(correlation), 1 - 1e-12)
    return 2 * float(stdtr(freedom, -r * math.sqrt(freedom / (1 - r**2))))


def _alike(table: pd.DataFrame, names: Sequence[str]) -> "pd.Series[int]":
    """Return a number for each row, the same where all of the columns named are."""
    if not names:
        return pd.Series(0, index=table.index)
    return table.groupby(list(names), sort=False, dropna=False).ngroup()


def _groups(table: pd.DataFrame) -> Iterator[tuple[str, pd.DataFrame]]:
    """Yield the whole table, then a part for each corner where several have several rows."""
    yield ALL, table
    if "corner" in table and 1 < table["corner"].nunique() < len(table):
        for corner in table["corner"].unique():
            yield str(corner), table[table["corner"] == corner]
