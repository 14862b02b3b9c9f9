"""Before a server stops, it says for a while that it will: a proxy that asks ``/readyz`` sends nothing new by then."""

from __future__ import annotations

import asyncio
import signal
import threading
import time
from collections.abc import Callable
from types import FrameType
from typing import Any

import structlog

SAME_SIGNAL_SECONDS = 1.0
log = structlog.get_logger("fanarchive.serve")


class Draining:
    """Puts itself before what the server does at SIGTERM. A second signal stops it at once.

    Not one that follows on the first: a group of processes gets it from the system and from its own parent.
    """

    def __init__(self, seconds: float) -> None:
        self.is_on = False
        self._seconds = seconds
        self._since = 0.0

    def listen(self) -> None:
        """From now on SIGTERM begins to drain; to be called on the event loop, once the server listens to signals."""
        if not self._seconds or threading.current_thread() is not threading.main_thread():
            return
        stop: Any = signal.getsignal(signal.SIGTERM)
        if not callable(stop):
            return
        loop = asyncio.get_running_loop()
        signal.signal(signal.SIGTERM, self._handler(loop, stop))

    def _handler(
        self, loop: asyncio.AbstractEventLoop, stop: Callable[[int, FrameType | None], Any]
    ) -> Callable[[int, FrameType | None], None]:
        def handle(number: int, frame: FrameType | None) -> None:
            if self.is_on:
                if time.monotonic() - self._since > SAME_SIGNAL_SECONDS:
                    stop(number, frame)
                return
            self.is_on, self._since = True, time.monotonic()
            loop.call_soon_threadsafe(self._begin, loop, stop, number)

        return handle

    def _begin(
        self, loop: asyncio.AbstractEventLoop, stop: Callable[[int, FrameType | None], Any], number: int
    ) -> None:
        log.info("serve.draining", seconds=self._seconds)
        loop.call_later(self._seconds, stop, number, None)
