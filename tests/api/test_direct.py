"""The short way to an operation answers as the framework's own way does."""

from __future__ import annotations

from typing import Any

import pytest

from app.web.direct import Direct
from tests.conftest import TestArchive

PATHS = [
    "/v1/works",
    "/v1/works?fandom=Tides&sort=-kudos",
    "/v1/works?colour=red",
    "/v1/works/1",
    "/v1/works/0001",
    "/v1/works/1?include=chapters",
    "/v1/works/1?include=all",
    "/v1/works/2",
    "/v1/works/0",
    "/v1/works/-1",
    "/v1/works/one",
    "/v1/works/²",
    "/v1/works/9223372036854775807",
    "/v1/works/9223372036854775808",
    "/v1/works/99999999999999999999999999",
    "/v1/works/1/",
    "/v1/works/1/chapters",
    "/v1/works/1/chapters/1",
    "/v1/works/1/chapters/9",
    "/v1/works/1/chapters/2147483648",
    "/v1/works/search",
    "/v1/chapters/1",
    "/v1/authors/1",
    "/v1/authors/1/works",
    "/v1/tags/1",
    "/v1/tags/autocomplete?q=ti",
    "/v1/passages",
    "/v1/passages?text=lamp",
    "/v1/nothing",
    "/v2/works",
]
UNLIKE = {"x-request-id", "date"}


def _answer(archive: TestArchive, path: str, **more: Any) -> tuple[Any, ...]:
    response = archive.client.get(path, headers={"X-Request-ID": "the-same-one"}, **more)
    headers = {name: value for name, value in response.headers.items() if name not in UNLIKE}
    return response.status_code, headers, response.content


@pytest.mark.parametrize("path", PATHS)
def test_both_ways_answer_alike(archive: TestArchive, monkeypatch: pytest.MonkeyPatch, path: str) -> None:
    archive.add({"title": "Lights", "key": "1", "fandoms": ["Tides"], "chapters": [{"content": "<p>A lamp.</p>"}]})
    directly = _answer(archive, path)

    async def pass_on(self: Direct, scope: Any, receive: Any, send: Any) -> None:
        await self._app(scope, receive, send)

    monkeypatch.setattr(Direct, "__call__", pass_on)
    assert _answer(archive, path) == directly


def test_reads_go_the_short_way(archive: TestArchive, monkeypatch: pytest.MonkeyPatch) -> None:
    archive.add({"title": "Lights", "key": "1", "fandoms": ["Tides"], "chapters": [{"content": "<p>A lamp.</p>"}]})
    asked: list[str] = []
    answer = Direct._answer

    async def note(self: Direct, operation: Any, *rest: Any) -> None:
        asked.append(operation.route.operation_id)
        await answer(self, operation, *rest)

    monkeypatch.setattr(Direct, "_answer", note)
    for path in ("/v1/works", "/v1/works/1", "/v1/works/1/chapters/1", "/v1/works/one", "/v1/tags/autocomplete?q=t"):
        archive.client.get(path)
    assert asked == ["listWorks", "getWork", "getWorkChapter", "autocompleteTags"]
