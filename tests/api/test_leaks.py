"""Every address that the OpenAPI document names is asked by every kind of caller: nothing of a secret work shows.

Two archives that differ by secret works alone answer strangers with the same bytes; and what a stranger is told of a
secret work is what they are told of one that never was.
"""

from __future__ import annotations

import base64
import io
import re
import zipfile
from functools import cache
from typing import Any

import orjson
import pytest
from httpx2 import Response

from app.engagement import hits
from app.main import create_app
from app.web.cursors import SIGNATURE
from tests.conftest import TestArchive
from tests.writing import TEXT, Caller, guest, member, moderator, operator

NOT_WALKED = {"/metrics"}
"""Counts requests, so it differs each time."""
CHANGING = re.compile(r'"(request_id|score|made_at|last_used_at)":[^,}]*')
SERIES_VERSION = re.compile(r'"version":\d+')
NUMBERS = re.compile(r'"(?:change|next)":\d+,|"at":"[^"]*"|"next":\d+')
"""Change numbers are no secrets; each change takes one."""
TOMBSTONE = re.compile(r'\{[^{}]*"what":"(?:withdrawn|deleted)"[^{}]*\},?')
"""That a work is gone is told to those who may have seen it."""
CURSOR = re.compile(r'(?<="next":")[\w-]{24,}(?=")')
PLACES = re.compile(r'"position":\d|Row #\d|(?<="group-position">)\d|(?<=series_index" content=")\d')
SECRET = "xyzzy"  # noqa: S105  a magic word
QUERIES = {
    "/v1/works": [
        "?facets=fandom,character,relationship,freeform,warning,category,rating,language,status&facet_limit=100",
        "?q=lanterns", "?q=xyzzy", "?text=xyzzy", "?text=lanterns&sort=title", "?author=Ann", "?author=Anonymous",
        "?freeform=xyzzy", "?any_tag=xyzzy&any_tag=Test", "?series_id=1", "?sort=-words&limit=1",
        "?relationship_with=Xyzzy", "?ids=1,2,3,4,5,6,7,8,9", "?source_url=https://example.org/xyzzy",
    ],
    "/v1/passages": ["?text=lanterns", "?text=xyzzy", "?text=xyzzy OR lanterns&sort=relevance"],
    "/v1/tags": ["?limit=100", "?q=xyz", "?type=freeform&sort=name", "?unwrangled=true", "?fandom=Test"],
    "/v1/tags/autocomplete": ["?q=xyz", "?q=te", "?q=x&type=character&fandom=Test"],
    "/v1/exports/works.ndjson": ["", "?freeform=xyzzy", "?text=lanterns"],
    "/v1/authors": ["", "?q=an", "?q=secret"],
    "/v1/series": ["", "?author_id=1"],
    "/v1/works/{work_id}": ["", "?include=chapters"],
    "/v1/authors/{author_id}/works": ["", "?facets=freeform"],
}  # fmt: skip
PUBLIC_WORKS = (1, 2)
IDS: dict[str, tuple[Any, ...]] = {
    "work_id": PUBLIC_WORKS, "chapter_id": (1, 2), "position": (1, 2), "author_id": (1, 2), "series_id": (1,),
    "tag_id": (1, 2, 3), "revision": (1,), "code": ("not-found",),
}  # fmt: skip


@pytest.fixture(autouse=True)
def no_counting(monkeypatch: pytest.MonkeyPatch) -> None:
    """The walk's own reads are hits, and a count between two walks would change what they compare."""
    monkeypatch.setattr(hits, "COUNT_EVERY", 3_600.0)


@cache
def addresses() -> tuple[str, ...]:
    """Every GET of the document, with ids of what is public and with queries that look for secrets."""
    found: list[str] = []
    for path, operations in create_app().openapi()["paths"].items():
        if "get" not in operations or path in NOT_WALKED:
            continue
        paths = [path]
        for name in re.findall(r"\{(\w+)\}", path):
            paths = [one.replace(f"{{{name}}}", str(value)) for one in paths for value in IDS.get(name, (1,))]
        found += (one + query for one in paths for query in QUERIES.get(path, [""]))
    return tuple(found)


def answers(caller: Caller) -> dict[str, tuple[int, str, str]]:
    """Status, body and ETag of every address."""
    found = {}
    headers = {"Authorization": f"Bearer {caller.token}"} if caller.token else {}
    for address in addresses():
        response = caller.archive.client.get(address, headers=headers)
        assert response.status_code < 500, address
        body, etag = CHANGING.sub("", said(response)), response.headers.get("etag", "")
        if address.startswith("/v1/series/"):
            # Its order was changed by its author, which is another version, whatever the works.
            body, etag = SERIES_VERSION.sub("", body), ""
        if CURSOR.search(body):
            # The order of the series was changed, which is a change of the public works in it.
            body, etag = CURSOR.sub(_without_position, body), ""
        if address == "/v1/changes":
            body, etag = NUMBERS.sub("", TOMBSTONE.sub("", body)).replace(",]", "]"), ""
        found[address] = (response.status_code, body, "" if "score" in response.text else etag)
    return found


def _without_position(cursor: re.Match[str]) -> str:
    """What a cursor says, but for the change that its reader saw last."""
    said: list[Any] = orjson.loads(base64.urlsafe_b64decode(cursor[0] + "==")[SIGNATURE:])
    return str(said[:2])


def test_what_is_kept_from_strangers_does_not_show_in_their_cursors(archive: TestArchive) -> None:
    ann = member(archive, "Ann")
    for title in ("One", "Two"):
        ann.post(title=title, freeforms=["Test"], chapters=[{"content": "<p>lanterns over the water</p>"}])
    archive.settle()
    paths = ("/v1/works?sort=title&limit=1", "/v1/works?text=lanterns&sort=words&limit=1", "/v1/tags?limit=1")
    before = [archive.client.get(path).content for path in paths]
    draft = ann.post(title="Draft", freeforms=["Test"], state="draft")["id"]
    ann.done("PATCH", f"/works/{draft}", {"title": "Still a draft"})
    secret = ann.post(title="Secret", freeforms=["Test"], visibility="registered")["id"]
    ann.done("PATCH", f"/works/{secret}", {"title": "Still a secret"})
    archive.settle()
    assert [archive.client.get(path).content for path in paths] == before
    assert all(b'"next":"' in body for body in before)
    ann.done("PATCH", "/works/1", {"title": "One more"})
    archive.settle()
    assert archive.get(paths[0])["next"] != orjson.loads(before[0])["next"]


def said(response: Response) -> str:
    """What an answer holds; a book, or a ZIP of books, unpacked."""
    return unpacked(response.content) if response.content.startswith(b"PK") else response.text


def unpacked(data: bytes) -> str:
    with zipfile.ZipFile(io.BytesIO(data)) as found:
        texts = [(name, found.read(name)) for name in found.namelist()]
    return "\n".join(
        f"{name}: {unpacked(text) if text.startswith(b'PK') else text.decode('utf-8', 'replace')}"
        for name, text in texts
    )


def publish(archive: TestArchive) -> Caller:
    """Two public works by Ann, one anonymous, in a series, and the author of more."""
    ann = member(archive, "Ann")
    ann.post(title="Open", freeforms=["Test"], relationships=["A/B"], characters=["A", "B"])
    ann.post(title="Veiled", anonymous=True)
    ann.done("POST", "/series", {"title": "Row"})
    ann.done("PUT", "/series/1/works", {"work_ids": [1, 2]})
    archive.settle()
    return ann


def hide_works(archive: TestArchive, ann: Caller, kind: str) -> list[int]:
    """Secret works that share everything with the public ones and bring names of their own; first in the series."""
    members: dict[str, Any] = {
        "title": f"{SECRET} lanterns", "summary": SECRET, "fandoms": ["Test", SECRET], "characters": ["A", SECRET],
        "relationships": ["A/B", f"A/{SECRET}"], "freeforms": ["Test", SECRET], "chapters_expected": 9,
        "chapters": [{"title": SECRET, "content": f"<p>{SECRET} lanterns over the water</p>"}] * 2,
    }  # fmt: skip
    if kind == "registered":
        members["visibility"] = "registered"
    if kind == "draft":
        members["state"] = "draft"
    ids = [ann.post(**members)["id"] for _ in range(3)]
    ann.done("PUT", "/series/1/works", {"work_ids": [ids[0], 1, ids[1], 2, ids[2]]})
    archive.settle()
    mod = moderator(archive)
    for work_id in ids:
        if kind == "hidden":
            mod.done("POST", f"/works/{work_id}/hide", {"reason": SECRET}, 204)
        elif kind == "deleted":
            ann.done("DELETE", f"/works/{work_id}")
    archive.settle()
    return ids


@pytest.mark.no_cover
@pytest.mark.parametrize("kind", ["draft", "hidden", "deleted", "registered"])
def test_secret_works_change_no_byte_for_strangers(archive: TestArchive, kind: str) -> None:
    strangers = {"guest": guest(archive)}
    ann = publish(archive)
    if kind != "registered":
        strangers["signed in"] = member(archive, "Ben")
    before = {name: answers(caller) for name, caller in strangers.items()}
    ids = hide_works(archive, ann, kind)
    for name, caller in strangers.items():
        after = answers(caller)
        assert after.keys() == before[name].keys()
        for address, answer in after.items():
            expected = before[name][address]
            if kind == "registered":
                # A series is numbered over what is published, for whomever: its order is no secret.
                answer, expected = (_without_places(one) for one in (answer, expected))  # noqa: PLW2901
            assert answer == expected, (name, address)
            assert SECRET in address or SECRET not in answer[1], (name, address)
        _same_as_nothing(caller, ids, kind)


def _without_places(answer: tuple[int, str, str]) -> tuple[int, str]:
    return answer[0], PLACES.sub("", answer[1])


def _same_as_nothing(caller: Caller, ids: list[int], kind: str) -> None:
    """A secret work answers as one that never was; but what was public once is gone."""
    for where in ("", "/chapters", "/chapters/1", "/chapters/3", "?include=chapters"):
        told = {CHANGING.sub("", caller.send("GET", f"/works/{one}{where}").text) for one in (*ids, 999)}
        assert len(told) == (2 if kind in {"deleted", "registered"} else 1), where
    status = {"deleted": 410, "registered": 403}.get(kind, 404)
    assert caller.send("GET", f"/works/{ids[0]}").status_code == status
    assert SECRET not in caller.send("GET", f"/works/{ids[0]}").text


def test_every_address_answers_everyone(archive: TestArchive) -> None:
    """Authors, moderators and operators get answers everywhere too, and their own secrets where they are theirs."""
    ann = publish(archive)
    ids = hide_works(archive, ann, "draft")
    ann.done("POST", "/works/1/chapters", {"title": f"{SECRET} draft", "content": TEXT, "state": "draft"})
    for caller in (ann, moderator(archive, "mod2"), operator(archive, "admin"), operator(archive, "read")):
        found = answers(caller)
        # Lists, search and counts are the same for everyone.
        shown = {address for address, answer in found.items() if SECRET in answer[1]}
        lists = {address for address in shown if address.startswith(("/v1/works?q", "/v1/passages", "/v1/tags"))}
        assert not lists
    assert SECRET in ann.send("GET", f"/works/{ids[0]}").text
    assert SECRET in ann.send("GET", "/works/1/chapters").text
    assert SECRET not in moderator(archive, "mod3").send("GET", "/works/1/chapters").text
