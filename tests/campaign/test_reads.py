"""What `build` and `measure` read is in the key, or the point is not kept and the run says so."""

import importlib
import sqlite3
import subprocess
import sys
import tempfile
import threading
import warnings
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from anaspike.campaign.bench import Bench
from anaspike.campaign.store import Cache
from anaspike.pdk.catalog import open_pdk
from anaspike.pdk.roles import MosSize
from anaspike.spice.deck import Deck, ModelFiles
from anaspike.studies.flow import read_flow

HEAD = """\
import functools
from dataclasses import dataclass
from pathlib import Path
import numpy as np
from anaspike.campaign.answer import Findings
from anaspike.spice.deck import Deck, ModelFiles
from anaspike.studies.base import Study

TABLE = Path(__file__).parent / "table.csv"
"""
BODY = """
@dataclass(frozen=True)
class Rc:
    r_ohm: float = 1e3

    def conditions(self):
        return {"r_ohm": self.r_ohm}

    def build(self):
        BUILD
        body = f"v1 a 0 1\\nr1 a b {self.r_ohm}\\nr2 b 0 {self.r_ohm}\\nc1 b 0 1f"
        return Deck("rc", body, ModelFiles("", {}), 1e-9, ("v(b)",))

    def measure(self, traces):
        MEASURE
        return {"end_V": gain * traces["v(b)"][-1]}


class Mine(Study):
    name = "mine"
    title = "Mine"
    def find(self, bench):
        FIND
        rows = bench.run([Rc(), Rc(r_ohm=2e3)]).table
        return Findings({"mine": rows}, {})
"""


@pytest.fixture
def study(tmp_path, ngspice, own_cache):
    """Write a study and its table; return what answers it: the end, what was cached and noted."""

    def answer(top="", build="pass", measure="gain = 1.0", find="pass", reads=""):
        text = HEAD + top + BODY.replace("BUILD", build).replace("MEASURE", measure)
        text = text.replace("FIND", find).replace("    r_ohm", f"{reads}    r_ohm", 1)
        (tmp_path / "mine.py").write_text(text)
        (tmp_path / "flow.toml").write_text('study = "mine.py:Mine"\n')
        (study,) = read_flow(tmp_path / "flow.toml").studies
        bench = Bench(ngspice, 1, cache=Cache(own_cache))
        end_V = study.answer(bench).findings.tables["mine"]["end_V"].iloc[1]
        return end_V, bench.cached, {outcome.note for outcome in bench.outcomes}

    (tmp_path / "table.csv").write_text("1.0\n")
    return answer


LOADED = "def table():\n    return float(np.loadtxt(TABLE))\n"
CACHED = "@functools.cache\n" + LOADED
DECLARED = "    reads = (TABLE,)\n"
UNDECLARED = [
    {"measure": "gain = float(np.loadtxt(TABLE))"},
    {"measure": "gain = float(TABLE.read_text())"},
    {"measure": "gain = float(np.fromfile(TABLE, sep=' ')[0])"},
    {"measure": "import pandas as pd; gain = float(pd.read_csv(TABLE, header=None).iloc[0, 0])"},
    {"top": LOADED, "measure": "gain = table()"},
    {"top": CACHED, "measure": "gain = table()"},
    {"top": CACHED, "build": "table()", "measure": "gain = table()"},
    {"top": CACHED, "find": "table()", "measure": "gain = table()"},
    {"top": "GAIN = float(np.loadtxt(TABLE))\n", "measure": "gain = GAIN"},
    {"build": "float(np.loadtxt(TABLE))"},
]


@pytest.mark.parametrize("how", UNDECLARED)
def test_what_reads_a_file_that_it_does_not_name_is_not_kept(study, tmp_path, own_cache, how):
    note = (
        f"not kept: mine reads {tmp_path / 'table.csv'}, which is not in the key; name it in"
        " `reads`"
    )
    assert study(**how) == (pytest.approx(0.5), 0, {note})
    assert list(own_cache.rglob("*.json")) == []
    (tmp_path / "table.csv").write_text("3.0\n")
    gain = 1.0 if how.get("build", "").startswith("float") else 3.0
    assert study(**how) == (pytest.approx(0.5 * gain), 0, {note})


@pytest.mark.parametrize("how", UNDECLARED)
def test_what_names_its_files_is_kept_by_their_content(study, tmp_path, how):
    gain = 1.0 if how.get("build", "").startswith("float") else 3.0
    assert study(**how, reads=DECLARED) == (pytest.approx(0.5), 0, {""})
    assert study(**how, reads=DECLARED) == (pytest.approx(0.5), 2, {""})
    (tmp_path / "table.csv").write_text("3.0\n")
    # In this process a function may keep what it read: nothing is believed, nothing kept.
    end_V, cached, (note,) = study(**how, reads=DECLARED)
    assert (end_V, cached) == (pytest.approx(0.5 * gain), 0)
    assert note.startswith(f"not kept: {tmp_path / 'table.csv'} has changed since this process")


def answered_elsewhere(tmp_path):
    """Answer the flow in a process of its own; return the end and what is said of the cache."""
    command = [sys.executable, "-m", "anaspike", "run", "--trust", tmp_path / "flow.toml"]
    ran = subprocess.run(
        [*command, "--out", tmp_path / "out"], capture_output=True, text=True, check=True
    )
    table = pd.read_csv(tmp_path / "out/flow/generic28/mine.csv")
    return table["end_V"].iloc[1], [line for line in ran.stdout.splitlines() if "cache" in line]


def test_another_process_follows_what_changed_and_finds_what_it_had(study, tmp_path):
    study(measure="gain = float(np.loadtxt(TABLE))", reads=DECLARED)
    assert answered_elsewhere(tmp_path) == (0.5, ["2 of 2 points from the cache"])
    (tmp_path / "table.csv").write_text("3.0\n")
    assert answered_elsewhere(tmp_path) == (1.5, [])
    (tmp_path / "table.csv").write_text("1.0\n")
    assert answered_elsewhere(tmp_path) == (0.5, ["2 of 2 points from the cache"])


@pytest.mark.parametrize(
    "reads",
    [
        "    reads = TABLE\n",
        "    reads = [str(TABLE)]\n",
        "    reads: tuple = (TABLE,)\n",
        "    reads = (TABLE.parent,)\n",
        "    @property\n    def reads(self): return (TABLE, TABLE.with_name('not there'))\n",
    ],
)
def test_files_are_named_in_any_way(study, reads):
    how = {"measure": "gain = float(np.loadtxt(TABLE))", "reads": reads}
    assert study(**how)[1:] == (0, {""})
    assert study(**how)[1:] == (2, {""})


def test_a_slip_in_reads_is_said(study):
    how = {"measure": "gain = 1.0"}
    assert study(**how, reads="    def reads(self): return ()\n")[2] == {
        "not kept: `reads` of mine.Rc is no tuple of paths"
    }


def test_a_folder_is_what_lies_in_it(study, tmp_path):
    (tmp_path / "tables").mkdir()
    (tmp_path / "tables/a.csv").write_text("1.0\n")
    folder = "TABLE.with_name('tables')"
    how = {
        "measure": f"gain = sum(float(np.loadtxt(p)) for p in {folder}.glob('*.csv'))",
        "reads": f"    reads = ({folder},)\n",
    }
    assert study(**how) == (pytest.approx(0.5), 0, {""})
    (tmp_path / "tables/b.csv").write_text("2.0\n")
    assert answered_elsewhere(tmp_path) == (1.5, [])
    assert answered_elsewhere(tmp_path) == (1.5, ["2 of 2 points from the cache"])
    end_V, cached, (note,) = study(**{**how, "reads": ""})
    assert (end_V, cached) == (pytest.approx(1.5), 0)
    assert " lists " in note or " reads " in note
    assert "name it in `reads`" in note


def test_what_a_part_of_the_point_reads_counts(study, tmp_path, own_cache):
    """Another module's class as a field: what it reads is opened once, for the first point."""
    part = "from functools import cached_property\nimport numpy as np\nfrom pathlib import Path\n"
    part += "TABLE = Path(__file__).parent / 'table.csv'\n"
    part += "class Part:\n    KEPT = []\n    def gain(self):\n"
    part += "        self.KEPT or self.KEPT.append(float(np.loadtxt(TABLE)))\n"
    part += "        return self.KEPT[0]\n"
    (tmp_path / "parts.py").write_text(part)
    top = "import parts\nfrom dataclasses import field\n"
    how = {"top": top, "measure": "gain = self.part.gain()"}
    fields = "    part: object = field(default_factory=parts.Part)\n"
    assert study(**how, reads=fields)[1:] == (
        0,
        {f"not kept: {name} reads {tmp_path / 'table.csv'}, which is not in the key; name it in"
         " `reads`" for name in ("mine",)},
    )  # fmt: skip
    assert list(own_cache.rglob("*.json")) == []


@pytest.mark.parametrize(
    ("mode", "note"), [("a", ""), ("w+", ""), ("r+", "reads"), ("a+", "reads")]
)
def test_a_file_that_is_only_written_is_no_matter(study, tmp_path, mode, note):
    (_, _, (said,)) = study(measure=f"TABLE.open('{mode}').close(); gain = 1.0")
    assert said.startswith(f"not kept: mine {note}") if note else said == ""


def test_of_two_points_that_share_a_function_neither_is_kept(study, own_cache):
    """The second opens nothing: it has what the first read."""
    study(top=CACHED, measure="gain = table()")
    assert list(own_cache.rglob("*.json")) == []


def test_a_module_that_no_import_statement_names_is_not_followed(study, tmp_path, monkeypatch):
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "elsewhere/far_away_gain.py").write_text("GAIN = 1.0\n")
    monkeypatch.syspath_prepend(tmp_path / "elsewhere")
    measure = "import importlib; gain = importlib.import_module('far_away_gain').GAIN"
    far_away = tmp_path / "elsewhere/far_away_gain.py"
    note = f"not kept: mine imports {far_away} by no import statement"
    assert study(measure=measure) == (pytest.approx(0.5), 0, {note})
    assert study(measure="import far_away_gain; gain = far_away_gain.GAIN")[2] == {""}


LICENSE = Path(__file__).parents[2] / "LICENSE"  # any text that the deck holds whole


@dataclass(frozen=True)
class Doing:
    """A point whose `measure` does what it is told."""

    what: str

    def conditions(self):
        return {"what": self.what}

    def build(self):
        return Deck(self.what, "", ModelFiles("", {"a": LICENSE.read_text()}), 1e-6, ("v(a)",))

    def measure(self, traces):
        DOES[self.what]()
        return {"x": 1}


def warns():
    warnings.warn("look at this line", stacklevel=1)


def makes_its_own():
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "in").mkdir()
        np.savetxt(Path(folder) / "in/x.csv", [1.0])
        assert list(Path(folder).iterdir())
        np.loadtxt(Path(folder) / "in/x.csv")
    with tempfile.TemporaryFile() as file:
        file.write(b"x")


def draws():
    from matplotlib.figure import Figure

    figure = Figure()
    figure.subplots().set_title("a title")
    figure.savefig(Path(tempfile.mkdtemp()) / "x.png")


def reads_models():
    pdk = open_pdk("generic28")
    pdk.models("tt", [MosSize("nmos_svt", 1e-6, 1e-7)])


DOES = {
    "nothing": lambda: None,
    "import": lambda: importlib.reload(importlib.import_module("colorsys")),
    "warn": warns,
    "own work": makes_its_own,
    "draw": draws,
    "of the deck": LICENSE.read_text,
    "models": reads_models,
    "proc": lambda: Path("/proc/self/status").read_text(),
    "random": lambda: np.fromfile("/dev/urandom", np.uint8, 1),
    "time zone": lambda: pd.Timestamp("2024-01-01", tz="Europe/Zurich"),
    "own source": lambda: Path(__file__).read_text(),
}


class Stands:
    """A simulator's stand-in."""

    identity = "stand-in 1"

    def run(self, deck):
        from anaspike.spice.waveforms import Waveforms

        return Waveforms(np.array([0.0, 1e-6]), {"v(a)": np.array([0.0, 1.0])})

    def cancel(self):
        pass


@pytest.fixture
def note(own_cache):
    def of(what):
        bench = Bench(Stands(), 1, cache=Cache(own_cache))
        bench.run([Doing(what)])
        (outcome,) = bench.outcomes
        assert outcome.ok, outcome.message
        return outcome.note

    return of


@pytest.mark.parametrize("what", DOES)
@pytest.mark.filterwarnings("ignore:look at this line")
def test_what_decides_no_row_is_no_reason_not_to_keep(note, what):
    assert note(what) == ""


def in_a_thread():
    thread = threading.Thread(target=lambda: np.loadtxt(TABLE))
    thread.start()
    thread.join()


def by_a_thread():
    with ThreadPoolExecutor() as pool:
        pool.submit(TABLE.read_text).result()


TABLE = Path(tempfile.gettempdir()) / "anaspike-test-table.csv"
OUTSIDE = {
    "program": (
        lambda: subprocess.run(["true"], check=True),
        "runs another program, which no key can hold",
    ),
    "shell": (
        lambda: importlib.import_module("os").system("true"),
        "runs another program, which no key can hold",
    ),
    "thread": (in_a_thread, f"reads {TABLE}, which is not in the key; name it in `reads`"),
    "pool": (by_a_thread, f"reads {TABLE}, which is not in the key; name it in `reads`"),
    "database": (
        lambda: sqlite3.connect(TABLE).close(),
        f"reads {TABLE}, which is not in the key; name it in `reads`",
    ),
}


@pytest.mark.parametrize("what", OUTSIDE)
def test_what_is_done_around_python_is_seen(own_cache, what):
    """In a process of its own: what a module has done is held against it as long as it runs."""
    TABLE.write_text("1.0\n")
    program = f"""
import sys
sys.path[:0] = {sys.path!r}
from test_reads import Bench, Cache, Doing, Stands, DOES, OUTSIDE, Path
DOES[{what!r}] = OUTSIDE[{what!r}][0]
bench = Bench(Stands(), 1, cache=Cache(Path({str(own_cache)!r})))
bench.run([Doing({what!r})])
print(bench.outcomes[0].note)
"""
    said = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    ).stdout
    TABLE.unlink(missing_ok=True)
    who = "a thread" if what == "pool" else "test_reads"
    assert said == f"not kept: {who} {OUTSIDE[what][1]}\n"
