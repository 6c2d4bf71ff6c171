"""The data sets that anaspike knows, by the name that `--dataset` takes."""

from collections.abc import Callable
from pathlib import Path

from anaspike.errors import InputError
from anaspike.learning.datasets import small
from anaspike.learning.datasets.base import Dataset
from anaspike.units import printable, suggestion


def dataset_names() -> tuple[str, ...]:
    """Return the names of all data sets."""
    return tuple(_loaders())


def load_dataset(name: str, data: Path | None = None, features: str | None = None) -> Dataset:
    """Return a data set as a table of features.

    Args:
        name: one of `dataset_names`.
        data: folder of the images.  [default: $ANASPIKE_DATA]
        features: how images become numbers.

    Raises:
        InputError: unknown name, missing or broken files.
    """
    loaders = _loaders()
    if name not in loaders:
        known = ", ".join(loaders)
        guess = suggestion(name, loaders)
        raise InputError(
            f"unknown data set '{printable(name)}'; there is {known}"
            + (f"; {guess}" if "did you mean" in guess else "")
        )
    return loaders[name](data, features)


def _loaders() -> dict[str, Callable[[Path | None, str | None], Dataset]]:
    return {"digits": lambda *_: small.digits(), "xor": lambda *_: small.xor()}
