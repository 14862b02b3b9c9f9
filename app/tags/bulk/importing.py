"""Whole tables of tags into the archive: read once into a spool, then a pass over it for each kind of act.

Each batch is a transaction; an act that a rule of the graph refuses is one failed row, and the rest of its batch goes
in. What is there already makes no act, so the same table again changes nothing.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Sequence
from contextlib import nullcontext
from dataclasses import dataclass, field
from functools import partial
from typing import BinaryIO

from sqlalchemy import Connection, func, select

from app.db.engine import Database
from app.formats.tag_tables.registry import read_table
from app.models import Tag
from app.tags.acts import ActResult
from app.tags.bulk.finding_types import find_types
from app.tags.bulk.planning import Plan, plan_broader, plan_parents, plan_synonyms, plan_tags
from app.tags.bulk.spool import Fact, Outcome, Spool
from app.tags.bulk.trial import trial_archive
from app.tags.commands.wrangling import lock_wrangling, wrangle_each
from app.tags.errors import ActRefused, BroaderCycle
from app.tags.queries.changed_works import works_found_otherwise, wrangled_graph

BATCH = 1_000
READ_AT_ONCE = 5_000
OUTCOMES = ("created", "updated", "unchanged", "kept", "skipped", "failed")
Planner = Callable[[Connection, Spool, Sequence[Fact]], Plan]


@dataclass(slots=True)
class TableCounts:
    """How far an import of tables is, and what it did: rows by outcome, then facts that changed."""

    seen: int = 0
    created: int = 0
    updated: int = 0
    unchanged: int = 0
    kept: int = 0
    skipped: int = 0
    failed: int = 0
    tags: int = 0
    canonical: int = 0
    synonyms: int = 0
    parents: int = 0
    broader: int = 0
    acts: int = 0
    works: int = 0
    """How many published works other filters find now."""
    started: float = field(default_factory=time.monotonic)
    seconds: float = 0.0

    @property
    def rate(self) -> float:
        """Rows a second."""
        return self.seen / max(1e-6, self.seconds or time.monotonic() - self.started)

    def add(self, result: ActResult) -> None:
        """What one act did."""
        self.acts += bool(result.effects)
        for effect in result.effects:
            there = effect.after is not None
            self.tags += effect.what == "created" and there
            self.canonical += effect.what == "canonical" and there
            self.synonyms += effect.what == "canonical_id" and there
            self.parents += effect.what == "parent" and there
            self.broader += effect.what == "broader" and there


Progress = Callable[[str, int, TableCounts], None]


@dataclass(slots=True)
class TableImport:
    """How tables are imported. ``replace``: a table wins over what was decided here."""

    database: Database
    by: str = "tags import"
    given_type: str | None = None
    shape: str | None = None
    replace: bool = False
    dry_run: bool = False
    progress: Progress = lambda _what, _done, _counts: None
    counts: TableCounts = field(default_factory=TableCounts)
    _reach: set[int] = field(default_factory=set)
    _newest: int = 0

    def run(self, files: Iterable[tuple[str, BinaryIO]], report: Callable[[Outcome], None]) -> TableCounts:
        """Import some tables as one, and report each row, in order."""
        trial = trial_archive(self.database) if self.dry_run else nullcontext(self.database)
        with Spool() as spool:
            self._read(spool, files)
            with trial as target:
                with target.reading() as connection:
                    self._newest = connection.execute(select(func.max(Tag.id))).scalar() or 0
                    before = wrangled_graph(connection)
                    find_types(connection, spool, self.given_type)
                self._perform(target, spool)
                if self._reach:
                    with target.reading() as connection:
                        after = wrangled_graph(connection)
                    with self.database.reading() as connection:
                        self.counts.works = works_found_otherwise(connection, self._reach, before, after)
            for outcome in spool.outcomes():
                setattr(self.counts, outcome.outcome, getattr(self.counts, outcome.outcome) + 1)
                report(outcome)
        self.counts.seconds = time.monotonic() - self.counts.started
        return self.counts

    def _read(self, spool: Spool, files: Iterable[tuple[str, BinaryIO]]) -> None:
        for number, (name, stream) in enumerate(files):
            for row in read_table(stream, name, given=self.given_type, shape=self.shape):
                spool.add(number, row)
                if spool.count % READ_AT_ONCE == 0:
                    self._tell("reading", spool.count)
        self.counts.seen = spool.count
        spool.close_reading()

    def _tell(self, what: str, done: int) -> None:
        self.counts.seen = max(self.counts.seen, done)
        self.progress(what, done, self.counts)

    def _perform(self, target: Database, spool: Spool) -> None:
        has = "EXISTS (SELECT 1 FROM links WHERE links.n = facts.n AND links.what = '{}')"
        passes: tuple[tuple[str, str, Planner], ...] = (
            ("tags", "1", partial(plan_tags, replace=self.replace)),
            ("synonyms", "target_key IS NOT NULL", partial(plan_synonyms, replace=self.replace)),
            ("parents", has.format("parent"), plan_parents),
            ("broader tags", has.format("broader"), plan_broader),
        )
        for what, where, planner in passes:
            done = 0
            for facts in spool.batches(BATCH, where):
                with target.write() as session:
                    self._batch(session.connection(), spool, facts, planner)
                done += len(facts)
                self._tell(what, done)

    def _batch(self, connection: Connection, spool: Spool, facts: Sequence[Fact], planner: Planner) -> None:
        lock_wrangling(connection)
        plan = planner(connection, spool, facts)
        changed = set()
        for (n, other), result in zip(plan.rows, wrangle_each(connection, plan.acts, self.by), strict=True):
            if isinstance(result, ActRefused):
                # Rules speak of numbers, rows of names.
                circle = f"“{other}” is narrower than it, so it cannot be broader too."
                spool.refuse(n, result.code, circle if isinstance(result, BroaderCycle) else result.detail)
                continue
            if result.effects:
                changed.add(n)
            self.counts.add(result)
            if any(effect.what in {"canonical_id", "broader"} for effect in result.effects):
                # A tag that was made just now is on no work.
                self._reach.update(one for one in result.reach if one <= self._newest)
        spool.changed(changed)
