"""What the parameters of public functions may be: Python's own, or text as people write it."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from anaspike.circuits.designs import Design
from anaspike.spice.protocol import Simulator

# "50n" and "0.65 V" are numbers too, in the unit that the parameter's name ends with.
Number = float | str
Whole = int | str
# Several, or as on the command line: "tt,ss".
Words = str | Sequence[str]
Numbers = float | str | Sequence[float | str]
Wholes = int | str | Sequence[int]
Counts = str | Mapping[str, int]
Sizes = str | Sequence[str] | Mapping[str, float | str]
Where = Path | str
Sized = Path | str | Design
Runs = str | Simulator
