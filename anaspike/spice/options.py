"""The simulator's numerical settings, as one value that travels with a result."""

import math
from dataclasses import asdict, dataclass, field, replace
from typing import Literal

from anaspike.errors import InputError
from anaspike.units import spice_number

TIGHTENING = (
    "gear, no bypass, a tenth of the charge tolerance (of 10 aC where it is larger), relative"
    " tolerance x0.1, maximum step /2"
)
_LARGEST_PLAIN_C = 1e-17


@dataclass(frozen=True)
class SimulationOptions:
    """Numerical settings of one transient run.

    The defaults are for circuits whose nodes hold femtofarads. ngspice's own
    chgtol of 1e-14 C is 10 fF at 1 V: no truncation control at all on such
    nodes, and half of the spikes vanish without an error.

    Attributes:
        method: integration method; which one holds is a matter of the process
            (docs/numerics.md).
        chgtol_C: charge tolerance of the truncation error, in coulomb.
        max_step_s: largest time step, in seconds.
        reltol: relative tolerance.
        abstol_A: absolute current tolerance, in ampere.
        vntol_V: absolute voltage tolerance, in volt.
        gmin_S: conductance across every junction, in siemens; ngspice's
            1e-12 would leak as much as the membrane's own 400 Mohm in
            circuits ten times as large.
        itl4: Newton iterations a time point.
        bypass: leave out the evaluation of a transistor whose voltages have hardly moved.
    """

    method: Literal["gear", "trap"] = "gear"
    chgtol_C: float = field(default=1e-18, metadata={"unit": "coulomb"})
    max_step_s: float = 10e-9
    reltol: float = 1e-3
    abstol_A: float = 1e-13
    vntol_V: float = 1e-6
    gmin_S: float = 1e-15
    itl4: int = 50
    bypass: bool = False

    def plain(self) -> "SimulationOptions":
        """Return the same without what saves time: gear, which damps, every transistor, 10 aC."""
        chgtol_C = min(self.chgtol_C, _LARGEST_PLAIN_C)
        return replace(self, method="gear", bypass=False, chgtol_C=chgtol_C)

    def fine(self) -> "SimulationOptions":
        """Return the same for a block alone: it takes no time, and its charge is the answer."""
        return replace(self.plain(), reltol=min(self.reltol, 1e-4))

    def tightened(self) -> "SimulationOptions":
        """Return settings for an audit: `TIGHTENING` says what changes."""
        plain = self.plain()
        return replace(
            plain,
            chgtol_C=plain.chgtol_C * 0.1,
            reltol=self.reltol * 0.1,
            max_step_s=self.max_step_s / 2,
        )

    def card(self) -> str:
        """Return the `.options` line (the maximum step goes on `.tran`)."""
        return (
            f".options method={self.method} maxord=2 chgtol={spice_number(self.chgtol_C)}"
            f" reltol={spice_number(self.reltol)} abstol={spice_number(self.abstol_A)}"
            f" vntol={spice_number(self.vntol_V)} gmin={spice_number(self.gmin_S)}"
            f" itl4={self.itl4} noopiter{' bypass=1' if self.bypass else ''}"
        )

    def checked(self) -> "SimulationOptions":
        """Return settings that came from a file, once each is what it should be.

        Raises:
            InputError: one is not.
        """
        numbers = {k: v for k, v in self.as_dict().items() if k not in {"method", "bypass"}}
        known = self.method in {"gear", "trap"} and isinstance(self.bypass, bool)
        if not known or not all(
            isinstance(v, int | float) and math.isfinite(v) for v in numbers.values()
        ):
            raise InputError("its numerical options are none; those of a run are numbers")
        return self

    def as_dict(self) -> dict[str, str | float | int]:
        """Return the settings for a manifest."""
        return asdict(self)
