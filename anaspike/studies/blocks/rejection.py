"""`characterise rejection`: what a supply or a reference that is a little off does to a neuron."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, ClassVar

import numpy as np
import pandas as pd

from anaspike.campaign.answer import Findings
from anaspike.campaign.bench import Bench
from anaspike.campaign.specs import Spec
from anaspike.circuits.designs import Design
from anaspike.errors import InputError
from anaspike.experiments.comparator import ComparatorThreshold
from anaspike.experiments.neuron_transient import NeuronTransient
from anaspike.experiments.protocol import Experiment
from anaspike.experiments.spike_generator import SpikeGeneratorPulse
from anaspike.experiments.synapse import SynapsePulse
from anaspike.experiments.testbench import check_conditions
from anaspike.report.rejection import rejection_figure
from anaspike.studies.base import Celsius, Study, Volt

CORE, THRESHOLD, BIAS, SYNAPSES = "core supply", "v_th", "bias current", "synapse supply"
# What is read of each, and of which experiment.
_READ = {"spike_width_s": "width", "threshold_V": "threshold", "spikes_out": "neuron"}
_CHARGES = {"charge_of_+1_coulomb": "charge_excite_coulomb",
            "charge_of_-1_coulomb": "charge_inhibit_coulomb"}  # fmt: skip


class Rejection(Study):
    """The same neuron with each supply and reference moved in turn.

    Attributes:
        core_shifts_V: of the core supply, rising, 0 among them.
        reference_shift_V: of the comparator's reference v_th, either way.
        bias_shift: of the spike generator's bias current, either way, as a part of it.
        synapse_shift_V: of the synapse supply, either way.
        vdd_syn_V: of the synapses.
        corner, temperature_C, seed: conditions.
    """

    name: ClassVar[str] = "rejection"
    title: ClassVar[str] = "Supply rejection: core, references and synapse supply"
    by_design: ClassVar[Mapping[str, str]] = {"vdd_syn_V": "middle_V"}

    core_shifts_V: tuple[Volt, ...] = (-0.1, -0.05, 0.0, 0.05, 0.1)
    reference_shift_V: Volt = 10e-3
    bias_shift: float = 0.1
    synapse_shift_V: Volt = 5e-3
    vdd_syn_V: Volt = 0.65
    corner: str = "tt"
    temperature_C: Celsius = 27.0
    seed: int | None = None

    def specs(self) -> tuple[Spec, ...]:
        """A core supply that is off moves width and threshold little."""
        return (
            Spec("width_by_core", most=0.15, why="relative, the core as far off as asked"),
            Spec("threshold_by_core_V", most=5e-3, why="as much as a comparator's own offset"),
            Spec("threshold_per_v_th", 0.9, 1.1, 1.0, "the reference is what sets it"),
        )

    def check(self) -> None:
        """Refuse shifts that are none, and conditions that cannot be simulated."""
        shifts = self.core_shifts_V
        if len(shifts) < 2 or 0 not in shifts or list(shifts) != sorted(set(shifts)):
            raise InputError(
                "rejection: core_shifts_V must rise, 0 among them; write for example -0.1, 0, 0.1"
            )
        for name in ("reference_shift_V", "bias_shift", "synapse_shift_V"):
            if not getattr(self, name) > 0:
                raise InputError(f"rejection: {name} must be above 0; it is taken either way")
        if self.bias_shift >= 1:
            raise InputError("rejection: bias_shift is a part of the bias current, below 1")
        check_conditions(self.process, self.corner, self.temperature_C, self.seed)
        for moved in self._moves():
            self._points(moved)

    def find(self, bench: Bench) -> Findings:
        """Run every shift of everything at once."""
        self.check()
        moves = self._moves()
        asked = [(i, kind, point) for i, moved in enumerate(moves)
                 for kind, point in self._points(moved).items()]  # fmt: skip
        ran = bench.run([point for *_, point in asked]).table
        rows = [{"moved": moved.what, "shift": moved.shift} for moved in moves]
        for (i, kind, _), row in zip(asked, ran.to_dict("records"), strict=True):
            rows[i] |= _read(kind, row)
        table = pd.DataFrame([{"status": "ok", "message": "", **row} for row in rows])
        order = ["moved", "shift", *_READ, *_CHARGES.values(), "status", "message"]
        table = table.reindex(columns=order)
        sensitivities = _sensitivities(table)
        where = f"{self.pdk}, {self.corner}, {self.temperature_C:g} °C"
        return Findings(
            {"rejection": table, "sensitivities": sensitivities},
            _quantities(table),
            {"rejection": partial(rejection_figure, table, f"A supply that is off, {where}")},
            notes=(
                "shift: of the core and synapse supply and of v_th in volt, of the bias current as"
                " a part of it; all else as designed",
                "core: input spikes, weights and gates are of that supply too; the bias is a"
                " current, which the mirror follows",
            ),
            also=("sensitivities",),
        )

    def _moves(self) -> list["_Moved"]:
        """Return everything that is moved, and by how much."""
        neuron = self.design.neuron
        generator = neuron.spike_generator
        moves = [_Moved(CORE, shift_V, self.design) for shift_V in self.core_shifts_V]
        for sign in (-1, 1):
            shift_V = sign * self.reference_shift_V
            threshold = replace(neuron, v_th_V=neuron.v_th_V + shift_V)
            moves.append(_Moved(THRESHOLD, shift_V, replace(self.design, neuron=threshold)))
        for sign in (-1, 1):
            part = sign * self.bias_shift
            biased = replace(generator, bias_current_A=generator.bias_current_A * (1 + part))
            design = replace(self.design, neuron=replace(neuron, spike_generator=biased))
            moves.append(_Moved(BIAS, part, design))
        moves += [_Moved(SYNAPSES, s * self.synapse_shift_V, self.design) for s in (-1, 0, 1)]
        return moves

    def _points(self, moved: "_Moved") -> dict[str, Experiment]:
        """Return what is asked where something is moved."""
        process, design = self.process, moved.design
        if moved.what == CORE:
            process = process.on_core(process.vdd_V + moved.shift)
        at: dict[str, Any] = {
            "pdk": process, "design": design, "corner": self.corner,
            "temperature_C": self.temperature_C, "seed": self.seed,
        }  # fmt: skip
        bias_A = design.neuron.spike_generator.bias_current_A
        width = SpikeGeneratorPulse(bias_current_A=bias_A, **at)
        threshold = ComparatorThreshold(**at)
        charge = SynapsePulse(
            vdd_syn_V=self.vdd_syn_V + (moved.shift if moved.what == SYNAPSES else 0.0),
            codes=(1, -1), membrane_V=design.neuron.v_rest_V, **at,
        )  # fmt: skip
        asked: dict[str, dict[str, Experiment]] = {
            CORE: {
                "width": width, "threshold": threshold, "charge": charge,
                "neuron": NeuronTransient(vdd_syn_V=self.vdd_syn_V, **at),
            },
            THRESHOLD: {"threshold": threshold},
            BIAS: {"width": width},
            SYNAPSES: {"charge": charge},
        }  # fmt: skip
        return asked[moved.what]


@dataclass(frozen=True)
class _Moved:
    """One supply or reference, moved.

    Attributes:
        what: it is.
        shift: in volt; of the bias current, as a part of it.
        design: as it is then.
    """

    what: str
    shift: float
    design: Design


def _read(kind: str, row: Mapping[Any, Any]) -> dict[str, Any]:
    """Return what a run adds to its row: what was measured, or how it failed."""
    if row["status"] != "ok":
        return {"status": row["status"], "message": f"{kind}: {row['message']}"}
    if kind == "charge":
        return {named: row[name] for name, named in _CHARGES.items()}
    return {name: row[name] for name, of in _READ.items() if of == kind}


def _sensitivities(table: pd.DataFrame) -> pd.DataFrame:
    """Return a row for each thing moved and each measured: its slope, and the slope of its log."""
    rows = []
    for what, moved in table.groupby("moved", sort=False):
        for name in (*_READ, *_CHARGES.values()):
            known = moved[["shift", name]].dropna().astype(float)
            if len(known) < 2 or (known[name] == 0).any():
                continue
            shift, value = known["shift"].to_numpy(), known[name].to_numpy()
            slope = float(np.polyfit(shift, value, 1)[0])
            relative = float(np.polyfit(shift, np.log(np.abs(value)), 1)[0])
            rows.append({"moved": what, "measured": name, "slope": slope, "relative": relative})
    return pd.DataFrame(rows, columns=["moved", "measured", "slope", "relative"])


def _quantities(table: pd.DataFrame) -> dict[str, float | None]:
    """Return what is judged, and the slopes that a reviewer asks for; None where a run failed."""
    of = dict(iter(table.groupby("moved", sort=False)))
    failed = {what for what, rows in of.items() if rows["status"].ne("ok").any()}
    slopes = _sensitivities(table).set_index(["moved", "measured"])

    def slope(what: str, name: str, kind: str) -> float | None:
        known = what not in failed and (what, name) in slopes.index
        return float(slopes[kind][what, name]) if known else None

    core = of[CORE].set_index("shift")
    moved_V = (core["threshold_V"] - core["threshold_V"][0.0]).abs()
    wider = (core["spike_width_s"] / core["spike_width_s"][0.0] - 1).abs()
    known = CORE not in failed
    per_V = slope(SYNAPSES, "charge_excite_coulomb", "relative")
    return {
        "width_by_core": float(wider.max()) if known else None,
        "threshold_by_core_V": float(moved_V.max()) if known else None,
        "spikes_by_core": float((core["spikes_out"] - core["spikes_out"][0.0]).abs().max())
        if known
        else None,
        "threshold_per_v_th": slope(THRESHOLD, "threshold_V", "slope"),
        "width_per_bias": slope(BIAS, "spike_width_s", "relative"),
        "charge_per_mV": None if per_V is None else per_V * 1e-3,
    }
