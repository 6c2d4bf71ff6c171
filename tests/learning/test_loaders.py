"""The loaders on files in the true formats: what is read, what is counted, what is refused."""

import json
import shutil

import dataset_makers as makers
import numpy as np
import pytest

from anaspike.errors import InputError
from anaspike.learning.datasets import bccd, food11, grouped_split, load_dataset, stl10
from anaspike.learning.datasets.survey import survey
from anaspike.learning.images import examine


@pytest.mark.parametrize(
    "nesting", ["", "dataset2-master", "dataset2-master/dataset2-master", "blood-cells"]
)
def test_kaggle_in_every_nesting(tmp_path, nesting):
    makers.kaggle(tmp_path / nesting)
    found = bccd.find(tmp_path)
    assert len(found.samples) == 2 * 4 * 3 * 2


def test_the_images_folder_itself_may_be_named(tmp_path):
    makers.kaggle(tmp_path)
    assert len(bccd.find(tmp_path / "images").samples) == 48


ODD_ROWS = (
    ',20,"NEUTROPHIL, EOSINOPHIL"\n,21,"NEUTROPHIL,NEUTROPHIL"\n,22,\n,23, \n,24,BASOPHIL\n'
    ",25,MONOCYTE\n"
)


def test_labels_saved_on_another_machine(tmp_path):
    root = makers.originals(tmp_path / "bccd")
    labels = root / "labels.csv"
    before = [(sample.name, sample.label) for sample in bccd.find(tmp_path).samples]
    labels.write_bytes(b"\xef\xbb\xbf" + labels.read_bytes().replace(b"\n", b"\r\n"))
    found = bccd.find(tmp_path).samples
    assert [(sample.name, sample.label) for sample in found] == before


def test_originals_with_every_oddity_of_the_published_labels(tmp_path):
    root = makers.originals(tmp_path / "bccd", extra_rows=ODD_ROWS)
    for number in (20, 24, 30):
        makers.save(makers.noise(number), root / f"JPEGImages/BloodImage_{number:05d}.jpg")
    (root / "Annotations/BloodImage_00003.xml").unlink()
    (root / "Annotations/BloodImage_00004.xml").write_text("<annotation><object>")
    (root / "Annotations/BloodImage_00005.xml").write_text(
        '<!DOCTYPE a [<!ENTITY e "boom">]>' + makers.annotation((200, 130, 440, 350))
    )
    found = bccd.find(tmp_path)
    assert [sample.label for sample in found.samples] == [0, 1, 2, 3] * 3
    assert found.samples[0].box == (200, 130, 440, 350)
    assert found.notes == (
        "2 blank labels: BloodImage_00022, BloodImage_00023",
        "2 labels with several cells: BloodImage_00020, BloodImage_00021",
        "1 labels without image: BloodImage_00025",
        "1 images without label: BloodImage_00030",
        "1 of class BASOPHIL, left out",
        "3 without a white cell's box, searched whole: BloodImage_00003, BloodImage_00004,"
        " BloodImage_00005",
    )


def test_one_cell_photographed_twice_is_one_source(tmp_path):
    found = bccd.find(makers.originals(tmp_path, per_class=10))
    groups = {sample.name: sample.group for sample in found.samples}
    assert groups["BloodImage_00038.jpg"] == groups["BloodImage_00037.jpg"] == "BloodImage_00037"
    assert "1 cells photographed twice, one source each: BloodImage_00037 = BloodImage_00038" in (
        found.notes
    )


def test_cells_become_features_and_a_smear_without_one_is_counted(tmp_path):
    root = makers.originals(tmp_path, per_class=2, cells=True)
    empty = makers.smear(1, (640, 480), lobes=0)
    makers.save(empty, root / "JPEGImages/BloodImage_00001.jpg")
    dataset = load_dataset("bccd", tmp_path)
    assert dataset.features.shape == (7, 220)
    assert "1 without a cell, skipped: BloodImage_00001.jpg" in dataset.notes
    lobes = dataset.features[:, dataset.feature_names.index("lobes_7")]
    assert [lobes[dataset.labels == label].mean() for label in (0, 1, 3)] == [1, 2, 4]
    again = load_dataset("bccd", tmp_path)
    assert np.array_equal(dataset.features, again.features)


def test_stl10_is_column_major_and_counts_from_one(tmp_path):
    found = stl10.find(makers.stl10(tmp_path / "stl10_binary").parent)
    assert found.classes[found.samples[0].label] == "airplane"
    picture = found.samples[3].content
    assert picture.shape == (96, 96, 3)
    assert picture[5, 7].tolist() == [5, 14, 3]
    dataset = load_dataset("stl10", tmp_path, "pixels")
    assert dataset.counts()["truck"] == 3
    split = grouped_split(dataset, 0)
    assert set(dataset.parts[split.test]) == {"test"}


def test_food11_reads_class_and_part_from_the_names(tmp_path):
    makers.food11(tmp_path / "food11")
    (tmp_path / "food11/training/11_0.jpg").write_bytes(b"no such class")
    found = food11.find(tmp_path)
    assert len(found.samples) == 3 * 11 * 2
    assert found.notes == (
        "1 files not named <class 0-10>_<number>.jpg, skipped: training/11_0.jpg",
    )
    dataset = load_dataset("food11", tmp_path, "pixels")
    # Colours encode label, number and part; JPEG moves them a little.
    assert dataset.classes[dataset.labels[0]] == "bread"
    split = grouped_split(dataset, 0)
    assert len(split.train) == len(split.validation) == len(split.test) == 22
    assert abs(dataset.features[split.test, 2].mean() * 255 - 200) < 6


def test_the_environment_names_the_folder_and_bccd_falls_back_to_its_table(tmp_path):
    makers.food11(tmp_path)
    environ = {"ANASPIKE_DATA": str(tmp_path)}
    assert len(load_dataset("food11", features="pixels", environ=environ).labels) == 66
    assert load_dataset("bccd", environ=environ).features.shape == (345, 220)


def test_a_survey_counts_sources_part_by_part(tmp_path):
    found = survey("bccd", makers.kaggle(tmp_path, sources=4, copies=3))
    assert [(c.part, c.samples, c.sources) for c in found.counts] == (
        [("train", 12, None)] * 4 + [("test", 12, 4)] * 4
    )


def test_progress_is_told(tmp_path):
    seen = []
    examine(food11.find(makers.food11(tmp_path)), progress=lambda *at: seen.append(at))
    assert seen == [(done, 66) for done in range(1, 67)]


def broken_kaggle(tmp_path, *parts):
    makers.kaggle(tmp_path, sources=1, copies=1)
    for part in parts:
        shutil.rmtree(tmp_path / "images" / part)


def emptied(tmp_path):
    makers.kaggle(tmp_path, sources=1, copies=1)
    for path in (tmp_path / "images/TEST/MONOCYTE").iterdir():
        path.unlink()


def half_originals(tmp_path):
    makers.originals(tmp_path)
    for number in (2, 5):
        (tmp_path / f"JPEGImages/BloodImage_{number:05d}.jpg").unlink()


def bad_labels(tmp_path, text):
    makers.originals(tmp_path)
    (tmp_path / "labels.csv").write_text(text)


def cut(path, size):
    path.write_bytes(path.read_bytes()[:size])


def no_class(tmp_path):
    makers.food11(tmp_path)
    for path in tmp_path.rglob("7_*.jpg"):
        path.unlink()


def one_label_more(tmp_path):
    makers.stl10(tmp_path)
    with (tmp_path / "test_y.bin").open("ab") as file:
        file.write(b"\x01")


def label_eleven(tmp_path):
    makers.stl10(tmp_path)
    np.full(20, 11, dtype=np.uint8).tofile(tmp_path / "train_y.bin")


def folder_for_a_file(tmp_path):
    makers.stl10(tmp_path)
    (tmp_path / "train_X.bin").unlink()
    (tmp_path / "train_X.bin/inside").mkdir(parents=True)


def file_for_a_folder(tmp_path):
    shutil.rmtree(makers.food11(tmp_path) / "evaluation")
    (tmp_path / "evaluation").write_text("?")


def folder_for_the_labels(tmp_path):
    makers.originals(tmp_path)
    (tmp_path / "labels.csv").unlink()
    (tmp_path / "labels.csv/inside").mkdir(parents=True)


def all_broken(tmp_path):
    for path in makers.food11(tmp_path).rglob("*.jpg"):
        path.write_bytes(b"")


@pytest.mark.parametrize(
    ("name", "make", "text"),
    [
        (
            "bccd",
            lambda at: broken_kaggle(at, "TEST", "TEST_SIMPLE"),
            "bccd in {}/images is incomplete: TEST_SIMPLE/EOSINOPHIL, TEST_SIMPLE/LYMPHOCYTE,"
            " TEST_SIMPLE/MONOCYTE, TEST_SIMPLE/NEUTROPHIL missing or empty; extract the archive"
            " again",
        ),
        (
            "bccd",
            lambda at: broken_kaggle(at, "TRAIN/LYMPHOCYTE"),
            "bccd in {}/images is incomplete: TRAIN/LYMPHOCYTE missing or empty; extract the"
            " archive again",
        ),
        (
            "bccd",
            emptied,
            "bccd in {}/images is incomplete: TEST/MONOCYTE missing or empty; extract the archive"
            " again",
        ),
        (
            "bccd",
            lambda at: shutil.rmtree(makers.originals(at) / "Annotations"),
            "bccd in {} is incomplete: Annotations missing or empty; extract the archive again",
        ),
        (
            "bccd",
            half_originals,
            "bccd in {} is incomplete: 2 of 12 labelled images are missing, the first is"
            " JPEGImages/BloodImage_00002.jpg; extract the archive again",
        ),
        (
            "bccd",
            lambda at: bad_labels(at, ",Image,Category\n,0,MONOCYTE\n,one,MONOCYTE\n"),
            "{}/labels.csv, line 3: expected an image number and a Category",
        ),
        (
            "bccd",
            lambda at: bad_labels(at, f",Image,Category\n,{'9' * 5000},MONOCYTE\n"),
            "{}/labels.csv, line 2: expected an image number and a Category",
        ),
        (
            "bccd",
            lambda at: bad_labels(at, ";Image;Category\n;0;MONOCYTE\n"),
            "{}/labels.csv is separated by semicolons; save it with commas between values, and"
            " points as decimal marks",
        ),
        (
            "bccd",
            lambda at: bad_labels(at, ",Image,Category\n,0,MONOCYTE\n,1,LYMPHOCYTE\n"),
            "bccd in {}: class EOSINOPHIL is empty",
        ),
        (
            "stl10",
            lambda at: (makers.stl10(at) / "test_y.bin").unlink(),
            "stl10 in {} is incomplete: test_y.bin missing or empty; extract the archive again",
        ),
        (
            "stl10",
            lambda at: cut(makers.stl10(at) / "train_X.bin", 100_000),
            "{}/train_X.bin is cut short: 100000 bytes are not a multiple of 27648 (3 x 96 x 96 a"
            " picture); download it again",
        ),
        (
            "stl10",
            one_label_more,
            "{}/test_y.bin has 11 labels beside 10 pictures in test_X.bin",
        ),
        ("stl10", label_eleven, "{}/train_y.bin has the label 11; STL-10's are 1 to 10"),
        (
            "stl10",
            folder_for_a_file,
            "{}/train_X.bin is a folder; stl10 has a file there",
        ),
        ("food11", file_for_a_folder, "{}/evaluation is a file; food11 has a folder there"),
        ("bccd", folder_for_the_labels, "{}/labels.csv is a folder; bccd has a file there"),
        ("food11", no_class, "food11 in {}: class rice is empty"),
        (
            "food11",
            lambda at: shutil.rmtree(makers.food11(at) / "validation"),
            "food11 in {} is incomplete: validation missing or empty; extract the archive again",
        ),
        ("food11", all_broken, "food11 in {}: no image can be read"),
        ("food11", lambda at: None, "no food11 in {}: it holds no training/"),
        ("bccd", lambda at: None, "no bccd in {}: it holds no JPEGImages/ or images/TRAIN/"),
    ],
)
def test_a_broken_data_set(tmp_path, name, make, text):
    make(tmp_path)
    with pytest.raises(InputError) as error:
        load_dataset(name, tmp_path, "pixels")
    assert str(error.value) == text.format(tmp_path)


@pytest.mark.parametrize(
    ("act", "text"),
    [
        (
            lambda at: load_dataset("bcdd"),
            "unknown data set 'bcdd'; there is bccd, stl10, food11, digits, wine, xor, or a"
            " table of features (.npz);"
            " did you mean 'bccd'?",
        ),
        (
            lambda at: load_dataset("mnist\n"),
            "unknown data set 'mnist\\x0a'; there is bccd, stl10, food11, digits, wine, xor, or"
            " a table of features (.npz)",
        ),
        (
            lambda at: load_dataset("stl10", environ={}),
            "stl10 needs its files (train_X.bin): give their folder with --data or $ANASPIKE_DATA;"
            " docs/datasets.md says where to get them",
        ),
        (lambda at: load_dataset("bccd", at / "gone"), "--data {}/gone: no such folder"),
        (
            lambda at: load_dataset("bccd", environ={"ANASPIKE_DATA": str(at / "gone")}),
            "$ANASPIKE_DATA {}/gone: no such folder",
        ),
        (
            lambda at: load_dataset("bccd", at / "file"),
            "--data {}/file is a file; give the folder that holds the data set",
        ),
        (
            lambda at: load_dataset("bccd", None, "vgg19", environ={}),
            "the embedded table of bccd holds the features cells; for vgg19 give the images with"
            " --data",
        ),
    ],
)
def test_what_is_asked_for_is_not_there(tmp_path, act, text):
    (tmp_path / "file").write_text("")
    with pytest.raises(InputError) as error:
        act(tmp_path)
    assert str(error.value) == text.format(tmp_path)


def test_the_commands_write_a_table_that_is_a_data_set_and_say_what_is_wrong(
    tmp_path, capsys, monkeypatch
):
    from anaspike.cli import run

    monkeypatch.setenv("COLUMNS", "120")
    data = makers.kaggle(tmp_path / "data")
    table = tmp_path / "t.npz"
    assert run(["features", "bccd", "--data", str(data), "--features", "pixels",
                "-o", str(table)]) == 0  # fmt: skip
    assert "48 x 768 features" in capsys.readouterr().out
    assert load_dataset(str(table)).counts()["MONOCYTE"] == 12
    assert run(["datasets", "bccd", "--data", str(data), "--json"]) == 0
    (row,) = json.loads(capsys.readouterr().out)
    assert row["counts"][0] == {
        "part": "train", "class": "EOSINOPHIL", "samples": 6, "sources": None,
    }  # fmt: skip
    assert run(["datasets", "stl10", "--data", str(data)]) == 2
    assert capsys.readouterr().err == f"error: no stl10 in {data}: it holds no train_X.bin\n"
    assert run(["datasets", "--data", str(data / "gone")]) == 2
    assert run(["features", "bccd", "-o", "t.csv"]) == 2
    assert "--out t.csv: a table's name ends with .npz" in capsys.readouterr().err
    monkeypatch.delenv("ANASPIKE_DATA", raising=False)
    assert run(["datasets"]) == 0
    assert "absent food11  food11 needs its files (training/)" in capsys.readouterr().out
