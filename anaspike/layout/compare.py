"""A drawing against the netlist that it is of: transistors by flavour and size, nets, wells, pins.

Nets are paired by what hangs on them, but those that carry a port's name by that name: exchanged
labels are found. The substrate is one net under everything, so that a missing tap would not show;
the nets that taps are on are looked at apart.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from anaspike.circuits.block import Block
from anaspike.layout.connect import SUBSTRATE, Connected, Finger
from anaspike.layout.drawing import Drawing
from anaspike.layout.library import klayout_db
from anaspike.layout.units import GROUND, Unit, ports, unit_transistors

_MOST_FINDINGS = 20


@dataclass(frozen=True)
class Comparison:
    """A drawing against its netlist.

    Attributes:
        findings: what differs, in words; nothing where they are the same circuit.
        connected: the drawing's nets.
        nets: the drawing's net -> the block's.
        fingers: each transistor of the drawing with the block's that it is; of a clean one all.
    """

    findings: tuple[str, ...]
    connected: Connected
    nets: Mapping[str, str] = field(default_factory=dict)
    fingers: tuple[tuple[Finger, Unit], ...] = ()

    @property
    def clean(self) -> bool:
        """Whether they are the same circuit."""
        return not self.findings


def compare(drawing: Drawing, block: Block) -> Comparison:
    """Compare a drawing with a block: every flavour, size, net, well, tap and port.

    Capacitors are left to extraction.

    Raises:
        InputError: the block has a device that cannot be drawn.
    """
    units, pins = unit_transistors(block), [*ports(block), GROUND]
    connected = Connected(drawing)
    findings = [*_labels(connected, pins), *_taps(connected)]
    pairing = _Pairing.of(connected, units, pins)
    findings += pairing.said
    fingers, differing = _by_finger(connected, units, pairing.nets)
    if not findings:
        findings = differing
    if len(findings) > _MOST_FINDINGS:
        findings = [*findings[:_MOST_FINDINGS], f"and {len(findings) - _MOST_FINDINGS} more"]
    return Comparison(tuple(findings), connected, pairing.nets, tuple(fingers))


def _labels(connected: Connected, pins: list[str]) -> list[str]:
    """Return what is wrong with names: missing, strange, or two on one net."""
    drawing = connected.drawing
    texts = {text for layer in drawing.process.labels for text, _, _ in drawing.texts(layer)}
    said = [f"no label names {pin}" for pin in pins if pin not in texts]
    said += [f"the label {text} is no port of the block" for text in sorted(texts - {*pins})]
    for net in connected.nets:
        if "," in net:
            said.append(f"{' and '.join(net.split(','))} are one net: a short")
    found = {name for net in connected.nets for name in net.split(",")}
    said += [f"the label {text} lies on no wire" for text in sorted(texts - found)]
    return said


def _taps(connected: Connected) -> list[str]:
    taps = connected.substrate_taps
    if not taps:
        return ["no tap ties the substrate to gnd"]
    wrong = sorted(net for net in taps if GROUND not in net.split(","))
    return [f"a tap ties the substrate to {net} and not to gnd" for net in wrong]


@dataclass(frozen=True)
class _Pairing:
    """Nets of the drawing -> of the block, and what found no partner."""

    nets: dict[str, str]
    said: list[str]

    @classmethod
    def of(cls, connected: Connected, units: list[Unit], pins: list[str]) -> "_Pairing":
        drawn = connected.netlist.dup()
        circuit = drawn.circuit_by_name(connected.drawing.name)
        if circuit is None:
            return cls({}, ["nothing in the drawing is connected"])
        by_name = {net.expanded_name(): net for net in circuit.each_net()}
        if GROUND in by_name and SUBSTRATE in by_name:
            circuit.join_nets(by_name[GROUND], by_name[SUBSTRATE])
            by_name[GROUND].name = GROUND
        wanted = _reference(units, pins)
        for netlist in (drawn, wanted):
            netlist.top_circuit().name = "block"
            netlist.make_top_level_pins()
            netlist.combine_devices()
            netlist.purge_nets()
        log = _log()
        comparer = klayout_db().NetlistComparer(log)
        theirs = {net.name: net for net in wanted.top_circuit().each_net()}
        for net in list(drawn.top_circuit().each_net()):
            if net.name in theirs:
                comparer.same_nets(net, theirs[net.name], True)
        same = comparer.compare(drawn, wanted)
        log.said.sort(key=lambda text: not text.startswith("transistor"))
        said = log.said or ([] if same else ["the circuits differ"])
        for pin in pins:
            log.nets.setdefault(pin, pin)
        return cls(log.nets, said)


def _reference(units: list[Unit], pins: list[str]) -> Any:
    """Return the block as klayout's `Netlist`."""
    db = klayout_db()
    netlist, circuit = db.Netlist(), db.Circuit()
    circuit.name = "block"
    netlist.add(circuit)
    names = dict.fromkeys([*pins, *(n for u in units for n in (u.d, u.g, u.s, u.b))])
    nets = {name: circuit.create_net(name) for name in names}
    classes: dict[str, Any] = {}
    for unit in units:
        role = f"{unit.kind}mos_{unit.flavour}"
        if role not in classes:
            classes[role] = db.DeviceClassMOS4Transistor()
            classes[role].name = role
            netlist.add(classes[role])
        device = circuit.create_device(classes[role], unit.name)
        device.set_parameter("W", unit.w_nm / 1e3)
        device.set_parameter("L", unit.l_nm / 1e3)
        for terminal, net in zip("DGSB", (unit.d, unit.g, unit.s, unit.b), strict=True):
            device.connect_terminal(terminal, nets[net])
    for pin in pins:
        circuit.connect_pin(circuit.create_pin(pin), nets[pin])
    return netlist


class _Heard:
    """What the comparer says: nets that are the same, and what has no partner."""

    def __init__(self) -> None:
        super().__init__()
        self.said: list[str] = []
        self.nets: dict[str, str] = {}

    def match_nets(self, a: Any, b: Any) -> None:
        if a and b:
            self.nets[a.expanded_name()] = b.expanded_name()

    def match_ambiguous_nets(self, a: Any, b: Any, message: str = "") -> None:
        self.match_nets(a, b)

    def net_mismatch(self, a: Any, b: Any, message: str = "") -> None:
        self._differs("net", a and a.expanded_name(), b and b.expanded_name())

    def device_mismatch(self, a: Any, b: Any, message: str = "") -> None:
        self._differs("transistor", a and _described(a), b and _described(b))

    def match_devices_with_different_parameters(self, a: Any, b: Any) -> None:
        self._differs("transistor", _described(a), _described(b))

    def match_devices_with_different_device_classes(self, a: Any, b: Any) -> None:
        self._differs("transistor", _described(a), _described(b))

    def pin_mismatch(self, a: Any, b: Any, message: str = "") -> None:
        if b:
            self._differs("pin", a and a.name(), b.name())

    def _differs(self, what: str, drawn: str | None, wanted: str | None) -> None:
        if drawn and drawn == wanted:
            self.said.append(f"what hangs on {what} {drawn} is not what the block has there")
        elif drawn and wanted:
            self.said.append(f"{what} {drawn} of the drawing is not {wanted} of the block")
        elif drawn:
            self.said.append(f"{what} {drawn} of the drawing is not in the block")
        else:
            self.said.append(f"{what} {wanted} of the block is not in the drawing")


def _log() -> Any:
    """Return one that the library takes for its own."""
    return type("Log", (_Heard, klayout_db().GenericNetlistCompareLogger), {})()


def _described(device: Any) -> str:
    nets = (device.net_for_terminal(terminal) for terminal in "DGSB")
    d, g, s, b = (net.expanded_name() if net else "nothing" for net in nets)
    width, length = device.parameter("W"), device.parameter("L")
    name = f"{device.name} " if device.name else ""
    kind = f"{device.device_class().name} {width:g}/{length:g} um"
    return f"{name}({kind}, d={d} g={g} s={s} b={b})"


def _by_finger(
    connected: Connected, units: Iterable[Unit], nets: Mapping[str, str]
) -> tuple[list[tuple[Finger, Unit]], list[str]]:
    """Give each finger its transistor of the block; return those that are not the same widths.

    Widths in parallel add up for the comparer; what is drawn as one wide finger instead of two
    narrow ones is found here.
    """
    wanted, drawn = defaultdict(list), defaultdict(list)
    for unit in units:
        ends = frozenset((unit.d, unit.s))
        role = f"{unit.kind}mos_{unit.flavour}"
        wanted[role, unit.w_nm, unit.l_nm, ends, unit.g, unit.b].append(unit)
    for finger in connected.fingers():
        d, g, s, b = (nets.get(net, net) for net in finger.nets)
        drawn[finger.role, finger.w_nm, finger.l_nm, frozenset((d, s)), g, b].append(finger)
    pairs = []
    for key, fingers in drawn.items():
        fingers.sort(key=lambda finger: finger.place)
        pairs += list(zip(fingers, wanted[key], strict=False))
    counts = [Counter({key: len(found) for key, found in side.items()}) for side in (wanted, drawn)]
    return pairs, [
        f"{count} x {key[0]} {key[1]}/{key[2]} nm on gate {key[4]} {where}"
        for missing, where in (
            (counts[0] - counts[1], "of the block are not drawn so"),
            (counts[1] - counts[0], "are drawn and not in the block"),
        )
        for key, count in missing.items()
    ]
