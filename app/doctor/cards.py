"""Stored cards against the works that they show: lists are made of cards alone."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import orjson
from sqlalchemy import select

from app.doctor.finding import Examination, Finding, Wrong
from app.doctor.recounting import lock_works, show_works
from app.doctor.walking import id_ranges
from app.models import Work, WorkCard
from app.search.documents import parse_card

AT_ONCE = 100
SHOWN = (
    "id", "title", "summary", "language", "rating", "warnings", "categories", "status", "chapters_posted",
    "chapters_expected", "has_text", "words", "state", "visibility", "anonymous", "version",
)  # fmt: skip
_WORKS = select(*(getattr(Work, name) for name in SHOWN), WorkCard.body).outerjoin(WorkCard)


def check_cards(examination: Examination) -> Iterator[Finding]:
    """Every work has a card, and it says what the work's row says."""
    missing, stale = Wrong(), Wrong()
    for after, last in id_ranges(examination.database):
        with examination.database.reading() as connection:
            rows = connection.execute(_WORKS.where(Work.id > after, Work.id <= last)).all()
        without = [row.id for row in rows if row.body is None]
        wrong = [row.id for row in rows if row.body is not None and not _shows(row)]
        missing.add(*without)
        stale.add(*wrong)
        if examination.repair:
            _render(examination, [*without, *wrong])
    repair = examination.repair
    yield missing.finding("cards", "works without a card", "every work has its card", mended=repair)
    yield stale.finding("cards", "cards that show what their works no longer are", "every card is right", mended=repair)


def _shows(row: Any) -> bool:
    try:
        card = parse_card(row.body)
    except orjson.JSONDecodeError:
        return False
    return all(card.get(name) == getattr(row, name) for name in SHOWN)


def _render(examination: Examination, ids: Sequence[int]) -> None:
    for start in range(0, len(ids), AT_ONCE):
        part = ids[start : start + AT_ONCE]
        with examination.database.write() as session:
            lock_works(session, part)
            show_works(session, part)
        examination.logged = True
