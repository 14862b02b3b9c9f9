"""What the long rounds brought, as ``docs/performance/faults.md``: ``python -m tests.faults.results``."""

from __future__ import annotations

import os
import platform
from collections import Counter
from pathlib import Path
from typing import Any

import orjson

PAGE = Path(__file__).resolve().parents[2] / "docs" / "performance" / "faults.md"
RESULTS = PAGE.with_suffix(".json")
HEAD = """# Faults

`make soak` kills, fills and misleads an archive while people write, read and import, and compares afterwards what they
were told with what the database and the index hold: each work, chapter, edit, tag and kudos that was acknowledged is
there, once; positions have no holes; counters are right; lists, cards, tags and texts of the index are those of the
database. What was cut off was sent again with its `Idempotency-Key` or its `If-Match`. The short form of the same is in
`make check`. [What happens when](../operations/faults.md) says what to expect. This page is written by
`python -m tests.faults.results`.

- *told*: writes that were acknowledged. *Wrong*: a counter, position or card that differs, a 5xx but 503 and 507,
  a 503 without `Retry-After`. *Hung*: a request without an answer for 30 s.
- An import that was killed is told of all its works: *wrong* are items, and works that a search does not find, too few
  or too many.
- *Longest without*: seconds in which not one read by id, search or write of anybody was answered with success. Starting
  a server is most of it; the machine had other work to do, too.

"""


FOUND = """
Found by earlier rounds, which are left out above, and mended since; each has its test:

- A walk over a list missed a work, once in 20 kills with SQLite and once in 135 with PostgreSQL, both with two workers:
  its pages came from workers that were not equally far with the index, and the work had moved meanwhile. A cursor
  says now what its reader saw last, and the next page is of no older index.
- A worker that was started again while PostgreSQL was away ended the whole server, and who connected while it ended
  waited in vain: 7 requests had no answer for 30 s.
- A worker that was killed just when it was asked whether it lives was waited for, for a minute, in which others were
  not started again either: 10 requests had no answer.
- With PostgreSQL's machine gone for 60 s, six of seven callers had no answer for 30 s, and searches worked again 48 s
  after the machine was back. Now each is told 503, after the time that stands above at most.
- Clients that went away while they sent were counted as failures of the server, and each cost a millisecond for the
  lines of its traceback.
- Two requests that a server cut off after its ten seconds of stopping were told 500, and are told 503.
"""


def keep_kills(database: str, workers: int, kills: Counter[str], outcome: Any) -> None:
    """Add a round of kills."""
    figures = {"times": sum(kills.values()), "kinds": dict(sorted(kills.items())), **summary(outcome)}
    keep(f"kills, {database}, {workers} workers", **figures)


def keep_import(database: str, workers: int, count: int, outcome: Any) -> None:
    """Add an import that was killed; what it was told are its works, and wrong is what its items or a search miss."""
    keep(
        f"import of {count:,} works killed, {database}, {workers} import workers",
        times=outcome.kills,
        seconds=round(outcome.seconds),
        told=count,
        works=outcome.works,
        lost=count - outcome.titles,
        doubled=outcome.works - outcome.titles,
        wrong=abs(count - outcome.items) + abs(count - outcome.found),
        hung=0,
    )


def summary(outcome: Any) -> dict[str, Any]:
    """The figures of a round under load."""
    tally, findings = outcome.tally, outcome.findings
    return {
        "seconds": round(outcome.seconds),
        "told": outcome.ledger.operations,
        "works": findings.works,
        "lost": len(findings.lost),
        "doubled": len(findings.doubled),
        "wrong": len(findings.wrong) + len(tally.wrong),
        "hung": tally.hung,
        "requests": dict(sorted(tally.statuses.items())),
        "slowest_s": round(tally.slowest, 1),
        "outages_s": {kind: round(seconds, 1) for kind, seconds in sorted(tally.outages.items())},
    }


def end_by(outcome: Any) -> None:
    """Say what is wrong, and end the program with 1 where anything is."""
    wrong = [*outcome.tally.wrong, *outcome.findings.told().splitlines()]
    print(*wrong, sep="\n")  # noqa: T201  what it is run for
    if wrong or outcome.tally.hung:
        raise SystemExit(1)


def keep(name: str, **figures: Any) -> None:
    """Add the figures of a round of one fault."""
    found = orjson.loads(RESULTS.read_bytes()) if RESULTS.exists() else {}
    figures["machine"] = f"{os.cpu_count()} cores, load {os.getloadavg()[1]:.0f}, Python {platform.python_version()}"
    found.setdefault(name, []).append(figures)
    RESULTS.write_bytes(orjson.dumps(found, option=orjson.OPT_INDENT_2 | orjson.OPT_SORT_KEYS) + b"\n")


def page(results: dict[str, list[dict[str, Any]]]) -> str:
    """The results as a page."""
    lines = [HEAD]
    lines.append("| fault | times | told | lost | doubled | wrong | hung | longest without read / search / write |\n")
    lines.append("|---|---|---|---|---|---|---|---|\n")
    for name, rounds in sorted(results.items()):
        sums = [sum(one[key] for one in rounds) for key in ("times", "told", "lost", "doubled", "wrong", "hung")]
        cells = [name, *(f"{number:,}" for number in sums), _outages(rounds)]
        lines.append(f"| {' | '.join(cells)} |\n")
    kinds: dict[str, Counter[str]] = {}
    for name, rounds in sorted(results.items()):
        for one in rounds:
            kinds.setdefault(name, Counter()).update(one.get("kinds", {}))
    lines.append("\nWhat was killed:\n\n")
    for name, counted in kinds.items():
        if counted:
            lines.append(
                f"- {name}: " + ", ".join(f"{what} {times}" for what, times in sorted(counted.items())) + ".\n"
            )
    lines.append("\nWhat clients were told:\n\n")
    for name, rounds in sorted(results.items()):
        statuses: Counter[str] = Counter()
        for one in rounds:
            statuses.update(one.get("requests", {}))
        if statuses:
            told = ", ".join(f"{status} {count:,}" for status, count in sorted(statuses.items()))
            slowest = max(one.get("slowest_s", 0.0) for one in rounds)
            lines.append(f"- {name}: {told}; the slowest after {slowest:.1f} s.\n")
    lines += _storms(results)
    machines = sorted({one["machine"] for rounds in results.values() for one in rounds})
    lines.append(f"\nOn: {'; '.join(machines)}.\n")
    lines.append(FOUND)
    return "".join(lines)


def _storms(results: dict[str, list[dict[str, Any]]]) -> list[str]:
    """What it cost to hold many connections."""
    lines = []
    for name, rounds in sorted(results.items()):
        for one in rounds:
            if "memory_mb" in one:
                megabytes = "{before}, {most}, {after}".format(**one["memory_mb"])
                lines.append(
                    f"- {name}: {one['open']:,} open at a time, {one['closed']:,} closed by the server; {megabytes} MB;"
                    f" slowest answer to anybody else {one['slowest_s']} s.\n"
                )
    head = "\nConnections that bring nothing, and the megabytes of the server before, at most and afterwards:\n\n"
    return [head, *lines] if lines else []


def _outages(rounds: list[dict[str, Any]]) -> str:
    """The longest time without a success of each kind, where people asked meanwhile."""
    if any("outages_s" not in one for one in rounds):
        return "not measured"
    longest = [max(one["outages_s"].get(kind, 0.0) for one in rounds) for kind in ("read", "search", "write")]
    return " / ".join(f"{seconds:.1f} s" for seconds in longest)


if __name__ == "__main__":
    PAGE.write_text(page(orjson.loads(RESULTS.read_bytes())))
