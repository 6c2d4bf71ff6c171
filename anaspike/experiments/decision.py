"""One neuron, one window of input spikes: does it fire, and where did its membrane get to?"""

import math
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
from anaspike.experiments.domain import NODE, Domain
from anaspike.experiments.measure import find_spikes
from anaspike.experiments.neuron_transient import consumer_of
from anaspike.experiments.protocol import Row, Traces, Value
from anaspike.experiments.stimulus import spike_train
from anaspike.experiments.testbench import (
    FIRST_SPIKE_S,
    bench_text,
    check_conditions,
    check_rest,
    energies,
    mismatch_alter,
    neuron_voltages,
    place_bias,
    place_sources,
    resting_core,
    shared_by,
)
from anaspike.pdk.roles import Pdk
from anaspike.spice.deck import Deck


@dataclass(frozen=True)
class Decision:
    """A neuron whose active inputs spike once, all together.

    That is how a layer of a mapped network runs: one window a layer. Its
    "final" membrane voltage is the one at the end of the spike, where the
    input begins to fall: after that synapses switch off, the comparator's
    clock falls, the neuron decides, and a neuron that fires is reset.

    Attributes:
        pdk: the process.
        design: sizes, width of a spike, numerical settings.
        codes: weight code of each synapse.
        active: whether that synapse's input spikes.
        vdd_syn_V: supply of the neuron's synapses, in volt.
        start_V: membrane before the window, in volt; None for v_rest.
        corner, temperature_C, wire_capacitance_F: conditions.
        after_s: watched after the window, in seconds: by default just long enough to see
            whether a spike begins; longer where its energy is asked for.
        seed: of a mismatch sample; None for nominal devices. Nominal synapses
            with the same code and input are run as one, that many times as wide.
        domain: what feeds its synapses, the neuron's alone; None for a stiff supply.

    Raises:
        InputError: a code or a supply that cannot be.
    """

    pdk: Pdk
    design: Design
    codes: tuple[int, ...]
    active: tuple[bool, ...]
    vdd_syn_V: float
    start_V: float | None = None
    corner: str = "tt"
    temperature_C: float = 27.0
    wire_capacitance_F: float = 2e-15
    after_s: float = 10e-9
    seed: int | None = None
    domain: Domain | None = None

    def __post_init__(self) -> None:
        check_positive(self.vdd_syn_V, "the synapse supply (V)")
        check_conditions(self.pdk, self.corner, self.temperature_C, self.seed)
        if not self.codes or len(self.codes) != len(self.active):
            raise InputError(
                f"{len(self.codes)} codes and {len(self.active)} inputs; give one of each a synapse"
            )
        for code in self.codes:
            check_code(code)

    @cached_property
    def groups(self) -> tuple[tuple[int, bool, int], ...]:
        """(code, active, how many) of the synapses that are built as one."""
        return bundles(self.codes, self.active, self.seed)

    @property
    def stop_s(self) -> float:
        """End of the transient, in seconds."""
        return FIRST_SPIKE_S + self.design.drive.width_s + self.after_s

    @property
    def _drive(self) -> Drive:
        return replace(self.design.drive, spikes_in=1)

    def conditions(self) -> Row:
        """Return supply, number of synapses, and the codes that pull either way."""
        net = [code for code, active in zip(self.codes, self.active, strict=True) if active]
        return {
            "vdd_syn_V": self.vdd_syn_V,
            "synapses": len(self.codes),
            "excitation": sum(code for code in net if code > 0),
            "inhibition": -sum(code for code in net if code < 0),
        }

    def build(self) -> Deck:
        """Return the deck."""
        sizes = self.design.neuron
        blocks = Bundled.of(Technology(self.pdk, self.wire_capacitance_F), sizes, self.groups)
        start_V = sizes.v_rest_V if self.start_V is None else self.start_V
        return Deck(
            title=f"decision of a neuron at {self.vdd_syn_V:g} V, {self.pdk.name} {self.corner}",
            body=f"{blocks.text}\n{self._testbench(blocks)}",
            models=self.pdk.models(self.corner, blocks.devices),
            stop_s=self.stop_s,
            save=(
                *("v(mem)", "v(out)", f"v({CORE}hold)"),
                *(f"v({CORE}{node})" for node in ("latch_p", "latch_n")),
                *(f"i(v{source})" for source in self._voltages()),
            ),
            options=self.design.options,
            temperature_C=self.temperature_C,
            initial_V={"mem": start_V, **resting_core(CORE, self.pdk.vdd_V)},
            alter=mismatch_alter(self.pdk, self.corner, self.seed, blocks.placed),
        )

    def measure(self, traces: Traces) -> Row:
        """Return whether it fired, the membrane before the window and at its end, and energy.

        Raises:
            NotSettled: the neuron was not at rest before the window.
        """
        time_s, vdd_V = traces.time_s, self.pdk.vdd_V
        check_rest(traces, {"v(out)": 0.0}, vdd_V)
        fall_s = FIRST_SPIKE_S + self.design.drive.width_s
        known = consumer_of(self.design.neuron)
        spent_J = energies(
            traces, self._voltages(), known, self.stop_s, shared_by(self.design.neuron)
        )
        row: dict[str, Value] = {
            "fired": 0,
            "membrane_V": float(np.interp(fall_s, time_s, traces["v(mem)"])),
            "membrane_before_V": float(np.interp(FIRST_SPIKE_S, time_s, traces["v(mem)"])),
            "decision_delay_s": None,
            "energy_J": math.fsum(spent_J.values()),
        }
        clock = find_spikes(time_s, traces[f"v({CORE}hold)"], 0.7 * vdd_V, 0.5 * vdd_V)
        if not len(clock):  # no input spiked: nobody asked the neuron
            return row
        decided_s = float(clock.rise_s[0] + clock.width_s[0])
        latch_V = traces[f"v({CORE}latch_p)"][time_s > decided_s]
        fired = int(np.max(latch_V) > 0.7 * vdd_V)
        return {**row, "fired": fired, "decision_delay_s": decided_s - fall_s}

    @property
    def _into(self) -> str:
        """The node that synapses push into."""
        return "mem"

    def _voltages(self) -> dict[str, float]:
        return neuron_voltages(self.pdk, self.design.neuron, {"vdd_syn": self.vdd_syn_V})

    def _testbench(self, blocks: Bundled) -> str:
        bench = Circuit("")
        voltages_V = self._voltages()
        if self.domain is not None:
            self.domain.place(bench, voltages_V.pop(NODE))
        place_sources(bench, voltages_V)
        place_bias(bench, blocks.mirror, self.design.neuron.spike_generator.bias_current_A)
        bench.V("spike", "spike", 0, spike_train(self._drive, FIRST_SPIKE_S, self.pdk.vdd_V))
        nodes = {True: "spike", False: "0"}
        blocks.connect(
            bench,
            [nodes[active] for active in self.active],
            [(code, nodes[active]) for code, active, _ in self.groups],
            self._into,
        )
        return bench_text(bench)
