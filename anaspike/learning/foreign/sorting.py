"""Sort the arrays of a file into layers, biases and thresholds; refuse what is none surely."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from anaspike.errors import InputError
from anaspike.learning.foreign.names import Meaning, Stem, counts, in_time, meaning
from anaspike.units import printable

Arrays = Mapping[str, NDArray[Any]]

_NAMED = 4  # names told of each reason
_LONGEST = 60  # characters of a name
_STEPS = "acts from step to step; the network here decides in one window (--dt makes one in time)"
_ONE = "it is 1, as spikes here are"
_ALPHA = (
    "an Alpha neuron's, whose drive is another, or a Synaptic one's that resets to zero; the file"
    " does not say which"
)
_STATES = {"mem", "syn", "spk"}
_SUBTRACTS = "its neurons reset by subtraction; here they start again from rest"
_RESETS_NOT = "its neurons never reset; all do here"
_SECOND = "of a synapse that goes on after its spike, or of another neuron; only beta is kept here"
_LAPICQUE = "a Lapicque neuron's, which multiplies its drive by time_step/C"
_FEEDBACK = "a neuron's feedback to itself; the network here is feed-forward"
_GRADED = "spikes of another size than 1; multiply it into the next layer's weights before saving"


@dataclass(frozen=True)
class Sorted:
    """What a file holds, by stem, and what of it is left out, with the reason.

    Neurons' betas are left out too: only a network in time has any.
    """

    weights: dict[Stem, str] = field(default_factory=dict)
    biases: dict[Stem, str] = field(default_factory=dict)
    thresholds: dict[Stem, str] = field(default_factory=dict)
    betas: dict[Stem, str] = field(default_factory=dict)
    left_out: dict[str, str] = field(default_factory=dict)

    @property
    def fires_above(self) -> bool:
        """Whether its neurons are snnTorch's: a drive that equals the threshold fires none."""
        return not {_STEPS, _ONE}.isdisjoint(self.left_out.values())


def sort_out(arrays: Arrays, layers: Collection[str] = ()) -> Sorted:
    """Tell of each array what it is.

    Args:
        arrays: all that may matter.
        layers: names that the user says are layers' weights, whatever they look like.

    Raises:
        InputError: arrays that are neither surely part of a feed-forward network nor surely
            harmless, by name and reason.
    """
    meanings = {name: _meant(name, layers) for name in arrays}
    chosen = {meanings[name].stem for name in layers}
    neurons = {m.stem for m in meanings.values() if m.role == "threshold"}
    resets = {in_time(name)[0]: values for name, values in arrays.items()
              if in_time(name)[1] == "reset_mechanism_val"}  # fmt: skip
    found, refused = Sorted(), dict[str, str]()
    for name, values in arrays.items():
        whose, constant = in_time(name)
        if counts(name) and (values.dtype.kind in "iu" or values.size == 1):
            found.left_out[name] = "counts or draws in training only"
        elif constant and whose in neurons:
            if why := _against_constant(constant, values, resets.get(whose)):
                refused[name] = why
            else:
                found.left_out[name] = _ONE if constant == "graded_spikes_factor" else _STEPS
                if constant == "beta":
                    found.betas[whose] = name
        else:
            why = _take(name, values, meanings[name], found, meanings[name].stem in chosen)
            if why:
                refused[name] = why
    for stem, name in found.biases.items():
        weights = found.weights.get(stem)
        if weights is None or meanings[weights].style[0] != meanings[name].style[0]:
            refused[name] = "the bias of no layer"
    if refused:
        raise InputError(_told(refused))
    return found


def sort_constants(arrays: Arrays, found: Sorted) -> dict[str, str]:
    """Tell what becomes, in a network in time, of each array that acts from step to step.

    Raises:
        InputError: a constant that neurons in time do not have here, by name and reason.
    """
    became, refused = dict[str, str](), dict[str, str]()
    for name in (one for one, why in found.left_out.items() if why == _STEPS):
        whose, constant = in_time(name)
        if constant in _STATES:
            became[name] = "left out, where its neurons were as it was saved"
        elif constant == "reset_mechanism_val" and np.isin(arrays[name], (0, 1)).all():
            became[name] = _SUBTRACTS if np.any(arrays[name] == 0) else "to rest, as here"
        elif constant != "beta" or found.betas[whose] != name:
            refused[name] = _RESETS_NOT if constant == "reset_mechanism_val" else _SECOND
    if refused:
        raise InputError(_told(refused))
    return became


def shown(name: str) -> str:
    """Return a name on one line; of a long one the end, which says what it is."""
    text = printable(name) if len(name) <= _LONGEST else "..." + printable(name[3 - _LONGEST :])
    return text if text.strip() else f"'{text}'"


def span(values: NDArray[Any]) -> str:
    """Return the least and the largest of numbers, as one where they are the same."""
    low, high = float(values.min()), float(values.max())
    return f"{low:.4g}" if f"{low:.4g}" == f"{high:.4g}" else f"{low:.4g} to {high:.4g}"


def _meant(name: str, layers: Collection[str]) -> Meaning:
    meant = meaning(name)
    if name in layers and meant.role != "weights":
        return Meaning("weights", (name,))
    return meant


def _take(name: str, values: NDArray[Any], meant: Meaning, found: Sorted, chosen: bool) -> str:
    """Put an array where it belongs, or return why it belongs nowhere."""
    if meant.role == "other" or (meant.reason and not chosen):
        return meant.reason
    kept = {"weights": found.weights, "bias": found.biases, "threshold": found.thresholds}
    if why := _against(values, meant):
        return why
    if (first := kept[meant.role].setdefault(meant.stem, name)) != name:
        return f"a second one beside {shown(first)}"
    return ""


def _against(values: NDArray[Any], meant: Meaning) -> str:
    """Return why numbers of this kind and shape cannot be what their name says."""
    kind, shape = values.dtype.kind, values.shape
    if kind in "iu" and meant.role != "threshold":
        return f"whole numbers ({values.dtype}), which are no weights without their scale;" + (
            " save floating-point numbers"
        )
    if kind not in "fiu":
        perhaps = " (bfloat16, perhaps)" if values.dtype.str == "|V2" else ""
        return f"numbers of type {printable(values.dtype.str)}{perhaps}; save float32"
    if meant.role != "weights":
        fits = values.ndim <= 2 and values.size == max(shape, default=1)
        return "" if fits else f"of shape {shape}, which is no {meant.role}: one value a neuron"
    if values.ndim == 2:
        return "" if values.size else f"empty, of shape {shape}"
    return f"of shape {shape}, as of a norm, a gain or a convolution, and no layer's matrix"


def _against_constant(constant: str, values: NDArray[Any], resets: NDArray[Any] | None) -> str:
    """Return why a constant of snnTorch's neurons is not harmless; measured on its own."""
    if constant == "graded_spikes_factor":
        return "" if values.dtype.kind in "fiu" and (values == 1).all() else _GRADED
    if constant in {"R", "C", "time_step"}:
        return _LAPICQUE
    if constant == "V":
        return _FEEDBACK
    return _ALPHA if constant == "alpha" and resets is not None and np.any(resets == 1) else ""


def _told(refused: dict[str, str]) -> str:
    by_reason: dict[str, list[str]] = {}
    for name, reason in refused.items():
        by_reason.setdefault(reason, []).append(shown(name))
    parts = []
    for reason, names in by_reason.items():
        more = f" and {len(names) - _NAMED} more" if len(names) > _NAMED else ""
        parts.append(f"{', '.join(names[:_NAMED])}{more}: {reason}")
    return "; ".join(parts) + " (--skip NAME leaves an array out)"
