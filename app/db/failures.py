"""What a database means by its errors, where that is told to callers."""

from __future__ import annotations

import sqlite3

from sqlalchemy.exc import DBAPIError

_FULL = frozenset({sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR_WRITE, sqlite3.SQLITE_IOERR_SHMSIZE})
"""The last two: SQLite was told so while it wrote, which a limit for the size of a file does too."""
_DISK_FULL = "53100"


def is_full(error: DBAPIError) -> bool:
    """Whether there was no room left: the transaction was rolled back, and reading goes on."""
    said = error.orig
    if isinstance(said, sqlite3.Error):
        return getattr(said, "sqlite_errorcode", None) in _FULL
    return getattr(said, "sqlstate", None) == _DISK_FULL
