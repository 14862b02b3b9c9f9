"""Keeping sketches: with new works at once, and of works that change in the background, some at a time."""

from __future__ import annotations

from collections.abc import Collection, Mapping

import numpy as np
from sqlalchemy import Connection, delete, func, select

from app.db.bulk import insert_rows
from app.db.engine import Database
from app.kit.shingles import Hashes, sketch_of
from app.models import SketchKey, SketchWaiting, WorkSketch
from app.works.alike import COMMON, KEYS, keys_of, packed
from app.works.queries.alike import Postings, postings_of, sketches_of, texts_of

AT_ONCE = 100


def insert_sketches(connection: Connection, sketches: Mapping[int, Hashes]) -> Postings:
    """Store the sketches of works that have none; all works, with these, that their keys find."""
    kept = {work_id: sketch for work_id, sketch in sketches.items() if len(sketch)}
    if not kept:
        return {}
    keys = np.concatenate([sketch[:KEYS] for sketch in kept.values()])
    owners = np.repeat(np.array(list(kept)), [len(sketch[:KEYS]) for sketch in kept.values()])
    order = np.argsort(keys, kind="stable")
    postings = postings_of(connection, np.unique(keys).tolist())
    rows: list[tuple[int, int]] = []
    for key, work_id in zip(keys[order].tolist(), owners[order].tolist(), strict=True):
        known = postings.setdefault(key, [])
        if len(known) < COMMON:
            known.append(work_id)
            rows.append((key, work_id))
    insert_rows(connection, SketchKey.__table__, ("key", "work_id"), rows)
    stored = [(work_id, packed(sketch)) for work_id, sketch in kept.items()]
    insert_rows(connection, WorkSketch.__table__, ("work_id", "sketch"), stored)
    return postings


def drop_sketches(connection: Connection, ids: Collection[int]) -> None:
    """Forget the sketches of works."""
    for work_id, sketch in sketches_of(connection, ids).items():
        mine = SketchKey.key.in_(keys_of(sketch)) & (SketchKey.work_id == work_id)
        connection.execute(delete(SketchKey).where(mine))
    connection.execute(delete(WorkSketch).where(WorkSketch.work_id.in_(ids)))


def mark_for_sketching(connection: Connection, ids: Collection[int]) -> None:
    """Have the sketches of works made anew: to be called in the transaction that changes their text or state."""
    insert_rows(connection, SketchWaiting.__table__, ("work_id",), [(work_id,) for work_id in ids])


def sketch_waiting(database: Database) -> int:
    """Make the sketches of some works that wait; how many changes that were, 0 where nothing waits.

    What is waiting is read first and the text after it, outside of any transaction that writes. A row that is gone at
    the end was treated by another worker, which may have read a newer text: then that one's sketch stands.
    """
    with database.current() as connection:
        query = select(SketchWaiting.id, SketchWaiting.work_id).order_by(SketchWaiting.id).limit(AT_ONCE)
        rows = connection.execute(query).all()
    if not rows:
        return 0
    newest = {work_id: row_id for row_id, work_id in rows}
    with database.current() as connection:
        made = {work_id: sketch_of(texts) for work_id, texts in texts_of(connection, sorted(newest))}
    with database.write() as session:
        connection = session.connection()
        ids = [row[0] for row in rows]
        mine = select(SketchWaiting.id).where(SketchWaiting.id.in_(ids)).order_by(SketchWaiting.id).with_for_update()
        there = set(connection.execute(mine).scalars())
        sketches = {work_id: sketch for work_id, sketch in made.items() if newest[work_id] in there}
        drop_sketches(connection, sketches)
        insert_sketches(connection, sketches)
        connection.execute(delete(SketchWaiting).where(SketchWaiting.id.in_(there)))
    return len(rows)


def waiting(connection: Connection) -> int:
    """How many changes wait for a sketch."""
    return connection.execute(select(func.count(SketchWaiting.id))).scalar_one()
