"""The same surfaces with many more inputs, others each time, in a process of its own."""

import os
import resource
import secrets
import subprocess
import sys
from pathlib import Path

import pytest

INPUTS, TIMES = 20_000, 17
MOST_B, LIMIT_S = 4_000_000_000, 3600


def limited():
    """Protect the machine; that no input takes 1 GB, the contract says with the input."""
    resource.setrlimit(resource.RLIMIT_AS, (MOST_B, MOST_B))


@pytest.mark.proof
def test_twenty_thousand_inputs_of_strangers(tmp_path, capfd):
    seed = secrets.randbelow(2**32)
    count = tmp_path / "inputs"
    again = f"ANASPIKE_FUZZ_TIMES={TIMES} pytest tests/fuzz --hypothesis-seed={seed}"
    with capfd.disabled():
        sys.stderr.write(f"\n{again}\n")
    child = subprocess.run(
        [sys.executable, "-m", "pytest", Path(__file__).parent, f"--hypothesis-seed={seed}",
         "-p", "no:cacheprovider", "--basetemp", tmp_path / "kept", "--tb", "short"],
        env={**os.environ, "ANASPIKE_FUZZ_TIMES": str(TIMES), "ANASPIKE_FUZZ_COUNT": str(count)},
        preexec_fn=limited, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
        errors="replace", timeout=LIMIT_S, check=False,
    )  # fmt: skip
    assert child.returncode == 0, f"{again}\n{child.stdout[-20_000:]}"
    assert sum(map(int, count.read_text().split())) >= INPUTS
