"""Folders of images with their labels and boxes: a data set, or one line."""

import dataset_makers as makers
import numpy as np
import pytest
from contract import examples
from hypothesis import given
from hypothesis import strategies as st
from mutants import mutants
from PIL import Image

from anaspike.learning.datasets import load_dataset
from anaspike.learning.datasets.survey import survey


def kaggle(root):
    """Write the smallest set of copies that is whole."""
    generator = np.random.default_rng(1)
    for label, name in enumerate(makers.CELLS):
        for part in ("TRAIN", "TEST", "TEST_SIMPLE"):
            for number in range(2):
                place = root / "images" / part / name / f"_{number}_{number}.jpeg"
                pixels = generator.integers(0, 256, (12, 16, 3), dtype=np.uint8) // (1 + label)
                makers.save(Image.fromarray(pixels), place)


def stl10(root):
    makers.stl10(root, train=10, test=10)


def originals(root):
    makers.originals(root, per_class=1)


def cells(root):
    makers.originals(root, per_class=2, cells=True)


def food11(root):
    makers.food11(root, per_class=1)


MADE = {"originals": ("bccd", originals), "kaggle": ("bccd", kaggle), "food11": ("food11", food11)}


@pytest.fixture(scope="module")
def folders(tmp_path_factory):
    """Good folders of each layout, as files."""
    made = {}
    more = {"stl10": ("stl10", stl10), "cells": ("bccd", cells)}
    for name, (kind, make) in {**MADE, **more}.items():
        root = tmp_path_factory.mktemp(name)
        make(root)
        paths = [path for path in sorted(root.rglob("*")) if path.is_file()]
        made[name] = kind, {str(p.relative_to(root)): p.read_bytes() for p in paths}
    return made


@pytest.mark.parametrize("layout", [*MADE, "stl10"])
@examples(15)
@given(data=st.data())
def test_folders_of_images(contract, folders, layout, data):
    kind, files = folders[layout]
    folder = contract.written(data.draw(mutants(files)))
    contract.holds(lambda: survey(kind, folder))


@pytest.mark.parametrize(("layout", "features"), [("cells", "cells"), ("food11", "pixels")])
@examples(4)
@given(data=st.data())
def test_features_of_images(contract, folders, layout, features, data):
    kind, files = folders[layout]
    folder = contract.written(data.draw(mutants(files)))
    kept = folder / "kept"  # what is made of images is written to a cache
    contract.holds(lambda: load_dataset(kind, folder, features, cache=kept))


PICTURES = ("PNG", "JPEG", "GIF", "BMP", "WEBP")


@pytest.fixture(scope="module")
def pictures(tmp_path_factory):
    """One good picture of each format."""
    folder = tmp_path_factory.mktemp("pictures")
    for kind in PICTURES:
        makers.noise(1, (9, 7)).save(folder / kind, kind)
    return {kind: (folder / kind).read_bytes() for kind in PICTURES}


@examples(40)
@given(data=st.data(), kind=st.sampled_from(PICTURES))
def test_pictures(contract, pictures, data, kind):
    from anaspike.learning.images import read_picture

    folder = contract.written(data.draw(mutants({"picture.jpg": pictures[kind]})))
    contract.holds(lambda: read_picture(folder / "picture.jpg", None))
