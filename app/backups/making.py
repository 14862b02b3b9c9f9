"""A backup of a SQLite archive while it is being served: the database of one moment, the secret key, a manifest."""

from __future__ import annotations

import os
import re
import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

from app import __version__
from app.backups.errors import BackupRefused
from app.backups.manifest import DATABASE, SECRET, Manifest, describe, sync_folder, write_whole
from app.config import Settings
from app.kit.dates import rfc3339

PAGES = 4_096
"""So many are copied at a step: between steps the command can be stopped."""
_BACKUP = re.compile(r"\d{8}T\d{6}Z(?:-\d+)?")
Progress = Callable[[int, int], None]
"""Told how many pages are left, of how many."""


def back_up(settings: Settings, database: Path, into: Path, progress: Progress | None = None) -> Path:
    """Make a new folder in ``into``, named by the time; it has its name only when it is whole."""
    into.mkdir(parents=True, exist_ok=True)
    now = datetime.now(UTC)
    folder = _free_name(into, now.strftime("%Y%m%dT%H%M%SZ"))
    making = into / f".{folder.name}.{os.getpid()}"
    making.mkdir(mode=0o700)
    try:
        facts = _copy(database, making / DATABASE, progress)
        files = [describe(making / DATABASE)]
        key = settings.data_dir / SECRET
        # One that comes from the environment is kept where the environment is.
        if settings.secret_key is None and key.exists():
            write_whole(making / SECRET, key.read_bytes())
            files.append(describe(making / SECRET))
        Manifest(__version__, rfc3339(now), *facts, files=tuple(files)).write(making)
        sync_folder(making)
        making.rename(folder)
        sync_folder(into)
    except BaseException:
        shutil.rmtree(making, ignore_errors=True)
        raise
    return folder


def _free_name(into: Path, name: str) -> Path:
    path, number = into / name, 1
    while path.exists():
        path, number = into / f"{name}-{number}", number + 1
    return path


def _copy(database: Path, target: Path, progress: Progress | None) -> tuple[str, str, int, int]:
    """Copy the database as it is at one moment; archive, revision, last change and number of works of that moment.

    The reading transaction holds the moment: without it, each write of somebody else's would begin the copy again. In
    WAL mode nobody waits for it; the log grows until the end.
    """
    if not database.is_file():
        raise BackupRefused(f"There is no database at {database}.")
    target.touch(mode=0o600)
    with closing(sqlite3.connect(f"{database.absolute().as_uri()}?mode=rw", uri=True, timeout=30)) as source:
        source.isolation_level = None
        source.execute("BEGIN")
        try:
            facts = _facts(source)
            with closing(sqlite3.connect(target)) as copy:
                source.backup(copy, pages=PAGES, progress=_told(progress), sleep=0)
        except sqlite3.Error as error:
            raise BackupRefused(f"{database} cannot be copied: {error}") from error
    _finish(target)
    return facts


def _facts(source: sqlite3.Connection) -> tuple[str, str, int, int]:
    (archive,) = source.execute("SELECT value FROM archive_facts WHERE name = 'archive_id'").fetchone()
    (revision,) = source.execute("SELECT version_num FROM alembic_version").fetchone()
    (change,) = source.execute("SELECT coalesce(max(seq), 0) FROM changes").fetchone()
    (works,) = source.execute("SELECT count(*) FROM works").fetchone()
    return archive, revision, change, works


def _told(progress: Progress | None) -> Callable[[int, int, int], None] | None:
    return None if progress is None else lambda _status, left, total: progress(left, total)


def _finish(target: Path) -> None:
    """One file, sound, on the disk."""
    with closing(sqlite3.connect(target)) as copy:
        copy.execute("PRAGMA journal_mode=DELETE")
        found = copy.execute("PRAGMA integrity_check(1)").fetchone()[0]
    if found != "ok":
        raise BackupRefused(f"The database is damaged: {found}. An older backup may be whole.")
    with target.open("rb") as file:
        os.fsync(file.fileno())


def prune(into: Path, keep: int) -> list[Path]:
    """Remove all but the newest backups of a folder; what else lies there is left alone."""
    backups = sorted(path for path in into.iterdir() if path.is_dir() and _BACKUP.fullmatch(path.name))
    gone = backups[: max(0, len(backups) - keep)]
    for path in gone:
        shutil.rmtree(path)
    return gone
