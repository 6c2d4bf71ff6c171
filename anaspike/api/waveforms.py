"""Traces as notebooks have them: by name, as a table, as a file, as a picture."""

from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from anaspike.api.picture import Picture
from anaspike.campaign.traces import Trace, in_words
from anaspike.errors import InputError
from anaspike.files import path_of
from anaspike.report.pictures import drawn
from anaspike.report.traces import traces_figure, traces_table
from anaspike.spice import waveforms as plain
from anaspike.spice.rawfile_out import write_raw

if TYPE_CHECKING:
    from collections.abc import Callable


class Waveforms(plain.Waveforms):
    """The traces of one point: `w["mem"]`, `w["i(vdd)"]` are arrays, `w.time_s` their times.

    Attributes:
        time_s: sample times, shape (n,), in seconds.
        vectors: name -> samples, shape (n,), in volt or ampere.
    """

    def to_dataframe(self) -> pd.DataFrame:
        """Return a row for each sample: `time_s`, then each vector with its unit: `mem_V`."""
        return traces_table(self)

    def to_raw(self, path: Path | str) -> Path:
        """Write them as ngspice does, for any viewer of waveforms; return the path.

        Raises:
            InputError: the file cannot be written.
        """
        place = path_of(path, "path")
        write_raw(place, self)
        return place

    def plot(self, *vectors: str) -> Picture:
        """Return a picture of some of the vectors, or of all.

        Raises:
            InputError: there is none of that name.
        """
        for name in vectors:
            _ = self[name]
        draw = partial(traces_figure, self, vectors)
        return Picture("waveforms", lambda: drawn("waveforms", draw, ("png",))["png"], draw)


class Kept(Mapping[int, Waveforms]):
    """The traces of a result: point -> waveforms; each is read when it is asked for.

    Args:
        found: the points whose traces there are.
        read: returns the traces of a point.
    """

    def __init__(self, found: Sequence[Trace], read: "Callable[[int], plain.Waveforms]") -> None:
        self._found, self._read = {one.point: one for one in found}, read

    def __getitem__(self, point: int) -> Waveforms:
        if point not in self._found:
            raise InputError(f"no traces of point {point} were kept; {self._there()}")
        found = self._read(point)
        return Waveforms(found.time_s, found.vectors)

    def __iter__(self) -> Iterator[int]:
        return iter(sorted(self._found))

    def __len__(self) -> int:
        return len(self._found)

    def at(self, **conditions: Any) -> Waveforms:
        """Return the traces of the first point under these conditions: `at(vdd_syn_V=0.75)`.

        Raises:
            InputError: there is none.
        """
        points = [
            one.point
            for one in self._found.values()
            if all(_same(one.conditions.get(name), want) for name, want in conditions.items())
        ]
        if not points:
            asked = ", ".join(f"{name}={want}" for name, want in conditions.items())
            raise InputError(f"no traces of a point with {asked} were kept; {self._there()}")
        return self[min(points)]

    def _there(self) -> str:
        if not self._found:
            return "none were: ask with keep_waveforms=True"
        return "there are " + "; ".join(in_words(self._found[point]) for point in list(self)[:5])

    def __repr__(self) -> str:
        return f"<traces of {len(self)} points: {', '.join(map(str, list(self)[:10]))}>"


def _same(have: object, want: object) -> bool:
    if isinstance(have, float) and isinstance(want, int | float):
        return abs(have - want) <= 1e-9 * max(abs(have), abs(want))
    return have == want
