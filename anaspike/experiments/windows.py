"""One neuron over many windows of input spikes: in which does it fire, and what does it keep?"""

from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from PySpice.Spice.Netlist import Circuit

from anaspike.circuits.block import Technology
from anaspike.circuits.designs import Design, Drive
from anaspike.circuits.parameters import check_positive
from anaspike.circuits.synapse import check_code
from anaspike.errors import InputError
from anaspike.experiments.bundled import CORE, Bundled, bundles
from anaspike.experiments.measure import find_spikes
from anaspike.experiments.protocol import Row, Traces, Value
from anaspike.experiments.stimulus import check_drive, following, spike_train
from anaspike.experiments.testbench import (
    FIRST_SPIKE_S,
    bench_text,
    check_conditions,
    check_rest,
    mismatch_alter,
    neuron_voltages,
    place_bias,
    place_sources,
    resting_core,
)
from anaspike.pdk.roles import Pdk
from anaspike.spice.deck import Deck
from anaspike.spice.options import SimulationOptions

STEPS = 50  # of a period at least
Train = tuple[bool, ...]


@dataclass(frozen=True)
class Windows:
    """A neuron whose inputs may spike in each of several windows, all that do together.

    As `Decision`, window after window: between them the membrane leaks, and who fired starts again
    from rest. A window without any input spike asks the neuron nothing.

    Attributes:
        pdk: the process.
        design: sizes, width of a spike, numerical settings.
        codes: weight code of each synapse.
        trains: of each synapse's input, in which windows it spikes.
        vdd_syn_V: supply of the neuron's synapses, in volt.
        period_s: from window to window, in seconds.
        start_V: membrane before the first, in volt; None for v_rest.
        corner, temperature_C, wire_capacitance_F: conditions.
        seed: of a mismatch sample; None for nominal devices, of which synapses with the same code
            and train are run as one, that many times as wide.
        whole: with the gates of bits that are 0 too. They never switch, and of sixteen synapses
            they are half of all transistors; without them a membrane moves by microvolts. A
            mismatch sample has them.

    Raises:
        InputError: a code, a train or a period that cannot be.
    """

    pdk: Pdk
    design: Design
    codes: tuple[int, ...]
    trains: tuple[Train, ...]
    vdd_syn_V: float
    period_s: float
    start_V: float | None = None
    corner: str = "tt"
    temperature_C: float = 27.0
    wire_capacitance_F: float = 2e-15
    seed: int | None = None
    whole: bool = False

    def __post_init__(self) -> None:
        check_positive(self.vdd_syn_V, "the synapse supply (V)")
        check_conditions(self.pdk, self.corner, self.temperature_C, self.seed)
        if not self.codes or len(self.codes) != len(self.trains) or not self.windows:
            raise InputError(
                f"{len(self.codes)} codes and {len(self.trains)} trains; give one of each a synapse"
            )
        if len({len(train) for train in self.trains}) > 1:
            raise InputError("trains of different lengths; each says of every window whether")
        for code in self.codes:
            check_code(code)
        check_drive(self._drive)

    @property
    def windows(self) -> int:
        """How many there are."""
        return len(self.trains[0]) if self.trains else 0

    @cached_property
    def groups(self) -> tuple[tuple[int, Train, int], ...]:
        """(code, train, how many) of the synapses that are built as one."""
        return bundles(self.codes, self.trains, self.seed)

    @property
    def blocks(self) -> Bundled:
        """What it is built of."""
        technology = Technology(self.pdk, self.wire_capacitance_F)
        whole = self.whole or self.seed is not None
        return Bundled.of(technology, self.design.neuron, self.groups, whole)

    @property
    def stop_s(self) -> float:
        """End of the transient, in seconds."""
        return FIRST_SPIKE_S + self.windows * self.period_s

    @property
    def _drive(self) -> Drive:
        return replace(self.design.drive, spikes_in=self.windows, period_s=self.period_s)

    def conditions(self) -> Row:
        """Return supply, number of synapses and windows, and the period."""
        return {
            "vdd_syn_V": self.vdd_syn_V,
            "synapses": len(self.codes),
            "windows": self.windows,
            "period_s": self.period_s,
        }

    def build(self) -> Deck:
        """Return the deck."""
        sizes, blocks = self.design.neuron, self.blocks
        start_V = sizes.v_rest_V if self.start_V is None else self.start_V
        return Deck(
            title=f"{self.windows} windows of a neuron at {self.vdd_syn_V:g} V,"
            f" {self.pdk.name} {self.corner}",
            body=f"{blocks.text}\n{self._testbench(blocks)}",
            models=self.pdk.models(self.corner, blocks.devices),
            stop_s=self.stop_s,
            save=("v(mem)", "v(out)"),
            options=self._options(),
            temperature_C=self.temperature_C,
            initial_V={"mem": start_V, **resting_core(CORE, self.pdk.vdd_V)},
            alter=mismatch_alter(self.pdk, self.corner, self.seed, blocks.placed),
        )

    def measure(self, traces: Traces) -> Row:
        """Return of each window `i` whether it fired, and the membrane as it comes and goes.

        `fired_i`; `membrane_i_V` at the end of the spike, where input begins to fall;
        `settled_i_V` two widths later, when all has switched and a reset is over; `kept_i_V` where
        the next window begins.

        Raises:
            NotSettled: the neuron was not at rest before the first window.
        """
        time_s, vdd_V, width_s = traces.time_s, self.pdk.vdd_V, self.design.drive.width_s
        check_rest(traces, {"v(out)": 0.0}, vdd_V)
        rise_s = FIRST_SPIKE_S + self.period_s * np.arange(self.windows)
        spikes = find_spikes(time_s, traces["v(out)"], 0.7 * vdd_V, 0.5 * vdd_V)
        fired, _ = np.histogram(spikes.rise_s, [*(rise_s + width_s), np.inf])
        moments = {"membrane": width_s, "settled": 3 * width_s, "kept": self.period_s}
        row: dict[str, Value] = {}
        for i in range(self.windows):
            row[f"fired_{i}"] = int(fired[i] > 0)
            for name, after_s in moments.items():
                at_s = min(rise_s[i] + after_s, time_s[-1])
                row[f"{name}_{i}_V"] = float(np.interp(at_s, time_s, traces["v(mem)"]))
        return row

    def _options(self) -> SimulationOptions:
        """Return numerical settings: most of a period only leaks."""
        options = following(self.design.options, self._drive)
        return replace(options, max_step_s=max(options.max_step_s, self.period_s / STEPS))

    def _testbench(self, blocks: Bundled) -> str:
        bench = Circuit("")
        place_sources(
            bench,
            neuron_voltages(self.pdk, self.design.neuron, {"vdd_syn": self.vdd_syn_V}),
        )
        place_bias(bench, blocks.mirror, self.design.neuron.spike_generator.bias_current_A)
        nodes: dict[Train, str] = {}
        for train in dict.fromkeys(self.trains):
            nodes[train] = f"train{len(nodes) + 1}" if any(train) else "0"
            if any(train):
                source = spike_train(self._drive, FIRST_SPIKE_S, self.pdk.vdd_V, train)
                bench.V(nodes[train], nodes[train], 0, source)
        blocks.connect(
            bench,
            [nodes[train] for train in self.trains],
            [(code, nodes[train]) for code, train, _ in self.groups],
        )
        return bench_text(bench)
