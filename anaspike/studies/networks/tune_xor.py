"""`tune-in-loop xor`: NT with a transistor-level chip in the loop, on the XOR of section 6.2."""

from functools import partial
from typing import Annotated, Any, ClassVar

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from pydantic import Field

from anaspike.campaign.answer import Findings
from anaspike.campaign.bench import Bench
from anaspike.campaign.specs import Spec
from anaspike.errors import InputError
from anaspike.experiments.calibration import Chip, CountSpikes
from anaspike.experiments.testbench import check_conditions
from anaspike.mapping.chips import SpiceChip
from anaspike.mapping.in_loop import Codes, NtInLoop, Tuned
from anaspike.mapping.supply_curve import Dac, check_bits
from anaspike.report.in_loop import xor_figure
from anaspike.studies.base import Celsius, Count, Study, Volt
from anaspike.studies.networks.xor import CASES, LEAST_SPIKES, SPIKES_OF_A_ONE, Xor

Floats = NDArray[np.float64]

# Spikes more, or fewer, that a right case is to stand before learning ends.
_ENOUGH = 3
_RATE = 20.0  # codes; a case that is all wrong is a quarter of the batch
_INPUTS = np.array(CASES, float) * SPIKES_OF_A_ONE
_WANTED = np.array([[a ^ b] for a, b in CASES], bool)


class TuneXor(Study):
    """Find the supplies of one chip's XOR from nothing but its spikes.

    An evaluation is all four cases, simulated transistor by transistor. It ends when each is right
    with three spikes to spare, or after so many evaluations.

    Attributes:
        corner, temperature_C, seed: of the chip; without a seed its devices are nominal.
        start_V: of every synapse supply, and the code of the converter nearest to it.
        from_V, to_V: ends of the converter.
        dac_bits: of the converter.
        evaluations: at most.
    """

    name: ClassVar[str] = "tune-in-loop-xor"
    title: ClassVar[str] = "XOR that learns its supplies, a transistor-level chip in the loop"

    corner: str = "tt"
    temperature_C: Celsius = 27.0
    seed: int | None = None
    start_V: Volt = 0.60
    from_V: Volt = 0.45
    to_V: Volt = 0.8375
    dac_bits: int = 5
    evaluations: Annotated[Count, Field(le=1000)] = 40

    def specs(self) -> tuple[Spec, ...]:
        """Right in all four cases, in time."""
        return (
            Spec("xor_right", 1, why="all four cases, with the supplies that were learned"),
            Spec("evaluations", most=40, why="of all four cases"),
        )

    def check(self) -> None:
        """Refuse supplies that cannot be, before anything is run."""
        check_conditions(self.process, self.corner, self.temperature_C, self.seed)
        check_bits(self.dac_bits)
        if not 0 < self.from_V < self.start_V < self.to_V <= self.process.vdd_V:
            raise InputError(
                f"{self.name}: from {self.from_V:g} V, start {self.start_V:g} V and to"
                f" {self.to_V:g} V must rise in that order, up to the core supply of"
                f" {self.process.vdd_V:g} V"
            )
        if self.evaluations < 1:
            raise InputError(f"{self.name}: `evaluations` {self.evaluations}: give at least 1")

    @property
    def _counter(self) -> CountSpikes:
        xor = Xor(pdk=self.pdk, sizes=self.sizes, sized=self.sized, fast=self.fast)
        return CountSpikes(self.process, xor.driving(self.design), xor.network())

    def _learner(self, chip: SpiceChip) -> NtInLoop:
        network = self._counter.network
        dac = Dac(self.dac_bits, self.from_V, self.to_V)
        start_V = [np.full(len(level), self.start_V) for level in network.levels()]
        codes = Codes.of_circuit(network, SPIKES_OF_A_ONE)
        return NtInLoop(Tuned(chip, dac, start_V), codes, spikes_missing, margin=0)

    def find(self, bench: Bench) -> Findings:
        """Learn until it is right with some to spare."""
        self.check()
        counter = self._counter
        chip = SpiceChip(bench, counter, Chip(self.corner, self.temperature_C, self.seed))
        learner = self._learner(chip)
        rows: list[dict[str, Any]] = []
        while len(rows) < self.evaluations:
            supplies_V = learner.supplies.supplies()
            learner.update(_INPUTS, _WANTED, _RATE)
            rows.append(self._row(len(rows) + 1, supplies_V, chip))
            bench.say(f"evaluation {len(rows)}: margin {rows[-1]['margin_spikes']} spikes")
            if rows[-1]["margin_spikes"] >= _ENOUGH:
                break
        table = pd.DataFrame(rows)
        return Findings(
            {"updates": table, "cases": pd.concat(chip.rows, ignore_index=True)},
            self._quantities(table, learner.supplies, chip),
            {"updates": partial(xor_figure, table, LEAST_SPIKES, self._where)},
            notes=(
                f"every supply starts at {rows[0][self._columns[0]]:.4g} V; converter:"
                f" {self.dac_bits} bits from {self.from_V:g} to {self.to_V:g} V",
                f"learned from counted spikes alone, until each case is right with {_ENOUGH}"
                " spikes to spare",
            ),
            show=("evaluation", *self._columns, *_OUT, "margin_spikes", "right"),
        )

    @property
    def _neurons(self) -> tuple[str, ...]:
        return tuple(name for level in self._counter.network.levels() for name in level)

    @property
    def _columns(self) -> tuple[str, ...]:
        return tuple(f"vdd_syn_{name}_V" for name in self._neurons)

    @property
    def _where(self) -> str:
        which = "nominal devices" if self.seed is None else f"chip {self.seed}"
        return f"XOR on {self.pdk}, {self.corner}, {self.temperature_C:g} °C, {which}"

    def _row(self, evaluation: int, supplies_V: list[Floats], chip: SpiceChip) -> dict[str, Any]:
        """Return what an evaluation answered, under the supplies that it was asked at."""
        cases = chip.rows[-1]
        (output,) = self._counter.network.outputs
        counts = [int(count) for count in cases[f"spikes_{output}"]]
        margins = [
            count - (LEAST_SPIKES - 1) if a ^ b else LEAST_SPIKES - count
            for count, (a, b) in zip(counts, CASES, strict=True)
        ]
        return {
            "evaluation": evaluation,
            **dict(zip(self._columns, map(float, np.concatenate(supplies_V)), strict=True)),
            **dict(zip(_OUT, counts, strict=True)),
            "margin_spikes": min(margins),
            "right": min(margins) > 0,
            "energy_total_J": float(cases["energy_total_J"].sum()),
        }

    def _quantities(
        self, table: pd.DataFrame, supplies: Tuned, chip: SpiceChip
    ) -> dict[str, float | None]:
        last = table.iloc[-1]
        return {
            "xor_right": float(last["right"]),
            "margin_spikes": float(last["margin_spikes"]),
            "evaluations": float(len(table)),
            "presentations": float(supplies.presentations),
            "supply_writes": float(supplies.supply_writes),
            "energy_of_learning_J": chip.energy_J,
        }


# Output spikes of each case.
_OUT = tuple(f"spikes_{a}{b}" for a, b in CASES)


def spikes_missing(lower: Floats, upper: Floats, wanted: NDArray[np.bool_]) -> Floats:
    """Return how many output spikes are missing of a one, or too many for a zero, as shares.

    Args:
        lower, upper: spikes of the output with its supply lower and higher, (cases, 1).
        wanted: whether a case is a one, (cases, 1).
    """
    enough = LEAST_SPIKES - 1 + _ENOUGH
    missing = np.clip(1 - lower / enough, 0, 1)
    return np.where(wanted, missing, -np.clip(upper / LEAST_SPIKES, 0, 1))
