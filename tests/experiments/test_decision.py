"""One neuron, one window: what it decides, and where its membrane gets to."""

from dataclasses import replace

import pytest

from anaspike.circuits.designs import design_for
from anaspike.errors import InputError
from anaspike.experiments.decision import Decision
from anaspike.pdk.generic28 import Generic28


def decision(codes, active, vdd_syn_V=0.65, **conditions):
    return Decision(Generic28(), design_for("generic28"), codes, active, vdd_syn_V, **conditions)


class Apart(Decision):
    """Every synapse by itself, whatever it has in common with others."""

    @property
    def groups(self):
        return tuple((code, on, 1) for code, on in zip(self.codes, self.active, strict=True))


@pytest.mark.ngspice
def test_synapses_that_are_alike_may_run_as_one(ngspice):
    alike = decision((3, 3, 3, -2, -2, 5), (True, True, True, True, True, False))
    assert alike.groups == ((-2, True, 2), (3, True, 3), (5, False, 1))
    apart = Apart(alike.pdk, alike.design, alike.codes, alike.active, alike.vdd_syn_V)
    rows = [point.measure(ngspice.run(point.build())) for point in (alike, apart)]
    assert rows[0]["membrane_V"] == pytest.approx(rows[1]["membrane_V"], abs=2e-4)
    assert rows[0]["fired"] == rows[1]["fired"]


@pytest.mark.ngspice
def test_enough_charge_fires_and_inhibition_keeps_it_down(ngspice):
    up, down = (
        point.measure(ngspice.run(point.build()))
        for point in (
            decision((7, 7, -7), (True, True, False)),
            decision((7, 7, -7), (True, True, True), 0.60),
        )
    )
    assert (up["fired"], down["fired"]) == (1, 0)
    # 14 units of 17 nA for 50 ns, less 0.2 fC each that the open channels hold, lie on 50 fF and
    # what else hangs there.
    assert up["membrane_V"] - 0.25 == pytest.approx(14 * (0.85 - 0.2) / 65, abs=0.01)
    assert up["membrane_before_V"] == pytest.approx(0.25, abs=1e-3)
    assert 0.2e-9 < up["decision_delay_s"] < 1e-9


@pytest.mark.ngspice
def test_a_neuron_that_no_input_wakes_rests(ngspice):
    point = decision((7,), (False,))
    row = point.measure(ngspice.run(point.build()))
    assert (row["fired"], row["decision_delay_s"]) == (0, None)
    assert row["membrane_V"] == pytest.approx(0.25, abs=1e-3)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"codes": (8,)}, "code 8 does not fit a 3-bit synapse; use a whole number from -7 to 7"),
        ({"active": ()}, "1 codes and 0 inputs; give one of each a synapse"),
        ({"vdd_syn_V": -1.0}, "the synapse supply (V) is -1; it must be a finite number, positive"),
    ],
)
def test_what_cannot_be_built_is_refused(changes, message):
    with pytest.raises(InputError) as caught:
        replace(decision((3,), (True,)), **changes)
    assert str(caught.value) == message
