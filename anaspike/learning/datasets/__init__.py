"""Data sets as tables of features, and splits that never divide a source image."""

from anaspike.learning.datasets.base import Dataset
from anaspike.learning.datasets.catalog import dataset_names, load_dataset
from anaspike.learning.datasets.splits import Split, grouped_folds, grouped_split

__all__ = ["Dataset", "Split", "dataset_names", "grouped_folds", "grouped_split", "load_dataset"]
