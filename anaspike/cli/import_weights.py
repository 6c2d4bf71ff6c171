"""`anaspike import-weights`: a network trained elsewhere."""

from pathlib import Path

import click

from anaspike.cli.options import QuantityType, max_size_option
from anaspike.report.streams import say


@click.command("import-weights")
@click.argument("file", type=click.Path(path_type=Path))
@click.option(
    "--theta", type=QuantityType(""),
    help="threshold of neurons for which the file has none  [default: 1]",
)  # fmt: skip
@click.option(
    "--skip", multiple=True, metavar="NAME",
    help="array to leave out, or a pattern (bn.*); may be given again",
)  # fmt: skip
@click.option(
    "--layers", metavar="NAMES",
    help="weights of the layers from the inputs on, with commas  [default: as their names say]",
)  # fmt: skip
@click.option(
    "--orientation", metavar="HOW",
    help="rows and columns of the weights: out,in or in,out  [default: as alone fits]",
)  # fmt: skip
@max_size_option
@click.option(
    "-o", "--output", type=click.Path(path_type=Path), default=Path("network.npz"),
    show_default=True, help="network file to write",
)  # fmt: skip
def import_weights(
    file: Path,
    theta: float | None,
    skip: tuple[str, ...],
    layers: str | None,
    orientation: str | None,
    max_size_B: float | None,  # as all that has a unit
    output: Path,
) -> None:
    """Turn weights, biases and thresholds (npz or safetensors) into a spiking network.

    Reads what PyTorch, snnTorch, Norse, Keras, Flax and NumPy scripts save of
    a feed-forward network, by names and shapes, and says what became of each
    array. What is not surely part of such a network is refused, by name and
    reason: nothing is guessed. Pickled objects are never loaded.

    \b
    Exit code: 0 done, 2 bad input.
    """
    from anaspike.learning.weights import import_weights as read  # noqa: PLC0415

    lines: list[str] = []
    network = read(
        file,
        theta,
        skip=skip,
        layers=_names(layers),
        orientation=orientation,
        max_size_B=max_size_B,
        report=lines.append,
    )
    network.save(output)
    for line in lines:
        say(line)
    sizes = [network.n_inputs, *(len(layer.weights) for layer in network.layers)]
    say(f"network {'-'.join(map(str, sizes))}, theta {network.theta:g}; wrote {output}")


def _names(text: str | None) -> tuple[str, ...]:
    return () if text is None else tuple(name.strip() for name in text.split(","))
