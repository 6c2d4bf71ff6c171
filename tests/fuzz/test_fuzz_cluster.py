"""What a cluster's worker answers: waveforms, a failure, or no answer."""

import numpy as np
from contract import examples
from hypothesis import given
from hypothesis import strategies as st
from mutants import of_bytes, of_json

from anaspike.campaign.shipment import NoAnswer, packed, unpacked
from anaspike.spice.deck import Deck, ModelFiles
from anaspike.spice.failures import ConvergenceFailure, SimulationFailure
from anaspike.spice.waveforms import Waveforms

DECK = Deck("t", "r1 a 0 1", ModelFiles("", {}), 1e-9, ("v(a)", "i(v1)"))
TIME_S = np.array([0.0, 1e-9, 3e-9])
GOOD = packed(Waveforms(TIME_S, {"v(a)": TIME_S, "i(v1)": -TIME_S}))
FAILED = packed(ConvergenceFailure("no solution"))


@st.composite
def answers(draw):
    """Return an answer with another head, other samples, or both."""
    head, line, samples = draw(st.sampled_from((GOOD, FAILED))).partition(b"\n")
    head = draw(of_json(head)) if draw(st.booleans()) else head
    whole = head + line + samples
    return draw(of_bytes(whole)) if draw(st.booleans()) else whole


@examples(60)
@given(answers())
def test_answers_of_workers(contract, answer):
    def read():
        try:
            return unpacked(answer, DECK)
        except (NoAnswer, SimulationFailure):  # their texts are made harmless where they are shown
            return None

    contract.holds(read)
