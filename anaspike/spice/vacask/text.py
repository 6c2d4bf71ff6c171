"""A deck as VACASK's own input: every line of it made here, none of it a user's text."""

from collections.abc import Iterator, Mapping
from itertools import pairwise

from anaspike.spice.chance import drawn
from anaspike.spice.deck import Deck
from anaspike.spice.failures import DeckRefused
from anaspike.spice.options import SimulationOptions
from anaspike.spice.vacask.behaviour import Behaviour, modules
from anaspike.spice.vacask.circuit import read_circuit, refused
from anaspike.spice.vacask.flat import Device, Flat, Model, flat, numbers
from anaspike.units import printable

DECK, _BEHAVIOURS = "deck.sim", "behaviours.va"
ANALYSIS = "out"  # its data lie in out.raw

_LOADED = ("resistor", "capacitor", "inductor", "diode", "bsim4v8")
_MASTERS = {"r": "a_resistor", "c": "a_capacitor", "l": "an_inductor"} | {
    "v": "a_voltage",
    "i": "a_current",
}
_OF_MASTERS = {
    "a_resistor": "sp_resistor",
    "a_capacitor": "sp_capacitor",
    "an_inductor": "sp_inductor",
    "a_voltage": "vsource",
    "a_current": "isource",
}
_ITS_VALUE = {"r": ("r", "resistance"), "c": ("c", "capacitance"), "l": ("l", "inductance")}
_MULTIPLIER = {"m": "$mfactor"}
_POLARITY = {"nmos": 1, "pmos": -1}
_BSIM4, _DIODES = (14, 54), (1, 3)
_VERSION = 4.8
_METHODS = {"gear": "gear2", "trap": "trap"}
_PULSE = ("val0", "val1", "delay", "rise", "fall", "width", "period")


def translated(deck: Deck) -> dict[str, str]:
    """Return a deck as VACASK reads it: file name -> text.

    Raises:
        DeckRefused: it has something that is not translated.
    """
    files = (*deck.models.files.items(), *deck.files.items())
    if chance := drawn((deck.body, deck.models.lines, *(text for _, text in files))):
        raise DeckRefused(f"VACASK is given no deck that draws at random: {chance}")
    circuit = flat(read_circuit(deck.body, deck.models.lines, files))
    does = dict.fromkeys(d.behaviour for d in circuit.devices.values() if d.behaviour)
    behaviours = {one: f"behaviour_{number}" for number, one in enumerate(does)}
    lines = (
        "anaspike",  # a title of the user's could hold anything
        *(f'load "spice/{name}.osdi"' for name in _LOADED),
        *(f'load "{module.name}"' for module in deck.models.modules),
        *((f'load "{_BEHAVIOURS}"',) if behaviours else ()),
        *(f"model {name} {master}" for name, master in _OF_MASTERS.items()),
        *(f"model a_{name} {name}" for name in behaviours.values()),
        *(_model(name, model) for name, model in circuit.models.items()),
        *_devices(circuit, _altered(deck, circuit), behaviours),
        "control",
        f"  options {_options(deck.options, deck.temperature_C)}",
        f"  save {' '.join(_saved(vector, circuit) for vector in deck.save)}",
        f"  analysis {ANALYSIS} tran {_transient(deck, circuit)}",
        "endc",
        "",
    )
    sources = modules((name, one) for one, name in behaviours.items())
    return {DECK: "\n".join(lines), **({_BEHAVIOURS: sources} if behaviours else {})}


def raw_name(vector: str) -> str:
    """Return the name that a vector has in the raw file."""
    asked = vector.lower()
    return f"{_source(asked)}:flow(br)" if asked.startswith("i(") else asked[2:-1]


def _source(vector: str) -> str:
    """Return the path of the source whose current is meant; below the top its kind goes before."""
    path = vector[2:-1].split(".")
    return ".".join(path[1:] if len(path) > 2 else path)


def _model(name: str, model: Model) -> str:
    if model.compiled:
        return f"model '{name}' {model.kind} {_given(model.values)}"
    values = dict(model.values)
    if model.kind == "d":
        if values.get("level", 1) not in _DIODES or "m" in values:
            raise refused(
                model.written, "of diodes, those of level 1 and 3 are translated, with mj"
            )
        return f"model '{name}' sp_diode {_given(values)}"
    if values.pop("level", None) not in _BSIM4 or model.kind not in _POLARITY:
        raise refused(model.written, "of models, BSIM4's are translated (level 14 or 54)")
    version = values.pop("version", _VERSION)
    return (
        f"model '{name}' sp_bsim4v8 type={_POLARITY[model.kind]} version=\"{version:g}\""
        f" {_given(values)}"
    )


def _devices(
    circuit: Flat, altered: Mapping[str, Mapping[str, float]], behaviours: Mapping[Behaviour, str]
) -> Iterator[str]:
    for name, device in circuit.devices.items():
        if device.behaviour is None:
            yield _device(device, altered.get(name, {}))
        else:
            yield f"{_placed(device)} a_{behaviours[device.behaviour]}"


def _placed(device: Device) -> str:
    return f"'{device.name}' ({' '.join(map(_node, device.nodes))})"


def _device(device: Device, altered: Mapping[str, float]) -> str:
    head = _placed(device)
    values = {**device.values, **altered}
    if device.kind in "dmn":
        return f"{head} '{device.model}' {_given(values)}"
    head = f"{head} {_MASTERS[device.kind]}"
    if device.kind in "vi":
        if values:
            raise refused(device.written, f"{next(iter(values))} of a source is not translated")
        return f"{head} {_wave(device)}"
    if strange := values.keys() - {device.kind, "m"}:
        raise refused(device.written, f"{min(strange)} is not translated")
    if device.kind not in values:
        raise refused(device.written, "it has no value")
    return f"{head} {_given(values)}"


def _wave(device: Device) -> str:
    """Return what a source does: a level, corners in time, or pulses."""
    words = list(device.words)
    level = ""
    if words[:1] == ["dc"]:
        words.pop(0)
    if words and not words[0][0].isalpha():
        level = f"dc={_said(*numbers(words[:1], device.written))}"
        words.pop(0)
    if not words and level:
        return level
    kind, values = "".join(words[:1]), numbers(words[1:], device.written)
    if kind == "pwl" and len(values) >= 2 and len(values) % 2 == 0:
        return f'type="pwl" wave=[{", ".join(map(_said, _corners(values, device.written)))}]'
    if kind == "pulse" and len(values) == len(_PULSE):
        return f'type="pulse" {_given(dict(zip(_PULSE, values, strict=True)))}'
    raise refused(
        device.written, "of sources, a level, pwl(t v ...) and pulse() of 7 are translated"
    )


def _corners(values: list[float], written: str) -> list[float]:
    times = values[::2]
    if any(late <= soon for soon, late in pairwise(times)) or times[0] < 0:
        raise refused(written, "the times of a pwl must rise")
    return values if times[0] == 0 else [0.0, values[1], *values]  # as it was until then


def _altered(deck: Deck, circuit: Flat) -> dict[str, dict[str, float]]:
    """Return the parameters that a deck alters, by device.

    Raises:
        DeckRefused: one is of no device, or of a kind that is not translated.
    """
    found = dict[str, dict[str, float]]()
    for called, parameter, value in deck.alter:
        path = called.lower().split(".")
        name = ".".join(path[1:] if len(path) > 2 else path)
        device = circuit.devices.get(name)
        if device is None or (len(path) > 2 and path[0] != device.kind):
            raise DeckRefused(f"'{printable(called)}', which is altered, is no device")
        if device.kind in "vib":
            raise DeckRefused(f"VACASK is not told to alter a source ('{printable(called)}')")
        own = _ITS_VALUE.get(device.kind, ())
        known = device.kind if parameter.lower() in own else parameter.lower()
        found.setdefault(name, {})[known] = value
    return found


def _saved(vector: str, circuit: Flat) -> str:
    asked = vector.lower()
    if asked.startswith("v(") and asked[2:-1] in circuit.nodes:
        return f"v('{asked[2:-1]}')"
    if asked.startswith("i("):
        device = circuit.devices.get(_source(asked))
        if device is not None and device.kind == "v":
            return f"i('{device.name}')"
    raise DeckRefused(
        f"VACASK cannot be asked for '{printable(vector)}'; v(node) and i(voltage source) it knows"
    )


def _transient(deck: Deck, circuit: Flat) -> str:
    for node in deck.initial_V:
        if node.lower() not in circuit.nodes:
            raise DeckRefused(f"the initial voltage of '{printable(node)}': there is no such node")
    step = _said(deck.options.max_step_s)
    initial = ", ".join(f'"{n.lower()}", {_said(v)}' for n, v in deck.initial_V.items())
    starts = f" ic={{{initial}}}" if initial else ""
    return f"step={step} maxstep={step} stop={_said(deck.stop_s)}{starts}"


def _options(options: SimulationOptions, temperature_C: float) -> str:
    options = options.plain()  # what saves ngspice time was measured on ngspice alone
    values = {
        "temp": temperature_C,
        "reltol": options.reltol,
        "abstol": options.abstol_A,
        "vntol": options.vntol_V,
        "chgtol": options.chgtol_C,
        "gmin": options.gmin_S,
        "tran_itl": options.itl4,
        # That currents sum to 0 ngspice does not ask for, and cards of foundries miss it at the
        # operating point. Without it, one iteration that hardly moves is too little: charge is
        # lost on nodes that nothing holds, and a membrane drifts by millivolts. Two are enough.
        "nr_residualcheck": 0,
        "nr_conviter": 2,
        # A step is taken again as soon as its error asks for one of less than 0.9, as in ngspice.
        # VACASK's own 2.5 lets a flip-flop's reset ring that does not: twice the energy.
        "tran_redofactor": 1.1,
    }
    return f'{_given(values)} tran_method="{_METHODS[options.method]}"'


def _given(values: Mapping[str, float]) -> str:
    return " ".join(_pairs(values))


def _pairs(values: Mapping[str, float]) -> Iterator[str]:
    for name, value in values.items():
        yield f"{_MULTIPLIER.get(name, name)}={_said(value)}"


def _said(value: float) -> str:
    return repr(int(value)) if float(value).is_integer() and abs(value) < 1e15 else repr(value)


def _node(name: str) -> str:
    return "0" if name == "0" else f"'{name}'"
