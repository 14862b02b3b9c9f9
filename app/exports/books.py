"""Many works as one ZIP of books: a work at a time, whatever the size of the archive.

A book is what the download of its work is, byte for byte. Its name begins with the work's id, so that no two are the
same, and what was cut off goes on behind the last one.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import orjson

from app.accounts.rules import Viewer
from app.exports.dumps import ids_of, uses_of
from app.exports.files import IN_MEMORY, write_work
from app.exports.journal import Journal, Row, journal_of
from app.exports.queries.files import MOST_TEXT, Standing, book_of, standings_of
from app.exports.zipping import ZipStream
from app.formats.containers import BOOKS_INDEX
from app.formats.writers.book import BookWork
from app.formats.writers.epub import FORMAT_VERSION
from app.kit.file_names import file_stem
from app.search.archive import Archive, Given
from app.works.rules import allows

AT_ONCE = 50
REFUSED = "their authors do not allow it"
TOO_LONG = "they are too long for one book"
GONE = "they went while this was written"
SYNC_AT = 200
"""Books between two moments at which all of a file is on the disk."""


def dump_books(archive: Archive, viewer: Viewer, given: Given) -> Iterator[bytes]:
    """The ZIP of what a filter finds, or of all that lists show the viewer; a book a piece, and at last an index."""
    archive.settings.spool_dir.mkdir(parents=True, exist_ok=True)
    with tempfile.SpooledTemporaryFile(IN_MEMORY, dir=str(archive.settings.spool_dir)) as lines:
        yield from pieces_of(archive, viewer, given, Journal(lines))


def write_books(
    archive: Archive, viewer: Viewer, given: Given, path: Path, plan: Sequence[str], progress: Callable[[int], None]
) -> Journal:
    """The same into a file, which appears when it is whole; after a kill, the same ``plan`` goes on where it was."""
    part = path.with_name(f"{path.name}.part")
    log = journal_of(part)
    for one in (part, log):
        one.touch()
    with log.open("r+b") as lines, part.open("r+b") as out:
        journal = Journal(lines)
        said = {"filters": list(plan), "format": FORMAT_VERSION}
        if not journal.resume(said, out):
            lines.truncate(0)
            lines.seek(0)
            out.truncate(0)
            journal = Journal(lines)
            journal.begin(said)
        for number, piece in enumerate(pieces_of(archive, viewer, given, journal), 1):
            out.write(piece)
            out.flush()
            if number % SYNC_AT == 0:
                os.fsync(out.fileno())
                os.fsync(lines.fileno())
            progress(journal.books)
        os.fsync(out.fileno())
    part.replace(path)
    log.unlink()
    return journal


def pieces_of(archive: Archive, viewer: Viewer, given: Given, journal: Journal) -> Iterator[bytes]:
    """The pieces of a ZIP behind what its journal tells of, which is told of each as soon as that was taken."""
    zipped = ZipStream(journal.entries)
    after = max(given.get("after_id", 0), journal.after)
    for ids in ids_of(archive, viewer, given | {"after_id": after}):
        for start in range(0, len(ids), AT_ONCE):
            chosen = ids[start : start + AT_ONCE]
            with archive.database.reading() as connection:
                standings = {one.work_id: one for one in standings_of(connection, viewer, chosen)}
            for work_id in chosen:
                work = _work(archive, viewer, standings.get(work_id), uses_of(given))
                if isinstance(work, str):
                    journal.note_left_out(work_id, work)
                    continue
                row = _row(work_id, work)
                with write_work(archive, work, "epub") as book:
                    entry, piece = zipped.add(row["file"], book.read())
                yield piece
                journal.note_book(row, entry)
    _, piece = zipped.add(BOOKS_INDEX, journal.index(), packed=True)
    yield piece + zipped.finish(journal.remark())


def _work(archive: Archive, viewer: Viewer, standing: Standing | None, uses: Sequence[str]) -> BookWork | str:
    """A work with its text, or why it is left out."""
    if standing is None or not all(allows(standing.consent, use) for use in uses):
        return REFUSED
    if standing.characters > MOST_TEXT:
        return TOO_LONG
    with archive.database.reading() as connection:
        work = book_of(connection, viewer, standing.work_id, archive.settings.public_url)
    return work or GONE


def _row(work_id: int, work: BookWork) -> Row:
    """What the index says of a book."""
    manuscript = work.manuscript
    stem = file_stem(manuscript.title or "")
    source = manuscript.source.url if manuscript.source else None
    said: dict[str, Any] = {
        "file": f"{work_id:08}{f' {stem}' if stem else ''}.epub",
        "id": work_id,
        "title": manuscript.title,
        "authors": orjson.dumps(manuscript.authors).decode(),
        "language": manuscript.language,
        "url": source or work.address or "",
    }
    return said | manuscript.consent
