"""A run's traces in the formats of others: raw files, tables, value-change dumps."""

from collections.abc import Callable
from pathlib import Path

import numpy as np

from anaspike.errors import InputError
from anaspike.files import cannot_write, replacing
from anaspike.report.traces import column_of, plain_name, traces_table
from anaspike.spice.rawfile_out import write_raw
from anaspike.spice.waveforms import Waveforms
from anaspike.units import printable, suggestion

Writer = Callable[[Path, Waveforms, str], None]

_TICK_S = 1e-15  # femtoseconds: finer than any step of a simulator
_FIRST, _LAST = 33, 126  # the letters of VCD's identifiers


def writer(format_: str) -> Writer:
    """Return what writes one point's traces: (path, traces, title).

    Raises:
        InputError: no such format is written.
    """
    if format_ not in _WRITERS:
        raise InputError(f"unknown format '{printable(format_)}'; {suggestion(format_, _WRITERS)}")
    return _WRITERS[format_]


def write_csv(path: Path, waveforms: Waveforms, title: str = "") -> None:
    """Write a row for each sample: `time_s`, then each vector with its unit in its name.

    Raises:
        InputError: the file cannot be written.
    """
    del title  # a comment would be no CSV
    with replacing(path) as temporary:
        traces_table(waveforms).to_csv(temporary, index=False)


def write_vcd(path: Path, waveforms: Waveforms, title: str = "anaspike") -> None:
    """Write a value-change dump of real numbers, as GTKWave and the like show it.

    Times are whole femtoseconds; of samples that fall on one, the last stays.

    Raises:
        InputError: the file cannot be written.
    """
    codes = {name: _code(place) for place, name in enumerate(waveforms.names)}
    ticks = np.rint(waveforms.time_s / _TICK_S).astype(np.int64)
    last_of_each = np.flatnonzero(np.append(np.diff(ticks) != 0, True))
    try:
        with replacing(path) as temporary, temporary.open("w", encoding="ascii") as file:
            file.write(f"$comment {_word(title, ' ')} $end\n$version anaspike $end\n")
            file.write("$timescale 1 fs $end\n$scope module run $end\n")
            for name, code in codes.items():
                unit = column_of(name).rpartition("_")[2]
                file.write(f"$var real 64 {code} {_word(plain_name(name))}_{unit} $end\n")
            file.write("$upscope $end\n$enddefinitions $end\n")
            before = dict.fromkeys(codes, float("nan"))
            for sample in last_of_each:
                changed = {
                    name: value
                    for name in codes
                    if (value := float(waveforms.vectors[name][sample])) != before[name]
                }
                if changed:
                    file.write(f"#{ticks[sample]}\n")
                    file.writelines(f"r{value!r} {codes[n]}\n" for n, value in changed.items())
                    before.update(changed)
            file.write(f"#{ticks[-1] if len(ticks) else 0}\n")
    except OSError as error:
        raise InputError(cannot_write(path, error)) from None


def _code(place: int) -> str:
    """Return a short identifier: !, ", ..., ~, then two letters."""
    count = _LAST - _FIRST + 1
    code = chr(_FIRST + place % count)
    return code if place < count else _code(place // count - 1) + code


def _word(text: str, space: str = "_") -> str:
    """Return a text that is one word to VCD's readers, and holds no keyword of theirs."""
    plain = text.encode("ascii", "replace").decode().replace("$", "?")
    return space.join(plain.split())


_WRITERS: dict[str, Writer] = {"raw": write_raw, "csv": write_csv, "vcd": write_vcd}
