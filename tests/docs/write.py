"""``python -m tests.docs.write``: run the documents' commands and put what they print below them.

What still fits is left alone, so every ``…`` that was written by hand stays.
"""

from __future__ import annotations

import re
import shutil
import sys
import tempfile
from pathlib import Path

from tests.docs.console import ANYTHING, ROOT, documents, fits, run, steps
from tests.docs.serving import environment_of, make_demo, serving
from tests.docs.settings_table import PAGE, page

CHANGING = (
    re.compile(r'(?<="request_id": ")[0-9a-f]{16}(?=")'),
    re.compile(r'(?<="next": ")[\w-]{20,}(?=")'),
    re.compile(r"(?<=\"score\": )[\d.]+"),
    re.compile(r"(?<=cursor=)[\w-]{20,}"),
    re.compile(r"(?<=[( ])[\d,]+(?=/s\))"),
    re.compile(r"(?<=^date: ).*"),
    re.compile(r'(?<="at": ")[^"]+(?=")'),
)


def without_changing(line: str) -> str:
    """A line with what is different each time left open."""
    for pattern in CHANGING:
        line = pattern.sub(ANYTHING, line)
    return line


def write(document: Path, folder: Path, port: int, data_dir: Path) -> int:
    """Bring one document up to date; how many of its commands had other output."""
    text = document.read_text()
    found = steps(text)
    ran = run([step.command for step in found], folder, port, environment_of(data_dir))
    lines = text.splitlines()
    changed = 0
    for step, result in reversed(list(zip(found, ran, strict=True))):
        if not fits(step.expected, result.lines):
            changed += 1
            end = step.last_line
            lines[end - len(step.expected) : end] = [without_changing(line) for line in result.lines]
    document.write_text("\n".join(lines) + "\n")
    return changed


def main() -> None:
    """The table of settings, then all documents, each with an archive of its own."""
    PAGE.write_text(page(PAGE.read_text()))
    with tempfile.TemporaryDirectory() as name:
        root = Path(name)
        make_demo(root / "demo")
        for document in documents():
            folder, data_dir = root / f"{document.stem}-folder", root / document.stem
            folder.mkdir()
            shutil.copytree(root / "demo", data_dir)
            with serving(data_dir) as port:
                changed = write(document, folder, port, data_dir)
            sys.stdout.write(f"{document.relative_to(ROOT)}: {changed} changed\n")


if __name__ == "__main__":
    main()
