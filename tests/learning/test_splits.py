"""Splits: no source on two sides, every class in every part, equal seeds give equal splits."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from anaspike.errors import InputError
from anaspike.learning.datasets import Dataset, grouped_folds, grouped_split, load_dataset
from anaspike.learning.datasets.splits import repeated_splits


def table(sources, copies=3, parts=None, **changes):
    """A data set of `sources[i]` sources of class i, each `copies` samples."""
    labels = np.repeat(np.arange(len(sources)), np.array(sources) * copies)
    groups = np.repeat([f"{c}/{i}" for c, n in enumerate(sources) for i in range(n)], copies)
    values = {
        "name": "made",
        "features": np.zeros((len(labels), 2), dtype=np.float32),
        "labels": labels,
        "classes": tuple(f"class{index}" for index in range(len(sources))),
        "groups": groups,
        "parts": parts,
    }
    return Dataset(**(values | changes))


def sides(dataset, split):
    return [set(dataset.groups[rows]) for rows in (split.train, split.validation, split.test)]


@given(st.lists(st.integers(3, 30), min_size=2, max_size=4), st.integers(0, 2**32 - 1))
def test_a_split_never_divides_a_source_and_every_part_has_every_class(sources, seed):
    dataset = table(sources)
    split = grouped_split(dataset, seed)
    train, validation, test = sides(dataset, split)
    assert not (train & validation or train & test or validation & test)
    assert train | validation | test == set(dataset.groups)
    for rows in (split.train, split.validation, split.test):
        assert set(dataset.labels[rows]) == set(range(len(sources)))
    again = grouped_split(dataset, seed)
    assert all(
        np.array_equal(getattr(split, part), getattr(again, part))
        for part in ("train", "validation", "test")
    )


def test_shares_are_of_sources_class_by_class():
    dataset = table([100, 20], copies=1)
    split = grouped_split(dataset, 0, validation=0.1, test=0.25)
    for rows, shares in ((split.test, [25, 5]), (split.validation, [10, 2])):
        assert np.bincount(dataset.labels[rows]).tolist() == shares


@given(st.integers(2, 6), st.integers(0, 1000))
def test_every_source_is_tested_in_exactly_one_fold(folds, seed):
    dataset = table([9, 14, 6])
    splits = grouped_folds(dataset, seed, folds=folds)
    tested = np.concatenate([split.test for split in splits])
    assert np.array_equal(np.sort(tested), np.arange(len(dataset.labels)))
    for split in splits:
        train, validation, test = sides(dataset, split)
        assert not (train & validation or train & test or validation & test)
        assert set(dataset.labels[split.test]) == set(dataset.labels[split.train]) == {0, 1, 2}


def test_five_splits_test_every_sample_once_and_ten_twice():
    dataset = table([9, 14, 6])
    for count, times in ((5, 1), (10, 2)):
        tested = np.concatenate([split.test for split in repeated_splits(dataset, 3, count)])
        assert np.bincount(tested).tolist() == [times] * len(dataset.labels)
    assert len(repeated_splits(dataset, 3, 7)) == 7


def test_every_split_keeps_the_publishers_test_part():
    parts = np.array((["train"] * 12 + ["test"] * 6) * 2)
    for split in repeated_splits(table([6, 6], parts=parts), 1, 3):
        assert set(parts[split.test]) == {"test"}


def test_the_publishers_test_part_is_kept_and_a_source_on_both_sides_is_not_judged_by():
    parts = np.array((["train"] * 12 + ["test"] * 6) * 2)
    dataset = table([6, 6], parts=parts)
    split = grouped_split(dataset, 1)
    assert set(parts[split.test]) == {"test"}
    assert len(split.test) == 12
    assert set(parts[split.validation]) == {"train"}
    # One copy of the last source appears in the training part too: none of it is judged by.
    parts[-1] = "train"
    assert len(grouped_split(table([6, 6], parts=parts), 1).test) == 9


def test_a_duplicate_under_two_classes_stays_on_one_side():
    dataset = table([5, 5], copies=2)
    groups = dataset.groups.copy()
    groups[groups == "1/0"] = "0/0"
    dataset = table([5, 5], copies=2, groups=groups)
    for seed in range(20):
        train, validation, test = sides(dataset, grouped_split(dataset, seed))
        assert not (train & validation or train & test or validation & test)


def test_a_truth_table_is_whole_in_every_part():
    split = grouped_split(load_dataset("xor"), 0)
    assert split.train.tolist() == split.validation.tolist() == split.test.tolist() == [0, 1, 2, 3]


@pytest.mark.parametrize(
    ("act", "text"),
    [
        (
            lambda: grouped_split(table([3, 2]), 0),
            "data set made: class class1 comes from 2 source images; at least 3 are needed to"
            " divide it",
        ),
        (
            lambda: grouped_folds(table([9, 4]), 0, folds=5),
            "data set made: class class1 comes from 4 source images; at least 5 are needed to"
            " divide it",
        ),
        (lambda: grouped_folds(table([9, 4]), 0, folds=1), "1 folds: at least 2 are needed"),
        (
            lambda: grouped_split(table([9, 4]), 0, validation=0.5, test=0.5),
            "validation 0.5 and test 0.5 must be above 0 and below 1 together",
        ),
        (
            lambda: grouped_split(
                table([4, 1], copies=1, parts=np.array(["train"] * 3 + ["test", "train"])), 0
            ),
            "data set made: the test part has no class class1",
        ),
        (
            lambda: table([2, 2], labels=np.zeros(12, dtype=np.int64)),
            "data set made: no sample of class class1",
        ),
        (
            lambda: table([2, 2], features=np.full((12, 2), np.nan, dtype=np.float32)),
            "data set made: feature 0 of sample 0 is not a finite number",
        ),
        (
            lambda: table([2, 2], groups=np.array(["a"])),
            "data set made: groups of shape (1,) beside 12 samples",
        ),
        (
            lambda: table([2, 2], features=np.zeros((0, 2), dtype=np.float32)),
            "data set made: features of shape (0, 2); expected (samples, features)",
        ),
        (
            lambda: table([2, 2], feature_names=("a",)),
            "data set made: 1 feature names beside 2 features",
        ),
        (
            lambda: table([2, 2], labels=np.full(12, 7)),
            "data set made: labels outside 0 to 1",
        ),
    ],
)
def test_bad_input(act, text):
    with pytest.raises(InputError) as error:
        act()
    assert str(error.value) == text
