"""A netlist file that a study's deck calls: in the key, in the archive, and then as it was."""

import json
from pathlib import Path

import pandas as pd
import pytest

STUDY = """\
from dataclasses import dataclass
from pathlib import Path
from anaspike.campaign.answer import Findings
from anaspike.spice.carried import carried
from anaspike.spice.deck import Deck, ModelFiles
from anaspike.studies.base import Study

@dataclass(frozen=True)
class Rc:
    def conditions(self):
        return {}

    def build(self):
        net = carried("CALL\\nv1 a 0 1\\nx1 a b load\\nc1 b 0 1n", Path(__file__).parent)
        return Deck("rc", net.body, ModelFiles("", {}), 1e-6, ("v(b)",),
                    initial_V={"b": 0.0}, files=net.files)

    def measure(self, traces):
        return {"end_V": traces["v(b)"][-1]}


class Mine(Study):
    name = "mine"
    title = "Mine"
    def find(self, bench):
        return Findings({"mine": bench.run([Rc()]).table}, {})
"""
ONE, TEN = 0.6321, 0.0952  # 1 - exp(-t / RC), at 1 us: 1k and 10k with 1 nF


@pytest.fixture
def run(anaspike, ngspice):
    """Write a study that calls a file, and run it; return where it ended and what was said."""

    def of(call, name, study=STUDY):
        Path("mine.py").write_text(study.replace("CALL", call.format(here=Path.cwd())))
        Path("rc.toml").write_text('study = "mine.py:Mine"\n')
        code, out, err = anaspike("run", "rc.toml", "--out", name)
        if code:
            return code, err
        table = pd.read_csv(f"{name}/rc/generic28/mine.csv")
        return table["end_V"].iloc[0], [line for line in out.splitlines() if "cache" in line]

    return of


def write(ohm):
    Path("sub").mkdir(exist_ok=True)
    Path("net.sp").write_text(".lib one\n.include sub/more.sp\n.endl\n")
    Path("sub/more.sp").write_text(f".subckt load p q\nr1 p q {ohm}\n.ends\n")


BARE = STUDY.replace("net = carried(", "body = (").replace(", Path(__file__).parent)", ")")
BARE = BARE.replace("net.body", "body").replace(", files=net.files", "")
CALLS = [".lib net.sp one", ".lib '{here}/net.sp' one", ".inc sub/more.sp"]


@pytest.mark.parametrize(("call", "study"), [*((c, STUDY) for c in CALLS), (CALLS[1], BARE)])
def test_what_changed_is_simulated_and_what_was_is_found_again(run, call, study):
    write("1k")
    assert run(call, "first", study) == (pytest.approx(ONE, abs=1e-3), [])
    write("10k")
    assert run(call, "second", study) == (pytest.approx(TEN, abs=1e-3), [])
    write("1k")
    assert run(call, "third", study) == (
        pytest.approx(ONE, abs=1e-3),
        ["1 of 1 points from the cache"],
    )


def test_a_rerun_is_of_the_file_as_it_was(run, anaspike):
    write("1k")
    run(CALLS[0], "first")
    write("10k")
    code, _, _ = anaspike("rerun", "first/rc/generic28", "0", "--keep", "--out", "again")
    assert code == 0
    assert "r1 p q 1k" in Path("again/attempt-1/more.sp").read_text()
    Path("sub/more.sp").unlink()
    Path("net.sp").unlink()
    assert anaspike("rerun", "first/rc/generic28", "0")[0] == 0
    manifest = json.loads(Path("first/rc/generic28/manifest.json").read_text())
    assert manifest["points"][0]["status"] == "ok"


def test_a_call_that_is_not_carried_is_refused_with_the_mend(anaspike, ngspice):
    Path("mine.py").write_text(STUDY.replace("net.body", "'.include net.sp'").replace("CALL", ""))
    Path("rc.toml").write_text('study = "mine.py:Mine"\n')
    code, out, err = anaspike("run", "rc.toml", "--out", "none")
    assert (code, out) == (2, "")
    assert err == (
        "runs Python of your own: mine.py\n"
        "error: line 1 of the body calls net.sp, which the deck does not carry; give it the"
        " body and files that carried(body, folder) of anaspike.spice.carried returns, or an"
        " absolute path\n"
    )


def test_two_flows_of_one_name_in_two_folders_are_two(anaspike, ngspice):
    for folder, ohm in (("one", "1k"), ("two", "10k")):
        Path(folder).mkdir()
        Path(folder, "mine.py").write_text(
            STUDY.replace("CALL", ".inc net.sp").replace('name = "mine"', "name = sizes.NAME")
            .replace("from dataclasses", "import sizes\nfrom dataclasses", 1)
        )  # fmt: skip
        Path(folder, "sizes.py").write_text(f"NAME = 'mine-{ohm}'\n")
        Path(folder, "net.sp").write_text(f".subckt load p q\nr1 p q {ohm}\n.ends\n")
        Path(folder, "rc.toml").write_text('study = "mine.py:Mine"\n')
    assert anaspike("run", "one/rc.toml", "two/rc.toml", "--out", "out")[0] == 0
    for folder, ohm, end_V in (("one", "1k", ONE), ("two", "10k", TEN)):
        place = Path(f"out/{folder}-rc/generic28")
        assert pd.read_csv(place / "mine.csv")["end_V"].iloc[0] == pytest.approx(end_V, abs=1e-3)
        assert json.loads((place / "manifest.json").read_text())["command"] == f"mine-{ohm}"
    assert anaspike("run", "one/rc.toml", "one/rc.toml") == (
        2,
        "",
        "error: one/rc.toml: another of these flows would write into the same folder, one-rc; name"
        " it once, or rename one\n",
    )
