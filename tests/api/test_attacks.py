"""Known attacks posted in every member that takes HTML or Markdown, and read back over HTTP."""

from __future__ import annotations

from typing import Any

import pytest

from app.kit.html import markdown_to_html
from app.kit.text import find_bad_character
from tests.conftest import TestArchive
from tests.corpus import HTML, MARKDOWN, dangers
from tests.writing import TEXT, Caller, guest, member, operator

pytestmark = pytest.mark.no_cover
PROSE = ("summary", "notes", "end_notes")
LEFT = "<p>What the archive says beside it.</p>"


def posted(ann: Caller, attack: str, chapters: list[dict[str, Any]]) -> int | None:
    """A work with an attack wherever it fits; none where it was refused for its characters."""
    body: dict[str, Any] = {"title": "Storms", "language": "en", "rating": "general", "warnings": ["no_warnings_apply"]}
    body |= {"fandoms": ["Test"], "state": "published", "chapters": chapters, **dict.fromkeys(PROSE, attack)}
    response = ann.send("POST", "/works", body)
    if response.status_code == 422:
        assert {error["code"] for error in response.json()["errors"]} == {"bad-character"}, response.text
        return None
    assert response.status_code == 201, response.text
    number: int = response.json()["id"]
    return number


def all_prose(work: dict[str, Any]) -> list[str]:
    """All texts of a work as it is answered with its chapters."""
    places = [work, *work["chapters"]]
    return [place[name] for place in places for name in (*PROSE, "content") if place.get(name)]


def test_nothing_executable_is_read_back(archive: TestArchive) -> None:
    ann = member(archive, "Ann")
    refused = 0
    for attack in HTML + MARKDOWN:
        around = dict.fromkeys(PROSE, attack)
        forms = [{"content": LEFT + attack}, {"content_markdown": f"{attack}\n\nBeside it."}, {"content_text": attack}]
        number = posted(ann, attack, [form | around for form in forms])
        if number is None:
            refused += 1
            continue
        work = guest(archive).get(f"/works/{number}?include=chapters")
        texts = all_prose(work)
        assert len(texts) >= 3, texts
        assert [dangers(text) for text in texts] == [[]] * len(texts)
        marked = guest(archive).get(f"/works/{number}?include=chapters&content_format=markdown")
        for chapter in marked["chapters"]:
            assert dangers(markdown_to_html(chapter["content"])) == []
    assert refused < 10


def test_nothing_executable_is_read_back_of_what_is_edited(archive: TestArchive) -> None:
    ann = member(archive, "Ann")
    work = ann.post({"content": TEXT})["id"]
    series = ann.done("POST", "/series", {"title": "Nights"})["id"]
    ann.done("PUT", f"/series/{series}/works", {"work_ids": [work]})
    archive.settle()
    for attack in HTML[::3]:
        for path, members in (
            (f"/works/{work}", PROSE),
            (f"/works/{work}/chapters/1", (*PROSE, "content")),
            (f"/series/{series}", ("summary",)),
            (f"/authors/{ann.author_id}", ("bio",)),
        ):
            response = ann.send("PATCH", path, dict.fromkeys(members, LEFT + attack), "*")
            if response.status_code == 422:
                assert {error["code"] for error in response.json()["errors"]} == {"bad-character"}, response.text
                continue
            assert response.status_code == 200, response.text
            answer = guest(archive).get(path)
            assert all("beside it" in answer[name] for name in members)
            assert [dangers(answer[name]) for name in members] == [[]] * len(members)
    for revision in ann.get(f"/works/{work}/chapters/1/revisions")["items"]:
        assert dangers(ann.get(f"/works/{work}/chapters/1/revisions/{revision['revision']}")["content"]) == []


def test_nothing_executable_is_imported(archive: TestArchive) -> None:
    attacks = [attack for attack in HTML if find_bad_character(attack) is None]
    for number, attack in enumerate(attacks):
        archive.add_rows(
            {
                "title": "Storms",
                "key": str(number),
                "fandoms": ["Test"],
                **dict.fromkeys(PROSE, attack),
                "chapters": [{"content": LEFT + attack, **dict.fromkeys(PROSE, attack)}],
            }
        )
    archive.settle()
    works = [work for page in (1, 2) for work in archive.get("/v1/works", limit=100, page=page)["items"]]
    assert len(works) == len(attacks) > len(HTML) - 10
    for work in works:
        texts = all_prose(archive.get(f"/v1/works/{work['id']}", include="chapters"))
        assert [dangers(text) for text in texts] == [[]] * len(texts)


def test_snippets_are_escaped(archive: TestArchive) -> None:
    ann = member(archive, "Ann")
    for attack in HTML[::4]:
        ann.send("POST", "/works", {
            "title": "Storms", "language": "en", "rating": "general", "warnings": ["no_warnings_apply"],
            "fandoms": ["Test"], "state": "published", "chapters": [{"content_text": f"lantern {attack} lantern"}],
        })  # fmt: skip
    archive.settle()
    found = archive.get("/v1/passages", text="lantern", limit=100)
    assert found["total"] > 30
    for item in found["items"]:
        assert "<mark>" in item["snippet"]
        assert "<" not in item["snippet"].replace("<mark>", "").replace("</mark>", "")


def test_every_answer_says_what_a_browser_may_do_with_it(archive: TestArchive) -> None:
    """Pages may style themselves, Swagger UI runs its own scripts, all else loads nothing; nothing is framed."""
    answers = {
        path: archive.client.get(path, headers={"Accept": "text/html"})
        for path in (
            "/docs",
            "/problems/not-found",
            "/v1/works",
            "/v1/nothing",
            "/openapi.json",
            "/healthz",
            "/?<script>",
        )
    }
    pages = {path for path, answer in answers.items() if answer.headers["content-type"].startswith("text/html")}
    assert pages == {"/docs", "/problems/not-found"}
    for path, answer in answers.items():
        policy = answer.headers["content-security-policy"]
        assert policy.startswith("default-src 'none'")
        assert "frame-ancestors 'none'" in policy
        assert ("script-src" in policy) == (path == "/docs")
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert "referrer-policy" in answer.headers


def test_names_in_html_pages_are_not_the_callers(archive: TestArchive) -> None:
    for path in ("/problems/%3Cscript%3E", "/docs/%3Cscript%3E", "/v1/works/%3Cscript%3E", "/%3Cscript%3E"):
        answer = archive.client.get(path, headers={"Accept": "text/html"})
        assert answer.status_code in {404, 422}
        assert answer.headers["content-type"] == "application/problem+json"
        assert "<script" not in answer.text
    assert (
        operator(archive, "admin").send("GET", "/works?%3Cscript%3E=1").headers["x-content-type-options"] == "nosniff"
    )
