"""One hop from the event loop to a thread and back: where a request touches the database or the index."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from starlette.requests import Request

T = TypeVar("T")


def make_threads(count: int) -> ThreadPoolExecutor:
    """As many threads as there are database connections, so that none waits for one."""
    return ThreadPoolExecutor(count, thread_name_prefix="request")


async def in_thread(request: Request, function: Callable[..., T], *args: object) -> T:
    """Run a blocking function on the app's own threads.

    Half the cost of ``anyio.to_thread``: no context is copied and nothing can be cancelled half-way, which a
    transaction must not be anyway.
    """
    loop = asyncio.get_running_loop()
    return await loop.run_in_executor(request.state.threads, function, *args)
