"""Which traces of a finished run there are to export."""

from collections.abc import Sequence
from pathlib import Path

from anaspike.campaign.traces import Trace, traces_in
from anaspike.errors import InputError
from anaspike.report.foreign import ForeignFolder

_MOST_MANIFEST_B = 64_000_000


def traces_of(run: Path, points: Sequence[int] = ()) -> list[Trace]:
    """Return the points of a run whose traces were kept, or those of them that are named.

    Raises:
        InputError: the run cannot be read, holds no traces, or none of a point that is named.
    """
    kept = traces_in(run, ForeignFolder(run).json("manifest.json", _MOST_MANIFEST_B))
    there = {trace.point: trace for trace in kept}
    for point in points:
        if point not in there:
            known = f"it has those of {', '.join(map(str, sorted(there)[:20]))}" if there else ""
            raise InputError(f"{run} holds no traces of point {point}; {known or 'it has none'}")
    return [there[point] for point in dict.fromkeys(points)] if points else kept
