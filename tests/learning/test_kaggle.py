"""Kaggle's blood cells: sources are found by picture, judged by counts, and else said unknown."""

import shutil
from pathlib import Path

import dataset_makers as makers
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from anaspike.errors import InputError
from anaspike.learning.datasets import bccd, grouped_folds, grouped_split, load_dataset
from anaspike.learning.datasets.kaggle import _doubtful, _Match
from anaspike.learning.datasets.matching import Gallery, fingerprint
from anaspike.learning.datasets.splits import repeated_splits
from anaspike.learning.images import examine
from anaspike.learning.scores import accuracy, balanced_accuracy, effective_size

NO_CLEAN = "the sources of TRAIN's 24 files are unknown: no validation inside TRAIN is clean"


def sources(root):
    """Return the sample's name -> its source, and the notes."""
    found = examine(bccd.find(root))
    return {s.name: g for s, g in zip(found.kept, found.groups, strict=True)}, found.notes()


def test_each_file_of_test_is_grouped_with_the_picture_that_it_shows(tmp_path):
    found, notes = sources(makers.kaggle(tmp_path))
    of_test = {name: group for name, group in found.items() if name.startswith("TEST/")}
    assert len(of_test) == 24
    for name, group in of_test.items():
        source = int(Path(name).stem.split("_")[2]) % 1000
        assert group == f"TEST_SIMPLE/{name.split('/')[1]}/_{source}_{source}"
    assert {group for name, group in found.items() if name.startswith("TRAIN/")} == {""}
    assert notes == (
        NO_CLEAN,
        "TEST matched to the pictures of TEST_SIMPLE: 6 EOSINOPHIL to 3, 6 LYMPHOCYTE to 3,"
        " 6 MONOCYTE to 3, 6 NEUTROPHIL to 3",
    )


def test_neither_names_nor_sizes_nor_formats_matter(tmp_path):
    makers.kaggle(tmp_path)
    for number, path in enumerate(sorted((tmp_path / "images/TEST").rglob("*.jpeg"))):
        with Image.open(path) as picture:
            larger = picture.resize((160, 120), Image.Resampling.BILINEAR)
        larger.save(path.with_name(f"{path.stem.split('_')[2]} copy {number}.png"))
        path.unlink()
    found, _ = sources(tmp_path)
    of_test = {name: group for name, group in found.items() if name.startswith("TEST/")}
    assert len(of_test) == 24
    for name, group in of_test.items():
        source = int(Path(name).name.split()[0]) % 1000
        assert group.endswith(f"/_{source}_{source}")


def test_training_chooses_by_samples_that_are_not_clean_and_is_judged_by_sources(tmp_path):
    dataset = load_dataset("bccd", makers.kaggle(tmp_path, sources=5, copies=3), "pixels")
    assert dataset.sources() == dict.fromkeys(makers.CELLS)
    assert dataset.notes[0].startswith(
        "augmented copies (Kaggle), TRAIN and TEST: 60 images from 20 sources and 60 of unknown"
        " sources"
    )
    for split in repeated_splits(dataset, 3, 2):
        assert set(dataset.parts[split.test]) == {"test"}
        assert len(split.test) == 60
        assert set(dataset.parts[split.validation]) == {"train"}
        assert len(split.validation) == 8
        assert not split.clean(dataset)
    with pytest.raises(InputError) as error:
        grouped_folds(dataset, 0)
    assert str(error.value) == (
        "data set bccd: the sources of 60 samples are unknown; divided, copies of one image would"
        " be learned from and judged by"
    )


def test_test_simple_stands_in_where_test_is_not_there(tmp_path):
    makers.kaggle(tmp_path, test="TEST_SIMPLE")
    assert bccd.find(tmp_path).layout == "augmented copies (Kaggle), TRAIN and TEST_SIMPLE"
    found, notes = sources(tmp_path)
    assert found["TEST_SIMPLE/MONOCYTE/_2_2.jpeg"] == "TEST_SIMPLE/MONOCYTE/_2_2"
    assert notes == (NO_CLEAN,)


def without_simple(tmp_path):
    shutil.rmtree(tmp_path / "images/TEST_SIMPLE")


def of_one_picture(tmp_path):
    for path in sorted((tmp_path / "images/TEST_SIMPLE/LYMPHOCYTE").iterdir())[1:]:
        path.unlink()


def of_other_pictures(tmp_path):
    """TEST dealt anew from all copies, as some do: its originals are elsewhere."""
    test = tmp_path / "images/TEST/NEUTROPHIL"
    shutil.rmtree(test)
    test.mkdir()
    pictures = [makers.scene(7000 + number) for number in range(8)]
    makers.copied(pictures, 2, test, np.random.default_rng(1))


def of_one_most(tmp_path):
    """Twenty copies of one picture, two of each other."""
    folder = tmp_path / "images/TEST/MONOCYTE"
    makers.copied([makers.scene(2100)], 18, folder, np.random.default_rng(1), "jpg")


@pytest.mark.parametrize(
    ("change", "files", "why"),
    [
        (without_simple, 24, "TEST_SIMPLE/EOSINOPHIL, which they are copies of, is not there"),
        (
            of_one_picture,
            24,
            "TEST_SIMPLE/LYMPHOCYTE holds one cell, so that nothing can be compared",
        ),
        (
            of_other_pictures,
            34,
            " of 16 files of NEUTROPHIL are like no one picture of TEST_SIMPLE",
        ),
        (
            of_one_most,
            42,
            "20 files of MONOCYTE match TEST_SIMPLE/MONOCYTE/_0_0, where about 8 of 24 should: each"
            " original has nearly as many copies",
        ),
    ],
)
def test_matches_that_are_not_to_be_believed_leave_all_of_test_unknown(
    tmp_path, change, files, why
):
    makers.kaggle(tmp_path)
    change(tmp_path)
    found, notes = sources(tmp_path)
    assert set(found.values()) == {""}
    assert notes[1].startswith(f"the sources of TEST's {files} files are unknown: ")
    assert notes[1].endswith(why)
    dataset = load_dataset("bccd", tmp_path, "pixels")
    split = grouped_split(dataset, 0)
    right = np.ones(len(split.test), dtype=bool)
    for share in (
        accuracy(right, dataset.groups[split.test]),
        balanced_accuracy(right, dataset.labels[split.test], dataset.groups[split.test]),
    ):
        assert not share.known
        assert str(share) == "1.000 [unknown]"


def known_picture(bits):
    """A picture with a fingerprint: each row rises or falls from step to step, as its bits say."""
    steps = np.array([int(bit) for bit in f"{bits:064b}"]).reshape(8, 8) * 2 - 1
    grey = 120 + 6 * np.concatenate([np.zeros((8, 1)), steps.cumsum(axis=1)], axis=1)
    pixels = np.kron(grey, np.ones((10, 10)))[..., None].repeat(3, axis=2)
    return Image.fromarray(pixels.astype(np.uint8))


def test_a_cell_that_stands_in_train_too_is_left_out_and_one_photographed_twice_is_one(tmp_path):
    makers.kaggle(tmp_path, test="TEST_SIMPLE")
    simple = tmp_path / "images/TEST_SIMPLE"
    makers.save(known_picture(0xE566EBD8E2E5EDAD), simple / "EOSINOPHIL/renamed.png")
    makers.save(known_picture(0x46C4C4D5D4F0E8FA), simple / "NEUTROPHIL/one.png")
    makers.save(known_picture(0x3213535551F2E1EA), simple / "NEUTROPHIL/two.png")
    found, notes = sources(tmp_path)
    assert "TEST_SIMPLE/EOSINOPHIL/renamed.png" not in found
    assert found["TEST_SIMPLE/NEUTROPHIL/one.png"] == "BloodImage_00223"
    assert found["TEST_SIMPLE/NEUTROPHIL/two.png"] == "BloodImage_00223"
    assert (
        "1 files of TEST_SIMPLE left out, their cells stand in TRAIN too:"
        " BloodImage_00204 = 00277" in notes
    )


def test_a_picture_of_test_simple_that_is_there_twice_is_one_source(tmp_path):
    makers.kaggle(tmp_path, copies=4)
    folder = tmp_path / "images/TEST_SIMPLE/EOSINOPHIL"
    with Image.open(folder / "_0_0.jpeg") as picture:
        picture.save(folder / "_9_9.jpeg", quality=60)
    (folder / "_8_8.jpeg").write_bytes(b"no picture")
    (folder / "Thumbs.db").write_bytes(b"nothing")
    found, _ = sources(tmp_path)
    groups = {group for name, group in found.items() if name.startswith("TEST/EOSINOPHIL")}
    assert groups == {f"TEST_SIMPLE/EOSINOPHIL/_{i}_{i}" for i in range(3)}


def test_equal_files_of_train_and_test_are_not_judged_by(tmp_path):
    """Whether the source of the one in TEST is known or not."""
    for name in ("known", "unknown"):
        makers.kaggle(tmp_path / name, sources=4)
        train, test = (tmp_path / name / "images" / p / "MONOCYTE" for p in ("TRAIN", "TEST"))
        first = sorted(test.iterdir())[0]
        shutil.copy(first, train / "_0_1.jpeg")
        if name == "unknown":
            shutil.rmtree(tmp_path / name / "images/TEST_SIMPLE")
        dataset = load_dataset("bccd", tmp_path / name, "pixels")
        split = grouped_split(dataset, 0)
        pair = f"TRAIN/MONOCYTE/_0_1.jpeg = TEST/MONOCYTE/{first.name}"
        assert dataset.notes[-1].endswith(pair)
        # Of a known source none of the copies is judged by, of an unknown one the equal file.
        assert len(split.test) == 4 * 8 - (2 if name == "known" else 1)


def test_an_image_that_cannot_be_read_and_a_file_that_is_none_are_named(tmp_path):
    makers.kaggle(tmp_path)
    broken = sorted((tmp_path / "images/TRAIN/MONOCYTE").iterdir())[0]
    broken.write_bytes(broken.read_bytes()[:300])
    (tmp_path / "images/TEST/MONOCYTE/_1_7.jpeg").mkdir()
    (tmp_path / "images/TEST/MONOCYTE/notes.txt").write_text("what is this?")
    dataset = load_dataset("bccd", tmp_path, "pixels")
    assert len(dataset.labels) == 47
    assert dataset.notes[1] == (
        "1 files that are no images by their names, skipped: TEST/MONOCYTE/notes.txt"
    )
    assert dataset.notes[-1] == (
        f"2 unreadable, skipped: TRAIN/MONOCYTE/{broken.name}, TEST/MONOCYTE/_1_7.jpeg"
    )


@given(st.integers(2, 60), st.integers(1, 200))
def test_equal_counts_are_believed_whatever_their_number(cells, copies):
    shares = {f"cell {index}": 1 / cells for index in range(cells)}
    assert not list(_doubtful("X", shares, [_Match(cell, 0.1) for cell in shares] * copies))


@pytest.mark.parametrize(
    ("counts", "believed"),
    [
        ([155, 155, 154, 156], True),  # the published monocytes
        ([13] * 48, True),
        ([40, 37, 45, 33], True),  # a part drawn at random
        ([310, 100, 105, 105], False),
        ([13] * 46 + [40, 0], False),
        ([0, 207, 207, 206], False),
    ],
)
def test_counts(counts, believed):
    shares = {f"cell {index}": 1 / len(counts) for index in range(len(counts))}
    matches = [_Match(f"cell {i}", 0.1) for i, count in enumerate(counts) for _ in range(count)]
    assert (not list(_doubtful("X", shares, matches))) == believed


def test_a_copy_is_like_its_own_picture_in_any_pose():
    pictures = [makers.scene(seed, (320, 240)) for seed in range(12)]
    gallery = Gallery([np.asarray(picture) for picture in pictures])
    generator = np.random.default_rng(2)
    for number, picture in enumerate(pictures):
        assert gallery.likeness(np.asarray(picture))[number] == pytest.approx(1, abs=1e-3)
        found = gallery.likeness(np.asarray(makers.turned(picture, generator)))
        assert int(found.argmax()) == number
        assert np.sort(found)[-1] - np.sort(found)[-2] > 0.04


def test_nothing_is_like_an_empty_picture():
    empty = np.zeros((60, 80, 3), dtype=np.uint8)
    assert Gallery([np.asarray(makers.scene(1)), empty]).likeness(empty) == pytest.approx(0)


def test_a_fingerprint_survives_another_size_and_compression(tmp_path):
    bits = 0xE566EBD8E2E5EDAD
    picture = known_picture(bits)
    assert fingerprint(np.asarray(picture)) == bits
    picture.resize((640, 480)).save(tmp_path / "large.jpeg", quality=70)
    with Image.open(tmp_path / "large.jpeg") as again:
        assert (fingerprint(np.asarray(again)) ^ bits).bit_count() <= 6


def test_copies_are_worth_as_many_samples_as_there_are_sources_or_fewer():
    assert effective_size(np.repeat(["a", "b", "c"], 100)) == pytest.approx(3)
    # 100 copies of one source and 1 each of two others are hardly more than one.
    assert effective_size(np.array(["a"] * 100 + ["b", "c"])) == pytest.approx(1.04, abs=0.01)
    assert effective_size(np.array(["a", ""])) is None
    right = np.repeat([True, False], 50)
    each, copied = accuracy(right), accuracy(right, np.repeat(np.arange(10), 10).astype(str))
    assert (each.value, copied.value) == (0.5, 0.5)
    # Wilson for 5 of 10: [0.237, 0.763].
    assert (copied.low, copied.high) == pytest.approx((0.2366, 0.7634), abs=1e-3)
    assert copied.high - copied.low > 2 * (each.high - each.low)


def test_the_commands_say_what_is_unknown(tmp_path, capsys, monkeypatch):
    from anaspike.cli import run

    monkeypatch.setenv("COLUMNS", "200")
    monkeypatch.chdir(tmp_path)
    shutil.rmtree(makers.kaggle(tmp_path, sources=4, copies=5) / "images/TEST_SIMPLE")
    assert run(["datasets", "bccd", "--data", "."]) == 0
    out = capsys.readouterr().out
    assert "train: 80 images of unknown sources" in out
    assert "test: 80 images of unknown sources" in out
    assert run(["features", "bccd", "--data", ".", "--features", "pixels", "-o", "t.npz",
                "--quiet"]) == 0  # fmt: skip
    assert run(["train", "--dataset", "t.npz", "--epochs", "2"]) == 0
    out = capsys.readouterr().out
    assert "12 validation (sources unknown: not clean), 80 test" in out
    assert next(line for line in out.splitlines() if "nt1" in line).count("—") == 2
    assert "their sources are unknown, so there is no interval" in out
    assert "note: the sources of TEST's 80 files are unknown: TEST_SIMPLE/EOSINOPHIL" in out
