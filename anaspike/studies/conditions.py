"""Under which conditions a question is asked: corners, temperatures, mismatch, anything else."""

from collections.abc import Mapping, Sequence

from pydantic import BaseModel, ConfigDict, Field

from anaspike.campaign.space import (
    MOST,
    Axis,
    Interval,
    Space,
    Value,
    read_axis,
    read_sampling,
    read_value,
)
from anaspike.errors import InputError
from anaspike.studies.base import Celsius, Study, Whole
from anaspike.studies.spread import Spread
from anaspike.units import parse_quantity


class Conditions(BaseModel):
    """`[conditions]` of a flow file, `--corner`, `--temp`, `--mc` and `--seed` of a command.

    All of them are combined. What is not given stays as the study has it.

    Attributes:
        corners, temperatures_C: to go through.
        mc: mismatch samples, of the seeds `seed`, `seed` + 1, ...
        seed: of the first sample; without `mc` the only one.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    corners: tuple[str, ...] = ()
    temperatures_C: tuple[Celsius, ...] = ()
    mc: Whole | None = None
    seed: Whole | None = None

    def axes(self) -> tuple[Axis, ...]:
        """Return one axis for each condition given.

        Raises:
            InputError: a number of samples or a seed that is none.
        """
        if self.seed is not None and self.seed < 0:
            raise InputError(f"seed {self.seed} is negative; use 0 or more")
        if self.mc is not None and self.mc < 1:
            raise InputError(f"{self.mc} mismatch samples are none; use 1 or more, or leave it out")
        if self.mc is not None and self.mc > MOST:  # before a million seeds are written down
            raise InputError(f"{self.mc} conditions are too many; use at most {MOST}")
        first = self.seed or 0
        seeds = (
            tuple(range(first, first + self.mc)) if self.mc is not None
            else () if self.seed is None
            else (self.seed,)
        )  # fmt: skip
        given: dict[str, tuple[Value, ...]] = {
            "corner": self.corners,
            "temperature_C": self.temperatures_C,
            "seed": seeds,
        }
        return tuple(Axis(name, values) for name, values in given.items() if values)


class SpaceTable(BaseModel):
    """`[space]` of a flow file, `--over` and `--sample` of a command.

    Attributes:
        over: parameter -> its values, or text as `read_axis` reads it.
        sampling: "grid", "list", "sobol:64", "lhs:64".
        seed: of the sampling.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    over: dict[str, str | tuple[float | int | str, ...]] = Field(default_factory=dict)
    sampling: str = "grid"
    seed: Whole = 0


def under(study: Study, conditions: Conditions, space: SpaceTable | None = None) -> Study | Spread:
    """Return a study under these conditions: plain under one, a spread over several.

    One kind of condition that the study goes through by itself is left to it.

    Raises:
        InputError: an unknown or impossible parameter, a space that makes no sense.
    """
    space = space or SpaceTable()
    axes = _axes(study, space.over)
    sampling, points = read_sampling(space.sampling)
    whole = Space(
        (*conditions.axes(), *(axis for axis in axes if isinstance(axis, Axis))),
        tuple(axis for axis in axes if isinstance(axis, Interval)),
        sampling,
        points,
        space.seed,
    )
    several = [axis for axis in whole.axes if len(axis.values) > 1]
    if whole.sampling == "grid" and len(several) < 2:
        single = {axis.name: axis.values[0] for axis in whole.axes if axis not in several}
        alone = study.under(single)
        own = alone.through(several[0].name, several[0].values) if several else alone
        if own is not None:
            return own
    return Spread(study, whole)


def _axes(study: Study, over: Mapping[str, str | Sequence[Value]]) -> list[Axis | Interval]:
    axes: list[Axis | Interval] = []
    for asked, values in over.items():
        name = study.variable(asked)
        if isinstance(values, str):
            axes.append(read_axis(name, values))
        else:
            axes.append(Axis(name, tuple(read_value(name, value) for value in values)))
    return axes


def read_conditions(
    corner: str | None, temperature: str | None, mc: int | None, seed: int | None
) -> Conditions:
    """Return conditions as a command line names them, several separated by commas.

    Raises:
        InputError: a temperature that is none.
    """
    return Conditions(
        corners=tuple(corner.split(",")) if corner is not None else (),
        temperatures_C=tuple(
            parse_quantity(part, "C", "--temp") for part in temperature.split(",")
        ) if temperature is not None else (),
        mc=mc,
        seed=seed,
    )  # fmt: skip
