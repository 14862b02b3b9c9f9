"""What a backup says of itself: ``manifest.json`` in its folder, written last."""

from __future__ import annotations

import hashlib
import os
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import orjson

from app.backups.errors import BackupRefused

NAME = "manifest.json"
FORMAT = 1
DATABASE = "fanarchive.db"
SECRET = "secret.key"  # noqa: S105  a file's name
BLOCK = 1024 * 1024


@dataclass(frozen=True, slots=True)
class StoredFile:
    """A file of the backup."""

    name: str
    bytes: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Manifest:
    """``change`` is the number of the last change that is in it, ``revision`` that of the schema."""

    program: str
    made_at: str
    archive: str
    revision: str
    change: int
    works: int
    files: tuple[StoredFile, ...]

    def write(self, folder: Path) -> None:
        """Write it beside the files that it tells of."""
        body = orjson.dumps({"format": FORMAT, **asdict(self)}, option=orjson.OPT_INDENT_2)
        write_whole(folder / NAME, body + b"\n")


def read_manifest(folder: Path) -> Manifest:
    """The manifest of a backup; raises :class:`BackupRefused` for a folder that is none."""
    path = folder / NAME
    try:
        said: dict[str, Any] = orjson.loads(path.read_bytes())
        number = said.pop("format")
        files = tuple(StoredFile(**one) for one in said.pop("files"))
        manifest = Manifest(**said, files=files) if number == FORMAT else None
    except FileNotFoundError as error:
        raise BackupRefused(f"{folder} is no backup: there is no {NAME} in it.") from error
    except (OSError, ValueError, TypeError, KeyError, AttributeError) as error:
        raise BackupRefused(f"{path} cannot be read: {error}") from error
    if manifest is None:
        raise BackupRefused(f"{path} is of format {number}; this program reads {FORMAT}.")
    if DATABASE not in {file.name for file in files} or not {file.name for file in files} <= {DATABASE, SECRET}:
        raise BackupRefused(f"{path} names other files than a backup has.")
    return manifest


def describe(path: Path) -> StoredFile:
    """A file's name, length and checksum."""
    digest, size = hashlib.sha256(), 0
    with path.open("rb") as file:
        while block := file.read(BLOCK):
            digest.update(block)
            size += len(block)
    return StoredFile(path.name, size, digest.hexdigest())


def write_whole(path: Path, body: bytes) -> None:
    """Write a file that only its owner reads, down to the disk."""
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(body)
        file.flush()
        os.fsync(file.fileno())


def sync_folder(folder: Path) -> None:
    """Make names in a folder last through a crash."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
