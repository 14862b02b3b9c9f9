"""Console blocks in Markdown: commands behind ``$``, what they print below them, ``…`` for what changes.

In a line ``…`` stands for anything, alone on a line for any number of lines. A command goes on in lines that begin
with ``>``.
"""

from __future__ import annotations

import re
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
FENCE = re.compile(r"^```(\w*)\s*$")
END = "\x1e"
ANYTHING = "…"
DOCUMENTED_PORT = 8000


@dataclass(slots=True)
class Step:
    """A command, the line it stands on, and the lines that it should print."""

    line: int
    command: str
    expected: list[str] = field(default_factory=list)
    last_line: int = 0


@dataclass(slots=True)
class Ran:
    """What a command printed, and its exit status."""

    status: int
    lines: list[str]


def documents() -> list[Path]:
    """The documents whose console blocks are run: the README, and the guide."""
    return [ROOT / "README.md", *sorted((ROOT / "docs" / "guide").glob("*.md"))]


def blocks(text: str) -> list[tuple[str, int, list[str]]]:
    """The fenced blocks of a document: language, number of the first line inside, lines."""
    found: list[tuple[str, int, list[str]]] = []
    inside = False
    for number, line in enumerate(text.splitlines(), 1):
        fence = FENCE.match(line)
        if fence is not None:
            if not inside:
                found.append((fence[1], number + 1, []))
            inside = not inside
        elif inside:
            found[-1][2].append(line)
    return found


def steps(text: str) -> list[Step]:
    """The commands of a document's console blocks, in order."""
    found: list[Step] = []
    for language, first, lines in blocks(text):
        if language != "console":
            continue
        for number, line in enumerate(lines, first):
            if line.startswith("$ "):
                found.append(Step(number, line[2:]))
            elif line.startswith("> ") and not found[-1].expected:
                found[-1].command += "\n" + line[2:]
            else:
                found[-1].expected.append(line)
            found[-1].last_line = number
    return found


def run(commands: Sequence[str], folder: Path, port: int, environment: dict[str, str]) -> list[Ran]:
    """Run commands one after another in one shell, and cut their output apart."""
    script = "".join(f"{{ {command}\n}} 2>&1; printf '\\036%s\\n' $?\n" for command in commands)
    script = script.replace(f"localhost:{DOCUMENTED_PORT}", f"localhost:{port}")
    found = subprocess.run(
        ["bash"], input=script, capture_output=True, text=True, cwd=folder, env=environment, timeout=120, check=False
    )
    assert not found.stderr, found.stderr
    ran = []
    rest = found.stdout.replace(f"localhost:{port}", f"localhost:{DOCUMENTED_PORT}")
    for _ in commands:
        output, _, rest = rest.partition(END)
        status, _, rest = rest.partition("\n")
        ran.append(Ran(int(status), [line.rstrip() for line in output.splitlines()]))
    return ran


def fits(expected: Sequence[str], printed: Sequence[str]) -> bool:
    """Whether what was printed is what was expected."""
    pattern = "".join(
        "(?:.*\n)*?" if line.strip() == ANYTHING else re.escape(line.rstrip()).replace(ANYTHING, ".*?") + "\n"
        for line in expected
    )
    return re.fullmatch(pattern, "".join(line + "\n" for line in printed)) is not None
