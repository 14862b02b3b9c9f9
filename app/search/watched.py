"""A searcher that notices an index that cannot be read: the caller has to come back, and the files are checked."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import structlog
import tantivy

from app.errors import IndexUnavailable

log = structlog.get_logger("fanarchive.search")


def is_engine_failure(error: BaseException) -> bool:
    """What the engine raises for files that it cannot make sense of; its panics are no ``Exception``."""
    return isinstance(error, ValueError | OSError) or type(error).__name__ == "PanicException"


class Watched:
    """A searcher, as far as it is used; ``suspect`` is called where it fails."""

    __slots__ = ("_searcher", "_suspect")

    def __init__(self, searcher: tantivy.Searcher, suspect: Callable[[], None]) -> None:
        self._searcher = searcher
        self._suspect = suspect

    @property
    def num_docs(self) -> int:
        """How many documents there are."""
        return self._searcher.num_docs

    @property
    def num_segments(self) -> int:
        """In how many parts."""
        return self._searcher.num_segments

    def search(self, *args: Any, **options: Any) -> Any:
        """The documents that match."""
        try:
            return self._searcher.search(*args, **options)
        except BaseException as error:  # noqa: BLE001  a panic is one
            self._failed(error)

    def doc(self, address: tantivy.DocAddress) -> Any:
        """A document."""
        try:
            return self._searcher.doc(address)
        except BaseException as error:  # noqa: BLE001
            self._failed(error)

    def aggregate(self, *args: Any) -> Any:
        """Counts over what matches."""
        try:
            return self._searcher.aggregate(*args)
        except BaseException as error:  # noqa: BLE001
            self._failed(error)

    def fast_field_values(self, field: str, addresses: list[tantivy.DocAddress]) -> Any:
        """A value of each of some documents."""
        try:
            return self._searcher.fast_field_values(field, addresses)
        except BaseException as error:  # noqa: BLE001
            self._failed(error)

    def cardinality(self, query: tantivy.Query, field: str) -> Any:
        """How many values there are in what matches."""
        try:
            return self._searcher.cardinality(query, field)
        except BaseException as error:  # noqa: BLE001
            self._failed(error)

    def _failed(self, error: BaseException) -> None:
        if not is_engine_failure(error):
            raise error
        log.error("index.unreadable", error=str(error)[:500])
        self._suspect()
        raise IndexUnavailable("The search index cannot be read; it is being checked.") from error


Searcher = tantivy.Searcher | Watched
"""Of this process's own index, or of one that is served."""
