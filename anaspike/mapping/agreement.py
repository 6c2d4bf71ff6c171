"""Whether a mapped network decides as the user's own does, output by output."""

from collections.abc import Mapping

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from anaspike.learning.network import Network, Spikes
from anaspike.learning.scores import accuracy, chance

ROUNDING = 4 * float(np.finfo(np.float32).eps)  # what adding up numbers of 32 bits may come to
_FEW = 0.02  # an output that fires in no more of the patterns almost never does


def decisions(network: Network, inputs: Spikes) -> list[Spikes]:
    """Return who fires in each layer, (patterns, n_out); what reaches theta but for rounding fires.

    Multiples of 0.1 that add up to theta reach it in one order and miss it in another: a drive
    that is equal to theta within the rounding of its numbers is equal to it.

    Args:
        network: the user's own.
        inputs: patterns, (patterns, n_in).
    """
    fired: list[Spikes] = []
    signal = inputs.astype(np.float32)
    for layer in network.layers:
        gain = np.abs(layer.amplifier)
        size = (signal @ np.abs(layer.weights).T + np.abs(layer.bias)) * gain + network.theta
        fired.append(layer.drive(signal) >= network.theta - ROUNDING * size)
        signal = fired[-1].astype(np.float32)
    return fired


def output_table(own: Spikes, mapped: Spikes) -> pd.DataFrame:
    """Return a row for each output: how often it fires, and whether it does where it must.

    Columns: output, rate (the network's own), mapped_rate, agree (share of the patterns),
    agree_firing (of those for which it must fire), agree_silent (of the others), remark: where it
    (almost) never fires, or always, and where mapping lost it.

    Args:
        own: which outputs of the network fire, (patterns, n_out).
        mapped: which outputs of the mapped one do.
    """
    table = pd.DataFrame(
        {
            "output": np.arange(own.shape[1]),
            "rate": own.mean(axis=0),
            "mapped_rate": mapped.mean(axis=0),
            "agree": np.mean(own == mapped, axis=0),
            "agree_firing": _share(own & mapped, own),
            "agree_silent": _share(~own & ~mapped, ~own),
        }
    )
    few = _few(table)
    states = [[_state(rate, few) for rate in table[name]] for name in ("rate", "mapped_rate")]
    return table.assign(remark=[_remark(*row) for row in zip(*states, lost(table), strict=True)])


def decides(outputs: pd.DataFrame) -> NDArray[np.bool_]:
    """Return which outputs the network itself makes fire neither almost never nor almost always."""
    few, rate = _few(outputs), outputs["rate"].to_numpy()
    return np.asarray((rate > few) & (rate < 1 - few))


def lost(outputs: pd.DataFrame) -> NDArray[np.bool_]:
    """Return which of the outputs that decide are wrong for most that must, or must not, fire."""
    least = outputs[["agree_firing", "agree_silent"]].min(axis=1).to_numpy()
    return np.asarray(decides(outputs) & (least < 0.5))


def agreement_quantities(own: Spikes, mapped: Spikes) -> dict[str, float | None]:
    """Return how far decisions agree; None where there are none to agree on.

    A network that never fires agrees with any other that never does: so decisions to fire and
    decisions not to count alike in the balanced one, and outputs that decide nothing are counted.
    """
    outputs = output_table(own, mapped)
    sides = [float(np.mean(mapped[side] == own[side])) for side in (own, ~own) if side.any()]
    return {
        "output_agreement": float(np.mean(own == mapped)),
        "balanced_agreement": float(np.mean(sides)) if len(sides) == 2 else None,
        "deciding_outputs": float(np.mean(decides(outputs))),
        "lost_outputs": float(np.sum(lost(outputs))),
        "output_rate": float(own.mean()),
        "output_rate_mapped": float(mapped.mean()),
    }


def accuracy_table(meant: Spikes, own: Spikes, mapped: Spikes) -> pd.DataFrame:
    """Return the share of patterns whose outputs all do as they should: exact match.

    Columns: what, accuracy, low, high (95 %, patterns taken as independent).

    Args:
        meant: which outputs should fire, (patterns, n_out).
        own: which outputs of the network do.
        mapped: which outputs of the mapped one do.
    """
    _, counts = np.unique(meant, axis=0, return_counts=True)
    rows: list[dict[str, object]] = [
        {"what": "chance", "accuracy": chance(meant.shape[1])},
        {"what": "always the same", "accuracy": float(counts.max() / len(meant))},
    ]
    for what, outputs in (("the network itself", own), ("mapped", mapped)):
        share = accuracy(np.all(outputs == meant, axis=1))
        rows.append({"what": what, "accuracy": share.value, "low": share.low, "high": share.high})
    return pd.DataFrame(rows)


def disturbed_table(
    own: Spikes, meant: Spikes | None, outputs: Mapping[str, Spikes]
) -> pd.DataFrame:
    """Return a row for each way the mapped network ran: how far it agrees with the network.

    Columns: with, agreement, balanced (mean of decisions to fire and decisions not to), and
    exact_match where it is known which outputs should fire.

    Args:
        own: which outputs of the network fire, (patterns, n_out).
        meant: which should; None where nobody says.
        outputs: what it ran with -> which outputs of the mapped one fire.
    """
    rows = []
    for name, mapped in outputs.items():
        found = agreement_quantities(own, mapped)
        row = {"with": name, "agreement": found["output_agreement"]}
        row["balanced"] = found["balanced_agreement"]
        if meant is not None:
            row["exact_match"] = float(np.mean(np.all(mapped == meant, axis=1)))
        rows.append(row)
    return pd.DataFrame(rows)


def _share(right: NDArray[np.bool_], of: NDArray[np.bool_]) -> NDArray[np.float64]:
    counts = of.sum(axis=0)
    share = np.full(len(counts), np.nan)
    np.divide(right.sum(axis=0), counts, out=share, where=counts > 0)
    return share


def _few(outputs: pd.DataFrame) -> float:
    """Return what is almost never: of a thousand classes each is rare."""
    return min(_FEW, 0.5 / len(outputs))


def _state(rate: float, few: float) -> str:
    if few < rate < 1 - few:
        return ""
    almost = "" if rate in (0, 1) else "almost "
    return f"{almost}{'never' if rate <= few else 'always'} fires"


def _remark(own: str, mapped: str, lost: bool) -> str:
    said = [own] if own else []
    if mapped and mapped != own:
        said.append(f"mapped: {mapped}")
    elif lost:
        said.append("mapped: mostly wrong")
    return "; ".join(said)
