"""IHP SG13G2 as a process of ours: roles, corners, mismatch."""

from collections.abc import Iterable, Mapping
from functools import cached_property
from pathlib import Path
from typing import ClassVar

from anaspike.errors import InputError
from anaspike.files import MOST_MODELS_B, read_text
from anaspike.pdk.cards import card_name, rounded
from anaspike.pdk.passives import PlainDevices
from anaspike.pdk.roles import Device, MosRole, MosSize, Pdk, Role
from anaspike.pdk.sg13g2.flatten import Sources, corner_scope, flatten, section_of
from anaspike.pdk.sg13g2.locate import compiled, locate, version_of
from anaspike.spice.deck import ModelFiles
from anaspike.spice.modules import Module

_NOTICE = """\
* IHP SG13G2 at corner {corner}: one card per transistor size.
* Derived by anaspike from the IHP Open PDK, Copyright 2023 IHP PDK Authors,
* Apache License 2.0. Changed: expressions are replaced by their values, and the
* sub-circuits hold no conditions of their own.
"""
# "Valid range for model" of the PDK's own files.
_MOST_M = 10e-6
_PASSIVES = ("resistors_mod.lib", "capacitors_mod.lib")
_PASSIVE_VALUES, _NOMINAL = ("cornerRES.lib", "cornerCAP.lib"), ("res_typ", "cap_typ")


def _device(
    model: str,
    least_um: tuple[float, float],
    pelgrom: tuple[float, float],
    drawn_m: tuple[float, float],
) -> Device:
    w_um, l_um = least_um
    return Device(
        model, w_um * 1e-6, l_um * 1e-6, *pelgrom, sigma_w_m=drawn_m[0], sigma_l_m=drawn_m[1]
    )


class Sg13g2(Pdk):
    """The SG13G2 models, flattened: core transistors (`svt`) and those of thick oxide (`hvt`).

    A corner's first letter is the NMOS and its second the PMOS, s slow and f fast. It is a set
    of factors in the cards, so a device's own shift starts at 0.

    An instance is a snapshot: files that change later are not read again.

    Args:
        folder: of the PDK's cards.
        module: the compiled PSP.
    """

    name = "sg13g2"
    title = "IHP SG13G2 130 nm BiCMOS, its CMOS (open PDK)"
    vdd_V = 1.2
    corners = ("tt", "ff", "ss", "sf", "fs")
    # Sigmas: sg13g2_moslv_mismatch.lib and sg13g2_moshv_mismatch.lib, `*_delvto_mm` in V um,
    # `*_factuo_mm` in um, `*_dw_mm` and `*_dl_mm` in m. Smallest sizes: "Valid range for model"
    # of the cards' files.
    devices: ClassVar[Mapping[Role, Device]] = {
        "nmos_svt": _device("sg13g2_lv_nmos", (0.15, 0.13), (3.9e-9, 5.0e-9), (4e-9, 2e-9)),
        "pmos_svt": _device("sg13g2_lv_pmos", (0.15, 0.13), (2.2e-9, 3.3e-9), (4e-9, 2e-9)),
        "nmos_hvt": _device("sg13g2_hv_nmos", (0.30, 0.45), (7.0e-9, 5.0e-9), (3e-9, 3e-9)),
        "pmos_hvt": _device("sg13g2_hv_pmos", (0.30, 0.40), (4.5e-9, 4.0e-9), (3e-9, 3e-9)),
    }

    def __init__(self, folder: Path, module: Module):
        self.folder = folder
        self._module = module
        self._sources: dict[str, Sources] = {}
        self._cards: dict[tuple[str, str], str] = {}

    @classmethod
    def open(cls, environ: Mapping[str, str]) -> "Sg13g2":
        """Return the process with the models of this machine.

        Raises:
            InputError: cards or compiled model are not there; the message names the mend.
        """
        return cls(locate(environ), compiled())

    @property
    def told_by(self) -> tuple[Path, Module]:
        """The folder of its cards, and the compiled model."""
        return self.folder, self._module

    @property
    def source(self) -> str:
        """The release of the cards, the compiled model and the folder."""
        module = f"{self._module.name} {self._module.sha256[:12]}"
        return f"{version_of(self.folder)}, {module}, {self.folder}"

    def subcircuit(self, size: MosSize) -> tuple[str, Mapping[str, str]]:
        """Return the sub-circuit of a size: each has its own."""
        self.check_size(size)
        return card_name(size), {"mult": str(size.mult)} if size.mult != 1 else {}

    def role_of(self, model: str) -> MosRole | None:
        """Return the role; the PDK's sub-circuits leave the g2 out of their names."""
        return super().role_of(model.replace("sg13_", "sg13g2_", 1))

    def instance(self, path: str) -> str:
        """Return the transistor's name: one of a compiled model is an N to ngspice."""
        return f"n.{path}.nm0"

    def osdi(self) -> tuple[Module, ...]:
        """Return PSP 103.6, as it was compiled on this machine."""
        return (self._module,)

    def models(self, corner: str, sizes: Iterable[MosSize]) -> ModelFiles:
        """Return one file with a card for each of these sizes.

        Raises:
            InputError: an unknown corner, a size without a model, or damaged
                models.
        """
        self.check_corner(corner)
        by_name = {card_name(size): size for size in sizes}
        cards = [self._card(corner, by_name[name]) for name in sorted(by_name)]
        file = f"sg13g2_{corner}.spice"
        text = _NOTICE.format(corner=corner) + "".join(f"\n{card}" for card in cards)
        return ModelFiles(f".include '{file}'", {file: text}, self.osdi())

    @cached_property
    def plain(self) -> PlainDevices:
        """Its resistors and capacitors, nominal: the PDK's corners of them are apart."""
        texts, values = (
            [read_text(path, MOST_MODELS_B, errors="replace") if path.is_file() else ""
             for path in map(self.folder.joinpath, names)]
            for names in (_PASSIVES, _PASSIVE_VALUES)
        )  # fmt: skip
        lines = (section_of(text, name) for text, name in zip(values, _NOMINAL, strict=True))
        return PlainDevices("\n".join(texts), "\n".join(line for some in lines for line in some))

    def mismatch_parameters(
        self, size: MosSize, corner: str, delta_vt_V: float, delta_beta: float
    ) -> Mapping[str, float]:
        """Return delvto and factuo: PSP's delvto is slower when positive for both kinds."""
        return {"delvto": delta_vt_V, "factuo": 1.0 + delta_beta}

    def drawn_parameters(
        self, size: MosSize, delta_w_m: float, delta_l_m: float
    ) -> Mapping[str, float]:
        """Return w and l: PSP scales by them; what the card itself has of them stays."""
        width, length = rounded(size)
        return {"w": width + delta_w_m, "l": length + delta_l_m}

    @classmethod
    def check_size(cls, size: MosSize) -> None:
        """Refuse a size outside of what the cards are valid for: the simulator would not.

        Raises:
            InputError: too small or too large, or a role that the process lacks.
        """
        super().check_size(size)
        for what, value in (("width", size.w_m), ("length", size.l_m)):
            if not value <= _MOST_M * (1 + 1e-9):
                raise InputError(
                    f"{cls.name} {size.role}: {what} {value * 1e6:g} um is above the"
                    f" {_MOST_M * 1e6:g} um that its model is valid for; use several in parallel"
                )

    def _card(self, corner: str, size: MosSize) -> str:
        key = corner, card_name(size)
        if key not in self._cards:
            self.check_size(size)
            device = self.devices[size.role].model
            sources = self._read("hv" if "_hv_" in device else "lv")
            scope = corner_scope(sources.corners, corner)
            self._cards[key] = flatten(device, size, sources.cards, scope)
        return self._cards[key]

    def _read(self, kind: str) -> Sources:
        if kind not in self._sources:
            self._sources[kind] = Sources(
                *(
                    read_text(self.folder / name, MOST_MODELS_B, errors="replace")
                    for name in (f"cornerMOS{kind}.lib", f"sg13g2_mos{kind}_parm.lib")
                )
            )
        return self._sources[kind]
