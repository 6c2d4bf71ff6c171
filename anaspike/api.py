"""What notebooks call and the command line calls too: one engine, one function a question."""

from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Literal

import pandas as pd
from matplotlib.figure import Figure

from anaspike.campaign.audit import TIGHTENING, audit_table
from anaspike.campaign.engine import Outcome, check_jobs, default_jobs, run_points
from anaspike.campaign.provenance import provenance
from anaspike.campaign.table import tidy
from anaspike.circuits.designs import design_for, driven
from anaspike.errors import InputError
from anaspike.experiments.device import DeviceTransfer
from anaspike.experiments.neuron_transient import NeuronTransient
from anaspike.experiments.sweep_vdd import supplies
from anaspike.experiments.sweep_vdd import sweep_vdd as sweep_points
from anaspike.files import make_folder, replacing
from anaspike.pdk.catalog import open_pdk
from anaspike.pdk.roles import MosSize
from anaspike.report import sweep_vdd as report
from anaspike.report.tables import check_format, write_json, write_table
from anaspike.spice.run import Ngspice, Waveforms

Progress = Callable[[int, int], None]
Keep = Literal["ends", "all", "none"]


@dataclass(frozen=True)
class SweepResult:
    """A supply sweep: numbers, traces and where they come from.

    Attributes:
        table: one row for each supply, lowest first; see docs/sweep-vdd.md for
            the columns, whose names carry their units.
        waveforms: supply in volt -> traces, for the supplies kept.
        manifest: provenance, ready for JSON.
        v_th_V: the neuron's threshold, in volt.
        audit: the convergence audit, when it was asked for.
        interrupted: whether Ctrl-C stopped it; unfinished rows say "cancelled".
    """

    table: pd.DataFrame
    waveforms: Mapping[float, Waveforms] = field(repr=False)
    manifest: Mapping[str, Any] = field(repr=False)
    v_th_V: float
    audit: pd.DataFrame | None = None
    interrupted: bool = False

    @property
    def ok(self) -> bool:
        """Whether every point holds a result and, if audited, is converged."""
        complete = bool((self.table["status"] == "ok").all())
        return complete and (self.audit is None or bool(self.audit["converged"].all()))

    def figure(self) -> Figure:
        """Draw traces at both ends, spikes and energy per spike against supply."""
        asked = self.manifest["parameters"]
        codes = ", ".join(f"{code:+d}" if code else "0" for code in asked["codes"])
        title = (
            f"{self.manifest['pdk']['name']}, {asked['corner']}, {asked['temperature_C']:g} °C,"
            f" codes {codes}: the same spikes in at every supply"
        )
        return report.figure(self.table, self.waveforms, self.v_th_V, title)

    def save(self, folder: Path | str, table_format: str = "csv") -> list[Path]:
        """Write table, picture and manifest into a folder; return their paths.

        Raises:
            InputError: the folder cannot be written, or the format not made.
        """
        check_format(table_format)
        folder = make_folder(Path(folder))
        written = [folder / f"sweep_vdd.{table_format}", folder / "sweep_vdd.png"]
        write_table(self.table, written[0])
        with replacing(written[1]) as temporary:
            self.figure().savefig(temporary, dpi=130)
        if self.audit is not None:
            written.append(folder / f"convergence.{table_format}")
            write_table(self.audit, written[-1])
        written.append(folder / "manifest.json")
        write_json(self.manifest, written[-1])
        return written


def sweep_vdd(
    start_V: float = 0.55,
    stop_V: float = 0.75,
    *,
    points: int | None = None,
    step_V: float | None = None,
    pdk: str = "generic28",
    corner: str = "tt",
    temperature_C: float = 27.0,
    codes: Sequence[int] | None = None,
    spikes_in: int | None = None,
    period_s: float | None = None,
    width_s: float | None = None,
    wire_capacitance_F: float = 2e-15,
    seed: int | None = None,
    jobs: int | None = None,
    timeout_s: float = 600.0,
    check_convergence: bool = False,
    keep: Keep = "ends",
    progress: Progress | None = None,
    ready: Callable[[], object] | None = None,
    simulator: Ngspice | None = None,
) -> SweepResult:
    """Drive one neuron with the same spikes at each synapse supply (paper Figures 4 and 8).

    Args:
        start_V, stop_V: range of the synapse supply, in volt.
        points: supplies in the range, ends included; 9 when no step is given.
        step_V: or the distance between them, in volt.
        pdk: "generic28" or "sky130".
        corner: global corner.
        temperature_C: in degrees Celsius.
        codes: weight of each synapse, -7..7; those with code 0 get no spikes.
        spikes_in: length of the train.
        period_s, width_s: of its spikes, in seconds.
        wire_capacitance_F: of each node, in farad.
        seed: of a mismatch sample; None for nominal devices.
        jobs: simulations at once; default: one for each processor.
        timeout_s: wall-clock limit of one simulation, in seconds.
        check_convergence: run everything again, tighter, and compare.
        keep: whose waveforms to keep in the result.
        progress: called with (finished, all) after each simulation.
        ready: called once, when all that was asked is valid and nothing has run.
        simulator: a simulator to use instead of the one found on this machine.

    `codes`, `spikes_in`, `period_s` and `width_s` default to the design's own.

    Raises:
        InputError: something asked for makes no sense, or ngspice or the PDK
            is missing.
    """
    supplies_V = supplies(start_V, stop_V, points, step_V)
    process = open_pdk(pdk)
    design = driven(design_for(pdk), codes, spikes_in, period_s, width_s)
    base = NeuronTransient(
        process, design, supplies_V[-1], corner, temperature_C, wire_capacitance_F, seed
    )
    asked = sweep_points(base, supplies_V)
    jobs = check_jobs(default_jobs() if jobs is None else jobs)
    simulator = simulator or Ngspice.find(timeout_s=timeout_s)
    kept = _kept(keep, len(asked))
    if ready is not None:
        ready()
    everything = asked + ([point.tightened() for point in asked] if check_convergence else [])
    outcomes, interrupted = _run(everything, simulator, jobs, kept, progress)
    first = [outcome for outcome in outcomes if outcome.index < len(asked)]
    second = [
        replace(outcome, index=outcome.index - len(asked))
        for outcome in outcomes
        if outcome.index >= len(asked)
    ]
    drive = design.drive
    parameters = {
        "vdd_syn_V": list(supplies_V),
        "corner": corner,
        "temperature_C": temperature_C,
        "codes": list(drive.codes),
        "spikes_in": drive.spikes_in,
        "period_s": drive.period_s,
        "width_s": drive.width_s,
        "wire_capacitance_F": wire_capacitance_F,
        "seed": seed,
        "timeout_s": simulator.timeout_s,
        "convergence_audit": TIGHTENING if check_convergence else None,
    }
    return SweepResult(
        table=tidy(asked, first),
        waveforms={
            supplies_V[outcome.index]: outcome.waveforms
            for outcome in first
            if outcome.waveforms is not None
        },
        manifest=provenance("sweep-vdd", simulator.version, process, parameters, first),
        v_th_V=design.neuron.v_th_V,
        audit=audit_table(asked, first, second) if check_convergence else None,
        interrupted=interrupted,
    )


def _kept(keep: str, count: int) -> set[int]:
    """Return the indices of the points whose waveforms to keep."""
    choices = {"ends": {0, count - 1}, "all": set(range(count)), "none": set[int]()}
    if keep not in choices:
        raise InputError(f"unknown choice '{keep}' of traces; use {', '.join(choices)}")
    return choices[keep]


def _run(
    points: Sequence[NeuronTransient],
    simulator: Ngspice,
    jobs: int,
    keep: set[int],
    progress: Progress | None,
) -> tuple[list[Outcome], bool]:
    """Run the points; return the outcomes that came and whether Ctrl-C cut them short."""
    outcomes: list[Outcome] = []
    if progress is not None:
        progress(0, len(points))
    # A higher supply means more spikes and a longer run: started first, it
    # does not keep one job busy at the end while the others wait.
    order = sorted(range(len(points)), key=lambda index: -points[index].vdd_syn_V)
    try:
        with closing(run_points(points, simulator, jobs, order, keep)) as running:
            for outcome in running:
                outcomes.append(outcome)
                if progress is not None:
                    progress(len(outcomes), len(points))
    except KeyboardInterrupt:
        return outcomes, True
    return outcomes, False


def measure_devices(pdk: str = "generic28", simulator: Ngspice | None = None) -> pd.DataFrame:
    """Measure one micrometre-wide device of each role at its minimum length.

    Returns:
        One row a device: `vth_sat_V`, `ion_A_per_m`, ... as `DeviceTransfer` gives them.

    Raises:
        InputError: ngspice or the PDK is missing.
    """
    process = open_pdk(pdk)
    devices = [
        DeviceTransfer(process, MosSize(role, 1e-6, device.l_min_m))
        for role, device in process.devices.items()
    ]
    outcomes = list(run_points(devices, simulator or Ngspice.find(), default_jobs()))
    return tidy(devices, outcomes)
