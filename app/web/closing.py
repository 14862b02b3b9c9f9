"""Stopping without cutting anybody off: what streams is ended, and who keeps a connection is told to open another.

The server closes the connections on which nothing is being answered. A request that was just sent on one would be
reset, so for a moment before that every answer says ``Connection: close``, and new connections are still taken.
"""

from __future__ import annotations

import asyncio
import signal
import threading
from collections.abc import Callable
from types import FrameType
from typing import Any

import structlog

GRACE_SECONDS = 0.25
log = structlog.get_logger("fanarchive.serve")
Handler = Callable[[int, FrameType | None], Any]


class Closing:
    """Whether this process has been told to stop. A second signal stops it at once."""

    def __init__(self) -> None:
        self.is_on = False

    def listen(self) -> None:
        """Stand before the server's own handler of SIGTERM; to be called on the event loop, when that is installed."""
        if threading.current_thread() is not threading.main_thread():
            return
        stop: Any = signal.getsignal(signal.SIGTERM)
        if callable(stop):
            signal.signal(signal.SIGTERM, self._handler(asyncio.get_running_loop(), stop))

    def _handler(self, loop: asyncio.AbstractEventLoop, stop: Handler) -> Handler:
        def handle(number: int, frame: FrameType | None) -> None:
            if self.is_on:
                stop(number, frame)
                return
            self.is_on = True
            loop.call_soon_threadsafe(self._begin, loop, stop, number)

        return handle

    @staticmethod
    def _begin(loop: asyncio.AbstractEventLoop, stop: Handler, number: int) -> None:
        log.info("serve.closing")
        loop.call_later(GRACE_SECONDS, stop, number, None)
