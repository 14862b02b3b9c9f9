"""Files of works: which kinds there are, what they depend on, and how they are made. No HTTP here, and no SQL.

How a file stands is asked before it is made, which is quick; no transaction is open while it is made, which is not. Of
a series, and of all works of an author, one work after another is read and written, so that memory holds one.
"""

from __future__ import annotations

import hashlib
import tempfile
import zipfile
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import IO

from app.accounts.rules import Viewer
from app.authors.queries import missing_author
from app.errors import NotFound
from app.exports.errors import DownloadRefused, DownloadTooLarge
from app.exports.queries.files import (
    MOST_TEXT,
    Standing,
    author_name,
    book_of,
    standings_of,
    urn_of,
    works_of_author,
)
from app.exports.zipping import EPOCH
from app.formats.writers.book import BookWork
from app.formats.writers.epub import FORMAT_VERSION, MEDIA_TYPE, Collection, write_collection, write_epub
from app.formats.writers.html import write_html
from app.formats.writers.markdown import write_markdown
from app.formats.writers.permissions import strictest
from app.formats.writers.record import write_record
from app.formats.writers.text import write_text
from app.search.archive import Archive
from app.series.queries import series_detail
from app.works.errors import WorkNotFound
from app.works.queries.reading import require_work

MOST_WORKS = 1_000
"""Of a series, or of an author."""
MOST_TOGETHER = 512 * 2**20
"""Characters of their texts together."""
IN_MEMORY = 8 * 2**20
"""Bytes; what is larger lies on the disk until it is sent."""
MEDIA_TYPES = {
    "epub": MEDIA_TYPE,
    "html": "text/html; charset=utf-8",
    "txt": "text/plain; charset=utf-8",
    "md": "text/markdown; charset=utf-8",
    "json": "application/json",
    "zip": "application/zip",
}


@dataclass(frozen=True, slots=True)
class Wanted:
    """A file that the caller may have, before it is made."""

    title: str
    extension: str
    version: int
    digest: str
    modified: datetime
    make: Callable[[], IO[bytes]]
    consent: dict[str, str] = field(default_factory=dict)


def work_file(archive: Archive, viewer: Viewer, work_id: int, extension: str) -> Wanted:
    """A work as a file."""
    with archive.database.reading() as connection:
        require_work(connection, viewer, work_id)
        standings = standings_of(connection, viewer, [work_id])
    if not standings:
        raise DownloadRefused
    _check_size(standings, MOST_TEXT)
    standing = standings[0]

    def make() -> IO[bytes]:
        return write_work(archive, _book(archive, viewer, work_id), extension)

    title = f"{standing.title} - {', '.join(standing.authors)}"
    digest = _digest(archive, extension, standings)
    return Wanted(title, extension, standing.version, digest, standing.modified, make, standing.consent)


def series_book(archive: Archive, viewer: Viewer, series_id: int) -> Wanted:
    """A series as one book: those of its works that the caller may take along, in order."""
    with archive.database.reading() as connection:
        detail = series_detail(connection, viewer, series_id)
        standings = _standings(standings_of(connection, viewer, detail.work_ids[: MOST_WORKS + 1]), detail.work_ids)
        identifier = urn_of(connection, "series", series_id)
    left_out = len(detail.work_ids) - len(standings)
    remark = f"Works left out because their authors do not allow downloads: {left_out}."
    collection = Collection(
        title=detail.title,
        authors=_authors(standings),
        language=Counter(standing.language for standing in standings).most_common(1)[0][0],
        identifier=identifier,
        modified=max(standing.modified for standing in standings),
        summary=detail.summary,
        remarks=(remark,) if left_out else (),
        consent=strictest(standing.consent for standing in standings),
    )

    def make() -> IO[bytes]:
        out = _scratch(archive)
        write_collection(out, collection, _books(archive, viewer, standings), tuple(archive.settings.cover_fonts))
        return out

    digest = _digest(archive, "epub", standings, detail.title, detail.summary, str(left_out))
    return Wanted(detail.title, "epub", detail.version, digest, collection.modified, make, collection.consent)


def author_books(archive: Archive, viewer: Viewer, author_id: int) -> Wanted:
    """The works that lists show under a name, as a ZIP of books."""
    with archive.database.reading() as connection:
        ids = works_of_author(connection, viewer, author_id)
        if not ids:
            raise missing_author(connection, author_id)
        standings = _standings(standings_of(connection, viewer, ids[: MOST_WORKS + 1]), ids)
        name = author_name(connection, author_id)

    def make() -> IO[bytes]:
        out = _scratch(archive)
        with zipfile.ZipFile(out, "w") as books:
            for number, work in enumerate(_books(archive, viewer, standings), 1):
                with write_work(archive, work, "epub") as book:
                    # Books are packed already; names are counted, so that none depends on how titles are spelt.
                    info = zipfile.ZipInfo(f"{number:04}.epub", EPOCH)
                    books.writestr(info, book.read())
        return out

    modified = max(standing.modified for standing in standings)
    consent = strictest(standing.consent for standing in standings)
    return Wanted(name, "zip", 0, _digest(archive, "zip", standings, name), modified, make, consent)


def _standings(standings: list[Standing], ids: Sequence[int]) -> list[Standing]:
    """How the works of a collection stand; raises what the caller is told where there is nothing to take along."""
    if not ids:
        raise NotFound("It has no works.")
    if len(ids) > MOST_WORKS:
        raise DownloadTooLarge(f"It has {len(ids):,} works; a file holds {MOST_WORKS:,} at most.")
    if not standings:
        raise DownloadRefused("The authors of its works do not allow downloads.")
    _check_size(standings, MOST_TOGETHER)
    return standings


def _check_size(standings: Sequence[Standing], most: int) -> None:
    characters = sum(standing.characters for standing in standings)
    longest = max(standing.characters for standing in standings)
    if characters > most or longest > MOST_TEXT:
        raise DownloadTooLarge(f"It has {characters:,} characters; a file holds {most:,}, of one work {MOST_TEXT:,}.")


def _authors(standings: Sequence[Standing]) -> tuple[str, ...]:
    """All names, each once; anonymous works add none."""
    names = dict.fromkeys(name for standing in standings for name in standing.authors)
    return tuple(name for name in names if name != "Anonymous") or ("Anonymous",)


def _digest(archive: Archive, extension: str, standings: Sequence[Standing], *others: str) -> str:
    """Of all that the file is made of, and of how it is made."""
    settings = archive.settings
    made_as = [str(FORMAT_VERSION), extension, settings.public_url, *map(str, settings.cover_fonts), *others]
    whole = hashlib.sha256("\x1f".join(made_as).encode())
    for standing in standings:
        whole.update(standing.digest)
    return whole.hexdigest()[:16]


def _book(archive: Archive, viewer: Viewer, work_id: int) -> BookWork:
    with archive.database.reading() as connection:
        work = book_of(connection, viewer, work_id, archive.settings.public_url)
    if work is None:
        raise WorkNotFound
    return work


def _books(archive: Archive, viewer: Viewer, standings: Sequence[Standing]) -> Iterator[BookWork]:
    """Works with their texts, one after another; what may no longer be taken along is left out."""
    for standing in standings:
        with archive.database.reading() as connection:
            work = book_of(connection, viewer, standing.work_id, archive.settings.public_url)
        if work is not None:
            yield work


def _scratch(archive: Archive) -> IO[bytes]:
    folder = archive.settings.spool_dir
    folder.mkdir(parents=True, exist_ok=True)
    return tempfile.SpooledTemporaryFile(IN_MEMORY, dir=str(folder))


def write_work(archive: Archive, work: BookWork, extension: str) -> IO[bytes]:
    """The file of a work, to be read from its start."""
    out = _scratch(archive)
    if extension == "epub":
        write_epub(out, work, tuple(archive.settings.cover_fonts))
    elif extension == "json":
        out.write(write_record(work.manuscript))
    else:
        out.write({"html": write_html, "txt": write_text, "md": write_markdown}[extension](work))
    out.seek(0)
    return out
