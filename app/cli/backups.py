"""``fanarchive backup`` and ``restore``: SQLite archives; PostgreSQL has tools of its own."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer
from sqlalchemy import make_url

from app.backups.errors import BackupRefused
from app.backups.making import back_up, prune
from app.backups.restoring import restore as put_back
from app.cli.output import console, errors, progress_bar
from app.config import Settings
from app.db.revisions import head_revision


def backup(
    into: Annotated[Path, typer.Argument(help="The folder in which a new one is made, named after the time.")],
    keep: Annotated[int | None, typer.Option(min=1, help="Keep so many backups there, and remove older ones.")] = None,
) -> None:
    """Back up the database of this moment and the secret key, while the server goes on writing."""
    settings = Settings()
    with _refusals(), progress_bar() as bar:
        task = bar.add_task("pages", total=None, rate="")

        def show(left: int, total: int) -> None:
            bar.update(task, total=total, completed=total - left)

        folder = back_up(settings, _database(settings), into, show)
        gone = prune(into, keep) if keep is not None else []
    console.print(f"{folder}{f', {len(gone)} older removed' if gone else ''}", markup=False, soft_wrap=True)


def restore(
    folder: Annotated[Path, typer.Argument(help="A backup: a folder with manifest.json.")],
    *,
    force: Annotated[bool, typer.Option(help="Replace the database that is there.")] = False,
) -> None:
    """Check a backup and put it into the data folder; the server has to be stopped, and builds its index anew."""
    settings = Settings()
    with _refusals():
        manifest = put_back(settings, _database(settings), folder, force=force)
    console.print(f"{manifest.works:,} works as of {manifest.made_at}, change {manifest.change}.", highlight=False)
    if manifest.revision != head_revision():
        console.print("The schema is older than this program's: run `fanarchive db upgrade`.")


def _database(settings: Settings) -> Path:
    url = make_url(settings.database_url)
    if url.get_backend_name() != "sqlite" or not url.database:
        raise BackupRefused("PostgreSQL is backed up and restored by its own tools: see the operations guide.")
    return Path(url.database)


@contextmanager
def _refusals() -> Iterator[None]:
    try:
        yield
    except (BackupRefused, OSError) as error:
        errors.print(f"error: {error}", markup=False, soft_wrap=True)
        raise typer.Exit(2) from error
