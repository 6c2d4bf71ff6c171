"""Network files: neurons, signed codes and supplies in TOML.

title = "XOR"
inputs = ["a", "b"]
outputs = ["out"]

[neurons.h1]
vdd_syn = "0.75V"
synapses = { a = 3, b = -7 }
...
[pdk.sky130.neurons.h1]      # instead, on this process
vdd_syn = "0.75V"
synapses = { a = 1, b = -7 }
"""

import tomllib
from dataclasses import dataclass
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from anaspike.circuits.network import Network, NetworkNeuron
from anaspike.errors import InputError
from anaspike.units import parse_quantity, printable, suggestion


class NeuronTable(BaseModel):
    """`[neurons.<name>]`."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    vdd_syn: str | float
    synapses: dict[str, int]


class PdkTable(BaseModel):
    """`[pdk.<name>]`: neurons that are others on this process."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    neurons: dict[str, NeuronTable] = Field(default_factory=dict)


class NetworkTable(BaseModel):
    """The whole of a network file."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    neurons: dict[str, NeuronTable]
    title: str = ""
    pdk: dict[str, PdkTable] = Field(default_factory=dict)


@dataclass(frozen=True)
class NetworkFile:
    """A network file, read for one process.

    Attributes:
        title: one line for people.
        network: its neurons.
    """

    title: str
    network: Network


def read_network(path: Path, pdk: str) -> NetworkFile:
    """Read a network file as it is on one process.

    Raises:
        InputError: it cannot be read, or something in it makes no sense; the
            message names file, key and mend.
    """
    try:
        table = NetworkTable(**tomllib.loads(path.read_text(encoding="utf-8")))
        special = table.pdk[pdk].neurons if pdk in table.pdk else {}
        unknown = [name for name in special if name not in table.neurons]
        if unknown:
            hint = suggestion(unknown[0], table.neurons)
            raise InputError(f"pdk.{pdk}.neurons.{printable(unknown[0])} is no neuron; {hint}")
        cells = tuple(
            NetworkNeuron(
                name,
                tuple(neuron.synapses.items()),
                parse_quantity(neuron.vdd_syn, "V", f"neurons.{printable(name)}.vdd_syn"),
            )
            for name, neuron in {**table.neurons, **special}.items()
        )
        return NetworkFile(table.title or path.stem, Network(table.inputs, cells, table.outputs))
    except OSError as error:
        raise InputError(f"cannot read {path}: {error.strerror or error}") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise InputError(f"{path} is no TOML: {error}") from None
    except ValidationError as error:
        raise InputError(f"{path}: {_one_line(error)}") from None
    except InputError as error:
        raise InputError(f"{path}: {error}") from None


def _one_line(error: ValidationError) -> str:
    first = error.errors()[0]
    *parents, key = (str(part) for part in first["loc"])
    where = printable(".".join((*parents, key)))
    if first["type"] == "extra_forbidden":
        tables: dict[bool, type[BaseModel]] = {True: NeuronTable, False: NetworkTable}
        return (
            f"unknown key '{where}'; {suggestion(key, tables['neurons' in parents].model_fields)}"
        )
    if first["type"] == "missing":
        return f"key '{where}' is missing"
    return f"{where}: {first['msg']}"
