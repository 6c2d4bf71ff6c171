"""The public functions: the command line's parameters, the same questions, and nothing else."""

import ast
import importlib.util
import inspect
import subprocess
import sys
from importlib import import_module
from pathlib import Path

import click
import numpy as np
import pytest

import anaspike
from anaspike.api import asking
from anaspike.campaign.keys import code_files
from anaspike.cli import cli
from anaspike.learning.network import Layer, Network
from anaspike.report.pictures import drawn
from anaspike.studies.catalog import CHARACTERISE, STUDIES

ROOT = Path(__file__).parents[2]
ONE = 'inputs = ["a"]\noutputs = ["n"]\n[neurons.n]\nvdd_syn = "0.75V"\nsynapses = { a = 7 }\n'
# What a command must be given to be asked at all, and its function likewise.
NEEDS = {
    "simulate_network": (["one.toml", "--inputs", "a=2"], {"file": "one.toml", "inputs": {"a": 2}}),
    "paper_table": (["7"], {"number": 7}),
    "train": (["--dataset", "digits"], {"dataset": "digits"}),
    "map_network": (["net.npz"], {"network": "net.npz"}),
}
# Each way of writing a parameter, on both sides.
WRITTEN = [
    (["sweep-vdd", "--from", "0.6", "--codes=+3,-1", "--period", "50n", "--temp", "-40,27"],
     lambda: anaspike.sweep_vdd("0.6V", codes=np.array([3, -1]), period_s="50n", temp=[-40, 27])),
    (["xor-test", "--corner", "tt,ss", "--mc", "20", "--no-calibrate"],
     lambda: anaspike.study("xor-test", corner=["tt", "ss"], mc=20, calibrate=False)),
    (["calibrate", "xor", "--corner", "ss", "--to", "0.8"],
     lambda: anaspike.calibrate("xor", corner="ss", to_V=0.8)),
    (["table9", "--pdk", "generic28", "--seed", "3"],
     lambda: anaspike.table9(pdks="generic28", seed=3)),
    (["train", "--dataset", "digits", "--method", "nt1,tft", "--rate", "0.1", "--seed", "4"],
     lambda: anaspike.train(dataset="digits", methods=["nt1", "tft"], rates=0.1, seed=4)),
    (["energy", "--size", "comparator.input_pair.w_m=2u"],
     lambda: anaspike.energy(size={"comparator.input_pair.w_m": 2e-6})),
    (["explore", "pseudo-resistor", "--over", "temperature_C=0:80:3", "--corner", "tt,ss"],
     lambda: anaspike.study("pseudo-resistor", over={"temperature_C": "0:80:3"},
                            corner="tt,ss")),
]  # fmt: skip


@pytest.fixture(scope="module")
def functions():
    """The program that writes the functions."""
    place = importlib.util.spec_from_file_location("functions", ROOT / ".ci/functions.py")
    module = importlib.util.module_from_spec(place)
    place.loader.exec_module(module)
    return module


@pytest.fixture
def asked(monkeypatch, tmp_path):
    """Note what would be run, by a command or by a function."""
    monkeypatch.chdir(tmp_path)
    Path("one.toml").write_text(ONE)
    Network((Layer.of([[1.0, -0.5]]),)).save(Path("net.npz"))
    found = []

    def note(study, *_, **__):
        found.append(study)
        return 0

    for name in {*cli.list_commands(None)}:
        module = import_module(cli.get_command(None, name).callback.__module__)
        if hasattr(module, "run_study"):
            monkeypatch.setattr(module, "run_study", note)
    monkeypatch.setattr(asking, "answered", note)

    def both(command, call):
        cli.main([str(word) for word in command], standalone_mode=False)
        call()
        pair = found[-2:]
        found.clear()
        return pair

    return both


def test_what_stands_there_is_what_the_commands_say(functions):
    for path, text in functions.written().items():
        assert path.read_text(encoding="utf-8") == text, "make functions"


def test_each_function_has_its_command_s_parameters_and_defaults(functions):
    known = functions.questions()
    assert {study for study, _ in known.values()} <= set(STUDIES)
    assert {study for study, _ in known.values()} >= set(CHARACTERISE)
    assert len(known) >= 20
    for name, (_, command) in known.items():
        has = inspect.signature(getattr(anaspike, name)).parameters
        options = {one.name: one for one in functions.parameters(command)}
        assert set(has) == set(options), name
        for option in options.values():
            default = has[option.name].default
            if option.required:
                assert default is inspect.Parameter.empty, (name, option.name)
            elif isinstance(option, click.Option) and option.is_flag:
                assert default is (option.default is True), (name, option.name)
            elif default is not None:
                assert default == option.default, (name, option.name)
        assert name in anaspike.__all__


def test_a_function_asks_what_its_command_asks(functions, asked):
    for name, (study, command) in functions.questions().items():
        words, parameters = NEEDS.get(name, ([], {}))
        block = [study.name] if study in CHARACTERISE else []
        command_line = [command.name, *block, *words]
        first, second = asked(command_line, lambda n=name, p=parameters: getattr(anaspike, n)(**p))
        assert first == second, name


@pytest.mark.parametrize(("command", "call"), WRITTEN, ids=lambda one: str(one)[:20])
def test_parameters_may_be_written_as_python_has_them(asked, command, call):
    first, second = asked(command, call)
    assert first == second


@pytest.mark.parametrize(
    ("call", "said"),
    [
        (lambda: anaspike.study("xor-tst"), "unknown study 'xor-tst'; did you mean 'xor-test'?"),
        (lambda: anaspike.xor_test(corner="zz"), "generic28 has no corner 'zz'"),
        (lambda: anaspike.study("xor-test", cornr="tt"), "did you mean 'corner'?"),
        (lambda: anaspike.sweep_vdd(codes="a,b"), "codes"),
        (lambda: anaspike.sweep_vdd(temp="cold"), "'cold' is not a number"),
        (lambda: anaspike.sweep_vdd(mc=0), "0 mismatch samples are none"),
        (lambda: anaspike.sweep_vdd(size="w"), "size: 'w' is not name=value"),
        (lambda: anaspike.sweep_vdd(jobs=0), "0 jobs cannot run anything"),
        (lambda: anaspike.sweep_vdd(jobs="many"), "jobs: 'many' is not a number"),
        (lambda: anaspike.sweep_vdd(timeout_s="5V"), "timeout_s: '5V' is in V, expected s"),
        (lambda: anaspike.study("xor-test", no_cache="no"), "'no' is neither True nor False"),
        (lambda: anaspike.study("xor-test", over=5), "over: 5 is no table, {name: values}"),
        (lambda: anaspike.load(5), "folder: 5 is no path; give a text or a Path"),
        (lambda: anaspike.sweep_vdd(out=5), "out: 5 is no path"),
        (lambda: anaspike.study(None), "a question is asked by its name, not by None"),
        (lambda: anaspike.sweep_vdd(simulator="hspice"), "no simulator is 'hspice'"),
        (
            lambda: anaspike.study("netlist"),
            "netlist: file: nothing is given for it, and it has no",
        ),
        (lambda: anaspike.study("none.toml"), "cannot read none.toml"),
        (lambda: anaspike.study("none.spice"), "none.spice is a netlist, and no flow; write one"),
        (lambda: anaspike.simulate_network("none.toml"), "none.toml"),
        (lambda: anaspike.simulate_network("none.toml", inputs="a"), "'a' is not name=spikes"),
    ],
)
def test_bad_input_is_one_line_in_a_notebook(call, said):
    with pytest.raises(anaspike.InputError) as caught:
        call()
    (line,) = caught.value._render_traceback_()  # what IPython asks an error for
    assert said in line
    assert "\n" not in line


def test_what_is_public_is_what_completion_shows():
    assert dir(anaspike) == sorted(anaspike.__all__)
    assert all(getattr(anaspike, name) is not None for name in anaspike.__all__)
    with pytest.raises(AttributeError) as caught:
        _ = anaspike.nothing
    assert not hasattr(anaspike, "nothing")
    (line,) = caught.value._render_traceback_()
    assert line.startswith(
        "NoSuchName: module 'anaspike' has no attribute 'nothing'; dir(anaspike)"
    )


def test_nothing_heavy_loads_before_it_is_used():
    code = "import anaspike, sys; dir(anaspike); print({'pandas', 'numpy'} & set(sys.modules))"
    told = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert told.stdout == "set()\n"


def test_what_is_public_is_typed_and_part_of_no_key():
    tree = ast.parse((ROOT / "anaspike/__init__.pyi").read_text(encoding="utf-8"))
    imported = {
        alias.name for node in tree.body if isinstance(node, ast.ImportFrom) for alias in node.names
    }
    assert imported == {name for name in anaspike.__all__ if name != "__version__"}
    # A result's key holds all code that its modules name; the package is one of them.
    assert "anaspike" in code_files(drawn)
    assert not {"anaspike.studies.catalog", "anaspike.api.asking"} & {*code_files(drawn)}
