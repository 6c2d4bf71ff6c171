"""The raw reader against numpy.fromfile, on 20 vectors of 500,000 points (80 MB)."""

import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from anaspike.spice.rawfile import read_raw
from benchmarks.pairs import ratio, row

VECTORS, POINTS = 20, 500_000
# VmHWM, not ru_maxrss: the latter starts from the parent's own peak.
PEAK = """
import re, sys
from pathlib import Path
import numpy as np
from anaspike.spice.rawfile import read_raw
def peak():
    return int(re.search(r"VmHWM:\\s+(\\d+) kB", Path("/proc/self/status").read_text())[1]) * 1024
before = peak()
(plot,) = read_raw(Path(sys.argv[1]))
assert float(plot.data[0].sum()) > 0
print(peak() - before)
"""


def measure() -> Iterator[tuple[str, str, str, str]]:
    """Yield time against fromfile, and peak memory against the file's size."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "big.raw"
        header = write_raw(path)
        time_ratio = ratio(lambda: read_raw(path), lambda: np.fromfile(path, offset=header))
        peak = subprocess.run(
            [sys.executable, "-c", PEAK, str(path)], capture_output=True, text=True, check=True
        )
        memory_ratio = float(peak.stdout) / path.stat().st_size
    yield row("raw reader: time / numpy.fromfile", time_ratio, 2.0, at_most=True)
    yield row("raw reader: peak memory / file size", memory_ratio, 2.5, at_most=True)


def write_raw(path: Path) -> int:
    """Write the file; return where its data start."""
    header = (
        "Title: t\nDate: d\nPlotname: Transient Analysis\nFlags: real\n"
        f"No. Variables: {VECTORS}\nNo. Points: {POINTS}\nVariables:\n"
        + "".join(f"\t{i}\t{f'v({i})' if i else 'time'}\tvoltage\n" for i in range(VECTORS))
        + "Binary:\n"
    ).encode()
    with path.open("wb") as file:
        file.write(header)
        np.random.default_rng(0).random((POINTS, VECTORS)).tofile(file)
    return len(header)


if __name__ == "__main__":
    for line in measure():
        print(*line, sep=" | ")
