"""Outputs in the documentation, printed anew by the commands that stand above them.

    python docs/samples.py           # of every page
    python docs/samples.py first-steps

A sample is a comment that names a command, and the block of code after it.
"""

import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

DOCS = Path(__file__).parent
SAMPLE = re.compile(
    r"<!-- sample: anaspike (?P<command>[^\n]*) -->\n```text\n(?P<output>.*?)```", re.S
)
_MOST_LINES = 40
# Where it was written, and how long it took, is nobody's concern.
_LEFT_OUT = re.compile(r"^.*(?:wrote |/tmp/| in \d+(?:\.\d+)? ?s\b).*\n", re.MULTILINE)


def printed(command: str) -> str:
    """Return what a command prints, after its prompt.

    Args:
        command: what follows `anaspike`.
    """
    environment = {**os.environ, "COLUMNS": "100", "NO_COLOR": "1"}
    with tempfile.TemporaryDirectory() as folder:
        done = subprocess.run(
            [sys.executable, "-m", "anaspike", *command.split()],
            cwd=folder, env=environment, stdin=subprocess.DEVNULL, capture_output=True,
            text=True, check=False,
        )  # fmt: skip
    lines = _LEFT_OUT.sub("", done.stdout).rstrip().splitlines()
    if len(lines) > _MOST_LINES:
        lines = [*lines[:_MOST_LINES], "..."]
    return "\n".join([f"$ anaspike {command}", *(line.rstrip() for line in lines)]) + "\n"


def renewed(text: str) -> str:
    """Return a page with each of its samples printed anew."""
    return SAMPLE.sub(
        lambda found: (
            f"<!-- sample: anaspike {found['command']} -->\n```text\n{printed(found['command'])}```"
        ),
        text,
    )


def main(names: list[str]) -> None:
    """Renew the pages of these names, or all."""
    for page in sorted(DOCS.glob("*.md")):
        text = page.read_text(encoding="utf-8")
        if (not names or page.stem in names) and SAMPLE.search(text):
            page.write_text(renewed(text), encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1:])
