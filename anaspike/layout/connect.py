"""What a drawing connects: its transistors and nets, as the shapes say."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from anaspike.layout.drawing import Drawing, Layers
from anaspike.layout.library import klayout_db
from anaspike.layout.units import GROUND

SUBSTRATE = (
    "substrate"  # one net under everything; the taps that tie it to ground are looked at apart
)
_NMOS_WELL = "bulk"


@dataclass(frozen=True)
class Finger:
    """One transistor as it is drawn.

    Attributes:
        role: its flavour.
        w_nm, l_nm: of the gate.
        nets: of d, g, s and b, as the drawing has them; drain and source may stand for each other.
        areas_um2: of drain and source diffusion; what two gates share is halved.
        perimeters_um: of drain and source.
        place: its middle, in nm.
    """

    role: str
    w_nm: int
    l_nm: int
    nets: tuple[str, str, str, str]
    areas_um2: tuple[float, float]
    perimeters_um: tuple[float, float]
    place: tuple[int, int]


class Connected:
    """The nets of a drawing.

    Args:
        drawing: any; what is wrongly implanted or lies in the wrong well is no transistor.
    """

    def __init__(self, drawing: Drawing) -> None:
        self.drawing = drawing
        db = klayout_db()
        shapes = db.RecursiveShapeIterator(drawing.layout, drawing.cell, [])
        self._found = db.LayoutToNetlist(shapes)
        process, layout = drawing.process, drawing.layout
        drawn = {
            name: self._found.make_layer(layout.layer(*gds), name)
            for name, gds in {**process.layers, **process.marks}.items()
        }
        self.layers = Layers(process, drawn)
        self._join_wires()
        self._extract()

    @property
    def netlist(self) -> Any:
        """klayout's `Netlist`, its one circuit flat; to be copied, not changed."""
        return self._found.netlist()

    @property
    def circuit(self) -> Any:
        """klayout's `Circuit` of the whole drawing; None where nothing is connected."""
        return self.netlist.circuit_by_name(self.drawing.name)

    @cached_property
    def nets(self) -> dict[str, Any]:
        """Name -> klayout's `Net`; of a net with two labels the name is both, with a comma."""
        circuit = self.circuit
        return {net.expanded_name(): net for net in circuit.each_net()} if circuit else {}

    def shapes(self, net: str, layer: str) -> Any:
        """Return a net's shapes on a layer that wires are made of."""
        return self._found.shapes_of_net(self.nets[net], self.layers[layer], True)

    def fingers(self) -> Iterator[Finger]:
        """Yield every transistor."""
        if self.circuit is None:
            return
        scale = self.drawing.layout.dbu
        for device in self.circuit.each_device():
            value, at = device.parameter, device.trans.disp
            yield Finger(
                device.device_class().name,
                round(value("W") * 1e3),
                round(value("L") * 1e3),
                tuple(_net(device, terminal) for terminal in "DGSB"),  # type: ignore[arg-type]
                (value("AD"), value("AS")),
                (value("PD"), value("PS")),
                (round(at.x / scale), round(at.y / scale)),
            )

    @cached_property
    def substrate_taps(self) -> set[str]:
        """The nets that taps of the substrate are on."""
        return {net for net in self.nets if not self.shapes(net, "substrate tap").is_empty()}

    def _join_wires(self) -> None:
        found, layers, process = self._found, self.layers, self.drawing.process
        joined = {layer for step in process.steps for layer in (step.lower, step.upper, step.cut)}
        for layer in sorted({*joined, "nwell"}):
            if layer in process.derived:
                found.register(layers[layer], layer)
            found.connect(layers[layer])
        for step in process.steps:
            found.connect(layers[step.lower], layers[step.cut])
            found.connect(layers[step.cut], layers[step.upper])
        found.connect(layers["nwell"], layers["well tap"])
        for layer, gds in process.labels.items():
            texts = found.make_text_layer(self.drawing.layout.layer(*gds), f"{layer} labels")
            found.connect(layers[layer], texts)

    def _extract(self) -> None:
        db, found, layers = klayout_db(), self._found, self.layers
        bulk = found.make_layer(_NMOS_WELL)
        for flavour in self.drawing.process.flavours:
            active = layers[flavour.active]
            gate = active & layers["poly"]
            for layer in flavour.over:
                gate = gate & layers[layer]
            for layer in flavour.not_over:
                gate = gate - layers[layer]
            n_type = flavour.role.startswith("nmos")
            found.extract_devices(
                db.DeviceExtractorMOS4Transistor(flavour.role),
                {
                    "SD": layers["n source drain" if n_type else "p source drain"],
                    "G": gate,
                    "P": layers["poly"],
                    "W": bulk if n_type else layers["nwell"],
                },
            )
        found.connect_global(bulk, SUBSTRATE)
        found.extract_netlist()


def _net(device: Any, terminal: str) -> str:
    net = device.net_for_terminal(terminal)
    name = net.expanded_name() if net else ""
    return GROUND if name == SUBSTRATE else name
