"""Run folders of others that kept traces: read back and exported, or refused in one line."""

import json
from pathlib import Path

import numpy as np
import pytest
from contract import examples
from hypothesis import given
from hypothesis import strategies as st
from mutants import mutants

from anaspike.api.loading import load
from anaspike.errors import InputError
from anaspike.spice.rawfile_out import write_raw
from anaspike.spice.waveforms import Waveforms

ANSWER = {
    "name": "sweep-vdd", "title": "A sweep", "ok": True, "quantities": {"rate_out_Hz": 1e6},
    "verdicts": [], "not_judged": [], "notes": ["made by hand"], "tables": ["sweep"],
    "figures": ["sweep"],
}  # fmt: skip
MANIFEST = {
    "created": "2026-11-27T12:00:00+00:00", "anaspike": "0.1.0", "ngspice": {"version": "39"},
    "pdk": {"name": "generic28", "models_sha256": []}, "parameters": {}, "options": [],
    "points": [{"status": "ok", "message": "", "deck_sha256": ""}],
    "waveforms": [{"point": 0, "file": "waveforms/point-0.raw", "conditions": {"corner": "tt"}}],
}  # fmt: skip


@pytest.fixture(scope="module")
def kept(tmp_path_factory):
    """A run that kept traces, as files."""
    raw = tmp_path_factory.mktemp("raw") / "point-0.raw"
    vectors = {"v(mem)": np.linspace(0, 1, 20), "i(vdd)": np.zeros(20)}
    write_raw(raw, Waveforms(np.linspace(0, 1e-6, 20), vectors))
    return {
        "run/answer.json": json.dumps(ANSWER).encode(),
        "run/manifest.json": json.dumps(MANIFEST).encode(),
        "run/sweep.csv": b"vdd_syn_V,spikes_out,status\n0.6,3,ok\n",
        "run/sweep.png": b"\x89PNG\r\n\x1a\nno more than its first bytes",
        "run/waveforms/point-0.raw": raw.read_bytes(),
    }


@examples(25)
@given(st.data(), st.sampled_from(["raw", "csv", "vcd"]))
def test_traces_that_are_exported(contract, kept, data, format_):
    contract.written(data.draw(mutants(kept)))
    contract.command("export", "run", "--format", format_, apart=True)


@examples(25)
@given(st.data())
def test_runs_that_are_read_back(contract, kept, data):
    folder = contract.written(data.draw(mutants(kept)))

    def read():
        result = load(Path(folder) / "run")
        for part in (
            lambda: result.table,
            lambda: result.figures["sweep"].png,
            lambda: result.waveforms[0]["mem"],
            result._repr_html_,
        ):
            try:
                part()
            except InputError:
                continue

    contract.holds(read, apart=True)
