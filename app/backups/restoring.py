"""Restoring a backup: only a complete one, and never over another database unless told to."""

from __future__ import annotations

import os
import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

from app.backups.errors import BackupRefused
from app.backups.manifest import DATABASE, SECRET, Manifest, describe, read_manifest, sync_folder, write_whole
from app.config import Settings
from app.db.revisions import known_revisions
from app.search.index import WriterLock

_BESIDE = ("-wal", "-shm", "-journal")


def restore(settings: Settings, database: Path, folder: Path, *, force: bool) -> Manifest:
    """Put the database and the secret key of a backup into the data folder, and take the index away.

    Everything is checked before anything is touched; ``force`` replaces a database that is there.
    """
    manifest = check_backup(folder)
    settings.data_dir.mkdir(parents=True, exist_ok=True)
    lock = WriterLock(settings.index_dir)
    if not lock.acquire():
        raise BackupRefused(f"A server works in {settings.data_dir}: stop it first.")
    try:
        if database.exists() and not force:
            raise BackupRefused(f"There is a database at {database}: --force replaces it.")
        _replace(settings, database, folder, manifest)
    finally:
        lock.release()
    return manifest


def check_backup(folder: Path) -> Manifest:
    """The manifest of a backup that is whole and can be read by this program."""
    manifest = read_manifest(folder)
    for file in manifest.files:
        path = folder / file.name
        if not path.is_file():
            raise BackupRefused(f"{path} is missing.")
        if describe(path) != file:
            raise BackupRefused(f"{path} is not what was backed up: its length or its checksum is another.")
    if manifest.revision not in known_revisions():
        raise BackupRefused(f"The backup is at revision {manifest.revision}, newer than this program: upgrade it.")
    _check_database(folder / DATABASE)
    return manifest


def _check_database(path: Path) -> None:
    try:
        with closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro&immutable=1", uri=True)) as connection:
            found = connection.execute("PRAGMA integrity_check(1)").fetchone()[0]
    except sqlite3.Error as error:
        raise BackupRefused(f"{path} cannot be read: {error}") from error
    if found != "ok":
        raise BackupRefused(f"{path} is damaged: {found}")


def _replace(settings: Settings, database: Path, folder: Path, manifest: Manifest) -> None:
    coming = database.with_name(f"{database.name}.coming")
    try:
        _copy_whole(folder / DATABASE, coming)
        # A log of the former database would be played into the new one: it has to be gone before.
        for ending in _BESIDE:
            database.with_name(database.name + ending).unlink(missing_ok=True)
        coming.rename(database)
    except OSError as error:
        raise BackupRefused(f"{database} cannot be written: {error}") from error
    finally:
        coming.unlink(missing_ok=True)
    if SECRET in {file.name for file in manifest.files}:
        write_whole(settings.data_dir / SECRET, (folder / SECRET).read_bytes())
    shutil.rmtree(settings.index_dir, ignore_errors=True)
    sync_folder(database.parent)


def _copy_whole(source: Path, target: Path) -> None:
    shutil.copyfile(source, target)
    target.chmod(0o600)
    with target.open("rb") as file:
        os.fsync(file.fileno())
