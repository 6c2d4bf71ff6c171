"""Folders of images from strangers: nothing is waited for, run, or larger than stated."""

import io
import os
import re
import struct
import warnings
import zlib
from pathlib import Path

import dataset_makers as makers
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from anaspike.errors import InputError
from anaspike.learning.datasets import load_dataset
from anaspike.learning.datasets.bccd import find
from anaspike.learning.datasets.survey import survey
from anaspike.learning.features.catalog import extractor
from anaspike.learning.images import Collection, Sample, examine

NAME = "images/TEST/MONOCYTE/_1_7.jpeg"


@pytest.fixture
def one(tmp_path):
    """A reader of one file as an image: its pixels, or what is wrong with it."""

    def read(content, **options):
        path = tmp_path / "i.jpg"
        if content is not None:
            path.write_bytes(content)
        got = []
        sample = Sample("i.jpg", 0, "g", path)
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            try:
                examine(
                    Collection("c", "", tmp_path, ("a",), (sample,)),
                    lambda _, pixels: got.append(pixels) or np.zeros(1, np.float32),
                    **options,
                )
            except InputError as error:
                assert "\n" not in str(error)
                return str(error)
        return got[0]

    return read


def encoded(image, how="PNG", **options):
    file = io.BytesIO()
    image.save(file, how, **options)
    return file.getvalue()


def png(width, height, data=b"", extra=b""):
    """Return a PNG of a header, whatever its data."""

    def chunk(kind, content):
        return (struct.pack(">I", len(content)) + kind + content
                + struct.pack(">I", zlib.crc32(kind + content)))  # fmt: skip

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return (b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + extra
            + chunk(b"IDAT", zlib.compress(data)) + chunk(b"IEND", b""))  # fmt: skip


@pytest.mark.parametrize("size", [(7000, 7000), (10_000, 15_000), (40_000, 40_000), (2**31 - 1, 1)])
def test_an_image_is_judged_by_its_header(one, tmp_path, size):
    line = one(png(*size))
    assert line.startswith(f"{tmp_path}/i.jpg ")
    assert re.search(r"unpacks to .* may hold 128 MB|more pixels than pillow reads", line)


def test_a_larger_image_may_be_allowed(one):
    content = encoded(Image.new("RGB", (6000, 6000)))
    assert "unpacks to 144 MB, and a file of" in one(content)
    assert "`max_size_B`" in one(content)
    assert one(content, max_size_B=2e8).shape == (6000, 6000, 3)
    assert "1 kB are allowed" in one(content[:900], max_size_B=1000)
    assert "larger than 0.001 MB" in one(content, max_size_B=1000)


def test_every_mode_becomes_8_bit_colours(one):
    grey = np.linspace(0, 65535, 12).reshape(3, 4).astype(np.uint16)
    upper = np.repeat((grey >> 8).astype(np.uint8)[..., None], 3, axis=2)
    assert np.array_equal(one(encoded(Image.fromarray(grey))), upper)  # no 255 for all above it
    red = Image.new("RGB", (4, 3), (250, 10, 20))
    clear = red.quantize(4)
    clear.info["transparency"] = b"\x00\x80"
    for content in (
        encoded(red), encoded(red, "BMP"), encoded(red.convert("RGBA")), encoded(clear),
        encoded(red, "GIF"), encoded(red, "WEBP", lossless=True),
        encoded(red, "GIF", save_all=True, append_images=[Image.new("RGB", (4, 3))] * 3),
    ):  # fmt: skip
        pixels = one(content)
        assert pixels.shape == (3, 4, 3)
        assert abs(pixels.astype(int) - (250, 10, 20)).max() <= 6
    assert one(encoded(red.convert("CMYK"), "JPEG")).shape == (3, 4, 3)


EPS = b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n%%EndComments\n(x) run\n%%EOF\n"


@pytest.mark.parametrize(
    "content",
    [
        b"", b"\xff\xd8\xff", b"GIF89a", png(0, 0), png(0, 5), png(9, 9), EPS,
        png(3, 3, bytes(30), b"\x7f\xff\xff\xffzTXt"),
        encoded(Image.new("RGB", (400, 300)), "JPEG")[:600],
        encoded(Image.new("RGB", (4, 3)), "TIFF"),
        encoded(Image.new("RGB", (64, 64)), "JPEG") + b"\xff\xda\x00\x08" * 200,
    ],
)  # fmt: skip
def test_what_is_no_image_is_left_out(one, content, monkeypatch):
    monkeypatch.setattr("subprocess.Popen", pytest.fail)  # pillow runs ghostscript on EPS
    assert one(content).endswith(": no image can be read")


@settings(max_examples=150)
@given(
    st.sampled_from(["PNG", "JPEG", "GIF", "BMP", "WEBP"]),
    st.lists(st.tuples(st.integers(0, 400), st.binary(min_size=1, max_size=5)), max_size=4),
    st.integers(0, 3),
)
def test_any_mutant_of_an_image_is_read_or_left_out(tmp_path_factory, how, edits, cut):
    content = bytearray(encoded(makers.noise(1, (9, 7)), how))
    for place, new in edits:
        at = place % len(content)
        content[at : at + len(new)] = new
    path = tmp_path_factory.mktemp("fuzz") / "i.png"
    path.write_bytes(content[: len(content) >> cut])
    collection = Collection("c", "", path.parent, ("a",), (Sample("i", 0, "g", path),))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        try:
            examine(collection)
        except InputError as error:
            assert "\n" not in str(error)


@settings(max_examples=60)
@given(
    st.tuples(st.integers(1, 40), st.integers(1, 40)),
    st.sampled_from([0, 1, 128, 255, None]),
    st.none() | st.tuples(*[st.integers(-1_000_000, 1_000_000) | st.integers(-5, 400)] * 4),
)
def test_any_picture_and_box_have_a_cell_or_none(size, colour, box):
    picture = makers.noise(1, size) if colour is None else Image.new("RGB", size, (colour,) * 3)
    sample = Sample("i", 0, "g", np.asarray(picture), box=box)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        row = extractor("cells")(sample, sample.content)
        assert row is None or np.isfinite(row).all()


@pytest.mark.parametrize("kind", ["pipe", "device", "link to a pipe"])
def test_a_pipe_or_a_device_among_the_images_is_not_opened(tmp_path, kind):
    path = makers.kaggle(tmp_path) / NAME
    if kind == "device":
        path.symlink_to("/dev/zero")
    else:
        pipe = path if kind == "pipe" else tmp_path / "pipe"
        os.mkfifo(pipe)
        if pipe != path:
            path.symlink_to(pipe)
    with pytest.raises(InputError) as caught:
        survey("bccd", tmp_path)
    assert str(caught.value) == f"cannot read {path}: it is no plain file but a pipe or a device"


def test_loops_and_folders_among_the_images_are_left_out(tmp_path):
    folder = (makers.kaggle(tmp_path) / NAME).parent
    (folder / "_1_7.jpeg").symlink_to("_1_7.jpeg")
    (folder / "_1_8.jpeg").symlink_to("..")
    (folder / "_1_9.jpeg").symlink_to("nowhere")
    (folder / "again").symlink_to(folder)
    notes = " ".join(survey("bccd", tmp_path).notes)
    assert "3 unreadable, skipped" in notes
    assert "1 files that are no images by their names, skipped: TEST/MONOCYTE/again" in notes


@pytest.mark.parametrize("name", ["labels.csv", "Annotations/BloodImage_00001.xml"])
def test_a_pipe_beside_the_images_is_not_opened(tmp_path, name):
    path = makers.originals(tmp_path) / name
    path.unlink()
    os.mkfifo(path)
    with pytest.raises(InputError, match=re.escape(str(path)) + "|labels.csv missing or empty"):
        find(tmp_path)


LABELS = {
    "digits": (f",{'9' * 5000},MONOCYTE\n", "line 14: expected an image number and a Category"),
    "field": (f",7,{'M' * 200_000}\n", "cannot be read: field larger than field limit"),
    "zero byte": (",7\0,MONOCYTE\n", "labels.csv"),
    "column": (",7\n", "line 14: expected an image number and a Category"),
    "rows": (",7,MONOCYTE\n" * 100_001, "has more than 100000 rows"),
}


@pytest.mark.parametrize(("rows", "message"), LABELS.values(), ids=LABELS)
def test_labels_of_any_kind_are_one_line(tmp_path, rows, message):
    makers.originals(tmp_path, extra_rows=rows)
    with pytest.raises(InputError) as caught:
        find(tmp_path)
    assert str(tmp_path / "labels.csv") in str(caught.value)
    assert message in str(caught.value)
    assert len(str(caught.value)) < 400


def test_a_heading_of_many_columns_is_no_table(tmp_path):
    makers.originals(tmp_path)
    (tmp_path / "labels.csv").write_text("a," * 500 + "Image,Category\n" * 2)
    with pytest.raises(InputError, match="has 502 columns; expected Image and Category"):
        find(tmp_path)


LAUGHS = "<!DOCTYPE l [<!ENTITY a 'ha'>" + "".join(
    f"<!ENTITY {b} '{f'&{a};' * 10}'>" for a, b in zip("abcdefghi", "bcdefghij", strict=True)
)
BOX = makers.annotation((200, 130, 440, 350))
ANNOTATIONS = {
    "laughs": LAUGHS + "]><annotation>&j;</annotation>",
    "laughs in UTF-16": (LAUGHS + "]><annotation>&j;</annotation>").encode("utf-16"),
    "a file": '<!DOCTYPE a [<!ENTITY e SYSTEM "file:///etc/passwd">]>' + BOX,
    "UTF-7": '<?xml version="1.0" encoding="utf-7"?>+ADwAIQ-DOCTYPE' + BOX,
    "deep": "<object>" * 100_000,
    "huge": makers.annotation(("-1e308", 0, "1e308", 9)),
    "digits": makers.annotation((0, 0, "9" * 6000, 9)),
    "none": makers.annotation(("nan", "inf", "", "a")),
    "large": "<a>" + " " * 1_000_001 + "</a>",
}


@pytest.mark.parametrize("text", ANNOTATIONS.values(), ids=ANNOTATIONS)
def test_annotations_of_any_kind_give_no_box_or_one_line(tmp_path, text):
    path = makers.originals(tmp_path) / "Annotations/BloodImage_00001.xml"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    try:
        collection = find(tmp_path)
    except InputError as error:
        assert re.fullmatch(re.escape(str(path)) + " is (UTF-16|larger than 1 MB).*", str(error))
    else:
        assert "1 without a white cell's box, searched whole: BloodImage_00001" in collection.notes


def test_sparse_files_are_not_believed(tmp_path):
    makers.stl10(tmp_path)
    with (tmp_path / "train_X.bin").open("r+b") as file:
        file.truncate(3 * 96 * 96 * 10**8)
    with pytest.raises(InputError, match=r"train_X.bin is larger than 1 GB, which STL-10's is not"):
        load_dataset("stl10", tmp_path)
    makers.stl10(tmp_path)
    with (tmp_path / "test_y.bin").open("r+b") as file:
        file.truncate(10**13)
    with pytest.raises(InputError, match=r"test_y.bin is larger than 1 MB"):
        load_dataset("stl10", tmp_path)


def test_names_of_any_length_are_no_traceback(tmp_path):
    with pytest.raises((InputError, OSError)):  # the command line says an OSError in one line
        load_dataset("bccd", Path("n" * 5000))
