"""Write traces as ngspice does: a raw file that every viewer of waveforms opens."""

from pathlib import Path

import numpy as np

from anaspike.errors import InputError
from anaspike.files import cannot_write, replacing
from anaspike.spice.waveforms import Waveforms


def write_raw(path: Path, waveforms: Waveforms, title: str = "anaspike") -> None:
    """Write traces as one binary plot.

    Args:
        path: of the file, which appears whole or not at all.
        waveforms: to write; each value is written to the last bit.
        title: one line of text.

    Raises:
        InputError: the file cannot be written.
    """
    vectors = [("time", "time"), *((name, _kind(name)) for name in waveforms.names)]
    header = (
        f"Title: {' '.join(title.split())}\n"
        "Date: -\n"  # the same traces are the same bytes
        "Plotname: Transient Analysis\n"
        "Flags: real\n"
        f"No. Variables: {len(vectors)}\n"
        f"No. Points: {len(waveforms.time_s)}\n"
        "Variables:\n"
        + "".join(f"\t{i}\t{name}\t{kind}\n" for i, (name, kind) in enumerate(vectors))
        + "Binary:\n"
    )
    samples = np.column_stack((waveforms.time_s, *waveforms.vectors.values()))
    try:
        with replacing(path) as temporary, temporary.open("wb") as file:
            file.write(header.encode())
            file.write(np.ascontiguousarray(samples, np.float64).data)
    except OSError as error:
        raise InputError(cannot_write(path, error)) from None


def _kind(name: str) -> str:
    return "current" if name.startswith("i(") or name.endswith("#branch") else "voltage"
