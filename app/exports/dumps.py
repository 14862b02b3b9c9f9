"""Many works as lines of JSON, in the form that imports take: a batch at a time, whatever the size of the archive.

Each batch is read in a transaction of its own, so nothing is held while a client is slow. What is found by filters is
found in one state of the index; what may no longer be shown when its turn comes is left out.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import orjson
from sqlalchemy import Connection, select

from app.accounts.queries import listed_works
from app.accounts.rules import Viewer
from app.formats.writers.permissions import USES
from app.kit.text import name_key
from app.models import Work
from app.search.archive import Archive, Given
from app.search.conditions import resolve_criteria
from app.search.criteria import criteria_of
from app.search.parameters import AFTER_CHANGE, FILTERS
from app.search.works import count_works, walk_works
from app.web.params import Param, ParamSet
from app.works.queries.records import Record, records_of, refusing_ids

AT_ONCE = 50
IDS_AT_ONCE = 1_000
DUMP = ParamSet(
    [
        *FILTERS,
        Param("after_id", "integer", "Only works with a greater id: to go on where a dump was cut off.",
              minimum=0, maximum=2**63 - 1),
        Param("consent", "token", "Only works whose authors allow this use; repeated: all of them. Downloads are"
              " allowed unless the author says no, everything else where the author says yes.", repeat=True, enum=USES),
        AFTER_CHANGE,
    ]
)  # fmt: skip
NO_FILTERS = {"after_id", "after_change", "consent"}


def dump_works(archive: Archive, viewer: Viewer, given: Given) -> Iterator[bytes]:
    """The lines of what a filter finds, or of all that lists show the viewer, by ascending id; some lines a piece."""
    for records in dump_records(archive, viewer, given):
        yield b"".join(orjson.dumps(record) + b"\n" for record in records)


def dump_records(
    archive: Archive,
    viewer: Viewer,
    given: Given,
    *,
    text: bool = True,
    leave_out: Callable[[int], None] = lambda _count: None,
) -> Iterator[list[Record]]:
    """The same as records, with their chapters or without; ``leave_out`` is told how many are not given."""
    uses = uses_of(given)
    for ids in ids_of(archive, viewer, given):
        for start in range(0, len(ids), AT_ONCE):
            chosen = ids[start : start + AT_ONCE]
            with archive.database.reading() as connection:
                if uses:
                    refusing = refusing_ids(connection, viewer, chosen, uses)
                    chosen = [one for one in chosen if one not in refusing]
                records = records_of(connection, viewer, chosen, text=text)
            leave_out(len(ids[start : start + AT_ONCE]) - len(records))
            yield records


def count_left_out(archive: Archive, viewer: Viewer, given: Given) -> int:
    """How many works a dump leaves out because their authors do not allow it."""
    count, uses = 0, uses_of(given)
    for ids in ids_of(archive, viewer, given):
        with archive.database.reading() as connection:
            count += len(refusing_ids(connection, viewer, ids, uses))
    return count


def uses_of(given: Given) -> list[str]:
    """The uses that authors have to allow, beside the dump itself."""
    uses: list[str] = given.get("consent", [])
    return uses


@dataclass(frozen=True, slots=True)
class UnknownName:
    """A name or an id in a filter that nothing has, and names that are near."""

    parameter: str
    name: str
    suggestions: Sequence[str] = ()


def unknown_names(archive: Archive, viewer: Viewer, given: Given) -> list[UnknownName]:
    """What the filters name that there is not: a dump has no place to tell of it, as a list does in ``unknown_tags``.

    Authors and series are among them: left out or excluded in silence, a misspelt one would give another dump.
    """
    criteria = criteria_of(given)
    snapshot = archive.snapshot(given.get("after_change"))
    found = [UnknownName(**one) for one in resolve_criteria(snapshot, viewer, criteria).unknown]
    wanted: list[tuple[str, str, int | str]] = [
        (f"{mode}author", "author_key", name) for mode, name in criteria.authors
    ]
    wanted += [("author_id", "author_id", one) for one in criteria.author_ids]
    wanted += [("series_id", "series_id", one) for one in criteria.series_ids]
    for parameter, field, value in wanted:
        key = name_key(value) if isinstance(value, str) else value
        if not count_works(snapshot, viewer, field, key):
            found.append(UnknownName(parameter, str(value)))
    return found


def ids_of(archive: Archive, viewer: Viewer, given: Given) -> Iterator[list[int]]:
    """The works of a dump by ascending id, some at a time, whether or not they may be taken along."""
    after = given.get("after_id", 0)
    if given.keys() <= NO_FILTERS:
        return _listed(archive, viewer, after)
    snapshot = archive.snapshot(given.get("after_change"))
    return walk_works(snapshot, viewer, criteria_of(given), after=after, at_once=IDS_AT_ONCE)


def _listed(archive: Archive, viewer: Viewer, after: int) -> Iterator[list[int]]:
    while True:
        with archive.database.reading() as connection:
            ids = _next_listed(connection, viewer, after)
        if not ids:
            return
        yield ids
        after = ids[-1]


def _next_listed(connection: Connection, viewer: Viewer, after: int) -> list[int]:
    query = select(Work.id).where(Work.id > after, listed_works(viewer)).order_by(Work.id).limit(IDS_AT_ONCE)
    return list(connection.execute(query).scalars())
