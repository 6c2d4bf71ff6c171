"""Chips that answer spikes for supplies: the charge model, and transistors in SPICE."""

from collections.abc import Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from anaspike.experiments.calibration import Chip, CountSpikes
from anaspike.learning.network import Spikes
from anaspike.mapping.characterise import Runs, check_ran
from anaspike.mapping.deploy import Hardware
from anaspike.mapping.energy import EventEnergies, inference
from anaspike.mapping.hardware import Ran, run_layer
from anaspike.mapping.mismatch import Deviation

Floats = NDArray[np.float64]


class ModelChip:
    """A mapped network on the charge model, on the devices of one chip.

    Args:
        hardware: the network; of its supplies no use is made.
        deviations: of the chip's neurons; None for nominal ones.
        energies: of events; None where energy is not asked for.

    Attributes:
        energy_J: of all answers so far.
    """

    def __init__(
        self,
        hardware: Hardware,
        deviations: Sequence[Deviation] | None = None,
        energies: EventEnergies | None = None,
    ) -> None:
        self._hardware, self._energies = hardware, energies
        self._own = deviations or [Deviation()] * len(hardware.mapped.layers)
        self._last: list[tuple[Floats, Spikes | Floats, Ran]] = []
        self.energy_J = 0.0

    def answer(self, supply_V: Sequence[Floats], inputs: Floats) -> list[Floats]:
        """Run patterns of spikes, 0 or 1; layers that are asked the same again answer the same."""
        ran, signal = list[Ran](), inputs > 0
        sent: Spikes | Floats = signal
        for i, given_V in enumerate(supply_V):
            ran.append(self._layer(i, given_V, sent))
            sent = self._own[i].sent(ran[-1].spikes)
        if self._energies is not None:
            spent = inference(self._energies, self._hardware.mapped, signal, ran)
            self.energy_J += spent.energy_J * len(inputs)
        return [layer.spikes.astype(float) for layer in ran]

    def _layer(self, i: int, supply_V: Floats, sent: Spikes | Floats) -> Ran:
        if i < len(self._last):
            given_V, heard, ran = self._last[i]
            if np.array_equal(given_V, supply_V) and np.array_equal(heard, sent):
                return ran
        del self._last[i:]
        there = self._hardware
        layer = there.mapped.layers[i].at(supply_V, there.mapped.curve, there.mapped.dac)
        own = there.tables, there.geometries[i], layer, sent, self._own[i], there.disturbance, i
        self._last.append((supply_V, sent, run_layer(*own)))
        return self._last[i][2]


class SpiceChip:
    """A network of transistors.

    Args:
        bench: where it runs.
        counter: the network, and how spikes are counted.
        chip: its corner, temperature and mismatch sample.

    Attributes:
        rows: of all runs so far, in their order.
        energy_J: of them, all supplies and references counted.
    """

    def __init__(self, bench: Runs, counter: CountSpikes, chip: Chip) -> None:
        self._bench, self._counter, self._chip = bench, counter, chip
        self._levels = counter.network.levels()
        self.rows: list[pd.DataFrame] = []
        self.energy_J = 0.0

    def answer(self, supply_V: Sequence[Floats], inputs: Floats) -> list[Floats]:
        """Run trains of so many spikes at each input; a run that failed raises `NotMeasured`."""
        names = self._counter.network.inputs
        supplies_V = {
            name: float(volt)
            for level, given_V in zip(self._levels, supply_V, strict=True)
            for name, volt in zip(level, given_V, strict=True)
        }
        points = [
            self._counter.all_neurons(
                self._chip, dict(zip(names, map(int, pattern), strict=True)), supplies_V
            )
            for pattern in inputs
        ]
        self.rows.append(self._bench.run(points).table)
        check_ran(self.rows[-1], "what the network answers")
        self.energy_J += float(self.rows[-1]["energy_total_J"].sum())
        return [
            self.rows[-1][[f"spikes_{name}" for name in level]].to_numpy(float)
            for level in self._levels
        ]
