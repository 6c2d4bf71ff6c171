"""The same surfaces with many more inputs, others each time, each in a process of its own."""

import os
import resource
import secrets
import subprocess
import sys
from pathlib import Path

import pytest
from contract import LIMIT_B

INPUTS, TIMES = 20_000, 18
ROOM_B, LIMIT_S = 4_000_000_000, 1200
HERE = Path(__file__).parent
SURFACES = sorted(path for path in HERE.glob("test_fuzz_*.py") if path != Path(__file__))


def limited():
    """Protect the machine; which input takes more than 1 GB, the contract says."""
    resource.setrlimit(resource.RLIMIT_AS, (ROOM_B, ROOM_B))


def tried(surface, seed, folder):
    """Try a surface; return how many inputs there were, and what its process took, in bytes."""
    count = folder / f"{surface.stem}.count"
    command = (sys.executable, "-m", "pytest", surface, f"--hypothesis-seed={seed}", "--tb=short",
               "-p", "no:cacheprovider", "--basetemp", folder / surface.stem)  # fmt: skip
    child = subprocess.run(
        command,
        env={**os.environ, "ANASPIKE_FUZZ_TIMES": str(TIMES), "ANASPIKE_FUZZ_COUNT": str(count)},
        preexec_fn=limited, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
        errors="replace", timeout=LIMIT_S, check=False,
    )  # fmt: skip
    assert child.returncode == 0, f"seed {seed}\n{child.stdout[-20_000:]}"
    return map(int, count.read_text().split())


@pytest.mark.proof
def test_twenty_thousand_inputs_of_strangers(tmp_path, capfd):
    seed = secrets.randbelow(2**32)
    with capfd.disabled():
        again = f"ANASPIKE_FUZZ_TIMES={TIMES} pytest tests/fuzz --hypothesis-seed={seed}"
        sys.stderr.write(f"\nto try the same again: {again}\n")
    inputs = 0
    for surface in SURFACES:
        some, taken_B = tried(surface, seed, tmp_path)
        assert taken_B <= LIMIT_B, f"{surface.stem} took {taken_B / 1e9:.2f} GB"
        inputs += some
    assert inputs >= INPUTS
