"""generic28: the embedded 28 nm-class process, nothing to download."""

from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path
from typing import ClassVar

from anaspike.files import shipped
from anaspike.pdk.roles import MOS_ROLES, Device, MosSize, Pdk, Role, Well
from anaspike.spice.deck import ModelFiles
from anaspike.units import spice_number

_FILES = ("generic28.lib", "cards.inc")
_W_MIN_M, _L_MIN_M = 80e-9, 30e-9
# Pelgrom: 1.8 mV um and 0.8 % um, ordinary figures for a 28 nm bulk process.
_A_VT_VM, _A_BETA_M = 1.8e-9, 0.8e-8
# SkyWater 130's rules, scaled as its areas are (circuits/area.py): what lies along by the gate
# pitch (117/460), what lies across by the metal pitch (90/340).
_WELL = Well("own_well", ends_m=374e-9, between_m=127e-9, across_m=95e-9, least_m=222e-9)


class Generic28(Pdk):
    """An original generic 28 nm-class low-power bulk card, no foundry's."""

    name = "generic28"
    title = "generic 28 nm-class low-power bulk (embedded, no foundry's)"
    vdd_V = 0.9
    corners = ("tt", "ff", "ss", "sf", "fs")
    devices: ClassVar[Mapping[Role, Device]] = {
        role: Device(role, _W_MIN_M, _L_MIN_M, _A_VT_VM, _A_BETA_M) for role in MOS_ROLES
    }

    @property
    def told_by(self) -> None:
        """There is one."""
        return None

    @property
    def source(self) -> str:
        """The models are part of anaspike."""
        return "embedded"

    def subcircuit(self, size: MosSize) -> tuple[str, Mapping[str, str]]:
        """Return the role's own sub-circuit: generic28 names its devices by role."""
        self.check_size(size)
        parameters = {"w": spice_number(size.w_m), "l": spice_number(size.l_m)}
        if size.mult != 1:
            parameters["mult"] = str(size.mult)
        return size.role, parameters

    def well(self, size: MosSize) -> Well:
        """Return the well: one for all."""
        return _WELL

    def models(self, corner: str, sizes: Iterable[MosSize] = ()) -> ModelFiles:
        """Return the library and its cards; every size is in them."""
        self.check_corner(corner)
        return ModelFiles(f".lib '{_FILES[0]}' {corner}", _cards(models_folder()))

    def mismatch_parameters(
        self, size: MosSize, corner: str, delta_vt_V: float, delta_beta: float
    ) -> Mapping[str, float]:
        """Return delvto and mulu0; the corner's own shift is in the cards."""
        # BSIM4 adds delvto to the signed threshold: slower is negative for a PMOS.
        sign = -1.0 if size.role.startswith("pmos") else 1.0
        return {"delvto": sign * delta_vt_V, "mulu0": 1.0 + delta_beta}


def models_folder() -> Path:
    """Return the folder of the embedded cards.

    Raises:
        InputError: the installation lacks them.
    """
    return shipped("pdk_models") / "generic28"


@cache
def _cards(folder: Path) -> Mapping[str, str]:
    """Return the text of the model files; every point of a sweep asks for it."""
    return {name: (folder / name).read_text(encoding="utf-8") for name in _FILES}
