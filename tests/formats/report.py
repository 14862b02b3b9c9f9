"""What the readers make of files of real tools, as a page: ``python -m tests.formats.report``.

The files are looked up by ``FANARCHIVE_SAMPLE_DATA``. Where an ``expected.ndjson`` says what their works are, each item
is held against that, member by member; elsewhere it is only counted.
"""

from __future__ import annotations

import os
import sys
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import orjson

from app.formats.manuscript import Manuscript, ReadItem
from app.formats.options import ReadOptions
from app.formats.registry import read_stream
from tests.formats.truth import Truths, differences

PAGE = Path(__file__).resolve().parents[2] / "docs" / "importers" / "sample-data.md"
RESULTS = PAGE.with_suffix(".json")
SHOWN = 3
HEAD = """# Files of real tools

What the readers make of files that the tools and sites themselves wrote, or that were made with the tools from works
that are known. This page is written by `python -m tests.formats.report`, which finds the files by
`FANARCHIVE_SAMPLE_DATA`; they are no part of the project.

`right`: of the items whose works are known, those that equal them in every member: title, authors, tags of each type in
their order, rating, language, dates, series, gifts, notes, counts, the title, notes and words of every chapter. `lost`:
those that differ in nothing but what the tool did not write down, by the table below. `wrong`: all others. Where it is
not known what the works are, these three are empty.
"""
LOSSES = """
## What differs, and why

| format | member | items | reason |
|---|---|---|---|
"""
FAILED = """
## What fails

| files | problem | items | as in |
|---|---|---|---|
"""


@dataclass
class Tally:
    """What became of the items of one folder and format."""

    files: int = 0
    read: int = 0
    failed: int = 0
    noticed: int = 0
    right: int = 0
    lost: int = 0
    wrong: int = 0
    known: int = 0
    problems: Counter[str] = field(default_factory=Counter)
    first: dict[str, str] = field(default_factory=dict)
    members: Counter[str] = field(default_factory=Counter)
    unexplained: list[str] = field(default_factory=list)


def measure(folder: Path, only: str = "") -> dict[tuple[str, str], Tally]:
    """Read the files below a folder; tallies by group of files and format. ``only`` is one of the groups."""
    truths = Truths(folder)
    tallies: dict[tuple[str, str], Tally] = defaultdict(Tally)
    for path in files_of(folder):
        group = path.relative_to(folder).parent.as_posix()
        if only and group != only:
            continue
        with path.open("rb") as stream:
            items = list(read_stream(stream, path.name, ReadOptions()))
        formats = Counter(item.format or "none" for item in items)
        tallies[group, formats.most_common(1)[0][0]].files += 1
        for number, item in enumerate(items):
            known = truths.of(path, number, len(items))
            _count(tallies[group, item.format or "none"], item, path.name, known)
    return tallies


def files_of(folder: Path) -> Iterator[Path]:
    """The files that could be works: tables of tags are read by another command."""
    for path in sorted(folder.rglob("*")):
        parts = path.relative_to(folder).parts
        if path.is_file() and len(parts) > 1 and parts[0] != "tags" and path.name != "expected.ndjson":
            yield path


def _count(tally: Tally, item: ReadItem, name: str, known: dict[str, Any] | None) -> None:
    work = item.manuscript
    if work is None:
        code = (item.problem or {}).get("code", "unreadable")
        tally.failed += 1
        tally.problems[code] += 1
        tally.first.setdefault(code, name)
        return
    tally.read += 1
    tally.noticed += bool(work.notices)
    if known is not None:
        _compare(tally, item, work, known)


def _compare(tally: Tally, item: ReadItem, work: Manuscript, known: dict[str, Any]) -> None:
    tally.known += 1
    found = differences(work, known, item.format or "")
    tally.members.update(f"{member}: {reason or 'unexplained'}" for member, reason in found)
    bad = [member for member, reason in found if reason is None]
    tally.right += not found
    tally.lost += bool(found) and not bad
    tally.wrong += bool(bad)
    if bad and len(tally.unexplained) < SHOWN:
        tally.unexplained.append(f"{item.input}: {', '.join(bad)}")


def results_of(tallies: dict[tuple[str, str], Tally]) -> list[dict[str, Any]]:
    """The tallies as JSON."""
    return [
        {"files": group, "format": name, "count": one.files, "read": one.read, "failed": one.failed}
        | {"with_notices": one.noticed, "known": one.known, "right": one.right, "lost": one.lost, "wrong": one.wrong}
        | {"problems": dict(sorted(one.problems.items())), "first": one.first, "unexplained": one.unexplained}
        | {"members": dict(sorted(one.members.items()))}
        for (group, name), one in sorted(tallies.items())
    ]


def page(results: list[dict[str, Any]]) -> str:
    """The results as a page."""
    columns = ("count", "read", "with_notices", "right", "lost", "wrong", "failed")
    lines = [
        HEAD,
        "\n| where | format | files | read | with notices | right | lost | wrong | failed |\n",
        "|---" * 9,
        "|\n",
    ]
    for one in results:
        told = [one[name] if one["known"] or name not in {"right", "lost", "wrong"} else "" for name in columns]
        lines.append(f"| {one['files']} | `{one['format']}` | {' | '.join(_cell(cell) for cell in told)} |\n")
    totals = [sum(one[name] for one in results) for name in columns]
    lines.append(f"| all | | {' | '.join(_cell(total) for total in totals)} |\n")
    lines.append(LOSSES)
    merged: Counter[tuple[str, str, str]] = Counter()
    for one in results:
        for name, count in one["members"].items():
            member, _, reason = name.partition(": ")
            merged[one["format"], member, reason] += count
    for (name, member, reason), count in sorted(merged.items()):
        lines.append(f"| `{name}` | {member} | {count} | {reason} |\n")
    lines.append(FAILED)
    for one in results:
        for code, count in one["problems"].items():
            lines.append(f"| {one['files']} | `{code}` | {count:,} | {one['first'][code]} |\n")
    return "".join(lines)


def _cell(value: Any) -> str:
    return f"{value:,}" if isinstance(value, int) else str(value)


if __name__ == "__main__":
    folder = os.environ.get("FANARCHIVE_SAMPLE_DATA", "")
    if not folder:
        sys.exit("FANARCHIVE_SAMPLE_DATA names no folder of sample data.")
    found = results_of(measure(Path(folder)))
    RESULTS.parent.mkdir(exist_ok=True)
    RESULTS.write_bytes(orjson.dumps(found, option=orjson.OPT_INDENT_2 | orjson.OPT_SORT_KEYS) + b"\n")
    PAGE.write_text(page(found))
