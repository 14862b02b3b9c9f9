"""What a guest never sees: works for registered readers, drafts, hidden, deleted, and who wrote anonymous ones."""

from __future__ import annotations

import re
from typing import Any

import pytest
from sqlalchemy import text

from app.jobs.changes import log_changes
from tests.conftest import TestArchive


def work(title: str, **members: Any) -> dict[str, Any]:
    content = f"<p>Lanterns in {title}.</p>"
    return {
        "title": title, "key": title, "fandoms": ["Test"], "freeforms": [f"only {title}"], "authors": ["Ann"],
        "series": [{"title": "Row"}], "chapters": [{"content": content}], **members,
    }  # fmt: skip


def set_state(archive: TestArchive, work_id: int, state: str) -> None:
    with archive.database.write() as session:
        session.execute(text("UPDATE works SET state = :state WHERE id = :id"), {"state": state, "id": work_id})
        log_changes(session.connection(), work_ids=[work_id])
    archive.settle()


def everything(archive: TestArchive) -> str:
    """All that a guest can be told, as text."""
    paths = [
        "/v1/works?facets=fandom,freeform,rating&facet_limit=50&sort=title", "/v1/passages?text=lanterns",
        "/v1/tags?limit=100", "/v1/tags/autocomplete?q=only", "/v1/authors", "/v1/authors/1", "/v1/authors/1/works",
        "/v1/series", "/v1/series/1", "/v1/series/1/works", "/v1/fandoms", "/v1/works?q=lanterns",
        "/v1/works?freeform=only+secret",
    ]  # fmt: skip
    return "\n".join(archive.client.get(path).text for path in paths)


@pytest.mark.parametrize("kind", ["registered", "draft", "hidden", "deleted"])
def test_what_is_not_for_guests_changes_no_byte(archive: TestArchive, kind: str) -> None:
    archive.add(work("public"))
    before = _without_ids(everything(archive))
    members = {"registered": {"visibility": "registered"}, "draft": {"state": "draft"}}.get(kind, {})
    archive.add(work("secret", **members))
    if kind in {"hidden", "deleted"}:
        set_state(archive, 2, kind)
    assert _without_ids(everything(archive)) == before
    status, code = {"registered": (403, "registered-only"), "deleted": (410, "work-gone")}.get(
        kind, (404, "work-not-found")
    )
    for path in ("/v1/works/2", "/v1/works/2/chapters", "/v1/works/2/chapters/1", "/v1/chapters/2"):
        assert archive.problem(path, status)["code"] == code
    assert archive.get("/v1/works", ids="1,2")["missing"] == [2]


def _without_ids(answers: str) -> str:
    """Request ids differ anyway, and scores are no secret."""
    return re.sub(r'"(request_id|score)":[^,}]*', "", answers)


def test_the_one_who_wrote_an_anonymous_work_is_nowhere(archive: TestArchive) -> None:
    archive.add(work("open", authors=["Ann"]), work("veiled", authors=["Beatrix"], anonymous=True))
    assert archive.titles(q="beatrix") == archive.titles(author="Beatrix") == []
    assert archive.titles(author="anonymous") == ["veiled"]
    assert archive.get("/v1/authors")["items"] == [{"id": 1, "name": "Ann"}]
    archive.problem("/v1/authors/2", 404)
    assert archive.get("/v1/works/2")["authors"] == [{"id": None, "name": "Anonymous"}]
    assert "Beatrix" not in everything(archive)
    assert archive.get("/v1/series/1")["author_ids"] == [1]


def test_a_series_counts_what_the_caller_may_see(archive: TestArchive) -> None:
    archive.add(work("public"), work("secret", visibility="registered"))
    series = archive.get("/v1/series/1")
    assert (series["works_count"], series["words"]) == (1, 3)
    with archive.database.write() as session:
        session.execute(text("UPDATE works SET visibility = 'registered'"))
    assert archive.problem("/v1/series/1", 403)["code"] == "registered-only"


def test_a_work_that_was_withdrawn_since_is_dropped_before_the_index_knows(archive: TestArchive) -> None:
    archive.add(work("a"), work("b"))
    with archive.database.write() as session:
        session.execute(text("UPDATE works SET state = 'hidden' WHERE id = 1"))
    assert [item["title"] for item in archive.get("/v1/works")["items"]] == ["b"]
    assert [item["work"]["title"] for item in archive.get("/v1/passages", text="lanterns")["items"]] == ["b"]
