"""Facets that are kept for a generation of the index: of one kind of viewer, and until works change."""

from __future__ import annotations

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
