"""Walks over lists whose pages come from processes that are not equally far: each work is met once all the same."""

from __future__ import annotations

from dataclasses import replace
from itertools import cycle
from typing import Any

import orjson
import pytest

from app.accounts.rules import GUEST
from app.errors import ChangeNotApplied
from app.jobs.changes import newest_position
from app.search.archive import Archive
from app.search.reader import SearchIndex
from app.search.tag_pages import tags_page
from app.web.listing import Place
from app.works.pages import works_page
from tests.conftest import TestArchive, works
from tests.writing import member

FIRST, LAST = "Aa", "Zz"


def _at(archive: TestArchive) -> Archive:
    """A process that has just opened the index, and looks by itself for nothing newer."""
    index = SearchIndex(archive.settings.index_dir)
    index.refresh()
    found: Archive = archive.client.app_state["archive"]
    return replace(found, index=index, settings=archive.settings)


def _walk(processes: list[Archive], **given: Any) -> list[int]:
    """The works that a walk meets, whose pages are of one process after the other."""
    found = []
    for process in cycle(processes):
        page = orjson.loads(works_page(process, GUEST, {"limit": 4, **given}).body)
        found += [item["id"] for item in page["items"]]
        if page["next"] is None:
            return found
        given = given | {"cursor": page["next"]}
    raise AssertionError


@pytest.mark.parametrize("sort", ["title", "-title"])
def test_a_walk_does_not_go_back_to_an_older_index(archive: TestArchive, sort: str) -> None:
    ann = member(archive, "ann")
    archive.add(*works(*"bcdefghijkl"))
    mine = [ann.post(title=title)["id"] for title in (FIRST, LAST)]
    archive.settle()
    behind = _at(archive)
    for work_id, title in zip(mine, (LAST, FIRST), strict=True):  # each goes where the other was
        ann.done("PATCH", f"/works/{work_id}", {"title": title})
    archive.settle()
    ahead = _at(archive)
    assert behind.index.position < ahead.index.position
    wanted = _walk([ahead], sort=sort)
    assert len(set(wanted)) == 13
    assert _walk([ahead, behind], sort=sort) == wanted


def test_neither_does_one_over_tags(archive: TestArchive) -> None:
    ann = member(archive, "ann")
    archive.add(*works(*"bcdefg"))
    ann.post(fandoms=["Zebras"], freeforms=["Bees", "Cats", "Dogs"])
    archive.settle()
    behind = _at(archive)
    ann.post(fandoms=["Zebras"], freeforms=["Dogs"])
    ann.post(fandoms=["Zebras"], freeforms=["Dogs"])
    archive.settle()
    ahead = _at(archive)

    def names(processes: list[Archive]) -> list[str]:
        given: dict[str, Any] = {"limit": 2}
        found = []
        for process in cycle(processes):
            page = orjson.loads(tags_page(process, GUEST, given, None).body)
            found += [item["name"] for item in page["items"]]
            if page["next"] is None:
                break
            given["cursor"] = page["next"]
        return found

    assert names([ahead, behind]) == names([ahead])


def test_a_page_waits_for_the_index_of_the_one_before_but_not_for_a_lost_one(archive: TestArchive) -> None:
    archive.add(*works("a"))
    here = _at(archive)
    here = replace(here, settings=archive.settings.model_copy(update={"after_change_wait": 0.0}))
    far = here.index.position
    for since in (None, far, replace(far, xid=2**60), replace(far, seq=2**60)):  # the last two: of a time that is lost
        assert here.snapshot_of("works", Place(4, since=since), None).position == far
    archive.add_rows(*works("b"))  # which no index has yet
    with archive.database.reading() as connection:
        newest = newest_position(connection)
    with pytest.raises(ChangeNotApplied):
        here.snapshot_of("works", Place(4, since=newest), None)
    archive.settle()
    assert here.snapshot_of("works", Place(4, since=newest), None).position == newest
