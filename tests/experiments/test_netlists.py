"""The committed decks: as generated now, and each running by itself."""

import os
import re
import subprocess
from pathlib import Path

import pytest

from anaspike.circuits.designs import design_for
from anaspike.errors import InputError
from anaspike.experiments.benches import block_deck, block_names
from anaspike.pdk.generic28 import Generic28

NETLISTS = Path(__file__).parents[2] / "netlists"
MODELS = "../pdk_models/generic28"

# What each block's own measurements must say, from hand calculation or the paper.
EXPECTED = {
    "pseudo_resistor": {"ohm_at_plus_50mv": (320e6, 480e6), "ohm_at_minus_50mv": (320e6, 480e6)},
    "synapse": {
        "current_of_code_3": (3 * 14e-9, 3 * 20e-9),
        "current_of_code_minus_3": (-3 * 20e-9, -3 * 14e-9),
    },
    "comparator": {
        "fire_when_20mv_below": (-0.01, 0.01),
        "fire_when_20mv_above": (0.89, 0.91),
        "decision_time": (0.05e-9, 2e-9),
    },
    "clock_gate": {"delay_of_in1": (10e-12, 1e-9), "delay_of_out": (10e-12, 1e-9)},
    "spike_generator": {"delay_of_q": (10e-12, 1e-9), "spike_width": (45e-9, 55e-9)},
    "bias_mirror": {"bias_n": (0.4, 0.55), "bias_p": (0.33, 0.5)},
    "reset_switch": {"time_to_10_percent": (0.1e-9, 5e-9), "membrane_after": (0.245, 0.255)},
    "membrane": {"farad": (49.99e-15, 50.01e-15)},  # 50 nA x 100 ns / 0.1 V
    # Sign and magnitude of -2, then of 5, on the side that the sign says.
    "weight_memory": {
        **{f"{pin}_of_minus_2": (-0.01, 0.01) for pin in ("p2", "p1", "p0", "n2", "n0")},
        **{f"{pin}_of_5": (-0.01, 0.01) for pin in ("p1", "n2", "n1", "n0")},
        **dict.fromkeys(("n1_of_minus_2", "p2_of_5", "p0_of_5"), (0.89, 0.91)),
        "static_power": (4e-12, 400e-12),  # 80 nm of 0.04 nA/um and 0.9 V, some thirty times
    },
    "neuron": {"spike_width": (45e-9, 55e-9), "highest_membrane": (0.35, 0.45)},
}


def generated(name):
    deck, measures = block_deck(name, Generic28(), design_for("generic28"), "tt")
    return deck.render_standalone(deck.models.in_folder(MODELS), measures)


def test_the_folder_holds_every_block_and_nothing_else():
    there = {path.name for path in NETLISTS.iterdir() if path.is_file()}
    assert there == {f"{name}.cir" for name in block_names()} | {".spiceinit"}


@pytest.mark.parametrize("name", block_names())
def test_the_committed_deck_is_the_generated_one(name):
    committed = (NETLISTS / f"{name}.cir").read_text(encoding="utf-8")
    assert committed == generated(name), "run `make reference`"


@pytest.mark.parametrize("name", block_names())
def test_the_committed_deck_runs_by_itself(ngspice, name):
    run = subprocess.run(
        [ngspice.executable, "-b", f"{name}.cir"],
        cwd=NETLISTS, capture_output=True, text=True, timeout=120, check=False,
        env={**os.environ, "HOME": "/nonexistent"},
    )  # fmt: skip
    assert run.returncode == 0, run.stdout + run.stderr
    printed = dict(re.findall(r"^(\w+)\s*=\s*(-?[\d.]+e[+-]\d+)", run.stdout, re.MULTILINE))
    assert set(EXPECTED) == set(block_names())
    for quantity, (low, high) in EXPECTED[name].items():
        assert low < float(printed[quantity]) < high, quantity


@pytest.mark.parametrize("name", ["neuron2", "", "neuron\n.control\nshell x\n.endc", "../neuron"])
def test_an_unknown_block(name):
    with pytest.raises(InputError, match=r"^unknown block '.*'; choose one of pseudo_resistor, "):
        block_deck(name, Generic28(), design_for("generic28"), "tt")
