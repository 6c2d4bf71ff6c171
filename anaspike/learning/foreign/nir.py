"""NIR, the neuromorphic intermediate representation: a chain of its nodes as a network in time."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from anaspike.errors import InputError
from anaspike.hdf5 import Tree, read_hdf5
from anaspike.learning.foreign.sorting import shown, span
from anaspike.learning.temporal import TemporalLayer, TemporalNetwork, check_step

EXAMPLES = "flows/time"  # that come with anaspike
WEIGHTS = ("Affine", "Linear")
NEURONS = ("LIF", "IF", "CubaLIF")
_PASSED = ("Input", "Flatten", "Output")
_NO_DT = (
    "a NIR file does not say how long a step is; give what the network was trained with by `dt_s`"
    " (snnTorch writes its neurons for 1e-4)"
)
_NEAR = 1e-3  # of dt: so near are time constants that went through 32 bits
_WHY = {
    "NIRGraph": "a network in the network, as of recurrent neurons; layers here feed forward",
    "LI": "a neuron that never spikes", "CubaLI": "a neuron that never spikes",
    "Conv1d": "a convolution; only layers that connect all to all can be imported",
    "Conv2d": "a convolution; only layers that connect all to all can be imported",
    "Scale": "a gain; multiply it into the weights before saving",
    "Delay": "a delay, which no layer here has",
}  # fmt: skip

Node = Mapping[str, Any]


@dataclass(frozen=True)
class _Neurons:
    """What neurons make of what they get: u = beta u + gain * (W s + b), against a threshold."""

    beta: NDArray[np.float64]
    gain: NDArray[np.float64]
    threshold: NDArray[np.float64]


def import_nir(
    path: Path,
    dt_s: float | None,
    max_size_B: float | None = None,
    report: Callable[[str], None] | None = None,
) -> TemporalNetwork:
    """Make a network in time of a NIR file; what is no chain of known nodes is refused by name.

    Neurons step as NIR's equations do in Euler's way: beta is 1 - dt/tau, and weights are
    multiplied by r dt/tau (r dt without leak). Thresholds count from rest.

    Args:
        path: the file.
        dt_s: a step, in seconds.
        max_size_B: what the file may unpack to.  [default: as `anaspike.bounds` says]
        report: called with a line on each node: what became of it.

    Raises:
        InputError: it cannot be read, there is no step, or a node cannot be run.
    """
    if dt_s is None:
        raise InputError(f"{path}: {_NO_DT}")
    check_step(dt_s)
    tree = read_hdf5(path, max_size_B)
    lines: list[str] = []
    try:
        network = _network(_in_order(tree), dt_s, lines.append)
    except InputError as error:
        raise InputError(f"{path}: {error}") from error
    for line in lines if report is not None else ():
        report(line)  # type: ignore[misc]  # it is there
    return network


def _in_order(tree: Tree) -> dict[str, Node]:
    """Return the nodes of a graph from its input to its output."""
    nodes, edges = _graph(tree)
    after: dict[str, str] = {}
    targets: set[str] = set()
    for a, b in edges:
        for name in (a, b):
            if name not in nodes:
                raise InputError(f"an edge leads to {shown(name)}, which is no node")
        if a in after or b in targets:
            one, other = (a, "leads to") if a in after else (b, "is led to from")
            raise InputError(
                f"{shown(one)} {other} more than one node (a recurrent edge, or paths side by"
                " side); layers here come one after the other"
            )
        after[a] = b
        targets.add(b)
    starts = [name for name in nodes if name not in targets]
    if len(starts) > 1:
        raise InputError(f"{' and '.join(map(shown, starts[:4]))} each begin a network; it has one")
    chain = starts[:1]
    while chain and chain[-1] in after:
        chain.append(after[chain[-1]])
    if left := [name for name in nodes if name not in chain]:
        raise InputError(f"its nodes lead round in a cycle ({shown(left[0])})")
    return {name: nodes[name] for name in chain}


def _graph(tree: Tree) -> tuple[dict[str, Node], list[tuple[str, str]]]:
    """Return the nodes of a graph, all of kinds that can be run, and its edges, each once."""
    graph = tree.get("node")
    nodes, edges = (
        (graph.get("nodes"), graph.get("edges")) if isinstance(graph, dict) else (None, None)
    )
    if not isinstance(nodes, dict) or not isinstance(edges, np.ndarray):
        raise InputError("holds no NIR graph (node/nodes and node/edges)")
    if edges.ndim != 2 or edges.shape[1] != 2 or edges.dtype.kind != "U":
        raise InputError("its edges are no pairs of names")
    found: dict[str, Node] = {}
    for name, node in nodes.items():
        kind = _kind(node)
        if not isinstance(node, dict) or kind not in (*WEIGHTS, *NEURONS, *_PASSED):
            raise InputError(
                f"{shown(name)} is {shown(kind) if kind else 'no node'}:"
                f" {_WHY.get(kind, 'not among the nodes that can be run')}; read are"
                f" {', '.join((*_PASSED, *WEIGHTS, *NEURONS))}"
            )
        found[name] = node
    return found, list(dict.fromkeys((str(a), str(b)) for a, b in edges))


def _network(
    nodes: Mapping[str, Node], dt_s: float, report: Callable[[str], None]
) -> TemporalNetwork:
    layers: list[TemporalLayer] = []
    waiting: tuple[str, NDArray[Any], NDArray[Any]] | None = None
    width: int | None = None
    for name, node in nodes.items():
        kind = _kind(node)
        if kind in _PASSED:
            width = _passed(name, node, width, report)
        elif kind in WEIGHTS:
            if waiting:
                raise InputError(
                    f"{shown(name)} follows {shown(waiting[0])} without neurons between"
                )
            waiting = (name, *_weights(name, node, width))
            width = len(waiting[1])
            rows, columns = waiting[1].shape
            report(f"{shown(name)}: {kind} -> weights of layer {len(layers)} ({rows} x {columns})")
        else:
            if waiting is None:
                raise InputError(f"{shown(name)}: neurons without weights before them")
            layers.append(_layer(name, node, waiting, dt_s))
            waiting = None
            report(
                f"{shown(name)}: {kind} -> neurons of layer {len(layers) - 1}, {_told(layers[-1])}"
            )
    if waiting:
        raise InputError(f"{shown(waiting[0])}: no neurons follow; the outputs here are spikes")
    return TemporalNetwork(tuple(layers), dt_s)


def _passed(name: str, node: Node, width: int | None, report: Callable[[str], None]) -> int | None:
    kind = _kind(node)
    shape = node.get("shape")
    if kind == "Flatten" or not isinstance(shape, np.ndarray) or shape.dtype.kind not in "iu":
        report(f"{shown(name)}: {kind}, passed through")
        return width
    size = int(np.prod(shape.astype(object))) if shape.size else 0
    if width is not None and size != width:
        raise InputError(f"{shown(name)} is of shape {_of(shape)}, but what leads to it of {width}")
    report(f"{shown(name)}: {kind} of {size}")
    return size


def _weights(name: str, node: Node, width: int | None) -> tuple[NDArray[Any], NDArray[Any]]:
    weights = _numbers(name, node, "weight")
    if weights.ndim != 2 or not weights.size:
        raise InputError(
            f"{shown(name)}: weight of shape {weights.shape} is no matrix (neurons, inputs)"
        )
    if width is not None and weights.shape[1] != width:
        raise InputError(
            f"{shown(name)} takes {weights.shape[1]} inputs, but what leads to it has {width}"
        )
    if _kind(node) == "Linear":
        return weights, np.zeros(len(weights))
    bias = _numbers(name, node, "bias")
    if bias.shape != (len(weights),):
        raise InputError(
            f"{shown(name)}: bias of shape {bias.shape} does not fit {len(weights)} neurons"
        )
    return weights, bias


def _layer(
    name: str, node: Node, before: tuple[str, NDArray[Any], NDArray[Any]], dt_s: float
) -> TemporalLayer:
    _, weights, bias = before
    neurons = _neurons(name, node, len(weights), dt_s)
    with np.errstate(over="ignore", invalid="ignore"):
        matrix, offset = weights * neurons.gain[:, None], bias * neurons.gain
    try:
        return TemporalLayer.of(matrix, offset, neurons.threshold, neurons.beta)
    except InputError as error:
        raise InputError(f"{shown(name)}: {error}") from error


def _neurons(name: str, node: Node, count: int, dt_s: float) -> _Neurons:
    def each(key: str, default: float | None = None) -> NDArray[np.float64]:
        if key not in node and default is not None:
            return np.full(count, default)
        values = _numbers(name, node, key).reshape(-1)
        if values.size not in {1, count}:
            raise InputError(
                f"{shown(name)}: {key} of {values.size} neurons follows weights of {count}"
            )
        return np.array(np.broadcast_to(values, count))

    kind = _kind(node)
    rest = np.zeros(count) if kind == "IF" else each("v_leak")
    if (each("v_reset", 0.0) != rest).any():
        raise InputError(f"{shown(name)}: v_reset is not v_leak; neurons here reset to rest")
    threshold, r = each("v_threshold") - rest, each("r")
    if kind == "IF":
        return _Neurons(np.ones(count), r * dt_s, threshold)
    tau_s = each("tau" if kind == "LIF" else "tau_mem")
    if not (tau_s > dt_s).all():
        raise InputError(
            f"{shown(name)}: tau is {np.min(tau_s):.3g} s, and a step of {dt_s:g} s (`dt_s`) is no"
            " shorter: nothing would be left of a membrane"
        )
    gain = r * dt_s / tau_s
    if kind == "CubaLIF":
        tau_syn_s = each("tau_syn")
        if not ((tau_syn_s > 0) & (tau_syn_s <= dt_s * (1 + _NEAR))).all():
            raise InputError(
                f"{shown(name)}: tau_syn is up to {np.max(tau_syn_s):.3g} s, longer than a step of"
                f" {dt_s:g} s (`dt_s`); synapses here push while a spike lasts"
            )
        gain *= each("w_in", 1.0)
    return _Neurons(1 - dt_s / tau_s, gain, threshold)


def _numbers(name: str, node: Node, key: str) -> NDArray[np.float64]:
    values = node.get(key)
    if not isinstance(values, np.ndarray) or values.dtype.kind not in "fiu":
        raise InputError(f"{shown(name)}: {key} is missing, or holds no numbers")
    return values.astype(np.float64)


def _kind(node: Any) -> str:
    kind = node.get("type") if isinstance(node, dict) else ""
    return kind if isinstance(kind, str) else ""


def _told(layer: TemporalLayer) -> str:
    leak = "no leak" if (layer.beta == 1).all() else f"beta {span(layer.beta)}"
    return f"{leak}, threshold {span(layer.threshold)}"


def _of(shape: NDArray[Any]) -> str:
    return f"({', '.join(str(n) for n in shape.reshape(-1)[:8])})"
