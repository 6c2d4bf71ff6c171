"""SkyWater 130 as a process of ours: roles, corners, mismatch."""

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

from anaspike.errors import InputError
from anaspike.files import MOST_MODELS_B, read_text
from anaspike.pdk.cards import card_name
from anaspike.pdk.roles import Device, MosSize, Pdk, Role, Well
from anaspike.pdk.sky130.cache import CardCache, user_cache_folder
from anaspike.pdk.sky130.flatten import Card, corner_scope, flatten
from anaspike.pdk.sky130.locate import locate, version_of
from anaspike.pdk.sky130.passive import Passives
from anaspike.pdk.sky130.well import DEVICE, WELL, well_card
from anaspike.spice.deck import ModelFiles

_NOTICE = """\
* SkyWater 130 at corner {corner}: one card per transistor size.
* Derived by anaspike from the SkyWater PDK, Copyright 2020 The SkyWater PDK
* Authors, Apache License 2.0. Changed: one bin of each device is kept, its
* expressions are replaced by their values, and sizes are in metres.
"""
_FAST = "fast: no body-resistance network, no source/drain squares"
_MIXED = ("sf", "fs")
_PASSIVES = ("models_resistors.spice", "models_capacitors.spice")
_PASSIVE_VALUES = ("parameters_res_nom.spice", "parameters_cap_nom.spice")


class Sky130(Pdk):
    """The SkyWater 130 models, flattened to the transistor sizes in use.

    A corner's first letter is the NMOS and its second the PMOS, s slow and f
    fast, as everywhere. The PDK's header says the same, but in its data the
    file `parameters_fet_sf` is fast-N/slow-P and `parameters_fet_fs` the
    reverse. Our `sf` is slow-N/fast-P: the file is chosen by the sign of its
    threshold shift and not by its name.

    An instance is a snapshot: files that change later are not read again.

    Args:
        folder: `continuous` of the PDK's models.
        cache: where flattened cards are kept between runs, if anywhere.
        fast: cards without the network of body resistors and without source and drain
            squares (`approximated`).
    """

    name = "sky130"
    title = "SkyWater 130 nm (open PDK)"
    # The devices are made for 1.8 V, which works too, at three times the energy.
    vdd_V = 1.2
    corners = ("tt", "ff", "ss", "sf", "fs")
    netlist_unit_m = 1e-6  # its library sets scale=1u
    # a_vt is the PDK's sw_mm_vth0_<device> of models_global.spice (there in V um).
    devices: ClassVar[Mapping[Role, Device]] = {
        "nmos_svt": Device("sky130_fd_pr__nfet_01v8", 0.42e-6, 0.15e-6, 3.356e-9),
        "nmos_lvt": Device("sky130_fd_pr__nfet_01v8_lvt", 0.42e-6, 0.15e-6, 5.456e-9),
        "pmos_svt": Device("sky130_fd_pr__pfet_01v8", 0.42e-6, 0.15e-6, 5.856e-9),
        "pmos_lvt": Device("sky130_fd_pr__pfet_01v8_lvt", 0.42e-6, 0.35e-6, 10.89e-9),
        "pmos_hvt": Device("sky130_fd_pr__pfet_01v8_hvt", 0.42e-6, 0.15e-6, 5.5e-9),
    }

    def __init__(self, folder: Path, cache: CardCache | None = None, fast: bool = False):
        self.folder = folder
        self._cache = cache
        self._fast = fast
        self._cards: dict[tuple[str, str], Card] = {}
        self._models: dict[tuple[str, frozenset[MosSize]], ModelFiles] = {}
        self._wells: dict[str, str] = {}
        self._passives: Passives | None = None

    @classmethod
    def open(cls, environ: Mapping[str, str]) -> "Sky130":
        """Return the process with the models of this machine.

        Raises:
            InputError: there are none; the message names the mend.
        """
        return cls(locate(environ), CardCache(user_cache_folder()))

    @property
    def told_by(self) -> Path:
        """The folder of its models."""
        return self.folder

    @property
    def approximation(self) -> str:
        """What is left out of the cards where they are the fast ones."""
        return _FAST if self._fast else ""

    def approximated(self) -> "Sky130":
        """Return the process with fast cards: docs/numerics.md says what that moves."""
        return Sky130(self.folder, self._cache, fast=True)

    @property
    def source(self) -> str:
        """The release, where it says so, and the folder."""
        return f"{version_of(self.folder) or 'unknown release'}, {self.folder}"

    def subcircuit(self, size: MosSize) -> tuple[str, Mapping[str, str]]:
        """Return the sub-circuit of a size: each has its own."""
        self.check_size(size)
        return card_name(size), {"mult": str(size.mult)} if size.mult != 1 else {}

    def well(self, size: MosSize) -> Well:
        """Return the well: one for all."""
        return WELL

    def models(self, corner: str, sizes: Iterable[MosSize]) -> ModelFiles:
        """Return one file with a card for each of these sizes, and one of a well.

        Raises:
            InputError: an unknown corner, a size without a model, or damaged
                models.
        """
        self.check_corner(corner)
        asked = (corner, frozenset(sizes))
        if asked not in self._models:
            self._models[asked] = self._joined(corner, self._flat(corner, asked[1]))
        return self._models[asked]

    def _joined(self, corner: str, cards: Iterable[Card]) -> ModelFiles:
        file = f"sky130_{corner}_fast.spice" if self._fast else f"sky130_{corner}.spice"
        notice = _NOTICE + (f"* An approximation, {_FAST}.\n" if self._fast else "")
        texts = (*(card.text for card in cards), self._well(corner))
        text = notice.format(corner=corner) + "".join(f"\n{text}" for text in texts)
        return ModelFiles(lines=f".include '{file}'", files={file: text})

    def _well(self, corner: str) -> str:
        if corner not in self._wells:
            common = _text(self.folder / "models_global.spice")
            scope = corner_scope(_corner_text(self.folder, corner, common), common)
            self._wells[corner] = well_card(_texts(self.folder, "models_diodes", [DEVICE]), scope)
        return self._wells[corner]

    def passives(self) -> tuple[str, ...]:
        """Return the PDK's resistors and capacitors, where its files of them are there."""
        return self._of_passives.names

    def has_passive(self, device: str) -> bool:
        """Return whether there is one, by its name or by that of its width."""
        return self._of_passives.has(device)

    def passive(
        self, name: str, device: str, values: Mapping[str, float], count: int, corner: str
    ) -> str:
        """Return one as plain elements: nominal at every corner, as the PDK's own corners are.

        Raises:
            InputError: it is not there, or cannot be flattened.
        """
        common = _text(self.folder / "models_global.spice")
        scope = corner_scope(_corner_text(self.folder, corner, common), common)
        return self._of_passives.card(name, device, values, count, scope)

    @property
    def _of_passives(self) -> Passives:
        if self._passives is None:
            texts, values = (
                "\n".join(map(_text, filter(Path.is_file, map(self.folder.joinpath, names))))
                for names in (_PASSIVES, _PASSIVE_VALUES)
            )
            self._passives = Passives(texts, values)
        return self._passives

    def mismatch_parameters(
        self, size: MosSize, corner: str, delta_vt_V: float, delta_beta: float
    ) -> Mapping[str, float]:
        """Return delvto, the corner's own shift included, and mulu0 where it is not 1."""
        self.check_corner(corner)
        (card,) = self._flat(corner, [size])
        # delvto is added to the signed threshold: slower is negative for a PMOS.
        sign = -1.0 if size.role.startswith("pmos") else 1.0
        shift = {"delvto": card.delvto_V + sign * delta_vt_V}
        return shift | {"mulu0": 1.0 + delta_beta} if delta_beta else shift

    def _flat(self, corner: str, sizes: Iterable[MosSize]) -> list[Card]:
        """Return the cards of these sizes, by name, each once."""
        by_name = {card_name(size): size for size in sizes}
        missing = [size for name, size in by_name.items() if (corner, name) not in self._cards]
        if missing:
            for size in missing:
                self.check_size(size)
            sources = Sources.read(self.folder, corner)
            for card in self._made(sources, missing):
                self._cards[corner, card.name] = card
        return [self._cards[corner, name] for name in sorted(by_name)]

    def _made(self, sources: "Sources", sizes: Iterable[MosSize]) -> Iterable[Card]:
        # Fast cards have the names of the others, and lie beside them.
        digest, scope = sources.digest() + ("-fast" if self._fast else ""), None
        for size in sizes:
            card = self._cache.get(digest, card_name(size)) if self._cache else None
            if card is None:
                scope = scope or corner_scope(sources.parameters, sources.globals)
                card = flatten(
                    self.devices[size.role].model, size, sources.models, scope, self._fast
                )
                if self._cache:
                    self._cache.put(digest, card)
            yield card


@dataclass(frozen=True)
class Sources:
    """The PDK's files that decide a corner's cards, as text.

    Attributes:
        parameters: `parameters_fet_<corner>.spice`.
        globals: `models_global.spice`.
        models: `models_fet.spice`, and the files by device of newer releases.
    """

    parameters: str
    globals: str
    models: str

    @classmethod
    def read(cls, folder: Path, corner: str) -> "Sources":
        """Read the files of one of our corners.

        Raises:
            InputError: one is missing or cannot be read.
        """
        common = _text(folder / "models_global.spice")
        models = _texts(folder, "models_fet", [found.model for found in Sky130.devices.values()])
        return cls(_corner_text(folder, corner, common), common, models)

    def digest(self) -> str:
        """Return the SHA-256 of all of it."""
        whole = hashlib.sha256()
        for text in (self.parameters, self.globals, self.models):
            whole.update(hashlib.sha256(text.encode()).digest())
        return whole.hexdigest()


def _corner_text(folder: Path, corner: str, common: str) -> str:
    if corner not in _MIXED:
        return _text(folder / f"parameters_fet_{corner}.spice")
    for name in _MIXED:
        text = _text(folder / f"parameters_fet_{name}.spice")
        shift = corner_scope(text, common).value("sw_vth0_sky130_fd_pr__nfet_01v8")
        if (shift > 0) == (corner == "sf"):  # a higher threshold is a slower NMOS
            return text
    raise InputError(f"the sky130 models hold no {corner} corner; install them afresh")


def _texts(folder: Path, kind: str, devices: Iterable[str]) -> str:
    """Return a kind's models; newer releases only include one file for each device there."""
    paths = (folder / kind / f"{device}.spice" for device in devices)
    found = (folder / f"{kind}.spice", *(path for path in paths if path.is_file()))
    return "\n".join(map(_text, found))


def _text(path: Path) -> str:
    try:
        return read_text(path, MOST_MODELS_B, errors="replace")
    except InputError as error:
        raise InputError(
            f"{error}; the sky130 models are incomplete, install them afresh"
        ) from error
