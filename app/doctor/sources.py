"""Source addresses against the keys by which they compare: an older version may have made other keys of them."""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError

from app.doctor.finding import Examination, Finding, Wrong
from app.doctor.walking import ROWS_AT_ONCE, id_ranges
from app.kit.urls import normalise_source_url
from app.models import WorkSource

LOOKUP = 500


def check_sources(examination: Examination) -> Iterator[Finding]:
    """Keys that are not what their addresses give today, and works that claim one address.

    Two works with one address are two imports of one work, or two works: which of them stays is for a moderator.
    """
    stale, clashing = Wrong(), Wrong()
    for after, last in id_ranges(examination.database, WorkSource, ROWS_AT_ONCE):
        query = select(WorkSource.id, WorkSource.work_id, WorkSource.url, WorkSource.url_key).where(
            WorkSource.id > after, WorkSource.id <= last, WorkSource.url_key.is_not(None)
        )
        with examination.database.reading() as connection:
            rows = connection.execute(query).all()
        other = {row.id: (row.work_id, key) for row in rows if (key := _key(row.url)) not in {None, row.url_key}}
        taken = _taken(examination, {key for _, key in other.values() if key})
        for source_id, (work_id, key) in other.items():
            if key in taken:
                clashing.add({"url": key, "works": [work_id, taken[key]]})
            elif examination.repair and not _set_key(examination, source_id, key):
                clashing.add({"url": key, "works": [work_id]})
            else:
                stale.add(work_id)
    text = "source addresses that are not found by what they compare by today"
    yield stale.finding("sources", text, "every source address is found", mended=examination.repair)
    yield clashing.finding("sources", "source addresses that two works claim", "no two works claim one address")


def _key(url: str | None) -> str | None:
    return normalise_source_url(url) if url else None


def _taken(examination: Examination, keys: set[str]) -> dict[str | None, int]:
    found: dict[str | None, int] = {}
    wanted = sorted(keys)
    for start in range(0, len(wanted), LOOKUP):
        query = select(WorkSource.url_key, WorkSource.work_id).where(
            WorkSource.url_key.in_(wanted[start : start + LOOKUP])
        )
        with examination.database.reading() as connection:
            found |= {row[0]: row[1] for row in connection.execute(query)}
    return found


def _set_key(examination: Examination, source_id: int, key: str | None) -> bool:
    try:
        with examination.database.write() as session:
            session.execute(update(WorkSource).where(WorkSource.id == source_id).values(url_key=key))
    except IntegrityError:  # the other one came in this moment, or is mended in the same round
        return False
    return True
