"""`anaspike map`: a trained network on supply voltages."""

from typing import Any

import click

from anaspike.cli.mapping import mapping_options
from anaspike.cli.options import COUNT, PATH, SECOND, max_size_option
from anaspike.cli.study import OUTPUT, output_options, run_study
from anaspike.errors import InputError

_IN_TIME = {"dt_s": "--dt", "period_s": "--period", "score": "--score"}


@click.command("map")
@click.argument("network", type=PATH)
@click.option(
    "--inputs", type=PATH,
    help="npz with the patterns `inputs`, 0 or 1, (patterns, inputs)  [default: random ones]",
)  # fmt: skip
@click.option(
    "--labels", type=PATH,
    help="npy, npz or CSV: for each pattern the output that should fire",
)  # fmt: skip
@click.option(
    "--curve", type=PATH,
    help="k(V) as `characterise synapse` writes it  [default: measured now]",
)  # fmt: skip
@click.option("--steps", type=COUNT, help="of a network in time: windows that it runs for")
@click.option(
    "--dt", "dt_s", type=SECOND, help="of a .nir file: how long a step is (snnTorch: 1e-4)"
)
@click.option(
    "--period", "period_s", type=SECOND,
    help="of a network in time, from window to window  [default: what makes its beta]",
)  # fmt: skip
@click.option("--score", help="how outputs in time answer: most, first or exact  [default: most]")
@click.option("--pdk", default="generic28", show_default=True, help="process, as in `pdk list`")
@max_size_option
@mapping_options(samples=12)
@output_options
def map_network(conditions: Any, **options: Any) -> int:
    """Map NETWORK, an npz file of weights, biases and NT values, to supply voltages.

    With --steps it is a network in time, a .nir file or what `import-weights`
    made of one, and the inputs are trains (patterns, steps, inputs) or rates.

    Weights become 3-bit codes and every neuron's NT value the supply of its
    synapses; the network then runs on the patterns and is held against what
    NETWORK itself decides, and sampled neurons are proven at transistor level.
    `anaspike train` and `anaspike import-weights` write such files.

    \b
    Exit code: 0 it decides as NETWORK does and SPICE agrees, 1 a bound is
    missed or a point failed, 2 bad input or a missing tool, 130 interrupted.
    """
    from anaspike.studies.conditions import under  # noqa: PLC0415
    from anaspike.studies.learning.map import Map  # noqa: PLC0415

    output = {name: options.pop(name) for name in OUTPUT}
    if options["steps"] is not None:
        from anaspike.studies.learning.map_in_time import MapInTime  # noqa: PLC0415

        given = {name: value for name, value in options.items() if value is not None}
        return run_study(under(MapInTime(**given), conditions), **output)
    if options["network"].suffix.lower() == ".nir":
        raise InputError(f"{options['network']} is a network in time; say for how long: --steps 10")
    del options["steps"]
    for name, option in _IN_TIME.items():
        if options.pop(name) is not None:
            raise InputError(f"{option} is of networks in time; give --steps too")
    return run_study(under(Map(**options), conditions), **output)
