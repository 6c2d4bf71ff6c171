"""The paper's Tables 1 to 8: what each asks, and the figures that it prints.

T. Barton, H. Yu, K. Rogers et al., "Towards Low-Power Machine Learning Architectures Inspired by
Brain Neuromodulatory Signalling", J. Low Power Electron. Appl. 12, 59 (2022).
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from anaspike.errors import InputError
from anaspike.learning.settings import FEED_FORWARD, SPIKING, Settings

SETS = ("STL-10", "Food-11", "BCCD")
# What stands in a column of ours -> the paper's column that is printed beside it. The digits
# stand where STL-10 does: the source network knows the target's classes already.
COLUMN_OF = {"stl10": "STL-10", "food11": "Food-11", "bccd": "BCCD", "digits": "STL-10"}
# Outputs of ImageNet's thousand that stand for STL-10's classes, in their order; the paper does
# not say which: airliner, junco, sports car, tabby, gazelle, golden retriever, sorrel, macaque,
# container ship, trailer truck.
STL10_OUTPUTS = (404, 13, 817, 281, 353, 207, 339, 373, 510, 867)

Figures = Mapping[tuple[str, str, float], float]  # row, data set, rate or batch -> accuracy


@dataclass(frozen=True)
class Line:
    """One line of a table: a method at a rate, over batches or a rate alone.

    Attributes:
        label: as the table has it.
        method: as `train` calls it.
        rates, batches: that it is asked at.
    """

    label: str
    method: str
    rates: tuple[float, ...]
    batches: tuple[int, ...] = (64,)


@dataclass(frozen=True)
class PaperTable:
    """One of the tables.

    Attributes:
        number: of the table.
        title: what it is about, in a few words.
        variant: feed-forward or spiking.
        lines: what is trained.
        epochs, repeats: of each training.
        sets: the data sets that the paper has in it.
        over: what its columns go through: rate or batch.
        figures: what the paper prints: (line, set, value of `over`) -> accuracy.
        counts: whether it ends with the numbers of trained values.
        best: whether only the best rate of each line is printed.
    """

    number: int
    title: str
    variant: str
    lines: tuple[Line, ...]
    epochs: int
    repeats: int
    sets: tuple[str, ...] = SETS
    over: str = "rate"
    figures: Figures = field(default_factory=dict, repr=False)
    counts: bool = False
    best: bool = False

    def settings(self, epochs: int, seed: int) -> list[tuple[Line, Settings]]:
        """Return what is trained, line by line."""
        return [
            (
                line,
                Settings(line.method, "paper", rate, None, epochs, batch, seed, self.variant),
            )
            for line in self.lines
            for rate in line.rates
            for batch in line.batches
        ]


def _by_set(
    over: tuple[float, ...], rows: Mapping[str, tuple[tuple[float, ...], ...]]
) -> dict[tuple[str, str, float], float]:
    """Return figures by line, set and value: rows hold, set by set, a figure for each value."""
    return {
        (label, name, value): figure
        for label, sets in rows.items()
        for name, figures in zip(SETS, sets, strict=False)
        for value, figure in zip(over, figures, strict=False)
    }


_RATES = (0.1, 0.01, 0.001, 0.0001)
_FIVE = (*_RATES, 0.00001)
_UP = (0.0001, 0.001, 0.01, 0.1)
_BATCHES = (16, 32, 64, 128)
_NT1 = (
    (0.8237, 0.8491, 0.8429, 0.7856, 0.4969), (0.6819, 0.7184, 0.6929, 0.5946, 0.2218),
    (0.3864, 0.4126, 0.3986, 0.3939, 0.3484),
)  # fmt: skip
_TFT = (
    (0.1031, 0.1540, 0.8617, 0.8836, 0.8724), (0.0876, 0.0987, 0.7184, 0.8060, 0.7387),
    (0.2487, 0.2496, 0.2509, 0.4291, 0.4209),
)  # fmt: skip
_NT2 = (
    (0.7626, 0.8420, 0.8517, 0.8333), (0.5309, 0.7030, 0.7173, 0.6631),
    (0.3280, 0.3800, 0.4234, 0.4008),
)  # fmt: skip
_SPIKING_LINES = (
    Line("no tuning", "none", _UP), Line("TFT", "tft", _UP), Line("NT_2", "nt2", _UP),
    Line("NT_1", "nt1", _UP), Line("additive bias", "additive", _UP),
)  # fmt: skip
_SPIKING_FIGURES = _by_set(
    _UP,
    {
        "no tuning": ((0.0007,) * 4, (0.0341,) * 4, (0.0005,) * 4),
        "TFT": (
            (0.8888, 0.8014, 0.2582, 0.1274), (0.0147, 0.0729, 0.1017, 0.1168),
            (0.1003, 0.2508, 0.2507, 0.2508),
        ),
        "NT_2": (
            (0.0, 0.0, 0.3052, 0.3062), (0.0063, 0.3645, 0.4537, 0.4615),
            (0.2501, 0.2509, 0.1371, 0.0680),
        ),
        "NT_1": (
            (0.0, 0.0009, 0.5428, 0.5731), (0.0020, 0.3678, 0.4564, 0.4665),
            (0.2508, 0.2509, 0.2041, 0.0591),
        ),
        "additive bias": (
            (0.0010, 0.0008, 0.0006, 0.0025), (0.0840, 0.1864, 0.1404, 0.1414),
            (0.1848, 0.2137, 0.2144, 0.2505),
        ),
    },
)  # fmt: skip
_BATCH_FIGURES: dict[int, dict[str, tuple[float, ...]]] = {
    4: {"NT_1": (0.6924, 0.6861, 0.6933, 0.7162), "TFT": (0.7900, 0.8068, 0.8118)},
    6: {"NT_1": (0.4568, 0.4605, 0.4570, 0.4647), "TFT": (0.1304, 0.1243, 0.1145, 0.0770)},
}


def _over_batches(number: int) -> dict[tuple[str, str, float], float]:
    return {
        (label, "Food-11", float(batch)): figure
        for label, figures in _BATCH_FIGURES[number].items()
        for batch, figure in zip(_BATCHES, figures, strict=False)
    }


TABLES = {
    table.number: table
    for table in (
        PaperTable(
            1, "additive bias and multiplicative NT", FEED_FORWARD,
            (Line("additive bias tuning", "additive", (0.01,)),
             Line("multiplicative NT", "nt1-inputs", (0.01,))),
            5, 5,
            figures=_by_set((0.01,), {
                "additive bias tuning": ((0.1,), (0.0863,), (0.2498,)),
                "multiplicative NT": ((0.8447,), (0.7110,), (0.3966,)),
            }),
        ),
        PaperTable(
            2, "additional bias (NT_1) and existing bias (NT_2)", FEED_FORWARD,
            (Line("NT_1", "nt1-inputs", _RATES), Line("NT_2", "nt2", _RATES)), 10, 5,
            figures=_by_set(_RATES, {"NT_1": tuple(x[:4] for x in _NT1), "NT_2": _NT2}),
        ),
        PaperTable(
            3, "NT and full fine-tuning over rates", FEED_FORWARD,
            (Line("NT_1", "nt1-inputs", _FIVE), Line("TFT", "tft", _FIVE)), 10, 5,
            figures=_by_set(_FIVE, {"NT_1": _NT1, "TFT": _TFT}), counts=True,
        ),
        PaperTable(
            4, "batch sizes, feed-forward", FEED_FORWARD,
            (Line("NT_1", "nt1-inputs", (0.01,), _BATCHES),
             Line("TFT", "tft", (0.0001,), _BATCHES)),
            10, 10, ("Food-11",), "batch", _over_batches(4),
        ),
        PaperTable(
            5, "an NT value a neuron, none on the embedding", FEED_FORWARD,
            (Line("NT_1", "nt1", (0.01,)), Line("TFT", "tft", (0.0001,))), 10, 5,
            figures={
                **_by_set((0.01,), {"NT_1": ((0.8213,), (0.7056,), (0.3680,))}),
                **_by_set((0.0001,), {"TFT": ((0.8836,), (0.8060,), (0.4291,))}),
            },
            counts=True,
        ),
        PaperTable(
            6, "batch sizes, spiking", SPIKING,
            (Line("NT_1", "nt1", (0.1,), _BATCHES), Line("TFT", "tft", (0.1,), _BATCHES)),
            10, 10, ("Food-11",), "batch", _over_batches(6),
        ),
        PaperTable(
            7, "spiking, over rates", SPIKING, _SPIKING_LINES, 50, 5, figures=_SPIKING_FIGURES
        ),
        PaperTable(
            8, "spiking, each method's best rate", SPIKING, _SPIKING_LINES[1:], 50, 5,
            figures=_SPIKING_FIGURES, counts=True, best=True,
        ),
    )
}  # fmt: skip


def paper_table(number: int) -> PaperTable:
    """Return a table by its number.

    Raises:
        InputError: there is none of that number here.
    """
    if number not in TABLES:
        further = "; Table 9 is `anaspike table9`" if number == 9 else ""
        raise InputError(f"the paper's tables of learning are 1 to 8, not {number}{further}")
    return TABLES[number]
