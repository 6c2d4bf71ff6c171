"""Files appear whole or not at all; texts are read as any machine writes them."""

import errno
import os
import tempfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from anaspike.errors import InputError
from anaspike.files import (
    cannot_write,
    make_folder,
    read_csv,
    read_json,
    read_text,
    read_toml,
    replacing,
    write_text,
)
from anaspike.mapping.supply_curve import SupplyCurve


def test_a_failed_write_leaves_the_old_file(tmp_path):
    path = tmp_path / "table.csv"
    write_text(path, "old")
    with pytest.raises(RuntimeError), replacing(path) as temporary:
        temporary.write_text("half of the n")
        raise RuntimeError
    assert path.read_text() == "old"
    assert [p.name for p in tmp_path.iterdir()] == ["table.csv"]


def test_a_full_disk_is_named_and_leaves_the_old_file(tmp_path):
    path = tmp_path / "table.csv"
    write_text(path, "old")
    with pytest.raises(InputError) as caught, replacing(path):
        raise OSError(errno.ENOSPC, "No space left on device")
    assert str(caught.value) == (
        f"cannot write {path}: No space left on device; free some space or choose another place"
    )
    assert path.read_text() == "old"


def test_a_file_where_a_folder_should_be(tmp_path):
    blocker = tmp_path / "results"
    blocker.write_text("")
    with pytest.raises(InputError, match=r"cannot write .*results/runs: Not a directory"):
        make_folder(blocker / "runs")


@pytest.mark.parametrize(
    ("number", "mend"),
    [
        (errno.ENOSPC, "free some space or choose another place"),
        (errno.EDQUOT, "free some space of your quota or choose another place"),
        (errno.EACCES, "you may not write there; choose another place"),
        (errno.EROFS, "choose another place"),
        (errno.ENAMETOOLONG, "choose a shorter name"),
    ],
)
def test_each_cause_has_its_own_mend(number, mend):
    said = cannot_write(Path("o"), OSError(number, "why"))
    assert said == f"cannot write o: why; {mend}"


TEXT = 'title = "é"\nx = 1\n'


@pytest.mark.parametrize(
    "content",
    [
        TEXT.encode(),
        TEXT.encode("utf-8-sig"),
        TEXT.replace("\n", "\r\n").encode("utf-8-sig"),
        TEXT.replace("\n", "\r").encode(),
    ],
)
def test_marks_and_line_ends_of_any_machine(tmp_path, content):
    path = tmp_path / "x.toml"
    path.write_bytes(content)
    assert read_text(path) == TEXT
    assert read_toml(path) == {"title": "é", "x": 1}


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (TEXT.encode("utf-16"), "is UTF-16; save it as UTF-8"),
        (TEXT.encode("utf-16-le"), "seems to be UTF-16; save it as UTF-8"),
        (TEXT.encode("utf-16-be"), "seems to be UTF-16; save it as UTF-8"),
        (TEXT.encode("utf-32"), "is UTF-32; save it as UTF-8"),
        (
            TEXT.encode("latin-1"),
            "is not in UTF-8: byte 0xe9 in line 1, perhaps of Latin-1 or Windows-1252;"
            " save it as UTF-8",
        ),
        (b"x = " + b"9" * 5000, "is no TOML: a number in it has too many digits"),
        (b"x = 9223372036854775808", "is no TOML: a number in it has too many digits"),
        (b"x = " + b"[" * 3000 + b"]" * 3000, "its tables nest more than 16 deep"),
        (b"x = " + b"[" * 20 + b"]" * 20, "its tables nest more than 16 deep"),
        (b"x = " + b"{a=" * 500 + b"1" + b"}" * 500, "its tables nest more than 16 deep"),
        (b"a." * 300_000 + b"a = 1", "its tables nest more than 16 deep"),
        (b'["a" . ' + b"b ." * 100_000 + b"c]", "its tables nest more than 16 deep"),
        (b"#" * 1_000_001, "is larger than 1 MB, the most such a file may be"),
        (b"x = 1\0", "is no TOML: "),
        (b'x = "' + b"a" * 900_000, "is no TOML: "),
        (b"x = 2024-99-99", "is no TOML: "),
    ],
)
def test_toml_of_any_kind_is_read_or_one_line(tmp_path, content, said):
    path = tmp_path / "x.toml"
    path.write_bytes(content)
    with pytest.raises(InputError) as caught:
        read_toml(path)
    assert str(caught.value).startswith(str(path))
    assert said in str(caught.value)
    assert "\n" not in str(caught.value)


def test_toml_has_64_bits(tmp_path):
    path = tmp_path / "x.toml"
    path.write_text(f"x = [{-(2**63)}, {2**63 - 1}]")
    assert read_toml(path) == {"x": [-(2**63), 2**63 - 1]}


@settings(deadline=None)  # it writes files
@given(st.binary(max_size=200) | st.text(max_size=200).map(str.encode))
def test_any_bytes_are_read_or_one_line(content):
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "x"
        path.write_bytes(content)
        for read in (read_text, read_toml, read_csv, read_json):
            try:
                read(path)
            except InputError as error:
                assert str(error).startswith(str(path))
                assert "\n" not in str(error)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("vdd_syn_V;k\n0,55;0,2\n", "is separated by semicolons; save it with commas between"),
        ("sep=;\nvdd_syn_V;k\n", "is separated by semicolons"),
        ("vdd_syn_V\tk\n0.55\t0.2\n", "is separated by tabs"),
        ("vdd_syn_V,k\n" + "1," * 99_999, "has 100000 columns; such a table has at most 1000"),
    ],
)
def test_tables_of_other_countries_are_named(tmp_path, content, said):
    path = tmp_path / "k.csv"
    path.write_text(content)
    for read in (read_csv, SupplyCurve.read):
        with pytest.raises(InputError) as caught:
            read(path)
        assert str(caught.value).startswith(f"{path} {said}")


def test_a_curve_from_a_spreadsheet(tmp_path):
    path = tmp_path / "k.csv"
    path.write_bytes("\ufeffsep=,\r\nvdd_syn_V,k\r\n0.55,0.2\r\n0.65,1\r\n".encode())
    assert SupplyCurve.read(path).supply_V.tolist() == [0.55, 0.65]


def test_json_that_nests_without_end_is_one_line(tmp_path):
    path = tmp_path / "x.json"
    deep = 101
    for content in (
        "[" * 100_000, '{"a":' * 100_000, "[" * 100_000 + "]" * 100_000,
        "[" * deep, "[" * deep + "]" * deep, '{"a":[' * deep + "]}" * deep,
    ):  # fmt: skip
        path.write_text(content)
        with pytest.raises(InputError, match="no JSON that can be read: it nests too deep"):
            read_json(path)
    path.write_text("[" * 100 + "]" * 100)
    assert read_json(path)
    path.write_bytes(b'\xef\xbb\xbf{"a":\r\n1}')
    assert read_json(path) == {"a": 1}


def test_what_is_no_plain_file_is_not_waited_for(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    loop = tmp_path / "loop"
    loop.symlink_to(loop)
    for path, said in {
        tmp_path / "pipe": "it is no plain file but a pipe or a device",
        Path("/dev/zero"): "it is no plain file but a pipe or a device",
        loop: "Too many levels of symbolic links",
        tmp_path: "Is a directory",
        tmp_path / "none": "No such file or directory",
        Path("zero\0byte"): "its name holds a zero byte",
    }.items():
        with pytest.raises(InputError) as caught:
            read_text(path)
        assert str(caught.value).startswith("cannot read ")
        assert said in str(caught.value)
