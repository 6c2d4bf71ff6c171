"""The page of the reference answers as a browser shows it: quiet, offline, within its window."""

from pathlib import Path

import pytest
from chromium import Chromium, found

from anaspike.report.page import page
from anaspike.report.saved import latest, saved_answers

REFERENCE = Path(__file__).parents[2] / "results/reference"
# A browser and some thousand table rows: not for every test run.
pytestmark = [
    pytest.mark.proof,
    pytest.mark.skipif(found() is None, reason="needs Chromium (Debian's package chromium)"),
]


@pytest.fixture(scope="module")
def written(tmp_path_factory):
    path = tmp_path_factory.mktemp("page") / "report.html"
    path.write_text(page(latest(saved_answers([REFERENCE]))), encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def browser(tmp_path_factory):
    with Chromium(tmp_path_factory.mktemp("profile")) as running:
        yield running


@pytest.mark.parametrize("dark", [False, True])
@pytest.mark.parametrize("width", [390, 1280])
def test_it_is_quiet_offline_and_no_wider_than_its_window(browser, written, width, dark):
    browser.open(written, width, dark=dark)
    assert browser.said == []
    elsewhere = [url for url in browser.asked_for if not url.startswith("data:")]
    assert elsewhere == [written.as_uri()]
    assert browser.value("document.documentElement.scrollWidth") <= width
    beyond = """[...document.body.querySelectorAll('*')].filter(e => !e.closest('.scroll, figure')
        && e.getBoundingClientRect().right > innerWidth + 1).map(e => e.outerHTML.slice(0, 99))"""
    assert browser.value(beyond) == []
    shade = browser.value("getComputedStyle(document.body).backgroundColor")
    assert (shade == "rgb(255, 255, 255)") != dark


def test_it_can_be_heard(browser, written):
    browser.open(written, 1280)
    assert browser.value("document.querySelectorAll('th:not([scope])').length") == 0
    assert browser.value("document.querySelectorAll('img:not([alt]), img[alt=\"\"]').length") == 0
    gone = """[...document.querySelectorAll('a[href^="#"]')]
        .filter(a => !document.getElementById(a.hash.slice(1))).length"""
    assert browser.value(gone) == 0


def test_on_paper_comparison_and_provenance_are_there_and_nothing_is_clipped(
    browser, written, tmp_path
):
    pypdf = pytest.importorskip("pypdf")
    browser.open(written, 1280)
    browser.pdf(tmp_path / "report.pdf")
    read = pypdf.PdfReader(tmp_path / "report.pdf").pages
    pages = ["".join(one.extract_text().split()) for one in read]  # lines break anywhere
    assert "Bartonetal.2022(thepaper)28nm132µm²3.3MHz1.08pJ" in pages[0]
    assert "Besrouretal.2024" in pages[0]
    answers = browser.value("document.querySelectorAll('article').length")
    digest = browser.value("document.querySelector('.provenance dl').textContent")
    whole = "".join(pages)
    assert whole.count("conditionsandprovenance") == answers
    assert all(word in whole for word in ("ngspice", "".join(digest.split())[:40]))
    browser.call("Emulation.setEmulatedMedia", media="print")
    width_px = (297 - 24) / 25.4 * 96  # A4 on its side, less the margins
    browser.call("Emulation.setDeviceMetricsOverride", width=int(width_px), height=700,
                 deviceScaleFactor=1, mobile=False)  # fmt: skip
    clipped = """[...document.querySelectorAll('td, th, img')]
        .filter(e => e.getBoundingClientRect().right > innerWidth + 1).length"""
    assert browser.value(clipped) == 0
    browser.call("Emulation.setEmulatedMedia", media="")
