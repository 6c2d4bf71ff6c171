"""A search written as a flow: what it says, what makes no sense, and one that ngspice answers."""

import re
from pathlib import Path

import pytest

from anaspike.campaign.bench import Bench
from anaspike.campaign.specs import Spec
from anaspike.errors import InputError
from anaspike.extras import installs
from anaspike.report.answers import save
from anaspike.studies.flow import read_flow
from anaspike.studies.optimise_flow import read_search

FLOWS = Path(__file__).parents[2] / "flows/optimise"
FLOW = """
minimise = ["resistance_50mV_nominal_ohm"]
[studies.pseudo-resistor]
[sizes]
"pseudo_resistor.diode.w_m" = "100n:400n:log"
"""


def read(tmp_path, text, **options):
    (tmp_path / "leak.toml").write_text(text)
    return read_search(tmp_path / "leak.toml", **options)


def test_a_flow_says_it_all(tmp_path):
    search = read(
        tmp_path,
        'title = "T"\nevaluations = 30\nseed = 4\nmethod = "evolution"\n'
        + FLOW
        + """
        [tied]
        "pseudo_resistor.diode.l_m" = "0.4 * pseudo_resistor.diode.w_m"
        [specs.resistance_50mV_ohm]
        min = "300Mohm"
        [confirm]
        corners = ["ff"]
        mc = 2
        """,
    )
    assert (search.title, search.evaluations, search.seed) == ("T", 30, 4)
    assert search.specs == (Spec("resistance_50mV_ohm", least=300e6),)
    assert [*search.further] == [{"corner": "ff", "seed": 0}, {"corner": "ff", "seed": 1}]
    assert read(tmp_path, FLOW, evaluations=7, method="evolution").evaluations == 7


BAD = {
    "nothing": ("", "key 'minimise' is missing"),
    "empty": ("minimise = []\n[studies.energy]\n[sizes]\nmembrane_F = '1f:2f'",
              'minimise is empty; name a quantity, minimise = ["energy_per_spike_J"]'),
    "twice": ("minimise = ['a', 'a']\n[studies.energy]\n[sizes]\nmembrane_F = '1f:2f'",
              "minimise names a twice; name it once"),
    "study": (FLOW.replace("pseudo-resistor", "pseudo-resister"),
              "unknown study 'pseudo-resister'; did you mean 'pseudo-resistor'?"),
    "no study": ("minimise = ['a']\nstudies = {}\n[sizes]\nmembrane_F = '1f:2f'",
                 "studies names nothing to ask; write for example [studies.energy]"),
    "name": ("minimise = ['a']\n[studies.'a/b']\n[sizes]\nmembrane_F = '1f:2f'",
             "studies.a/b: use letters, digits, _ and -, at most 60"),
    "key": ("evaluation = 3\n" + FLOW, "unknown key 'evaluation'; did you mean 'evaluations'?"),
    "inner": (FLOW + "[confirm]\ncorner = ['ff']", "unknown key 'confirm.corner'; did you mean"),
    "parameter": (FLOW.replace("[sizes]", "parameters = { corner = 'ff' }\n[sizes]"),
                  "pseudo-resistor has no parameter 'corner'; did you mean 'corners'?"),
    "own sizes": (FLOW.replace("[sizes]", "parameters = { pdk = 'sky130' }\n[sizes]"),
                  "studies.pseudo-resistor.parameters.pdk: a search has one process"),
    "budget": ("evaluations = 0\n" + FLOW, "0 evaluations, seed 0: use 1 to 10000, from seed 0"),
    "method": ('method = "tp"\n' + FLOW, "there is no method 'tp'; did you mean 'tpe'?"),
    "backwards": (FLOW.replace("100n:400n", "400n:100n"),
                  "pseudo_resistor.diode.w_m: the range runs backwards:"),
    "too narrow": (FLOW.replace("100n:", "10n:"),
                   "sizes.pseudo_resistor.diode.w_m: generic28 pmos_lvt: width 10 nm is below"),
    "too wide": (FLOW.replace(":400n", ":1"), "`diode.w_m`: 1 is out of range; use at most 1 mm"),
    "no range": (FLOW.replace("100n:400n:log", "100n"),
                 "sizes.pseudo_resistor.diode.w_m: '100n' is no range; write from:to"),
    "size": (FLOW.replace("diode.w_m", "diod.w_m"),
             "there is no size 'pseudo_resistor.diod.w_m'; did you mean 'pseudo_resistor.diode."),
    "no kind": (FLOW + '"synapse.sink.role" = ["nmos_hvt", "nmos_xvt"]',
                "synapse.sink.role: generic28 offers no 'nmos_xvt' in the place of nmos_hvt; did"
                " you mean 'nmos_svt'?"),
    "polarity": (FLOW + '"synapse.sink.role" = ["nmos_hvt", "pmos_hvt"]',
                 "synapse.sink.role: generic28 offers no 'pmos_hvt' in the place of nmos_hvt; did"
                 " you mean 'nmos_hvt'?"),
    "no such process": ('pdk = "gf180mcu"\n' + FLOW.replace("100n:400n", "620n:800n")
                        + '"synapse.sink.role" = ["nmos_svt", "nmos_lvt"]',
                        "synapse.sink.role: gf180mcu offers no 'nmos_lvt' in the place of nmos_svt;"
                        " did you mean 'nmos_svt'?"),
    "no device": (FLOW + '"synapse.snik.role" = ["nmos_hvt", "nmos_svt"]',
                  "there is no size 'synapse.snik.role'; did you mean 'synapse.sink.role'?"),
    "kind as range": (FLOW + '"synapse.sink.role" = "nmos_svt:nmos_hvt"',
                      "sizes.synapse.sink.role: 'nmos_svt:nmos_hvt' is no list of kinds; write one,"
                      ' ["nmos_hvt", ...]'),
    "kind as number": (FLOW + '"synapse.sink.role" = ["nmos_hvt", 3]',
                       "synapse.sink.role: 3 is no kind of transistor; write a role"),
    "one": (FLOW + '"synapse.sink.role" = ["nmos_hvt"]',
            "sizes.synapse.sink.role: a choice is among two or more; add one, or leave it out"),
    "same": (FLOW + '"synapse.sink.role" = ["nmos_hvt", "nmos_hvt"]',
             "synapse.sink.role: nmos_hvt stands there twice; give it once"),
    "neither": (FLOW + '"membrane_F" = 3',
                'sizes.membrane_F: 3 is no range; write one, "from:to", or a list of what to choose'
                " from"),
    "no list": (FLOW + '"pseudo_resistor.stages" = [1, [2]]',
                "sizes.pseudo_resistor.stages: [2] is not a number"),
    "none of few": (FLOW + '"pseudo_resistor.stages" = [2, 0]',
                    "sizes.pseudo_resistor.stages is 0; it must be a finite number, positive"),
    "half of few": (FLOW + '"pseudo_resistor.stages" = [1, 2.5]',
                    "sizes.pseudo_resistor.stages: it is a whole number, not 2.5"),
    "other unit": (FLOW + '"membrane_F" = ["20fF", "30fV"]',
                   "sizes.membrane_F: '30fV' is in V, expected F;"),
    "too small for a kind": (
        'pdk = "sky130"\n' + FLOW.replace("100n:400n", "0.5u:2u")
        + '"comparator.tail.role" = ["pmos_svt", "pmos_lvt"]\n"comparator.tail.l_m" = "0.2u:1u"',
        "sizes.comparator.tail.role: sky130 pmos_lvt: length 200 nm is below the process minimum"),
    "tied kind": (FLOW + '"synapse.sink.role" = ["nmos_hvt", "nmos_svt"]\n[tied]\n'
                  '"membrane_F" = "synapse.sink.role"',
                  "tied.membrane_F: it follows synapse.sink.role; a kind of transistor follows a"
                  " kind, without a factor, and a number follows a number"),
    "times a kind": (FLOW + '"synapse.sink.role" = ["nmos_hvt", "nmos_svt"]\n[tied]\n'
                     '"synapse.source.role" = "2 * synapse.sink.role"',
                     "tied.synapse.source.role: it follows synapse.sink.role; a kind of"),
    "half": (FLOW + '"pseudo_resistor.stages" = "1:2.5"',
             "sizes.pseudo_resistor.stages: it is a whole number; so are the ends of its range"),
    "tie": (FLOW + '[tied]\n"membrane_F" = "v_rest_V"',
            "tied.membrane_F: it follows v_rest_V; a tied size has no range of its own"),
    "no tie": (FLOW + '[tied]\n"membrane_F" = "twice as much"',
               "tied.membrane_F: 'twice as much' names no size;"),
    "design": ('design = "../x.toml"\n' + FLOW, "design: '../x.toml' is no file beside the flow"),
    "spec": (FLOW + "[specs.asymmetry]\nwhy = 'x'", "spec asymmetry needs a finite min or max"),
}  # fmt: skip


@pytest.mark.parametrize("case", BAD)
def test_a_flow_that_makes_no_sense(case, tmp_path):
    text, message = BAD[case]
    with pytest.raises(InputError) as caught:
        read(tmp_path, text)
    assert str(caught.value).startswith(f"{tmp_path / 'leak.toml'}: {message}")


def test_tpe_without_optuna_names_the_extra(tmp_path, monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "optuna", None)
    with pytest.raises(InputError, match=re.escape(installs("optimise"))):
        read(tmp_path, FLOW, method="tpe")


@pytest.mark.ngspice
def test_a_leak_by_ngspice_and_its_check(tmp_path, ngspice):
    search = read(
        tmp_path,
        FLOW.replace("[sizes]", 'parameters = { corners = ["tt"], temperatures_C = [27] }\n[sizes]')
        + '"pseudo_resistor.diode.role" = ["pmos_svt", "pmos_lvt"]\n'
        + "[specs.resistance_50mV_nominal_ohm]\nmin = '300Mohm'\nmax = '500Mohm'\n",
        evaluations=9, method="evolution",
    )  # fmt: skip
    search.check()
    answer = search.answer(Bench(ngspice, 2))
    assert answer.ok
    assert answer.findings.quantities["resistance_50mV_nominal_ohm"].iloc[0] < 419.9e6
    save(answer, tmp_path / "out")
    (study,) = read_flow(tmp_path / "out/check-pseudo-resistor.toml").studies
    again = study.find(Bench(ngspice, 2)).as_judged().quantities
    assert again["resistance_50mV_nominal_ohm"] == pytest.approx(
        answer.findings.quantities["resistance_50mV_nominal_ohm"].iloc[0]
    )


@pytest.mark.parametrize("path", sorted(FLOWS.glob("*.toml")), ids=lambda path: path.stem)
def test_every_committed_search_reads(path):
    assert read_search(path).asked_for()["minimise"]
