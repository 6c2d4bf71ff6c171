"""`anaspike import-weights`: a network trained elsewhere."""

from pathlib import Path

import click

from anaspike.cli.options import QuantityType
from anaspike.report.streams import say


@click.command("import-weights")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--theta", type=QuantityType(""), default=1.0, show_default=True, help="threshold")
@click.option(
    "-o", "--output", type=click.Path(path_type=Path), default=Path("network.npz"),
    show_default=True, help="network file to write",
)  # fmt: skip
def import_weights(file: Path, theta: float, output: Path) -> None:
    """Turn matrices and biases (npz or safetensors) into a spiking network.

    Every matrix (neurons, inputs) is a layer, in the order of the names; a
    vector of the same name but for its last word is its bias (fc1.weight,
    fc1.bias). Pickled objects are never loaded.

    \b
    Exit code: 0 done, 2 bad input.
    """
    from anaspike.learning.weights import import_weights as read  # noqa: PLC0415

    network = read(file, theta)
    network.save(output)
    sizes = [network.n_inputs, *(len(layer.weights) for layer in network.layers)]
    say(f"network {'-'.join(map(str, sizes))}, theta {theta:g}; wrote {output}")
