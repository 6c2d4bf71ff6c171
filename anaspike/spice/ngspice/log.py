"""What ngspice's log says: its exit code tells no failure from another."""

import re
from functools import lru_cache

from anaspike.spice.failures import (
    ConvergenceFailure,
    DeckError,
    DiskFull,
    MissingFile,
    MissingModel,
    MissingSubcircuit,
    OutOfMemory,
    SimulationFailure,
    SingularMatrix,
    TimestepTooSmall,
)
from anaspike.spice.loglines import Signs, first_sign, log_lines

# The first pattern that any line matches decides: causes before their consequences.
_SIGNS: Signs = (
    (r"no space left on device|disk full|file size limit", DiskFull, "the disk is full"),
    (
        r"(?:internal error|malloc): can't allocate|out of memory|cannot allocate memory",
        OutOfMemory,
        "ngspice asked for more memory than it may have",
    ),
    (
        r"can't find model|could not find a valid modelname|unable to find definition of model",
        MissingModel,
        "the deck names a model that is not there",
    ),
    (r"unknown subckt", MissingSubcircuit, "the deck places a sub-circuit that is not there"),
    (
        r"could not find (library|include) file|library file .* not found|could not find library",
        MissingFile,
        "the deck includes a file that is not there",
    ),
    (
        r"undefined parameter|expression err|unknown parameter|syntax error|mismatch of"
        r"|(too few|not enough|too many) parameters|not enough nodes|no such function"
        r"|mal ?formed|unknown (controlling source|device type)"
        r"|unimplemented (dot command|control card)"
        r"|device already exists|parameter dependency|dependent parameters|shorted vsrc"
        r"|no such (vector|device|parameter)|no data saved",
        DeckError,
        "ngspice cannot read the deck",
    ),
    (
        r"circuit not parsed|fatal error|no circuit loaded|aren't any circuits loaded",
        DeckError,
        "ngspice cannot read the deck",
    ),
    (
        r"timestep too small; time",
        TimestepTooSmall,
        "no time step was small enough",
    ),
    (
        r"singular matrix.*check node|matrix is singular",
        SingularMatrix,
        "the circuit has no unique solution",
    ),
    # Later versions say it twice; this is the line that names the node.
    (
        r"timestep too small; initial timepoint",
        ConvergenceFailure,
        "no operating point was found",
    ),
    (
        r"operating point could not be simulated",
        ConvergenceFailure,
        "no operating point was found",
    ),
    (r"timestep too small", TimestepTooSmall, "no time step was small enough"),
    (
        r"iteration limit reached|no convergence|source stepping failed|convergence problem",
        ConvergenceFailure,
        "no operating point was found",
    ),
)

_NUMBER = r"[-+]?(?:\d+(?:\.\d*)?|\.\d+)(?:e[-+]?\d+)?"
_STEP = rf"(?:(?:Trying gmin = +{_NUMBER}|Supplies reduced to +{_NUMBER}%)(?: +|\Z))"
_MEMORY = (
    "Total DRAM available|DRAM currently available|(?:Maximum|Current) ngspice program size"
    r"|Shared ngspice pages|Text \(code\) pages|Stack|Library pages"
)
_USED_AS_THEY_ARE = (
    r"Gbmin|Ndep|Nsub|Ngate|Dvt0|Nfactor|Cdscd?|Eta0|Pscbe2|Lambda|Pdibl[12]|LODK2|LODETA0|Noff"
    r"|Voffcv|Moin|Acde|Nj[sd]|Njts(?:sw|swg)?d?|[LW]eff(?: for CV)?|Tox[epm]|\([WB][01] \+ Weff\)"
    "|Vsat at current temperature|Thermal velocity vtl"
)

# Each line that ngspice may say of a run whose result is what was asked for,
# and why it is harmless. Whatever else it says of a run that came back is a
# failure. Collected from 39, 44 and 47 on every process, block, corner, rung.
_HARMLESS = (
    ("", "nothing"),
    ("Note: No compatibility mode selected!", "SPICE is read as its own"),
    (r"Circuit: .*", "the deck's title, or what a .title in the body makes of it"),
    (r'binary raw file "out\.raw"', "where the data go"),
    (r"Initial Transient Solution|-+(?: +-+)?|Node +Voltage", "where it starts, node by node"),
    (rf"Doing analysis at TEMP = {_NUMBER} and TNOM = {_NUMBER}", "as the deck has it"),
    (r"Using (?:SPARSE 1\.3|KLU) as Direct Linear Solver", "both solve the same equations"),
    (r"No\. of Data (?:Columns|Rows) : \d+", "its size"),
    (rf"Reference value : +{_NUMBER}", "how far the run is"),
    (rf"Total (?:analysis|elapsed) time \(seconds\) = {_NUMBER}", "its statistics"),
    (rf"(?:{_MEMORY}) = +{_NUMBER} (?:bytes|kB|MB)\.", "its statistics"),
    # What 39 says of the first line that begins with a semicolon: to 44 it is a remark too.
    (r"Warning: Unusual leading characters like ';' or others out of .*", "a remark"),
    (r"in netlist or included files, will be replaced with '\*'\.", "the same"),
    (r"Check line no \d+:  ;.*", "the same"),
    (r'fopen\("/proc/[\w%/]+"\): .*', "no statistics where /proc is not mounted"),
    ("Reducing trtol to 1 for xspice 'A' devices", "finer steps than asked for, for code models"),
    # The way to the operating point: each has its end in one that succeeds, or
    # in a transient of ngspice's own, which is not harmless.
    (rf"{_STEP}+", "a step on the way, and the next one"),
    (
        rf"{_STEP}*Note: (?:Starting (?:(?:dynamic|true|spice3) gmin|source) stepping"
        r"|One successful (?:gmin|source) step"
        r"|(?:(?:Dynamic|True|spice3) gmin|Source) stepping completed)",
        "a step that succeeded",
    ),
    (
        rf"{_STEP}*Warning: (?:Further gmin increment|(?:Last )?gmin step failed"
        r"|(?:(?:Dynamic|True|spice3) gmin|source) stepping failed)",
        "a step that failed; another way is tried",
    ),
    (
        rf"{_STEP}*Warning: singular matrix:  check nodes? .*",
        "before gmin stepping, which overcame it",
    ),
    # BSIM4's own check of its cards (b4check.c). Those remarks that set or
    # reset a parameter are not among them: there the card is not what is run.
    (r"Checking parameters for BSIM ?[34]\.\d model .*", "the head of what follows"),
    (
        rf"Warning: (?:{_USED_AS_THEY_ARE})(?: = {_NUMBER})? (?:is|may be|<=) (?!.*\b(?:re)?set).*",
        "a parameter of a card that is unusual, and used as it is",
    ),
    (
        rf"Warning: A2 = {_NUMBER} is larger than 1\. A2 is set to 1 and A1 is set to 0\.",
        "BSIM4's own bound; SkyWater's fast corner counts on it",
    ),
)
_KNOWN = re.compile("|".join(f"(?:{pattern})" for pattern, _ in _HARMLESS), re.IGNORECASE)
# Said of each node, between the head of its table and the number of points.
_TABLE, _AFTER_TABLE = re.compile(r"Node +Voltage"), "No. of Data Rows"
_NODE = re.compile(rf"\S+ +(?:{_NUMBER}|-?nan|-?inf)", re.IGNORECASE)
# Of several lines that belong together, the one that says what is wrong.
_TELLING = re.compile(r"unrecognized parameter|setting level to", re.IGNORECASE)
_SAME_REMARK = 4  # lines


def hidden_failure(log: str) -> SimulationFailure | None:
    """Return the failure that the log of a finished run shows, or None.

    ngspice runs to the end without much of what a deck asks for: an initial
    condition of a node that is not there, a device that is to be altered, a
    parameter of a model. It says so, and so whatever it says that is not known
    to be harmless is a failure.
    """
    lines = [line.strip() for line in log_lines(log)]
    number = _first_unknown(lines)
    if number is None:
        return None
    if lines[number] == "Note: Transient op started":
        return _no_operating_point(lines, number)
    remark = range(number, min(number + _SAME_REMARK, len(lines)))
    telling = next((n for n in remark if _TELLING.search(lines[n])), number)
    said = _with_the_card(lines, telling)
    for pattern, failure, message in _SIGNS:
        if failure is not DeckError and re.search(pattern, lines[telling], re.IGNORECASE):
            return failure(message, said)
    return DeckError("ngspice left out a part of the deck", said)


def _first_unknown(lines: list[str]) -> int | None:
    in_table = False
    for number, line in enumerate(lines):
        if _is_known(line):
            in_table = not line.startswith(_AFTER_TABLE) and (in_table or bool(_TABLE.match(line)))
        elif not (in_table and _NODE.fullmatch(line)):
            return number
    return None


@lru_cache(maxsize=1024)  # the points of a campaign are told the same
def _is_known(line: str) -> bool:
    return _KNOWN.fullmatch(line) is not None


def _no_operating_point(lines: list[str], number: int) -> SimulationFailure:
    singular = next((line for line in lines[:number] if "singular matrix:" in line), "")
    failure = SingularMatrix if singular else ConvergenceFailure
    return failure(
        "no operating point was found but by a transient of ngspice's own, which forgets the"
        " initial values",
        f"{lines[number]}; {singular[singular.index('Warning:') :]}" if singular else lines[number],
    )


def classify(log: str) -> SimulationFailure | None:
    """Return the failure that a log of an unfinished run shows, or None.

    A finished run may show some of the same lines on its way (a singular
    matrix that gmin stepping overcame), so this is asked only about runs that
    did not deliver.
    """
    return first_sign(log, _SIGNS, _with_the_card)


def _with_the_card(lines: list[str], number: int) -> str:
    """Return a line of the log with the deck's line that it is about, where that stands beside it.

    What ngspice says of a card is worded otherwise from version to version and
    seldom names it; the card is quoted by all.
    """
    line = lines[number].strip()
    if line.endswith((" in line", " from line")):
        return " ".join([line, *(card.strip() for card in lines[number + 1 : number + 2])])
    for head in range(number - 2, max(number - 5, -1), -1):
        if lines[head].startswith(("Error on line ", "Warning: Model issue on line ")):
            return f"{line}, in: {lines[head + 1].strip()}"
    return line
