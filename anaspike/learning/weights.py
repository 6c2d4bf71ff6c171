"""A network trained elsewhere: what is surely a feed-forward network, and nothing else."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from anaspike.errors import InputError
from anaspike.learning.arrays import read_arrays
from anaspike.learning.foreign.layouts import LAYOUTS, Parts, Vector, layout_of
from anaspike.learning.foreign.names import Layout, Stem, meaning
from anaspike.learning.foreign.order import in_order, owners
from anaspike.learning.foreign.safetensors import read_safetensors
from anaspike.learning.foreign.sorting import Sorted, shown, sort_constants, sort_out, span
from anaspike.learning.foreign.thresholds import Thresholds, one_theta
from anaspike.learning.network import Layer, Network, floats
from anaspike.learning.temporal import TemporalLayer, TemporalNetwork, check_step
from anaspike.units import printable, suggestion

Arrays = dict[str, NDArray[Any]]
_NAMED = 4  # names told in a message
_OWN = (
    {"format", "theta", "weights_0", "amplifier_0"},
    {"format_in_time", "step_s", "weights_0", "beta_0"},
)


def import_weights(
    path: Path,
    theta: float | None = None,
    *,
    skip: Sequence[str] = (),
    layers: Sequence[str] = (),
    orientation: str | None = None,
    max_size_B: float | None = None,
    report: Callable[[str], None] | None = None,
) -> Network:
    """Make a spiking network of the weights, biases and thresholds in a file.

    Taken is only what name and shape say surely, as PyTorch, snnTorch, Norse, Keras, Flax or a
    script would name it; nothing is guessed. Amplifiers are 1.

    Args:
        path: `.npz` or `.safetensors`; pickled objects are refused.
        theta: threshold of neurons for which the file has none.  [default: 1]
        skip: arrays to leave out: names, or patterns as for files (`bn.*`).
        layers: names of the layers' weights from the inputs on, where the names alone do not say
            an order, or that they are layers.
        orientation: what rows and columns of matrices are: "out,in" or "in,out".
        max_size_B: what the file may unpack to.  [default: as `anaspike.bounds` says]
        report: called with a line on each array: what became of it.

    Raises:
        InputError: the file cannot be read, or holds what is not surely part of a feed-forward
            network: by name and reason.
    """
    layout = _layout(orientation)
    if theta is not None and not (np.isfinite(floats(theta)) and floats(theta) > 0):
        raise InputError(f"--theta: {theta:g} is no positive number, as float32")
    arrays, skipped = _read(path, skip, max_size_B)
    try:
        found, parts, lie = _sorted(arrays, layers, layout)
        network = _network(parts, lie, theta)
        given = 1.0 if theta is None else theta
        if above := found.fires_above and _coarse(network):
            network = replace(network, theta=float(np.nextafter(floats(network.theta), np.inf)))
    except InputError as error:
        raise InputError(f"{path}: {error}") from error
    if report is not None:
        for line in (*_became(parts, lie, network, given), *_left_out(found, skipped, above)):
            report(line)
    return network


def import_in_time(
    path: Path,
    dt_s: float,
    *,
    skip: Sequence[str] = (),
    layers: Sequence[str] = (),
    orientation: str | None = None,
    max_size_B: float | None = None,
    report: Callable[[str], None] | None = None,
) -> TemporalNetwork:
    """Make a network in time of the same files, with each neuron's beta and threshold.

    snnTorch's `Leaky` is what it says: u = beta u + W s + b, a spike above the threshold. Neurons
    that reset by subtraction start again from rest here, which is said.

    Args:
        path, skip, layers, orientation, max_size_B, report: as of `import_weights`.
        dt_s: what a step stands for, in seconds.

    Raises:
        InputError: as `import_weights`; a layer has no beta or threshold, or a constant that
            neurons here do not have.
    """
    check_step(dt_s)
    layout = _layout(orientation)
    arrays, skipped = _read(path, skip, max_size_B)
    try:
        found, parts, lie = _sorted(arrays, layers, layout)
        became = sort_constants(arrays, found)
        betas = [_beta_of(one, found, arrays) for one in parts]
        network = TemporalNetwork(
            tuple(_leaky(one, beta, lie) for one, beta in zip(parts, betas, strict=True)), dt_s
        )
    except InputError as error:
        raise InputError(f"{path}: {error}") from error
    if report is not None:
        for line in _became_in_time(parts, betas, lie, network):
            report(line)
        others = {name: f"left out, {why}" for name, why in found.left_out.items()} | became
        others |= dict.fromkeys(skipped, "left out, as --skip says")
        for name in (one for one in others if one not in {beta.name for beta in betas}):
            report(f"{shown(name)}: {others[name]}")
    return network


def _layout(orientation: str | None) -> Layout | None:
    layout = next((one for one in LAYOUTS if one == orientation), None)
    if orientation is not None and layout is None:
        raise InputError(f"--orientation: '{printable(orientation)}' is neither out,in nor in,out")
    return layout


def _sorted(
    arrays: Arrays, layers: Sequence[str], layout: Layout | None
) -> tuple[Sorted, list[Parts], Layout]:
    """Return what arrays are, each layer's own from the inputs on, and how matrices lie."""
    _check(arrays, layers)
    found = sort_out(arrays, layers)
    parts = _parts(found, arrays, layers, layout)
    return found, parts, layout_of(parts)


def _read(path: Path, skip: Sequence[str], max_size_B: float | None) -> tuple[Arrays, list[str]]:
    """Return the arrays to look at, and the names of those left out unread."""
    names: list[str] = []

    def left_out(name: str) -> bool:
        return any(pattern == name or fnmatchcase(name, pattern) for pattern in skip)

    def wanted(name: str) -> bool:
        names.append(name)
        return not left_out(name)

    read = read_safetensors if path.suffix.lower() == ".safetensors" else read_arrays
    arrays = read(path, wanted, max_size_B)
    for pattern in skip:
        if not any(pattern == name or fnmatchcase(name, pattern) for name in names):
            raise InputError(f"{path}: --skip: {_unknown(pattern, names)}")
    return arrays, list(dict.fromkeys(filter(left_out, names)))


def _check(arrays: Arrays, layers: Sequence[str]) -> None:
    if not arrays:
        raise InputError("holds no array to import")
    if any(own <= arrays.keys() for own in _OWN):
        raise InputError("a network of anaspike already; use it as it is")
    for name in layers:
        if name not in arrays:
            matrices = [one for one, values in arrays.items() if values.ndim == 2]
            raise InputError(f"--layers: {_unknown(name, matrices)}")
        if layers.count(name) > 1:
            raise InputError(f"--layers: {shown(name)} stands there twice")


def _unknown(name: str, names: Sequence[str]) -> str:
    known = suggestion(name, [shown(one) for one in names[:20]]) if names else "there is none"
    return f"no array is called '{printable(name)}'; {known}"


def _parts(
    found: Sorted, arrays: Arrays, layers: Sequence[str], layout: Layout | None
) -> list[Parts]:
    """Return each layer's arrays, from the inputs on."""
    stems = _ordered(found, arrays, layers)
    thresholds = _thresholds_of(found, arrays, stems)

    def vector(names: dict[Stem, str], stem: Stem) -> Vector | None:
        return Vector(names[stem], arrays[names[stem]]) if stem in names else None

    return [
        Parts(
            name, arrays[name], layout or meaning(name).layout,
            vector(found.biases, stem), vector(thresholds, stem),
        )
        for stem, name in ((stem, found.weights[stem]) for stem in stems)
    ]  # fmt: skip


def _thresholds_of(found: Sorted, arrays: Arrays, stems: Sequence[Stem]) -> dict[Stem, str]:
    """Return the name of each layer's threshold, where the file has one."""
    if list(found.thresholds) == [()] and arrays[found.thresholds[()]].size == 1:
        return dict.fromkeys(stems, found.thresholds[()])  # the whole network's
    owner = owners(found.thresholds, stems)
    thresholds: dict[Stem, str] = {}
    for stem, name in found.thresholds.items():
        if stem not in owner or stems[owner[stem]] in thresholds:
            raise InputError(
                f"{shown(name)}: the name does not say which layer's neurons it is for; leave it"
                " out with --skip and give --theta"
            )
        thresholds[stems[owner[stem]]] = name
    return thresholds


def _ordered(found: Sorted, arrays: Arrays, layers: Sequence[str]) -> list[Stem]:
    """Return the layers from the inputs on."""
    if not found.weights:
        raise InputError("holds no matrix of weights (neurons, inputs)")
    names = list(found.weights.values())
    if layers:
        for name in names:
            if name not in layers:
                raise InputError(f"{shown(name)} is not among --layers; add it, or --skip it")
        return sorted(found.weights, key=lambda stem: layers.index(found.weights[stem]))
    square = [stem for stem, name in found.weights.items() if len(set(arrays[name].shape)) == 1]
    alike = len({meaning(name).style for name in names}) == 1
    stems = in_order(found.weights, square) if alike else None
    if stems is None:
        more = " ..." if len(names) > _NAMED else ""
        raise InputError(
            f"the names do not say in which order {', '.join(map(shown, names[:_NAMED]))}{more}"
            " come, or that they are one network; say it from the inputs on: --layers NAME,NAME"
        )
    return stems


def _network(parts: Sequence[Parts], lie: Layout, theta: float | None) -> Network:
    layers, thresholds = [], []
    for one in parts:
        bias = None if one.bias is None else one.bias.values.reshape(-1)
        try:
            layer = Layer.of(np.ascontiguousarray(one.matrix(lie)), bias)
        except InputError as error:
            raise InputError(f"{shown(one.name)}: {error}") from error
        layers.append(layer)
        thresholds.append(_thresholds(one.threshold, theta, len(layer.weights)))
    told = np.concatenate(thresholds)
    if theta is not None and all(one.threshold for one in parts) and (told != floats(theta)).any():
        raise InputError("holds other thresholds than --theta; leave it out, or --skip these")
    common, scaled = one_theta(layers, thresholds)
    return Network(scaled, common)


def _beta_of(one: Parts, found: Sorted, arrays: Arrays) -> Vector:
    """Return the beta of a layer's neurons, whose threshold is there too."""
    whose = {name: stem for stem, name in found.thresholds.items()}
    name = None if one.threshold is None else found.betas.get(whose[one.threshold.name])
    if name is None:
        raise InputError(
            f"{shown(one.name)}: its neurons have no {'beta' if one.threshold else 'threshold'} in"
            " the file, which a network in time needs; without `dt_s` it becomes one of one window"
        )
    return Vector(name, arrays[name])


def _leaky(one: Parts, beta: Vector, lie: Layout) -> TemporalLayer:
    bias = None if one.bias is None else one.bias.values.reshape(-1)
    try:
        if beta.values.dtype.kind not in "fiu":
            raise InputError(f"beta of type {printable(beta.values.dtype.str)}; save float32")
        threshold = 1.0 if one.threshold is None else one.threshold.values
        return TemporalLayer.of(np.ascontiguousarray(one.matrix(lie)), bias, threshold, beta.values)
    except InputError as error:
        raise InputError(f"{shown(one.name)}: {error}") from error


def _thresholds(vector: Vector | None, theta: float | None, neurons: int) -> Thresholds:
    """Return one threshold a neuron, (neurons,)."""
    if vector is None:
        return np.full(neurons, 1.0 if theta is None else theta)
    values = floats(vector.values).astype(np.float64)
    if not (np.isfinite(values) & (values > 0)).all():
        raise InputError(f"{shown(vector.name)}: a threshold is a positive number, as float32")
    return np.broadcast_to(values.reshape(-1), neurons)


def _became(parts: Sequence[Parts], lie: Layout, network: Network, given: float) -> Iterator[str]:
    """Say of each array of a layer what became of it."""
    theta = f"theta {network.theta:g}"
    some = any(one.threshold for one in parts)
    for i, (one, layer) in enumerate(zip(parts, network.layers, strict=True)):
        rows, columns = layer.weights.shape
        turned = ", transposed" if (one.layout or lie) == "in,out" else ""
        yield f"{shown(one.name)} -> layer {i} ({rows} x {columns}{turned})"
        if one.bias is not None:
            yield f"{shown(one.bias.name)} -> its bias"
        if one.threshold is not None:
            values = np.unique(one.threshold.values)
            told = f"{values[0]:g}" if len(values) == 1 else f"{values[0]:g} to {values[-1]:g}"
            if len(values) > 1 or f"theta {values[0]:g}" != theta:
                told += f"; weights and bias scaled to {theta}"
            yield f"{shown(one.threshold.name)} -> theta of layer {i} ({told})"
        elif some:
            yield f"layer {i}: no threshold in the file, so {given:g}"


def _became_in_time(
    parts: Sequence[Parts], betas: Sequence[Vector], lie: Layout, network: TemporalNetwork
) -> Iterator[str]:
    """Say of each array of a layer in time what became of it."""
    for i, (one, beta, layer) in enumerate(zip(parts, betas, network.layers, strict=True)):
        rows, columns = layer.weights.shape
        turned = ", transposed" if (one.layout or lie) == "in,out" else ""
        yield f"{shown(one.name)} -> layer {i} ({rows} x {columns}{turned})"
        if one.bias is not None:
            yield f"{shown(one.bias.name)} -> its bias"
        if one.threshold is not None:
            yield f"{shown(one.threshold.name)} -> its thresholds ({span(layer.threshold)})"
        yield f"{shown(beta.name)} -> its beta ({span(layer.beta)})"


def _left_out(found: Sorted, skipped: Sequence[str], above: bool) -> Iterator[str]:
    """Say of each other array why it is left out, and how snnTorch's neurons differ."""
    for name, why in (found.left_out | dict.fromkeys(skipped, "as --skip says")).items():
        yield f"{shown(name)}: left out, {why}"
    if found.fires_above:
        yield "note: snnTorch fires above a threshold, anaspike from it on; " + (
            "theta lies just above it, as drives may equal it" if above
            else "a drive that equals it would differ"
        )  # fmt: skip


def _coarse(network: Network) -> bool:
    """Tell whether drives may well equal theta: all values are whole numbers of 1/1024."""
    parts = [values for layer in network.layers for values in (layer.weights, layer.bias)]
    with np.errstate(over="ignore", invalid="ignore"):
        return all(bool((values * np.float32(1024) % 1 == 0).all()) for values in parts)
