"""A folder that a stranger has made becomes a page that runs nothing, or one line of refusal."""

import base64
import hashlib
import json
import os
import re
import subprocess

import pytest

from anaspike.campaign.answer import Findings
from anaspike.errors import InputError
from anaspike.folders import half_written
from anaspike.report.page import page
from anaspike.report.saved import latest, saved_answers

SVG = '<svg xmlns="http://www.w3.org/2000/svg" width="300pt" height="100pt">{}</svg>'
SHA = "0" * 64


def answer(**changed):
    return {"name": "leak", "title": "Leak", "ok": True, "quantities": {"delay_s": 1e-9},
            "verdicts": [], "not_judged": [], "notes": [], "tables": ["runs"],
            "figures": ["curve"], **changed}  # fmt: skip


def manifest(**changed):
    return {"created": "2026-01-01T00:00:00+00:00", "anaspike": "1", "options": [],
            "ngspice": {"version": "39"}, "parameters": {"pdk": "generic28"}, "points": [],
            "pdk": {"name": "generic28", "models_sha256": [SHA]}, **changed}  # fmt: skip


@pytest.fixture
def folder(tmp_path):
    place = tmp_path / "sent" / "leak"
    place.mkdir(parents=True)
    (place / "curve.svg").write_text(SVG.format("<title>curve</title>"))
    (place / "runs.csv").write_text("corner,delay_s\ntt,1e-9\n")
    write(place)
    return place


def write(place, of_answer=(), of_manifest=()):
    (place / "answer.json").write_text(json.dumps(answer(**dict(of_answer))))
    (place / "manifest.json").write_text(json.dumps(manifest(**dict(of_manifest))))


def shown(folder):
    return page(latest(saved_answers([folder])))


def refused(folder):
    with pytest.raises(InputError) as caught:
        shown(folder)
    line = str(caught.value)
    assert str(folder) in line
    assert line.endswith((", or run it again", "report a part of them"))
    return line


@pytest.mark.parametrize(
    "inside",
    [
        "<script>document.title = 'run'</script>",
        "<image href='x' onerror=\"document.title = 'run'\"/>",
        "<foreignObject><body xmlns='http://www.w3.org/1999/xhtml'><iframe src='javascript:0'/>"
        "</body></foreignObject>",
        "<image href='http://127.0.0.1/seen.png'/>",
    ],
)
def test_a_picture_is_an_image_and_never_markup(folder, inside):
    (folder / "curve.svg").write_text(SVG.format(inside))
    html = shown(folder)
    (source,) = re.findall(
        r'<img src="data:image/svg\+xml;base64,([^"]+)" width="600" alt="curve">', html
    )
    assert base64.b64decode(source).decode() == SVG.format(inside)
    for markup in ("<svg", "<script", "<image", "foreignObject", "onerror", "127.0.0.1"):
        assert markup not in html


def test_the_page_allows_itself_its_own_style_and_pictures_alone(folder):
    html = shown(folder)
    (policy,) = re.findall(r'<meta http-equiv="Content-Security-Policy" content="([^"]+)">', html)
    (style,) = re.findall(r"<style>(.*?)</style>", html, re.DOTALL)
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    assert policy.split("; ") == [
        "default-src 'none'", "img-src data:", f"style-src 'sha256-{digest}'", "base-uri 'none'",
        "form-action 'none'",
    ]  # fmt: skip
    assert html.index("Content-Security-Policy") < html.index("<style>")
    assert " style=" not in html
    assert not re.search(r"\son\w+=", html)


@pytest.mark.parametrize("key", ["figures", "tables"])
@pytest.mark.parametrize(
    "name", ["../x", "../../x", "{}/x", "a/x", "..", "", "x\n", "a\\x", "\u202ex"]
)
def test_a_name_is_one_of_a_file_in_the_folder(folder, key, name):
    for place in (folder.parent, folder.parents[1]):
        (place / "x.svg").write_text(SVG.format(""))
        (place / "x.csv").write_text("secret\n1\n")
    write(folder, {key: [name.format(folder.parent)]})
    assert "is no plain name of a file in the folder" in refused(folder)


@pytest.mark.parametrize("name", ["curve.svg", "runs.csv", "answer.json", "manifest.json"])
def test_a_link_that_leads_out_is_not_followed(folder, name):
    outside = folder.parents[1] / "outside"
    (folder / name).rename(outside)
    (folder / name).symlink_to(outside)
    assert f"{name} is a link that leads out of the folder" in refused(folder)
    (folder / name).unlink()
    outside.rename(folder / "kept")
    (folder / name).symlink_to("kept")
    assert "Leak" in shown(folder)


@pytest.mark.parametrize("name", ["curve.svg", "runs.csv", "answer.json", "manifest.json"])
def test_a_pipe_is_not_waited_for(folder, name):
    (folder / name).unlink()
    os.mkfifo(folder / name)
    assert "it is no plain file but a pipe or a device" in refused(folder)
    (folder / name).unlink()
    (folder / name).symlink_to(name)
    assert "cannot read" in refused(folder)


@pytest.mark.parametrize(
    ("of_answer", "of_manifest", "says"),
    [
        ({"quantities": 1}, {}, "'quantities': Input should be a valid dictionary"),
        ({"quantities": {"a": "1"}}, {}, "'quantities.a.float': Input should be a valid number"),
        ({"quantities": {"a": 10**400}}, {}, "'quantities.a.float'"),
        ({"verdicts": [{"quantity": "a"}]}, {}, "'verdicts.0.measured': Field required"),
        ({"notes": [{}]}, {}, "'notes.0': Input should be a valid string"),
        ({"title": ["x"]}, {}, "'title': Input should be a valid string"),
        ({"title": "x" * 1001}, {}, "'title': String should have at most 1000 characters"),
        ({"figures": ["x"] * 101}, {}, "'figures': 101 entries are too many; there may be 100"),
        ({"not_judged": {}}, {}, "'not_judged': Input should be a valid list"),
        ({}, {"points": [{"status": "ok"}]}, "'points.0.message': Field required"),
        ({}, {"points": 3}, "'points': Input should be a valid list"),
        ({}, {"ngspice": None}, "'ngspice': it should be a table"),
        ({}, {"pdk": {"name": "generic28"}}, "'pdk.models_sha256': Field required"),
        ({}, {"parameters": []}, "'parameters': it should be a table"),
        ({}, {"created": "2026\nmade by me"}, "'created': it should be one line"),
    ],
)  # fmt: skip
def test_what_is_of_another_type_or_size_is_named(folder, of_answer, of_manifest, says):
    write(folder, of_answer, of_manifest)
    name = "answer.json" if of_answer else "manifest.json"
    assert f"cannot read {folder / name}: {says}" in refused(folder)


def test_a_study_s_own_parameter_may_be_called_as_ours(folder):
    write(folder, (), {"parameters": {"pdks": 3, "x": "<b>"}})
    assert "&#34;x&#34;: &#34;&lt;b&gt;&#34;" in shown(folder)
    write(folder, (), {"parameters": {"pdks": ["one", "two"]}})
    assert ">one, two <small>" in shown(folder)


def test_json_without_end_is_refused(folder):
    (folder / "manifest.json").write_text('{"parameters":' + "[" * 5000)
    assert "it nests too deep" in refused(folder)
    (folder / "manifest.json").write_text('{"x":[' + "[]," * 2_000_001 + "[]]}")
    assert "holds more than 750001 values" in refused(folder)
    os.truncate(folder / "manifest.json", 65_000_000)
    assert "manifest.json is larger than 64 MB" in refused(folder)


def test_a_table_that_is_gone_is_not_said_to_be_there(folder):
    (folder / "runs.csv").unlink()
    assert "the table runs is missing; remove the folder, or run it again" in refused(folder)


def test_a_table_is_read_a_line_at_a_time(folder):
    (folder / "runs.csv").write_text("a,b\n" + "1,2\n" * 70 + "1,2,3\n")
    assert "runs.csv is damaged: a row has more cells than there are columns" in refused(folder)
    (folder / "runs.csv").write_text("a," * 600_000)
    assert "a line has more than 1000000 characters" in refused(folder)
    (folder / "runs.csv").write_text("a,b\n\n" + '1,"2\n"\n\n' * 70)
    assert "60 of 70 rows; all in" in shown(folder)
    (folder / "runs.csv").write_text(f"word\n{'x' * 5000}\n")
    assert f'<td class="long">{"x" * 999}…</td>' in shown(folder)
    os.truncate(folder / "runs.csv", 50_000_001)
    assert f"runs: all in {folder / 'runs.csv'}" in shown(folder)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("[1]", "it should be a list of rows"),
        ('{"a": 1}', "it should be a list of rows"),
        ("[" * 5000, "it nests too deep"),
    ],
)
def test_a_table_in_json_is_rows(folder, text, says):
    (folder / "runs.csv").unlink()
    (folder / "runs.json").write_text(text)
    assert says in refused(folder)


@pytest.mark.parametrize(
    ("svg", "says"),
    [
        ("<html/>", "its outermost element is another one"),
        (SVG.format("<g>"), "mismatched tag"),
        ('<!DOCTYPE svg [<!ENTITY a "aa"><!ENTITY b "&a;&a;">]>' + SVG.format("&b;"),
         "it brings its own DTD"),
        (SVG.format('<g id="a"/><g id="b"><use href="#a"/><use href="#a"/></g><use href="#b"/>'),
         "what it shows several times shows others in turn"),
        (SVG.format('<g id="a"><use href="#a"/></g>'),
         "what it shows several times shows others in turn"),
        (SVG.format('<g id="a b"><path fill="URL( &quot; #a%20b&quot;)"/></g>'),
         "what it shows several times shows others in turn"),
        (SVG.format('<g id="a"><use href="&#10; #&#9;%61"/></g>'),
         "what it shows several times shows others in turn"),
        (SVG.format('<g fill="url(#b)"><g id="a"><path/></g></g><path id="b" fill="url(#a)"/>'),
         "what it shows is handed on to others inside"),
        (SVG.format(r'<path fill="\75rl(#a)"/>'), "escapes or variables of CSS"),
        (SVG.format('<path style="fill: var(--a)"/>'), "escapes or variables of CSS"),
        (SVG.format('<set href="#b" attributeName="fill" to="url(#a)"/>'), "it moves"),
        ('<?xml-stylesheet href="data:text/css,x"?>' + SVG.format(""),
         "it holds the instruction xml-stylesheet"),
        (SVG.format("<style>path { fill: url(#a) }</style>"), "its style names parts"),
        (SVG.format("<style><![CDATA[@import 'x']]></style>"), "its style names parts"),
        (SVG.format('<path id="a"/><path id="a"/><use href="#a"/>'),
         "two of its parts are called a"),
        (SVG.format(f'<path id="a" d="{"1" * 100_000}"/>' + '<g style="fill: url(#a)"/>' * 501),
         "it unfolds to more than 50 MB"),
        (SVG.format("<a/>" * 1_000_000), "the page's pictures have too many parts"),
    ],
)  # fmt: skip
def test_a_picture_that_a_browser_would_never_finish_is_refused(folder, svg, says):
    (folder / "curve.svg").write_text(svg)
    assert says in refused(folder)


def test_what_would_steer_a_reader_s_eye_is_shown(folder):
    points = [{"status": "failed\u202e", "message": "\x1b[31m<i>\u2028"}]
    of_answer = {"title": "<b>\u202etitle", "notes": ["\u200bnote\x07"], "name": "\u2066leak"}
    write(folder, {**of_answer, "quantities": {"a\x00_V": 1}}, {"points": points})
    (folder / "runs.csv").write_text("\u202ehead,b\ncell\x1b,\u2067\n")
    html = shown(folder)
    assert all(character.isprintable() or character == "\n" for character in html)
    for said in (
        "&lt;b&gt;\\u202etitle", "\\u200bnote\\x07", "\\u2066leak", "a\\x00", "\\u202ehead",
        "failed\\u202e: \\x1b[31m&lt;i&gt;\\u2028", "cell\\x1b",
    ):  # fmt: skip
        assert said in html


def test_of_very_many_failures_the_first_are_told(folder):
    write(folder, (), {"points": [{"status": "failed", "message": "why"}] * 1003})
    html = shown(folder)
    assert html.count("failed: why") == 1000
    assert f'<p class="missed">3 more; all in {folder}</p>' in html
    assert "1003 of 1003" in html


def test_folders_may_be_deep_and_lead_in_circles(folder):
    (folder / "round").symlink_to("..")
    place = os.open(folder, os.O_RDONLY)
    for _ in range(1500):
        os.mkdir("d", dir_fd=place)
        below = os.open("d", os.O_RDONLY, dir_fd=place)
        os.close(place)
        place = below
    os.close(place)
    try:
        assert half_written([folder.parent]) == []
        assert shown(folder.parent).count("<h2 id=") == 1
    finally:  # Python's own rmtree cannot
        subprocess.run(["rm", "-rf", folder / "d"], check=True)


def test_too_many_answers_for_a_page_are_counted(folder, monkeypatch):
    for name in "abc":
        (folder.parent / name).mkdir()
        write(folder.parent / name)
    monkeypatch.setattr("anaspike.report.saved._MOST_ANSWERS", 3)
    with pytest.raises(InputError, match="are too many for one page, which takes 3 of 100 MB"):
        shown(folder.parent)
    monkeypatch.setattr("anaspike.report.saved._MOST_IN_ALL_B", 1000)
    with pytest.raises(InputError, match=r"takes 3 of 0\.001 MB in all; report a part of them"):
        shown(folder.parent)


def test_a_page_without_end_is_not_written(folder, monkeypatch):
    monkeypatch.setattr("anaspike.report.page._MOST_CHARACTERS", 3000)
    with pytest.raises(InputError, match="report fewer answers at once"):
        shown(folder)


@pytest.mark.parametrize("what", ["tables", "figures", "arrays"])
@pytest.mark.parametrize("name", ["../x", "a/b", "", "x" * 201, "a\nb"])
def test_a_study_names_its_files_as_a_page_reads_them(what, name):
    with pytest.raises(InputError, match="names a file of the answer: leave out slashes"):
        Findings(**{"tables": {}, "quantities": {}, what: {name: None}})


def test_a_folder_may_be_called_anything(folder):
    odd = folder.parent / os.fsdecode(b"\xff\x1b<b>\n") / "generic28"
    odd.parent.mkdir()
    folder.rename(odd)
    html = shown(odd)
    assert "flow \\udcff\\x1b&lt;b&gt;" in html
    html.encode()
    (odd / "manifest.json").write_text("{")
    with pytest.raises(InputError, match=r"manifest\.json: manifest\.json is no JSON") as caught:
        shown(odd)
    assert str(caught.value).isprintable()
