"""`anaspike tune-in-loop`: a chip that learns its supplies."""

from typing import Any

import click

from anaspike.cli.conditions import condition_options
from anaspike.cli.design import design_options
from anaspike.cli.options import CELSIUS, COUNT, PATH, VOLT
from anaspike.cli.study import OUTPUT, output_options, run_study
from anaspike.errors import InputError
from anaspike.units import printable

_TARGET = "xor"
_OF_XOR = {"start_V": "--start", "from_V": "--from", "to_V": "--to", "evaluations": "--evaluations"}
_OF_NETWORKS = {
    "data": "--data", "train_seed": "--train-seed", "seeds": "--seeds", "updates": "--updates",
    "batch": "--batch", "meant_temperature_C": "--meant-temp",
}  # fmt: skip


@click.command("tune-in-loop")
@click.argument("target", default="bccd")
@click.option("--pdk", default="generic28", show_default=True, help="process, as in `pdk list`")
@click.option("--data", type=PATH, help="folder of the data set's images")
@click.option("--train-seed", type=COUNT, help="of the first network's training  [default: 0]")
@click.option("--seeds", type=COUNT, help="networks; accuracies are pooled  [default: 5]")
@click.option("--updates", type=COUNT, help="of the supplies  [default: 90]")
@click.option("--batch", type=COUNT, help="patterns of an update  [default: 64]")
@click.option(
    "--meant-temp", "meant_temperature_C", type=CELSIUS,
    help="that the supplies were set for, in °C  [default: that of --temp]",
)  # fmt: skip
@click.option("--dac-bits", type=COUNT, help="of the converter of supplies  [default: 5]")
@click.option("--start", "start_V", type=VOLT, help="xor: of every supply  [default: 0.6]")
@click.option("--from", "from_V", type=VOLT, help="xor: of the converter  [default: 0.45]")
@click.option("--to", "to_V", type=VOLT, help="xor: of the converter  [default: 0.8375]")
@click.option("--evaluations", type=COUNT, help="xor: of all four cases, at most  [default: 40]")
@design_options
@condition_options
@output_options
def tune_in_loop(target: str, conditions: Any, **options: Any) -> int:
    """Let a chip learn its supplies from nothing but its own spikes.

    TARGET is a data set, whose network runs on the charge model, or xor,
    whose network of three neurons runs transistor by transistor. A chip is a
    corner, a temperature and a mismatch sample. Forward goes the chip, backward
    go the codes, which are known; `--meant-temp 27 --temp 67` leaves a chip on
    the supplies of another temperature.

    \b
    Exit code: 0 all bounds met, 1 one is missed or a point failed, 2 bad input.
    """
    from anaspike.studies.conditions import under  # noqa: PLC0415
    from anaspike.studies.learning.tune_in_loop import TuneInLoop  # noqa: PLC0415
    from anaspike.studies.networks.tune_xor import TuneXor  # noqa: PLC0415

    output = {name: options.pop(name) for name in OUTPUT}
    given = {name: value for name, value in options.items() if value is not None}
    others, whose = (
        (_OF_NETWORKS, "of networks of a data set")
        if target == _TARGET
        else (_OF_XOR, "of the xor alone")
    )
    if wrong := next((option for name, option in others.items() if name in given), ""):
        raise InputError(f"tune-in-loop {printable(target)}: {wrong} is {whose}; leave it out")
    study = TuneXor(**given) if target == _TARGET else TuneInLoop(dataset=target, **given)
    return run_study(under(study, conditions), **output)
