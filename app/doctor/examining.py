"""All checks, in an order in which each can rely on those before it."""

from __future__ import annotations

from collections.abc import Iterator

from app.doctor import cards, databases, indexed, orphans, recounting, sources, surroundings
from app.doctor.finding import Check, Examination, Finding

CHECKS: tuple[Check, ...] = (
    databases.check_database,
    databases.check_replica,
    surroundings.check_disk,
    surroundings.check_leftovers,
    orphans.check_orphans,
    orphans.check_whole_works,
    recounting.check_kudos,
    recounting.check_chapters,
    recounting.check_series,
    cards.check_cards,
    sources.check_sources,
    indexed.check_index,
    indexed.check_indexed_works,
    indexed.check_indexed_tags,
)


def examine(examination: Examination) -> Iterator[Finding]:
    """Look at everything; nothing else where the schema is another, since no statement could be trusted.

    What was mended in the database reaches the index before it is compared, and what was mended there at the end.
    """
    for finding in databases.check_the_schema(examination):
        yield finding
        if finding.state == "problem":
            return
    for check in CHECKS:
        yield from check(examination)
    if examination.logged:
        examination.catch_up()
