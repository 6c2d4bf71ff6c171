"""What a circuit may ask of a process: roles, never model names."""

from abc import ABC, abstractmethod
from collections.abc import Hashable, Iterable, Mapping, Sequence
from copy import copy
from dataclasses import dataclass
from typing import ClassVar, Literal, Self, get_args

from anaspike.errors import InputError
from anaspike.pdk.passives import PlainDevices
from anaspike.spice.deck import ModelFiles
from anaspike.spice.modules import Module
from anaspike.units import printable

MosRole = Literal["nmos_svt", "nmos_lvt", "nmos_hvt", "pmos_svt", "pmos_lvt", "pmos_hvt"]
# Beside the transistors, a Schottky diode: its anode is the pin s, its cathode the pin d.
Role = MosRole | Literal["schottky"]
MOS_ROLES: tuple[MosRole, ...] = get_args(MosRole)
ROLES: tuple[Role, ...] = (*MOS_ROLES, "schottky")


def alike(role: str, roles: Iterable[str]) -> tuple[str, ...]:
    """Return those of several roles that may stand in the place of one: NMOS for NMOS."""
    polarity = role.partition("_")[0]
    return tuple(each for each in roles if each.partition("_")[0] == polarity)


def of_kind(role: str, like: str) -> str:
    """Return the role of one's polarity and of the other's threshold.

    Args:
        role: "pmos_svt".
        like: "nmos_hvt".

    Returns:
        "pmos_hvt".
    """
    return f"{role.partition('_')[0]}_{like.partition('_')[2]}"


@dataclass(frozen=True)
class MosSize:
    """One transistor: its role and its drawn size.

    Attributes:
        role: what kind of device ("pmos_lvt").
        w_m: width of one device, in metres; of a Schottky diode, its anode's.
        l_m: length, in metres.
        mult: identical devices in parallel.
    """

    role: Role
    w_m: float
    l_m: float
    mult: int = 1


class DrawnMos(MosSize):
    """One finger of a transistor as a layout has it.

    Each instance says what its diffusions measure: the parameters `a_d`, `a_s` (areas, in m2),
    `p_d` and `p_s` (perimeters, in m) of its sub-circuit.
    """


@dataclass(frozen=True)
class Device:
    """What a process offers for one role.

    Attributes:
        model: the process's own name of the device.
        w_min_m, l_min_m: smallest drawn size, in metres.
        a_vt_Vm: Pelgrom coefficient of the threshold, sigma = a_vt / sqrt(W L mult), in V m;
            0 where the process gives none.
        a_beta_m: the same for the relative current factor, in m.
        dw_m, dl_m: added to the drawn W and L there, where the process counts effective ones.
        sigma_w_m, sigma_l_m: of the drawn W and L, each device by itself, whatever its size;
            0 where the process gives none.
    """

    model: str
    w_min_m: float
    l_min_m: float
    a_vt_Vm: float
    a_beta_m: float = 0.0
    dw_m: float = 0.0
    dl_m: float = 0.0
    sigma_w_m: float = 0.0
    sigma_l_m: float = 0.0


@dataclass(frozen=True)
class Well:
    """A well of its own: a junction to the substrate that no transistor's model knows of.

    A PMOS whose bulk is no supply stands in one.

    Attributes:
        model: sub-circuit of the junction: its one pin is the well, its parameters are the drawn
            size `w` and `l`, in metres.
        ends_m: what the well adds to the lengths of the gates in it: source and drain at the
            ends, the contact of the well, its own edges.
        between_m: from gate to gate.
        across_m: what it adds to the width.
        least_m: no side is shorter.
    """

    model: str
    ends_m: float
    between_m: float
    across_m: float
    least_m: float

    def around(self, inside: Sequence[MosSize]) -> tuple[float, float]:
        """Return width and length of the well around devices side by side, in metres."""
        gates = sum(size.mult for size in inside)
        gates_m = sum(size.mult * size.l_m for size in inside)
        length_m = self.ends_m + gates_m + (gates - 1) * self.between_m
        width_m = self.across_m + max(size.w_m for size in inside)
        return max(self.least_m, width_m), max(self.least_m, length_m)


class Pdk(ABC):
    """A process: the floor under every circuit.

    Attributes:
        name: as `--pdk` takes it.
        title: one line for people.
        vdd_V: core supply, in volt: the nominal one, where `on_core` named no other.
        layouts: what knows its blocks as they are drawn, where `laid_out` named it.
        corners: global corners, nominal first.
        devices: what stands behind each role.
        netlist_unit_m: what a length of 1 is in a netlist of it, in metres.
    """

    name: ClassVar[str]
    title: ClassVar[str]
    vdd_V: float
    layouts: Hashable = None
    corners: ClassVar[tuple[str, ...]]
    devices: ClassVar[Mapping[Role, Device]]
    # What a length of 1 is in a netlist that others drew in it, in metres.
    netlist_unit_m: ClassVar[float] = 1.0

    @classmethod
    def open(cls, environ: Mapping[str, str]) -> "Pdk":
        """Return the process with the models of this machine.

        Args:
            environ: variables that may name them.

        Raises:
            InputError: there are none; the message names the mend.
        """
        return cls()

    def __eq__(self, other: object) -> bool:
        """Whether circuits of the two are the same: a process opened again is no other one."""
        return (
            type(self) is type(other)
            and self.told_by == other.told_by
            and self.approximation == other.approximation
            and self.vdd_V == other.vdd_V
            and self.layouts == other.layouts
        )

    def __hash__(self) -> int:
        return hash((type(self), self.told_by, self.approximation, self.vdd_V, self.layouts))

    @classmethod
    def check_core(cls, vdd_V: float) -> float:
        """Return a core supply when its transistors may have it.

        Raises:
            InputError: it is less than half of the nominal one, or more than twice that.
        """
        if not 0.5 * cls.vdd_V <= vdd_V <= 2 * cls.vdd_V:
            raise InputError(
                f"a core supply of {vdd_V:g} V is outside what {cls.name} is for;"
                f" use {0.5 * cls.vdd_V:g} V to {2 * cls.vdd_V:g} V"
            )
        return vdd_V

    def on_core(self, vdd_V: float | None) -> Self:
        """Return the process on another core supply; None for the one it has.

        Raises:
            InputError: its transistors are not for that.
        """
        if vdd_V is None:
            return self
        on = copy(self)
        on.vdd_V = self.check_core(vdd_V)
        return on

    def laid_out(self, layouts: Hashable) -> Self:
        """Return the process with its blocks as they are drawn; None for as they are sized.

        Args:
            layouts: as `circuits.block.Layouts`, which is what asks it.
        """
        drawn = copy(self)
        drawn.layouts = layouts
        return drawn

    @property
    def told_by(self) -> Hashable:
        """What tells two of one class apart; of a class that does not say, each is its own."""
        return id(self)

    @property
    def approximation(self) -> str:
        """What its models leave out on purpose, in words for titles; empty where nothing."""
        return ""

    def approximated(self) -> "Pdk":
        """Return the process with what it may leave out for speed left out.

        Raises:
            InputError: it has nothing of that kind.
        """
        raise InputError(
            f"{self.name} has no fast approximation: only sky130 has one, whose transistors carry a"
            f" network of body resistors that costs time and moves little; run {self.name} without"
        )

    @property
    @abstractmethod
    def source(self) -> str:
        """Where the models come from, for people."""

    @abstractmethod
    def subcircuit(self, size: MosSize) -> tuple[str, Mapping[str, str]]:
        """Return the sub-circuit (pins d g s b) and parameters of a device of this size.

        `instance` says how the transistor inside is reached.
        """

    def instance(self, path: str) -> str:
        """Return the name under which a device's transistor is altered.

        Args:
            path: of the device's sub-circuit: `xneuron.xcore.xcomparator.xinput_p`.
        """
        return f"m.{path}.m0"

    def role_of(self, model: str) -> MosRole | None:
        """Return the role of a transistor that a netlist calls by the process's own name.

        Args:
            model: the name, in small letters.
        """
        return next((role for role in MOS_ROLES if self._called(role) == model), None)

    def _called(self, role: MosRole) -> str | None:
        device = self.devices.get(role)
        return None if device is None else device.model

    @property
    def plain(self) -> PlainDevices:
        """Its resistors and capacitors."""
        return PlainDevices()

    def passives(self) -> tuple[str, ...]:
        """Return the resistors and capacitors of the process that `passive` flattens, by name."""
        return self.plain.names

    def has_passive(self, device: str) -> bool:
        """Return whether `passive` knows a resistor or capacitor of that name."""
        return self.plain.has(device)

    def passive(
        self, name: str, device: str, values: Mapping[str, float], count: int, corner: str
    ) -> str:
        """Return a resistor or capacitor of the process as a sub-circuit of plain elements.

        Args:
            name: of the sub-circuit; its pins are those of the process's own.
            device: one of `passives`.
            values: what the netlist gives it, in the process's own units.
            count: how many in parallel.
            corner: global corner.

        Raises:
            InputError: it cannot be flattened.
        """
        if not self.has_passive(device):
            raise InputError(f"{self.name} has no {printable(device)} that can be flattened")
        return self.plain.card(name, device, values, count)

    def well(self, size: MosSize) -> Well | None:
        """Return the well of its own that a device stands in where its bulk is no supply.

        None where the process's models know no such junction. `models` always holds it.
        """
        return None

    def osdi(self) -> tuple[Module, ...]:
        """Return the compiled models that a simulator needs for this process; mostly none.

        Raises:
            InputError: they are not on this machine, or damaged.
        """
        return ()

    @abstractmethod
    def models(self, corner: str, sizes: Iterable[MosSize]) -> ModelFiles:
        """Return the model files that hold at least these sizes at a corner.

        Raises:
            InputError: a size that the process does not offer.
        """

    @abstractmethod
    def mismatch_parameters(
        self, size: MosSize, corner: str, delta_vt_V: float, delta_beta: float
    ) -> Mapping[str, float]:
        """Return parameters of a device's transistor for its deviation, in the process's own signs.

        Args:
            size: the device.
            corner: its corner, whose own shift must survive.
            delta_vt_V: deviation of |V_th|, in volt; positive is slower.
            delta_beta: relative deviation of the current factor.
        """

    def drawn_parameters(
        self,
        size: MosSize,
        delta_w_m: float,
        delta_l_m: float,
    ) -> Mapping[str, float]:
        """Return parameters of a device's transistor for another width and length than drawn."""
        return {}

    def key_parts(self) -> Mapping[str, object]:
        """Return what a measurement may depend on; the models are told apart by their text."""
        return {
            "name": self.name,
            "approximation": self.approximation,
            "vdd_V": self.vdd_V,
            "devices": self.devices,
            **({} if self.layouts is None else {"layouts": self.layouts}),
        }

    def check_corner(self, corner: str) -> str:
        """Return the corner when the process has it.

        Raises:
            InputError: it has not.
        """
        if corner not in self.corners:
            raise InputError(
                f"{self.name} has no corner '{printable(corner)}';"
                f" choose one of {', '.join(self.corners)}"
            )
        return corner

    @classmethod
    def check_size(cls, size: MosSize) -> None:
        """Refuse a size below the process's minimum.

        Raises:
            InputError: too small, or a role that the process lacks.
        """
        device = cls.devices.get(size.role)
        if device is None:
            raise InputError(f"{cls.name} offers no {size.role}; it has {', '.join(cls.devices)}")
        for what, value, least in (
            ("width", size.w_m, device.w_min_m),
            ("length", size.l_m, device.l_min_m),
        ):
            if not value >= least * (1 - 1e-9):
                raise InputError(
                    f"{cls.name} {size.role}: {what} {value * 1e9:g} nm is below the"
                    f" process minimum of {least * 1e9:g} nm"
                )
