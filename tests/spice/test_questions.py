"""Decks that ngspice would take for others without a word: refused before they run, and why."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from anaspike.campaign.bench import Bench
from anaspike.errors import InputError
from anaspike.pdk.catalog import open_pdk
from anaspike.spice.deck import Deck, ModelFiles
from anaspike.spice.failures import DeckRefused, MissingSubcircuit
from anaspike.spice.netlist import circuit_of, pieces
from anaspike.spice.ngspice.run import Ngspice
from anaspike.spice.statements import statements
from anaspike.studies.blocks.sweep_vdd import SweepVdd

LOAD = """
.subckt Load p q R=1k c = {2*1p} w='3'
.param extra=1
r1 p mid {r}
xin mid q inner
v0 mid q 0
m0 p mid q q nm w=1u l=1u
.ends
.subckt inner a b
r1 a deep 1k
r2 deep b 1k
.ends
.model nm nmos level=1
"""
BENCH = "v1 a 0 1\nc1 b 0 1n\n"
PLACED = f"""{LOAD}{BENCH}x1 a b load r=10k
X2 a b LOAD
+ R = {{3*1k}} c=1p extra=2 ; w=4
x3 a b inner m=2"""


def deck(body, save=("v(b)",), **more):
    return Deck("t", body, ModelFiles("", {}), 1e-8, save, **more)


def refusal(body, **more):
    with pytest.raises(DeckRefused) as caught:
        deck(body, **more).check()
    return str(caught.value)


def test_what_is_asked_as_it_is_meant_runs(ngspice):
    assert ngspice.run(deck(PLACED, initial_V={"b": 0.0}))["v(b)"][0] == pytest.approx(0, abs=1e-3)


@pytest.mark.parametrize(
    ("placed", "said"),
    [
        ("x1 a b load rr=10k", "'x1 a b load rr=10k': sub-circuit load has no parameter rr; did you"
         " mean 'r'?"),
        ("X1 a b LOAD Zork=1", "'X1 a b LOAD Zork=1': sub-circuit load has no parameter zork; there"
         " is c, extra, r, w"),
        ("x1 a b load params: rr = 1", "sub-circuit load has no parameter rr"),
        ("x1 (a b) load\n* remark\n+ rr={a == b ? 1 : 2}", "sub-circuit load has no parameter rr"),
        ("x1 a b load r=1k m=2 r=2k", "r is given twice; ngspice takes the last"),
        ("x1 a b inner r=1k", "sub-circuit inner has no parameter r"),
        (".subckt outer a b\nx1 a b load rr=1\n.ends\nx2 a b outer", "'x1 a b load rr=1': sub-"),
        (".subckt outer a b\n.subckt load a b rr=1\nr1 a b {rr}\n.ends\nx1 a b load r=1\n.ends",
         "'x1 a b load r=1': sub-circuit load has no parameter r"),
    ],
)  # fmt: skip
def test_parameters_that_a_sub_circuit_does_not_have(placed, said):
    message = refusal(f"{LOAD}{BENCH}{placed}")
    assert message.startswith(("line 16 of the body, '", "line 17 of", "line 20 of the body, '"))
    assert said in message


def test_a_processs_devices_have_their_parameters():
    pdk = open_pdk("generic28")
    good = Deck(
        "t",
        "v1 a 0 1\nx1 a a 0 0 nmos_svt w=1u l=30n mult=2",
        pdk.models("tt", ()),
        1e-8,
        ("v(a)",),
    )
    good.check()
    with pytest.raises(DeckRefused, match="nmos_svt has no parameter ll; did you mean 'l'"):
        replace(good, body=good.body.replace(" l=", " ll=")).check()


@pytest.mark.parametrize(
    ("line", "said"),
    [
        (".tran 1n 2n", "'.tran 1n 2n': a deck says itself one transient analysis, stop_s long"),
        (".Op", "'.Op': a deck says itself one transient analysis, stop_s long; leave it out"),
        (".save v(b)", "a deck says itself which vectors to save; leave it out"),
        (".measure tran x max v(b)", "a deck says itself which vectors to save; leave it out"),
        ("r2 b 0 1k m=2 M = 3", "'r2 b 0 1k m=2 M = 3': m is given twice; ngspice takes the last"),
        (
            "m1 b a 0 0 nm w=1u l=1u w=2u\n.model nm nmos",
            "w is given twice; ngspice takes the last",
        ),
        (".param k=1 k=2", "'.param k=1 k=2': k is given twice; ngspice takes the last"),
        (".subckt s p r=1 r=2\nr1 p 0 {r}\n.ends", "r is given twice; ngspice takes the last"),
        ("r2 b 0 {0}", "a resistor of 0 is one of 1m to some versions"),
        ("r2 b 0 r='0.0'", "a resistor of 0 is one of 1m to some versions"),
        (".temp 85", "'.temp 85': a deck says itself its temperature_C; leave it out"),
        (".option Reltol=1e-2", "reltol is among the deck's own options; leave it out"),
        (".options scale=1u noopiter", "noopiter is among the deck's own options; leave it out"),
        ("v2 c 0 pulse(0 1 1n", "'v2 c 0 pulse(0 1 1n': a bracket is missing"),
        ("r2 b 0 2M", "line 3 of the body, 'r2 b 0 2M': '2M' is 0.002 to SPICE; write 2Meg or 2m"),
        ("r2 b 0 1k\n.control\nquit\n.endc", "line 4 of the body begins commands: '.control'"),
        ("@r2 b 0 1k", "line 3 of the body ends the deck before its end: '@r2 b 0 1k'"),
        ("r2 b 0 1k \\\\", r"line 3 of the body ends in \\ and joins what follows"),
        (
            ".model m1 r\n.model m1 r (tc1=1)",
            "'.model m1 r (tc1=1)': there is another model of this",
        ),
    ],
)
def test_what_a_body_cannot_say(line, said):
    assert said in refusal(f"{BENCH}{line}")


@pytest.mark.parametrize(
    "line",
    [
        ".option scale=1u tnom=25",
        "; a remark",
        "r2 b 0 rm\n.model rm r rsh=1k",
        "r2 b 0 m1\n.model m1 r",
        "x1 a b load ic=1\n.subckt load p q ic=0\n.ends",
        "r2 b 0 0.01",
        "r2 b 0 1e-3",
        ".global vdd",
        ".ic v(b)=0.5",
        ".param k=2",
    ],
)
def test_what_a_body_can_say(line):
    deck(f"{BENCH}{line}").check()


def test_of_two_models_one_in_another_place_or_case_is_no_second():
    deck(f"{BENCH}{LOAD}.subckt other p q\n.model nm nmos level=1\n.ends").check()
    deck(f"{BENCH}.if (1)\n.model m1 r\n.else\n.model m1 r\n.endif").check()


def test_a_model_of_the_processs_name_is_refused():
    models = ModelFiles(".include 'm.lib'", {"m.lib": ".model nm nmos level=1"})
    twice = Deck("t", f"{BENCH}.Model NM nmos level=1", models, 1e-8, ("v(b)",))
    with pytest.raises(DeckRefused, match=r"'\.Model NM nmos level=1': there is another model"):
        twice.check()


def test_a_file_of_the_body_is_looked_at_as_the_body_is():
    files = {
        "own.inc": "r2 b 0 2M",
        "lib.inc": ".lib a\n.model x r (r=2M)\n.endl a\n.lib b\nr3 b 0 1k5\n.endl",
    }
    with pytest.raises(DeckRefused, match=r"^own\.inc, 'r2 b 0 2M': '2M' is 0\.002 to SPICE"):
        deck(f"{BENCH}.include 'own.inc'", files=files).check()
    deck(f"{BENCH}.lib 'lib.inc' a", files=files).check()  # a foundry's card is its own business
    with pytest.raises(DeckRefused, match=r"^lib\.inc, 'r3 b 0 1k5'"):
        deck(f"{BENCH}.lib 'lib.inc' b", files=files).check()


THERE = (
    "v(b)", "V(A)", "b", "v(x1.mid)", "v(x2.xin.deep)", "v(X2.XIN.Deep)", "i(v1)", "i(v.x1.v0)",
    "@c1[i]", "@m.x1.m0[id]", "@r.x1.xin.r2[i]",
)  # fmt: skip


@pytest.mark.parametrize("vector", THERE)
def test_vectors_that_are_there(ngspice, vector):
    asked = deck(PLACED, save=(vector,))
    asked.check()
    assert ngspice.run(asked).names == (vector,)


@pytest.mark.parametrize(
    ("vector", "said"),
    [
        ("v(bb)", "the vector 'v(bb)': there is no node bb; did you mean 'b'?"),
        ("v(nowhere)", "the vector 'v(nowhere)': there is no node nowhere; there is a, b"),
        ("nowhere", "the vector 'nowhere': there is no node nowhere; there is a, b"),
        ("v(0)", "the vector 'v(0)': that is ground"),
        ("v(x1.mod)", "the vector 'v(x1.mod)': there is no node mod in x1; did you mean 'mid'?"),
        ("v(x1.p)", "the vector 'v(x1.p)': p is a pin of x1; outside it is 'a'"),
        ("v(x1.xin.a)", "the vector 'v(x1.xin.a)': a is a pin of x1.xin; outside it is 'x1.mid'"),
        ("v(y.mid)", "the vector 'v(y.mid)': there is no sub-circuit y; there is x1, x2, x3"),
        ("v(x1.y.b)", "the vector 'v(x1.y.b)': there is no sub-circuit y in x1; there is xin"),
        ("v(c1.mid)", "the vector 'v(c1.mid)': there is no sub-circuit c1"),
        ("i(v2)", "the vector 'i(v2)' is of no device of the circuit; there is c1, v1, x1, x2, x3"),
        ("i(c1)", "the vector 'i(c1)' is of no voltage source, and ngspice has no i() of another;"
         " ask for @c1[i]"),
        ("i(x1.v0)", "the vector 'i(x1.v0)' is called by its kind first: v.x1.v0"),
        ("@m.x1.m1[id]", "the vector '@m.x1.m1[id]' is of no device of the circuit; there is m0,"),
        ("@x1.m0[id]", "the vector '@x1.m0[id]' is called by its kind first: m.x1.m0"),
        ("@r9[i]", "the vector '@r9[i]' is of no device of the circuit"),
        ("v(a,b)", "the vector 'v(a,b)' is none; ask for v(node), i(source) or @device[parameter]"),
        ("v(a) v(b)", "the vector 'v(a) v(b)' is none"),
        ("v(a) $ x", "the vector 'v(a) $ x' is none"),
        ("", "the vector '' is none"),
    ],
)  # fmt: skip
def test_vectors_that_are_not_there(vector, said):
    assert refusal(PLACED, save=("v(b)", vector)).startswith(said)


@pytest.mark.parametrize(
    ("node", "said"),
    [
        ("bb", "the initial voltage of 'bb': there is no node bb; did you mean 'b'?"),
        ("x1.mod", "the initial voltage of 'x1.mod': there is no node mod in x1; did you mean"),
        ("x2.q", "the initial voltage of 'x2.q': q is a pin of x2; outside it is 'b'"),
        ("gnd", "the initial voltage of 'gnd': that is ground"),
        ("b)=0 v(a", "the initial voltage of 'b)=0 v(a': that is no name of a node"),
    ],
)
def test_initial_voltages_of_what_is_not_there(node, said):
    assert refusal(PLACED, initial_V={"b": 0.0, node: 1.0}).startswith(said)
    deck(PLACED, initial_V={"b": 0.0, "X1.mid": 0.0}).check()


FLAT = """v1 a 0 1
x1 a flat
.subckt flat p
xcore.xin p xcore.mid cell
r2 xcore.mid 0 1k
.ends
.subckt cell p q
r1 p deep 1k
r2 deep q 1k
.ends
"""


@pytest.mark.parametrize(
    "vector", ["v(x1.xcore.mid)", "v(x1.xcore.xin.deep)", "@r.x1.xcore.xin.r1[i]"]
)
def test_names_with_dots_are_found_in_a_flat_sub_circuit(ngspice, vector):
    asked = deck(FLAT, save=(vector,))
    asked.check()
    assert ngspice.run(asked).names == (vector,)


@pytest.mark.parametrize("node", ["x1.xcore.mod", "x1.mid", "x1.xcore.xin.mid", "xcore.mid"])
def test_and_no_others_are(node):
    assert "there is no" in refusal(FLAT, save=(f"v({node})",))


def test_what_is_defined_nowhere_is_told_by_ngspice(ngspice):
    unseen = deck(f"{BENCH}x1 a b theirs zork=1", save=("v(x1.mid)", "@m.x1.m0[id]"))
    unseen.check()
    with pytest.raises(MissingSubcircuit):
        ngspice.run(unseen)


def test_a_refused_point_is_a_row_of_its_own_and_ends_a_plain_study():
    class Point:
        def conditions(self):
            return {}

        def build(self):
            return deck(f"{BENCH}r2 b 0 2M")

        def measure(self, traces):
            return {}

    simulator = Ngspice.find(60.0)  # of its own: what is refused stops it
    bench = Bench(simulator, 1)
    assert bench.watched([Point()], lambda outcome: None).table["status"].tolist() == ["refused"]
    with pytest.raises(InputError, match="line 3 of the body, 'r2 b 0 2M'"):
        bench.run([Point()])
    with pytest.raises(InputError, match="line 3 of the body, 'r2 b 0 2M'"):
        simulator.run(Point().build())


@pytest.mark.parametrize("process", ["generic28", "sky130", "gf180mcu"])
def test_the_neurons_deck_passes_and_a_slip_in_its_names_does_not(
    process, sky130_models, gf180mcu_models
):
    neuron = SweepVdd(pdk=process, points=2, seed=1).asked()[0].build()
    neuron.check()
    for slip in ({"save": (*neuron.save, "v(mam)")}, {"initial_V": {"xneuron.xcmp.zork": 0.0}}):
        with pytest.raises(DeckRefused):
            replace(neuron, **slip).check()


LINES = st.sampled_from(
    [".subckt s a b", ".SUBCKT t a b", ".ends", "  .ends s", "r1 a b 1", "+ m=2", "* .subckt x", "",
     ".endsomething", "x1 a b s", ".subckt", "; .ends"]
)  # fmt: skip


@given(st.lists(LINES, max_size=12))
def test_a_text_in_pieces_says_the_same(lines):
    text = "\n".join(lines)
    parts = pieces(text)
    assert "".join(parts) == text
    assert [s.text for part in parts for s in statements(part)] == [
        s.text for s in statements(text)
    ]


def test_files_that_call_each_other_in_a_circle_end():
    files = (("a", ".include b\nr1 x 0 1"), ("b", ".include a\nr2 y 0 1"))
    assert circuit_of(".include a", files).nodes == {"0", "x", "y"}


@given(st.text("rvx1 \t\n+*.(){}[]=,'\"eEkM5@:%/subcktendspwlparamic", max_size=80))
def test_any_body_is_refused_or_passes(body):
    try:
        deck(f"{BENCH}{body}").check()
    except (DeckRefused, InputError) as error:
        assert str(error).isprintable()


@pytest.mark.parametrize(
    "line",
    ["{" * 50_000, "x1 a b " + "y" * 200_000, "r1 a 0 " + "1" * 200_000, "v(" * 100_000,
     "r1 a 0 " + "1," * 100_000, ".param " + "=1" * 100_000, "'\"" * 100_000,
     "1e" * 100_000, "x1 a " + "{a}" * 50_000, "r1 a b " + "{" * 50_000 + "}" * 50_000],
)  # fmt: skip
def test_a_huge_line_is_looked_at_in_no_time(line):
    try:
        deck(f"{BENCH}{line}").check()
    except InputError as error:
        assert len(str(error)) < 400


@pytest.mark.parametrize(
    ("line", "initial"),
    [
        (".ic v(b)=0.5", {"b": 0.1}),
        (".IC V(B)=0.5 v(a)=1 v(b)=0.7", {}),
        (".ic v(b)=0.5\n.ic v( b )=0.5", {}),
        ("", {"b": 0.1, "B": 0.2}),
    ],
)
def test_an_initial_voltage_that_is_given_twice(line, initial):
    said = "the initial voltage of 'b' is given twice; ngspice takes one of them"
    assert refusal(f"{BENCH}r1 a b 1k\n{line}", initial_V=initial) == said


@pytest.mark.parametrize(
    "line",
    [
        ".ic v(b)=0.5",
        ".subckt s b\nr1 b d 1k\nc1 d 0 1n\n.ic v(d)=0.1\n.ends\nx1 a s\n.ic v(b)=0.2",
        "r2 a b {0 + 1k}\nr3 a b r={2*1k} tc1=1m tc2=1u",
        "r2 a b {0.5*2} m=2",
        ".param k={1 == 2 ? 3 : 4} l='k'",
    ],
)
def test_what_is_given_once_stays(line):
    body = f"{BENCH}r1 a b 1k\n{line}"
    deck(body, initial_V={} if ".ic" in line else {"b": 0.0}).check()


def test_ten_lines_do_not_ask_for_a_billion_elements():
    """Nor for one inside itself; ngspice would take all of the memory there is."""
    nine = "".join(f"x{j} a s{{next}}\n" for j in range(9))
    levels = "".join(f".subckt s{i} a\n{nine.format(next=i + 1)}.ends\n" for i in range(9))
    bomb = f"v1 a 0 1\n{levels}.subckt s9 a\nr1 a 0 1k\n.ends\n"
    assert refusal(f"{bomb}x1 a s0").startswith("the body places more than 3000000 elements")
    deck(f"{bomb}x1 a s4").check_body()


@pytest.mark.parametrize(
    "inner", ["x1 a s0", "x1 a s1\n.ends\n.subckt s1 a\nx1 a s0", "x1 a s1\n.ends\n{chain}"]
)
def test_a_circuit_that_places_itself_or_more_than_anyone_needs(inner):
    chain = "".join(f".subckt s{i} a\nx1 a s{i + 1}\n.ends\n" for i in range(1, 3000))
    body = f"v1 a 0 1\nx1 a s0\n.subckt s0 a\n{inner.format(chain=chain)}.subckt s3000 a\n.ends"
    assert refusal(body.replace("s0.subckt", "s0\n.ends\n.subckt")).endswith("or without end")


def test_definitions_within_definitions_end_somewhere():
    deep = "".join(f".subckt s{i} a\n" for i in range(3000)) + ".ends\n" * 3000
    assert refusal(f"v1 a 0 1\n{deep}").startswith("sub-circuits are defined more than 100 deep")
