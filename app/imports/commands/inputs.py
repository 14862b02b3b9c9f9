"""Records which files told what of works, a batch at a time."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime

from sqlalchemy import Connection, bindparam, delete

from app.db.bulk import insert_rows
from app.imports.weighing import Input, input_of
from app.models import WorkInput
from app.works.commands.bulk import ResolvedWork

MOST_OF_A_FORMAT = 16
"""So many files of one format and day are known of a work."""
_COLUMNS = ("work_id", "place", "format", "digest", "told", "day", "chapters", "taken_at")


def remember_inputs(
    connection: Connection, works: Sequence[ResolvedWork], told: Mapping[int, Sequence[Input]], *, alone: bool
) -> None:
    """Keep what the files of some works told; those that no longer count are forgotten.

    ``told`` is what was kept before. ``alone``: nothing else counts any more.
    """
    now = datetime.now(UTC)
    rows = []
    gone = []
    for work in works:
        new = _kept_of(work)
        if new is None:
            continue
        known = told.get(work.work_id, ())
        rows.append((work.work_id, new.place, new.format, new.digest, new.told, new.day, new.posted, now))
        gone += [(work.work_id, one.place) for one in known if alone or _is_outdone(one, new)]
        ties = [one for one in known if one.format == new.format and not _is_outdone(one, new)]
        gone += [(work.work_id, one.place) for one in ties[: max(0, len(ties) - MOST_OF_A_FORMAT + 1)]]
    if gone:
        which = (WorkInput.work_id == bindparam("the_id")) & (WorkInput.place == bindparam("the_place"))
        given = [{"the_id": work_id, "the_place": place} for work_id, place in dict.fromkeys(gone)]
        connection.execute(delete(WorkInput).where(which), given)
    insert_rows(connection, WorkInput.__table__, _COLUMNS, rows)


def _kept_of(work: ResolvedWork) -> Input | None:
    """What is to be kept of a file; nothing where the work is only known by that file itself."""
    new = input_of(work.draft)
    if new is None or not (work.draft.sources or any(key.startswith("key:") for key in work.draft.keys)):
        return None
    return new if work.told is None else replace(new, told=work.told)


def _is_outdone(one: Input, new: Input) -> bool:
    """Whether a file is the same as a new one, or an older state in the same format."""
    older = one.format == new.format and one.day is not None and new.day is not None and one.day < new.day
    return older or one.place == new.place
