"""What came in for a job, kept in the database in compressed pieces: every worker on every host can read any part."""

from __future__ import annotations

import io
import zlib
from collections.abc import Iterator
from typing import BinaryIO

from sqlalchemy import delete, select

from app.db.bulk import insert_rows
from app.db.engine import Database
from app.models import ImportChunk

SIZE = 1024 * 1024
AT_ONCE = 16
"""So many pieces are written in one transaction: the write lock is held for a fraction of a second."""


def store_chunks(database: Database, job_id: int, stream: BinaryIO) -> None:
    """Store all of a stream, some pieces a transaction."""
    number = 0
    while True:
        rows = [(job_id, number + index, zlib.compress(piece, 1)) for index, piece in enumerate(_pieces(stream))]
        if not rows:
            return
        with database.write() as session:
            insert_rows(session.connection(), ImportChunk.__table__, ("job_id", "number", "body"), rows)
        number += len(rows)


def _pieces(stream: BinaryIO) -> Iterator[bytes]:
    for _ in range(AT_ONCE):
        piece = stream.read(SIZE)
        if not piece:
            return
        yield piece


def drop_chunks(database: Database, job_id: int) -> None:
    """Forget what came in, some pieces a transaction."""
    while True:
        with database.write() as session:
            numbers = select(ImportChunk.number).where(ImportChunk.job_id == job_id).limit(8 * AT_ONCE)
            chosen = list(session.scalars(numbers))
            if not chosen:
                return
            mine = (ImportChunk.job_id == job_id) & ImportChunk.number.in_(chosen)
            session.execute(delete(ImportChunk).where(mine))


class ChunkReader(io.RawIOBase):
    """A part of what came in, as a file that can be read and sought in; holds one piece."""

    def __init__(self, database: Database, job_id: int, begins: int, ends: int) -> None:
        self._database = database
        self._job_id = job_id
        self._begins = begins
        self._ends = ends
        self._at = begins
        self._number = -1
        self._piece = b""

    def readable(self) -> bool:
        """It is for reading."""
        return True

    def seekable(self) -> bool:
        """Any place can be gone to."""
        return True

    def tell(self) -> int:
        """How far from the beginning of the part."""
        return self._at - self._begins

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        """Go to a place, counted as files count."""
        base = {io.SEEK_SET: self._begins, io.SEEK_CUR: self._at, io.SEEK_END: self._ends}[whence]
        self._at = max(self._begins, base + offset)
        return self.tell()

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        """Fill a buffer with what stands in one piece; 0 at the end."""
        if self._at >= self._ends:
            return 0
        number, offset = divmod(self._at, SIZE)
        if number != self._number:
            place = (ImportChunk.job_id == self._job_id) & (ImportChunk.number == number)
            with self._database.current() as connection:
                body = connection.execute(select(ImportChunk.body).where(place)).scalar_one()
            self._number, self._piece = number, zlib.decompress(body)
        data = self._piece[offset : min(offset + len(buffer), offset + self._ends - self._at)]
        buffer[: len(data)] = data
        self._at += len(data)
        return len(data)
