"""No curve is left out of a picture for want of colours; a part says of how many."""

import numpy as np
import pandas as pd
import pytest

from anaspike.campaign.specs import Spec
from anaspike.report.energy import energy_figure
from anaspike.report.pseudo_resistor import curves_figure
from anaspike.report.statistics import histogram_figure, normal_figure, response_figure
from anaspike.report.style import PALETTE, colours
from anaspike.report.synapse import linearity_figure
from anaspike.report.train_and_map import energy_figure as inference_figure
from anaspike.report.train_and_map import sweeps_figure
from anaspike.report.weight_memory import memory_figure


def test_there_is_a_colour_for_every_curve():
    assert tuple(colours(7)) == PALETTE
    many = colours(40)
    assert len(many) == 40
    assert len(set(many)) == 28
    assert all(len(colour) == 7 and int(colour[1:], 16) >= 0 for colour in many)


def test_every_corner_and_temperature_has_its_curve():
    voltage_V = np.linspace(-0.1, 0.1, 5)
    curves = {f"{i} °C": (voltage_V, voltage_V * 1e-9 * (i + 1)) for i in range(12)}
    # The last one of the resistances is the paper's.
    assert [len(ax.lines) for ax in curves_figure(curves, "x").axes] == [12, 13]


def test_every_code_has_its_curve():
    table = pd.DataFrame(
        {
            "code": [code for code in range(1, 10) for _ in range(2)],
            "wire_capacitance_F": 2e-15,
            "vdd_syn_V": [0.6, 0.7] * 9,
            "rate_out_Hz": 1e6,
            "energy_per_spike_J": 1e-13,
            "status": "ok",
        }
    )
    figure = energy_figure(table, 2e-15, "x")
    assert [len(ax.lines) for ax in figure.axes] == [10, 9]  # and the paper's one point


def test_every_supply_of_linearity_is_drawn():
    supplies_V = [0.5 + 0.01 * i for i in range(9)]
    table = pd.DataFrame(
        [
            {"vdd_syn_V": v, "code": c, "current_A": c * 1e-9, "inl_lsb": 0.0, "dnl_lsb": 0.0}
            for v in supplies_V
            for c in (1, 2, 3)
        ]
    )
    assert len(linearity_figure(table, supplies_V, "x").axes[0].lines) == 9


def conditions(corners, quantities):
    rng = np.random.default_rng(1)
    table = pd.DataFrame({"corner": [f"c{i % corners}" for i in range(40)]})
    table["w_m"] = rng.random(40)
    for i in range(quantities):
        table[f"q{i}_V"] = rng.random(40)
    return table, [f"q{i}_V" for i in range(quantities)]


@pytest.mark.parametrize("draw", [histogram_figure, normal_figure])
def test_a_part_of_the_quantities_says_of_how_many(draw):
    table, names = conditions(9, 8)
    figure = draw(table, names, [Spec("q0_V", most=1)], "x")
    assert figure.get_suptitle().endswith(", 6 of 8 quantities")
    assert len(figure.legends[0].get_texts()) == 9  # a colour for each corner
    assert "of" not in draw(table, names[:6], (), "x").get_suptitle().split(": ")[1]


def test_a_part_of_the_answers_says_of_how_many():
    table, names = conditions(9, 4)
    parameters = ["w_m", *names]
    figure = response_figure(table, parameters, names, (), "x")
    assert figure.get_suptitle() == "x, 3 of 4 quantities, 3 of 5 parameters"
    assert len(figure.axes[0].lines) == 9 + 9  # the curves, and the legend's own
    assert response_figure(table, ["w_m"], names[:1], (), "x").get_suptitle() == "x"


def test_a_sweep_over_networks_has_its_intervals():
    rows = [
        {"sweep": name, "setting": setting, "calibrated": calibrated, "balanced": 0.6,
         "low": 0.5, "high": 0.7, "seeds": 5}
        for name in ("bits", "dac_bits", "domains", "mismatch")
        for setting in ("1", "2")
        for calibrated in (False, True)
    ]  # fmt: skip
    figure = sweeps_figure(pd.DataFrame(rows), 0.6, "x")
    for ax in figure.axes:
        (first, second) = ax.collections
        assert [segment[:, 1].tolist() for segment in first.get_segments()] == [[0.5, 0.7]] * 2
        assert len(second.get_segments()) == 2


def test_the_energy_s_mean_has_its_interval():
    table = pd.DataFrame(
        {"what": ["ours", "additions"], "energy_J": [1e-10, 3e-10],
         "energy_low_J": [0.9e-10, 2e-10], "energy_high_J": [1.1e-10, 4e-10]}
    )  # fmt: skip
    (ax,) = inference_figure(table, "x").axes
    (bars,) = ax.collections
    assert bars.get_segments()[1][:, 0].tolist() == [200, 400]
    (plain,) = inference_figure(table[["what", "energy_J"]], "x").axes
    assert not plain.collections


def test_every_corner_of_a_memory_is_drawn():
    corners = [f"c{i}" for i in range(9)]
    codes = pd.DataFrame(
        [{"corner": c, "code": n, "charge_coulomb": n * 1e-15} for c in corners for n in (-1, 0, 1)]
    )
    held = pd.DataFrame(
        [{"corner": c, "temperature_C": t, "static_power_per_bit_W": 1e-12, "hold_V": 0.1}
         for c in corners for t in (27, 85)]
    )  # fmt: skip
    tables = (table.assign(status="ok") for table in (codes, held, held))
    figure = memory_figure(*tables, "x")
    assert [len(ax.lines) for ax in figure.axes] == [9, 9, 9 + 2]
    nothing = (table.assign(status="no_answer") for table in (codes, held, held))
    assert all(not ax.lines for ax in memory_figure(*nothing, "x").axes)
