"""A neuron as sized, estimated and drawn: what is asked, and what is shown of it."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from anaspike.campaign.bench import Batch
from anaspike.circuits.extracted import extracted_block
from anaspike.errors import InputError
from anaspike.layout.drawing import read_gds
from anaspike.layout.extract import Extraction
from anaspike.layout.files import COLOURS
from anaspike.layout.given import Laid, _Layouts
from anaspike.layout.sky130 import SKY130
from anaspike.report.layout import change_figure, layout_figure, net_figure
from anaspike.studies.blocks import layout
from anaspike.studies.blocks.layout import BARE, DRAWN, ESTIMATED, AfterLayout
from anaspike.studies.flow import read_flow

ROOT = Path(__file__).parents[2]


class Neuron(_Layouts):
    """The committed neuron's frames, with a circuit of two capacitances."""

    def laid(self, block):
        if "xcore" not in block.children:
            return None
        pairs = {("0", "mem"): 50e-15, ("mem", "out"): 2e-15, ("0", "out"): 1e-15}
        found = Extraction(extracted_block(block, (), (), pairs), pairs, ())
        return Laid(read_gds(ROOT / "netlists/layouts/neuron.gds", SKY130), found)

    def parts(self):
        return {}

    def check_used(self, study):
        pass


@pytest.fixture(scope="module")
def study(klayout, sky130_models):
    return AfterLayout(layout=Neuron())


@pytest.mark.sky130
def test_a_layout_takes_part_in_the_drawn_kind_alone(study):
    titles = {made: study._point(made, 0.65).block.title for made in (BARE, ESTIMATED, DRAWN)}
    assert [made for made, title in titles.items() if "extracted" in title] == [DRAWN]
    wires = {made: study._point(made, 0.65).wire_capacitance_F for made in titles}
    assert wires == {BARE: 0.0, ESTIMATED: 2e-15, DRAWN: 0.0}


@pytest.mark.sky130
def test_a_layout_is_of_the_neuron_with_each_synapse_by_itself(study):
    assert len(list(study._neuron().transistors())) == 178
    assert len(list(study._point(ESTIMATED, 0.65).block.transistors())) == 99


@pytest.mark.sky130
def test_each_net_and_each_block_has_its_row(study):
    nets = study._nets().set_index("net")
    assert list(nets.index) == ["mem", "out"]
    assert nets.loc["mem", "capacitance_F"] == pytest.approx(52e-15)
    assert tuple(nets.loc["out"][["nearest", "to_nearest_F"]]) == ("mem", 2e-15)
    areas = study._areas()
    assert areas["area_um2"].iloc[1:].sum() == pytest.approx(areas["area_um2"].iloc[0])


@pytest.mark.sky130
def test_one_supply_and_no_neuron_are_refused(study, klayout):
    with pytest.raises(InputError, match="one supply shows no curve"):
        AfterLayout(layout=Neuron(), points=1).check()
    with pytest.raises(InputError, match="holds no whole neuron"):
        AfterLayout(layout=str(ROOT / "netlists/layouts/synapse.gds")).check()


class Canned:
    """A bench that runs nothing: what is drawn spends more and fires less."""

    def run(self, points, keep=()):
        rows = []
        for point in points:
            _ = point.blocks if hasattr(point, "blocks") else getattr(point, "block", None)
            drawn = point.pdk.layouts is not None
            supply_V = getattr(point, "vdd_syn_V", None)
            rows.append(
                {"vdd_syn_V": supply_V, "spikes_out": 5 if drawn else 7, "spike_width_s": 5e-9,
                 "energy_per_spike_J": 3e-13 if drawn else 2e-13, "offset_V": 0.4e-3,
                 "status": "ok"}
            )  # fmt: skip
        return Batch(pd.DataFrame(rows), {})


@pytest.mark.sky130
def test_what_is_found_of_all_three(study):
    found = study.find(Canned())
    table = found.tables["layout"]
    assert list(table["made"]) == [made for made in (BARE, ESTIMATED, DRAWN) for _ in range(3)]
    assert list(table["vdd_syn_V"])[:3] == pytest.approx([0.55, 0.65, 0.75])
    assert found.quantities["spikes_change"] == 2
    assert found.quantities["energy_ratio"] == pytest.approx(1.5)
    # Neither comparator nor core stands in a drawing of the neuron by itself.
    assert list(found.tables["alone"]["status"]) == ["ok", "not in the file by itself"]
    assert found.quantities["offset_layout_V"] is None
    assert all(drawing().axes for drawing in found.figures.values())


def kinds():
    rows = [
        {"made": made, "vdd_syn_V": volt, "spikes_out": n, "energy_per_spike_J": n * 1e-13,
         "spike_width_s": 5e-9, "status": "ok"}
        for made, n in ((BARE, 8), (ESTIMATED, 7), (DRAWN, 5)) for volt in (0.55, 0.75)
    ]  # fmt: skip
    return pd.DataFrame(rows)


def test_what_layout_changes():
    alone = pd.DataFrame(
        {"made": [ESTIMATED, DRAWN], "membrane_F": [60e-15, np.nan], "offset_V": [0.5e-3, 0.8e-3]}
    )
    nets = pd.DataFrame({"capacitance_F": [50e-15, 3e-15]})
    areas = pd.DataFrame({"block": ["neuron"], "area_um2": [847.0]})
    found = layout._quantities(kinds(), alone, nets, areas)
    assert found["spikes_change"] == 2
    assert found["energy_ratio"] == pytest.approx(5 / 7)
    assert found["offset_change_V"] == pytest.approx(0.3e-3)
    assert found["membrane_ratio"] is None
    assert found["wires_F"] == pytest.approx(53e-15)


def test_its_pictures(klayout):
    drawing = read_gds(ROOT / "netlists/layouts/comparator.gds", SKY130)
    shapes = drawing.rectangles_um(COLOURS)
    assert "m4" not in shapes  # nothing is drawn there
    figure = layout_figure(shapes, "comparator")
    named = [text.get_text() for text in figure.axes[0].get_legend().get_texts()]
    assert named == list(shapes)
    assert [len(ax.lines) for ax in change_figure(kinds(), "x").axes] == [3, 3, 3]
    nets = pd.DataFrame(
        {"net": ["a", "b"], "capacitance_F": [3e-15, 2e-15], "to_ground_F": [1e-15, 1e-15],
         "to_nearest_F": [1e-15, 0.5e-15]}
    )  # fmt: skip
    assert len(net_figure(nets, "x").axes[0].patches) == 6


def test_its_flow(klayout):
    (study,) = read_flow(ROOT / "flows/after_layout/layout.toml").studies
    assert (study.name, study.pdk, study.parameters()["layout"]) == (
        "layout", "sky130", {"layout": "generated", "seed": 1},
    )  # fmt: skip
