"""The facts of an import, kept in a temporary file while passes go over them: memory holds one batch.

It is a SQLite database of its own, gone when it is closed, and has nothing to do with the archive's.
"""

from __future__ import annotations

import sqlite3
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, Self

import orjson

from app.formats.tag_tables.facts import TAG_TYPES, BadRow, TableRow, TagFact
from app.kit.text import name_key

TagKey = tuple[str, str]
Link = tuple[str, str, str]
"""Type, name key and name."""
DEEPEST_CHAIN = 20
PAGE = 500
_SCHEMA = """
CREATE TABLE facts (
  n INTEGER PRIMARY KEY, file INTEGER, place TEXT, type TEXT, key TEXT, name TEXT, canonical INTEGER,
  target TEXT, target_key TEXT, ref TEXT, target_ref TEXT, wrangles INTEGER NOT NULL DEFAULT 0,
  changed INTEGER NOT NULL DEFAULT 0, kept INTEGER NOT NULL DEFAULT 0, problem TEXT, refused TEXT, notices TEXT
);
CREATE TABLE links (n INTEGER, what TEXT, type TEXT, key TEXT, name TEXT);
CREATE TABLE made (type TEXT, key TEXT, PRIMARY KEY (type, key)) WITHOUT ROWID;
"""
_INDEXES = """
CREATE INDEX facts_key ON facts (key, type);
CREATE INDEX facts_ref ON facts (ref) WHERE ref IS NOT NULL;
CREATE INDEX links_n ON links (n);
CREATE INDEX links_key ON links (key);
"""


@dataclass(slots=True)
class Fact:
    """A fact that can be acted on: its type is known, and its target has a name."""

    n: int
    type: str
    key: str
    name: str
    canonical: int | None
    """As SQLite keeps it: 1, 0, or nothing."""
    target: str | None
    target_key: str | None
    parents: list[Link] = field(default_factory=list)
    broader: list[Link] = field(default_factory=list)

    @property
    def tag(self) -> TagKey:
        """Type and name key."""
        return self.type, self.key


@dataclass(slots=True)
class Outcome:
    """What became of a row."""

    index: int
    input: str
    type: str | None
    name: str | None
    outcome: str
    problem: dict[str, Any] | None = None
    notices: list[str] = field(default_factory=list)


class Spool:
    """Takes facts in, gives them out in batches, and remembers what became of each."""

    def __init__(self) -> None:
        self._file = tempfile.NamedTemporaryFile(prefix="fanarchive-tags-", suffix=".db")  # noqa: SIM115  closed below
        self._db = sqlite3.connect(self._file.name, isolation_level=None)
        self._db.executescript("PRAGMA journal_mode=OFF; PRAGMA synchronous=OFF;" + _SCHEMA)
        self._db.execute("BEGIN")
        self.count = 0

    def __enter__(self) -> Self:
        """Itself."""
        return self

    def __exit__(self, *_error: object) -> None:
        """Throw the file away."""
        self._db.close()
        self._file.close()

    def add(self, file: int, row: TableRow) -> None:
        """Keep one row."""
        n = self.count = self.count + 1
        if isinstance(row, BadRow):
            values = (n, file, row.where, _json(row.problem))
            self._db.execute("INSERT INTO facts (n, file, place, problem) VALUES (?, ?, ?, ?)", values)
            return
        target_key = None if row.synonym_of is None else name_key(row.synonym_of)
        wrangles = row.wrangles and (row.type is None or row.type in TAG_TYPES)
        self._db.execute(
            "INSERT INTO facts (n, file, place, type, key, name, canonical, target, target_key, ref, target_ref,"
            " wrangles, notices) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (
                n, file, row.where, row.type, name_key(row.name), row.name, row.canonical, row.synonym_of, target_key,
                row.ref, row.synonym_ref, wrangles, _json(row.notices) if row.notices else None,
            ),
        )  # fmt: skip
        if wrangles:
            self._db.executemany("INSERT INTO links VALUES (?, ?, ?, ?, ?)", _links(n, row))

    def close_reading(self) -> None:
        """All rows are in: find what they refer to."""
        self._db.executescript(f"{_INDEXES} ANALYZE; BEGIN;")  # which ends the transaction before
        self._resolve_references()
        self._fold_chains()

    def _resolve_references(self) -> None:
        """A synonym's target by its number: in its own file, else in the other files where only one tag has it."""
        waiting = (
            "SELECT n, file, type, target_ref FROM facts"
            " WHERE n > ? AND target_ref IS NOT NULL AND problem IS NULL ORDER BY n LIMIT ?"
        )
        for n, file, kind, ref in (row for page in self.pages(waiting) for row in page):
            found = self._db.execute(
                "SELECT file, type, key, name FROM facts WHERE ref = ? AND problem IS NULL", (ref,)
            ).fetchall()
            own = [row for row in found if row[0] == file]
            others = {row[2]: row for row in found if row[1] == kind}
            if own:
                target = own[0]
            elif len(others) == 1:
                (target,) = others.values()
            else:
                self.fail(n, "synonym-target-missing", f"It is a synonym of row {ref}, which is in none of the files.")
                continue
            if target[1] != kind:
                detail = f"The tag is a {kind}, its target a {target[1]}."
                self.fail(n, "synonym-of-another-type", detail)
                continue
            self._db.execute("UPDATE facts SET target = ?, target_key = ? WHERE n = ?", (target[3], target[2], n))

    def _fold_chains(self) -> None:
        """A synonym of a synonym is one of its canonical; where that goes round in a circle, the rows fail."""
        chained = (
            "SELECT a.n, a.key, b.target, b.target_key FROM facts a"
            " JOIN facts b ON b.key = a.target_key AND b.type = a.type AND b.target_key <> b.key"
            " WHERE a.problem IS NULL AND b.problem IS NULL AND a.target_key <> a.key GROUP BY a.n"
        )
        for _ in range(DEEPEST_CHAIN):
            rows = self.query(chained)
            if not rows:
                return
            for n, own, target, key in rows:
                if own == key:
                    self.fail(n, "synonym-chain", "Its target is a synonym of others that come back to it.")
                    continue
                self.query("UPDATE facts SET target = ?, target_key = ? WHERE n = ?", (target, key, n))
                self.note(n, f"Its target is a synonym of “{target}” in the table; it was made one of that.")
        for n, *_ in self.query(chained):
            self.fail(n, "synonym-chain", "Its target is a synonym of others that come back to it.")

    def fail(self, n: int, code: str, detail: str) -> None:
        """Say why nothing is done with a row."""
        self._db.execute("UPDATE facts SET problem = ? WHERE n = ?", (_json({"code": code, "detail": detail}), n))

    def refuse(self, n: int, code: str, detail: str) -> None:
        """Say why a part of a row is not done; the first reason counts, and the rest of the row goes on."""
        problem = _json({"code": code, "detail": detail})
        self._db.execute("UPDATE facts SET refused = coalesce(refused, ?) WHERE n = ?", (problem, n))

    def note(self, n: int, notice: str, *, kept: bool = False) -> None:
        """Add a notice; ``kept``: what is here was kept against the row."""
        (before,) = self._db.execute("SELECT notices FROM facts WHERE n = ?", (n,)).fetchone()
        notices = [*(orjson.loads(before) if before else ()), notice]
        self._db.execute("UPDATE facts SET notices = ?, kept = max(kept, ?) WHERE n = ?", (_json(notices), kept, n))

    def changed(self, rows: Iterable[int]) -> None:
        """These rows changed something."""
        self._db.executemany("UPDATE facts SET changed = 1 WHERE n = ?", ((n,) for n in rows))

    def made(self, tags: Iterable[TagKey]) -> None:
        """These tags were made."""
        self._db.executemany("INSERT OR IGNORE INTO made VALUES (?, ?)", tags)

    def decided(self, tags: Iterable[TagKey]) -> set[TagKey]:
        """Those tags of which a row itself says that they are not canonical."""
        query = (
            "SELECT 1 FROM facts WHERE key = ? AND type = ? AND problem IS NULL AND (target_key IS NOT NULL"
            " OR canonical = 0) LIMIT 1"
        )
        return {tag for tag in tags if self._db.execute(query, (tag[1], tag[0])).fetchone()}

    def batches(self, size: int, where: str) -> Iterator[list[Fact]]:
        """The facts that can be acted on and fulfil a condition, in order, with their links."""
        after = 0
        while True:
            rows = self._db.execute(
                "SELECT n, type, key, name, canonical, target, target_key FROM facts"  # noqa: S608  our own conditions
                f" WHERE n > ? AND wrangles AND problem IS NULL AND type IS NOT NULL AND ({where}) ORDER BY n LIMIT ?",
                (after, size),
            ).fetchall()
            if not rows:
                return
            facts = {n: Fact(n, *rest) for n, *rest in rows}
            after = rows[-1][0]
            links = self._db.execute(
                "SELECT n, what, type, key, name FROM links WHERE n BETWEEN ? AND ? AND type IS NOT NULL",
                (rows[0][0], after),
            )
            for n, what, *link in links:
                if n in facts:
                    getattr(facts[n], "parents" if what == "parent" else "broader").append(tuple(link))
            yield list(facts.values())

    def query(self, statement: str, values: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        """All rows of a statement of our own."""
        return self._db.execute(statement, values).fetchall()

    def rows(self, statement: str) -> Iterable[tuple[Any, ...]]:
        """The same one by one, while nothing is changed."""
        return self._db.execute(statement)

    def pages(self, statement: str) -> Iterator[list[tuple[Any, ...]]]:
        """The same some hundreds at a time, by a statement that takes the last number and how many."""
        after = 0
        while page := self.query(statement, (after, PAGE)):
            after = page[-1][0]
            yield page

    def outcomes(self) -> Iterator[Outcome]:
        """What became of every row, in order. A tag that was made counts for the first row that is about it."""
        claimed = "DELETE FROM made WHERE type = ? AND key = ? RETURNING 1"
        rows = self._db.execute(
            "SELECT n, place, type, key, name, wrangles, changed, kept, coalesce(problem, refused), notices FROM facts"
            " ORDER BY n"
        )
        for n, place, kind, key, name, wrangles, changed, kept, problem, notices in rows:
            outcome = "unchanged"
            if problem is not None:
                outcome = "failed"
            elif not wrangles:
                outcome = "skipped"
            elif self._db.execute(claimed, (kind, key)).fetchone():
                outcome = "created"
            elif changed or kept:
                outcome = "updated" if changed else "kept"
            said = orjson.loads(problem) if problem else None
            yield Outcome(n - 1, place, kind, name, outcome, said, orjson.loads(notices) if notices else [])


def _links(n: int, fact: TagFact) -> Iterator[tuple[int, str, str | None, str, str]]:
    for kind, name in fact.parents:
        yield n, "parent", kind, name_key(name), name
    for name in fact.broader:
        yield n, "broader", fact.type, name_key(name), name


def _json(value: Any) -> str:
    return orjson.dumps(value).decode()
