"""Accuracy against what a mapping may save on: bits, converter, rails; and against mismatch."""

from collections.abc import Iterator, Sequence

import numpy as np
import pandas as pd

from anaspike.learning.judging import Right, judge, tuned
from anaspike.learning.scores import balanced_accuracy
from anaspike.mapping.deploy import HEADROOM, Hardware
from anaspike.mapping.mismatch import Deviation, draw_gains
from anaspike.mapping.trial import Trial, chip_settings

BITS = (1, 2, 3, 4)
DAC_BITS = (1, 2, 3, 4, 5, 6, None)
DOMAINS = (1, 2, 4, 8, 16, 32, None)
SIGMAS = (0.0, 0.15, 0.3, 0.5)

# What no limit at all is called.
_LIMITS = {"dac_bits": "continuous", "domains": "one each"}

Point = tuple[str, float | None, bool, Right]


def sweep(trial: Trial, hardware: Hardware, dac_bits: int) -> Iterator[Point]:
    """Yield (what is swept, its value, calibrated or not, who is right) for one seed.

    A value of None is the limit: continuous supplies, a rail for each neuron. Bits are those of
    ideal neurons; all else runs on the charge model.

    Args:
        trial: what training gave.
        hardware: nominal, of the trial's own codes.
        dac_bits: of the converter where another thing is swept.
    """
    for bits in BITS:
        yield "bits", bits, False, _coded_right(trial, bits)
    for count in DAC_BITS:
        yield "dac_bits", count, False, _right(trial, hardware.remapped(count))
    for domains in DOMAINS:
        if domains is None or domains <= sum(len(x.k) for x in hardware.mapped.layers):
            shared = hardware.remapped(dac_bits, domains)
            yield "domains", domains, False, _right(trial, shared)
    roomy = hardware.remapped(dac_bits, headroom=HEADROOM)
    for sigma in SIGMAS:
        chip = draw_gains(hardware.mapped, sigma, trial.seed)
        for calibrated in (False, True):
            supplied = roomy.calibrated(trial.train, chip) if calibrated else roomy
            yield "mismatch", sigma, calibrated, _right(trial, supplied, chip)


def sweep_table(points: Sequence[tuple[Trial, Point]]) -> pd.DataFrame:
    """Return a row for each setting, the test samples of all seeds pooled, intervals by source.

    Columns: sweep, setting, calibrated, balanced, low and high (95 %), seeds.
    """
    settings: dict[tuple[str, str, bool], list[tuple[Trial, Right]]] = {}
    for trial, (what, value, calibrated, right) in points:
        setting = _LIMITS[what] if value is None else f"{value:g}"
        settings.setdefault((what, setting, calibrated), []).append((trial, right))
    rows = []
    for (what, setting, calibrated), found in settings.items():
        even = balanced_accuracy(
            np.concatenate([right for _, right in found]),
            np.concatenate([trial.task.test.labels for trial, _ in found]),
            np.concatenate([trial.task.groups for trial, _ in found]),
        )
        rows.append(
            {
                "sweep": what,
                "setting": setting,
                "calibrated": calibrated,
                "balanced": even.value,
                "low": even.low,
                "high": even.high,
                "seeds": len(found),
            }
        )
    return pd.DataFrame(rows)


def _right(
    trial: Trial, hardware: Hardware, deviations: Sequence[Deviation] | None = None
) -> Right:
    """Return which test samples a mapped network has right, by exact match."""
    judged = trial.answered(hardware.run(trial.test, deviations))
    return np.asarray(judged.exact == trial.task.test.labels)


def _coded_right(trial: Trial, bits: int) -> Right:
    network = tuned(trial.task, chip_settings(trial.seed, bits)).network
    return np.asarray(judge(network, trial.task.test).exact == trial.task.test.labels)
