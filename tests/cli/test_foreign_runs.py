"""`anaspike rerun` on strangers' folders: each is data or one line, nothing beside is touched."""

import json
import os
import shutil
import struct
import warnings
import zipfile
from pathlib import Path

import pytest

from anaspike.campaign.decks import DeckArchive
from anaspike.spice.deck import Deck, ModelFiles

pytestmark = pytest.mark.usefixtures("not_for_ever")

DECK = Deck("t", "v1 a 0 1\nr1 a 0 1k", ModelFiles(".include 'm'", {"m": "* x"}), 1e-6, ("v(a)",))
DIGEST = DECK.digest()
MEMBER = f"decks/{DIGEST}.json"
POINT = {"index": 0, "status": "timeout", "message": "too long", "deck_sha256": DIGEST}
MANIFEST, DECKS = Path("run/manifest.json"), Path("run/decks.zip")
RUNS = "now: the deck names a model"
SAYS = """echo "could not find a valid modelname"; exit 1"""


@pytest.fixture
def run(anaspike, simulator, tmp_path):
    """Return what `rerun run 0` gives; the folder `run` may be changed before."""
    simulator(SAYS)
    Path("run").mkdir()
    archive = DeckArchive()
    archive.add(DIGEST, DECK)
    archive.save(DECKS)
    MANIFEST.write_text(json.dumps({"points": [POINT]}))
    outside = tmp_path / "outside"
    outside.mkdir()
    for name in ("deck.cir", "precious"):
        (outside / name).write_text(name)

    def again(*options):
        code, out, err = anaspike("rerun", "run", 0, *options)
        assert {path.name: path.read_text() for path in outside.iterdir()} == {
            "deck.cir": "deck.cir", "precious": "precious",
        }  # fmt: skip
        printed = out + err
        assert all(c.isprintable() or c == "\n" for c in printed)
        assert len(printed) < 5000
        assert err.count("\n") == (code == 2)
        return code, out, err

    return again


def sparse(path):
    path.touch()
    os.truncate(path, 10 * 10**9)


INSTEAD = {
    "a link to a file": lambda path: path.symlink_to("/etc/passwd"),
    "a link to a device": lambda path: path.symlink_to("/dev/zero"),
    "a link to itself": lambda path: path.symlink_to(path.name),
    "a pipe": os.mkfifo,
    "a folder": Path.mkdir,
    "ten gigabytes": sparse,
    "nothing": Path.touch,
    "noise": lambda path: path.write_bytes(bytes(range(256)) * 9),
}


@pytest.mark.parametrize("path", [MANIFEST, DECKS], ids=str)
@pytest.mark.parametrize("kind", INSTEAD)
def test_where_a_file_should_be_is_something_else(run, path, kind):
    path.unlink()
    INSTEAD[kind](path)
    code, out, err = run()
    assert (code, out) == (2, "")
    assert str(path) in err
    if "link" in kind:
        assert f"{path} is a symbolic link; nothing is read or written through one there" in err


def test_a_link_is_not_followed_to_a_run_that_is_sound_either(run):
    for path in (MANIFEST, DECKS):
        Path("other").mkdir(exist_ok=True)
        path.rename(Path("other", path.name))
        path.symlink_to(Path("other", path.name).absolute())
        assert run()[0] == 2


def test_the_folder_itself_may_be_named_through_a_link(run, anaspike):
    Path("named").symlink_to("run")
    assert anaspike("rerun", "named", 0)[1].splitlines()[-1].startswith(RUNS)


def entry(**more):
    return json.dumps({"points": [{**POINT, **more}]})


@pytest.mark.parametrize(
    "text",
    [
        "[" * 100_000,
        '{"points": ' + "[" * 100_000,
        "null",
        "3",
        '{"points": null}',
        '{"points": 3}',
        '{"points": [3]}',
        '{"points": {"index": 0}}',
        '{"points": [[]]}',
        entry() + "\0",
        entry().encode() + b"\xff",
        entry().encode("utf-16"),
        entry(index=[]),
        entry(index="0"),
        entry(index=float("nan")),
        entry(index=float("inf")),
        entry(index=-1),
        entry(index=10**4000),
        entry().replace('"index": 0', '"index": ' + "9" * 5000),
        entry(status=["x"]),
        entry(status=None),
        entry(message=3),
        entry(deck_sha256="../../etc/passwd"),
        entry(deck_sha256=[]),
        entry()[:-1] + ', "points": []}',
        '{"points": [' + "[]," * 10_000_000 + "[]]}",
    ],
    ids=lambda text: text[:30],
)
def test_a_manifest_that_is_none(run, text):
    MANIFEST.write_bytes(text if isinstance(text, bytes) else text.encode())
    code, out, err = run()
    assert (code, out) == (2, "")
    assert err.startswith(("error: run/manifest.json", "error: run has no point 0"))


@pytest.mark.parametrize(
    "text",
    [
        b"\xef\xbb\xbf" + entry().encode(),
        entry(status="\x1b]0;owned\x07\x1b[31m", message="\x1b[2J\u202eabc\nsecond").encode(),
        entry(message="x" * 10**6).encode(),
        entry(more={"a": [1, 2]}).encode(),
    ],
    ids=["a mark", "escapes", "long", "more"],
)
def test_a_manifest_that_is_odd_is_data(run, text):
    MANIFEST.write_bytes(text)
    code, out, _ = run()
    assert code == 1
    assert out.splitlines()[-1].startswith(RUNS)


def test_a_point_without_a_deck_says_why_and_steers_no_terminal(run):
    MANIFEST.write_text(entry(deck_sha256="", message="\x1b[2J" * 1000))
    assert run()[2].startswith("error: point 0 has no deck, it could not be built: \\x1b[2J\\x1b")


def members():
    with zipfile.ZipFile(DECKS) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def packed(content, method=zipfile.ZIP_DEFLATED, mode=0o600):
    with zipfile.ZipFile(DECKS, "w", method) as archive, warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of names that are double
        for name, text in content:
            info = zipfile.ZipInfo(name)
            info.external_attr, info.compress_type = mode << 16, method
            archive.writestr(info, text)


def patched(change):
    """Change every entry of the zip's directory, and every member's header."""
    content = bytearray(DECKS.read_bytes())
    for mark, header in ((b"PK\x01\x02", True), (b"PK\x03\x04", False)):
        at = content.find(mark)
        while at >= 0:
            change(content, at, header)
            at = content.find(mark, at + 4)
    DECKS.write_bytes(content)


def size_of(size):
    def change(content, at, header):
        if header:
            content[at + 24 : at + 28] = struct.pack("<I", size)

    return change


def encrypted(content, at, header):
    content[at + (8 if header else 6)] |= 1


def at_the_start(content, at, header):
    if header:
        content[at + 42 : at + 46] = bytes(4)


def a_directory_of_two_gigabytes():
    content = bytearray(DECKS.read_bytes())
    end = content.rfind(b"PK\x05\x06")
    content[end + 12 : end + 16] = struct.pack("<I", 2**31 - 1)
    DECKS.write_bytes(content)


def a_deck_of(text):
    return lambda: packed({**members(), MEMBER: text}.items())


def a_deck_with(**parts):
    def make():
        packed(
            {**members(), MEMBER: json.dumps({**json.loads(members()[MEMBER]), **parts})}.items()
        )

    return make


def a_bomb():
    packed([*members().items(), (MEMBER, b'{"title": "' + bytes(90_000_000) + b'"}')])


ODD_ZIPS = {
    "a bomb": (a_bomb, "run/decks.zip unpacks to 90 MB, and a deck holds at most 80 MB"),
    "a bomb of values": (
        a_deck_of(b'{"a": [' + b"[]," * 20_000_000 + b"[]]}"), "run/decks.zip is damaged",
    ),
    "sizes too small": (lambda: patched(size_of(9)), "run/decks.zip is damaged"),
    "sizes too large": (
        lambda: patched(size_of(2**31)), "run/decks.zip unpacks to 2.15 GB, and a deck holds at",
    ),
    "a huge directory": (a_directory_of_two_gigabytes, "run/decks.zip"),
    "encrypted": (lambda: patched(encrypted), "run/decks.zip is encrypted, as no run's decks are"),
    "one over the other": (lambda: patched(at_the_start), "run/decks.zip is damaged"),
    "lzma": (lambda: packed(members().items(), zipfile.ZIP_LZMA), "run/decks.zip is packed in a"),
    "bzip2": (lambda: packed(members().items(), zipfile.ZIP_BZIP2), "run/decks.zip is packed in"),
    "links": (
        lambda: packed([(name, b"/etc/passwd") for name in members()], mode=0o120777),
        "run/decks.zip is damaged",
    ),
    "a list": (a_deck_of(b"[]"), "run/decks.zip is damaged"),
    "a number": (a_deck_of(b"3"), "run/decks.zip is damaged"),
    "deep": (a_deck_of(b"[" * 100_000), "run/decks.zip is damaged"),
    "no UTF-8": (a_deck_of(b'{"title": "\xff"}'), "run/decks.zip is damaged"),
    "another's name": (a_deck_with(body="../../body"), "run/decks.zip is damaged"),
    "another deck": (a_deck_with(stop_s=2e-6), "the deck in run/decks.zip is not as it was run"),
    "a huge number": (a_deck_with(stop_s=10**400), "run/decks.zip is damaged"),
    "a huge option": (a_deck_with(options={"itl4": 10**400}), "run/decks.zip is damaged"),
    "no number": (a_deck_with(stop_s=float("nan")), "the deck in run/decks.zip is not run: a num"),
    "backwards": (a_deck_with(stop_s=-1), "the deck in run/decks.zip is not run: a transient"),
    "no nodes": (a_deck_with(initial_V=[1]), "run/decks.zip is damaged"),
    "no vectors": (a_deck_with(save=None), "run/decks.zip is damaged"),
    "no parameters": (a_deck_with(alter=[[1]]), "run/decks.zip is damaged"),
    "escapes": (a_deck_with(title="\x1b[2J"), "the deck in run/decks.zip is not run: '\\x1b[2J'"),
}  # fmt: skip


@pytest.mark.parametrize("kind", ODD_ZIPS)
def test_an_archive_of_decks_that_is_odd(run, kind):
    make, said = ODD_ZIPS[kind]
    make()
    code, out, err = run()
    assert (code, out) == (2, "")
    assert err.startswith(f"error: {said}")


def test_names_in_an_archive_are_never_paths(run, tmp_path):
    owned = [("../../owned", b"x"), (str(tmp_path / "owned"), b"x"), *members().items()]
    packed([*owned, *owned])
    assert run()[1].splitlines()[-1].startswith(RUNS)
    assert not list(tmp_path.rglob("owned"))


def test_a_deck_that_holds_commands_is_called_that(run):
    body = json.dumps("v1 a 0 1\n.\rcontrol\nshell touch owned\n.endc")
    name = next(name for name in members() if name.startswith("body/"))
    packed({**members(), name: body}.items())
    assert run()[2].startswith(
        "error: the deck in run/decks.zip is not run: line 2 of the body holds the control char"
    )


def linked(name, target="outside"):
    Path(name).parent.mkdir(exist_ok=True)
    Path(name).symlink_to(Path(target).absolute())


PLACES = {
    "the point's folder": lambda: linked("run/point-0"),
    "the first attempt": lambda: linked("run/point-0/attempt-1"),
    "a later attempt": lambda: linked("run/point-0/attempt-3"),
    "the lock": lambda: linked("run/point-0/.lock", "outside/precious"),
    "a pipe": lambda: os.mkfifo("run/point-0"),
}


@pytest.mark.parametrize("kind", PLACES)
def test_what_is_kept_is_not_written_through_a_link(run, kind):
    PLACES[kind]()
    code, out, _ = run("--keep")
    assert (code, out) == (2, "")


def test_a_place_of_ones_own_may_be_behind_a_link(run):
    Path("disk").mkdir()
    linked("mine", "disk")
    assert run("--out", "mine")[0] == 1
    assert run("--out", "mine/deeper")[0] == 1
    assert Path("disk/attempt-1/deck.cir").is_file()
    assert Path("disk/deeper/attempt-1/deck.cir").is_file()


def test_links_within_an_earlier_attempt_go_with_it(run):
    names = ("deck.cir", ".spiceinit", "out.raw", "m")
    for name in names:
        Path("run/point-0/attempt-1").mkdir(parents=True, exist_ok=True)
        linked(f"run/point-0/attempt-1/{name}", "outside/precious")
    assert run("--keep")[0] == 1
    assert not any(Path("run/point-0/attempt-1", name).is_symlink() for name in names)


def test_only_what_a_rerun_has_kept_is_removed(run):
    assert run("--out", "mine")[0] == 1
    Path("mine/attempt-last").mkdir()
    Path("mine/attempt-2").mkdir()
    Path("mine/attempt-2/thesis.txt").write_text("mine")
    code, _, err = run("--out", "mine")
    assert code == 2
    assert err.startswith("error: mine/attempt-2 is nothing that a rerun has kept; choose another")
    shutil.rmtree("mine/attempt-2")
    assert run("--out", "mine")[0] == 1
    assert Path("mine/attempt-last").is_dir()
