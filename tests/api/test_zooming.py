"""A picture in a notebook: still, or on ipympl's canvas, under each of its names."""

import sys
from types import ModuleType, SimpleNamespace

import pytest
from matplotlib import pyplot
from matplotlib.figure import Figure

from anaspike.api.picture import Picture
from anaspike.errors import InputError

PNG = b"\x89PNG\r\n\x1a\n"


def drawn():
    figure = Figure(figsize=(4, 3), dpi=100)
    figure.add_subplot().plot([0.0, 1.0], [0.0, 1.0])
    return figure


def image_alone():
    raise InputError("it was read back")


@pytest.fixture
def shown(monkeypatch):
    """Return what a picture's cell shows, where matplotlib's backend is called so."""
    said = []
    display = ModuleType("IPython.display")
    display.display = lambda what, raw=False: said.append(what)
    monkeypatch.setitem(sys.modules, "IPython.display", display)
    ipython = ModuleType("IPython")
    ipython.version_info = (9, 0)  # matplotlib looks at it
    monkeypatch.setitem(sys.modules, "IPython", ipython)

    def of(backend, figure=drawn):
        monkeypatch.setattr(pyplot, "get_backend", lambda: backend)
        said.clear()
        Picture("raster", lambda: PNG, figure)._ipython_display_()
        (one,) = said  # and not a still image beside it
        return one

    return of


@pytest.mark.parametrize("backend", ["widget", "ipympl", "module://ipympl.backend_nbagg"])
def test_each_name_of_ipympl_is_known(shown, monkeypatch, backend):
    ipympl = ModuleType("ipympl.backend_nbagg")
    ipympl.Canvas = lambda figure: SimpleNamespace(figure=figure)
    titles = []
    ipympl.FigureManager = lambda canvas, number: SimpleNamespace(set_window_title=titles.append)
    monkeypatch.setitem(sys.modules, "ipympl", ModuleType("ipympl"))
    monkeypatch.setitem(sys.modules, "ipympl.backend_nbagg", ipympl)
    first, second = shown(backend), shown(backend)
    assert first.figure is not second.figure  # each cell zooms by itself
    assert titles == ["raster", "raster"]
    assert shown(backend, image_alone)["image/png"] == PNG


@pytest.mark.parametrize("backend", ["inline", "agg", "module://matplotlib_inline.backend_inline"])
def test_elsewhere_it_is_still(shown, backend):
    assert shown(backend)["image/png"] == PNG


# ipympl's own: its toolbar passes on more than traitlets knows.
@pytest.mark.filterwarnings("ignore:Passing unrecognized arguments:DeprecationWarning")
def test_the_toolbar_zooms_and_comes_home():
    pytest.importorskip("ipympl", reason="pip install ipympl")
    before = pyplot.get_backend()
    pyplot.switch_backend("widget")
    try:
        canvas = Picture("raster", lambda: PNG, drawn)._to_zoom()
        assert pyplot.get_fignums() == []  # nobody has to close it
        axes = canvas.figure.axes[0]
        whole = axes.get_xlim()
        (left, bottom), (right, top) = axes.transAxes.transform([(0.25, 0.25), (0.5, 0.75)])
        high = canvas.get_width_height()[1]

        def send(kind, x=0.0, y=0.0, buttons=0, **more):
            content = {"type": kind, "x": x, "y": high - y, "button": 0, "buttons": buttons}
            canvas._handle_message(canvas, {**content, "modifiers": [], "guiEvent": {}, **more}, [])

        send("initialized")
        send("toolbar_button", name="zoom")
        send("button_press", left, bottom, 1)
        send("motion_notify", right, top, 1)
        send("button_release", right, top)
        low, end = whole
        assert axes.get_xlim() == pytest.approx(
            (low + 0.25 * (end - low), low + 0.5 * (end - low)), abs=0.01
        )
        send("toolbar_button", name="home")
        assert axes.get_xlim() == pytest.approx(whole)
    finally:
        pyplot.switch_backend(before)
