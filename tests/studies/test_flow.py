"""Flow files and specs: read, refused with file, key and mend, judged."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from anaspike.campaign.specs import Spec, judge
from anaspike.errors import InputError
from anaspike.experiments.network_file import read_network
from anaspike.studies.blocks.pseudo_resistor import PseudoResistor
from anaspike.studies.flow import read_flow

FLOWS = Path(__file__).parents[2] / "flows"


def write(tmp_path, text):
    path = tmp_path / "mine.toml"
    path.write_text(text)
    return path


@pytest.mark.parametrize("path", sorted(FLOWS.glob("*.toml")), ids=lambda path: path.stem)
def test_every_committed_flow_reads(path):
    flow = read_flow(path, ("generic28",))
    assert len(flow.studies) == len(flow.specs) == 1


def test_a_flow_is_a_study_a_process_and_specs(tmp_path):
    flow = read_flow(
        write(
            tmp_path,
            'title = "Mine"\nstudy = "pseudo-resistor"\n[parameters]\ncorners = ["ss"]\n'
            'temperatures_C = ["85C", 27]\n'
            '[specs.resistance_50mV_ohm]\nmin = "1Gohm"\ntyp = "1.1G"\nwhy = "because"\n'
            '[specs.asymmetry]\nmax = 0.01\npdk = "sky130"\n',
        )
    )
    assert (flow.name, flow.title, flow.pdks) == ("mine", "Mine", ("generic28",))
    (study,) = flow.studies
    assert isinstance(study, PseudoResistor)
    assert (study.corners, study.temperatures_C) == (("ss",), (85.0, 27.0))
    # That of another process is kept: its answer says that it was not judged.
    assert flow.specs == (
        (
            Spec("resistance_50mV_ohm", least=1e9, typical=1.1e9, why="because"),
            Spec("asymmetry", most=0.01, pdk="sky130"),
        ),
    )


def test_without_specs_the_studys_own_hold(tmp_path):
    assert read_flow(write(tmp_path, 'study = "pseudo-resistor"')).specs == (None,)


BAD = {
    "no study": ('title = "x"', "key 'study' is missing; a flow names its study"),
    "unknown study": (
        'study = "pseudo-resister"',
        "unknown study 'pseudo-resister'; did you mean 'pseudo-resistor'?",
    ),
    "unknown key": (
        'study = "pseudo-resistor"\nparametres = {}',
        "unknown key 'parametres'; did you mean 'parameters'?",
    ),
    "unknown parameter": (
        'study = "pseudo-resistor"\n[parameters]\ncorner = ["tt"]',
        "pseudo-resistor has no parameter 'corner'; did you mean 'corners'?",
    ),
    "wrong type": (
        'study = "pseudo-resistor"\n[parameters]\ncorners = 3',
        "pseudo-resistor: corners: give a list, in []",
    ),
    "wrong unit": (
        'study = "pseudo-resistor"\n[parameters]\ntemperatures_C = ["85V"]',
        "pseudo-resistor: temperatures_C.0: '85V' is in V, expected C; write for example 85",
    ),
    "unknown spec key": (
        'study = "pseudo-resistor"\n[specs.asymmetry]\nmaximum = 1',
        "unknown key 'specs.asymmetry.maximum'; did you mean 'max'?",
    ),
    "wrong unit in a spec": (
        'study = "pseudo-resistor"\n[specs.resistance_50mV_ohm]\nmin = "1V"',
        "specs.resistance_50mV_ohm: '1V' is in V, expected ohm; write for example 400M or 400Mohm",
    ),
    "min above max": (
        'study = "pseudo-resistor"\n[specs.asymmetry]\nmin = 2\nmax = 1',
        "spec asymmetry: min 2 is above max 1; swap them",
    ),
    "no limit": (
        'study = "pseudo-resistor"\n[specs.asymmetry]\ntyp = 1',
        "spec asymmetry needs a finite min or max",
    ),
    "typ outside": (
        'study = "pseudo-resistor"\n[specs.asymmetry]\ntyp = 2\nmax = 1',
        "spec asymmetry: typ 2 is not within its own min and max",
    ),
    "truth for a number": (
        'study = "pseudo-resistor"\n[specs.asymmetry]\nmax = true',
        "specs.asymmetry.max: true is not a number",
    ),
    "NaN in a spec": (
        'study = "pseudo-resistor"\n[specs.asymmetry]\nmax = nan',
        "specs.asymmetry: nan is not a finite number",
    ),
    "no process": ('study = "pseudo-resistor"\npdks = []', "pdks is empty; name a process, for "),
    "a process twice": (
        'study = "pseudo-resistor"\npdks = ["generic28", "generic28"]',
        "pdks names generic28 twice; name it once",
    ),
    "a process among the parameters": (
        'study = "pseudo-resistor"\n[parameters]\npdk = "sky130"',
        "parameters.pdk: the processes of a flow stand in pdks; move it there",
    ),
    "a spec for no process": (
        'study = "pseudo-resistor"\n[specs.asymmetry]\nmax = 1\npdk = "skky130"',
        "specs.asymmetry.pdk: 'skky130' is no process; did you mean 'sky130'?",
    ),
    "one for a list": ('study = "pseudo-resistor"\npdks = "sky130"', "pdks: give a list, in []"),
    "one for a parameter's list": (
        'study = "pseudo-resistor"\n[parameters]\ntemperatures_C = 27',
        "pseudo-resistor: temperatures_C: give a list, in []",
    ),
    "no yield": (
        'study = "pseudo-resistor"\n[specs.asymmetry]\nmax = 1\nyield = "90V"',
        "specs.asymmetry.yield: '90V' is in V, expected a plain number",
    ),
    "a control character": ('study = "pseudo-resistor"\x00', "is no TOML: "),
    "no TOML": ("study = ", "is no TOML: Invalid value"),
}


@pytest.mark.parametrize("case", BAD)
def test_what_makes_no_sense_names_file_key_and_mend(tmp_path, case):
    text, message = BAD[case]
    path = write(tmp_path, text)
    with pytest.raises(InputError) as caught:
        read_flow(path)
    said = str(caught.value)
    assert said.startswith(str(path))
    assert message in said
    assert "\n" not in said


@pytest.mark.parametrize("read", [read_flow, lambda path: read_network(path, "generic28")])
def test_what_is_no_text_is_named(tmp_path, read):
    binary = tmp_path / "binary.toml"
    binary.write_bytes(bytes(range(256)))
    with pytest.raises(
        InputError, match=r"binary\.toml is not in UTF-8: byte 0x80 in line 2, perhaps"
    ):
        read(binary)
    with pytest.raises(InputError, match=r"cannot read .*: Is a directory"):
        read(tmp_path)
    with pytest.raises(InputError, match=r"key '(study|inputs)' is missing"):
        (tmp_path / "empty.toml").write_text("")
        read(tmp_path / "empty.toml")


def test_no_such_flow(tmp_path):
    with pytest.raises(InputError, match=r"cannot read .*none\.toml: No such file"):
        read_flow(tmp_path / "none.toml")


def test_a_spec_for_nothing_measured():
    with pytest.raises(InputError) as caught:
        judge([Spec("speed_Hz", 1)], {"rate_Hz": 1.0, "power_W": None})
    assert str(caught.value) == (
        "spec speed_Hz names no measured quantity; there is rate_Hz, power_W"
    )


@pytest.mark.parametrize(
    ("least", "most", "measured", "met", "margin"),
    [
        (1.0, 2.0, 1.5, True, 0.25),
        (1.0, 2.0, 1.1, True, 0.1),
        (1.0, None, 0.5, False, -0.5),
        (None, 2.0, 3.0, False, -0.5),
        (None, 2.0, 2.0, True, 0.0),  # on the limit is within it
        (None, 0.0, -1.0, True, None),
        (1.0, None, None, False, None),  # what could not be measured fails
        (1.0, None, float("nan"), False, None),
    ],
)
def test_verdicts(least, most, measured, met, margin):
    (verdict,) = judge([Spec("x", least, most)], {"x": measured})
    assert verdict.met is met
    assert verdict.margin == (None if margin is None else pytest.approx(margin))


@given(st.floats(-1e6, 1e6), st.floats(-1e6, 1e6), st.floats(-1e6, 1e6))
def test_met_means_no_negative_margin(least, most, measured):
    least, most = sorted((least, most))
    (verdict,) = judge([Spec("x", least, most)], {"x": measured})
    assert verdict.met == (least <= measured <= most)
    if verdict.margin is not None and least and most:
        assert (verdict.margin >= 0) == verdict.met


def test_a_yield_is_written_as_any_number(tmp_path):
    text = 'study = "pseudo-resistor"\n[specs.asymmetry]\nmax = 1\nyield = "90 %"'
    ((spec,),) = read_flow(write(tmp_path, text)).specs
    assert spec.share == 0.9
