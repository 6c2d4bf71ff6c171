"""Every way into a deck leads through the one door, and nothing that passes it leaves the deck."""

import shutil
import subprocess
from dataclasses import asdict

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from anaspike.errors import InputError
from anaspike.pdk.gf180mcu import LIBRARY, Gf180mcu
from anaspike.pdk.roles import MosSize
from anaspike.spice.carried import carried
from anaspike.spice.deck import Deck, ModelFiles
from anaspike.spice.door import forbid_commands
from anaspike.spice.ngspice.run import lay_out

NONE = ModelFiles("", {})
RUNS = ".control\nshell touch owned\n.endc"
BODY = "v1 a 0 1\nr1 a 0 1k"


def deck(body=BODY, models=NONE, **more):
    return Deck("t", body, models, 1e-6, ("v(a)",), **more)


def own_netlist(folder, text):
    (folder / "own.sp").write_text(text)
    net = carried(f"{BODY}\n.include own.sp", folder)
    return deck(net.body, files=net.files)


def by_absolute_path(folder, text):
    (folder / "own.sp").write_text(text)
    return deck(f"{BODY}\n.include {folder}/own.sp")


def through_two_files(folder, text):
    (folder / "inner.sp").write_text(f"* inner\n{text}\n")
    return own_netlist(folder, ".include inner.sp\n")


def from_elsewhere(folder, text):
    return Deck.from_dict({**asdict(deck()), "body": text})


WAYS = {
    "a body": lambda folder, text: deck(f"{BODY}\n{text}"),
    "model lines": lambda folder, text: ModelFiles(text, {}),
    "a model file": lambda folder, text: ModelFiles(".include 'm'", {"m": text}),
    "a model section": lambda folder, text: ModelFiles(
        ".lib 'm' tt", {"m": f".lib tt\n{text}\n.endl tt\n"}
    ),
    "a netlist": own_netlist,
    "a netlist by its path": by_absolute_path,
    "a file that a file calls": through_two_files,
    "a deck from elsewhere": from_elsewhere,
}
MORE = {
    "commands": RUNS,
    "a carriage return": ".\rcontrol\nshell touch owned",
    "a capital": "\t.Control x",
    "a command in a remark": "*#shell touch owned",
    "a program": '.model m d_process(process_file="/bin/sh")',
    "a program, its kind below": ".model m\n* x\n+ D_Process(process_file=x)",
    "a library of code": '.model m d_cosim(simulation="/tmp/x.so")',
    "a file that only a name would tell": ".model m filesource(file='{p}')",
    "a file without =": '.model m filesource(file "/etc/passwd" amploffset=[0] amplscale=[1])',
    "a file, its word in quotes": '.model m d_state("state_file" "/etc/passwd")',
    "an option of ngspice's own": ".options temp=27,rawfile=/tmp/owned",
    "an escape": "* \x1b]0;x\x07",
}


@pytest.mark.parametrize("does", MORE)
@pytest.mark.parametrize("way", WAYS)
def test_no_way_in_passes_by_the_door(way, does, tmp_path):
    with pytest.raises(InputError) as caught:
        WAYS[way](tmp_path, MORE[does])
    assert "a deck holds a circuit and nothing else" in str(caught.value)
    assert str(caught.value).isprintable()
    assert "damaged" not in str(caught.value)


@pytest.mark.parametrize(
    "line",
    [
        '.model m filesource(file="/etc/passwd")',
        ".include /etc/passwd",
        ".inc '../../x.inc'",
        ".lib '/etc/passwd' tt",
        ".include own.sp",
    ],
)
def test_a_deck_from_elsewhere_calls_no_file_but_its_own(line):
    for parts in ({"body": line}, {"models": {"lines": line, "files": {}}}):
        with pytest.raises(InputError, match="a deck holds a circuit and nothing else"):
            Deck.from_dict({**asdict(deck()), **parts})


def test_a_section_of_a_foundrys_library_is_looked_at_too(tmp_path):
    folder = tmp_path / "models"
    folder.mkdir()
    card = ".model nfet_03v3.0 nmos level=54 lmin=1e-9 lmax=1 wmin=1e-9 wmax=1"
    (folder / LIBRARY).write_text(
        f".lib typical\n.lib 'x' nfet_03v3_t\n.endl\n.lib nfet_03v3_t\n{card}\n.endl\n"
        f".lib noise_corner\n{RUNS}\n.endl\n.lib diode_typical\n.lib 'x' dio\n.endl\n"
        ".lib dio\n.model diode_nw2ps_03v3 d is=1\n.model diode_dw2ps d is=1\n.endl\n"
    )
    process = Gf180mcu.open({"ANASPIKE_GF180MCU": str(folder)})
    role = next(role for role, device in process.devices.items() if device.model == "nfet_03v3")
    with pytest.raises(InputError, match=r"of gf180mcu_tt\.spice begins commands: '\.control'"):
        process.models("tt", [MosSize(role, 1e-6, 1e-6)])


@pytest.mark.parametrize(
    "parts",
    [
        {"save": ("v(a) `touch owned`",)},
        {"save": ("v(a);shell",)},
        {"save": ("v(a)\\\\",)},
        {"initial_V": {"a)=1 `touch owned`": 1.0}},
        {"initial_V": {"a": float("nan")}},
        {"alter": (("r1; shell touch owned", "x", 1.0),)},
        {"alter": (("r1", "x] = 1; shell touch owned", 1.0),)},
        {"alter": (("r1", "resistance", float("inf")),)},
        {"stop_s": float("inf")},
        {"stop_s": 0.0},
        {"temperature_C": float("nan")},
        {"title": "t\r.control"},
        {"files": {"../own.sp": "r2 a 0 1k"}},
        {"files": {"out.raw": "r2 a 0 1k"}},
        {"models": (".include 'm'", {"../m": "* x"})},
        {"models": (".include 'm'", {"deck.cir": "* x"})},
    ],
)
def test_names_and_numbers_of_a_deck_are_names_and_numbers(parts):
    with pytest.raises(InputError) as caught:
        models = ModelFiles(*parts.get("models", ("", {})))
        Deck(**{"title": "t", "body": BODY, "stop_s": 1e-6, "save": (), **parts, "models": models})
    assert str(caught.value).isprintable()


def test_what_a_command_would_take_for_its_own_stands_in_none():
    one = Deck("t", "v1 a<3> 0 1\nr1 a<3> 0 1k", NONE, 1e-6, ("v(a<3>)",))
    assert ".save v(a<3>)" in one.render()
    with pytest.raises(InputError, match=r"'v\(a<3>\)' cannot stand in a command of a deck"):
        one.render_standalone("", ())


BEHIND_A_VALUE = [*map(chr, range(32, 127)), "\t", "\xa0", "\n+", "=", ", ", " =", "()", "''"]


@pytest.mark.parametrize("form", ["temp=27{}filetype=ascii", "method={}filetype=ascii"])
def test_no_sign_behind_a_value_hides_another_option(ngspice, tmp_path, form):
    lines = [f".options {form.format(sign)}" for sign in BEHIND_A_VALUE]
    passing = [line for line in lines if passes(line)]
    assert 0 < len(passing) < len(lines)
    for line in passing:
        assert not in_text(ngspice, tmp_path, line), line
    assert in_text(ngspice, tmp_path, ".options temp=27&filetype=ascii")


def passes(line):
    try:
        forbid_commands(line, "the body")
    except InputError:
        return False
    return True


def in_text(ngspice, folder, line):
    """Return whether a line makes ngspice write its data as text."""
    lay_out(deck(), folder)
    text = (folder / "deck.cir").read_text().replace(BODY, f"{BODY}\n{line}")
    (folder / "deck.cir").write_text(text)
    command = [ngspice.executable, "-b", "-r", "out.raw", "deck.cir"]
    subprocess.run(command, cwd=folder, capture_output=True, check=False)
    raw = folder / "out.raw"
    return raw.exists() and b"\nValues:" in raw.read_bytes()


@pytest.mark.parametrize(
    "given", ['file="{}"', 'file "{}"', "file {}", 'file,"{}"', '"file" "{}"', '\n+ file\n+ "{}"']
)
def test_a_file_that_ngspice_reads_is_the_decks_own(ngspice, tmp_path, given):
    secret = tmp_path / "secret.txt"
    secret.write_text("0 7\n1 7\n")
    source = ".model m filesource({} amploffset=[0] amplscale=[1])\na1 %v([a]) m\nr1 a 0 1k"
    (tmp_path / "run").mkdir()
    lay_out(deck(), tmp_path / "run")
    path = tmp_path / "run" / "deck.cir"
    body = source.format(given.format(secret))
    path.write_text(path.read_text().replace(BODY, body))
    command = [ngspice.executable, "-b", "-r", "out.raw", "deck.cir"]
    subprocess.run(command, cwd=path.parent, capture_output=True, check=False)
    assert (path.parent / "out.raw").exists()  # so it reads it, and we refuse it
    with pytest.raises(InputError):
        forbid_commands(body, "the body")
    own = deck(source.format('file="own.txt"'), files={"own.txt": "0 7\n1 7\n"})
    assert ngspice.run(own)["v(a)"][-1] == 7.0


OWNED, SECRET = "{folder}/owned", "{folder}/secret.inc"
ATOMS = st.sampled_from(
    [
        *(".control", ".CONTROL", ".endc", ".end", ".ends", ".endl", ".title", ".exec", ".alter"),
        *(f"shell touch {OWNED}", f"*#shell touch {OWNED}", f"`touch {OWNED}`", f"> {OWNED}"),
        *("*ng_script", ".include", ".Inc", ".lib", SECRET, f"'{SECRET}'", f'"{SECRET}"', "tt"),
        *(".model m filesource(", ".model m d_process(", ".model m", "ako:m", "a1 %v([x]) m"),
        *("file", "process_file", "state_file", "=", "amploffset=[0] amplscale=[1])", "own.inc"),
        *(".options", "temp=27", "filetype=ascii", ",", "&", "<", '"', "'", "{", "}", "(", ")"),
        *("\\\\", "\\", "+", "\n", "\n", "\n", "\r", "\t", " ", "*", "$", ";", "//", "#", "@"),
        *(
            ".subckt s a b",
            "x1 x 0 s",
            "r1 x 0 1k",
            ".param p=1",
            ".if (1)",
            ".endif",
            "\0",
            "\xa0",
        ),
        *(".save", ".print tran v(x)", ".meas tran a max v(x)", ".probe v(x)", "\u2028", "\x1a"),
    ]
)
TEXTS = st.lists(ATOMS, min_size=1, max_size=12).map("".join)


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    folder = tmp_path_factory.mktemp("place")
    (folder / "secret.inc").write_text("v9 qsecretq 0 1\n")
    return folder


def check_that_it_stays_inside(ngspice, place, text, as_file):
    text = text.replace("{folder}", str(place))
    parts = {"body": f"v1 x 0 1\nr9 x 0 1k\n{text}", "files": {"own.inc": "r8 x 0 1k\n"}}
    if as_file:
        parts = {"models": {"lines": ".include 'm'", "files": {"m": text}}}
    try:
        one = Deck.from_dict({**asdict(deck("v1 x 0 1\nr9 x 0 1k")), **parts, "save": ["v(x)"]})
    except InputError:
        return
    run = place / "run"
    shutil.rmtree(run, ignore_errors=True)
    lay_out(one, run)
    before = {path.name for path in run.iterdir()}
    command = [ngspice.executable, "-b", "-r", "out.raw", "deck.cir"]
    try:
        done = subprocess.run(command, cwd=run, capture_output=True, timeout=5, check=False)
        said = done.stdout + done.stderr
    except subprocess.TimeoutExpired:  # it may well read for ever: `.param p=1=,`
        said = b""
    raw = (run / "out.raw").read_bytes() if (run / "out.raw").exists() else b""
    assert {path.name for path in place.iterdir()} == {"run", "secret.inc"}
    assert {path.name for path in run.iterdir()} <= {*before, "out.raw"}
    assert b"qsecretq" not in said + raw
    assert b"\nValues:" not in raw


@settings(max_examples=150)
@given(TEXTS, st.booleans())
@example('.model m filesource(file"{folder}/secret.inc"amploffset=[0] amplscale=[1])', True)
@example(".options temp=27&filetype=ascii", False)
def test_what_passes_the_door_stays_in_its_folder(ngspice, place, text, as_file):
    check_that_it_stays_inside(ngspice, place, text, as_file)


@pytest.mark.proof
@settings(max_examples=3_000)
@given(TEXTS, st.booleans())
def test_so_it_is_for_three_thousand(ngspice, place, text, as_file):
    check_that_it_stays_inside(ngspice, place, text, as_file)


def test_options_of_no_deck_are_called_that():
    parts = {"title": "t", "body": "r1 a 0 1\n", "models": {"lines": "", "files": {}}, "alter": [],
             "stop_s": 1e-9, "save": [], "temperature_C": 27.0, "initial_V": {}}  # fmt: skip
    with pytest.raises(InputError, match="its numerical options are none"):
        Deck.from_dict({**parts, "options": {"method": "gear\n.control"}})
