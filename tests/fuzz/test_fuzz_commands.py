"""Values of options and arguments: taken, or refused in one line before anything is run."""

import os
from unittest import mock

import click
import pytest
from contract import examples
from hypothesis import given
from hypothesis import strategies as st
from mutants import ODD
from test_fuzz_texts import NUMBERS

from anaspike.cli import cli
from anaspike.cli.options import CodesType, CountType, QuantityType

# A command, and what it is always given: enough to come to its other values, and no further.
COMMANDS = (
    ("sweep-vdd",), ("energy",), ("xor-test",), ("calibrate",), ("table9",),
    ("characterise", "synapse"), ("characterise", "pseudo-resistor"), ("characterise", "neuron"),
    ("explore", "pseudo-resistor"), ("explore", "sweep-vdd"), ("map", "net.npz"),
    ("simulate-network", "net.toml"), ("train-and-map", "--dataset", "xor"),
    ("tune-in-loop", "none.npz"), ("tune-in-loop", "xor"),
    ("train", "--dataset", "none.npz"), ("import-weights", "w.npz"), ("datasets", "xor"),
    ("netlist", "synapse"), ("rerun", "run", "0"), ("report",), ("cache", "prune"), ("run",),
    ("optimise", "search.toml"),
)  # fmt: skip
# Where they may write, with whom they may speak: the user's own choice, and not tried here.
LEFT = {"out", "output", "scheduler", "cache", "checkpoint", "help", "force"}
WORDS = st.sampled_from(
    ("tt", "tt,ss", "27,85C", "generic28", "sky130", "sobol:64", "lhs:4", "temperature_C=27:85:3",
     "from_V=0.5", "sizes.synapse.w_m=1u", "a=1,b=2", "csv", "wide", "paper", "xor", "W1", "in,out",
     "windowed", "nt", "\udcff", *ODD)
)  # fmt: skip
PATHS = st.sampled_from((".", "none", "none.npz", "/dev/zero", "\udcff", *ODD))
NET = (b'inputs = ["a"]\noutputs = ["n"]\n[neurons.n]\nvdd_syn = "0.75V"\n'
       b"synapses = { a = 7 }\n")  # fmt: skip


def options_of(names):
    """Return the options of the innermost command that these words name."""
    found, context = cli, click.Context(cli)
    for name in names:
        if not isinstance(found, click.Group):
            break
        found = found.get_command(context, name)
    return [one for one in found.params if isinstance(one, click.Option) and one.name not in LEFT]


def values_of(kind):
    if isinstance(kind, QuantityType | CountType):
        return NUMBERS
    if isinstance(kind, CodesType):
        return st.lists(NUMBERS, max_size=3).map(",".join)
    return PATHS if isinstance(kind, click.Path) else WORDS


@st.composite
def arguments(draw, names, options):
    """Return a command with one to three odd values."""
    words = list(names)
    for _ in range(draw(st.integers(1, 3))):
        option = draw(st.sampled_from(options)) if options else None
        if option is None or draw(st.integers(0, 9)) == 0:
            words.append(draw(WORDS))
        elif option.is_flag:
            words.append(option.opts[0])
        else:
            words += [option.opts[0], draw(values_of(option.type))]
    return [word.replace("\0", "") for word in words]  # no system hands one over


@pytest.mark.parametrize("names", COMMANDS, ids=" ".join)
@examples(8)
@given(data=st.data())
def test_values_of_options(contract, names, data):
    contract.written({"net.toml": NET})
    given_ = data.draw(arguments(names, options_of(names)))
    with mock.patch.dict(os.environ, {"ANASPIKE_NGSPICE": "/nowhere/ngspice"}):
        contract.command(*given_)
