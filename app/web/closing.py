"""Stopping without cutting anybody off: streams are ended, and clients that keep a connection are told to open another.

The server closes the connections on which nothing is being answered. A request that was just sent on one would be
reset, so for a while before that every answer says ``Connection: close``, ``/readyz`` says no so that a proxy sends
elsewhere, and new connections are still taken.
"""

from __future__ import annotations

import asyncio
import signal
import threading
import time
from collections.abc import Callable
from types import FrameType
from typing import Any

import structlog

GRACE_SECONDS = 0.25
SAME_SIGNAL_SECONDS = 1.0
LISTENING = threading.Event()
"""Set once this process, when told to stop, stops in order."""
log = structlog.get_logger("fanarchive.serve")
Handler = Callable[[int, FrameType | None], Any]


class Closing:
    """Whether this process has been told to stop, which it does after so many seconds; at a second signal at once.

    Not one that follows on the first: a group of processes gets it from the system and from its own parent.
    """

    def __init__(self, seconds: float = 0.0) -> None:
        self.is_on = False
        self._seconds = max(seconds, GRACE_SECONDS)
        self._since = 0.0

    @property
    def is_due(self) -> bool:
        """Whether the stop has come: what still waits for something ends now, so that it is answered."""
        return self.is_on and time.monotonic() - self._since >= self._seconds

    def listen(self) -> None:
        """Stand before the server's own handler of SIGTERM; to be called on the event loop, when that is installed."""
        if threading.current_thread() is not threading.main_thread():
            return
        stop: Any = signal.getsignal(signal.SIGTERM)
        if callable(stop):
            signal.signal(signal.SIGTERM, self._handler(asyncio.get_running_loop(), stop))
            LISTENING.set()

    def _handler(self, loop: asyncio.AbstractEventLoop, stop: Handler) -> Handler:
        def handle(number: int, frame: FrameType | None) -> None:
            if self.is_on:
                if time.monotonic() - self._since > SAME_SIGNAL_SECONDS:
                    stop(number, frame)
                return
            self.is_on, self._since = True, time.monotonic()
            loop.call_soon_threadsafe(self._begin, loop, stop, number)

        return handle

    def _begin(self, loop: asyncio.AbstractEventLoop, stop: Handler, number: int) -> None:
        log.info("serve.closing", seconds=self._seconds)
        loop.call_later(self._seconds, stop, number, None)
