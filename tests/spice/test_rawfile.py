"""The raw reader: everything ngspice writes, and a named failure for all else."""

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from anaspike.errors import InputError
from anaspike.spice.failures import RawFileError
from anaspike.spice.rawfile import read_raw

IN_A_FOLDER = settings(
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)


def raw_bytes(data, binary=True, points=None, title="t"):
    """Write a plot as ngspice does: a header, then points of all vectors together."""
    vectors, count = data.shape
    flags = "complex" if np.iscomplexobj(data) else "real"
    header = (
        f"Title: {title}\nDate: Mon Nov 23 18:29:05  2026\nPlotname: Transient Analysis\n"
        f"Flags: {flags}\nNo. Variables: {vectors}\n"
        f"No. Points: {count if points is None else points}       \nVariables:\n"
    )
    header += "".join(
        f"\t{i}\t{'time' if i == 0 else f'V({i})'}\tvoltage\n" for i in range(vectors)
    )
    if binary:
        return header.encode() + b"Binary:\n" + np.ascontiguousarray(data.T).tobytes()
    body = ""
    for i, row in enumerate(data.T):
        words = [
            f"{float(v.real)!r},{float(v.imag)!r}" if np.iscomplexobj(data) else repr(float(v))
            for v in row
        ]
        body += f" {i}\t" + "\n\t".join(words) + "\n"
    return (header + "Values:\n" + body).encode()


shapes = st.tuples(st.integers(1, 5), st.integers(0, 8))
finite = st.floats(allow_nan=False, allow_infinity=False, width=64)
real = shapes.flatmap(lambda shape: hnp.arrays(np.float64, shape, elements=finite))
pairs = st.builds(complex, finite, finite)
plots = real | shapes.flatmap(lambda shape: hnp.arrays(np.complex128, shape, elements=pairs))


@IN_A_FOLDER
@given(st.lists(st.tuples(plots, st.booleans()), min_size=1, max_size=3))
def test_what_is_written_is_read(tmp_path, written):
    path = tmp_path / "out.raw"
    path.write_bytes(b"".join(raw_bytes(data, binary) for data, binary in written))
    read = read_raw(path)
    assert len(read) == len(written)
    for plot, (data, _) in zip(read, written, strict=True):
        np.testing.assert_array_equal(plot.data, data)
        assert plot.data.dtype == data.dtype
        assert plot.names[0] == "time"
        assert plot.names[1:] == tuple(f"v({i})" for i in range(1, len(data)))
        assert plot.plotname == "Transient Analysis"


@IN_A_FOLDER
@given(data=real.filter(lambda data: data.size > 0), binary=st.booleans(), cut=st.data())
def test_a_cut_file_is_a_named_failure(tmp_path, data, binary, cut):
    whole = raw_bytes(data, binary)
    path = tmp_path / "out.raw"
    # Cut inside the last number's text, an ASCII file still reads: that is not our matter.
    last = len(whole) - (1 if binary else 40)
    path.write_bytes(whole[: cut.draw(st.integers(1, max(1, last)))])
    with pytest.raises(RawFileError):
        read_raw(path)


@IN_A_FOLDER
@given(st.binary(min_size=1, max_size=400))
def test_garbage_is_a_named_failure(tmp_path, garbage):
    path = tmp_path / "out.raw"
    path.write_bytes(garbage)
    with pytest.raises(RawFileError):
        read_raw(path)


@IN_A_FOLDER
@given(st.data())
def test_a_changed_byte_never_escapes_as_another_exception(tmp_path, draw):
    whole = bytearray(raw_bytes(np.arange(12.0).reshape(3, 4), draw.draw(st.booleans())))
    whole[draw.draw(st.integers(0, len(whole) - 1))] = draw.draw(st.integers(0, 255))
    path = tmp_path / "out.raw"
    path.write_bytes(bytes(whole))
    try:
        read_raw(path)
    except RawFileError as failure:
        assert "\n" not in str(failure)


def test_truncated_says_what_was_promised(tmp_path):
    path = tmp_path / "out.raw"
    path.write_bytes(raw_bytes(np.arange(20.0).reshape(2, 10))[:-24])
    with pytest.raises(RawFileError) as caught:
        read_raw(path)
    assert str(caught.value) == (
        "out.raw is truncated: it promises 10 points of 2 vectors and holds 8"
    )


def test_a_promise_of_a_petabyte_costs_nothing(tmp_path):
    path = tmp_path / "out.raw"
    path.write_bytes(raw_bytes(np.zeros((2, 3)), points=10**15))
    with pytest.raises(RawFileError, match="it promises 1000000000000000 points"):
        read_raw(path)


def test_an_aborted_run_leaves_zero_points_in_the_header_and_data_behind(tmp_path):
    path = tmp_path / "out.raw"
    data = np.arange(20.0).reshape(2, 10)
    path.write_bytes(raw_bytes(data, points=0) + b"half")
    (plot,) = read_raw(path)
    assert plot.aborted
    np.testing.assert_array_equal(plot.data, data)


def test_an_aborted_run_may_be_ascii(tmp_path):
    path = tmp_path / "out.raw"
    data = np.arange(20.0).reshape(2, 10)
    for cut in (b"", b" 10\t1.5\n", b" 10\t1."):
        path.write_bytes(raw_bytes(data, binary=False, points=0) + cut)
        (plot,) = read_raw(path)
        assert plot.aborted
        np.testing.assert_array_equal(plot.data, data)
    path.write_bytes(raw_bytes(data, binary=False, points=0) + b"garbage\n garbage\n1 2\n")
    with pytest.raises(RawFileError, match="point 10 is not where it should be"):
        read_raw(path)


def test_vectors_are_had_by_name(tmp_path):
    path = tmp_path / "out.raw"
    data = np.arange(6.0).reshape(2, 3)
    path.write_bytes(raw_bytes(data).replace(b"Flags: real", b"Flags: real unpadded"))
    (plot,) = read_raw(path)
    assert plot.flags == "real unpadded"
    np.testing.assert_array_equal(plot.axis, data[0])
    np.testing.assert_array_equal(plot["V(1)"], data[1])
    with pytest.raises(InputError, match=r"there is no vector 'v\(9\)' in the file, but time, v"):
        plot["v(9)"]


def test_an_empty_file_is_a_named_failure(tmp_path):
    path = tmp_path / "out\n.raw"
    path.touch()
    with pytest.raises(RawFileError) as caught:
        read_raw(path)
    assert str(caught.value) == "out\\x0a.raw is empty"


def test_an_empty_plot_before_another_is_just_empty(tmp_path):
    path = tmp_path / "out.raw"
    data = np.arange(6.0).reshape(2, 3)
    path.write_bytes(raw_bytes(data[:, :0]) + raw_bytes(data))
    empty, full = read_raw(path)
    assert not empty.aborted
    assert empty.data.shape == (2, 0)
    np.testing.assert_array_equal(full.data, data)


def test_no_file(tmp_path):
    with pytest.raises(RawFileError, match=r"cannot read out.raw: No such file or directory"):
        read_raw(tmp_path / "out.raw")
