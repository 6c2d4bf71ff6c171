"""Learning on the chip: a batch through the charge model, and an update beside its forward run.

What a batch is held against looks its tables up for each neuron by itself, as the charge model once
did, and steps through them in the same way. All of it is milliseconds on one thread: processor time
counts, which others on the machine do not add to.
"""

from collections.abc import Iterator
from dataclasses import replace
from itertools import cycle
from time import process_time

import numpy as np

from anaspike.campaign.bench import Bench
from anaspike.circuits.designs import design_for
from anaspike.learning.blas import one_thread
from anaspike.learning.datasets import load_dataset
from anaspike.learning.datasets.splits import repeated_splits
from anaspike.learning.judging import tuned
from anaspike.mapping.characterise import Conditions
from anaspike.mapping.charge_model import ON_STEPS, STEPS, ChargeLayer
from anaspike.mapping.chips import ModelChip
from anaspike.mapping.deploy import HEADROOM, Hardware, deploy, for_mapping, measure_neurons
from anaspike.mapping.hardware import pulls
from anaspike.mapping.in_loop import Codes, NtInLoop, Tuned, spikes_missing
from anaspike.mapping.quantise import quantise
from anaspike.mapping.trial import chip_settings, chip_task
from anaspike.pdk.generic28 import Generic28
from anaspike.spice.ngspice.run import Ngspice
from anaspike.studies.learning.mapped import measured_curve
from benchmarks.pairs import ratio, row

BATCH = 64
Row = tuple[str, str, str, str]


def measure() -> Iterator[Row]:
    """Yield how much faster a batch is, and what an update takes beside its forward run."""
    bench, dataset = Bench(Ngspice.find()), load_dataset("bccd")
    task = chip_task(dataset, 0, repeated_splits(dataset, 0, 1)[0])
    network = tuned(task, chip_settings(0)).network
    coded, curve = quantise(network), measured_curve(bench, "generic28", 27.0, False)
    at = Conditions(Generic28(), for_mapping(design_for("generic28")))
    hardware = deploy(measure_neurons(bench, at, curve, coded), coded, network, curve)
    hardware = hardware.remapped(5, None, HEADROOM)
    # In turn: a chip that is asked the same again answers from memory.
    turns = cycle(
        (one.astype(float), network.spikes(one)[-1])
        for one in np.split(task.train.inputs[: 3 * BATCH], 3)
    )
    inputs, _ = next(turns)
    with one_thread():
        layers = [(np.asarray(a), np.asarray(b)) for a, b in _pulled(hardware, inputs > 0)]

        def each_by_itself() -> None:
            for number, pulled in enumerate(layers):
                _looked_up_by_neuron(hardware, number, *pulled)

        def shared() -> None:
            for number, pulled in enumerate(layers):
                _neurons(hardware, number).run(*pulled)

        what = f"charge model, {BATCH} patterns: tables for each neuron / for each supply"
        yield row(what, ratio(each_by_itself, shared, process_time), 3.0, at_most=False)
        supplies = [layer.supply_V for layer in hardware.mapped.layers]
        learner = NtInLoop(
            Tuned(ModelChip(hardware), hardware.mapped.dac, supplies),
            Codes.of(hardware.mapped),
            spikes_missing,
        )

        def update() -> None:
            learner.update(*next(turns), 1.0)

        def forward() -> None:
            ModelChip(hardware).answer(supplies, next(turns)[0])

        what = "an update of NT in the loop / its forward run"
        yield row(what, ratio(update, forward, process_time), 1.5, at_most=True)


def _pulled(hardware: Hardware, inputs: np.ndarray) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    signal = inputs
    for layer, ran in zip(hardware.mapped.layers, hardware.run(inputs), strict=True):
        yield pulls(layer.coded, signal)
        signal = ran.spikes


def _neurons(hardware: Hardware, number: int) -> ChargeLayer:
    supply_V = hardware.mapped.layers[number].supply_V
    return ChargeLayer(hardware.tables, hardware.geometries[number], supply_V)


def _looked_up_by_neuron(
    hardware: Hardware, number: int, excite: np.ndarray, inhibit: np.ndarray
) -> np.ndarray:
    """Return the membranes at the end of a window, each neuron with tables of its own."""
    tables, geometry = hardware.tables, hardware.geometries[number]
    levels_V, level = np.unique(hardware.mapped.layers[number].supply_V, return_inverse=True)
    own = replace(tables).at(levels_V)  # curves over the supply made anew, as they were
    current_A, active_F = own.current_A[:, level], own.capacitance_F[:, level]
    rest_F = geometry.membrane_F + tables.core_F + geometry.synapses * own.idle_F[level]
    neuron = np.broadcast_to(np.arange(excite.shape[1]), excite.shape)
    grid_V, top = tables.membrane_V[1], len(tables.membrane_V) - 1
    step_s = tables.width_s / STEPS

    def cell(volt: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        place = np.clip(volt / grid_V, 0, top - 1e-9)
        left = place.astype(np.intp)
        return left, place - left

    def capacitance(at: np.ndarray) -> np.ndarray:
        added = excite * active_F[0][neuron, at] + inhibit * active_F[1][neuron, at]
        return rest_F[neuron, at] + added

    def current(at: np.ndarray) -> np.ndarray:
        pulled = excite * current_A[0][neuron, at] + inhibit * current_A[1][neuron, at]
        return pulled + tables.leak_A[at]

    volt = np.full(excite.shape, tables.rest_V)
    on = own.on_coulomb[:, level]
    pushed = excite * on[0] + inhibit * on[1] + tables.clock_push_coulomb
    for _ in range(ON_STEPS):
        volt = volt + pushed / (ON_STEPS * capacitance(cell(volt)[0]))
    for _ in range(STEPS):
        at, part = cell(volt)
        left_A, right_A, stored_F = current(at), current(at + 1), capacitance(at)
        flow = (left_A + part * (right_A - left_A)) / stored_F
        rate = step_s * (right_A - left_A) / (grid_V * stored_F)
        safe = np.where(np.abs(rate) < 1e-6, 1e-6, np.clip(rate, -60, 4))
        moved = step_s * flow * np.expm1(safe) / safe
        volt = np.clip(volt + np.clip(moved, -0.04, 0.04), 0, tables.membrane_V[-1])
    return volt
