"""Every figure of one block, a function a block.

Written by .ci/functions.py from the commands: `make functions`.
"""

from anaspike.api.asking import asked
from anaspike.api.kinds import Number, Numbers, Runs, Sized, Sizes, Where, Whole, Words
from anaspike.api.result import Result


def pseudo_resistor(
    *, pdk: str = "generic28", layout: str | None = None, design: Sized | None = None,
    size: Sizes | None = None, corner: Words | None = None, temp: Numbers | None = None,
    mc: Whole | None = None, seed: Whole | None = None, jobs: Whole | None = None,
    fast: bool = False, keep_waveforms: bool = False, simulator: Runs | None = None,
    check_convergence: bool = False, second_opinion: bool = False, scheduler: str | None = None,
    fail_fast: bool = False, no_cache: bool = False, timeout_s: Number = 600.0,
    out: Where | None = None,
) -> Result:  # fmt: skip
    """Pseudo-resistor: the membrane's leak (Figure 6).

    As `anaspike characterise pseudo-resistor`; see `study` for what all have.
    """
    return asked("pseudo-resistor", locals())


def synapse(
    *, pdk: str = "generic28", layout: str | None = None, design: Sized | None = None,
    size: Sizes | None = None, corner: Words | None = None, temp: Numbers | None = None,
    mc: Whole | None = None, seed: Whole | None = None, jobs: Whole | None = None,
    fast: bool = False, keep_waveforms: bool = False, simulator: Runs | None = None,
    check_convergence: bool = False, second_opinion: bool = False, scheduler: str | None = None,
    fail_fast: bool = False, no_cache: bool = False, timeout_s: Number = 600.0,
    out: Where | None = None,
) -> Result:  # fmt: skip
    """Synapse: current over its supply (equation 16).

    As `anaspike characterise synapse`; see `study` for what all have.
    """
    return asked("synapse", locals())


def comparator(
    *, pdk: str = "generic28", layout: str | None = None, design: Sized | None = None,
    size: Sizes | None = None, corner: Words | None = None, temp: Numbers | None = None,
    mc: Whole | None = None, seed: Whole | None = None, jobs: Whole | None = None,
    fast: bool = False, keep_waveforms: bool = False, simulator: Runs | None = None,
    check_convergence: bool = False, second_opinion: bool = False, scheduler: str | None = None,
    fail_fast: bool = False, no_cache: bool = False, timeout_s: Number = 600.0,
    out: Where | None = None,
) -> Result:  # fmt: skip
    """Comparator: threshold, kickback, speed, energy, offset.

    As `anaspike characterise comparator`; see `study` for what all have.
    """
    return asked("comparator", locals())


def spike_generator(
    *, pdk: str = "generic28", layout: str | None = None, design: Sized | None = None,
    size: Sizes | None = None, corner: Words | None = None, temp: Numbers | None = None,
    mc: Whole | None = None, seed: Whole | None = None, jobs: Whole | None = None,
    fast: bool = False, keep_waveforms: bool = False, simulator: Runs | None = None,
    check_convergence: bool = False, second_opinion: bool = False, scheduler: str | None = None,
    fail_fast: bool = False, no_cache: bool = False, timeout_s: Number = 600.0,
    out: Where | None = None,
) -> Result:  # fmt: skip
    """Spike generator: width over bias, corners and temperature.

    As `anaspike characterise spike-generator`; see `study` for what all have.
    """
    return asked("spike-generator", locals())


def neuron(
    *, pdk: str = "generic28", layout: str | None = None, design: Sized | None = None,
    size: Sizes | None = None, corner: Words | None = None, temp: Numbers | None = None,
    mc: Whole | None = None, seed: Whole | None = None, jobs: Whole | None = None,
    fast: bool = False, keep_waveforms: bool = False, simulator: Runs | None = None,
    check_convergence: bool = False, second_opinion: bool = False, scheduler: str | None = None,
    fail_fast: bool = False, no_cache: bool = False, timeout_s: Number = 600.0,
    out: Where | None = None,
) -> Result:  # fmt: skip
    """Neuron: f-I curve, refractory time, leak, highest rate.

    As `anaspike characterise neuron`; see `study` for what all have.
    """
    return asked("neuron", locals())


def weight_memory(
    *, pdk: str = "generic28", layout: str | None = None, design: Sized | None = None,
    size: Sizes | None = None, corner: Words | None = None, temp: Numbers | None = None,
    mc: Whole | None = None, seed: Whole | None = None, jobs: Whole | None = None,
    fast: bool = False, keep_waveforms: bool = False, simulator: Runs | None = None,
    check_convergence: bool = False, second_opinion: bool = False, scheduler: str | None = None,
    fail_fast: bool = False, no_cache: bool = False, timeout_s: Number = 600.0,
    out: Where | None = None,
) -> Result:  # fmt: skip
    """Weight memory: written, held, read back through the neuron.

    As `anaspike characterise weight-memory`; see `study` for what all have.
    """
    return asked("weight-memory", locals())


def supply(
    *, pdk: str = "generic28", layout: str | None = None, design: Sized | None = None,
    size: Sizes | None = None, corner: Words | None = None, temp: Numbers | None = None,
    mc: Whole | None = None, seed: Whole | None = None, jobs: Whole | None = None,
    fast: bool = False, keep_waveforms: bool = False, simulator: Runs | None = None,
    check_convergence: bool = False, second_opinion: bool = False, scheduler: str | None = None,
    fail_fast: bool = False, no_cache: bool = False, timeout_s: Number = 600.0,
    out: Where | None = None,
) -> Result:  # fmt: skip
    """Synapse supply: source resistance, decoupling, how many share it.

    As `anaspike characterise supply`; see `study` for what all have.
    """
    return asked("supply", locals())


def noise(
    *, pdk: str = "generic28", layout: str | None = None, design: Sized | None = None,
    size: Sizes | None = None, corner: Words | None = None, temp: Numbers | None = None,
    mc: Whole | None = None, seed: Whole | None = None, jobs: Whole | None = None,
    fast: bool = False, keep_waveforms: bool = False, simulator: Runs | None = None,
    check_convergence: bool = False, second_opinion: bool = False, scheduler: str | None = None,
    fail_fast: bool = False, no_cache: bool = False, timeout_s: Number = 600.0,
    out: Where | None = None,
) -> Result:  # fmt: skip
    """Noise at a decision: kT/C, shot, comparator, jitter.

    As `anaspike characterise noise`; see `study` for what all have.
    """
    return asked("noise", locals())


def leak(
    *, pdk: str = "generic28", layout: str | None = None, design: Sized | None = None,
    size: Sizes | None = None, corner: Words | None = None, temp: Numbers | None = None,
    mc: Whole | None = None, seed: Whole | None = None, jobs: Whole | None = None,
    fast: bool = False, keep_waveforms: bool = False, simulator: Runs | None = None,
    check_convergence: bool = False, second_opinion: bool = False, scheduler: str | None = None,
    fail_fast: bool = False, no_cache: bool = False, timeout_s: Number = 600.0,
    out: Where | None = None,
) -> Result:  # fmt: skip
    """Leak: resistance over temperature, corners and mismatch.

    As `anaspike characterise leak`; see `study` for what all have.
    """
    return asked("leak", locals())


def rejection(
    *, pdk: str = "generic28", layout: str | None = None, design: Sized | None = None,
    size: Sizes | None = None, corner: Words | None = None, temp: Numbers | None = None,
    mc: Whole | None = None, seed: Whole | None = None, jobs: Whole | None = None,
    fast: bool = False, keep_waveforms: bool = False, simulator: Runs | None = None,
    check_convergence: bool = False, second_opinion: bool = False, scheduler: str | None = None,
    fail_fast: bool = False, no_cache: bool = False, timeout_s: Number = 600.0,
    out: Where | None = None,
) -> Result:  # fmt: skip
    """Supply rejection: core, references and synapse supply.

    As `anaspike characterise rejection`; see `study` for what all have.
    """
    return asked("rejection", locals())


def layout_block(
    *, pdk: str = "generic28", layout: str | None = None, design: Sized | None = None,
    size: Sizes | None = None, corner: Words | None = None, temp: Numbers | None = None,
    mc: Whole | None = None, seed: Whole | None = None, jobs: Whole | None = None,
    fast: bool = False, keep_waveforms: bool = False, simulator: Runs | None = None,
    check_convergence: bool = False, second_opinion: bool = False, scheduler: str | None = None,
    fail_fast: bool = False, no_cache: bool = False, timeout_s: Number = 600.0,
    out: Where | None = None,
) -> Result:  # fmt: skip
    """After layout: the neuron as sized, estimated and drawn.

    As `anaspike characterise layout`; see `study` for what all have.
    """
    return asked("layout", locals())


def charge_model(
    *, pdk: str = "generic28", layout: str | None = None, design: Sized | None = None,
    size: Sizes | None = None, corner: Words | None = None, temp: Numbers | None = None,
    mc: Whole | None = None, seed: Whole | None = None, jobs: Whole | None = None,
    fast: bool = False, keep_waveforms: bool = False, simulator: Runs | None = None,
    check_convergence: bool = False, second_opinion: bool = False, scheduler: str | None = None,
    fail_fast: bool = False, no_cache: bool = False, timeout_s: Number = 600.0,
    out: Where | None = None,
) -> Result:  # fmt: skip
    """Charge-domain model of the neuron, against SPICE.

    As `anaspike characterise charge-model`; see `study` for what all have.
    """
    return asked("charge-model", locals())


def charge_in_time(
    *, pdk: str = "generic28", layout: str | None = None, design: Sized | None = None,
    size: Sizes | None = None, corner: Words | None = None, temp: Numbers | None = None,
    mc: Whole | None = None, seed: Whole | None = None, jobs: Whole | None = None,
    fast: bool = False, keep_waveforms: bool = False, simulator: Runs | None = None,
    check_convergence: bool = False, second_opinion: bool = False, scheduler: str | None = None,
    fail_fast: bool = False, no_cache: bool = False, timeout_s: Number = 600.0,
    out: Where | None = None,
) -> Result:  # fmt: skip
    """Charge-domain model over many windows, against SPICE.

    As `anaspike characterise charge-in-time`; see `study` for what all have.
    """
    return asked("charge-in-time", locals())
