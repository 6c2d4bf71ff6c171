"""One word of the weight memory: written, left alone, and held through dips of its supply."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import pairwise

import numpy as np
from PySpice.Spice.Netlist import Circuit

from anaspike.circuits.block import Block, Technology
from anaspike.circuits.designs import Design
from anaspike.circuits.gates import inverter
from anaspike.circuits.parameters import check_positive
from anaspike.circuits.synapse import code_bits
from anaspike.circuits.weight_memory import DATA, WeightMemorySizes, stored_bits, weight_memory
from anaspike.errors import InputError
from anaspike.experiments.measure import supply_energy
from anaspike.experiments.protocol import NoAnswer, Row, Traces
from anaspike.experiments.stimulus import steps
from anaspike.experiments.testbench import (
    bench_text,
    check_conditions,
    held_code,
    mismatch_alter,
    place_sources,
)
from anaspike.pdk.roles import Pdk
from anaspike.spice.deck import Deck

SLOT_S = 20e-9  # data, then the word line, then data back: a slot each
CODES = (-2, 5)  # written one after the other: each differs from the other in every bit
_FIRST_S, _EDGE_S = 20e-9, 0.2e-9
_SUPPLIES = ("vdd_weights", "vdd_lines")
_MOST_DIPS = 1000


def memory_of(design: Design) -> WeightMemorySizes:
    """Return a design's weight memory.

    Raises:
        InputError: it has none.
    """
    if design.neuron.weight_memory is None:
        raise InputError(
            "this design has no weight memory; give a design file with the table"
            " `sizes.weight_memory`, or another process"
        )
    return design.neuron.weight_memory


@dataclass(frozen=True)
class WeightMemoryCycle:
    """A word is written twice, rests, and its supply dips, deeper each time.

    Between writes all lines lie at ground, as a host leaves them.

    Attributes:
        pdk, design: the process and the memory's sizes.
        dips_V: what is left of the supply in each dip, deepest last, in volt.
        dip_s: how long each lasts, and the word rests before, in seconds.
        corner, temperature_C: conditions.
        seed: of a mismatch sample; None for nominal devices.

    Raises:
        InputError: a value that cannot be simulated.
    """

    pdk: Pdk
    design: Design
    dips_V: tuple[float, ...]
    dip_s: float = 1e-3
    corner: str = "tt"
    temperature_C: float = 27.0
    seed: int | None = None

    def __post_init__(self) -> None:
        _ = memory_of(self.design)
        check_conditions(self.pdk, self.corner, self.temperature_C, self.seed)
        check_positive(self.dip_s, "the length of a dip (s)")
        dips_V = [self.pdk.vdd_V, *self.dips_V]
        deeper = all(low < high for high, low in pairwise(dips_V))
        if not (1 <= len(self.dips_V) <= _MOST_DIPS and deeper and min(dips_V) >= 0):
            raise InputError(
                f"each dip must be deeper than the one before, from below {self.pdk.vdd_V:g} V"
                f" down to 0, {_MOST_DIPS} at most; give for example 0.5,0.4,0.3"
            )

    @cached_property
    def block(self) -> Block:
        """The word's sub-circuit."""
        return weight_memory(Technology(self.pdk), memory_of(self.design))

    @property
    def stop_s(self) -> float:
        """End of the transient, in seconds."""
        return self._dip_starts_s(len(self.dips_V))

    def conditions(self) -> Row:
        """Return corner, temperature and seed."""
        return {"corner": self.corner, "temperature_C": self.temperature_C, "seed": self.seed}

    def build(self) -> Deck:
        """Return the word, and an inverter of the neuron's logic that drives each line."""
        driver = inverter(self.block.technology, self.design.neuron.logic)
        texts: dict[str, str] = {}
        for block in (self.block, driver):
            block.collect(texts)
        sizes = [size for block in (self.block, driver) for _, size in block.transistors()]
        *_, last = CODES
        return Deck(
            title=f"weight memory, {self.pdk.name} {self.corner}",
            body="\n".join((*texts.values(), self._testbench(driver))),
            models=self.pdk.models(self.corner, sizes),
            stop_s=self.stop_s,
            save=(
                *(f"v({pin})" for pin in ("word", *code_bits(0))),
                *(f"i(v{source})" for source in _SUPPLIES),
            ),
            # Each corner of an edge is a time point, whatever the largest step. Less than a
            # picoampere leaks: the simulator's own conductance across junctions would show.
            options=replace(self.design.options.fine(), gmin_S=1e-18, max_step_s=self.dip_s / 20),
            temperature_C=self.temperature_C,
            initial_V=held_code("xdut.", last, self.pdk.vdd_V),
            alter=mismatch_alter(self.pdk, self.corner, self.seed, (("xdut.", self.block),)),
        )

    def measure(self, traces: Traces) -> Row:
        """Return energy and time of a write, the memory's power at rest, and the deepest dip.

        `write_energy_per_bit_J` is of a bit that changes, drivers of the lines included, what
        flows at rest not counted. `static_power_per_bit_W` is the memory's own, what makes the
        synapse's bits of it included. `hold_V` is the lowest supply that was survived, with
        every one above it.

        Raises:
            NoAnswer: a code was not there at the end of its write, or lost in the first dip.
        """
        for number, code in enumerate(CODES):
            if not self._holds(traces, code, self._write_starts_s(number + 1)):
                raise NoAnswer(f"code {code:+d} was not in the memory at the end of its write")
        *_, last = CODES
        held = [
            self._holds(traces, last, self._dip_starts_s(n + 1)) for n in range(len(self.dips_V))
        ]
        survived = held.index(False) if False in held else len(held)
        if not survived:
            raise NoAnswer(
                f"code {last:+d} was lost in the first dip, to {self.dips_V[0]:g} V;"
                " begin with a lesser one"
            )
        at_rest_s = (self._rest_s, self._dip_starts_s(0))
        bits = len(CODES) * len(DATA)  # every one of them changes in every write
        return {
            "write_energy_per_bit_J": self._written(traces, at_rest_s) / bits,
            "write_delay_s": max(self._delay(traces, code, n) for n, code in enumerate(CODES)),
            "static_power_per_bit_W": self._power(traces, "vdd_weights", *at_rest_s) / len(DATA),
            "hold_V": self.dips_V[survived - 1],
        }

    def _written(self, traces: Traces, at_rest_s: tuple[float, float]) -> float:
        """Return the energy of all writes beyond what flows at rest, drivers' too, in joule."""
        start_s, stop_s = self._write_starts_s(0), self._write_starts_s(len(CODES))
        return math.fsum(
            self._power(traces, source, start_s, stop_s) - self._power(traces, source, *at_rest_s)
            for source in _SUPPLIES
        ) * (stop_s - start_s)

    def _holds(self, traces: Traces, code: int, at_s: float) -> bool:
        """Return whether the bits are those of a code, each within a tenth of the supply."""
        vdd_V = self.pdk.vdd_V
        return all(
            abs(float(np.interp(at_s, traces.time_s, traces[f"v({pin})"])) - vdd_V * level)
            < 0.1 * vdd_V
            for pin, level in code_bits(code).items()
        )

    def _delay(self, traces: Traces, code: int, number: int) -> float:
        """Return how long after the word line the last bit stands that a write changes."""
        half_V, slot_s = self.pdk.vdd_V / 2, self._write_starts_s(number) + SLOT_S
        within = (traces.time_s >= slot_s) & (traces.time_s <= slot_s + 2 * SLOT_S)
        time_s = traces.time_s[within]
        rises = time_s[np.argmax(traces["v(word)"][within] > half_V)]
        lasts = [
            time_s[wrong[-1]]
            for pin, level in code_bits(code).items()
            if len(wrong := np.flatnonzero((traces[f"v({pin})"][within] > half_V) != level))
        ]
        return max(0.0, float(max(lasts, default=rises) - rises))

    def _power(self, traces: Traces, source: str, start_s: float, stop_s: float) -> float:
        """Return the mean power of a source, at its full voltage, in watt."""
        current_A = traces[f"i(v{source})"]
        spent_J = supply_energy(traces.time_s, current_A, self.pdk.vdd_V, start_s, stop_s)
        return spent_J / (stop_s - start_s)

    @property
    def _rest_s(self) -> float:
        """From when on it rests: half a dip after the last write."""
        return self._write_starts_s(len(CODES)) + self.dip_s / 2

    def _write_starts_s(self, number: int) -> float:
        return _FIRST_S + 4 * SLOT_S * number

    def _dip_starts_s(self, number: int) -> float:
        """Return when a dip starts; the one before has had half its length to recover."""
        return self._write_starts_s(len(CODES)) + self.dip_s * (1 + 1.5 * number)

    def _testbench(self, driver: Block) -> str:
        bench, vdd_V = Circuit(""), self.pdk.vdd_V
        place_sources(bench, {"vdd_lines": vdd_V})
        bench.V("vdd_weights", "vdd_weights", 0, steps(self._supply(), _EDGE_S))
        for line, levels in written_lines(
            [(self._write_starts_s(n), code) for n, code in enumerate(CODES)]
        ).items():
            inverted = [(at_s, vdd_V * (not level)) for at_s, level in levels]
            bench.V(f"{line}_n", f"{line}_n", 0, steps(inverted, _EDGE_S))
            bench.X(line, driver.name, f"{line}_n", line, "vdd_lines")
        bench.X("dut", self.block.name, *self.block.ports)
        return bench_text(bench)

    def _supply(self) -> list[tuple[float, float]]:
        """Return when the supply goes to which voltage."""
        levels = [(0.0, self.pdk.vdd_V)]
        for number, dip_V in enumerate(self.dips_V):
            start_s = self._dip_starts_s(number)
            levels += [(start_s, dip_V), (start_s + self.dip_s, self.pdk.vdd_V)]
        return levels


def written_lines(writes: Sequence[tuple[float, int]]) -> dict[str, list[tuple[float, bool]]]:
    """Return when each line of a word goes to which level: data, word line, data back.

    Args:
        writes: (start in seconds, code); each takes three slots.
    """
    lines = {line: [(0.0, False)] for line in ("word", *DATA)}
    for start_s, code in writes:
        lines["word"] += [(start_s + SLOT_S, True), (start_s + 2 * SLOT_S, False)]
        for line, level in stored_bits(code).items():
            if level:
                lines[line] += [(start_s, True), (start_s + 3 * SLOT_S, False)]
    return lines
