"""Decks kept with a run: the same deck comes back, and nothing that could do more than simulate."""

import json
import zipfile
from dataclasses import asdict, replace

import pytest

from anaspike.campaign.decks import DeckArchive, read_deck
from anaspike.errors import InputError
from anaspike.spice.deck import Deck, ModelFiles
from anaspike.studies.blocks.sweep_vdd import SweepVdd

DECK = Deck("t", "r1 a 0 1", ModelFiles(".lib 'm' tt", {"m": "x"}), 1e-6, ("v(a)",))


@pytest.fixture(scope="module")
def neurons():
    return [point.build() for point in SweepVdd(points=2, seed=1).asked()]


def archived(path, *decks):
    archive = DeckArchive()
    for deck in decks:
        archive.add(deck.digest(), deck)
    archive.save(path)
    return path


def test_a_deck_comes_back_as_it_was(tmp_path, neurons):
    path = archived(tmp_path / "decks.zip", *neurons, DECK)
    for deck in (*neurons, DECK):
        back = read_deck(path, deck.digest())
        assert back == deck
        assert back.render() == deck.render()


def test_what_decks_share_is_kept_once_and_the_same_decks_are_the_same_bytes(tmp_path, neurons):
    one = archived(tmp_path / "one.zip", *neurons)
    other = archived(tmp_path / "other.zip", *reversed(neurons))
    assert one.read_bytes() == other.read_bytes()
    with zipfile.ZipFile(one) as archive:
        assert sum(name.startswith("models/") for name in archive.namelist()) == 1


def test_an_archive_that_is_none(tmp_path):
    with pytest.raises(InputError, match=r"cannot read .*none\.zip: No such file"):
        read_deck(tmp_path / "none.zip", "0")
    (tmp_path / "decks.zip").write_text("garbage")
    with pytest.raises(InputError, match=r"decks\.zip is damaged; run the command again"):
        read_deck(tmp_path / "decks.zip", "0")
    path = archived(tmp_path / "decks.zip", DECK)
    with pytest.raises(InputError, match="is damaged"):
        read_deck(path, "0" * 64)
    whole = path.read_bytes()
    path.write_bytes(whole[: len(whole) // 2])
    with pytest.raises(InputError, match="is damaged"):
        read_deck(path, DECK.digest())


def test_a_deck_under_anothers_name_does_not_run(tmp_path):
    archive = DeckArchive()
    archive.add("f" * 64, DECK)
    archive.save(tmp_path / "decks.zip")
    with pytest.raises(InputError, match="is not as it was run"):
        read_deck(tmp_path / "decks.zip", "f" * 64)


@pytest.mark.parametrize(
    "evil",
    [
        {"body": "r1 a 0 1\n.control\nshell touch owned\n.endc"},
        {"body": "r1 a 0 1\n*#shell touch owned"},
        {"body": "  .CONTROL\nshell touch owned"},
        {"models": {"lines": ".control", "files": {}}},
        {"models": {"lines": "", "files": {"m": "*# shell touch owned"}}},
        {"models": {"lines": "", "files": {"../m": ""}}},
        {"models": {"lines": "", "files": {"/etc/m": ""}}},
        {"alter": [["r1; shell touch owned", "x", 1.0]]},
        {"alter": [["r1", "x] = 1; shell touch owned", 1.0]]},
        {"title": "t\n.control"},
        {"title": "t" * 5000 + ".control"},
        {"body": "r1 a 0 1\n.\rcontrol\nshell touch owned\n.endc"},
        {"body": "r1 a 0 1\n;#shell touch owned"},
        {"body": ".title *ng_script\nshell touch owned"},
        {"body": "r1 a 0 1\n.options rawfile=/tmp/owned"},
        {"body": "r1 a 0 1\n.include /etc/passwd"},
        {"save": ["v(a)\n.control"]},
    ],
)
def test_a_file_cannot_make_the_simulator_do_more_than_simulate(evil):
    with pytest.raises(InputError):
        Deck.from_dict({**asdict(DECK), **evil})


@pytest.mark.parametrize(
    "broken",
    [
        {"options": {"unknown": 1}},
        {"stop_s": "soon"},
        {"alter": 3},
    ],
)
def test_what_is_no_deck(broken):
    with pytest.raises((ValueError, TypeError)):
        Deck.from_dict({**asdict(DECK), **broken})


@pytest.mark.parametrize("options", [{"method": "gear\n.control"}, {"reltol": "1\n.control"}])
def test_options_that_are_no_numbers_are_called_that(options):
    with pytest.raises(InputError, match="its numerical options are none"):
        Deck.from_dict({**asdict(DECK), "options": options})


def test_a_deck_is_plain_data():
    deck = replace(DECK, alter=(("r1", "resistance", 2.0),), initial_V={"a": 0.5})
    assert Deck.from_dict(json.loads(json.dumps(asdict(deck)))) == deck


def test_an_archive_of_before_decks_had_files_of_their_own(tmp_path):
    path = archived(tmp_path / "decks.zip", DECK)
    with zipfile.ZipFile(path) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in members.items():
            parts = json.loads(content)
            if name.startswith("decks/"):
                del parts["files"]
            if not name.startswith("files/"):
                archive.writestr(name, json.dumps(parts))
    assert read_deck(path, DECK.digest()) == DECK


def test_the_files_of_a_deck_come_back_with_it(tmp_path):
    deck = replace(DECK, body=".include 'own.sp'", files={"own.sp": "r1 a 0 1\n"})
    assert deck.digest() != replace(deck, files={"own.sp": "r1 a 0 2\n"}).digest()
    path = archived(tmp_path / "decks.zip", deck)
    assert read_deck(path, deck.digest()) == deck
