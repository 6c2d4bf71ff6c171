"""`simulate-network`: any feed-forward network file, transistor by transistor."""

from functools import partial
from pathlib import Path
from typing import Any, ClassVar

from anaspike.campaign.answer import Findings
from anaspike.campaign.bench import Bench
from anaspike.errors import InputError
from anaspike.experiments.network import NetworkTransient
from anaspike.experiments.network_file import read_network
from anaspike.report.raster import raster_figure
from anaspike.studies.base import Celsius, Study
from anaspike.studies.said import said_of_mirror
from anaspike.units import parse_whole, printable


class SimulateNetwork(Study):
    """Run a network file once.

    Attributes:
        file: path of the network file.
        spikes_in: input -> number of spikes; inputs not named get none.
        corner, temperature_C, seed: conditions.
    """

    name: ClassVar[str] = "simulate-network"
    title: ClassVar[str] = "A network in SPICE"

    file: Path
    spikes_in: dict[str, int]
    corner: str = "tt"
    temperature_C: Celsius = 27.0
    seed: int | None = None

    def parameters(self) -> dict[str, Any]:
        """Return what was asked for; the file by its name, not by its place."""
        return {**super().parameters(), "file": self.file.name}

    def check(self) -> None:
        """Refuse a file or conditions that cannot be simulated."""
        self.asked()

    def asked(self) -> NetworkTransient:
        """Return the point.

        Raises:
            InputError: the file, or a condition, makes no sense.
        """
        read = read_network(self.file, self.pdk)
        network, design = read.network, read.driving(self.design)
        given = {**dict.fromkeys(network.inputs, 0), **self.spikes_in}
        return NetworkTransient(
            self.process, design, network, given, self.corner,
            self.temperature_C, seed=self.seed,
        )  # fmt: skip

    def find(self, bench: Bench) -> Findings:
        """Run it and count every neuron's spikes."""
        point = self.asked()
        batch = bench.run([point], keep={0})
        names = (*point.network.inputs, *(cell.name for cell in point.network.neurons))
        trains = {
            f"spikes: {', '.join(f'{k} {v}' for k, v in point.spikes_in.items())}": {
                name: point.spike_times(waves, name) for name in names
            }
            for waves in batch.waveforms.values()
        }
        row = batch.table.iloc[0]
        return Findings(
            {"network": batch.table},
            {
                "energy_total_J": row.get("energy_total_J"),
                **{
                    f"spikes_{name}": float(row[f"spikes_{name}"])
                    if row["status"] == "ok"
                    else None
                    for name in point.network.outputs
                },
            },
            {
                "raster": partial(
                    raster_figure, trains, point.stop_s, f"{self.file.stem} on {self.pdk}"
                )
            },
            show=(
                *(f"in_{name}" for name in point.network.inputs),
                *(f"spikes_{cell.name}" for cell in point.network.neurons),
                *("energy_total_J", "static_power_W"),
            ),
            notes=(said_of_mirror(point.design),),
        )


def read_counts(text: str) -> dict[str, int]:
    """Return the spikes of each input, as a command line has them: a=10,b=0.

    Raises:
        InputError: it says something else, or an input stands there twice.
    """
    counts: dict[str, int] = {}
    for part in filter(None, text.split(",")):
        name, equals, number = part.partition("=")
        if not equals:
            raise InputError(
                f"`inputs`: '{printable(part)}' is not name=spikes; write for example a=10,b=0"
            )
        if name.strip() in counts:
            raise InputError(f"`inputs`: '{printable(name.strip())}' stands there twice; give one")
        counts[name.strip()] = parse_whole(number, f"`inputs`: {printable(name.strip())}", least=0)
    return counts
