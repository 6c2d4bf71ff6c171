"""The tables of `map --steps`: answers, and what each layer's membranes keep and do."""

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from anaspike.learning.network import Spikes
from anaspike.learning.scores import accuracy
from anaspike.learning.temporal import Labels, TemporalNetwork
from anaspike.mapping.in_time import HardwareInTime, beta_made, wanted_betas

_NEAR = 0.01  # of beta


def accuracy_table(
    answered: Mapping[str, Labels], own: Labels, labels: Labels | None
) -> pd.DataFrame:
    """Return a row for each way a network ran: how far its answers are the network's, and right.

    Columns: what, as_the_network, accuracy, low and high (95 %; with labels), no_answer.

    Args:
        answered: what it ran on -> its answers, (patterns,).
        own: of the network itself.
        labels: what is right; None where nobody says.
    """
    rows: list[dict[str, object]] = []
    for what, found in answered.items():
        row: dict[str, object] = {"what": what, "as_the_network": float(np.mean(found == own))}
        if labels is not None:
            share = accuracy(np.asarray(found == labels))
            row |= {"accuracy": share.value, "low": share.low, "high": share.high}
        rows.append({**row, "no_answer": float(np.mean(found < 0))})
    return pd.DataFrame(rows)


def layer_table(
    network: TemporalNetwork,
    hardware: HardwareInTime,
    wanted: Sequence[Spikes],
    mapped: Sequence[Spikes],
) -> pd.DataFrame:
    """Return a row for each layer: its membranes, its leak, and what its neurons do.

    Columns: layer, neurons, membrane_F, beta (median), beta_made, beta_least, beta_most, rate,
    mapped_rate, agree (share of decisions).

    Args:
        network: the user's own.
        hardware: that it runs on.
        wanted, mapped: who spikes when, of each layer, (patterns, steps, n).
    """
    return pd.DataFrame(
        [
            {
                "layer": i,
                "neurons": spikes.shape[2],
                "membrane_F": hardware.geometries[i].membrane_F,
                "beta": beta,
                "beta_made": made(hardware, i),
                "beta_least": float(network.layers[i].beta.min()),
                "beta_most": float(network.layers[i].beta.max()),
                "rate": float(spikes.mean()),
                "mapped_rate": float(mapped[i].mean()),
                "agree": float(np.mean(spikes == mapped[i])),
            }
            for i, (spikes, beta) in enumerate(zip(wanted, wanted_betas(network), strict=True))
        ]
    )


def made(hardware: HardwareInTime, i: int) -> float:
    """Return the beta that a layer's membranes have."""
    reference_V = float(hardware.mapped.curve.supply_for(1.0)[0])
    return beta_made(hardware.tables, hardware.geometries[i], reference_V, hardware.period_s)


def leak_notes(layers: pd.DataFrame) -> tuple[str, ...]:
    """Say where neurons of one layer want different betas, and where one is not made."""
    notes = []
    for row in layers.to_dict("records"):
        beta, least, most = row["beta"], row["beta_least"], row["beta_most"]
        if most - least > _NEAR:
            notes.append(
                f"layer {row['layer']}: betas of {least:.3g} to {most:.3g}; its neurons have the"
                f" same membrane, so all get {beta:.3g}"
            )
        if abs(row["beta_made"] - beta) > _NEAR:
            notes.append(
                f"layer {row['layer']}: keeps {row['beta_made']:.3g} where beta is {beta:.3g}"
            )
    return tuple(notes)
