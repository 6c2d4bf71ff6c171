"""`anaspike parameters`: how many values each tuning method trains."""

import json
from itertools import groupby

import click
from rich.table import Table

from anaspike.report.console import Terminal
from anaspike.report.streams import pour

_TITLES = {
    3: "Table 3: feed-forward, NT on the inputs of every layer",
    5: "Table 5: feed-forward, an NT value a neuron",
    8: "Table 8: spiking; STL-10 needs no new head",
}


@click.command("parameters")
@click.option("--json", "as_json", is_flag=True, help="print as JSON")
def parameters(as_json: bool) -> None:
    """Trained values of every method and data set: the paper's Tables 3, 5 and 8.

    Computed from the layers of VGG-19's classifier (25088-4096-4096-1000) and
    the number of classes; tests hold them against the paper's printed figures.
    """
    from anaspike.learning.counts import CLASSES, counts  # noqa: PLC0415

    figures = sorted(counts(), key=lambda count: count.table)
    if as_json:
        every = [{**vars(c), "trained": c.trained} for c in figures]
        pour(json.dumps(every, indent=2) + "\n")
        return
    console = Terminal()
    for number, of_table in groupby(figures, key=lambda count: count.table):
        console.print(_TITLES[number])
        table = Table()
        table.add_column("method")
        for dataset in CLASSES:
            table.add_column(dataset, justify="right")
        rows: dict[str, list[str]] = {}
        for count in of_table:
            rows.setdefault(count.method, []).append(f"{count.trained:,}")
        for method, cells in rows.items():
            table.add_row(method, *cells)
        console.print(table)
