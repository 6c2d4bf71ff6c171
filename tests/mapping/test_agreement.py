"""What a network and its mapped self agree on, and what no agreement may hide."""

import numpy as np
import pytest

from anaspike.mapping.agreement import accuracy_table, agreement_quantities, output_table


def fires(*rates, patterns=200):
    """Outputs that fire in the first of so many patterns, a share each."""
    return np.arange(patterns)[:, None] < np.array(rates) * patterns


def test_a_network_that_is_itself_agrees_in_everything():
    own = fires(0.5, 0.1)
    assert agreement_quantities(own, own) == {
        "output_agreement": 1, "balanced_agreement": 1, "deciding_outputs": 1, "lost_outputs": 0,
        "output_rate": pytest.approx(0.3), "output_rate_mapped": pytest.approx(0.3),
    }  # fmt: skip
    assert (output_table(own, own)["remark"] == "").all()


def test_silence_agrees_with_what_rarely_fires_but_is_told():
    own, silent = fires(0.01), fires(0.0)
    told = agreement_quantities(own, silent)
    assert told["output_agreement"] == 0.99
    assert told["balanced_agreement"] == 0.5
    assert told["deciding_outputs"] == 0
    (row,) = output_table(own, silent).to_dict("records")
    assert row["remark"] == "almost never fires; mapped: never fires"
    assert (row["agree_firing"], row["agree_silent"]) == (0, 1)


@pytest.mark.parametrize(("rate", "remark"), [(0.0, "never fires"), (1.0, "always fires")])
def test_where_there_is_nothing_to_tell_apart_nothing_is_agreed_on(rate, remark):
    own = fires(rate)
    told = agreement_quantities(own, own)
    assert told["balanced_agreement"] is None
    assert told["deciding_outputs"] == 0
    assert output_table(own, own)["remark"].tolist() == [remark]


def test_an_output_that_mapping_lost_is_counted_among_however_many():
    own = fires(*[0.1] * 49, 0.05)
    mapped = own.copy()
    mapped[:, -1] = False
    told = agreement_quantities(own, mapped)
    assert told["output_agreement"] > 0.998
    assert told["balanced_agreement"] > 0.98
    assert told["lost_outputs"] == 1
    assert output_table(own, mapped)["remark"].iloc[-1] == "mapped: never fires"
    wrong = own.copy()
    wrong[:, 0] = ~own[:, 0]
    assert agreement_quantities(own, wrong)["lost_outputs"] == 1
    assert output_table(own, wrong)["remark"].iloc[0] == "mapped: mostly wrong"


def test_of_many_classes_each_is_rare_and_none_is_silent():
    own = np.eye(100, dtype=bool)
    assert agreement_quantities(own, own)["deciding_outputs"] == 1


def test_accuracy_of_both_by_exact_match():
    meant = np.array([[1, 0], [1, 0], [0, 1], [0, 1]], bool)
    own = np.array([[1, 0], [1, 1], [0, 1], [0, 1]], bool)
    mapped = np.array([[1, 0], [0, 0], [0, 0], [0, 1]], bool)
    table = accuracy_table(meant, own, mapped).set_index("what")["accuracy"]
    assert table.to_dict() == {
        "chance": 0.25, "always the same": 0.5, "the network itself": 0.75, "mapped": 0.5,
    }  # fmt: skip
