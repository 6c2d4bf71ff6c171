"""Noise in a transient: seeded currents, so that the same draw is the same run on any machine.

A source of white noise is a line through normal numbers dt apart; a variance of S / (2 dt) gives it
the one-sided density S (A^2/Hz) at all frequencies that the circuit follows. A synapse pushes
electrons one by one: 2 q I, which is its channel's noise in weak inversion and a bound above. A
channel of the comparator has 4 k T (2/3 gm + gds), saturated or not; gm and gds are what the
simulator found in a noiseless decision, moment by moment.
"""

import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field, replace

import numpy as np

from anaspike.circuits.designs import Design
from anaspike.errors import InputError
from anaspike.experiments.decision import Decision
from anaspike.experiments.measure import Array
from anaspike.experiments.protocol import Row, Traces
from anaspike.experiments.spike_generator import SpikeGeneratorPulse
from anaspike.experiments.testbench import FIRST_SPIKE_S
from anaspike.pdk.roles import MosSize
from anaspike.spice.deck import Deck
from anaspike.units import spice_number

_ZERO_C_K = 273.15
BOLTZMANN_J_PER_K, CHARGE_COULOMB = 1.380649e-23, 1.602176634e-19
KTC, SHOT, COMPARATOR, JITTER = "ktc", "shot", "comparator", "jitter"
SOURCES = (KTC, SHOT, COMPARATOR, JITTER)
_STEPS = 50  # of a spike; its charge's variance does not depend on them
_CHANNEL_STEP_S = 25e-12  # a comparator's nodes follow in some 100 ps
_LONGEST_S = 8e-9  # of a decision, from the end of the spike: more does not come of its noise
_GAMMA = 2 / 3
_COMPARATOR = "xcore.xcomparator."
_LATCH = "xcore.latch_{}"
# Where nothing flows a root has no slope: so little is always taken to flow.
_FLOOR_A = 1e-8


def normals(draw: int, name: str, count: int) -> Array:
    """Return standard normal numbers of one draw; each name has its own, whatever else is drawn."""
    return np.random.default_rng([draw, zlib.crc32(name.encode())]).standard_normal(count)


def ktc_sigma(capacitance_F: float, temperature_C: float) -> float:
    """Return what a switch leaves on a capacitor, the root of kT/C, in volt rms."""
    return float(np.sqrt(BOLTZMANN_J_PER_K * (temperature_C + _ZERO_C_K) / capacitance_F))


def jittered(design: Design, relative: float, draw: int) -> Design:
    """Return a design whose input spike has the width of one draw.

    Args:
        design: with the nominal width.
        relative: sigma of the width over the width.
        draw: number of the draw.
    """
    factor = 1 + relative * float(normals(draw, JITTER, 1)[0])
    return replace(
        design, drive=replace(design.drive, width_s=round(design.drive.width_s * factor, 15))
    )


@dataclass(frozen=True)
class Channel:
    """The noise of one transistor over a decision.

    Attributes:
        name: of the transistor.
        plus, minus: nodes that it lies between.
        start_s: of the first number, in seconds; `_CHANNEL_STEP_S` from one to the next.
        density: one-sided, A^2/Hz.
    """

    name: str
    plus: str
    minus: str
    start_s: float
    density: tuple[float, ...]


@dataclass(frozen=True)
class NoisyDecision(Decision):
    """A decision with noise in the synapses' current and in the comparator's channels.

    Attributes:
        shot: whether what synapses push has shot noise.
        channels: of the comparator, as `channels_of` a noiseless decision.
        draw: number of the draw; the same number is the same noise.
        watched: whether the comparator's gm and gds are kept.

    Raises:
        InputError: a negative draw.
    """

    shot: bool = field(default=False, kw_only=True)
    channels: tuple[Channel, ...] = field(default=(), kw_only=True, repr=False)
    draw: int = field(default=0, kw_only=True)
    watched: bool = field(default=False, kw_only=True)

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.draw < 0:
            raise InputError(f"draw {self.draw} of the noise is negative; use 0 or more")

    def conditions(self) -> Row:
        """Return the decision's, what is noisy, and the draw."""
        noisy = [name for name, on in ((SHOT, self.shot), (COMPARATOR, self.channels)) if on]
        return {
            **super().conditions(),
            "start_V": self.start_V,
            "noise": " ".join(noisy),
            "draw": self.draw,
        }

    def build(self) -> Deck:
        """Return the deck, its noise beside the neuron."""
        deck = super().build()
        watched = self._watched().values() if self.watched else ()
        return replace(
            deck,
            body="\n".join((deck.body, *self._lines())),
            save=(*deck.save, *(vector for pair in watched for vector in pair)),
        )

    def channels_of(self, traces: Traces) -> tuple[Channel, ...]:
        """Return the noise of the comparator's channels until the latch has decided.

        Args:
            traces: of this point, `watched`.
        """
        time_s = traces.time_s
        start_s = FIRST_SPIKE_S + self.design.drive.width_s
        apart_V = np.abs(traces[f"v({_LATCH.format('p')})"] - traces[f"v({_LATCH.format('n')})"])
        decided = (time_s > start_s) & (apart_V > self.pdk.vdd_V / 2)
        end_s = start_s + _LONGEST_S
        if decided.any():
            end_s = min(end_s, float(time_s[decided][0]) + 4 * _CHANNEL_STEP_S)
        at_s = np.arange(start_s, end_s, _CHANNEL_STEP_S)
        per_S = 4 * BOLTZMANN_J_PER_K * (self.temperature_C + _ZERO_C_K)
        channels = []
        for name, (gm, gds) in self._watched().items():
            conductance_S = _GAMMA * np.abs(traces[gm]) + np.abs(traces[gds])
            density = np.interp(at_s, time_s, per_S * conductance_S)
            plus, minus = _ends(name)
            channels.append(Channel(name, plus, minus, start_s, tuple(map(float, density))))
        return tuple(channels)

    @property
    def _into(self) -> str:
        return "mem_synapses"

    def _watched(self) -> dict[str, tuple[str, str]]:
        """Return transistor -> the vectors of its gm and gds."""
        names = [f"{kind}_{side}" for side in "pn" for kind in ("input", "cross_p", "cross_n")]
        inside = {name: self.pdk.instance(f"{_COMPARATOR}x{name}") for name in names}
        return {name: (f"@{device}[gm]", f"@{device}[gds]") for name, device in inside.items()}

    def _lines(self) -> Iterator[str]:
        yield f"vsynapses {self._into} mem 0"
        if self.shot:
            step_s = self.design.drive.width_s / _STEPS
            white = white_pwl(normals(self.draw, SHOT, _STEPS), FIRST_SPIKE_S, step_s)
            per_A, floor = spice_number(CHARGE_COULOMB / step_s), spice_number(_FLOOR_A)
            yield f"vwhite white 0 {white}"
            # The current as it flows at each moment: it falls as the membrane rises.
            yield f"bshot 0 mem i=v(white)*sqrt({per_A}*(abs(i(vsynapses))+{floor}))"
        for channel in self.channels:
            size_A = np.sqrt(np.array(channel.density) / (2 * _CHANNEL_STEP_S))
            values_A = size_A * normals(self.draw, channel.name, len(size_A))
            source = white_pwl(values_A, channel.start_s, _CHANNEL_STEP_S)
            yield f"inoise_{channel.name} {channel.plus} {channel.minus} {source}"


@dataclass(frozen=True)
class NoisyPulse(SpikeGeneratorPulse):
    """A spike whose delay's two slow edges are noisy; the bias mirror, one a chip, is not.

    Attributes:
        draw: number of the draw; None for no noise.
    """

    draw: int | None = field(default=None, kw_only=True)

    def conditions(self) -> Row:
        """Return the pulse's, and the draw."""
        return {**super().conditions(), "draw": self.draw}

    def build(self) -> Deck:
        """Return the deck, a noise current into each slow node."""
        deck = super().build()
        if self.draw is None:
            return deck
        width_s = self.design.drive.width_s
        step_s, count = width_s / _STEPS, 3 * _STEPS  # wider ones are no jitter
        size_A = np.sqrt(CHARGE_COULOMB * self.starved_current / step_s)
        lines = (
            f"inoise_{node} 0 xdut.xdelay.{node} "
            + white_pwl(size_A * normals(self.draw, node, count), FIRST_SPIKE_S, step_s)
            for node in ("falling", "rising")
        )
        return replace(deck, body="\n".join((deck.body, *lines)))

    @property
    def starved_current(self) -> float:
        """Current of a slow edge: the mirror's, by the sizes, in ampere."""
        sizes = self.design.neuron.spike_generator
        return self.bias_current_A * _strength(sizes.starve_n) / _strength(sizes.mirror_n)


def white_pwl(values: Array, start_s: float, step_s: float) -> str:
    """Return numbers a step apart as a piecewise-linear source that is 0 before and after."""
    times_s = start_s + step_s * np.arange(1, len(values) + 1)
    points = [(0.0, 0.0), (start_s, 0.0), *zip(times_s, values, strict=True)]
    points.append((float(times_s[-1]) + step_s, 0.0))
    texts = [f"{spice_number(float(t))} {spice_number(float(v))}" for t, v in points]
    lines = [" ".join(texts[i : i + 4]) for i in range(0, len(texts), 4)]
    return "pwl(" + "\n+ ".join(lines) + ")"


def _ends(name: str) -> tuple[str, str]:
    """Return the nodes that one of the comparator's transistors lies between."""
    kind, side = name[:-2], name[-1]
    inner, latch = f"{_COMPARATOR}inner_{side}", _LATCH.format(side)
    return {"input": ("0", inner), "cross_p": (inner, latch), "cross_n": (latch, "0")}[kind]


def _strength(size: MosSize) -> float:
    return size.mult * size.w_m / size.l_m
