"""The thinnest path: a record goes in, and is found and read over HTTP."""

from __future__ import annotations

from tests.conftest import TestArchive


def test_a_work_goes_in_and_comes_out(archive: TestArchive) -> None:
    counts = archive.add(
        {
            "title": "The Fox",
            "authors": ["Ann"],
            "fandoms": ["Fables"],
            "characters": ["Fox", "Crow"],
            "relationships": ["Fox/Crow"],
            "language": "en",
            "rating": "general",
            "key": "fox",
            "chapters": [{"title": "One", "content": "<p>The quick brown fox jumps over the lazy dog.</p>"}],
        }
    )
    assert (counts.created, counts.failed) == (1, 0), archive.rows
    found = archive.get("/v1/works", fandom="fables")
    assert found["total"] == 1
    assert found["applied"][0]["name"] == "Fables"
    work = archive.get(f"/v1/works/{found['items'][0]['id']}")
    assert work["words"] == 9
    assert [member["character_id"] for member in work["relationships"][0]["members"]] == [
        character["id"] for character in work["characters"]
    ]
    passages = archive.get("/v1/passages", text='"brown fox"')
    assert passages["total"] == passages["total_works"] == 1
    assert "<mark>brown fox</mark>" in passages["items"][0]["snippet"]
    chapter = archive.get(f"/v1/works/{work['id']}/chapters/1", content_format="text")
    assert chapter["content"].strip() == "The quick brown fox jumps over the lazy dog."
