"""Whether a deck asks what its author means: what ngspice would read otherwise, without a word.

What ngspice says of a deck is read from its log; this is for what it says
nothing about. Each check is made before a deck can be run, wherever that is.
"""

import difflib
import math
import re
from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from functools import lru_cache

from anaspike.errors import InputError
from anaspike.spice.door import forbid_commands
from anaspike.spice.failures import DeckRefused
from anaspike.spice.netlist import GROUND, Files, Scope, circuit_of, element, pieces, statements_of
from anaspike.spice.numbers import wrong_number
from anaspike.spice.slips import comma_between, misnamed_ground, parameter_twice, wrong_gate
from anaspike.spice.statements import Statement, calls_files, options, small, statements
from anaspike.units import printable

# What a deck says itself -> with what; a second one in the body would win or be lost.
_THE_DECKS_OWN = {
    **dict.fromkeys(
        (".tran", ".ac", ".dc", ".op", ".noise", ".tf", ".pz", ".sens", ".disto", ".sp", ".pss",
         ".hb"), "one transient analysis, stop_s long"),
    **dict.fromkeys(
        (".save", ".print", ".plot", ".probe", ".four", ".fourier", ".meas", ".measure",
         ".width"), "which vectors to save"),
    ".temp": "its temperature_C",
}  # fmt: skip
_ITS_OPTIONS = frozenset(
    {
        *("method", "maxord", "chgtol", "reltol", "abstol", "vntol", "gmin", "itl4"),
        *("noopiter", "bypass", "temp"),
    }
)
# Lines that ngspice takes for remarks; of `;` that is known, of these it is a slip.
_STRANGE = re.compile(r"^[ \t]*[=\[\]?()&%\"!:,]", re.MULTILINE)
_NOT_STARTED_FROM = re.compile(r"(?<![\w.])ic\s*=")
_ZERO = r"[-+]?(?:0+\.?0*|\.0+)(?:e[-+]?\d+)?[a-z]*"
_NO_RESISTOR = re.compile(
    rf"r\S* \S+ \S+ (?:r ?= ?)?(?:{_ZERO}|\{{ ?{_ZERO} ?\}}|' ?{_ZERO} ?')(?!\S)"
)
_STARTED = re.compile(r"(?<![\w.])v ?\( ?([^\s(),]+) ?\)")
_PATH = re.compile(r"[^\s()\[\]=,;$\"'{}]+")
_VECTOR = re.compile(
    rf"v\((?P<node>{_PATH.pattern})\)|i\((?P<source>{_PATH.pattern})\)"
    rf"|@(?P<device>{_PATH.pattern})\[\w+\]|(?P<bare>(?![@\d]){_PATH.pattern})"
)
_NAMED = frozenset("rclvidqjmx")  # elements of which what stands before a = is a parameter
_MOST_PLACED, _MOST_CALLED = 3_000_000, 10_000
_DEEPEST = 100  # sub-circuits within sub-circuits, and files within files
_MANY = 2000  # names among which a likely one is looked for
_WITH_BRANCH = frozenset("vlehb")  # elements whose current is an unknown of the equations


@lru_cache(maxsize=128)
def check_body(body: str, model_lines: str, files: Files) -> None:
    """Refuse a body that ngspice would take for another one without a word.

    The points of a campaign share most of their texts, so what was looked at
    is remembered.

    Args:
        body: the circuit.
        model_lines: that call the models.
        files: (name, text) of the deck's own.

    Raises:
        DeckRefused: what is no circuit (see `forbid_commands`), a number that
            SPICE reads otherwise than a reader, an analysis of the body's own,
            a parameter that a sub-circuit does not have, two models of a name;
            the message names the line.
    """
    refuse_commands(body, frozenset(name for name, _ in files))
    if max(_called(text, "", dict(files), {}) for text in (body, model_lines)) > _MOST_CALLED:
        raise DeckRefused(f"the deck calls more than {_MOST_CALLED} files in all, or without end")
    scaled = "scale" in small(body)
    for text in pieces(body):
        if "\\\\" not in text and (strange := _STRANGE.search(text)):
            line = text[strange.start() :].partition("\n")[0].strip()
            raise _refused(line, "to ngspice this is a remark; one begins with *", "", body)
        wrong = _wrong_in(text, files)
        if wrong is not None:
            raise _refused(*wrong, body)
        if not scaled and (gate := wrong_gate(statements_of(text))) is not None:
            raise _refused(*gate, "", body)
    circuit, models = _circuit(body, files), circuit_of(model_lines, files)
    if _placed(circuit, (circuit, models), {}) > _MOST_PLACED:
        raise DeckRefused(f"the body places more than {_MOST_PLACED} elements, or without end")
    taken = (circuit.models[name] for name in circuit.models.keys() & models.models.keys())
    if (twice := parameter_twice(body)) is not None:
        raise _refused(*twice, "", body)
    for line in (*circuit.doubled, *taken):
        why = "there is another model of this name; ngspice takes the first"
        raise _refused(line, why, "", body)
    wrong_call = _wrong_calls(circuit, (models,))
    if wrong_call is not None:
        raise _refused(*wrong_call, "", body)


def refuse_commands(body: str, files: frozenset[str]) -> None:
    """Refuse a body that does more than describe a circuit, as `forbid_commands` does.

    Args:
        body: the circuit.
        files: names of the deck's own.

    Raises:
        DeckRefused: it does; the message names the line.
    """
    for text in pieces(body):
        if _does_more(text, files):
            raise DeckRefused(_does_more(body, files) or _does_more(text, files))


@lru_cache(maxsize=128)
def check_names(
    save: tuple[str, ...], initial: tuple[str, ...], body: str, model_lines: str, files: Files
) -> None:
    """Refuse vectors and nodes that are not there; ngspice would do so after the run.

    Args:
        save: the vectors that are wanted.
        initial: the nodes that are given a voltage to start from.
        body, model_lines, files: as of `check_body`.

    Raises:
        DeckRefused: one is not there; the message says what may have been meant.
    """
    circuit, models = _circuit(body, files), circuit_of(model_lines, files)
    if not circuit.elements:
        return  # no circuit at all, which ngspice says itself
    for vector in save:
        _check_vector(vector, circuit, models)
    asked = filter(None, (_VECTOR.fullmatch(small(vector)) for vector in save))
    wanted = {*(one["node"] or one["bare"] for one in asked), *map(small, initial)}
    if loose := misnamed_ground(circuit, body, wanted):
        raise _refused(*loose, "", body)
    for node in initial:
        _check_node(node, f"the initial voltage of '{printable(node)}'", circuit, models)
    started = [*map(small, initial), *_started(body)]
    twice = next((node for node, times in Counter(started).items() if times > 1), None)
    if twice is not None:
        raise DeckRefused(
            f"the initial voltage of '{printable(twice)}' is given twice; ngspice takes one of them"
        )


def _started(body: str) -> list[str]:
    """Return the nodes outside of sub-circuits that the body itself gives a voltage to start."""
    depth, found = 0, list[str]()
    for statement in statements(body) if ".ic" in small(body) else ():
        word = statement.words[0]
        depth += (word in {".subckt", ".macro"}) - (word in {".ends", ".eom"})
        if word == ".ic" and depth == 0:
            found += _STARTED.findall(statement.text)
    return found


@lru_cache(maxsize=16)
def _circuit(body: str, files: Files) -> Scope:
    circuit = Scope()
    for text in pieces(body):
        circuit.add(circuit_of(text, files))
    return circuit


@lru_cache(maxsize=512)
def _does_more(text: str, files: frozenset[str]) -> str:
    """Return what a text does beside describing a circuit, or ""."""
    try:
        forbid_commands(text, "the body", files)
    except InputError as error:
        return str(error)
    return ""


@lru_cache(maxsize=512)
def _wrong_in(
    text: str, files: Files, file: str = "", section: str = "", within: tuple[str, ...] = ()
) -> tuple[str, str, str] | None:
    """Return a line that is wrong by itself, why, and the file that it stands in; or None."""
    for statement in statements_of(text, section):
        called = statement.file
        if called:
            theirs = dict(files).get(called, "") if called not in within else ""
            wrong = _wrong_in(theirs, files, called, statement.section, (*within, called))
            if wrong is not None:
                return wrong
        # The cards in a file are a foundry's, and its business.
        elif not (file and statement.text.startswith((".model", ".cmodel"))):
            why = _wrong(statement.written)
            if why:
                return statement.written, why, file
    return None


def _refused(line: str, wrong: str, file: str, body: str) -> DeckRefused:
    number = next((one.line for one in statements(body) if one.written == line), 0)
    where = f"{printable(file)}, " if file else f"line {number} of the body, " if number else ""
    return DeckRefused(f"{where}'{printable(line)}': {wrong}")


@lru_cache(maxsize=4096)
def _wrong(written: str) -> str:
    """Return what is wrong with one statement by itself, or ""."""
    statement = Statement(0, written)
    if written.startswith("."):
        word = statement.words[0]
        if word in _THE_DECKS_OWN:
            return f"a deck says itself {_THE_DECKS_OWN[word]}; leave it out"
        if word.startswith(".opt") and (own := _ITS_OPTIONS.intersection(options(statement))):
            return f"{min(own)} is among the deck's own options; leave it out"
    elif _NOT_STARTED_FROM.search(statement.text) and not statement.text.startswith("x"):
        return "ngspice starts from an element's ic= only where it is told to; give initial_V"
    elif _NO_RESISTOR.match(statement.text):
        return "a resistor of 0 is one of 1m to some versions; write that, or a source of 0 V"
    if written.count("(") != written.count(")"):
        return "a bracket is missing"
    return comma_between(statement) or _given_twice(statement) or wrong_number(statement)


def _given_twice(statement: Statement) -> str:
    """Return that a parameter stands twice in a line, or ""."""
    if statement.text[0] not in _NAMED and statement.words[0] not in {".subckt", ".param"}:
        return ""
    twice = _repeated(element(statement).given)
    return f"{twice} is given twice; ngspice takes the last" if twice else ""


def _repeated(names: Iterable[str]) -> str:
    """Return the first of the names that stands there twice, or ""."""
    return next((name for name, times in Counter(names).items() if times > 1), "")


def _called(
    text: str,
    section: str,
    files: Mapping[str, str],
    known: dict[tuple[str, str], float],
    depth: int = 0,
) -> float:
    """Return how many files a text calls with all that they call; inf where that never ends.

    Thirty files that call all those behind them are a billion; each is read as often as called.
    """
    total = 0.0 if depth <= _DEEPEST else math.inf
    for statement in statements_of(text, section) if calls_files(text) and not total else ():
        place = (statement.file, statement.section)
        if statement.file and place not in known:
            known[place] = math.inf  # where it calls itself
            inner = files.get(statement.file, "")
            known[place] = 1 + _called(inner, statement.section, files, known, depth + 1)
        total += known.get(place, 0)
    return total


def _placed(here: Scope, scopes: tuple[Scope, ...], known: dict[int, float]) -> float:
    """Return how many elements a circuit has with all that it places; inf where that never ends.

    Ten lines can ask for a billion; ngspice makes each of them before it says anything.
    """
    if len(scopes) > _DEEPEST:
        return math.inf
    if id(here) not in known:
        known[id(here)] = math.inf  # where it places itself
        total = 0.0
        for element in here.elements.values():
            inner = _subcircuit(element.calls, scopes) if element.calls else None
            total += 1 if inner is None else _placed(inner, (inner, *scopes), known)
        known[id(here)] = total
    return known[id(here)]


def _wrong_calls(here: Scope, outer: tuple[Scope, ...]) -> tuple[str, str] | None:
    """Return a line that gives a sub-circuit what it does not have, or gives it twice, and why."""
    scopes = (here, *outer)
    if len(scopes) > _DEEPEST:
        raise DeckRefused(f"sub-circuits are defined more than {_DEEPEST} deep in one another")
    for (name, given), placed in here.placed.items():
        inner = _subcircuit(name, scopes) if given else None
        wrong = _wrong_parameters(given, name, inner) if inner is not None else ""
        if wrong:
            return placed.written, wrong
    return next(filter(None, (_wrong_calls(i, scopes) for i in here.subcircuits.values())), None)


def _wrong_parameters(given: tuple[str, ...], name: str, inner: Scope) -> str:
    for parameter in given:
        if parameter != "m" and parameter not in inner.parameters:
            near = _near(parameter, inner.parameters)
            return f"sub-circuit {name} has no parameter {parameter}{near}"
    twice = _repeated(given)
    return f"{twice} is given twice; ngspice takes the last" if twice else ""


def _subcircuit(name: str, scopes: tuple[Scope, ...]) -> Scope | None:
    return next((s.subcircuits[name] for s in scopes if name in s.subcircuits), None)


def _check_vector(vector: str, circuit: Scope, models: Scope) -> None:
    what = f"the vector '{printable(vector)}'"
    asked = _VECTOR.fullmatch(small(vector))
    if asked is None:
        raise DeckRefused(f"{what} is none; ask for v(node), i(source) or @device[parameter]")
    if asked["node"] or asked["bare"]:
        _check_node(asked["node"] or asked["bare"], what, circuit, models)
        return
    path = (asked["source"] or asked["device"]).split(".")
    # Below the top a device is called by its kind, its path and its name: m.x1.m0.
    below = len(path) > 2 and len(path[0]) == 1
    *above, name = _parts(path[below:], circuit, models)
    found = _inside(above, what, circuit, models)
    if found is None or (name in found.models and asked["device"]):
        return
    if name not in found.elements:
        raise DeckRefused(f"{what} is of no device of the circuit{_near(name, found.elements)}")
    if asked["source"] and name[0] not in _WITH_BRANCH:
        shown = ".".join([name[0], *above, name]) if above else name
        raise DeckRefused(
            f"{what} is of no voltage source, and ngspice has no i() of another; ask for"
            f" @{shown}[{'id' if name[0] == 'm' else 'i'}]"
        )
    if above and (len(path) < 3 or path[0] != name[0]):
        right = ".".join([name[0], *above, name])
        raise DeckRefused(f"{what} is called by its kind first: {right}")


def _check_node(name: str, what: str, circuit: Scope, models: Scope) -> None:
    name = small(name)
    if name in GROUND:
        raise DeckRefused(f"{what}: that is ground")
    if not _PATH.fullmatch(name):
        raise DeckRefused(f"{what}: that is no name of a node")
    if name in circuit.nodes:
        return
    *above, node = _parts(name.split("."), circuit, models)
    scope = _inside(above, what, circuit, models)
    if scope is None or not (scope.whole and circuit.whole):
        return
    if node in scope.ports:
        outside = _inside(above[:-1], what, circuit, models) or circuit
        pin = outside.elements[above[-1]].nodes[scope.ports.index(node) :][:1]
        shown = ".".join([*above[:-1], *pin])
        raise DeckRefused(f"{what}: {node} is a pin of {'.'.join(above)}; outside it is '{shown}'")
    if node not in scope.nodes:
        where = f" in {'.'.join(above)}" if above else ""
        raise DeckRefused(
            f"{what}: there is no node {printable(node)}{where}{_near(node, scope.nodes - GROUND)}"
        )


def _parts(path: list[str], *scopes: Scope) -> list[str]:
    """Return the names that a path is made of; a flat sub-circuit's own have dots in them."""
    parts: list[str] = []
    while path:
        if parts and ".".join(path) in {*scopes[0].nodes, *scopes[0].elements}:
            return [*parts, ".".join(path)]
        heads = (".".join(path[:count]) for count in range(1, len(path)))
        placed = next((h for h in heads if getattr(scopes[0].elements.get(h), "calls", "")), "")
        name = scopes[0].elements[placed].calls if placed else ""
        if (inner := _subcircuit(name, scopes)) is None:
            break
        parts, path, scopes = [*parts, placed], path[placed.count(".") + 1 :], (inner, *scopes)
    return [*parts, *path]


def _inside(path: list[str], what: str, circuit: Scope, models: Scope) -> Scope | None:
    """Return the inside of a placed sub-circuit; None where its definition is not there.

    Raises:
        DeckRefused: nothing of that name is placed.
    """
    scopes: tuple[Scope, ...] = (circuit, models)
    for depth, name in enumerate(path):
        element = scopes[0].elements.get(name)
        if element is None and not circuit.whole:
            return None
        if element is None or not element.calls:
            placed = [n for n, other in scopes[0].elements.items() if other.calls]
            where = f" in {'.'.join(path[:depth])}" if depth else ""
            raise DeckRefused(
                f"{what}: there is no sub-circuit {printable(name)}{where}{_near(name, placed)}"
            )
        inner = _subcircuit(element.calls, scopes)
        if inner is None:
            return None
        scopes = (inner, *scopes)
    return scopes[0]


def _near(word: str, known: Collection[str]) -> str:
    """Return what may have been meant, or all there is where that is little, as a half-sentence."""
    near = difflib.get_close_matches(word, sorted(known), 1) if len(known) <= _MANY else []
    if near:
        return f"; did you mean '{near[0]}'?"
    return f"; there is {', '.join(sorted(known))}" if 0 < len(known) <= 8 else ""
