"""HDF5 files, as NIR's writer makes them: `read_hdf5` gives groups, texts and arrays of numbers."""

from anaspike.hdf5.file import MOST_OBJECTS, SIGNATURE, Tree, read_hdf5

__all__ = ["MOST_OBJECTS", "SIGNATURE", "Tree", "read_hdf5"]
