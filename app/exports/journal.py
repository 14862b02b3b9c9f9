"""What a dump of books holds so far, one line of JSON per work: its index in the end, and how it resumes after a kill.

A line is written when the bytes that it tells of are. On a second start, lines count as long as the ZIP has the bytes
that they tell of; what is behind the last of them is cut off.
"""

from __future__ import annotations

import csv
import io
import zlib
from collections import Counter
from dataclasses import asdict
from pathlib import Path
from typing import IO, Any

import orjson

from app.exports.zipping import Entry
from app.formats.writers.permissions import USES

COLUMNS = ("file", "id", "title", "authors", "language", "url", *USES)
Row = dict[str, Any]


class Journal:
    """The lines of a dump, in a file that is open for reading and writing."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file
        self.entries: list[Entry] = []
        """Of earlier runs."""
        self.after = 0
        """The newest work that is told of."""
        self.books = 0
        self.left_out: Counter[str] = Counter()
        """How many works by why they are not in it."""

    def begin(self, plan: Row) -> None:
        """Say what the dump is of: another one does not go on here."""
        self._write({"plan": plan})

    def note_book(self, row: Row, entry: Entry) -> None:
        """A work is in the ZIP."""
        self._count(self._write(row | {"entry": asdict(entry)}))

    def note_left_out(self, work_id: int, why: str) -> None:
        """A work is not, and why."""
        self._count(self._write({"id": work_id, "left_out": why}))

    def resume(self, plan: Row, written: IO[bytes]) -> bool:
        """Take up the lines of an earlier run of the same plan, and cut off what they do not tell of.

        False where there is nothing to go on with.
        """
        self._file.seek(0)
        if _parsed(self._file.readline()) != {"plan": plan}:
            return False
        good, size = self._file.tell(), 0
        while line := _parsed(self._file.readline()):
            if "entry" in line:
                entry = Entry(**line["entry"])
                if not _is_there(entry, written):
                    break
                self.entries.append(entry)
                size = entry.end
            self._count(line)
            good = self._file.tell()
        self._file.truncate(good)
        self._file.seek(good)
        written.truncate(size)
        written.seek(size)
        return True

    def index(self) -> bytes:
        """All books as a table."""
        out = io.StringIO()
        table = csv.writer(out)
        table.writerow(COLUMNS)
        self._file.seek(0)
        for raw in self._file:
            line = orjson.loads(raw)
            if "entry" in line:
                table.writerow([line.get(name, "") for name in COLUMNS])
        self._file.seek(0, io.SEEK_END)
        return out.getvalue().encode()

    def remark(self, where: str = "") -> str:
        """What there is and what is left out, for people."""
        reasons = (f"; left out because {why}: {count:,}" for why, count in sorted(self.left_out.items()))
        return f"{self.books:,} works{where}{''.join(reasons)}"

    def _write(self, line: Row) -> Row:
        self._file.write(orjson.dumps(line) + b"\n")
        self._file.flush()
        return line

    def _count(self, line: Row) -> None:
        self.after = line["id"]
        if "entry" in line:
            self.books += 1
        else:
            self.left_out[line["left_out"]] += 1


def _parsed(raw: bytes) -> Row | None:
    """A whole line; ``None`` at the end, and for one that was being written when its process died."""
    if not raw.endswith(b"\n"):
        return None
    try:
        line: Row = orjson.loads(raw)
    except orjson.JSONDecodeError:
        return None
    return line


def _is_there(entry: Entry, written: IO[bytes]) -> bool:
    written.seek(entry.end - entry.size)
    return zlib.crc32(written.read(entry.size)) == entry.crc and written.tell() == entry.end


def journal_of(path: Path) -> Path:
    """The journal beside a ZIP that is being written."""
    return path.with_name(f"{path.name}.journal")
