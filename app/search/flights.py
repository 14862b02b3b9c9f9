"""What several requests ask for at once is computed once: the others wait for the first."""

from __future__ import annotations

import threading
from collections.abc import Callable, Hashable
from concurrent.futures import Future
from typing import Any, TypeVar, cast

T = TypeVar("T")


class Flights:
    """What is being computed on one snapshot, and what of it is kept. Safe to use from any thread."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._known: dict[Hashable, Future[Any]] = {}

    def once(self, key: Hashable, make: Callable[[], T], *, keep: bool) -> T:
        """What ``make`` returns, made by whoever comes first; ``keep`` it for those who come when it is done, too.

        A failure is everybody's who waited, and the next one tries again.
        """
        mine: Future[Any] = Future()
        with self._lock:
            known = self._known.setdefault(key, mine)
        if known is not mine:
            return cast("T", known.result())
        try:
            made = make()
        except BaseException as error:
            self._forget(key)
            mine.set_exception(error)
            raise
        mine.set_result(made)
        if not keep:
            self._forget(key)
        return made

    def _forget(self, key: Hashable) -> None:
        with self._lock:
            del self._known[key]
