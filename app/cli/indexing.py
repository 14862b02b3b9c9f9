"""An indexer beside a command.

Not in :mod:`app.cli.opening`: importing what it needs takes 0.2 seconds, which most commands can do without.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from app.config import Settings
from app.search.process import IndexerProcess


@contextmanager
def indexing(settings: Settings, *, needed: bool = True) -> Iterator[IndexerProcess | None]:
    """An indexer for the time of a command, if one is needed; however the command ends, the indexer ends."""
    if not needed:
        yield None
        return
    indexer = IndexerProcess(settings)
    indexer.start()
    try:
        yield indexer
    finally:
        indexer.stop()
