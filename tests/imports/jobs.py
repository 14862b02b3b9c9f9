"""Imports over HTTP with a worker in this process, one unit at a time."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

import orjson
from httpx2 import Response

from app.imports.work import Worker
from tests.writing import Caller


def ndjson(*records: dict[str, Any]) -> bytes:
    return b"\n".join(orjson.dumps(record) for record in records)


def send(caller: Caller, body: Any, query: str = "", kind: str = "application/x-ndjson", **headers: str) -> Response:
    """Send a body to be imported."""
    headers |= {"Authorization": f"Bearer {caller.token}", "Content-Type": kind}
    return caller.archive.client.post(f"/v1/imports{query}", content=body, headers=headers)


def work(caller: Caller) -> None:
    """Let a worker do all that is waiting, and the index follow."""
    worker = Worker(caller.archive.database, caller.archive.settings)
    while worker.step():
        pass
    caller.archive.settle()


def bring(caller: Caller, *records: dict[str, Any], query: str = "") -> list[dict[str, Any]]:
    """Import records, and wait; the items."""
    response = send(caller, ndjson(*records), query)
    assert response.status_code == 202, response.text
    job = response.json()
    work(caller)
    assert caller.get(f"/imports/{job['id']}")["state"] == "succeeded"
    items: list[dict[str, Any]] = caller.get(f"/imports/{job['id']}/items?limit=100")["items"]
    return items


@contextmanager
def stopped_after(worker: Worker, batches: int, monkeypatch: Any) -> Iterator[None]:
    """A worker that dies, as if killed, while it stores its next batch but so many."""
    left = [batches]
    inner = worker._importer_of

    def dying(job: Any) -> Any:
        importer = inner(job)
        store = importer.store

        def once(drafts: Any, then: Any = None) -> Any:
            if left[0] == 0:
                raise SystemExit
            left[0] -= 1
            return store(drafts, then)

        monkeypatch.setattr(importer, "store", once)
        return importer

    monkeypatch.setattr(worker, "_importer_of", dying)
    with suppress(SystemExit):
        yield
