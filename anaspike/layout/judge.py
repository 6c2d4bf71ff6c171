"""A layout judged whole: its rules, its netlist, and what it adds to the circuit."""

from dataclasses import dataclass

from anaspike.circuits.block import Block
from anaspike.layout.compare import compare
from anaspike.layout.drawing import Drawing
from anaspike.layout.extract import Extraction, extract_compared
from anaspike.layout.rules import Broken, check_rules


@dataclass(frozen=True)
class Judgement:
    """What is to be said of a layout.

    Attributes:
        broken: the rules that it breaks.
        findings: what differs from the block's netlist.
        extraction: what circuit it is; None where it is another one than the block.
    """

    broken: tuple[Broken, ...]
    findings: tuple[str, ...]
    extraction: Extraction | None

    @property
    def clean(self) -> bool:
        """Whether no rule is broken and nothing differs."""
        return not self.broken and not self.findings


def judge(drawing: Drawing, block: Block) -> Judgement:
    """Check, compare and extract a drawing of a block.

    Raises:
        InputError: the block has a device that cannot be drawn.
    """
    broken, compared = check_rules(drawing), compare(drawing, block)
    found = extract_compared(compared, block) if compared.clean else None
    return Judgement(broken, compared.findings, found)
