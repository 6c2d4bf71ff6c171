"""What quiet neurons on stiff supplies leave out: noise at each decision, sources that droop."""

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from anaspike.errors import InputError
from anaspike.mapping.charge_model import ChargeTables

Floats = NDArray[np.float64]

_MOST_NOISE_V, _MOST_OHM = 0.1, 1e9
_HALVINGS = 40  # of a volt: far below what a double tells apart of a supply


@dataclass(frozen=True)
class Disturbance:
    """Noise and source resistance.

    Attributes:
        noise_V: rms of what noise moves a membrane by at its decision, in volt.
        source_ohm: from the stiff supply to each rail, in ohm; who has a rail alone has it alone.
        seed: of the noise; each pattern, layer and neuron has a draw of its own.

    Raises:
        InputError: a value that cannot be.
    """

    noise_V: float = 0.0
    source_ohm: float = 0.0
    seed: int = field(default=0, kw_only=True)

    def __post_init__(self) -> None:
        if not 0 <= self.noise_V <= _MOST_NOISE_V:
            raise InputError(
                f"`noise_V` {self.noise_V:g}: what noise moves at a decision is 0 to"
                f" {_MOST_NOISE_V:g} V rms; anaspike characterise noise measures it"
            )
        if not 0 <= self.source_ohm <= _MOST_OHM:
            raise InputError(
                f"`source_ohm` {self.source_ohm:g}: what feeds a supply has 0 to {_MOST_OHM:g} ohm"
            )

    def __bool__(self) -> bool:
        """Whether there is any."""
        return bool(self.noise_V or self.source_ohm)

    def __str__(self) -> str:
        parts = []
        if self.noise_V:
            parts.append(f"noise {self.noise_V * 1e3:g} mV rms")
        if self.source_ohm:
            parts.append(f"sources of {self.source_ohm / 1e3:g} kohm")
        return ", ".join(parts)

    def parts(self) -> "dict[str, Disturbance]":
        """Return each of the two that there is by itself: `noise`, `source`."""
        alone = {
            "noise": Disturbance(self.noise_V, seed=self.seed),
            "source": Disturbance(0.0, self.source_ohm),
        }
        return {name: part for name, part in alone.items() if part}

    def noise(self, layer: int, shape: tuple[int, ...]) -> Floats:
        """Return what noise adds to each membrane of a layer, in volt."""
        rng = np.random.default_rng([self.seed, layer, 23])
        return np.asarray(self.noise_V * rng.standard_normal(shape), float)

    def weakened(
        self,
        tables: ChargeTables,
        supply_V: Floats,
        rail: NDArray[np.int64],
        excite: Floats,
        inhibit: Floats,
    ) -> tuple[Floats, Floats]:
        """Return what is left of the pull of a layer whose supplies droop.

        What excites draws its current from the rail, all of it that is active at once; a sink
        draws none, but its gate is driven from there. The droop is that of a membrane at rest,
        where most flows; the charge that gates take as they switch is not in it.

        Args:
            tables: the charge model's constants.
            supply_V: of each neuron, (n,), in volt.
            rail: of each neuron, (n,).
            excite, inhibit: units of code that are active, (patterns, n).
        """
        if not self.source_ohm:
            return excite, inhibit
        _, place = np.unique(rail, return_inverse=True)
        on_rail = np.zeros((place.max() + 1, len(rail)))
        on_rail[place, np.arange(len(rail))] = 1
        drawing = (excite @ on_rail.T) @ on_rail
        grid_V, logs = _log_currents(tables)

        def log_current(side: int, volt: Floats) -> Floats:
            return np.asarray(np.interp(volt, grid_V, logs[side]), float)

        full_V = np.broadcast_to(supply_V, excite.shape)
        low_V, high_V = np.zeros(excite.shape), np.array(full_V)
        for _ in range(_HALVINGS):
            middle_V = (low_V + high_V) / 2
            above = middle_V + self.source_ohm * drawing * np.exp(log_current(0, middle_V)) > full_V
            low_V, high_V = np.where(above, low_V, middle_V), np.where(above, middle_V, high_V)
        left = [np.exp(log_current(side, high_V) - log_current(side, full_V)) for side in (0, 1)]
        return excite * left[0], inhibit * left[1]


QUIET = Disturbance()


def _log_currents(tables: ChargeTables) -> tuple[Floats, Floats]:
    """Return supplies from 0 V on and the logarithm of a unit's current into a resting membrane.

    Below the tables a current goes on falling by the same factor for each volt.
    """
    at_rest = int(np.argmin(np.abs(tables.membrane_V - tables.rest_V)))
    logs, supply_V = np.log(np.abs(tables.current_A[:, :, at_rest])), tables.supply_V
    slope = (logs[:, 1] - logs[:, 0]) / (supply_V[1] - supply_V[0])
    at_zero = logs[:, 0] - slope * supply_V[0]
    return np.concatenate(([0.0], supply_V)), np.column_stack((at_zero, logs))
