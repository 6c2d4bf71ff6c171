"""One sky130 inverter: our flattened cards against the PDK's own library file."""

import os
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from anaspike.pdk.roles import MosSize
from anaspike.pdk.sky130 import Sky130
from anaspike.spice.ngspice.run import SPICEINIT
from anaspike.spice.rawfile import read_raw
from benchmarks.pairs import ratio, row

N, P = MosSize("nmos_svt", 0.42e-6, 0.15e-6), MosSize("pmos_svt", 0.84e-6, 0.15e-6)
BENCH = """\
vdd vdd 0 1.2
vin in 0 pwl(0 0 1n 0 1.1n 1.2 3n 1.2 3.1n 0)
cl out 0 5f
.options method=gear chgtol=1e-17 reltol=1e-3 abstol=1e-13 vntol=1e-6 gmin=1e-15
.tran 10p 5n 0 10p
.save v(out) i(vdd)
.end
"""
# The library measures in micrometres; its devices have no areas unless told.
LIBRARY_DEVICE = "{name} out in {rail} {rail} {model} w={w:g} l={l:g} {areas}"


def measure() -> Iterator[tuple[str, str, str, str]]:
    """Yield the ratio of start-up times and the difference of the waveforms."""
    process = Sky130.open(os.environ)
    with tempfile.TemporaryDirectory() as name:
        ours, theirs = Path(name) / "ours", Path(name) / "theirs"
        _lay_out_ours(process, ours)
        _lay_out_theirs(process, theirs)
        faster = ratio(lambda: _run(theirs), lambda: _run(ours))
        (one,), (other,) = read_raw(ours / "out.raw"), read_raw(theirs / "out.raw")
    time_s = other.data[0]
    worst = max(
        float(np.max(np.abs(np.interp(time_s, one.data[0], mine) - yours))) / np.max(np.abs(yours))
        for mine, yours in zip(one.data[1:], other.data[1:], strict=True)
    )
    yield row("sky130 deck: PDK's library / flattened, whole run", faster, 20.0, at_most=False)
    yield row("sky130 deck: largest relative difference", worst, 1e-6, at_most=True)


def _lay_out_ours(process: Sky130, folder: Path) -> None:
    models = process.models("tt", (N, P))
    (n, _), (p, _) = process.subcircuit(N), process.subcircuit(P)
    deck = f"* ours\n{models.lines}\nx1 out in 0 0 {n}\nx2 out in vdd vdd {p}\n{BENCH}"
    _write(folder, {**models.files, "deck.cir": deck, ".spiceinit": SPICEINIT})


def _lay_out_theirs(process: Sky130, folder: Path) -> None:
    library = process.folder.parent / "sky130.lib.spice"
    lines = [
        LIBRARY_DEVICE.format(
            name=name,
            rail=rail,
            model=process.devices[size.role].model,
            w=size.w_m * 1e6,
            l=size.l_m * 1e6,
            areas=_areas(size.w_m * 1e6),
        )
        for name, rail, size in (("x1", "0", N), ("x2", "vdd", P))
    ]
    deck = "\n".join(("* theirs", f".lib '{library}' tt", *lines, BENCH))
    spiceinit = f"{SPICEINIT}set ngbehavior=hsa\nset ng_nomodcheck\n"
    _write(folder, {"deck.cir": deck, ".spiceinit": spiceinit})


def _areas(w_um: float) -> str:
    area, perimeter = 0.29 * w_um, 2 * (w_um + 0.29)
    return f"ad={area:.12g} as={area:.12g} pd={perimeter:.12g} ps={perimeter:.12g}"


def _write(folder: Path, texts: dict[str, str]) -> None:
    folder.mkdir()
    for name, text in texts.items():
        (folder / name).write_text(text, encoding="utf-8")


def _run(folder: Path) -> None:
    subprocess.run(
        ["ngspice", "-b", "-r", "out.raw", "deck.cir"], cwd=folder, capture_output=True, check=True
    )
