"""Numbers that are kept beside what they count, counted again."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, Row, func, literal_column, select, update
from sqlalchemy.orm import Session

from app.doctor.finding import Examination, Finding, Wrong
from app.doctor.walking import id_ranges
from app.models import Chapter, Kudos, Series, SeriesWork, Work
from app.models.series import IN_SERIES_ORDER
from app.works.commands.settling import renumber_series, show_again
from app.works.rules import Plan, after_change

AT_ONCE = 100
SERIES_AT_ONCE = 200


@dataclass(frozen=True, slots=True)
class Counted:
    """The chapters of a work, counted; ``positions`` tells whether they are 1..n without gaps."""

    work_id: int
    words: int
    posted: int
    positions: bool


def check_kudos(examination: Examination) -> Iterator[Finding]:
    """Kudos against their rows.

    A work may count more than it has rows for: an export brings their number and not who left them. So what is too
    much is only told, unless it was asked for.
    """
    few, many = Wrong(), Wrong()
    rows = select(func.count(Kudos.id)).where(Kudos.work_id == Work.id).correlate(Work).scalar_subquery()
    for after, last in id_ranges(examination.database):
        query = select(Work.id, Work.counted_kudos, rows).where(Work.id > after, Work.id <= last)
        with examination.database.reading() as connection:
            differing = [row for row in connection.execute(query) if row[1] != row[2]]
        few.add(*(row[0] for row in differing if row[1] < row[2]))
        many.add(*(row[0] for row in differing if row[1] > row[2]))
        wanted = [row[0] for row in differing if row[1] < row[2] or examination.exact_kudos]
        if examination.repair:
            for start in range(0, len(wanted), AT_ONCE):
                _count_kudos(examination, wanted[start : start + AT_ONCE])
    yield few.finding(
        "kudos", "works that count too few kudos", "no work counts too few kudos", mended=examination.repair
    )
    if many.count:
        mended = examination.repair and examination.exact_kudos
        hint = "" if examination.exact_kudos else " (right after an import of an export, else see --exact-kudos)"
        text = f"works that count more kudos than there are rows{hint}"
        yield many.finding("kudos", text, "", mended=mended, warning=not examination.exact_kudos)


def _count_kudos(examination: Examination, ids: Sequence[int]) -> None:
    with examination.database.write() as session:
        lock_works(session, ids)
        counted = select(func.count(Kudos.id)).where(Kudos.work_id == Work.id).scalar_subquery()
        session.execute(update(Work).where(Work.id.in_(ids)).values(counted_kudos=counted))
        show_works(session, ids)
    examination.logged = True


def check_chapters(examination: Examination) -> Iterator[Finding]:
    """Words and posted chapters of works against their chapters, and positions without gaps."""
    numbers, gaps = Wrong(), Wrong()
    for after, last in id_ranges(examination.database):
        with examination.database.reading() as connection:
            found = _differing(connection, after, last)
        numbers.add(*(one.work_id for one, same in found if not same))
        gaps.add(*(one.work_id for one, _ in found if not one.positions))
        ids = [one.work_id for one, _ in found]
        if examination.repair:
            for start in range(0, len(ids), AT_ONCE):
                _count_chapters(examination, ids[start : start + AT_ONCE])
    repair = examination.repair
    fine = "words and chapters of every work are right"
    yield numbers.finding("chapters", "works that count other words or chapters than they have", fine, mended=repair)
    fine = "chapters are numbered without gaps"
    yield gaps.finding("chapters", "works whose chapters are not numbered 1, 2, 3 …", fine, mended=repair)


def _differing(connection: Connection, after: int, last: int) -> list[tuple[Counted, bool]]:
    counted = {one.work_id: one for one in _count(connection, Chapter.work_id > after, Chapter.work_id <= last)}
    query = select(Work.id, Work.words, Work.chapters_posted).where(Work.id > after, Work.id <= last, Work.has_text)
    found = []
    for row in connection.execute(query):
        one = counted.get(row.id)
        if one is not None:
            same = _agrees(row, one)
            if not same or not one.positions:
                found.append((one, same))
    return found


def _agrees(row: Row[int, int, int], one: Counted) -> bool:
    # A draft whose chapters are all drafts keeps what its source said.
    return one.posted == 0 or (row.words, row.chapters_posted) == (one.words, one.posted)


def _count(connection: Connection, *conditions: object) -> Iterator[Counted]:
    is_posted = Chapter.state == "published"
    number = func.count(Chapter.id)
    query = (
        select(
            Chapter.work_id,
            func.coalesce(func.sum(Chapter.words).filter(is_posted), 0),
            number.filter(is_posted),
            (func.min(Chapter.position) == 1)
            & (func.max(Chapter.position) == number)
            & (func.count(func.distinct(Chapter.position)) == number),
        )
        .where(*conditions)  # type: ignore[arg-type]
        .group_by(Chapter.work_id)
    )
    for work_id, words, posted, positions in connection.execute(query):
        yield Counted(work_id, int(words), posted, bool(positions))


def _count_chapters(examination: Examination, ids: Sequence[int]) -> None:
    with examination.database.write() as session:
        works = {work.id: work for work in lock_works(session, ids)}
        for one in list(_count(session.connection(), Chapter.work_id.in_(ids))):
            work = works[one.work_id]
            if not one.positions:
                _number_chapters(session, one.work_id)
            if one.posted:
                plan = Plan(work.status, work.chapters_posted, work.chapters_expected)
                if one.posted != work.chapters_posted:
                    plan = after_change(plan, one.posted)
                work.words, work.status = one.words, plan.status
                work.chapters_posted, work.chapters_expected = plan.posted, plan.expected
            work.version += 1
        show_works(session, ids)
    examination.logged = True


def _number_chapters(session: Session, work_id: int) -> None:
    query = select(Chapter.id).where(Chapter.work_id == work_id).order_by(Chapter.position, Chapter.id)
    for position, chapter_id in enumerate(session.scalars(query).all(), 1):
        session.execute(update(Chapter).where(Chapter.id == chapter_id).values(position=position))


def check_series(examination: Examination) -> Iterator[Finding]:
    """The numbers of works in series that were ordered here."""
    wrong = Wrong()
    for after, last in id_ranges(examination.database, Series, SERIES_AT_ONCE):
        with examination.database.reading() as connection:
            found = _misnumbered(connection, after, last)
        wrong.add(*found)
        for series_id in found if examination.repair else ():
            with examination.database.write() as session:
                session.get(Series, series_id, with_for_update=True)
                members = session.scalars(select(SeriesWork.work_id).where(SeriesWork.series_id == series_id))
                lock_works(session, members.all())
                changed = renumber_series(session.connection(), series_id)
                if changed:
                    show_works(session, changed)
            examination.logged = True
    text = "series that number their works wrongly"
    yield wrong.finding("series", text, "works are numbered rightly in every series", mended=examination.repair)


def _misnumbered(connection: Connection, after: int, last: int) -> list[int]:
    ordered = select(SeriesWork.series_id).where(SeriesWork.place.is_not(None))
    query = (
        select(SeriesWork.series_id, SeriesWork.position, Work.state)
        .join(Work, Work.id == SeriesWork.work_id)
        .where(SeriesWork.series_id > after, SeriesWork.series_id <= last, SeriesWork.series_id.in_(ordered))
        .order_by(SeriesWork.series_id, *IN_SERIES_ORDER)
    )
    wrong: dict[int, None] = {}
    series, number = 0, 1
    for series_id, position, state in connection.execute(query):
        if series_id != series:
            series, number = series_id, 1
        if position != number:
            wrong[series_id] = None
        number += state == "published"
    return list(wrong)


def lock_works(session: Session, ids: Sequence[int]) -> Sequence[Work]:
    """Take hold of works before they are mended."""
    return session.scalars(select(Work).where(Work.id.in_(ids)).order_by(Work.id).with_for_update()).all()


def show_works(session: Session, ids: Sequence[int]) -> None:
    """Render the cards of works again; what was in no list makes no noise in the log."""
    session.flush()
    listed = select(Work.id).where(Work.id.in_(ids), Work.listing == literal_column("'now'"))
    shown = set(session.scalars(listed))
    show_again(session.connection(), list(ids), [one for one in ids if one not in shown])
