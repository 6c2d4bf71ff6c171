"""A picture's lines as data, and a page that draws them anew and takes none for markup."""

import json
import re
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from chromium import Chromium, found

from anaspike.campaign.answer import Answer, Findings
from anaspike.errors import InputError
from anaspike.extras import installs
from anaspike.report import page as page_module
from anaspike.report.answers import save
from anaspike.report.curves import thinned
from anaspike.report.page import page
from anaspike.report.pictures import drawn
from anaspike.report.saved import latest, saved_answers
from anaspike.report.style import finish, new_figure
from anaspike.report.sweep_vdd import sweep_figure
from anaspike.spice.waveforms import Waveforms

MANIFEST = {
    "points": [], "interrupted": False, "created": "2026-01-01", "pdk": {"name": "generic28",
    "models_sha256": ["x"]}, "parameters": {}, "options": {}, "anaspike": "1",
    "ngspice": {"version": "39"},
}  # fmt: skip


def spikes(points=3000):
    """Return a figure of two panels with one x: a pulse train above, a ramp below."""
    figure = new_figure("spikes & <ramps>")
    above, below = figure.subplots(2, sharex=True)
    time_us = np.linspace(0, 6, points)
    above.plot(time_us, np.sin(5 * time_us) > 0.9, label="out")
    above.axhline(0.5, ls="--")
    below.plot(time_us, time_us % 1, label="membrane")
    finish(above, "time (µs)", "output (V)", legend=True)
    finish(below, "time (µs)", "membrane (V)")
    return figure


def curves(figure=spikes):
    return json.loads(drawn("x", figure)["curves.json"])


@pytest.mark.parametrize("seed", range(5))
def test_a_thinned_line_lies_within_the_tolerance(seed):
    chance = np.random.default_rng(seed)
    x = np.cumsum(chance.choice([0.0, 1e-3, 0.2, 1.0], 3000))
    y = np.where(np.sin(x) > 0.8, 1.0, 0.1 * np.sin(0.1 * x)) + 1e-5 * chance.normal(size=3000)
    kept = thinned(x, y, 1e-3)
    assert kept[0] == 0
    assert kept[-1] == 2999
    assert len(kept) < 2500
    rising = np.flatnonzero(np.diff(x, prepend=-1) > 0)  # where x stands still y may jump
    alone = rising[np.diff(x[rising], append=np.inf) > 0]
    both = [i for i in alone if x[i] not in x[np.r_[:i, i + 1 : len(x)]]]
    assert np.abs(np.interp(x[both], x[kept], y[kept]) - y[both]).max() < 1e-3


def test_lines_become_curves_with_their_axes():
    (above, below) = curves()["panels"]
    assert [curve["name"] for curve in above["curves"]] == ["out", ""]
    assert 10 < len(above["curves"][0]["x"]) < 100
    assert above["curves"][1]["aside"]
    assert above["curves"][1]["y"] == [0.5, 0.5]
    assert below["x_of"] == 0
    assert below["y"]["label"] == "membrane (V)"


def test_what_shows_more_than_lines_stays_a_picture():
    figure = new_figure("bars")
    figure.subplots().bar([1, 2], [3, 4])
    assert set(drawn("x", lambda: figure)) == {"svg", "png"}


def test_text_in_a_picture_is_text_and_says_what_is_shown():
    svg = drawn("x", spikes)["svg"].decode()
    assert "<title>spikes &amp; &lt;ramps&gt;</title>" in svg
    assert "<desc>output (V) over time (µs) from -0.3 to 6.3 (out); membrane (V)" in svg
    assert re.search(r"<text [^>]*>output \(V\)</text>", svg)


def test_a_sweep_can_be_zoomed_into():
    time_s = np.linspace(0, 1e-6, 50)
    traces = Waveforms(time_s, {"v(in1)": time_s * 1e6, "v(mem)": time_s * 1e5,
                                "v(out)": time_s * 0})  # fmt: skip
    table = pd.DataFrame({"vdd_syn_V": [0.6], "spikes_in": [1], "spikes_out": [0],
                          "status": ["ok"]})  # fmt: skip
    panels = curves(lambda: sweep_figure(table, {0.6: traces}, 0.35, "sweep"))["panels"]
    assert [panel["y"]["label"] for panel in panels[:3]] == [
        "input (V)", "membrane (mV)", "output (V)",
    ]  # fmt: skip


def test_a_threshold_is_drawn_where_the_circuit_decides(tmp_path):
    time_s = np.linspace(0, 1e-6, 1001)
    hold_V = np.where((time_s * 1e7) % 1 < 0.5, 0.9, 0.0)  # it falls ten times
    membrane_V = 0.25 + time_s * 1e5  # and passes 0.3325 V at 0.825 us
    out_V = np.where(time_s > 0.86e-6, 0.9, 0.0)
    traces = Waveforms(time_s, {"v(in1)": hold_V, "v(mem)": membrane_V, "v(out)": out_V,
                                "v(xneuron.hold)": hold_V})  # fmt: skip
    table = pd.DataFrame(
        {"vdd_syn_V": [0.6], "spikes_in": [9], "spikes_out": [1], "status": ["ok"],
         "highest_silent_V": [0.325], "lowest_fired_V": [0.335]}
    )  # fmt: skip
    membrane = curves(lambda: sweep_figure(table, {0.6: traces}, 0.35, "sweep", 0.9))["panels"][1]
    line = next(curve for curve in membrane["curves"] if curve["aside"])
    assert line["y"] == [330.0, 330.0]
    silent, fired = (curve for curve in membrane["curves"] if curve["marker"])
    assert len(silent["x"]) == 8  # before it fires
    assert fired["x"] == pytest.approx([0.85], abs=2e-3)
    assert fired["y"] == pytest.approx([335.0], abs=0.3)


@pytest.fixture
def folder(tmp_path):
    place = tmp_path / "sweep_vdd" / "generic28"
    findings = Findings({}, {"delay_s": 1e-9}, {"traces": spikes})
    save(Answer("sweep-vdd", "Sweep", findings, (), MANIFEST), place)
    return place


def shown(folder):
    return page(latest(saved_answers([folder])), interactive=True)


@pytest.fixture
def library(monkeypatch):
    """Put a script in the place of the one that draws."""
    monkeypatch.setattr(page_module, "library", lambda: "var Plotly;")


def test_curves_of_strangers_are_never_markup(folder, library):
    content = json.loads((folder / "traces.curves.json").read_text())
    content["panels"][0]["title"] = "</script><script>document.title='run'</script>\u202e&<b>"
    (folder / "traces.curves.json").write_text(json.dumps(content))
    html = shown(folder)
    (data,) = re.findall(r'<script type="application/json">(.*?)</script>', html)
    assert not set("<>&") & set(data)
    title = json.loads(data)["panels"][0]["title"]
    assert title.startswith("&lt;/script&gt;")
    assert title.endswith("\\u202e&amp;&lt;b&gt;")
    assert html.count("<script") == 3  # the library, ours, and this


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"panels": 1}, "'panels': Input should be a valid list"),
        ({"more": 1}, "'more': Extra inputs are not permitted"),
        ({"size": [1e9, 1]}, "'size.0'"),
        ({"colour": "url(x)"}, "'panels.0.curves.0.colour': String should match pattern"),
        ({"dash": "x"}, "'panels.0.curves.0.dash'"),
        ({"x": ["1"]}, "'panels.0.curves.0.x.0'"),
        ({"x": [0] * 200_000, "y": [0]}, "has more than 200000 numbers"),
    ],
)
def test_what_is_no_curve_is_refused_in_a_line(folder, library, change, says):
    content = json.loads((folder / "traces.curves.json").read_text())
    inner = set(change) & {"colour", "dash", "x"}
    (content["panels"][0]["curves"][0] if inner else content).update(change)
    (folder / "traces.curves.json").write_text(json.dumps(content))
    with pytest.raises(InputError, match=re.escape(says)):
        shown(folder)
    assert "Sweep" in page(latest(saved_answers([folder])))  # the picture needs no curves


def test_the_page_allows_its_own_scripts_alone(folder, library):
    html = shown(folder)
    (policy,) = re.findall(r'<meta http-equiv="Content-Security-Policy" content="([^"]+)">', html)
    assert policy.count("'sha256-") == 4  # its style, an empty one, the library, ours
    assert policy.startswith("default-src 'none'; img-src data:; style-src 'sha256-")
    assert "eval" not in policy
    assert "style-src-attr" not in page(latest(saved_answers([folder])))


def test_without_plotly_the_line_names_the_extra(folder, monkeypatch):
    from anaspike import extras

    def absent(name):
        raise ImportError(name)

    monkeypatch.setattr(extras.importlib, "import_module", absent)
    with pytest.raises(
        InputError, match=f"plotly is not installed.*{re.escape(installs('interactive'))}"
    ):
        shown(folder)


@pytest.mark.proof
@pytest.mark.skipif(found() is None, reason="needs Chromium (Debian's package chromium)")
def test_a_browser_zooms_and_reads_values_offline(folder, tmp_path):
    pytest.importorskip("plotly")
    path = tmp_path / "page.html"
    path.write_text(shown(folder), encoding="utf-8")
    with Chromium(Path(tmp_path) / "profile") as browser:
        for width in (390, 1280):
            browser.open(path, width)
            browser.press("figure.curves button")
            browser.value("new Promise(done => setTimeout(done, 1500))")
            buttons = "[...document.querySelectorAll('.modebar-btn')].map(b => b.dataset.title)"
            names = browser.value(buttons)
            assert names == ["Zoom", "Pan", "Zoom in", "Zoom out", "Reset axes"]
            size = "document.querySelector('.plot').getBoundingClientRect()"
            assert browser.value(f"{size}.height") > 200
            assert (
                browser.value("getComputedStyle(document.querySelector('img')).display") == "none"
            )
            assert browser.value("document.documentElement.scrollWidth") <= width
            limits = "JSON.stringify(document.querySelector('.plot').layout.xaxis2.range)"
            before = browser.value(limits)
            browser.value("Plotly.Fx.hover(document.querySelector('.plot'), [{xval: 3}])")
            assert browser.value("document.querySelectorAll('.hovertext').length") > 0
            zoomed = "Plotly.relayout(document.querySelector('.plot'), {'xaxis.range': [1, 2]})"
            browser.value(f"{zoomed}.then(() => 1)")
            assert browser.value(limits) != before  # both panels have one time axis
            assert browser.said == []
            asked = [url for url in browser.asked_for if not url.startswith(("data:", "blob:"))]
            assert asked == [path.as_uri()]
