"""What an array's name says it is, in PyTorch, snnTorch, Norse, Keras, Flax and NumPy scripts.

Only what a name says surely is taken: weights, biases and thresholds. All else has a reason.
"""

import re
from dataclasses import dataclass
from typing import Literal

Role = Literal["weights", "bias", "threshold", "other"]
Layout = Literal["out,in", "in,out"]  # what the rows and the columns of a matrix are
Stem = tuple[str, ...]  # the parts of a name that a layer's arrays share

_ROLES: dict[str, Role] = {"w": "weights", "k": "weights", "b": "bias", "t": "threshold"}
_LAST = re.compile(
    r"(?:(?P<before>.+)_)?(?P<word>weights?|kernel|w|bias(?:es)?|b|thresholds?|theta)"
    r"(?:_?(?P<number>[0-9]+)|_(?P<place>in|out|input|output|hidden[0-9]*))?",
    re.IGNORECASE,
)
# Why an array is no feed-forward layer: looked for in a name's words, the first that fits is told.
_REASONS = [
    (re.compile(rf"\b(?:{words})\b"), reason)
    for words, reason in (
        ("opt|optimizer|optimiser|adam|sgd|momentum|velocity|exp avg|grad|ema",
         "part of an optimiser, not of the network"),
        (r"parametrizations|weight (?:g|v|u|orig|mask)|vector u|original|sigma|spectral\w*"
         r"|weightnorm|weight norm|lora\w*",
         "one of several parts of weights (weight or spectral norm, pruning, low rank); merge"
         " them before saving"),
        ("attn|attention|mha|qkv|query|(?:in|out|q|k|v|o|qkv) proj|bias (?:k|v)",
         "part of attention, which is no feed-forward layer"),
        (r"rec|recur\w*|whh|rnn|lstm|gru|cell(?= /|$)|[ih]h|hr|lateral|feedback|reservoir"
         r"|g coupling",
         "named as part of a recurrent layer; the network here is feed-forward"),
        (r"conv\w*|depthwise\w*|pointwise\w*|separable\w*",
         "part of a convolution; only layers that connect all to all can be imported"),
        (r"(?:batch|layer|group|instance|rms|unit)?norm(?:alization)?|bn|ln|gn"
         r"|(?:running|moving) (?:mean|var|variance)|gamma",
         "part of a norm; fold it into the layer beside it before saving"),
        ("einsum", "of an Einsum layer, whose equation the file does not hold"),
        (r"experts?|branch(?:es)?|ensembles?|nets|models|members?|towers?|streams?|folds?|agents?",
         "one of several paths side by side; layers here come one after the other"),
        (r"emb|embed\w*|wte|wpe", "part of an embedding, which is no layer of neurons"),
        (r"skip|shortcut|residual|downsample", "on a way round a layer; layers here come one after"
         " the other"),
        (r"scales?|gains?|prelu|p re lu|amplifiers?|zero point",
         "a gain, which no layer here has; multiply it into the weights before saving"),
        (r"tau\w*|v (?:th|leak|reset|rest|threshold)|spike threshold|dt",
         "a neuron's constant in time, on which the size of its drive depends"),
    )
]  # fmt: skip
UNKNOWN = "the name does not say what it is, as fc1.weight, fc1.bias, W1 or b1 would"


_IN_TIME = re.compile(
    r"(?:(?P<before>.+)_)?(?P<word>beta|alpha|tau|mem|syn|spk|reset_mechanism_val"
    r"|graded_spikes_factor|time_step|[RCV])"
)
_COUNTERS = {"num_batches_tracked", "seed_generator_state", "epoch", "step", "global_step"}


@dataclass(frozen=True)
class Meaning:
    """What a name says.

    Attributes:
        role: what the array is; "other" where the name does not say it surely.
        stem: what is left of the name without the word for its role.
        style: what stands before the word, and the word: layers of one network share it.
        layout: how weights lie, where the name tells the framework.
        reason: why it can be no layer, for any role; "" where nothing speaks against it.
    """

    role: Role
    stem: Stem
    style: tuple[str, str] = ("", "")
    layout: Layout | None = None
    reason: str = ""


def meaning(name: str) -> Meaning:
    """Tell what an array is by its name."""
    name = _keras_and_norse(name)
    parts = tuple(filter(None, re.split(r"\W+", name)))
    reason = _reason(name)
    match = _LAST.fullmatch(parts[-1]) if parts else None
    if match is None:
        return Meaning("other", parts[:-1], reason=reason or UNKNOWN)
    number = match["number"] and f"_{match['number']}"  # of the array, not a module's name
    rest = (match["before"], number, match["place"])
    stem = parts[:-1] + tuple(part for part in rest if part)
    layout: Layout | None = None
    if match["word"] == "kernel":
        layout = "in,out"
    elif parts[-1] == "weight" and name.endswith(".weight"):
        layout = "out,in"  # what PyTorch's names look like, and nobody else's
    word = match["word"].lower()
    before = "_" if match["before"] else name.removesuffix(parts[-1])[-1:]
    return Meaning(_ROLES[word[0]], stem, (before, word), layout, reason)


def counts(name: str) -> bool:
    """Tell whether an array only counts or draws in a training, by its name."""
    return re.split(r"\W+", name)[-1] in _COUNTERS


def in_time(name: str) -> tuple[Stem, str]:
    """Return whose constant in time this would be among snnTorch's neurons, and which; or ""."""
    parts = tuple(filter(None, re.split(r"\W+", name)))
    match = _IN_TIME.fullmatch(parts[-1]) if parts else None
    if match is None:
        return (), ""
    return parts[:-1] + ((match["before"],) if match["before"] else ()), match["word"]


def words(stem: Stem) -> list[str]:
    """Return the words of names, in small letters: fcOut_2 is fc, out."""
    return [word for part in stem for word in _words(part)]


def _keras_and_norse(name: str) -> str:
    """Write the same in other words: Keras's numbered variables, Norse's input_weights."""
    name = re.sub(r":0$", "", name)
    name = re.sub(r"(?<=/)(dense(?:_[0-9]+)?)/vars/0$", r"\1/kernel", name)
    name = re.sub(r"(?<=/)(dense(?:_[0-9]+)?)/vars/1$", r"\1/bias", name)
    return re.sub(r"(^|\.)input_weights$", r"\1weight", name)


def _reason(name: str) -> str:
    spaced = " / ".join(" ".join(_words(part)) for part in re.split(r"\W+", name))
    return next((reason for found, reason in _REASONS if found.search(spaced)), "")


def _words(text: str) -> list[str]:
    split = re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", " ", text)
    return [word.lower() for word in re.findall(r"[^\W\d_]+", split)]
