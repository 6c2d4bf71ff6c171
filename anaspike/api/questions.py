"""Networks, sweeps and trainings, a function each.

Written by .ci/functions.py from the commands: `make functions`.
"""

from typing import Literal

from anaspike.api.asking import asked
from anaspike.api.kinds import (
    Counts,
    Number,
    Numbers,
    Runs,
    Sized,
    Sizes,
    Where,
    Whole,
    Wholes,
    Words,
)
from anaspike.api.result import Result


def sweep_vdd(
    from_V: Number | None = None, to_V: Number | None = None, *, points: Whole | None = None,
    step_V: Number | None = None, pdk: str = "generic28", codes: Wholes | None = None,
    spikes_in: Whole | None = None, period_s: Number | None = None, width_s: Number | None = None,
    wire_capacitance_F: Number = 2e-15, layout: str | None = None, design: Sized | None = None,
    size: Sizes | None = None, corner: Words | None = None, temp: Numbers | None = None,
    mc: Whole | None = None, seed: Whole | None = None, jobs: Whole | None = None,
    fast: bool = False, keep_waveforms: bool = False, simulator: Runs | None = None,
    check_convergence: bool = False, second_opinion: bool = False, scheduler: str | None = None,
    fail_fast: bool = False, no_cache: bool = False, timeout_s: Number = 600.0,
    out: Where | None = None,
) -> Result:  # fmt: skip
    """Drive one neuron with the same spikes at each synapse supply.

    As `anaspike sweep-vdd`; see `study` for what all have.

    Args:
        from_V: lowest supply [default: 0.55, gf180mcu: 0.8].
        to_V: highest supply [default: 0.75, gf180mcu: 1.1].
        points: supplies in the range, ends included [default: 9].
        step_V: or the distance between them.
        codes: weight of each synapse, -7..7: +3,-1,+2.
        spikes_in: spikes of the input train.
        period_s: from input spike to input spike.
        width_s: of an input spike.
        wire_capacitance_F: estimated wire capacitance of each node.
    """
    return asked("sweep-vdd", locals())


def energy(
    from_V: Number | None = None, to_V: Number | None = None, *, pdk: str = "generic28",
    code_list: Wholes | None = None, points: Whole = 5, spikes_in: Whole = 10,
    layout: str | None = None, design: Sized | None = None, size: Sizes | None = None,
    corner: Words | None = None, temp: Numbers | None = None, mc: Whole | None = None,
    seed: Whole | None = None, jobs: Whole | None = None, fast: bool = False,
    keep_waveforms: bool = False, simulator: Runs | None = None, check_convergence: bool = False,
    second_opinion: bool = False, scheduler: str | None = None, fail_fast: bool = False,
    no_cache: bool = False, timeout_s: Number = 600.0, out: Where | None = None,
) -> Result:  # fmt: skip
    """Energy of a spike against rate and supply, and how the core's power divides.

    As `anaspike energy`; see `study` for what all have.

    Args:
        code_list: one curve for each weight [default: 1,3,7; sky130: 1,2].
        from_V: lowest supply [default: 0.55, gf180mcu: 0.8].
        to_V: highest supply [default: 0.75, gf180mcu: 1.1].
        points: supplies in the range.
        spikes_in: of the input train.
    """
    return asked("energy", locals())


def table9(
    *, pdks: Words | None = None, codes: Wholes = "7,0,0", vdd_syn_V: Number | None = None,
    spikes_in: Whole = 10, layout: str | None = None, design: Sized | None = None,
    size: Sizes | None = None, corner: Words | None = None, temp: Numbers | None = None,
    mc: Whole | None = None, seed: Whole | None = None, jobs: Whole | None = None,
    fast: bool = False, keep_waveforms: bool = False, simulator: Runs | None = None,
    check_convergence: bool = False, second_opinion: bool = False, scheduler: str | None = None,
    fail_fast: bool = False, no_cache: bool = False, timeout_s: Number = 600.0,
    out: Where | None = None,
) -> Result:  # fmt: skip
    """Area, highest rate and energy of a spike beside the paper and the four it cites.

    As `anaspike table9`; see `study` for what all have.

    Args:
        pdks: process, one row each [default: generic28, and sky130 when it is installed].
        codes: weight of each synapse, -7..7.
        vdd_syn_V: synapse supply [default: 0.75, gf180mcu: 1.1].
        spikes_in: of each input train.
    """
    return asked("table9", locals())


def xor_test(
    *, pdk: str = "generic28", reading: Literal["wide", "paper", "five"] = "wide",
    no_calibrate: bool = False, layout: str | None = None, design: Sized | None = None,
    size: Sizes | None = None, corner: Words | None = None, temp: Numbers | None = None,
    mc: Whole | None = None, seed: Whole | None = None, jobs: Whole | None = None,
    fast: bool = False, keep_waveforms: bool = False, simulator: Runs | None = None,
    check_convergence: bool = False, second_opinion: bool = False, scheduler: str | None = None,
    fail_fast: bool = False, no_cache: bool = False, timeout_s: Number = 600.0,
    out: Where | None = None,
) -> Result:  # fmt: skip
    """Run the XOR of spiking neurons: ten spikes are a one.

    As `anaspike xor-test`; see `study` for what all have.

    Args:
        reading: wide margin, the paper's, or five neurons.
        no_calibrate: leave the supplies of tt at other corners.
    """
    return asked("xor-test", locals())


def simulate_network(
    file: Where, *, inputs: Counts | None = None, pdk: str = "generic28",
    layout: str | None = None, design: Sized | None = None, size: Sizes | None = None,
    corner: Words | None = None, temp: Numbers | None = None, mc: Whole | None = None,
    seed: Whole | None = None, jobs: Whole | None = None, fast: bool = False,
    keep_waveforms: bool = False, simulator: Runs | None = None, check_convergence: bool = False,
    second_opinion: bool = False, scheduler: str | None = None, fail_fast: bool = False,
    no_cache: bool = False, timeout_s: Number = 600.0, out: Where | None = None,
) -> Result:  # fmt: skip
    """Run the network in FILE: every neuron in one transistor-level deck.

    As `anaspike simulate-network`; see `study` for what all have.

    Args:
        inputs: spikes of each input: a=10,b=0 [default: none].
    """
    return asked("simulate-network", locals())


def calibrate(
    target: Literal["neuron", "xor"] = "neuron", from_V: Number = "0.45",
    to_V: Number | None = None, *, pdk: str | None = None,
    reading: Literal["wide", "paper"] = "wide", vdd_syn_V: Number | None = None,
    resolution_V: Number = "0.01", sinks: Literal["follow", "set"] = "follow",
    layout: str | None = None, design: Sized | None = None, size: Sizes | None = None,
    corner: Words | None = None, temp: Numbers | None = None, mc: Whole | None = None,
    seed: Whole | None = None, jobs: Whole | None = None, fast: bool = False,
    keep_waveforms: bool = False, simulator: Runs | None = None, check_convergence: bool = False,
    second_opinion: bool = False, scheduler: str | None = None, fail_fast: bool = False,
    no_cache: bool = False, timeout_s: Number = 600.0, out: Where | None = None,
) -> Result:  # fmt: skip
    """Find the synapse supplies that restore the nominal spikes, on every chip.

    As `anaspike calibrate`; see `study` for what all have.

    Args:
        reading: of the XOR: wide or paper.
        vdd_syn_V: nominal supply of the neuron [default: 0.65, gf180mcu: 0.95].
        from_V: lowest supply allowed, or level.
        to_V: highest supply allowed, or level [default: 50 mV below the core's].
        resolution_V: of the search.
        sinks: gates of the sinks: follow (each neuron's supply) or set (one supply a chip).
    """
    return asked("calibrate", locals())


def train(
    *, dataset: str, data: Where | None = None, max_size_B: Number | None = None,
    source: str | None = None, inputs: str | None = None, variant: str = "spiking",
    methods: Words = "nt1", rules: Words = "windowed", rates: Numbers | None = None,
    batches: Wholes = "64", epochs: Whole = 100, votes: Whole | None = None, seed: Whole = 0,
    repeat: Whole = 1, start: Where | None = None, head: bool = False,
    outputs: Wholes | None = None, scale: Number | None = None, checkpoint: Where | None = None,
    jobs: Whole | None = None, fail_fast: bool = False, no_cache: bool = False,
    out: Where | None = None,
) -> Result:  # fmt: skip
    """Pre-train a source network, tune it to a data set, judge it on held-out samples.

    As `anaspike train`; see `study` for what all have.

    Args:
        dataset: bccd, digits, ... or table.npz.
        data: folder of the images.
        max_size_B: bytes that a file may unpack to (4G) [default: 8 times its size, 128 MB to 1
            GB].
        source: source task [default: what suits the data set].
        inputs: spikes or features [default: what suits the data set].
        variant: spiking, or feed-forward (section 4).
        methods: nt1, nt2, additive, bitfit, tft or none, or several: nt1,tft.
        rules: paper, windowed or surrogate, or several.
        rates: learning rate, or several: 0.1,0.01 [default: what suits method and rule].
        batches: samples a step, or several.
        epochs: of tuning.
        votes: outputs of each class [default: what suits the rule].
        repeat: trainings of each setting, each with a seed and a fold of its own.
        start: network to start from, as `train` or `import-weights` wrote it.
        head: append a new output layer, whatever the source.
        outputs: with --from: its output for each class: 3,0,7.
        scale: with --from: spread to give its drives, in thetas.
        checkpoint: file of one training; where it exists, training goes on from it.
    """
    return asked("train", locals())


def paper_table(
    number: Whole, *, datasets: Words | None = None, data_dir: Where | None = None,
    repeat: Whole | None = None, epochs: Whole | None = None, seed: Whole = 0,
    max_size_B: Number | None = None, jobs: Whole | None = None, fail_fast: bool = False,
    no_cache: bool = False, out: Where | None = None,
) -> Result:  # fmt: skip
    """Train the paper's Table N, 1 to 8, or all of them, its figures beside ours.

    As `anaspike paper-table`; see `study` for what all have.

    Args:
        datasets: or several [default: digits,bccd].
        data_dir: folder with STL-10, Food-11, BCCD and VGG-19's weights: the paper's own
            experiment.
        repeat: trainings of each cell [default: as the paper].
        epochs: of each training [default: as the paper].
        max_size_B: bytes that a file may unpack to (4G) [default: 8 times its size, 128 MB to 1
            GB].
    """
    return asked("paper-table", locals())


def train_and_map(
    *, dataset: str = "bccd", data: Where | None = None, pdk: str = "generic28",
    train_seed: Whole = 0, seeds: Whole = 5, max_size_B: Number | None = None,
    design: Sized | None = None, size: Sizes | None = None, corner: Words | None = None,
    temp: Numbers | None = None, mc: Whole | None = None, seed: Whole | None = None,
    dac_bits: Whole = 5, domains: Whole | None = None, mismatch: Number = 0.0,
    calibrate: bool = False, noise_V: Number = 0.0, source_ohm: Number = 0.0, samples: Whole = 24,
    sweeps: bool = True, windows: Whole = 1, jobs: Whole | None = None, fast: bool = False,
    keep_waveforms: bool = False, simulator: Runs | None = None, check_convergence: bool = False,
    second_opinion: bool = False, scheduler: str | None = None, fail_fast: bool = False,
    no_cache: bool = False, timeout_s: Number = 600.0, out: Where | None = None,
) -> Result:  # fmt: skip
    """Train a spiking network, tune it by NT, and map it to supply voltages.

    As `anaspike train-and-map`; see `study` for what all have.

    Args:
        dataset: bccd, digits, ... or table.npz.
        data: folder of the data set's images.
        train_seed: of the first network's training.
        seeds: networks; accuracies are pooled.
        max_size_B: bytes that a file may unpack to (4G) [default: 8 times its size, 128 MB to 1
            GB].
        dac_bits: of the converter of supplies.
        domains: rails that all neurons share [default: one each].
        mismatch: sigma of gains of neurons, beside --seed.
        calibrate: set each neuron's supply by what it does.
        noise_V: rms at each decision; said is what it costs.
        source_ohm: from a stiff supply to each rail; said is what it costs.
        samples: neurons proven in SPICE.
        sweeps: accuracy over bits, rails, mismatch.
        windows: times that a pattern is shown, the head's supplies shifted, votes counted.
    """
    return asked("train-and-map", locals())


def map_network(
    network: Where, *, inputs: Where | None = None, labels: Where | None = None,
    curve: Where | None = None, steps: Whole | None = None, dt_s: Number | None = None,
    period_s: Number | None = None, score: str | None = None, pdk: str = "generic28",
    max_size_B: Number | None = None, design: Sized | None = None, size: Sizes | None = None,
    corner: Words | None = None, temp: Numbers | None = None, mc: Whole | None = None,
    seed: Whole | None = None, dac_bits: Whole = 5, domains: Whole | None = None,
    mismatch: Number = 0.0, calibrate: bool = False, noise_V: Number = 0.0,
    source_ohm: Number = 0.0, samples: Whole = 12, jobs: Whole | None = None, fast: bool = False,
    keep_waveforms: bool = False, simulator: Runs | None = None, check_convergence: bool = False,
    second_opinion: bool = False, scheduler: str | None = None, fail_fast: bool = False,
    no_cache: bool = False, timeout_s: Number = 600.0, out: Where | None = None,
) -> Result:  # fmt: skip
    """Map NETWORK, an npz file of weights, biases and NT values, to supply voltages.

    As `anaspike map`; see `study` for what all have.

    Args:
        inputs: npz with the patterns `inputs`, 0 or 1, (patterns, inputs) [default: random ones].
        labels: npy, npz or CSV: for each pattern the output that should fire.
        curve: k(V) as `characterise synapse` writes it [default: measured now].
        steps: of a network in time: windows that it runs for.
        dt_s: of a .nir file: how long a step is (snnTorch: 1e-4).
        period_s: of a network in time, from window to window [default: what makes its beta].
        score: how outputs in time answer: most, first or exact [default: most].
        max_size_B: bytes that a file may unpack to (4G) [default: 8 times its size, 128 MB to 1
            GB].
        dac_bits: of the converter of supplies.
        domains: rails that all neurons share [default: one each].
        mismatch: sigma of gains of neurons, beside --seed.
        calibrate: set each neuron's supply by what it does.
        noise_V: rms at each decision; said is what it costs.
        source_ohm: from a stiff supply to each rail; said is what it costs.
        samples: neurons proven in SPICE.
    """
    return asked("map", locals())
