"""`anaspike import-weights`: a network trained elsewhere."""

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import click

from anaspike.cli.options import PATH, SECOND, QuantityType, max_size_option
from anaspike.errors import InputError
from anaspike.files import own_or_shipped
from anaspike.report.streams import say

if TYPE_CHECKING:
    from anaspike.learning.network import Network
    from anaspike.learning.temporal import TemporalNetwork


@click.command("import-weights")
@click.argument("file", type=PATH)
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
@click.option(
    "--dt", "dt_s", type=SECOND,
    help="how long a step is, which no file says: of a .nir file (snnTorch: 1e-4); of snnTorch's"
    " arrays it makes a network in time, with their betas",
)  # fmt: skip
@max_size_option
@click.option(
    "-o", "--output", type=PATH, default=Path("network.npz"),
    show_default=True, help="network file to write",
)  # fmt: skip
def import_weights(
    file: Path,
    theta: float | None,
    skip: tuple[str, ...],
    layers: str | None,
    orientation: str | None,
    dt_s: float | None,
    max_size_B: float | None,  # as all that has a unit
    output: Path,
) -> None:
    """Turn weights, biases and thresholds (npz, safetensors, NIR) into a spiking network.

    Reads what PyTorch, snnTorch, Norse, Keras, Flax and NumPy scripts save of
    a feed-forward network, by names and shapes, and says what became of each
    array. What is not surely part of such a network is refused, by name and
    reason: nothing is guessed. Pickled objects are never loaded. Of NIR (.nir) leak,
    thresholds and reset are kept: a network in time, for `map --steps`. So are
    beta and threshold of snnTorch's arrays, where --dt is given.

    \b
    Exit code: 0 done, 2 bad input.
    """
    lines: list[str] = []
    made: Network | TemporalNetwork
    if file.suffix.lower() == ".nir":
        from anaspike.learning.foreign.nir import EXAMPLES, import_nir  # noqa: PLC0415

        if theta is not None or skip or layers is not None or orientation is not None:
            raise InputError(
                "--theta, --skip, --layers and --orientation are for files of arrays; a .nir file"
                " says all of it itself"
            )
        made = import_nir(own_or_shipped(file, EXAMPLES), dt_s, max_size_B, lines.append)
    else:
        from anaspike.learning import weights  # noqa: PLC0415

        if None not in (theta, dt_s):
            raise InputError(
                "--theta is of networks of one window; in time, as --dt makes one, thresholds are"
                " the file's"
            )
        read = (
            partial(weights.import_weights, file, theta)
            if dt_s is None
            else partial(weights.import_in_time, file, dt_s)
        )
        made = read(
            skip=skip,
            layers=_names(layers),
            orientation=orientation,
            max_size_B=max_size_B,
            report=lines.append,
        )
    made.save(output)
    for line in lines:
        say(line)
    sizes = [made.n_inputs, *(len(layer.weights) for layer in made.layers)]
    say(f"{_told(made, '-'.join(map(str, sizes)))}; wrote {output}")


def _told(made: "Network | TemporalNetwork", sizes: str) -> str:
    from anaspike.learning.network import Network  # noqa: PLC0415

    if isinstance(made, Network):
        return f"network {sizes}, theta {made.theta:g}"
    return f"network in time {sizes}, a step is {made.step_s:g} s"


def _names(text: str | None) -> tuple[str, ...]:
    return () if text is None else tuple(name.strip() for name in text.split(","))
