"""Facets that are kept for a generation of the index: of one kind of viewer, and until works change."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from threading import Lock
from typing import Any

import pytest
import tantivy

from app.search import facets
from app.search.conditions import Resolved
from app.search.criteria import Criteria
from tests.conftest import TestArchive
from tests.writing import guest, member

ASKED = "/works?facets=fandom,rating"


def test_what_is_kept_for_members_is_not_told_to_guests(archive: TestArchive) -> None:
    ann = member(archive, "Ann")
    ann.post(title="Open")
    ann.post(title="Veiled", visibility="registered")
    archive.settle()
    counts = [caller.get(ASKED)["facets"]["fandom"][0]["count"] for caller in (ann, guest(archive), ann)]
    assert counts == [2, 1, 2]
    assert guest(archive).get(f"{ASKED}&fandom=Test")["facets"]["fandom"][0]["count"] == 1
    ann.post(title="Another")
    archive.settle()
    assert [caller.get(ASKED)["facets"]["fandom"][0]["count"] for caller in (guest(archive), ann)] == [2, 3]


def test_only_some_threads_count_at_the_same_time(archive: TestArchive, monkeypatch: pytest.MonkeyPatch) -> None:
    at_once, most, lock = 0, 0, Lock()
    count = facets._count

    def watched(*given: Any) -> facets.Facets:
        nonlocal at_once, most
        with lock:
            at_once += 1
            most = max(most, at_once)
        found = count(*given)
        with lock:
            at_once -= 1
        return found

    monkeypatch.setattr(facets, "_count", watched)
    archive.add({"title": "One", "fandoms": ["Test"]})
    snapshot = archive.client.app_state["index"].snapshot()

    def ask(limit: int) -> facets.Facets:
        return facets.count_facets(
            snapshot, tantivy.Query.all_query(), Resolved(Criteria(author_ids=[0])), ("fandom",), limit
        )

    with ThreadPoolExecutor(8) as threads:
        answers = list(threads.map(ask, range(1, 60)))
    assert all(one["fandom"][0]["count"] == 1 for one in answers)
    assert most <= facets.AT_ONCE
