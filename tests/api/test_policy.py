"""One table of cases for the one policy: as a rule on loaded facts, as SQL, as an index filter, and over HTTP."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from sqlalchemy import select

from app.accounts.policy import access
from app.accounts.queries import listed_works, readable_works
from app.accounts.rules import GUEST, Viewer
from app.models import Work
from app.search.criteria import Criteria
from app.search.ordering import Page, Sort
from app.search.works import search_works
from tests.conftest import TestArchive
from tests.writing import Caller, guest, member, moderator, operator

STATES = [
    (state, visibility)
    for state in ("published", "draft", "hidden", "deleted")
    for visibility in ("public", "registered")
]
# What each may read (y), with whatever state and visibility; else the status that they are answered.
READS = {
    ("published", "public"): {"guest": "y", "signed in": "y", "author": "y", "moderator": "y", "admin": "y"},
    ("published", "registered"): {"guest": 403, "signed in": "y", "author": "y", "moderator": "y", "admin": "y"},
    ("draft", "public"): {"guest": 404, "signed in": 404, "author": "y", "moderator": "y", "admin": "y"},
    ("draft", "registered"): {"guest": 404, "signed in": 404, "author": "y", "moderator": "y", "admin": "y"},
    ("hidden", "public"): {"guest": 404, "signed in": 404, "author": "y", "moderator": "y", "admin": "y"},
    ("hidden", "registered"): {"guest": 404, "signed in": 404, "author": "y", "moderator": "y", "admin": "y"},
    ("deleted", "public"): {"guest": 410, "signed in": 410, "author": "y", "moderator": "y", "admin": "y"},
    ("deleted", "registered"): {"guest": 404, "signed in": 404, "author": "y", "moderator": "y", "admin": "y"},
}
CODES = {"open": "y", "registered-only": 403, "unknown": 404, "gone": 410}


def viewer_of(name: str, author_id: int) -> Viewer:
    scopes = {"moderator": frozenset({"moderate"}), "admin": frozenset({"admin"})}.get(name, frozenset({"read"}))
    names = frozenset({author_id} if name == "author" else ())
    return GUEST if name == "guest" else Viewer(signed_in=True, scopes=scopes, author_ids=names)


def filled(archive: TestArchive) -> tuple[dict[tuple[str, str], int], Caller]:
    """A work in every state, by its state and visibility."""
    ann, mod = member(archive, "Ann"), moderator(archive)
    ids = {}
    for state, visibility in STATES:
        made = "draft" if state == "draft" else "published"
        work_id = ids[state, visibility] = ann.post(state=made, visibility=visibility)["id"]
        if state == "hidden":
            mod.done("POST", f"/works/{work_id}/hide", {"reason": "x"}, 204)
        elif state == "deleted":
            ann.done("DELETE", f"/works/{work_id}")
    archive.settle()
    return ids, ann


def test_every_rendering_of_the_policy_says_the_same(archive: TestArchive) -> None:
    ids, ann = filled(archive)
    snapshot = archive.client.app_state["archive"].snapshot()
    for name in ("guest", "signed in", "author", "moderator", "admin"):
        viewer = viewer_of(name, ann.author_id)
        own = name in {"author", "admin"}
        expected = {ids[key] for key, answers in READS.items() if answers[name] == "y"}
        for (state, visibility), answers in READS.items():
            public = visibility == "public" and state != "draft"
            told = access(viewer, state, visibility, was_public=public, own=own)
            assert CODES[told] == answers[name], (name, state, visibility)
        with archive.database.read() as session:
            assert set(session.execute(select(Work.id).where(readable_works(viewer))).scalars()) == expected, name
            listed = set(session.execute(select(Work.id).where(listed_works(viewer))).scalars())
        found = search_works(snapshot, viewer, Criteria(), Sort("revised_at", descending=True), Page(100))
        assert set(found.ids) == listed, name
        assert listed == {ids["published", one] for one in viewer.visibilities}


@pytest.mark.parametrize("name", ["guest", "signed in", "author", "moderator", "admin"])
def test_single_reads_follow_the_policy(archive: TestArchive, name: str) -> None:
    ids, ann = filled(archive)
    callers: dict[str, Callable[[], Caller]] = {
        "guest": lambda: guest(archive),
        "signed in": lambda: member(archive, "Ben"),
        "author": lambda: ann,
        "moderator": lambda: moderator(archive, "mod2"),
        "admin": lambda: operator(archive, "admin"),
    }
    caller = callers[name]()
    for key, answers in READS.items():
        status = 200 if answers[name] == "y" else int(answers[name])
        for where in ("", "?include=chapters", "/chapters", "/chapters/1"):
            assert caller.send("GET", f"/works/{ids[key]}{where}").status_code == status, (key, where)
        assert caller.send("GET", f"/chapters/{ids[key]}").status_code == status, key
