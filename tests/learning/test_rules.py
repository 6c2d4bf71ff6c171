"""The rules against the paper's equations, by hand."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from anaspike.errors import InputError
from anaspike.learning.rules import PAPER, WINDOWED, rule_named


def test_the_papers_error_is_target_minus_output():
    drive = np.array([[1.0, 0.999, 1.0, 0.999]], np.float32)
    wanted = np.array([[True, True, False, False]])
    assert PAPER.error(drive, wanted, 1.0).tolist() == [[0, 1, -1, 0]]


def test_the_windowed_error_wants_a_margin():
    drive = np.array([[1.9, 2.1, 0.1, -0.1]], np.float32)
    wanted = np.array([[True, True, False, False]])
    assert WINDOWED.error(drive, wanted, 1.0).tolist() == [[1, 0, -1, 0]]


def test_hidden_errors_pass_only_near_theta():
    drive = np.array([[-0.5, 0.5, 1.5, 2.5]], np.float32)
    error = np.array([[1.0, 2.0, 3.0, 4.0]], np.float32)
    assert PAPER.passed(error, drive, 1.0).tolist() == [[1, 2, 3, 4]]
    assert WINDOWED.passed(error, drive, 1.0).tolist() == [[0, 2, 3, 0]]


def test_the_papers_amplifier_moves_by_rate_times_gradient():
    amplifier = np.array([1.0, 0.5], np.float32)
    PAPER.move_amplifier(amplifier, np.array([-4.0, 2.0], np.float32), 0.5)
    assert amplifier.tolist() == [-1.0, 1.5]


def test_the_exponential_amplifier_moves_its_logarithm():
    amplifier = np.array([2.0], np.float32)
    WINDOWED.move_amplifier(amplifier, np.array([0.5], np.float32), 0.1)
    # dv/dg = a dv/da, and a = exp(g).
    assert amplifier[0] == pytest.approx(2.0 * np.exp(0.1 * 0.5 * 2.0), rel=1e-6)


@given(st.lists(st.floats(-1e6, 1e6, width=32), min_size=1, max_size=20), st.floats(1e-6, 100))
def test_no_supply_is_asked_for_what_it_cannot_do(gradients, rate):
    amplifier = np.ones(len(gradients), np.float32)
    WINDOWED.move_amplifier(amplifier, np.array(gradients, np.float32), rate)
    assert ((amplifier >= 0.25) & (amplifier <= 4)).all()


def test_unknown_rule():
    with pytest.raises(InputError, match="unknown rule 'hebb'; choose one of paper, windowed"):
        rule_named("hebb")
