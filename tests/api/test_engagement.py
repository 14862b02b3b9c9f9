"""Kudos and hits."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select, update

from app.engagement.rules import moves_index
from app.models import HitMark, Kudos
from tests.conftest import TestArchive
from tests.writing import guest, member, moderator, operator


def counted(archive: TestArchive, name: str, work_id: int = 1) -> int:
    """A counter as it is shown, once all hits are counted."""
    archive.client.app_state["hits"].count()
    shown = archive.get("/v1/works", ids=str(work_id))["items"][0]["stats"]
    number: int = shown[name]
    return number


def test_kudos_are_left_once(archive: TestArchive) -> None:
    ann, ben = member(archive, "Ann"), member(archive, "Ben")
    etag = ben.send("GET", f"/works/{ann.post()['id']}").headers["etag"]
    ben.done("POST", "/works/1/kudos", status=204)
    assert ben.refused("POST", "/works/1/kudos", None, 409)["code"] == "kudos-left"
    nobody = guest(archive)
    nobody.done("POST", "/works/1/kudos", status=204)
    assert nobody.refused("POST", "/works/1/kudos", None, 409)["code"] == "kudos-left"
    assert ann.refused("POST", "/works/1/kudos", None, 403)["code"] == "own-work"
    assert counted(archive, "kudos") == 2
    archive.settle()
    assert archive.titles(kudos_min=2) == ["Lanterns"]
    assert ann.send("PATCH", "/works/1", {"title": "New"}, etag).status_code == 200, "a kudos spoils no edit"
    for _ in range(2):
        ben.done("DELETE", "/works/1/kudos")
    assert counted(archive, "kudos") == 1
    ben.done("POST", "/works/1/kudos", status=204)
    assert counted(archive, "kudos") == 2


def test_kudos_on_what_cannot_be_praised(archive: TestArchive) -> None:
    ann, ben, mod = member(archive, "Ann"), member(archive, "Ben"), moderator(archive)
    ann.post(visibility="registered")
    ann.post(state="draft")
    assert guest(archive).refused("POST", "/works/1/kudos", None, 403)["code"] == "registered-only"
    ben.done("POST", "/works/1/kudos", status=204)
    assert ben.refused("POST", "/works/2/kudos", None, 404)["code"] == "work-not-found"
    assert mod.refused("POST", "/works/2/kudos", None, 409)["code"] == "wrong-state"
    reader = member(archive, "Reader", scopes=("read",))
    assert reader.refused("POST", "/works/1/kudos", None, 403)["code"] == "insufficient-scope"
    operator(archive, "write").done("POST", "/works/1/kudos", status=204)


def test_a_guest_s_address_is_a_hash_that_is_dropped(archive: TestArchive) -> None:
    ann = member(archive, "Ann")
    ann.post()
    guest(archive).done("POST", "/works/1/kudos", status=204)
    with archive.database.write() as session:
        (stored,) = session.execute(select(Kudos.guest_hash)).scalars()
        assert stored is not None
        assert len(stored) == 32
        session.execute(update(Kudos).values(at=datetime.now(UTC) - timedelta(days=31)))
    member(archive, "Ben").done("POST", "/works/1/kudos", status=204)
    with archive.database.read() as session:
        assert session.execute(select(Kudos.guest_hash)).scalars().all() == [None, None]
    assert counted(archive, "kudos") == 2


def test_hits_are_one_an_address_and_a_day(archive: TestArchive) -> None:
    ann = member(archive, "Ann")
    ann.post("1", "2", "3")
    for path in ("/works/1/chapters/1", "/works/1/chapters/2", "/chapters/3", "/works/1?include=chapters"):
        guest(archive).get(path)
    assert counted(archive, "hits") == 1
    guest(archive).get("/works/1/chapters/1")
    ann.get("/works/1/chapters/1")
    assert counted(archive, "hits") == 1
    with archive.database.write() as session:
        session.execute(update(HitMark).values(at=datetime.now(UTC) - timedelta(hours=25)))
    guest(archive).get("/works/1/chapters/1")
    assert counted(archive, "hits") == 2
    archive.settle()
    assert archive.titles(hits_min=2) == ["Lanterns"]


def test_an_author_s_read_and_a_read_of_what_is_not_published_count_nothing(archive: TestArchive) -> None:
    ann, mod = member(archive, "Ann"), moderator(archive)
    ann.post()
    ann.post(state="draft")
    ann.get("/works/1/chapters/1")
    assert counted(archive, "hits") == 0
    mod.get("/works/2/chapters/1")
    guest(archive).get("/works/2/chapters/1", 404)
    archive.client.app_state["hits"].count()
    ann.done("PATCH", "/works/2", {"state": "published"})
    assert counted(archive, "hits", 2) == 0


@pytest.mark.parametrize(
    ("before", "added", "moves"),
    [
        (0, 1, True),
        (98, 1, True),
        (100, 1, False),
        (109, 1, True),
        (1000, 99, False),
        (1000, 100, True),
        (999, 1, True),
    ],
)
def test_the_index_follows_what_shows_in_an_order(before: int, added: int, *, moves: bool) -> None:
    assert moves_index(before, added) is moves
