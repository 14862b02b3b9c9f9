"""A new generation is filled by several processes: it is what one process makes, whatever changes meanwhile."""

from __future__ import annotations

import os
import signal
from typing import Any

import pytest
from sqlalchemy import update

from app.jobs.changes import log_changes
from app.models import Work
from app.search import filling
from app.search.filling import FillingFailed
from app.search.index import current_path
from app.tags.acts import Act
from tests.conftest import TestArchive, works

PATHS = (
    "/v1/works?sort=title&facets=freeform",
    "/v1/works?freeform=Rain&sort=title",
    "/v1/tags?sort=name&limit=100",
)


@pytest.fixture
def apart(monkeypatch: pytest.MonkeyPatch) -> None:
    """However little there is, each index is filled by a process of its own."""
    monkeypatch.setattr(filling, "MANY", 1)
    monkeypatch.setattr(filling, "MANY_CHAPTERS", 1)


def filled(archive: TestArchive) -> list[Any]:
    text = [{"content": "<p>Thunder, and more of it.</p>"}]
    archive.add(
        *works("a", "b", freeforms=["Rain", "Drizzle"], chapters=text),
        *works("c", freeforms=["Drizzle"], visibility="registered"),
        *works("d", freeforms=["Sun"], chapters=text),
    )
    archive.wrangle(
        Act(archive.tag("Rain"), canonical=True), Act(archive.tag("Drizzle"), canonical_id=archive.tag("Rain"))
    )
    return answers(archive)


def answers(archive: TestArchive) -> list[Any]:
    passages = archive.get("/v1/passages?text=thunder")["items"]
    return [sorted(passage["work"]["id"] for passage in passages), *(archive.get(path) for path in PATHS)]


@pytest.mark.usefixtures("apart")
def test_several_processes_make_what_the_follower_made(archive: TestArchive) -> None:
    before = filled(archive)
    former = current_path(archive.settings.index_dir)
    told: dict[str, int] = {}
    archive.indexer.progress = told.__setitem__
    archive.indexer.rebuild()
    archive.settle()
    assert current_path(archive.settings.index_dir) != former
    assert told == {"works": 4, "passages": 3, "tags": 4}
    assert answers(archive) == before
    assert [tag["uses"] for tag in before[-1]["items"]] == [2, 2, 1, 3]


def test_one_process_makes_the_same_of_few(archive: TestArchive) -> None:
    before = filled(archive)
    archive.indexer.rebuild()
    archive.settle()
    assert answers(archive) == before


def killed(*_: object) -> None:
    """What a process does that the system kills for its memory."""
    os.kill(os.getpid(), signal.SIGKILL)


def test_where_a_process_is_killed_the_former_index_stays(
    archive: TestArchive, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(filling, "MANY", 1)
    before = filled(archive)
    former = current_path(archive.settings.index_dir)
    with monkeypatch.context() as patch:
        patch.setattr(filling, "_fill_alone", killed)
        with pytest.raises(FillingFailed, match="-9"):
            archive.indexer.rebuild()
    assert current_path(archive.settings.index_dir) == former
    archive.indexer.open()
    archive.settle()
    assert answers(archive) == before


def test_tags_counted_before_their_works_went_are_counted_again(
    archive: TestArchive, monkeypatch: pytest.MonkeyPatch
) -> None:
    filled(archive)
    monkeypatch.setattr(filling, "NAMES", ("tags", "passages", "works"))

    def take_away(name: str, _count: int) -> None:
        if name == "tags":
            with archive.database.write() as session:
                session.execute(update(Work).where(Work.id == 4).values(state="deleted"))
                log_changes(session.connection(), work_ids=[4])

    archive.indexer.progress = take_away
    archive.indexer.rebuild()
    archive.settle()
    names = [tag["name"] for tag in archive.get("/v1/tags", type="freeform")["items"]]
    assert sorted(names) == ["Drizzle", "Rain"]
