"""Pictures as files: the same each time, drawn once."""

import json
from functools import partial

import matplotlib as mpl
import pandas as pd
import pytest

from anaspike.campaign.bench import Bench
from anaspike.campaign.keys import Keys
from anaspike.campaign.store import PICTURES, Cache
from anaspike.report import pictures
from anaspike.report.pictures import picture
from anaspike.report.style import finish, new_figure
from anaspike.studies.blocks.pseudo_resistor import PseudoResistor
from anaspike.studies.blocks.sweep_vdd import SweepVdd
from anaspike.studies.conditions import Conditions, under

TABLE = pd.DataFrame({"x": [1.0, 2.0, 3.0], "y": [2.0, 1.0, 4.0]})


def line_figure(table, title):
    figure = new_figure(title)
    ax = figure.subplots()
    ax.plot(table["x"], table["y"])
    finish(ax, "x", "y")
    return figure


LINE = partial(line_figure, TABLE, "a line")


@pytest.fixture
def cache(tmp_path):
    return Cache(tmp_path / "results")


@pytest.fixture
def draws(monkeypatch):
    """Count what is drawn, not found."""
    names, drawn = [], pictures.drawn

    def counted(name, drawing):
        names.append(name)
        return drawn(name, drawing)

    # The real one's source is the key's, or the count itself would change it.
    monkeypatch.setattr(pictures, "code_state", lambda kind: "as it is")
    monkeypatch.setattr(pictures, "drawn", counted)
    return names


def test_a_picture_is_drawn_once_and_is_the_same_found(cache, draws):
    first = picture("line", LINE, cache)
    again = picture("line", partial(line_figure, TABLE.copy(), "a line"), cache)
    assert first == again == picture("line", LINE)
    assert draws == ["line", "line"]  # the last one without a cache
    assert first["svg"].startswith(b"<?xml")
    assert first["png"].startswith(b"\x89PNG")


def test_other_numbers_are_another_picture(cache, draws):
    picture("line", LINE, cache)
    other = picture("line", partial(line_figure, TABLE + 1, "a line"), cache)
    assert draws == ["line", "line"]
    assert other != picture("line", LINE, cache)


def test_a_damaged_picture_is_drawn_again(cache, draws):
    whole = picture("line", LINE, cache)
    (path,) = cache.folder.glob(f"{PICTURES}/*/*.json")
    entry = json.loads(path.read_text())
    files = entry["payload"]["files"]
    files["png"] = files["png"].replace("A", "B", 1)
    for damaged in (json.dumps(entry), path.read_text()[:1000], ""):
        path.write_text(damaged)
        assert picture("line", LINE, cache) == whole
    assert len(draws) == 4
    assert picture("line", LINE, cache) == whole
    assert len(draws) == 4


def test_what_has_no_key_is_drawn_each_time(cache, draws):
    for _ in range(2):
        picture("line", lambda: line_figure(TABLE, "a line"), cache)
    assert draws == ["line", "line"]


def test_a_cache_that_cannot_be_written_loses_no_picture(tmp_path, draws):
    (tmp_path / "results").write_text("in the way")
    assert picture("line", LINE, Cache(tmp_path / "results")).keys() == {
        "svg", "png", "curves.json",
    }  # fmt: skip


def test_nobodys_own_style_takes_part():
    plain = picture("line", LINE)
    with mpl.rc_context({"lines.linewidth": 9, "svg.fonttype": "none", "font.size": 20}):
        assert picture("line", LINE) == plain


def test_the_projects_own_pictures_have_keys(ngspice):
    study = PseudoResistor(corners=("tt",), temperatures_C=(27,))
    spread = under(study, Conditions(mc=5)).answer(Bench(ngspice), ())
    sweep = SweepVdd(points=2, spikes_in=1).answer(Bench(ngspice))
    for answer in (spread, sweep):
        for name, drawing in answer.findings.figures.items():
            assert Keys().of_call(drawing), name
