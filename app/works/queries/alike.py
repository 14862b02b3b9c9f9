"""Works whose text is like another's: found by the keys that they share, compared by their sketches."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice

import orjson
from sqlalchemy import ColumnElement, Connection, select, text, true

from app.accounts.queries import readable_works
from app.accounts.rules import Viewer
from app.kit.shingles import Hashes, compare
from app.kit.text import name_key
from app.models import Author, Chapter, Work, WorkAuthor, WorkSketch
from app.works.alike import MOST, SHARED_KEYS, Alike, Named, judge, keys_of, ranked, unpacked

KEYS_AT_ONCE = 20_000
WORKS_AT_ONCE = 500
LOOKED_AT = 3 * MOST
"""So many works that share keys with one are compared with it, those that share most."""

# As one value: a parameter a key would cost more than the look-up, and a database takes so many and no more.
_POSTINGS = {
    "sqlite": text("SELECT k.key, k.work_id FROM json_each(:keys) j JOIN sketch_keys k ON k.key = j.value"),
    "postgresql": text("SELECT key, work_id FROM sketch_keys WHERE key = ANY(CAST(:keys AS bigint[]))"),
}
Postings = dict[int, list[int]]
"""Works by the keys that they are found by."""


@dataclass(slots=True)
class Probe:
    """A text that others like it are looked for; ``work_id`` is none before it is stored."""

    work_id: int | None
    sketch: Hashes
    title: str
    authors: frozenset[str] = frozenset()
    """Keys of the names that it shows: nothing may tell who wrote an anonymous work."""


@dataclass(slots=True)
class _Facts:
    title: str
    anonymous: bool
    authors: set[str] = field(default_factory=set)


def postings_of(connection: Connection, keys: Collection[int]) -> Postings:
    """The works that are found by some keys."""
    found: Postings = {}
    for part in _parts(keys, KEYS_AT_ONCE):
        wanted = orjson.dumps(part).decode() if connection.dialect.name == "sqlite" else part
        for key, work_id in connection.execute(_POSTINGS[connection.dialect.name], {"keys": wanted}):
            found.setdefault(key, []).append(work_id)
    return found


def find_alike(
    connection: Connection, probes: Sequence[Probe], visible: ColumnElement[bool], postings: Postings | None = None
) -> list[list[Alike]]:
    """For each text the works that are like it, of those that are ``visible``; some statements for all of them."""
    if postings is None:
        postings = postings_of(connection, {key for probe in probes for key in keys_of(probe.sketch)})
    candidates = [_candidates(probe, postings) for probe in probes]
    everybody = {work_id for found in candidates for work_id in found}
    facts = _facts_of(connection, everybody, visible)
    sketches = sketches_of(connection, facts)
    return [
        ranked([alike for work_id in found if (alike := _compared(probe, work_id, facts, sketches)) is not None])
        for probe, found in zip(probes, candidates, strict=True)
    ]


def _candidates(probe: Probe, postings: Postings) -> list[int]:
    shared = Counter(work_id for key in keys_of(probe.sketch) for work_id in postings.get(key, ()))
    likely = [work_id for work_id, count in shared.most_common() if count >= SHARED_KEYS and work_id != probe.work_id]
    return likely[:LOOKED_AT]


def _compared(probe: Probe, work_id: int, facts: Mapping[int, _Facts], sketches: Mapping[int, Hashes]) -> Alike | None:
    if work_id not in sketches:
        return None
    other = facts[work_id]
    told = {"title": name_key(probe.title) == name_key(other.title)}
    told["author"] = not other.anonymous and not other.authors.isdisjoint(probe.authors)
    agrees = tuple(name for name, same in told.items() if same)
    return judge(work_id, other.title, compare(probe.sketch, sketches[work_id]), agrees)


def _facts_of(connection: Connection, ids: Collection[int], visible: ColumnElement[bool]) -> dict[int, _Facts]:
    found: dict[int, _Facts] = {}
    shown = visible & (Work.state != "deleted")
    for part in _parts(ids, WORKS_AT_ONCE):
        query = select(Work.id, Work.title, Work.anonymous).where(Work.id.in_(part), shown)
        found |= {row[0]: _Facts(row[1], row[2]) for row in connection.execute(query)}
        bylines = select(WorkAuthor.work_id, Author.name).join(Author).where(WorkAuthor.work_id.in_(part))
        for work_id, name in connection.execute(bylines):
            if work_id in found:
                found[work_id].authors.add(name_key(name))
    return found


def sketches_of(connection: Connection, ids: Collection[int]) -> dict[int, Hashes]:
    """The sketches of some works, of those that have one."""
    found: dict[int, Hashes] = {}
    for part in _parts(ids, WORKS_AT_ONCE):
        query = select(WorkSketch.work_id, WorkSketch.sketch).where(WorkSketch.work_id.in_(part))
        found |= {row[0]: unpacked(row[1]) for row in connection.execute(query)}
    return found


def probes_of(connection: Connection, ids: Collection[int]) -> list[Probe]:
    """Stored works to look for others with; those that have no sketch are left out."""
    sketches = sketches_of(connection, ids)
    facts = _facts_of(connection, sketches, true())
    return [
        Probe(work_id, sketches[work_id], one.title, frozenset() if one.anonymous else frozenset(one.authors))
        for work_id, one in sorted(facts.items())
    ]


def probes_after(connection: Connection, work_id: int) -> list[Probe]:
    """The next works that have a sketch, by their ids."""
    query = select(WorkSketch.work_id).join(Work, Work.id == WorkSketch.work_id)
    ids = query.where(WorkSketch.work_id > work_id, Work.state != "deleted").order_by(WorkSketch.work_id)
    return probes_of(connection, list(connection.execute(ids.limit(WORKS_AT_ONCE)).scalars()))


def named_works(connection: Connection, viewer: Viewer, ids: Collection[int]) -> dict[int, Named]:
    """Those of some works that the viewer may read and that are not deleted."""
    facts = _facts_of(connection, ids, readable_works(viewer))
    return {work_id: Named(one.title, one.anonymous) for work_id, one in facts.items()}


def texts_of(connection: Connection, ids: Sequence[int]) -> Iterator[tuple[int, list[str]]]:
    """What sketches are made of: the published chapters, and of a draft all; of a deleted work nothing.

    A work at a time, because one may have megabytes.
    """
    for work_id in ids:
        query = (
            select(Chapter.content)
            .join(Work, Work.id == Chapter.work_id)
            .where(Work.id == work_id, Work.state != "deleted")
            .where((Chapter.state == "published") | (Work.state == "draft"))
            .order_by(Chapter.position)
        )
        yield work_id, list(connection.execute(query).scalars())


def _parts(items: Iterable[int], size: int) -> Iterator[list[int]]:
    left = iter(sorted(items))
    while part := list(islice(left, size)):
        yield part
