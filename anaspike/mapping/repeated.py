"""One window repeated: the supplies of the head a code up, a code down, and its spikes counted.

A head whose outputs fire all or nothing answers with none, or with several, where its thresholds
are a little off. The same pattern again, with all the head's supplies a code higher or lower, asks
it at other thresholds; who fires in most of these windows is the answer.
"""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from anaspike.errors import InputError
from anaspike.learning.network import Spikes
from anaspike.mapping.deploy import Hardware
from anaspike.mapping.mismatch import Deviation

MOST_WINDOWS = 31


def check_windows(windows: int) -> int:
    """Return a number of windows when a pattern can be repeated so often.

    Raises:
        InputError: none, or more than a converter's codes are worth.
    """
    if not 1 <= windows <= MOST_WINDOWS:
        raise InputError(f"`windows` {windows}: a pattern is shown 1 to {MOST_WINDOWS} times")
    return windows


def shifts(windows: int) -> list[int]:
    """Return by how many codes the head's supplies are shifted: 0, 1, -1, 2, -2 and so on."""
    return [(1 if i % 2 else -1) * ((i + 1) // 2) for i in range(windows)]


def shifted(hardware: Hardware, codes: int) -> Hardware:
    """Return the network with the head's supplies some of the converter's codes higher.

    Who is at an end of the converter stays there.

    Raises:
        InputError: its supplies are continuous: there are no codes.
    """
    mapped = hardware.mapped
    head, dac = mapped.layers[-1], mapped.dac
    if dac is None:
        raise InputError("supplies are shifted by codes of a converter; these are continuous")
    code = np.clip(head.dac_code + codes, 0, 2**dac.bits - 1)
    supply_V = np.clip(dac.supply(code), mapped.curve.supply_V[0], mapped.curve.supply_V[-1])
    moved = replace(head, supply_V=supply_V, k_given=mapped.curve.k_at(supply_V), dac_code=code)
    return replace(hardware, mapped=replace(mapped, layers=(*mapped.layers[:-1], moved)))


def repeated(
    hardware: Hardware,
    inputs: Spikes,
    windows: int,
    deviations: Sequence[Deviation] | None = None,
) -> Spikes:
    """Return which outputs fire in each of the windows, (windows, patterns, n_out).

    Noise, where there is any, is drawn anew for each.
    """
    ran = []
    for i, codes in enumerate(shifts(check_windows(windows))):
        noise = replace(hardware.disturbance, seed=hardware.disturbance.seed + i)
        again = replace(shifted(hardware, codes) if codes else hardware, disturbance=noise)
        ran.append(again.outputs(inputs, deviations))
    return np.array(ran)


def counted(fired: Spikes, votes: int) -> NDArray[np.int64]:
    """Return the class with most spikes in all windows together, (patterns,); -1 none, -2 a tie.

    Args:
        fired: which outputs fire, (windows, patterns, n_classes * votes).
        votes: outputs of each class.
    """
    counts = fired.sum(axis=0).reshape(fired.shape[1], -1, votes).sum(axis=2)
    most = counts.max(axis=1, keepdims=True)
    alone = (counts == most).sum(axis=1) == 1
    return np.where(most[:, 0] == 0, -1, np.where(alone, counts.argmax(axis=1), -2))
