"""The results as a page of the documentation."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

PAGE = Path(__file__).parents[2] / "docs" / "performance" / "peers.md"
RESULTS = PAGE.with_suffix(".json")
NAMES = {
    "bare": "bare", "ours": "ours", "afresh": "ours, nothing kept", "plain": "plain", "datasette": "Datasette",
    "calibre": "calibre",
}  # fmt: skip
FULL = {"works": 100_000, "books": 5_000, "texts": 500}
"""How many there are by default."""
HEAD = """# Side by side with others

```console
$ python -m benchmarks.peers                       # or make bench-peers
$ python -m benchmarks.peers --quick               # some hundred works, to see that it runs; writes nothing
$ python -m benchmarks.peers --folder /dev/shm/peers --make     # only fills the folder; again without --make measures
```

writes this page from `peers.json`: the same made works in each of these, on one machine, asked in one run.

| | what it is | licence |
|---|---|---|
| bare | our HTTP server answering constant bytes, those of our answer | - |
| ours | `fanarchive serve` as it starts, asked again and again for the same | MIT |
| ours, nothing kept | the same with `FANARCHIVE_KEPT_ANSWERS_MB=0`, and facets that nobody asked for before | |
| plain | `benchmarks/plain_service.py`: FastAPI, ORM objects, eager loads, response models, FTS5 | MIT |
| Datasette | {datasette}, in an environment of its own | Apache-2.0 |
| calibre | its content server, version {calibre} | GPL-3.0 |

- Ours is one process and its indexer, and answers a guest: logs, metrics and compression on, rate limits off.
- A round asks each of them in turn for {seconds:g} s over 16 connections, as [Performance](README.md) tells; figures
  are medians of {rounds} rounds, after one that warms up. A cell is answers a second and, behind it, their share of
  what bare answers in the same round. Ratios to others are those of "ours, nothing kept": none of them keeps answers
  (calibre keeps what its last searches found).
- The files lay on {files}, where `--folder` says{memory}.
- Each import is the whole of its commands, once, from files: until all is stored, indexed and searchable.
- {processor}{cores} cores, Python {python}. Load average {load_before} before the questions, {load_after} at their end,
  {imports} at the end of imports, with our own load in it.

"""
SERVICES = """## {works:,} works of metadata, {books:,} with a chapter of 2,000 words

Plain has indexes on what it joins, filters and sorts by, and FTS5 tables for words. Datasette has what its manual and
that of `sqlite-utils` recommend: tags as JSON arrays for facets and as a table with foreign keys for `_through`,
indexes on `kudos` and on both sides of that table, FTS5 tables beside `works` and `chapters`, `ANALYZE`, the database
opened as immutable, no facets suggested; snippets are a canned query. It does not compress; the others do. Writing our
records as rows for `sqlite-utils` is not counted in its import.
{fewer}
"""
BOOKS = """
## {books:,} books

The same works with text, written as EPUBs by `fanarchive export --format epub` and put in by `fanarchive import` and
`calibredb add`. calibre's full-text index, built by `calibredb fts_index enable --indexing-speed fast`, takes it the
longest by far, so that {texts:,} of the books are in a library of their own that has it, and in an archive of ours. A
page of calibre is what its own web page asks for: the books of a search with their metadata, and the total.

"""
IMPORTS = {
    "works": "import of metadata, works/s",
    "bodies": "import of works with 2,000 words, works/s",
    "books": "import of books, works/s; calibre's without an index of their texts",
    "texts": "import of {texts:,} books, works/s; calibre's with the index of their texts",
}
LESS_IS_MORE = ("disk, MB", "memory, MB")


def page(results: dict[str, Any]) -> str:
    """The results as Markdown."""
    how, on, versions = results["how"], results["on"], results["versions"]
    processor = f"{on['processor']}, " if on["processor"] else ""
    named = {"datasette": versions["datasette"].replace("==", " "), "calibre": versions["calibre"] or "not measured"}
    machine = {"cores": on["cores"], "python": on["python"], "processor": processor}
    parts = [
        HEAD.format(**how, **named, **machine, **_circumstances(results)),
        SERVICES.format(**how, fewer=_fewer(how)),
    ]
    peers = [name for name in ("plain", "datasette") if name not in results["absent"]]
    imports = {"works": how["works"], "bodies": how["books"]}
    parts.append(_table(results["services"], peers, _imports(results, imports, peers)))
    if results["books"]:
        imports = {"books": how["books"], "texts": how["texts"]}
        parts.append(BOOKS.format(**how))
        parts.append(_table(results["books"], ["calibre"], _imports(results, imports, ["calibre"])))
    parts += [f"\n{NAMES[name]} was not measured: {reason}.\n" for name, reason in results["absent"].items()]
    return "".join(parts)


def _circumstances(results: dict[str, Any]) -> dict[str, Any]:
    """How busy the machine was, and where the files were."""
    on = results["on"]
    loads = [load for name, load in results["loads"].items() if name.partition(": ")[2] in IMPORTS]
    memory = " (memory, so that a disk which others use does not count)" if on["files"] == "tmpfs" else ""
    known = {name: on[name] for name in ("files", "load_before", "load_after")}
    return {**known, "memory": memory, "imports": f"{min(loads):g} to {max(loads):g}"}


def _fewer(how: dict[str, Any]) -> str:
    """What a run by default would have more of."""
    more = [f"{count:,} {name}" for name, count in FULL.items() if how[name] < count]
    return f"\nBy default there are {', '.join(more)}; this run had fewer, to fit the time.\n" if more else ""


def _imports(results: dict[str, Any], counts: dict[str, int], peers: Sequence[str]) -> dict[str, dict[str, float]]:
    """Works a second, by what went in and by whom."""
    seconds = results["seconds"]
    found = {}
    for part, count in counts.items():
        took = {name: seconds[f"{name}: {part}"] for name in ("ours", *peers)}
        found[IMPORTS[part].format(**results["how"])] = {name: count / each for name, each in took.items()}
    return found


def _table(found: dict[str, Any], peers: Sequence[str], imports: dict[str, dict[str, float]]) -> str:
    """A row for each question, then imports, disk and memory."""
    servers = ("bare", "ours", "afresh", *peers)
    heads = [*(NAMES[name] for name in servers), *(f"ours : {NAMES[name]}" for name in peers)]
    lines = [f"| | {' | '.join(heads)} |", "|---|" + "--:|" * len(heads)]
    notes: list[str] = []
    ahead: list[str] = []
    for row in found["rows"]:
        what, rates = row["what"], row["rates"]
        cells = [
            f"{_number(rates[name])} · {_number(row['to_bare'][name])}" if name in rates else "-" for name in servers
        ]
        times = [_times(row["multiples"].get(name, {}).get("afresh")) for name in peers]
        lines.append(_line(what + _mark(row["note"], notes), [*cells, *times]))
        ahead += [f"{what} ({NAMES[name]})" for name in row["multiples"] if row["multiples"][name]["afresh"] < 1]
    others: dict[str, dict[str, float]] = {**imports, **{each: found[each.split(",")[0]] for each in LESS_IS_MORE}}
    for what, values in others.items():
        cells = [_number(values[name]) if name in values else "-" for name in servers]
        lines.append(_line(what, [*cells, *(_times(values["ours"] / values[name]) for name in peers)]))
        less_is_more = what in LESS_IS_MORE
        ahead += [f"{what} ({NAMES[name]})" for name in peers if (values["ours"] > values[name]) is less_is_more]
    said = (
        f"What went in is {_number(found['given'])} MB. Memory is that of all processes of a server after the\n"
        "questions, with the mapped files that they read, each page once."
    )
    said += f"\n\n**Others are ahead** in: {'; '.join(ahead)}." if ahead else ""
    return "\n".join([*lines, "", said, *(f"\n({number}) {note}" for number, note in enumerate(notes, 1)), ""])


def _line(what: str, cells: Sequence[str]) -> str:
    return f"| {what} | {' | '.join(cells)} |"


def _mark(note: str, notes: list[str]) -> str:
    """The number of a note to a row, which is added to the others."""
    if not note:
        return ""
    notes.append(note)
    return f" ({len(notes)})"


def _times(ratio: float | None) -> str:
    return "-" if ratio is None else _number(ratio)


def _number(value: float) -> str:
    """Three figures, and no more."""
    if value >= 100:
        return f"{value:,.0f}"
    if value >= 10:
        return f"{value:.1f}"
    return f"{value:.2f}" if value >= 0.1 else f"{value:.2g}"
