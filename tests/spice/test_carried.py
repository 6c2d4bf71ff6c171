"""Files that a body calls: carried with the deck, whatever they call in turn, or refused."""

import math
import os
from dataclasses import asdict, replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from anaspike.errors import InputError
from anaspike.spice import carried as module
from anaspike.spice.carried import carried
from anaspike.spice.deck import Deck, ModelFiles
from anaspike.spice.statements import calls

NET = ".subckt load p q\nr1 p q {r_ohm}\n.ends\n"
BENCH = "v1 a 0 1\nx1 a b load\nc1 b 0 1n"
ONE, TEN = (1 - math.exp(-1)), (1 - math.exp(-0.1))  # at 1 us: 1k and 10k with 1 nF


def lay(folder, files):
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        if isinstance(text, bytes):
            path.write_bytes(text)
        else:
            path.write_text(text)
    return folder


def deck_of(body, folder):
    net = carried(body, folder)
    models = ModelFiles("", {})
    return Deck("rc", net.body, models, 1e-6, ("v(b)",), initial_V={"b": 0.0}, files=net.files)


@pytest.mark.parametrize(
    ("line", "files"),
    [
        (".include net.sp", {"net.sp": NET}),
        (".include '{folder}/net.sp'", {"net.sp": NET}),
        ('  .INC\t"Net.SP" ; a remark', {"Net.SP": NET}),
        (".include 'my nets/a net.sp' $ a remark", {"my nets/a net.sp": NET}),
        (".include {folder}//net.sp", None),
        (".include '{folder}//net.sp'", {"net.sp": NET}),
        (".include sub/net.sp", {"sub/net.sp": ".inc more.sp\n", "sub/more.sp": NET}),
        (".include sub/net.sp", {"sub/net.sp": ".inc ../more.sp\n", "more.sp": NET}),
        (".include sub/net.sp", {"sub/net.sp": ".inc more.sp\n", "more.sp": NET}),
        (".include a/net.sp\n.include b/net.sp", {"a/net.sp": NET, "b/net.sp": "r9 a 0 1g\n"}),
        (".include a/net.sp\n.include b/net.sp", {"b/net.sp": NET, "a/net.sp": "r9 a 0 1g\n"}),
        (".include deck.cir", {"deck.cir": NET}),
        (".include ngspice.log\n.inc .spiceinit", {"ngspice.log": NET, ".spiceinit": "* none"}),
        (".include net.sp\n.include './net.sp'", {"net.sp": ".param unused=1\n"}),
        (".lib nets.lib slow\n", {"nets.lib": f".lib fast\nr1 a 0\n.endl\n.LIB Slow\n{NET}.endl"}),
        (
            ".lib 'nets.lib' tt",
            {"nets.lib": f".lib tt\n.lib 'nets.lib' load\n.endl tt\n.lib load\n{NET}.endl load\n"},
        ),
        (
            ".lib lib/nets.lib tt",
            {
                "lib/nets.lib": ".lib tt\n.lib more.lib load\n.endl\n.lib ff\n.inc no\n.endl",
                "lib/more.lib": ".lib load\n.inc net.sp\n.endl",
                "lib/net.sp": NET,
            },
        ),
        (
            ".lib all.lib tt",
            {"all.lib": "* corners\n.inc corners.inc\n", "corners.inc": f".lib tt\n{NET}.endl\n"},
        ),
        (
            ".lib n.lib a\n.lib n.lib b",
            {"n.lib": f".lib a\n.param unused=1\n.endl\n.lib b\n{NET}.endl\n"},
        ),
    ],
)
def test_what_a_body_calls_is_carried(ngspice, tmp_path, line, files):
    if files is None:  # // begins a remark, as in ngspice
        lay(tmp_path, {"net.sp": NET})
        with pytest.raises(InputError, match="which is a folder and no file"):
            carried(line.format(folder=tmp_path), tmp_path)
        return
    lay(tmp_path, files)
    more = "" if any("load" in str(text) for text in files.values()) else NET
    body = f"{line.format(folder=tmp_path)}\n{more}.param r_ohm=1k\n{BENCH}"
    deck = deck_of(body, tmp_path)
    for path in sorted(tmp_path.rglob("*"), reverse=True):  # nothing is read any more
        path.rmdir() if path.is_dir() else path.unlink()
    assert ngspice.run(deck)["v(b)"][-1] == pytest.approx(ONE, rel=2e-3)
    assert not any("/" in call.file for call in calls(deck.body))
    assert str(tmp_path) not in deck.render()


@pytest.mark.parametrize(
    "encoded",
    [
        b"\xef\xbb\xbf" + NET.encode(),
        NET.replace("\n", "\r\n").encode(),
        b"\xef\xbb\xbf" + NET.replace("\n", "\r\n").encode(),
        NET.encode("utf-16"),
        f"* 5 \u00b5m, M\u00fcller\n{NET}".encode("latin-1"),
        f"* 5 \u03bcm, M\u00fcller\n{NET}".encode(),
        f"* \u201ctypical\u201d, 5 \u20ac\n{NET}".encode("cp1252"),
        NET.replace("\n", "\r\n").encode() + b"\x1a",
        NET.rstrip("\n").encode(),
    ],
)
def test_files_of_other_machines_are_read_right(ngspice, tmp_path, encoded):
    lay(tmp_path, {"net.sp": encoded})
    body = f".include net.sp\n.param r_ohm=10k\n{BENCH}"
    assert ngspice.run(deck_of(body, tmp_path))["v(b)"][-1] == pytest.approx(TEN, rel=2e-3)


def test_what_a_file_says_now_is_in_the_digest_and_what_it_does_not_say_is_not(tmp_path):
    body = f".lib n.lib tt\n{BENCH}"
    library = f".lib tt\n{NET}.endl\n"
    before = deck_of(body, lay(tmp_path, {"n.lib": library})).digest()
    assert deck_of(body, tmp_path).digest() == before
    # Another section, a remark outside of any, another folder: the same circuit.
    lay(tmp_path, {"n.lib": f"* corners\n{library}.lib ff\nr1 a 0 1\n.endl\n"})
    assert deck_of(body, tmp_path).digest() == before
    assert deck_of(body, lay(tmp_path / "moved", {"n.lib": library})).digest() == before
    lay(tmp_path, {"n.lib": library.replace("{r_ohm}", "2k")})
    assert deck_of(body, tmp_path).digest() != before


TABLE = "0 0\n0.5e-6 1\n2e-6 1\n"
SOURCE = """\
as %vd([a 0]) fs
.model fs filesource (file={name}
+ amploffset=[0] amplscale=[1] timeoffset=0 timescale=1 timerelative=false amplstep=false)
r1 a b 1k
c1 b 0 1n"""


@pytest.mark.parametrize(
    "named",
    [
        '"table.txt"',
        '"{folder}/Table.TXT"',
        "'my tables/table.txt'",
        "sub/Table.txt",
        '"table.txt"\n+',
        '\n+ "Table.txt"',
    ],
)
def test_tables_that_a_model_reads_are_carried(ngspice, tmp_path, named):
    name = named.format(folder="").strip("+\n \"'").lstrip("/")
    lay(tmp_path, {name: TABLE})
    body = SOURCE.format(name=named.format(folder=tmp_path))
    if named.startswith("\n"):  # the name on another line than `file=`: refused, not missed
        with pytest.raises(InputError, match=r"line 2 of the body names Table.txt on another line"):
            deck_of(body, tmp_path)
        return
    deck = deck_of(body, tmp_path)
    assert set(deck.files.values()) == {TABLE}
    (tmp_path / name).unlink()
    trace = ngspice.run(deck)
    assert trace["v(b)"][-1] > 0.4


@pytest.mark.parametrize(
    ("body", "message"),
    [
        (".include none.sp", "line 1 of the body calls none.sp, but there is no {f}/none.sp"),
        ("* x\n.inc /no/net", "line 2 of the body calls /no/net, but there is no /no/net"),
        (
            ".inc sub/call.sp",
            "line 2 of {f}/sub/call.sp calls gone.sp, but there is no {f}/sub/gone",
        ),
        (".include sub", "line 1 of the body calls {f}/sub, which is a folder and no file"),
        (".include pipe", "line 1 of the body calls {f}/pipe, which is a pipe or a device and no"),
        (".include binary", "line 1 of the body calls {f}/binary, which is no text"),
        (".include big", "line 1 of the body calls {f}/big, which is larger than 50 MB"),
        (".include", "line 1 of the body names no file; put a name with blanks in quotes"),
        (".include ''", "line 1 of the body names no file; put a name with blanks in quotes"),
        (".include $HOME/x", "line 1 of the body names no file; put a name with blanks in quotes"),
        (".include my net.sp", "line 1 of the body has more words than a call of a file; put a na"),
        (
            ".lib my nets.lib tt",
            "line 1 of the body has more words than a call of a file; put a na",
        ),
        (
            ".inc loop.sp",
            "line 1 of {f}/pool.sp calls in a circle: loop.sp calls ",
        ),
        (
            ".inc self.sp",
            "line 1 of {f}/self.sp calls in a circle: self.sp calls ",
        ),
        (
            ".lib n.lib a",
            "line 2 of {f}/n.lib calls in a circle: n.lib calls n.lib",
        ),
        (".lib n.lib ss", "line 1 of the body calls the section ss of {f}/n.lib; it has a, open"),
        (".lib n.lib open", "the section open of {f}/n.lib has no .endl"),
        (".lib sub/call.sp x", "line 2 of {f}/sub/call.sp calls gone.sp, but there is no "),
        (".lib round.lib x", "line 1 of {f}/about.inc calls in a circle: "),
        (".lib blank.lib tt", "the section tt of {f}/blank.lib has no .endl"),
        (
            ".lib net.sp x",
            "line 1 of the body calls the section x of {f}/net.sp; it is no library,",
        ),
        (
            ".inc sub/two.sp",
            "line 1 of {f}/sub/two.sp calls net.sp, which may be {f}/sub/net.sp or",
        ),
        ('.model m filesource(file="no.txt")', "line 1 of the body calls no.txt, but there is no "),
        (f".include {'x' * 5000}", f"line 1 of the body calls {'x' * 57}...: File name too long"),
        (".include '\x1b[2J'", r"line 1 of the body calls \x1b[2J, but there is no {f}/\x1b[2J"),
        (".include ~nobody-of-that-name/x", "line 1 of the body calls ~nobody"),
    ],
)
def test_what_cannot_be_carried_is_one_line(tmp_path, monkeypatch, body, message):
    lay(
        tmp_path,
        {
            "sub/call.sp": "* calls\n.include gone.sp\n",
            "binary": b"\x89PNG\0\1",
            "loop.sp": ".include pool.sp\n",
            "pool.sp": ".include loop.sp\n",
            "self.sp": ".include ./self.sp\n",
            "n.lib": ".lib a\n.lib n.lib a\n.endl\n.lib open\nr1 a 0 1\n",
            "round.lib": ".inc about.inc\n",
            "about.inc": ".inc round.lib\n",
            "blank.lib": f".lib\n.lib tt\n.lib ''\n{NET}",
            "net.sp": NET,
            "sub/net.sp": "* another\n",
            "sub/two.sp": ".include net.sp\n",
        },
    )
    os.mkfifo(tmp_path / "pipe")
    with (tmp_path / "big").open("wb") as file:
        file.truncate(module.LIMIT_B + 1)
    with pytest.raises(InputError) as caught:
        carried(body, tmp_path)
    said = str(caught.value)
    assert said.startswith(message.format(f=tmp_path))
    assert said.isprintable()


def test_all_together_have_a_limit(tmp_path, monkeypatch):
    monkeypatch.setattr(module, "LIMIT_B", 2_000_000)
    lay(tmp_path, {"a": "*" * 1_500_000, "b": "*" * 1_500_000})
    assert carried(".inc a\n.inc a", tmp_path).files
    with pytest.raises(InputError, match=r"calls .*/b, which is larger than 2 MB, with the 1 bef"):
        carried(".inc a\n.inc b", tmp_path)


@pytest.mark.parametrize(
    "body",
    [
        ".include net.sp",
        ".include ../net.sp",
        "r1 a 0 1\n.INC net.sp",
        ".lib x.lib tt",
        "  .lib 'x/y.lib' tt",
        '.model m filesource(file="net.sp")',
        ".model m filesource(amplscale=[1]\n+ file=net.sp)",
        ".model m d_source(input_file=net.sp)",
    ],
)
def test_a_deck_that_does_not_carry_what_it_calls_is_none(body):
    with pytest.raises(InputError) as caught:
        Deck("t", body, ModelFiles("", {}), 1e-6, ("v(a)",))
    said = str(caught.value)
    assert ", which the deck does not carry; give it the body and files that carried(body" in said
    assert said.endswith(", or an absolute path")
    with pytest.raises(InputError, match="the deck does not carry"):
        Deck("t", "r1 a 0 1", ModelFiles("", {}), 1e-6, ("v(a)",), files={"a.sp": body})


@pytest.mark.parametrize(
    ("models", "files", "message"),
    [
        ({}, {"../x": ""}, "a file beside a deck cannot be called '../x'"),
        ({}, {"Deck.cir": ""}, "a file beside a deck cannot be called 'Deck.cir'"),
        ({}, {".spiceinit": ""}, "a file beside a deck cannot be called '.spiceinit'"),
        ({"a": "1"}, {"a": "2"}, "the deck and its models call different files a; rename the dec"),
        ({}, {"a": ".control\nshell ls\n.endc"}, "line 1 of a begins commands: '.control'"),
    ],
)
def test_what_cannot_lie_beside_a_deck(models, files, message):
    with pytest.raises(InputError) as caught:
        Deck("t", "r1 a 0 1", ModelFiles("", models), 1e-6, ("v(a)",), files=files)
    assert str(caught.value).startswith(message)


def test_an_absolute_path_is_carried_by_the_deck_itself(ngspice, tmp_path):
    lay(
        tmp_path,
        {"net.sp": ".inc more.sp", "more.sp": NET, "x.lib": ".lib tt\n.param r_ohm=1k\n.endl"},
    )
    body = f".include '{tmp_path}/net.sp'\n.lib own.lib tt\n.lib {tmp_path}/x.lib tt\n{BENCH}"
    models = ModelFiles(
        "", {"own.lib": ".lib tt\n.endl tt\n", "net.sp": "* another of that name\n"}
    )
    deck = Deck("rc", body, models, 1e-6, ("v(b)",), initial_V={"b": 0.0})
    (tmp_path / "more.sp").unlink()
    assert set(deck.files) == {"net_2.sp", "more.sp", "x.lib"}
    assert ngspice.run(deck)["v(b)"][-1] == pytest.approx(ONE, rel=2e-3)
    assert replace(deck, stop_s=2e-6).files == deck.files
    with pytest.raises(
        InputError, match=r"line 1 of the body calls /.*, but there is no /.*/more.sp"
    ):
        Deck("rc", f".include {tmp_path}/more.sp", models, 1e-6, ("v(b)",))


def test_model_lines_are_looked_at_as_a_body_is(ngspice, tmp_path):
    lay(tmp_path, {"ptm.lib": ".lib tt\n.include net.sp\n.endl\n", "net.sp": NET})
    models = ModelFiles(f".lib '{tmp_path}/ptm.lib' tt", {})
    (tmp_path / "net.sp").unlink()
    assert models.lines == ".lib 'ptm.lib' tt"
    assert "r1 p q {r_ohm}" in models.inlined()
    body = f".param r_ohm=10k\n{BENCH}"
    deck = Deck("rc", body, models, 1e-6, ("v(b)",), initial_V={"b": 0.0})
    assert ngspice.run(deck)["v(b)"][-1] == pytest.approx(TEN, rel=2e-3)
    with pytest.raises(
        InputError, match=r"line 1 of the model lines calls x\.lib, which the deck d"
    ):
        ModelFiles(".lib x.lib tt", {})
    with pytest.raises(InputError, match=r"line 2 of a\.lib calls x\.lib, which the deck does not"):
        ModelFiles(".include 'a.lib'", {"a.lib": "* x\n.include x.lib"})


FROM_ELSEWHERE = st.text(st.sampled_from(".includelib fs\"'=/{}$;*+\\\r\n\t@\x01\xa0"), max_size=40)


@given(
    st.lists(st.one_of(FROM_ELSEWHERE, st.sampled_from(["SECRET", ".inc SECRET", ".lib own tt"])))
)
def test_no_deck_from_elsewhere_reads_a_file_of_this_machine(tmp_path_factory, lines):
    secret = Path(tmp_path_factory.getbasetemp()) / "secret"
    secret.write_text(".lib tt\n* a word that nobody knows\n.endl\n")
    body = "\n".join(lines).replace("SECRET", str(secret))
    good = asdict(Deck("t", "r1 a 0 1", ModelFiles("", {"own": "* own\n"}), 1e-6, ("v(a)",)))
    models = {"lines": body, "files": good["models"]["files"]}
    inside = {"lines": "", "files": {"own": body}}
    for changed in ({"body": body}, {"models": models}, {"models": inside}, {"files": {"x": body}}):
        try:
            deck = Deck.from_dict({**good, **changed})
        except InputError:
            continue
        texts = (deck.render(), *deck.files.values(), *deck.models.files.values())
        assert not any("nobody knows" in text for text in texts)


WORDS = st.text(st.sampled_from(" .abz'\"/$;*+=\\\r\n\t%"), max_size=30)


@given(st.lists(st.one_of(WORDS, st.sampled_from([".inc n.sp", ".lib l tt", 'x file="n.sp"']))))
def test_any_text_is_carried_whole_or_refused_in_one_line(tmp_path_factory, lines):
    """What a deck would take is not lost on the way, and files are called by plain names after."""
    folder = Path(tmp_path_factory.getbasetemp())
    lay(folder, {"n.sp": NET, "l": f".lib tt\n{NET}.endl\n"})
    body = "\n".join(lines)
    try:
        net = carried(body, folder)
        deck = Deck("t", net.body, ModelFiles("", {}), 1e-6, ("v(a)",), files=net.files)
    except InputError as error:
        assert "\n" not in str(error)
        return
    kept = [
        a == b
        for a, b in zip(body.replace("\r\n", "\n").split("\n"), deck.body.split("\n"), strict=True)
    ]
    assert len(kept) - sum(kept) <= sum(line.count(".") + line.count("=") for line in lines)
    assert {call.file for call in calls(deck.body)} <= set(deck.files)


def test_a_file_that_is_named_very_often_is_carried_in_one_go(tmp_path):
    (tmp_path / "My Table.txt").write_text(TABLE)
    names = 'file="My Table.txt" ' * 50_000
    net = carried(f".model fs filesource({names})\nr1 a 0 1", tmp_path)
    assert net.body.count('file="my_table.txt"') == 50_000


def test_a_remark_that_names_a_file_is_a_remark(tmp_path):
    assert carried("(process_file=", tmp_path).body == "(process_file="


def test_calls_that_never_end_are_seen(tmp_path):
    lay(tmp_path, {f"{n}.sp": f".include {n + 1}.sp\n" for n in range(2000)})
    with pytest.raises(InputError, match="calls files more than 50 deep: 47"):
        carried(".include 0.sp", tmp_path)
