"""Transistors, resistors and capacitors of a process, as others place them in their netlists."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from anaspike.errors import InputError
from anaspike.pdk.cards import OWN, own_name
from anaspike.pdk.roles import MosRole, MosSize, Pdk
from anaspike.pdk.spicetext import Scope
from anaspike.spice.brought import Placed
from anaspike.units import printable, spice_number, suggestion

# Sizes first: what is drawn may be said in them, ad='w*0.29'.
_SIZES = ("l", "w", "nf", "ng", "m", "mult")
_POWERS = {"w": 1, "l": 1, "ad": 2, "as": 2, "pd": 1, "ps": 1}
_POWERS |= {"nrd": 0, "nrs": 0, "sa": 1, "sb": 1, "sd": 1}
# Of a transistor in fingers: what of the whole is each finger's.
_PARTED, _OF_EACH = frozenset({"ad", "as", "pd", "ps"}), frozenset({"nrd", "nrs"})
_STRESS = ("sa", "sb", "sd")
# What SPICE multiplies by an `.option scale`, of elements of these letters.
_BY_SCALE, _SCALED = frozenset({"w", "l", "ad", "as", "pd", "ps"}), frozenset("mrcd")
_MAGIC = 1e-4  # from here a scale multiplies micrometres
_LENGTHS = frozenset({"w", "l", "r_width", "r_length", "c_width", "c_length"})
# In a process that counts in um, no transistor is 1 nm: one that small is told in metres.
_LEAST = 1e-3
MOST_PARALLEL = 100_000  # fingers, or devices in parallel


@dataclass(frozen=True)
class Passive:
    """A resistor or capacitor of the process.

    Attributes:
        name: of its sub-circuit in the deck.
        device: the process's own name.
        values: (parameter, value) that the netlist gives it, in the process's units.
        count: how many in parallel.
    """

    name: str
    device: str
    values: tuple[tuple[str, float], ...]
    count: int

    def text(self, pdk: Pdk, corner: str) -> str:
        """Return its sub-circuit at a corner."""
        return pdk.passive(self.name, self.device, dict(self.values), self.count, corner)


@dataclass
class Transistors:
    """The devices of a process that a netlist places.

    Attributes:
        pdk: the process; None where the models are the user's.
        scale: what the netlist says its sizes are multiplied by, as written.
        cards: sub-circuits that take what is drawn of each transistor.
        passives: resistors and capacitors, by the name of their sub-circuit.
    """

    pdk: Pdk | None
    scale: str | None
    cards: set[tuple[str, tuple[str, ...]]] = field(default_factory=set)
    passives: dict[str, Passive] = field(default_factory=dict)

    @property
    def unit_m(self) -> float:
        """What a length of 1 is, in metres.

        SPICE multiplies by `scale` and has metres; Magic writes what is to be multiplied by
        micrometres (`10000u` is 0.01 um), and in metres that would be no size of any transistor.

        Raises:
            InputError: the netlist's own scale makes no size.
        """
        own_m = 1.0 if self.pdk is None else self.pdk.netlist_unit_m
        if self.scale is None:
            return own_m
        scale = Scope({}, whose="options").evaluate(self.scale)
        if not 0 < scale <= 1:
            raise InputError(
                f"the netlist sets scale={printable(self.scale)}, which makes no size of a"
                " transistor; write what a length of 1 is, in metres (1u)"
            )
        return own_m if scale == 1 else scale * 1e-6 if scale >= _MAGIC else scale

    def scaled(self, placed: Placed, scope: Scope) -> str:
        """Return an element of the netlist's own model, its sizes times the netlist's scale.

        Raises:
            InputError: a size has no value.
        """
        powers = {key: _POWERS[key] for key in placed.line.given if key in _BY_SCALE}
        if self.scale is None or not powers or placed.name[0] not in _SCALED:
            return placed.text
        texts = dict(placed.line.given)
        for key, power in powers.items():
            size = _value(placed, key, texts[key], scope) * self.unit_m**power
            texts[key] = spice_number(float(f"{size:.12g}"))
        return " ".join((*placed.line.words, *(f"{k}={v}" for k, v in texts.items())))

    def device(
        self, placed: Placed, scope: Scope, factor: int
    ) -> tuple[str, list[tuple[str, MosSize]]]:
        """Return a device of the process as the deck has it, and the transistor that it is.

        Args:
            placed: its line.
            scope: parameters in reach.
            factor: how many of its sub-circuit are in parallel.

        Raises:
            InputError: the process has no such device, or not of this size.
        """
        words = placed.line.words
        is_m = placed.name[0] == "m"
        if is_m and len(words) != 6:
            raise placed.refused("a transistor has four nodes, d g s b, and a model")
        model = words[-1]
        if self.pdk is None:
            raise placed.refused(self.unknown(model))
        role = self.pdk.role_of(model)
        if role is not None:
            if len(words) != 6:
                raise placed.refused("a transistor has four nodes, d g s b, and a model")
            return self._transistor(placed, role, scope, factor)
        if is_m or not self.pdk.has_passive(model):
            raise placed.refused(self.unknown(model))
        return self._passive(placed, scope, factor), []

    def unknown(self, model: str) -> str:
        """Return what to say of a device that nobody knows."""
        if self.pdk is None:
            return f"neither the netlist nor its `models` have {printable(model)}"
        roles = [device.model for device in self.pdk.devices.values()]
        known = [name for name in (*roles, *self.pdk.passives()) if self._is_offered(name)]
        return (
            f"{self.pdk.name} has no {printable(model)} that is known here;"
            f" {suggestion(model, known)}"
        )

    def count(self, placed: Placed, scope: Scope, text: str, what: str = "m") -> int:
        """Return how many devices are in parallel.

        Raises:
            InputError: it is no whole number.
        """
        value = _value(placed, what, text, scope)
        if not 1 <= value <= MOST_PARALLEL or value != int(value):
            raise placed.refused(
                f"{what}={printable(text)} is no whole number from 1 to {MOST_PARALLEL}"
            )
        return int(value)

    def _is_offered(self, model: str) -> bool:
        pdk = self.pdk
        return pdk is not None and (pdk.role_of(model) is not None or model in pdk.passives())

    def _transistor(
        self, placed: Placed, role: MosRole, scope: Scope, factor: int
    ) -> tuple[str, list[tuple[str, MosSize]]]:
        assert self.pdk is not None  # noqa: S101
        values = self._values(placed, scope)
        fingers = self._fingers(placed, values)
        unit_m = self._unit_m(values)
        w_m, l_m = (float(f"{values[key] * unit_m:.12g}") for key in ("w", "l"))
        count = self._in_parallel(placed, values) * fingers * factor
        size = MosSize(role, float(f"{w_m / fingers:.12g}"), l_m, count)
        try:
            card, given = self.pdk.subcircuit(size)
        except InputError as error:
            hint = "" if unit_m == 1 else f" (here w=1 is {unit_m * 1e6:g} um)"
            raise placed.refused(f"{error}{hint}") from None
        own = _own(values, fingers, unit_m)
        if own:
            self.cards.add((card, tuple(own)))
            card = own_name(card, own)
        name = placed.name if placed.name[0] == "x" else f"x{placed.name}"
        assigned = {**given, **{f"own_{key}": spice_number(v) for key, v in own.items()}}
        nodes = " ".join(placed.line.words[1:5])
        text = f"{name} {nodes} {card}{''.join(f' {k}={v}' for k, v in assigned.items())}"
        return text, [(name, size)]

    def _unit_m(self, values: Mapping[str, float]) -> float:
        """Return what a length of 1 is to one transistor: KLayout writes W=1U in any process."""
        unit_m = self.unit_m
        in_metres = unit_m == 1e-6 and max(values["w"], values["l"]) < _LEAST
        return 1.0 if in_metres else unit_m

    def _values(self, placed: Placed, scope: Scope) -> dict[str, float]:
        """Return what a transistor is given, worked out."""
        given = placed.line.given
        if strange := next((k for k in given if k not in {*_SIZES, *OWN}), None):
            raise placed.refused(
                f"its parameter {strange} is none that is known here; leave it out, or give your"
                f" own `models` ({', '.join((*_SIZES, *OWN))} are)"
            )
        if missing := next((key for key in ("w", "l") if key not in given), None):
            raise placed.refused(f"it has no {missing}")
        values: dict[str, float] = {}
        for key in (*_SIZES, *OWN):
            if key in given:
                texts = {name: repr(value) for name, value in values.items()}
                values[key] = _value(placed, key, given[key], Scope(texts, scope, "parameters"))
        return values

    def _fingers(self, placed: Placed, values: Mapping[str, float]) -> int:
        if "nf" in values and "ng" in values:
            raise placed.refused("nf and ng say the same; leave one of them out")
        key = "ng" if "ng" in values else "nf"
        fingers = values.get(key, 1.0)
        if not 1 <= fingers <= MOST_PARALLEL or fingers != int(fingers):
            raise placed.refused(f"{key}={fingers:g} is no whole number of fingers")
        return int(fingers)

    def _in_parallel(self, placed: Placed, values: Mapping[str, float]) -> int:
        count, mult = values.get("m"), values.get("mult")
        counts_in_um = self.pdk is not None and self.pdk.netlist_unit_m != 1
        if count is None and mult not in {None, 1.0} and counts_in_um:
            raise placed.refused("mult alone puts nothing in parallel in this process; write m")
        if count is not None and mult is not None and mult not in {1.0, count}:
            raise placed.refused(f"m={count:g} and mult={mult:g} contradict each other")
        number = count if count is not None else mult if mult is not None else 1.0
        if not 1 <= number <= MOST_PARALLEL or number != int(number):
            raise placed.refused(f"m={number:g} is no whole number of devices")
        return int(number)

    def _passive(self, placed: Placed, scope: Scope, factor: int) -> str:
        """Return a resistor or capacitor of the process as the deck has it."""
        name, *nodes, device = placed.line.words
        given = dict(placed.line.given)
        # One number under three names, of which SPICE counts m.
        numbers = [given.pop(key, None) for key in ("m", "mf", "mult")]
        told = next((text for text in numbers if text is not None), "1")
        count = self.count(placed, scope, told) * factor
        values = self._drawn(placed, {k: _value(placed, k, v, scope) for k, v in given.items()})
        mine = f"{device}_{len(self.passives) + 1}"
        one = Passive(mine, device, tuple(values.items()), count)
        alike = next((p for p in self.passives.values() if _alike(p, one)), one)
        try:
            text = alike.text(self.pdk, self.pdk.corners[0])  # type: ignore[union-attr, arg-type]
        except InputError as error:
            raise placed.refused(str(error)) from None
        self.passives[alike.name] = alike
        pins = len(text.splitlines()[0].split()) - 2
        if len(nodes) != pins:
            raise placed.refused(f"{device} has {pins} pins, here are {len(nodes)}")
        return f"{name} {' '.join(nodes)} {alike.name}"

    def _drawn(self, placed: Placed, values: dict[str, float]) -> dict[str, float]:
        """Return a resistor's or capacitor's parameters in the process's own units."""
        ratio = self.unit_m / self.pdk.netlist_unit_m  # type: ignore[union-attr]
        if ratio == 1:
            return values
        if strange := next((key for key in values if key not in _LENGTHS), None):
            raise placed.refused(
                f"what `.option scale` does to its {strange} is not known; leave one of them out"
            )
        return {key: float(f"{value * ratio:.12g}") for key, value in values.items()}


def _alike(one: Passive, other: Passive) -> bool:
    return (one.device, one.values, one.count) == (other.device, other.values, other.count)


def _own(values: Mapping[str, float], fingers: int, unit_m: float) -> dict[str, float]:
    """Return what is drawn of one finger, in metres and m2."""
    own: dict[str, float] = {}
    stressed = any(values.get(key) for key in _STRESS)
    for key in OWN:
        if key in values and (key not in _STRESS or stressed):
            whole = values[key] * unit_m ** _POWERS[key]
            own[key] = (
                whole / fingers if key in _PARTED
                else whole * fingers if key in _OF_EACH
                else whole
            )  # fmt: skip
    return own


def _value(placed: Placed, key: str, text: str, scope: Scope) -> float:
    try:
        return scope.evaluate(text)
    except InputError as error:
        raise placed.refused(f"{key}: {error}") from None
