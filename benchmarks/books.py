"""P16: a long work as a book, against packing the same files with nothing around it."""

from __future__ import annotations

import io
import zipfile
from datetime import UTC, datetime

import orjson

from app.demo.made import made_records
from app.formats.record import manuscript_of
from app.formats.writers.book import BookWork
from app.formats.writers.epub import write_epub
from app.kit.html import clean_html
from benchmarks.rounds import calling, interleaved
from benchmarks.serving import Measuring
from benchmarks.table import Row, row

CHAPTERS, WORDS = 100, 5_000


def book_rows(how: Measuring) -> list[Row]:
    """The whole book: pages brought into the schema's order, contents, package, record, packed."""
    work = _work()
    book = _written(work)
    with zipfile.ZipFile(io.BytesIO(book)) as packed:
        files = [(info, packed.read(info)) for info in packed.infolist()]
    rounds = interleaved(
        how.rounds,
        {"ours": calling(lambda: _written(work), how.seconds), "zip": calling(lambda: _packed(files), how.seconds)},
        "zip",
    )
    times = rounds.times("ours", "zip")
    size = sum(len(data) for _, data in files) / 1e6
    detail = f"{rounds.p50('ours'):,.0f} to {rounds.p50('zip'):,.0f} ms; {size:.1f} MB, packed {len(book) / 1e6:.1f}"
    what = f"EPUB of {CHAPTERS} chapters of {WORDS:,} words"
    return [row("P16", what, "bare zip of the same bytes", times, 2.0, at_most=True, detail=detail)]


def _work() -> BookWork:
    (record,) = made_records(1, 16, body_words=WORDS, chapters_each=CHAPTERS)
    manuscript = manuscript_of(orjson.loads(orjson.dumps(record)))
    for chapter in manuscript.chapters:
        chapter.content = clean_html(chapter.content)
    return BookWork(manuscript, "urn:uuid:00000000-0000-5000-8000-000000000016", datetime(2026, 1, 1, tzinfo=UTC))


def _written(work: BookWork) -> bytes:
    out = io.BytesIO()
    write_epub(out, work)
    return out.getvalue()


def _packed(files: list[tuple[zipfile.ZipInfo, bytes]]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as packing:
        for info, data in files:
            packing.writestr(info.filename, data, info.compress_type)
    return out.getvalue()
