"""The sets that need no files: the XOR truth table, and scikit-learn's digits and wines."""

import numpy as np

from anaspike.extras import need
from anaspike.learning.datasets.base import Dataset


def xor() -> Dataset:
    """Return the truth table of exclusive or: two inputs, four samples."""
    inputs = np.array([[0, 0], [0, 1], [1, 0], [1, 1]], dtype=np.float32)
    return Dataset(
        name="xor",
        features=inputs,
        labels=np.array([0, 1, 1, 0]),
        classes=("0", "1"),
        groups=np.array(["00", "01", "10", "11"]),
        feature_names=("a", "b"),
        notes=("the whole truth table: training, validation and test are the same four samples",),
        complete=True,
    )


def digits() -> Dataset:
    """Return the 8 x 8 hand-written digits that come with scikit-learn, scaled to 0..1.

    Raises:
        InputError: scikit-learn is not installed.
    """
    sklearn_datasets = need("sklearn.datasets", "digits")
    pixels, labels = sklearn_datasets.load_digits(return_X_y=True)
    features = (pixels / 16).astype(np.float32)
    return Dataset(
        name="digits",
        features=features,
        labels=labels.astype(np.int64),
        classes=tuple("0123456789"),
        groups=np.array([f"{index:04}" for index in range(len(labels))]),
        feature_names=tuple(f"pixel_{row}_{column}" for row in range(8) for column in range(8)),
        notes=(
            "every image is its own source: the writers are not recorded, so one writer may"
            " stand on both sides of a split",
            "UCI ML hand-written digits as shipped by scikit-learn, CC BY 4.0",
        ),
    )


def wine() -> Dataset:
    """Return scikit-learn's table of wines: 13 figures of a chemical analysis, 3 cultivars.

    Raises:
        InputError: scikit-learn is not installed.
    """
    sklearn_datasets = need("sklearn.datasets", "digits")
    table = sklearn_datasets.load_wine()
    features = table.data.astype(np.float32)
    return Dataset(
        name="wine",
        features=features,
        labels=table.target.astype(np.int64),
        classes=tuple(str(name) for name in table.target_names),
        groups=np.array([f"{index:03}" for index in range(len(features))]),
        feature_names=tuple(table.feature_names),
        notes=(
            "no images: alcohol, acids, phenols, colour ... of 178 wines; each wine is its own"
            " source",
            "UCI ML Wine (S. Aeberhard and M. Forina, 1991) as shipped by scikit-learn, CC BY 4.0",
        ),
    )
