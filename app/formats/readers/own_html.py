"""HTML files that an archive like this one wrote: the import record that they carry."""

from __future__ import annotations

from collections.abc import Iterator
from typing import BinaryIO

from app.formats.manuscript import Manuscript, ReadItem
from app.formats.problems import Unreadable
from app.formats.reading import Reader, read_all
from app.formats.record import parse_record
from app.formats.writers.html import RECORD_TAG

LARGEST = 192 * 2**20
_START, _END = RECORD_TAG.encode(), b"</script>"


def score(head: bytes, name: str) -> float:  # noqa: ARG001  all readers are asked alike
    """Known by the element that holds the record, which stands near the beginning."""
    return 1.0 if _START in head else 0.0


def read(stream: BinaryIO, name: str) -> Iterator[ReadItem]:
    """One item: the work."""
    try:
        yield ReadItem(name, _work(read_all(stream, LARGEST)))
    except Unreadable as error:
        yield ReadItem(name, problem=error.as_problem())


def _work(data: bytes) -> Manuscript:
    _, found, rest = data.partition(_START)
    record, ends, _ = rest.partition(_END)
    if not found or not ends:
        raise Unreadable("no-record", "The file carries no import record, or is cut off.")
    return parse_record(record)


READER = Reader("fanarchive-html", score, read, one_work=True, takes="markup")
