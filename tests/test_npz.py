"""Npz files of strangers: headers before data, one line for what is odd, never more than stated."""

import contextlib
import io
import os
import re
import socket
import struct
import subprocess
import sys
import warnings
import zipfile
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from npz_maker import bomb, headed, npy, saved, zipped

from anaspike.bounds import Bound
from anaspike.errors import InputError
from anaspike.learning.arrays import read_arrays
from anaspike.learning.foreign.safetensors import read_safetensors
from anaspike.npz import read_npz

ONES = np.ones((2, 3), np.float32)


def refused(path, **options):
    """Read a file that must be refused; return what is said after its name."""
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        with pytest.raises(InputError) as caught:
            read_arrays(path, **options)
    line = str(caught.value)
    assert "\n" not in line
    assert line.isprintable()
    assert str(path) in line
    return line


@pytest.mark.parametrize(
    "values",
    [
        np.arange(6).reshape(2, 3).astype(dtype)
        for dtype in ("<f4", ">f4", ">f8", "f2", "i1", "u1", "<i8", ">u2", "<c8", "?", "g")
    ]
    + [
        np.asfortranarray(np.arange(24.0).reshape(2, 3, 4)),
        np.array(5.0),
        np.empty((0, 3)),
        np.empty((3, 0), ">f4"),
        np.array(["ab", "ü", ""]),
        np.array(["ab"], ">U3"),
        np.array([b"ab"]),
        np.array([], np.str_),
        np.arange(12)[::2],
    ],
)
@pytest.mark.parametrize("save", [np.savez, np.savez_compressed])
def test_what_numpy_writes_is_read_as_numpy_reads_it(tmp_path, values, save):
    save(tmp_path / "w.npz", a=values, b=values[..., None])
    arrays = read_arrays(tmp_path / "w.npz")
    assert list(arrays) == ["a", "b"]
    assert arrays["a"].shape == values.shape
    assert arrays["a"].dtype == values.dtype.newbyteorder("=")
    assert np.array_equal(arrays["a"], values)
    assert np.array_equal(arrays["b"], values[..., None])


def test_other_writers_headers_are_read(tmp_path):
    data = ONES.tobytes()
    for header in (
        "{'descr': '<f4', 'fortran_order': False, 'shape': (2, 3), }   \n",
        '{"shape": (2L, 3L), "fortran_order": False, "descr": "<f4"}',
        "{'descr':'<f4','fortran_order':False,'shape':(2,3)}",
    ):
        for version in ((1, 0), (2, 0), (3, 0)):
            (tmp_path / "w.npz").write_bytes(zipped([("W.npy", npy(header, data, version))]))
            assert np.array_equal(read_arrays(tmp_path / "w.npz")["W"], ONES)


HEADERS = {
    "object": (headed("'|O'", "(1,)", data=b"\x80\x04."), "holds pickled objects, which are never"),
    "structured": (headed("[('a', '<f4')]", "(6,)"), "W is of a structured type, no plain array"),
    "nested": (headed("('<f4', (2,))", "(3,)"), "W is of a structured type, no plain array"),
    "comma": (headed("'f4,f4'", "(3,)"), "W is of type f4,f4, no plain array"),
    "date": (headed("'<M8[ns]'", "(3,)"), "W is of type <M8[ns], no plain array"),
    "no type": (headed("'<f3'"), "W is of type <f3, which NumPy lacks"),
    "long type": (headed("'<U99999999999'", "()"), "no plain array"),
    "many bytes": (headed("'<U400000000'", "()"), "W has the shape (), and a file of"),
    "negative": (headed(shape="(-2, -3)"), "W has no header of an array"),
    "a float": (headed(shape="(2.0, 3)"), "W has no header of an array"),
    "two commas": (headed(shape="(2,, 3)"), "W has a shape that makes no sense"),
    "digits": (headed(shape=f"({'9' * 5000},)"), "W has a shape that makes no sense"),
    "petabyte": (headed(shape="(1000000, 1000000, 1000)"), "the shape (1000000, 1000000, 1000)"),
    "no rows": (headed(shape="(1000000000000, 0)", data=b""), "W has the shape (1000000000000, 0)"),
    "overflow": (headed(shape=f"({2**59}, {2**59}, 0)", data=b""), "W has the shape"),
    "dimensions": (headed(shape=f"({'1,' * 33})", data=bytes(4)), "W has 33 dimensions"),
    "too short": (headed(data=bytes(20)), "W holds more or less than its shape says"),
    "too long": (headed(data=bytes(30)), "W holds more or less than its shape says"),
    "a call": (headed("__import__('os')"), "W has no header of an array"),
    "deep": (npy("(" * 9000), "W has no header of an array"),
    "escape": (npy(r"{'descr': '\d', 'fortran_order': False, 'shape': (1,), }"), "no plain array"),
    "a key more": (npy("{'descr': '<f4', 'fortran_order': 0, 'shape': ()}"), "has no header of an"),
    "large": (npy(" " * 20_000), "W has a header of 20000 bytes"),
    "cut": (b"\x93NUMPY\x01\x00\xff\x00{", "W is cut short"),
    "cut before": (b"\x93NUMPY\x01\x00\xff", "W is cut short"),
    "version": (npy("", version=(9, 0)), "W is an array of a version that is unknown"),
    "codes": (headed("'<U1'", "(1,)", data=b"\xff\xff\xff\x7f"), "holds text that is no Unicode"),
    "halves": (headed("'<U1'", "(1,)", data=b"\x00\xd8\x00\x00"), "holds text that is no Unicode"),
}  # fmt: skip


@pytest.mark.parametrize(("content", "message"), HEADERS.values(), ids=HEADERS)
def test_headers_are_judged_before_data(tmp_path, content, message):
    path = tmp_path / "w.npz"
    path.write_bytes(zipped([("W.npy", content)]))
    assert message in refused(path)
    path.write_bytes(zipped([("W.npy", content), ("ok.npy", saved(ONES))]))
    assert list(read_arrays(path, lambda name: name != "W")) == ["ok"]  # left out, it does no harm


def changed(content, at, new):
    """Return bytes with others in their place; `at` is a place or what is there."""
    start = content.index(at) if isinstance(at, bytes) else at
    return content[:start] + new + content[start + len(new) :]


def encrypted(content):
    local, central = content.index(b"PK\x03\x04"), content.index(b"PK\x01\x02")
    return changed(changed(content, local + 6, b"\x01"), central + 8, b"\x01")


PLAIN = zipped([("W.npy", saved(ONES))])
ZIPS = {
    "not packed so": (zipped([("W.npy", saved(ONES))], zipfile.ZIP_LZMA, None), "W is packed in a"),
    "bzip2": (zipped([("W.npy", saved(ONES))], zipfile.ZIP_BZIP2, 9), "W is packed in a way that"),
    "encrypted": (encrypted(PLAIN), "W is encrypted; unpack it"),
    "checksum": (changed(PLAIN, PLAIN.index(b"\x80?"), b"\x81"), "npz file is damaged (Bad CRC-32"),
    "nested": (zipped([("W.npy", PLAIN)]), "it holds W"),
    "a folder": (zipped([("w/", b""), ("w/W.npy", saved(ONES))]), "it holds w/"),
    "no members": (zipped([]), ""),
    "cut": (PLAIN[: len(PLAIN) // 2], "the npz file is damaged"),
    "directory": (changed(PLAIN, PLAIN.index(b"PK\x05\x06") + 12, b"\xff\xff\xff\x7f"), "damaged"),
    "zip64": (
        PLAIN[:-22] + struct.pack("<4sQHHIIQQQQ", b"PK\x06\x06", 44, 45, 45, 0, 0, 1, 1, 2**40, 0)
        + struct.pack("<4sIQI", b"PK\x06\x07", 0, len(PLAIN) - 22, 1)
        + changed(PLAIN[-22:], 8, b"\xff" * 12),
        "damaged",
    ),
    "name": (changed(PLAIN, PLAIN.rindex(b"W.npy"), b"\xff"), "damaged"),
}  # fmt: skip


@pytest.mark.parametrize(("content", "message"), ZIPS.values(), ids=ZIPS)
def test_zips_of_any_kind_are_one_line(tmp_path, content, message):
    path = tmp_path / "w.npz"
    path.write_bytes(content)
    if message:
        assert message in refused(path)
    else:
        assert read_arrays(path) == {}


def test_a_directory_of_any_length_is_not_read(tmp_path):
    path = tmp_path / "w.npz"
    path.write_bytes(zipped([(f"{i:0100}.npy", b"") for i in range(7000)]))
    assert "lists more arrays than any network or table has" in refused(path)


def test_what_is_unpacked_is_bounded_by_the_files_size(tmp_path):
    path = tmp_path / "w.npz"
    path.write_bytes(bomb(160_000_000))
    line = refused(path)
    assert re.search(r"unpacks to 160 MB, and a file of \d+ kB may hold 128 MB; if you trust", line)
    assert "`max_size_B`" in line  # in a command's words: --max-size
    assert read_arrays(path, max_size_B=2e8)["W"].nbytes == 160_000_000
    assert "1 MB are allowed" in refused(path, max_size_B=1e6)
    assert "no size of a file" in refused_size(path, -1)
    assert "no size of a file" in refused_size(path, 1e300)


def refused_size(path, size):
    with pytest.raises(InputError) as caught:
        read_arrays(path, max_size_B=size)
    return str(caught.value)


def test_many_small_members_are_one_bomb(tmp_path):
    """Each is within the bound, and all of them together are not."""
    array = headed("'|i1'", "(30000000,)", data=bytes(30_000_000))
    members = [(f"w{i}.npy", array) for i in range(5)]
    (tmp_path / "w.npz").write_bytes(zipped(members, zipfile.ZIP_DEFLATED))
    assert "unpacks to 150 MB" in refused(tmp_path / "w.npz")


def test_a_large_file_may_hold_what_it_measures():
    assert Bound.of("w", 600_000_000).most_B == 1_000_000_000
    assert Bound.of("w", 50_000_000).most_B == 400_000_000
    assert Bound.of("w", 1000).most_B == 128_000_000


@contextlib.contextmanager
def odd_files(folder):
    """Files that are none, by kind."""
    os.mkfifo(folder / "pipe")
    (folder / "folder").mkdir()
    (folder / "loop").symlink_to("loop")
    (folder / "nowhere").symlink_to("none")
    (folder / "to_pipe").symlink_to("pipe")
    with socket.socket(socket.AF_UNIX) as server, contextlib.chdir(folder):
        server.bind("socket")
        yield [*sorted(folder.iterdir()), Path("/dev/zero"), Path("/dev/tty"), folder / ("n" * 300),
               folder / "a\0b"]  # fmt: skip


@pytest.mark.parametrize("read", [read_arrays, read_safetensors])
def test_what_is_no_file_is_not_waited_for(tmp_path, read):
    with odd_files(tmp_path) as paths:
        for path in paths:
            with pytest.raises(InputError, match=r"^cannot read ") as caught:
                read(path)
            assert str(path).replace("\0", r"\x00") in str(caught.value)


SCRIPT = """
import resource, sys
from pathlib import Path
from anaspike.errors import InputError
from anaspike.learning.weights import import_weights
used = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
resource.setrlimit(resource.RLIMIT_AS, (used + 100_000_000,) * 2)
for name in sys.argv[1:]:
    try:
        import_weights(Path(name))
    except InputError as error:
        print(error)
"""


@pytest.mark.skipif(not Path("/proc/self/statm").exists(), reason="needs Linux's /proc")
def test_what_is_refused_takes_no_memory(tmp_path):
    """Room for 100 MB, less than the bound: all is refused by its header."""
    header = b'{"a":{"dtype":"F32","shape":[30000000,100],"data_offsets":[0,12000000000]}}'
    files = {
        "bomb.npz": bomb(160_000_000),
        "shape.npz": zipped([("W.npy", headed(shape="(100000, 100000)"))]),
        "empty.npz": zipped([("W.npy", headed(shape="(1000000000000, 0)", data=b""))]),
        "w.safetensors": len(header).to_bytes(8, "little") + header,
    }
    for name, content in files.items():
        (tmp_path / name).write_bytes(content)
    with (tmp_path / "w.safetensors").open("r+b") as file:
        file.truncate(12_000_000_000 + 8 + len(header))  # sparse: it takes no disk
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT, *(str(tmp_path / name) for name in files)],
        env={**os.environ, "OPENBLAS_NUM_THREADS": "1"}, capture_output=True, text=True,
        timeout=120, check=True,
    )  # fmt: skip
    assert done.stderr == ""
    lines = done.stdout.splitlines()
    assert len(lines) == len(files)
    said = ("unpacks to 160 MB", "(100000, 100000)", "(1000000000000, 0)", "(30000000, 100)")
    for line, name, words in zip(lines, files, said, strict=True):
        assert line.startswith(str(tmp_path / name))
        assert words in line


WHOLE = zipped(
    [("W.npy", saved(ONES)), ("b.npy", saved(np.array(["x"]))), ("c.npy", saved(np.arange(3)))],
    zipfile.ZIP_DEFLATED,
)


@settings(max_examples=300)
@given(
    st.lists(st.tuples(st.integers(0, len(WHOLE) - 1), st.binary(min_size=1, max_size=6)),
             max_size=4),
    st.integers(0, len(WHOLE)),
)  # fmt: skip
def test_any_mutant_of_an_npz_is_read_or_refused(edits, length):
    content = WHOLE[:length] if length % 3 == 0 else WHOLE
    for at, new in edits:
        content = changed(content, min(at, len(content)), new)
    judge(content)


@settings(max_examples=300)
@given(
    st.sampled_from(["<f4", "|O", "<U1", "|b1", "<i8", ">f8", "<M8[s]", "|V2", "S0", "U0"]),
    st.lists(st.integers(0, 2**70) | st.integers(0, 4), max_size=4),
    st.booleans(),
    st.binary(max_size=80),
    st.integers(0, 120),
    st.binary(max_size=3),
)
def test_any_header_is_read_or_refused(descr, shape, order, data, at, noise):
    array = headed(repr(descr), repr(tuple(shape)), str(order), data)
    judge(zipped([("W.npy", changed(array, min(at, len(array)), noise))]))


def judge(content):
    """Read bytes; what comes is arrays of a bounded size, or one line."""
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        try:
            arrays = read_npz(io.BytesIO(content), Bound.of("w.npz", len(content)))
        except InputError as error:
            assert "w.npz" in str(error)
            assert "\n" not in str(error)
        else:
            for values in arrays.values():
                assert values.dtype.kind in "?biufcSUV"
                assert values.size * values.itemsize <= 128_000_000
                if values.dtype.kind == "U" and values.size < 1000:
                    "".join(values.ravel().tolist()).encode()
