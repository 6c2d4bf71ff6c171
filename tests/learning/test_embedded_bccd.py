"""The embedded table: what it says it is, and what the images still give."""

import hashlib
import json
import os
from pathlib import Path

import numpy as np
import pytest

from anaspike.learning.datasets import grouped_folds, load_dataset
from anaspike.learning.datasets.table import embedded_bccd


def test_the_table_is_the_one_that_its_note_describes():
    table = embedded_bccd()
    note = json.loads(table.with_suffix(".json").read_text(encoding="utf-8"))
    assert note["sha256"] == hashlib.sha256(table.read_bytes()).hexdigest()
    assert "MIT" in note["licence"]
    assert "Permission is hereby granted" in (table.parent / "LICENSE-BCCD").read_text()
    assert table.stat().st_size < 150_000


def test_bccd_needs_no_files(monkeypatch):
    monkeypatch.delenv("ANASPIKE_DATA", raising=False)
    dataset = load_dataset("bccd")
    assert dataset.features.shape == (345, 220)
    assert len(set(dataset.feature_names)) == 220
    expected = {"EOSINOPHIL": 87, "LYMPHOCYTE": 33, "MONOCYTE": 20, "NEUTROPHIL": 205}
    assert dataset.counts() == expected
    # 22 cells were photographed twice, one of them under two labels.
    assert len(set(dataset.groups)) == 323
    assert list(dataset.sources().values()) == [83, 29, 19, 193]
    assert (dataset.features.std(axis=0) > 0).all()


def test_an_ordinary_classifier_reads_the_cells_from_it():
    """The control that networks are held against: 0.85 of 345 cells, in five folds."""
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler
    from sklearn.svm import SVC

    dataset = load_dataset("bccd", environ={})
    x, y = dataset.features, dataset.labels
    right = np.zeros(len(y), dtype=bool)
    for split in grouped_folds(dataset, seed=0):
        rows = np.union1d(split.train, split.validation)
        model = make_pipeline(StandardScaler(), SVC(C=10, class_weight="balanced"))
        model.fit(x[rows], y[rows])
        right[split.test] = (
            model.predict(dataset.features[split.test]) == dataset.labels[split.test]
        )
    recall = [right[y == label].mean() for label in range(4)]
    assert right.mean() >= 0.85
    assert np.mean(recall) >= 0.80


@pytest.mark.skipif(
    not os.environ.get("ANASPIKE_DATA"), reason="$ANASPIKE_DATA names no folder of data sets"
)
def test_the_images_still_give_the_embedded_rows():
    from anaspike.learning.datasets import bccd
    from anaspike.learning.datasets.catalog import extracted
    from anaspike.learning.images import Collection

    whole = bccd.find(Path(os.environ["ANASPIKE_DATA"]))
    if whole is None or not whole.layout.startswith("originals"):
        pytest.skip("$ANASPIKE_DATA holds no originals of bccd")
    few = [next(s for s in whole.samples if s.label == label) for label in range(4)]
    part = Collection("bccd", whole.layout, whole.folder, whole.classes, tuple(few))
    made, kept = extracted(part, "cells"), load_dataset("bccd", environ={})
    assert made.feature_names == kept.feature_names
    for row, group in zip(made.features, made.groups, strict=True):
        stored = kept.features[list(kept.groups).index(group)]
        np.testing.assert_allclose(row, stored, rtol=2e-3, atol=2e-3)
