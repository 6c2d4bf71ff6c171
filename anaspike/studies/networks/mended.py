"""What setting their supplies bought: the same chips before and after, in all and by corner."""

import pandas as pd

from anaspike.campaign.specs import Spec
from anaspike.campaign.statistics import ALL, EVERY_SPEC, yield_table

BEFORE, AFTER = "before", "after"
QUANTITIES = (
    *("chips", "yield_before", "yield_before_low", "yield_before_high"),
    *("yield_after", "yield_after_low", "yield_after_high", "yield_gained"),
    *("chips_mended", "chips_spoiled", "chips_limited", "runs_per_chip"),
    *("chips_exact_before", "chips_exact_after"),
)

# Chips that give every nominal count, not only right answers.
_EXACT = tuple(f"exact_{when}" for when in (BEFORE, AFTER))


def yields_of(table: pd.DataFrame) -> pd.DataFrame:
    """Return how many chips are right before and after, in all and by corner.

    Args:
        table: a row for each chip and temperature; a chip is right when it is at all of them.

    Returns:
        Columns corner, supplies ("before" or "after"), right, of_chips, yield; with mismatch
        samples draws, low and high too.
    """
    drawn = [["seed"]] if table["seed"].notna().any() else []
    parts = []
    for when in (BEFORE, AFTER):
        right = table[["corner", "seed"]].assign(right=table[f"right_{when}"].astype(float))
        part = yield_table(right, [Spec("right", 1)], ["corner", "seed"], drawn)
        parts.append(part[part["spec"] == EVERY_SPEC].assign(spec=when))
    both = pd.concat(parts).rename(columns={"spec": "supplies", "passed": "right"})
    return both.sort_index(kind="stable").reset_index(drop=True)


def quantities_of(table: pd.DataFrame, yields: pd.DataFrame) -> dict[str, float | None]:
    """Return yields before and after, what changed, and what it took.

    Args:
        table: a row for each chip and temperature.
        yields: of the same, as `yields_of` returns them.
    """
    of_all = yields[yields["corner"] == ALL].set_index("supplies")
    chips = table.assign(limited=table["limited"] != "").groupby(["corner", "seed"], dropna=False)
    values: dict[str, float | None] = dict.fromkeys(QUANTITIES)
    for when in (BEFORE, AFTER):
        for name, column in (("", "yield"), ("_low", "low"), ("_high", "high")):
            if column in of_all:  # no mismatch, no interval
                values[f"yield_{when}{name}"] = float(of_all[column][when])
    right = chips[["right_before", "right_after"]].all().to_numpy(bool)
    mended, spoiled = (float((right[:, i] & ~right[:, 1 - i]).sum()) for i in (1, 0))
    return {
        **values,
        "chips": float(len(chips)),
        # The same chips before and after: what changed says more than two yields apart.
        "yield_gained": (mended - spoiled) / len(chips),
        "chips_mended": mended,
        "chips_spoiled": spoiled,
        "chips_limited": float(chips["limited"].any().sum()),
        "runs_per_chip": float(chips["runs"].sum().mean()),
        **{f"chips_{name}": float(chips[name].all().sum()) for name in _EXACT},
    }
