"""Network files: neurons, signed codes and supplies in TOML.

title = "XOR"
inputs = ["a", "b"]
outputs = ["out"]

[neurons.h1]
vdd_syn = "0.75V"
synapses = { a = 3, b = -7 }
...
[drive]                      # of an input spike; else the design's own
period = "300ns"
width = "50ns"

[chip]                       # what all neurons share; else the design's own
bias_current = "50nA"        # of the mirror: half of it makes their own spikes twice as wide

[pdk.sky130.neurons.h1]      # instead, on this process; so may be drive and chip
vdd_syn = "0.75V"
synapses = { a = 1, b = -7 }
"""

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, StrictInt, ValidationError

from anaspike.circuits.designs import Design, driven
from anaspike.circuits.network import Network, NetworkNeuron
from anaspike.errors import InputError, foremost, reason_of
from anaspike.experiments.stimulus import check_drive
from anaspike.files import read_toml
from anaspike.pdk.catalog import pdk_names
from anaspike.units import printable, quantity_reader, suggestion

_MOST = 2000  # inputs, neurons: of as many a deck has a hundred thousand transistors
_Volt = Annotated[float, BeforeValidator(quantity_reader("V"))]
_Second = Annotated[float, BeforeValidator(quantity_reader("s"))]
_Ampere = Annotated[float, BeforeValidator(quantity_reader("A"))]


class _Table(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class NeuronTable(_Table):
    """`[neurons.<name>]`: supply in volt, source -> signed code."""

    vdd_syn: _Volt
    synapses: dict[str, StrictInt]


class DriveTable(_Table):
    """`[drive]`: of an input spike, in seconds; the design's own where not given."""

    period: _Second | None = None
    width: _Second | None = None


class ChipTable(_Table):
    """`[chip]`: what all neurons share; the design's own where not given."""

    bias_current: _Ampere | None = None


class PdkTable(_Table):
    """`[pdk.<name>]`: neurons, drive and chip that are others on this process."""

    neurons: dict[str, NeuronTable] = Field(default_factory=dict)
    drive: DriveTable | None = None
    chip: ChipTable | None = None


class NetworkTable(_Table):
    """The whole of a network file."""

    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    neurons: dict[str, NeuronTable]
    title: str = ""
    drive: DriveTable = DriveTable()
    chip: ChipTable = ChipTable()
    pdk: dict[str, PdkTable] = Field(default_factory=dict)


@dataclass(frozen=True)
class NetworkFile:
    """A network file, read for one process.

    Attributes:
        title: one line for people.
        network: its neurons.
        period_s, width_s: of the input spikes, in seconds; None for the design's own.
        bias_current_A: of the mirror, in ampere; None for the design's own.
    """

    title: str
    network: Network
    period_s: float | None = None
    width_s: float | None = None
    bias_current_A: float | None = None

    def driving(self, design: Design) -> Design:
        """Return the design with the input spikes and the bias that the file asks for.

        Raises:
            InputError: there can be no such spikes, or no such current; it names the file's keys.
        """
        try:
            asked = driven(design, None, None, self.period_s, self.width_s)
            check_drive(asked.drive)
        except InputError as error:
            said = str(error).replace("`period_s`", "`drive.period`")
            raise InputError(said.replace("`width_s`", "`drive.width`")) from None
        return asked if self.bias_current_A is None else self._biased(asked, self.bias_current_A)

    def _biased(self, design: Design, bias_A: float) -> Design:
        try:
            generator = replace(design.neuron.spike_generator, bias_current_A=bias_A)
        except InputError as error:
            said = str(error).replace("`bias_current_A`", "`chip.bias_current`")
            raise InputError(said) from None
        return replace(design, neuron=replace(design.neuron, spike_generator=generator))


def read_network(path: Path, pdk: str) -> NetworkFile:
    """Read a network file as it is on one process.

    Raises:
        InputError: it cannot be read, or something in it makes no sense; the
            message names file, key and mend.
    """
    content = read_toml(path)
    try:
        table = NetworkTable.model_validate(content)
        _check_size(table)
        _check_overrides(table)
        special = table.pdk.get(pdk, PdkTable())
        drive, chip = special.drive or table.drive, special.chip or table.chip
        cells = tuple(
            NetworkNeuron(name, tuple(neuron.synapses.items()), neuron.vdd_syn)
            for name, neuron in {**table.neurons, **special.neurons}.items()
        )
        network = Network(table.inputs, cells, table.outputs)
        title = table.title or path.stem
        return NetworkFile(title, network, drive.period, drive.width, chip.bias_current)
    except ValidationError as error:
        raise InputError(f"{path}: {_one_line(error)}") from None
    except InputError as error:
        raise InputError(f"{path}: {error}") from None


def _check_size(table: NetworkTable) -> None:
    """Refuse more inputs or neurons than anything here would come to an end with."""
    for what, named in (("inputs", table.inputs), ("neurons", table.neurons)):
        if len(named) > _MOST:
            raise InputError(f"{what}: {len(named)} are too many; a network has at most {_MOST}")


def _check_overrides(table: NetworkTable) -> None:
    """Refuse values for a process or a neuron that there is not: nothing would read them."""
    for pdk, special in table.pdk.items():
        if pdk not in pdk_names():
            raise InputError(f"pdk.{printable(pdk)} is no process; {suggestion(pdk, pdk_names())}")
        for name in special.neurons:
            if name not in table.neurons:
                hint = suggestion(name, table.neurons)
                raise InputError(f"pdk.{pdk}.neurons.{printable(name)} is no neuron; {hint}")


def _one_line(error: ValidationError) -> str:
    first = foremost(error.errors())
    *parents, key = (str(part) for part in first["loc"])
    where = printable(".".join((*parents, key)))
    if first["type"] == "extra_forbidden":
        return f"unknown key '{where}'; {suggestion(key, _keys_below(parents))}"
    if first["type"] == "missing":
        return f"key '{where}' is missing"
    return f"{where}: {reason_of(first['type'], first['msg'])}"


def _keys_below(parents: list[str]) -> list[str]:
    """Return the keys of the table at a place in the file."""
    tables: dict[str, type[_Table]] = {
        "neurons": NeuronTable, "drive": DriveTable, "chip": ChipTable, "pdk": PdkTable,
    }  # fmt: skip
    kinds = [tables[name] for name in (*parents[-1:], *parents[-2:-1]) if name in tables]
    return list((kinds[0] if kinds else NetworkTable).model_fields)
