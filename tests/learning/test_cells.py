"""Blood cells: found where they were drawn, whatever the light, and never a broken number."""

import dataset_makers as makers
import numpy as np
import pytest
from scipy import ndimage

from anaspike.learning.features.cells import cell_features
from anaspike.learning.features.segment import segment


def smear(seed=0, lobes=3):
    return np.asarray(makers.smear(seed, lobes=lobes))


def test_nucleus_and_cytoplasm_are_where_they_were_drawn():
    cell = segment(smear(lobes=1))
    generator = np.random.default_rng(0)
    row, column = generator.integers(100, 140), generator.integers(140, 180)
    found = ndimage.center_of_mass(cell.nucleus)
    assert np.hypot(found[0] - row, found[1] - column - 12) < 1.5
    assert cell.nucleus.sum() == pytest.approx(np.pi * 9**2, rel=0.15)
    whole = (cell.nucleus | cell.cytoplasm).sum()
    assert whole == pytest.approx(np.pi * 34**2, rel=0.2)


@pytest.mark.parametrize("turn", [1, 2, 3])
def test_a_turned_image_has_the_same_shape(turn):
    picture = smear()
    # Turning swaps the sides; padding to a square keeps all of it.
    square = np.pad(picture, ((40, 40), (0, 0), (0, 0)), mode="edge")
    upright, turned = cell_features(square), cell_features(np.rot90(square, turn).copy())
    for name in ("nucleus_area", "cell_area", "nucleus_solidity", "lobes_7", "cores_0.25"):
        assert turned[name] == pytest.approx(upright[name], rel=0.02), name


def test_a_dimmer_lamp_changes_little():
    bright, dim = (cell_features((smear() * light).astype(np.uint8)) for light in (1.0, 0.8))
    for name in ("nucleus_area", "nucleus_red_mean", "cytoplasm_share_green", "red_cell_green"):
        assert dim[name] == pytest.approx(bright[name], rel=0.05), name


def test_a_box_says_which_of_two_cells():
    two = np.hstack([smear(1, lobes=1)[:, 80:240], smear(2, lobes=4)[:, 80:240]])
    assert segment(two, (0, 0, 160, 240)).nucleus[:, 160:].sum() == 0
    assert segment(two, (160, 0, 320, 240)).nucleus[:, :160].sum() == 0
    assert segment(two, (300, 200, 300, 200)) is None


@pytest.mark.parametrize("level", [0, 128, 255])
def test_an_image_without_a_cell_has_none(level):
    assert cell_features(np.full((240, 320, 3), level, dtype=np.uint8)) is None


@pytest.mark.parametrize("radius", [1.5, 2, 2.5, 3, 4])
@pytest.mark.parametrize("blur", [0, 1, 2])
def test_a_speck_gives_finite_numbers_or_nothing(radius, blur):
    image = smear(lobes=0).astype(float)
    y, x = np.mgrid[:240, :320]
    spot = ndimage.gaussian_filter((np.hypot(y - 200, x - 170) < radius).astype(float), blur)
    image += spot[..., None] * (np.array([60, 30, 150]) - image)
    found = cell_features(np.clip(image, 0, 255).astype(np.uint8))
    assert found is None or np.isfinite(list(found.values())).all()


def test_black_corners_of_a_rotated_copy_are_no_part_of_the_slide():
    image = smear()
    corner = np.add.outer(np.arange(240), np.arange(320)) < 120
    cut = image.copy()
    cut[corner] = 0
    whole, less = segment(image), segment(cut)
    assert np.array_equal(whole.nucleus, less.nucleus)
    assert not less.valid[corner].any()
