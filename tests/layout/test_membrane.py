"""The capacitor makes up what the membrane's wires leave."""

from types import SimpleNamespace

import pytest

from anaspike.errors import InputError
from anaspike.layout import membrane
from anaspike.layout.catalog import process_of

BLOCK = SimpleNamespace(name="core", technology=SimpleNamespace(pdk=process_of("sky130")))


@pytest.fixture
def fitted(monkeypatch):
    """Fit a drawing that is its capacitor's value, and whose wires have so much; both in farad."""

    def fit(wires_F, clean=True):
        monkeypatch.setattr(membrane, "realised", lambda _, whole, __: whole)
        monkeypatch.setattr(
            membrane, "compare", lambda whole, _: SimpleNamespace(clean=clean, whole=whole)
        )
        monkeypatch.setattr(
            membrane,
            "extract_compared",
            lambda found, _: SimpleNamespace(
                by_net=lambda: {"mem": found.whole + wires_F(found.whole)}
            ),
        )
        return membrane.fitted(lambda farad: farad, BLOCK, 50e-15, 9e-15)

    return fit


def test_wires_are_taken_off_the_capacitor(fitted):
    assert fitted(lambda _: 27e-15) == pytest.approx(23e-15)


def test_wires_that_depend_on_it_take_another_drawing(fitted):
    drawn_F = fitted(lambda capacitor_F: 10e-15 + 0.1 * capacitor_F)
    assert drawn_F * 1.1 + 10e-15 == pytest.approx(50e-15, rel=0.005)


def test_the_least_capacitor_stays_where_the_wires_have_more(fitted):
    assert fitted(lambda _: 60e-15) == 9e-15


def test_what_is_another_circuit_is_left_to_who_checks_it(fitted):
    assert fitted(lambda _: 27e-15, clean=False) == 50e-15


def test_wires_that_run_away(fitted):
    with pytest.raises(InputError, match=r"the membrane has .* fF in its last drawing, not 50 fF"):
        fitted(lambda capacitor_F: 27e-15 - 2 * (capacitor_F - 20e-15))
