"""One contract for all of these tests, and how many inputs it has seen."""

import gc
import sys
from pathlib import Path

import pytest

# What other folders' tests make good files with.
sys.path += [str(Path(__file__).parents[1] / name) for name in ("learning", "pdk", "pdk/sky130")]


@pytest.fixture(scope="session")
def contract(tmp_path_factory):
    """The contract of whoever reads a stranger's files."""
    from contract import Contract

    contract = Contract(tmp_path_factory.mktemp("fuzz"))
    yield contract
    contract.report()


@pytest.fixture(autouse=True)
def _nothing_is_left_to_be_collected():
    """Put away what earlier tests left: its workers' folders are no doing of this one's."""
    gc.collect()
