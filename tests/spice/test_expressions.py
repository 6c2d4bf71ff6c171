"""The arithmetic: right on whatever is arithmetic, one line on whatever is not."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from anaspike.errors import InputError
from anaspike.pdk.spicetext import Scope, assignments, logical_lines, parameters
from anaspike.spice.expressions import evaluate

NAMES = {"w": 0.42, "as": 3.0, "sw_polycd": -1.2e-8}
blanks = st.sampled_from(["", " "])


@st.composite
def joined(draw: st.DrawFn, children: st.SearchStrategy[tuple[str, float]]) -> tuple[str, float]:
    (left, a), (right, b) = draw(children), draw(children)
    operator = draw(st.sampled_from("+-*/"))
    if operator == "/" and b == 0:
        operator = "+"
    value = {"+": a + b, "-": a - b, "*": a * b, "/": a / (b or 1)}[operator]
    return f"({left}){draw(blanks)}{operator}{draw(blanks)}{{{right}}}", value


numbers = st.floats(0, 1e6).map(lambda x: (repr(x), x))
names = st.sampled_from(sorted(NAMES)).map(lambda name: (name.upper(), NAMES[name]))
negated = (numbers | names).map(lambda pair: (f"-{pair[0]}", -pair[1]))
expressions = st.recursive(numbers | names | negated, joined, max_leaves=12)


@given(expressions)
def test_it_computes_what_python_computes(expression: tuple[str, float]) -> None:
    text, value = expression
    if math.isfinite(value):
        assert evaluate(text, NAMES.__getitem__) == value
    else:
        with pytest.raises(InputError):
            evaluate(text, NAMES.__getitem__)


@given(st.text(st.sampled_from("0123456789.eE+-*/(){}', wasqrtmxu^"), max_size=30) | st.text())
def test_whatever_the_text_there_is_a_number_or_an_input_error(text: str) -> None:
    try:
        assert math.isfinite(evaluate(text, lambda _: 1.0))
    except InputError as error:
        assert "\n" not in str(error)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1 - 2 - 3", -4.0),
        ("8/4/2", 1.0),
        ("2**3**2", 512.0),
        ("-2^2", -4.0),
        ("2*-3", -6.0),
        ("60u", 60 * 1e-6),
        ("1.5MEG", 1.5e6),
        ("2mil", 2e-3),
        ("'1+1'*2", 4.0),
        ("{0.14/W}", 0.14 / 0.42),
        ("max(1, 2) + min(3, 4) + abs(-1) + sqrt(4) + exp(0)", 9.0),
        ("{1.0+2*-0.58} + 0*EXP(AGAUSS(0,0.12,1))", 1.0 + 2 * -0.58),
        ("gauss(0.5, 0.1, 3)", 0.5),
    ],
)
def test_spices_own_ways(text: str, value: float) -> None:
    assert evaluate(text, NAMES.__getitem__) == value


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "'' has no value: it ends too early"),
        ("1 +", "'1 +' has no value: it ends too early"),
        ("2 3", "'2 3' has no value: cannot read '3'"),
        ("1/0", "'1/0' has no value: float division by zero"),
        ("(-1)**0.5", "'(-1)**0.5' has no value: a negative number is raised to a power"),
        ("system(1)", "'system(1)' has no value: unknown function system"),
        ("max(1)", "'max(1)' has no value: max takes 2 arguments"),
        ("__import__", "the models use __import__, which nothing defines"),
        ("1e308*10", "'1e308*10' has no finite value"),
        ("(" * 99, f"'{'(' * 57}...' has no value: brackets too deep"),
    ],
)
def test_what_it_refuses(text: str, message: str) -> None:
    with pytest.raises(InputError) as caught:
        Scope({}).evaluate(text)
    assert str(caught.value) == message


def test_lines_are_joined_over_remarks_and_in_small_letters() -> None:
    text = ".PARAM a = 1 $ one\n* remark\n\n+ b = 2 ; two\n  + c = '1 + 2'\n.End\n"
    assert list(logical_lines(text)) == [".param a = 1 b = 2 c = '1 + 2'", ".end"]


def test_a_value_may_hold_blanks() -> None:
    line = ".param a = {1 + corner} + 2*GAUSS(0, 1, 1) as=3"
    assert assignments(line) == {"a": "{1 + corner} + 2*GAUSS(0, 1, 1)", "as": "3"}


def test_names_are_found_in_any_order_and_outside() -> None:
    outer = Scope(parameters(".param b = {c*2}\n.param c = 3\nr1 a b c=9\n"))
    assert Scope({"a": "b + 1"}, outer).value("a") == 7


def test_a_name_defined_by_itself_is_an_error() -> None:
    with pytest.raises(InputError, match=r"^the models define a by itself$"):
        Scope({"a": "b", "b": "a"}).value("a")
