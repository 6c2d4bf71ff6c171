"""What notebooks call and the command line calls too: one engine, one function a question."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import pandas as pd

from anaspike.campaign.answer import Answer
from anaspike.campaign.bench import Bench, Progress
from anaspike.campaign.opinion import with_opinions
from anaspike.campaign.store import Cache, cache_folder
from anaspike.circuits.designs import Design
from anaspike.experiments.device import DeviceTransfer
from anaspike.pdk.catalog import open_pdk
from anaspike.pdk.roles import MosSize
from anaspike.report import answers
from anaspike.report.style import also_titled
from anaspike.spice.protocol import Simulator
from anaspike.spice.simulators import find_simulator
from anaspike.spice.waveforms import Waveforms
from anaspike.studies.blocks.sweep_vdd import SweepVdd

if TYPE_CHECKING:
    from matplotlib.figure import Figure


@dataclass(frozen=True)
class SweepResult:
    """A supply sweep: numbers, traces and where they come from.

    Attributes:
        answer: findings, quantities and provenance.
        waveforms: supply in volt -> traces, for the supplies kept.
    """

    answer: Answer
    waveforms: Mapping[float, Waveforms] = field(repr=False)

    @property
    def table(self) -> pd.DataFrame:
        """One row for each supply, lowest first.

        docs/sweep-vdd.md explains the columns, whose names carry their units.
        """
        return self.answer.findings.tables["sweep_vdd"]

    @property
    def audit(self) -> pd.DataFrame | None:
        """Each point at tighter settings too, when that was asked for: docs/numerics.md."""
        return self.answer.findings.tables.get("convergence")

    @property
    def second_opinion(self) -> pd.DataFrame | None:
        """Each point on both simulators, when a second opinion was asked for."""
        return self.answer.findings.tables.get("second_opinion")

    @property
    def manifest(self) -> Mapping[str, Any]:
        """Provenance, ready for JSON."""
        return self.answer.manifest

    @property
    def ok(self) -> bool:
        """Whether every point holds a result and what was asked of them holds: see the verdicts."""
        complete = bool((self.table["status"] == "ok").all())
        return complete and all(verdict.met for verdict in self.answer.verdicts)

    def figure(self) -> "Figure":
        """Return the picture: traces at both ends, spikes and energy per spike."""
        drawn = self.answer.findings.figures["sweep_vdd"]()
        return also_titled(drawn, self.answer.approximation)

    def save(self, folder: Path | str, table_format: str = "csv") -> list[Path]:
        """Write tables, picture, answer and manifest into a folder; return their paths.

        Raises:
            InputError: the folder cannot be written, or the format not made.
        """
        return answers.save(self.answer, Path(folder), table_format)


def sweep_vdd(
    start_V: float | None = None,
    stop_V: float | None = None,
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
    sized: Design | None = None,
    layout: str | None = None,
    fast: bool = False,
    check_convergence: bool = False,
    keep: Literal["ends", "all", "none"] = "ends",
    jobs: int | None = None,
    timeout_s: float = 600.0,
    progress: Progress | None = None,
    simulator: Simulator | None = None,
    second: Simulator | None = None,
    cache: bool = False,
) -> SweepResult:
    """Drive one neuron with the same spikes at each synapse supply (paper Figures 4 and 8).

    Interrupted, it returns what is finished; the other rows say "cancelled".

    Args:
        start_V, stop_V: range of the synapse supply, in volt; 0.55 to 0.75, on gf180mcu 0.8 to
            1.1, where not given.
        points: supplies in the range, ends included; 9 when no step is given.
        step_V: or the distance between them, in volt.
        pdk: name of the process: "generic28", "sky130".
        corner: global corner.
        temperature_C: in degrees Celsius.
        codes: weight of each synapse, -7..7; those with code 0 get no spikes.
        spikes_in: length of the train.
        period_s, width_s: of its spikes, in seconds.
        wire_capacitance_F: of each node, in farad.
        seed: of a mismatch sample; None for nominal devices.
        sized: a design of your own instead of the process's: `read_design` gives one.
        layout: a GDS file of a block, or "generated": after layout, on sky130.
        fast: as the process's named approximation, which sky130 alone has.
        check_convergence: run everything again, tighter, and compare.
        keep: whose waveforms to keep in the result.
        jobs: simulations at once; default: one for each processor.
        timeout_s: wall-clock limit of one simulation, in seconds.
        progress: called with (finished, all) after each simulation.
        simulator: a simulator to use instead of this machine's ngspice (VACASK for models that
            it cannot load): `find_simulator("vacask")` of `anaspike.spice.simulators`.
        second: another simulator that runs each point too: a second opinion.
        cache: look results up in the cache of the command line, and keep them
            there. Off unless asked for: a notebook may have loaded code that
            its files no longer hold; restart it after editing an experiment.

    `codes`, `spikes_in`, `period_s` and `width_s` default to the design's own.

    Raises:
        InputError: something asked for makes no sense, or ngspice or the PDK
            is missing.
    """
    given: dict[str, Any] = {"from_V": start_V, "to_V": stop_V, "layout": layout}
    study = SweepVdd(
        **{name: value for name, value in given.items() if value is not None},
        pdk=pdk, points=points, step_V=step_V, corner=corner,
        temperature_C=temperature_C, wire_capacitance_F=wire_capacitance_F, seed=seed, sized=sized,
        fast=fast,
        codes=None if codes is None else tuple(codes), spikes_in=spikes_in, period_s=period_s,
        width_s=width_s, keep=keep,
    )  # fmt: skip
    study.check()
    bench = Bench(
        simulator or find_simulator(None, timeout_s, study.modules),
        jobs,
        progress,
        Cache(cache_folder()) if cache else None,
        second=second,
        check_convergence=check_convergence,
    )
    findings, waveforms = study.sweep(bench)
    answer = with_opinions(study.judged(findings, bench, specs=()), bench)
    return SweepResult(answer, waveforms)


def measure_devices(
    pdk: str = "generic28", simulator: Simulator | None = None, *, fast: bool = False
) -> pd.DataFrame:
    """Measure one micrometre-wide device of each role at its minimum length.

    Returns:
        One row a device: `vth_sat_V`, `ion_A_per_m`, ... as `DeviceTransfer` gives them.

    Raises:
        InputError: ngspice or the PDK is missing.
    """
    process = open_pdk(pdk, fast=fast)
    devices = [
        DeviceTransfer(process, MosSize(role, 1e-6, device.l_min_m))
        for role, device in process.devices.items()
    ]
    return Bench(simulator or find_simulator(modules=process.osdi())).run(devices).table
