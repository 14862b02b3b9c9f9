"""A server that stops ends what still runs after its last seconds: the client is told to ask again, elsewhere."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest
from starlette.types import Message, Receive, Scope, Send

from app.jobs.changes import Position
from app.search.reader import SearchIndex
from app.web.closing import Closing
from app.web.middleware import Observe

SCOPE: dict[str, Any] = {"type": "http", "method": "GET", "path": "/v1/works", "headers": [], "query_string": b""}


async def cut_off(*, after_the_head: bool) -> list[Message]:
    """What a client is sent whose request is cancelled while it waits."""
    sent: list[Message] = []
    waiting = asyncio.Event()

    async def waits(_scope: Scope, _receive: Receive, send: Send) -> None:
        if after_the_head:
            await send({"type": "http.response.start", "status": 200, "headers": []})
        waiting.set()
        await asyncio.Event().wait()

    async def receive() -> Message:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: Message) -> None:
        sent.append(message)

    asked = asyncio.create_task(Observe(waits)(dict(SCOPE), receive, send))
    await waiting.wait()
    asked.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asked
    return sent


def test_a_request_that_is_cut_off_is_answered_503() -> None:
    head, body = asyncio.run(cut_off(after_the_head=False))
    assert head["status"] == 503
    assert dict(head["headers"])[b"retry-after"] == b"2"
    assert json.loads(body["body"])["code"] == "stopping"


def test_an_answer_that_has_begun_ends_where_it_is() -> None:
    (head,) = asyncio.run(cut_off(after_the_head=True))
    assert head["status"] == 200


def test_nobody_waits_for_the_index_once_the_server_stops(tmp_path: Path) -> None:
    closing = Closing()
    index = SearchIndex(tmp_path, is_ending=lambda: closing.is_due)
    assert not closing.is_due
    closing.is_on = True  # since long ago
    assert not index.wait_for(Position(0, 1), 3_600)
