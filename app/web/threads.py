"""One hop from the event loop to a thread and back: where a request touches the database or the index."""

from __future__ import annotations

import asyncio
import ctypes
import os
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

from starlette.requests import Request

from app.db.replica import ReplicaLost
from app.errors import NotFound
from app.tracing import spans

T = TypeVar("T")

ARENAS = 4
"""So many stores of free memory the threads share. With one each, as glibc has it, every one of them keeps what the
largest search once took: a server of a million works held 230 MB after load, and with four 186."""
_M_ARENA_MAX = -8


def share_arenas() -> bool:
    """Let threads share what memory they give back, where the allocator is glibc's and nobody has said otherwise."""
    if "MALLOC_ARENA_MAX" in os.environ:
        return False
    try:
        return bool(ctypes.CDLL(None).mallopt(_M_ARENA_MAX, ARENAS))
    except (OSError, AttributeError, TypeError):
        return False


def make_threads(count: int) -> ThreadPoolExecutor:
    """As many threads as there are database connections, so that none waits for one."""
    share_arenas()
    return ThreadPoolExecutor(count, thread_name_prefix="request")


async def in_thread(request: Request, function: Callable[..., T], *args: object) -> T:
    """Run a blocking function on the app's own threads.

    Half the cost of ``anyio.to_thread``: no context is copied and nothing can be cancelled half-way, which a
    transaction must not be anyway.

    A read that the replica could not answer, or had nothing for, is asked of the primary: a replica may fail, and may
    not have yet what a list of another host has just shown.
    """
    loop = asyncio.get_running_loop()
    run = spans.carried(function)
    try:
        return await loop.run_in_executor(request.state.threads, run, *args)
    except (NotFound, ReplicaLost):
        again = _at_primary(request, args)
        if again is None:
            raise
    return await loop.run_in_executor(request.state.threads, run, *again)


def _at_primary(request: Request, args: Sequence[Any]) -> Sequence[Any] | None:
    """The same arguments for a read from the primary; ``None`` where it was one, and for what is no read."""
    archive: Any = request.state.archive
    if request.scope["method"] != "GET" or not any(arg is archive for arg in args) or not archive.database.may_lag:
        return None
    return [archive.latest if arg is archive else arg for arg in args]


async def quickly(request: Request, function: Callable[..., T], *args: object) -> T:
    """Run a read whose worst case is bounded: a few rows by primary key, a few small documents of the index.

    On SQLite it runs here on the event loop: it takes a tenth of a millisecond and never waits for a writer (WAL),
    while handing it to a thread costs four times as much in switches. On PostgreSQL it waits for the network, so
    it goes to a thread. Nothing that formats text, searches words or counts facets may be called this way.
    """
    if request.state.archive.database.is_sqlite:
        return function(*args)
    return await in_thread(request, function, *args)
