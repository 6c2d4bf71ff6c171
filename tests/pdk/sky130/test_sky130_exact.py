"""The flattened cards against the PDK's own library: the same waveforms."""

import shutil
import subprocess
from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest

from anaspike.experiments.device import DeviceTransfer
from anaspike.pdk.roles import MosSize
from anaspike.pdk.sky130 import Sky130
from anaspike.spice.deck import Deck, ModelFiles
from anaspike.spice.ngspice.run import lay_out
from anaspike.spice.options import SimulationOptions
from anaspike.spice.rawfile import read_raw

pytestmark = pytest.mark.sky130

# An inverter, two diodes and a current source: every device, sizes from several bins.
DEVICES = {
    "n d=out g=in s=0 b=0": MosSize("nmos_svt", 0.42e-6, 0.15e-6),
    "p d=out g=in s=vdd b=vdd": MosSize("pmos_svt", 1.68e-6, 0.15e-6, mult=2),
    "nl d=diode g=diode s=0 b=0": MosSize("nmos_lvt", 0.84e-6, 2e-6),
    "pl d=diode g=diode s=vdd b=vdd": MosSize("pmos_lvt", 1.1e-6, 0.5e-6),
    "ph d=drain g=out s=vdd b=vdd": MosSize("pmos_hvt", 0.42e-6, 1e-6),
}
BENCH = """\
vdd vdd 0 1.2
vin in 0 pwl(0 0 1n 0 1.1n 1.2 5n 1.2 5.1n 0)
cl out 0 5f
cd diode 0 2f
vd drain 0 0.3
"""
SAVE = ("v(out)", "v(diode)", "i(vdd)", "i(vd)")
OPTIONS = SimulationOptions(chgtol_C=1e-17, max_step_s=20e-12)


def lines(call):
    """Return the devices as SPICE lines; `call` writes one size's sub-circuit and parameters."""
    for text, size in DEVICES.items():
        name, *pins = text.split()
        nodes = " ".join(pin.partition("=")[2] for pin in pins)
        yield f"x{name} {nodes} {call(size)}"


def ours(process, corner):
    def call(size):
        model, parameters = process.subcircuit(size)
        return " ".join((model, *(f"{k}={v}" for k, v in parameters.items())))

    body = "\n".join((*lines(call), BENCH))
    models = process.models(corner, DEVICES.values())
    return Deck("ours", body, models, 10e-9, SAVE, OPTIONS)


def theirs(process, corner):
    def call(size):
        w, length = size.w_m * 1e6, size.l_m * 1e6  # the library measures in micrometres
        area, perimeter = 0.29 * w, 2 * (w + 0.29)
        return (
            f"{process.devices[size.role].model} w={w:.12g} l={length:.12g} m={size.mult}"
            f" ad={area:.12g} as={area:.12g} pd={perimeter:.12g} ps={perimeter:.12g}"
        )

    # In the data the mixed corners are named the other way round.
    file = {"sf": "fs", "fs": "sf"}.get(corner, corner)
    library = ModelFiles(f".lib '{process.folder / 'sky130.lib.spice'}' {file}", {})
    return Deck("theirs", "\n".join((*lines(call), BENCH)), library, 10e-9, SAVE, OPTIONS)


def run_as_the_pdk_says(deck, folder):
    """Run with the settings that the PDK's own spinit asks for."""
    lay_out(deck, folder)
    (folder / ".spiceinit").write_text("set num_threads=1\nset ngbehavior=hsa\nset ng_nomodcheck\n")
    subprocess.run(
        [shutil.which("ngspice"), "-b", "-r", "out.raw", "deck.cir"],
        cwd=folder, capture_output=True, check=True, timeout=60,
    )  # fmt: skip
    (plot,) = read_raw(folder / "out.raw")
    return plot


@pytest.mark.parametrize("corner", ["tt", "ss", "sf"])
def test_the_same_points_and_the_same_waveforms(ngspice, sky130_models, tmp_path, corner):
    process = Sky130(sky130_models)
    mine = ngspice.run(ours(process, corner))
    other = run_as_the_pdk_says(theirs(process, corner), tmp_path / "theirs")
    np.testing.assert_allclose(mine.time_s, other.axis, rtol=1e-9)
    for vector in SAVE:
        scale = np.max(np.abs(other[vector]))
        np.testing.assert_allclose(mine[vector] / scale, other[vector] / scale, atol=1e-6)


def on_currents(ngspice, process, corner):
    points = [
        DeviceTransfer(process, MosSize(role, 1e-6, 0.5e-6), corner)
        for role in ("nmos_svt", "pmos_svt")
    ]
    return [p.measure(ngspice.run(p.build()))["ion_A_per_m"] for p in points]


def test_our_sf_is_slow_n_fast_p_whatever_the_files_are_called(ngspice, sky130_models):
    process = Sky130(sky130_models)
    currents = {c: on_currents(ngspice, process, c) for c in ("tt", "ff", "ss", "sf", "fs")}
    for slow, fast, device in (("ss", "ff", 0), ("ss", "ff", 1), ("sf", "fs", 0), ("fs", "sf", 1)):
        ordered = [currents[corner][device] for corner in (slow, "tt", fast)]
        assert all(a < b for a, b in pairwise(ordered)), (slow, fast, device)


def test_mismatch_is_added_to_the_corner_s_own_shift(ngspice, sky130_models):
    process, size = Sky130(sky130_models), MosSize("pmos_svt", 1e-6, 0.5e-6)
    point = DeviceTransfer(process, size, "ss")
    deck = point.build()

    def with_shift(delta_vt_V):
        values = process.mismatch_parameters(size, "ss", delta_vt_V, 0.0)
        alter = tuple(
            (f"m.{device}.m0", k, v)
            for device in ("xsaturated", "xlinear")
            for k, v in values.items()
        )
        return point.measure(ngspice.run(replace(deck, alter=alter)))["vth_lin_V"]

    as_it_is = point.measure(ngspice.run(deck))["vth_lin_V"]
    assert with_shift(0.0) == pytest.approx(as_it_is, abs=1e-6)
    assert with_shift(0.02) - as_it_is == pytest.approx(0.02, rel=0.1)
