"""What became of a run's points, on the terminal: failures by kind, and what the cache did."""

import shlex
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from anaspike.report.console import Terminal

Point = Mapping[str, Any]


def show_points(console: Terminal, points: Sequence[Point], folder: Path | None) -> None:
    """Print failures grouped by kind, each with the command that runs one again alone.

    Args:
        console: where to.
        points: of a manifest.
        folder: of the run, where it has been written.
    """
    kinds: dict[str, list[Point]] = {}
    for point in points:
        if point["status"] != "ok":
            kinds.setdefault(point["status"], []).append(point)
    for kind, failed in sorted(kinds.items(), key=lambda item: -len(item[1])):
        first = failed[0]
        console.print(f"{kind}: {first['message']}", style="red", soft_wrap=True)
        more = f"{len(failed)} points, the first is {first['index']}" if failed[1:] else "1 point"
        again = ""
        if folder is not None and first["deck_sha256"]:
            run = shlex.quote(str(folder))
            again = f"; alone, its files kept: anaspike rerun {run} {first['index']} --keep"
        console.print(f"  {more}{again}", soft_wrap=True)
    cached = sum(point["cache"]["made"] is not None for point in points)
    if cached:
        console.print(f"{cached} of {len(points)} points from the cache", style="dim")
    notes = [point["cache"]["note"] for point in points if point["cache"]["note"]]
    for note in dict.fromkeys(notes):
        count = f" ({notes.count(note)} points)" if notes.count(note) > 1 else ""
        console.print(f"{note}{count}", style="yellow", soft_wrap=True)
