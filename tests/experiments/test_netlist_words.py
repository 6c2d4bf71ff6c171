"""What a flow says of a netlist in words: pins, stimuli, measurements."""

import numpy as np
import pytest

from anaspike.errors import InputError
from anaspike.experiments.netlist_measures import read_measures
from anaspike.experiments.netlist_pins import Source, read_pins
from anaspike.spice.waveforms import Waveforms
from anaspike.studies.blocks.netlist_stimulus import read_stimulus

PORTS = ("in", "out", "vdd", "vss")
GIVEN = {"IN": "stimulus", "out": "load 5fF", "vdd": "supply", "vss": "ground"}
PULSE = {"pulse": ["0V", "1V"], "start_s": "10ns", "width_s": "20ns"}
TIME_S = np.linspace(0, 100e-9, 1001)


def pins(given=GIVEN, ports=PORTS, **stimulus):
    stimuli = {pin: read_stimulus(pin, table) for pin, table in (stimulus or {"in": PULSE}).items()}
    return read_pins(given, stimuli, ports, (), 0.9)


def test_pins_become_a_bench():
    text = pins().text(PORTS, "dut")
    assert text.splitlines()[0] == "xdut in out vdd 0 dut"
    assert "vvdd vdd 0 0.9" in text
    assert "cload_out out 0 5f" in text
    assert "vin in 0 pwl(\n+ 0 0\n+ 10n 0\n+ 11n 1\n+ 30n 1\n+ 31n 0\n+ )" in text


def test_a_current_is_measured_as_a_voltage_source_is():
    bench = read_pins({"in": "supply 20nA", "b": "with in"}, {}, ("in", "b"), (), 0.9)
    assert bench.text(("in", "b"), "dut").splitlines() == [
        "xdut in in dut", "vin in in_source 0", "iin 0 in_source 20n",
    ]  # fmt: skip


def test_a_node_that_is_the_same_everywhere_goes_where_it_is_said_to():
    given = {"a": "supply 1V", "vss!": "ground", "vpw": "with a", "vnw": "supply 2V"}
    bench = read_pins(given, {}, ("a",), ("vss!", "vpw", "vnw"), 0.9)
    assert bench.text(("a",), "dut").splitlines() == [
        "xdut a dut", "vtie1 vss! 0 0", "vtie2 vpw a 0", "va a 0 1", "vvnw vnw 0 2",
    ]  # fmt: skip


def test_a_pin_whose_name_is_no_node():
    bench = read_pins({"a[0]": "supply 1V"}, {}, ("a[0]",), (), 0.9)
    assert dict(bench.nodes) == {"a[0]": "pin1_a_0_"}


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({**GIVEN, "x": "open"}, "pins.x: the circuit has no such pin; there is in, out, vdd, vss"),
        ({"in": "stimulus", "vdd": "supply"}, "pins: nothing is said of out, vss; write ground"),
        ({**GIVEN, "out": "load 5"}, "pins.out: '5' has no unit; write 5fF or 1Mohm"),
        ({**GIVEN, "out": "resistor 5k"}, "pins.out: 'resistor 5k' is nothing; write ground"),
        ({**GIVEN, "vdd": "supply 1S"}, "pins.vdd: '1S' has no unit; write 0.9V or 20nA"),
        ({**GIVEN, "vdd": "stimulus"}, "pins.vdd: a stimulus, but [parameters.stimulus.vdd] is"),
        ({**GIVEN, "IN": "ground"}, "stimulus.in: the pin is no stimulus; write it in pins"),
        ({**GIVEN, "vdd": "with vcc"}, "pins.vdd: with vcc? Name another pin; there is in, out"),
        ({**GIVEN, "OUT": "open"}, "pins: one is given twice, in large letters and in small"),
        ({**GIVEN, "out": "load 0F"}, "pins.out: a load of 0F is none; leave it out: open"),
    ],
)
def test_pins_that_make_no_sense(given, said):
    with pytest.raises(InputError) as caught:
        pins(given)
    assert said in str(caught.value)


@pytest.mark.parametrize(
    ("table", "points"),
    [
        ({"train": ["0V", "1V"], "start_s": "1us", "width_s": "2us", "period_s": "5us", "spikes": 2,
          "edge_s": "1us"},
         [(0, 0), (1, 0), (2, 1), (3, 1), (4, 0), (6, 0), (7, 1), (8, 1), (9, 0)]),
        ({"ramp": ["1V", "3V"], "start_s": "0s", "end_s": "2us"}, [(0, 1), (2, 3)]),
        ({"ramp": ["1V", "3V"], "start_s": "1us", "end_s": "2us"}, [(0, 1), (1, 1), (2, 3)]),
        ({"pwl": ["0s 0V", "2us 1V"]}, [(0, 0), (2, 1)]),
    ],
)  # fmt: skip
def test_shapes(table, points):
    source = read_stimulus("in", table)
    found = np.array(source.points) * (1e6, 1.0)
    assert found == pytest.approx(np.array(points, dtype=float))


def test_a_knob_moves_the_highest_level():
    source = read_stimulus("in", {"ramp": ["1V", "3V"], "start_s": "1us", "end_s": "2us"})
    assert [v for _, v in source.at(2.0).points] == [1, 1, 2]
    assert Source("vdd", "V", ((0, 1.0),)).at(0.5).points == ((0, 0.5),)


@pytest.mark.parametrize(
    ("table", "said"),
    [
        ({}, "stimulus.in: it has no shape; give one of pulse, train, ramp, pwl"),
        ({**PULSE, "ramp": ["0V", "1V"]}, "stimulus.in: pulse and ramp at once"),
        ({**PULSE, "width": 1}, "stimulus.in.width: unknown; did you mean 'width_s'?"),
        ({**PULSE, "width_s": "1V"}, "stimulus.in.width_s: '1V' is in V, expected s"),
        ({**PULSE, "pulse": ["0V", "1A"]}, "stimulus.in: 0V and 1A are of two kinds"),
        ({**PULSE, "pulse": ["0", "1"]}, "stimulus.in: '0' has no unit; write 0.9V or 20nA"),
        ({**PULSE, "start_s": 0}, "stimulus.in: `start_s` and `edge_s` have to be above 0"),
        ({"pwl": ["1us 0V", "0us 1V"]}, "stimulus.in: its times have to rise"),
        ({"ramp": ["0V", "1V"], "start_s": "2us", "end_s": "1us"}, "`end_s` has to come after"),
    ],
)
def test_shapes_that_are_none(table, said):
    with pytest.raises(InputError) as caught:
        read_stimulus("in", table)
    assert said in str(caught.value)


def traces():
    """Three spikes of 1 V and 10 ns, at 10, 40 and 70 ns; 1 uA flows out of vdd while they last."""
    high = ((TIME_S * 1e9 - 10) % 30 < 10) & (TIME_S >= 10e-9) & (TIME_S < 90e-9)
    return Waveforms(
        TIME_S,
        {"v(out)": high * 1.0, "v(vdd)": 0 * TIME_S + 0.9, "i(vvdd)": high * -1e-6,
         "v(xdut.mem)": TIME_S * 1e7},
    )  # fmt: skip


@pytest.mark.parametrize(
    ("name", "text", "value"),
    [
        ("n", "spikes of v(OUT)", 3),
        ("n", "spikes of v(out) from 20ns to 60ns", 1),
        ("n", "spikes of v(out) above 1.5V below 0.1V", 0),
        ("f_Hz", "rate of v(out)", 1 / 30e-9),
        ("t_s", "period of v(out)", 30e-9),
        ("t_s", "width of v(out)", 10e-9),
        ("t_s", "latency of v(out)", 0),  # of the stimulus, at 10 ns
        ("t_s", "latency of v(out) after 30ns", 10e-9),
        ("e_J", "energy of i(vdd)", 27e-15),
        ("e_J", "energy of i(vdd) per spike of v(out)", 9e-15),
        ("p_W", "mean power of i(vdd)", 270e-9),
        ("p_W", "power of i(vdd) from 10ns to 40ns", 300e-9),
        ("v_V", "v(mem) at 50ns", 0.5),
        ("v_V", "Max of V(MEM)", 1.0),
        ("v_V", "min of v(mem) from 20ns", 0.2),
        ("v_V", "mean of v(mem)", 0.5),
        ("i_A", "max of i(vdd)", 1e-6),
        ("t_s", "crossing of v(mem) at 0.25V", 25e-9),
        ("t_s", "crossing of v(out) at 0.5V falling number 2", 50e-9),
        ("t_s", "crossing of v(mem) at 5V", None),
        ("t_s", "period of v(out) from 60ns", None),
        ("e_J", "energy of i(vdd) per spike of v(out) from 85ns", None),
    ],
)
def test_measurements(name, text, value):
    (one,) = read_measures({name: text}, pins(), 100e-9, 0.9)
    found = one.value(traces())
    assert found is value or found == pytest.approx(value, rel=0.02, abs=2e-10)


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("rate", "rate of v(out)", "measure.rate: what 'rate' gives is in Hz; call it rate_Hz"),
        ("n_s", "spikes of v(out)", "gives is a plain number; call it without the s"),
        ("corner", "spikes of v(out)", "that is no name of a quantity"),
        ("n", "count of v(out)", "measures nothing; write v(x) at 1us, or one of spikes, rate"),
        ("n", "spikes of i(vdd)", "'i(vdd)' is not v(node)"),
        ("e_J", "energy of v(vdd)", "'v(vdd)' is not i(pin)"),
        ("e_J", "energy of i(out)", "no source is at out; there is in, vdd"),
        ("v_V", "v(vss) at 1ns", "vss is ground"),
        ("v_V", "v(out) at 1us", "1e-06 s is not in the run, which ends at 1e-07 s"),
        ("n", "spikes of v(out) from 50ns to 20ns", "its window is empty"),
        ("n", "spikes of v(out) from 50ns to 1us", "its window ends after the run"),
        ("n", "spikes of v(out) above 0.1V", "set below under above"),
        ("t_s", "crossing of v(out)", "of which level? Write crossing of v(x) at 0.4V"),
        ("t_s", "crossing of v(out) at 1A", "is in A, expected V"),
        ("v_V", "max of v(out) above 1V", "'above 1V' is not understood; it takes from, to"),
        ("v_V", "v(out) at 1ns from 2ns", "measures nothing"),
        ("x y", "spikes of v(out)", "that is no name of a quantity"),
    ],
)
def test_measurements_that_no_run_can_give(name, text, said):
    with pytest.raises(InputError) as caught:
        read_measures({name: text}, pins(), 100e-9, 0.9)
    assert said in str(caught.value)
