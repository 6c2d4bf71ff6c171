"""The table of a process's devices: design targets against what ngspice gives."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from anaspike.experiments.protocol import Row
from anaspike.report.markdown import markdown_table


@dataclass(frozen=True)
class Target:
    """A design target of one measured quantity.

    Attributes:
        column: of the measured row.
        label: heading, with the unit shown.
        scale: measured value times this is in the unit shown.
        digits: significant digits shown.
        factor: the measured value lies within target / factor ... target * factor.
        values: role -> target, in the unit shown.
    """

    column: str
    label: str
    scale: float
    digits: int
    factor: float
    values: Mapping[str, float]


ROLES = ("nmos_svt", "nmos_lvt", "nmos_hvt", "pmos_svt", "pmos_lvt", "pmos_hvt")


def _by_role(*values: float) -> dict[str, float]:
    return dict(zip(ROLES, values, strict=True))


# Round figures in the middle of what published 28 nm low-power bulk processes show at 0.9 V.
GENERIC28_TARGETS = (
    Target("vth_sat_V", "Vth, saturated (mV)", 1e3, 3, 1.1, _by_role(320, 220, 440, 340, 240, 460)),
    Target("ion_A_per_m", "Ion (µA/µm)", 1.0, 3, 1.15, _by_role(700, 850, 500, 400, 520, 280)),
    Target("ioff_A_per_m", "Ioff (nA/µm)", 1e3, 2, 2.0, _by_role(1.0, 12, 0.04, 0.75, 10, 0.035)),
    Target("swing_V_per_decade", "swing (mV/decade)", 1e3, 3, 1.1, dict.fromkeys(ROLES, 88)),
    Target("dibl", "DIBL (mV/V)", 1e3, 3, 1.15, dict.fromkeys(ROLES, 115)),
)


def device_table(rows: Iterable[Row], targets: Sequence[Target] = GENERIC28_TARGETS) -> str:
    """Return the table: for each device and quantity, `measured (target)`."""
    body = [[str(row["role"]), *(_cell(row, target) for target in targets)] for row in rows]
    return markdown_table(["device", *(target.label for target in targets)], body)


def within(row: Row, target: Target) -> bool:
    """Return whether a measured row meets a target."""
    measured = float(row[target.column] or 0.0) * target.scale
    wanted = target.values[str(row["role"])]
    return wanted / target.factor <= measured <= wanted * target.factor


def _cell(row: Row, target: Target) -> str:
    measured = float(row[target.column] or 0.0) * target.scale
    return f"{measured:.{target.digits}g} ({target.values[str(row['role'])]:g})"
