"""One transistor of a process: threshold, on and off current, swing, DIBL."""

from dataclasses import dataclass, field

import numpy as np

from anaspike.experiments.measure import Array
from anaspike.experiments.protocol import Row, Traces
from anaspike.pdk.roles import MosSize, Pdk
from anaspike.spice.deck import Deck
from anaspike.spice.options import SimulationOptions
from anaspike.units import spice_number

_RAMP_S = 9e-3  # so slow that a femtofarad's displacement current is below a picoampere
_LINEAR_V = 0.05
_THRESHOLD_CURRENT_A = 100e-9  # of a square device: the usual constant-current threshold


@dataclass(frozen=True)
class DeviceTransfer:
    """The transfer curves of one device, in saturation and in the linear region.

    Attributes:
        pdk: the process.
        size: the device.
        corner: global corner.
        temperature_C: in degrees Celsius.
        options: numerical settings.
    """

    pdk: Pdk
    size: MosSize
    corner: str = "tt"
    temperature_C: float = 27.0
    options: SimulationOptions = field(
        default_factory=lambda: SimulationOptions(max_step_s=_RAMP_S / 900)
    )

    def conditions(self) -> Row:
        """Return role, size and corner."""
        size = self.size
        return {"role": size.role, "w_m": size.w_m, "l_m": size.l_m, "corner": self.corner}

    def build(self) -> Deck:
        """Return a deck that ramps one gate over two devices, at both drain voltages."""
        sign = -1 if self.size.role.startswith("pmos") else 1
        model, parameters = self.pdk.subcircuit(self.size)
        listed = " ".join(f"{name}={value}" for name, value in parameters.items())
        vdd = spice_number(sign * self.pdk.vdd_V)
        body = "\n".join(
            (
                f"xsaturated saturated gate 0 0 {model} {listed}",
                f"xlinear linear gate 0 0 {model} {listed}",
                f"vsaturated saturated 0 {vdd}",
                f"vlinear linear 0 {spice_number(sign * _LINEAR_V)}",
                f"vgate gate 0 pwl(0 0 {spice_number(_RAMP_S)} {vdd})",
            )
        )
        return Deck(
            title=f"{self.size.role} transfer curves, {self.pdk.name} {self.corner}",
            body=body,
            models=self.pdk.models(self.corner, (self.size,)),
            stop_s=_RAMP_S,
            save=("v(gate)", "i(vsaturated)", "i(vlinear)"),
            options=self.options,
            temperature_C=self.temperature_C,
        )

    def measure(self, traces: Traces) -> Row:
        """Return magnitudes: thresholds, currents a metre of width, swing and DIBL."""
        gate_V = np.abs(traces["v(gate)"])
        saturated_A, linear_A = np.abs(traces["i(vsaturated)"]), np.abs(traces["i(vlinear)"])
        width_m = self.size.w_m * self.size.mult
        threshold_A = _THRESHOLD_CURRENT_A * width_m / self.size.l_m
        vth_sat_V = _gate_at(threshold_A, gate_V, saturated_A)
        vth_lin_V = _gate_at(threshold_A, gate_V, linear_A)
        # The slope two decades below the threshold current: exponential, and above any leakage.
        octave_V = _gate_at(0.02 * threshold_A, gate_V, saturated_A) - _gate_at(
            0.01 * threshold_A, gate_V, saturated_A
        )
        return {
            "vth_sat_V": vth_sat_V,
            "vth_lin_V": vth_lin_V,
            "ion_A_per_m": float(saturated_A[-1]) / width_m,
            "ioff_A_per_m": float(saturated_A[0]) / width_m,
            "swing_V_per_decade": octave_V / np.log10(2.0),
            "dibl": (vth_lin_V - vth_sat_V) / (self.pdk.vdd_V - _LINEAR_V),
        }


def _gate_at(current_A: float, gate_V: Array, drain_A: Array) -> float:
    """Return the gate voltage of a drain current; NaN where the ramp never has it."""
    logs = np.log(np.maximum(drain_A, 1e-30))
    return float(np.interp(np.log(current_A), logs, gate_V, left=np.nan, right=np.nan))
