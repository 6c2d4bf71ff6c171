"""What a worker answers is judged where it arrives."""

import json

import numpy as np
import pytest
import toy_rc
from hypothesis import given
from hypothesis import strategies as st

from anaspike.campaign.shipment import NoAnswer, packed, unpacked
from anaspike.spice.failures import ConvergenceFailure, SimulationFailure
from anaspike.spice.waveforms import Waveforms

DECK = toy_rc.Rc(1000.0).build()
TIME_S = np.array([0.0, 1e-9, 3e-9])
SENT = Waveforms(TIME_S, {"v(b)": np.array([0.1, 1 / 3, 5e-324]), "i(v1)": np.array([-0.0, 1, 2])})
GOOD = packed(SENT)


def test_waveforms_come_back_to_the_bit():
    found = unpacked(GOOD, DECK)
    assert found.time_s.tobytes() == SENT.time_s.tobytes()
    for name in DECK.save:
        assert found[name].tobytes() == SENT[name].tobytes()
        assert found[name].flags.writeable


def test_a_failure_comes_back_as_its_own_kind():
    failure = ConvergenceFailure("no solution\nat all")
    failure.log_line = "timestep \u03a9"
    with pytest.raises(ConvergenceFailure) as caught:
        unpacked(packed(failure), DECK)
    assert (str(caught.value), caught.value.log_line) == (str(failure), failure.log_line)


def head(content, samples=b""):
    return json.dumps(content).encode() + b"\n" + samples


FAILED = {"kind": "deck", "message": "", "log_line": ""}
SAMPLES = GOOD.partition(b"\n")[2]


@pytest.mark.parametrize(
    "data",
    [
        None, {}, "text", {"kind": "deck"}, b"", b"\n", b"[" * 99_000 + b"\n", GOOD[:-1],
        GOOD + b"\0", GOOD[1:], SAMPLES, b"9" * 5000 + b"\n", head([]), head({}),
        head(FAILED, b"x"),
        head({**FAILED, "kind": 3}), head({**FAILED, "more": ""}), head({"points": 3}),
        head({"points": 3, "more": 1}, SAMPLES), head({"points": "3"}, SAMPLES),
        head({"points": -3}, SAMPLES), head({"points": 0}), head({"points": 10**30}, SAMPLES),
        head({"points": 3.0}, SAMPLES), head({"points": 9}, SAMPLES),
        packed(Waveforms(TIME_S, {"v(b)": TIME_S})),
        packed(Waveforms(TIME_S, {"v(b)": TIME_S * np.nan, "i(v1)": TIME_S})),
        packed(Waveforms(TIME_S + np.inf, {"v(b)": TIME_S, "i(v1)": TIME_S})),
        b"\x80\x04\x95" + b"cposix\nsystem\n",
    ],
)  # fmt: skip
def test_what_is_no_answer_is_refused(data):
    with pytest.raises(NoAnswer):
        unpacked(data, DECK)


@given(st.binary(max_size=200), st.integers(0, len(GOOD)), st.integers(0, len(GOOD)))
def test_bytes_of_any_kind_are_an_answer_or_none(data, start, end):
    for sent in (data, GOOD[:start] + data + GOOD[end:]):
        try:
            found = unpacked(sent, DECK)
        except (NoAnswer, SimulationFailure):
            continue
        assert found.time_s.shape == found["v(b)"].shape
