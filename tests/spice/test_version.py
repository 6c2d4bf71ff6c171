"""Which simulators will do."""

import pytest

from anaspike.spice.failures import SimulatorNotFound, SimulatorTooOld
from anaspike.spice.ngspice.run import Ngspice
from anaspike.spice.ngspice.version import NgspiceVersion, has_osdi

MEND = (
    "install it with `apt-get install ngspice` (Debian, Ubuntu) or `brew install ngspice` (macOS),"
    " build it from ngspice.sourceforge.io, or name it in ANASPIKE_NGSPICE"
)


@pytest.mark.parametrize(
    ("text", "version"),
    [
        ("** ngspice-39 : Circuit level simulation program", NgspiceVersion(39)),
        ("** ngspice-44.2 : Circuit level", NgspiceVersion(44, 2)),
        ("** ngspice-46+ : Circuit level", NgspiceVersion(46)),
        ("GNU bash, version 5.2", None),
    ],
)
def test_versions_are_read(text, version):
    assert NgspiceVersion.parse(text) == version


def test_versions_compare():
    assert NgspiceVersion(39) < NgspiceVersion(44) < NgspiceVersion(44, 2)
    assert str(NgspiceVersion(44, 2)) == "44.2"
    assert [v for v in range(36, 52) if NgspiceVersion(v).tested] == [39, 44]


def found(stub, version):
    return Ngspice.find(environ={"ANASPIKE_NGSPICE": str(stub("exit 0", version=version))})


def test_36_and_newer_are_used(stub):
    for version in ("36", "43", "46", "51.1"):
        assert str(found(stub, version).version) == version


def test_an_older_one_is_refused(stub):
    with pytest.raises(SimulatorTooOld) as caught:
        found(stub, "35")
    path = stub("exit 0")
    assert str(caught.value) == (
        f"ngspice 35 at {path} is too old: anaspike needs 36 or newer; {MEND}"
    )
    assert caught.value.exit_code == 2


def test_none_at_all():
    with pytest.raises(SimulatorNotFound) as caught:
        Ngspice.find(environ={"PATH": "/nowhere"})
    with pytest.raises(SimulatorNotFound, match="on the PATH"):
        Ngspice.find(environ={})
    assert str(caught.value) == f"ngspice was not found on the PATH; {MEND}"
    with pytest.raises(SimulatorNotFound, match="not found at ANASPIKE_NGSPICE=/no/such; install"):
        Ngspice.find(environ={"ANASPIKE_NGSPICE": "/no/such"})


def test_something_else(stub, tmp_path):
    other = tmp_path / "other"
    other.write_text("#!/bin/sh\necho hello\n")
    other.chmod(0o755)
    with pytest.raises(SimulatorNotFound, match=f"not found at {other}, which is no ngspice"):
        Ngspice.find(environ={"ANASPIKE_NGSPICE": str(other)})


def test_osdi_is_probed_by_asking(stub):
    assert not has_osdi(stub("echo 'osdi: no such command available in ngspice'"))
    assert has_osdi(stub("exit 0"))


@pytest.mark.parametrize("path", ["", ".", ":/nowhere", "bin:/nowhere", "./bin", "/nowhere:"])
def test_what_lies_where_the_user_stands_is_not_the_ngspice(stub, tmp_path, monkeypatch, path):
    (tmp_path / "bin").mkdir()
    other = stub("exit 0")
    for place in ("ngspice", "bin/ngspice"):
        (tmp_path / place).symlink_to(other)
    monkeypatch.chdir(tmp_path)
    with pytest.raises(SimulatorNotFound, match="on the PATH"):
        Ngspice.find(environ={"PATH": path})
    # Named by the user, it is; and then by its absolute path.
    found = Ngspice.find(environ={"ANASPIKE_NGSPICE": "./bin/ngspice", "PATH": path})
    assert str(found.executable) == str(tmp_path / "bin/ngspice")


def test_the_version_is_asked_elsewhere_than_where_the_user_stands(stub, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    path = stub("exit 0")
    path.write_text(path.read_text().replace("#!/bin/sh\n", f"#!/bin/sh\npwd > {tmp_path}/at\n"))
    Ngspice.find(environ={"ANASPIKE_NGSPICE": str(path)})
    assert (tmp_path / "at").read_text() == "/\n"
