"""Names that stood here up to version 0.1.0: studies of one's own import them from here."""

from anaspike.spice.ngspice.run import SPICEINIT, Ngspice
from anaspike.spice.waveforms import Waveforms

__all__ = ["SPICEINIT", "Ngspice", "Waveforms"]
