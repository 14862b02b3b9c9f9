"""Works as files: who gets them, what is in them, and what their headers say."""

from __future__ import annotations

import io
import re
import zipfile
from typing import Any

import orjson
import pytest
from httpx2 import Response

from app.config import Settings
from app.exports import files
from app.web import files as making
from tests.conftest import TestArchive
from tests.writing import TEXT, Caller, guest, member, moderator, operator

FORMATS = ("epub", "html", "txt", "md", "json")


def download(caller: Caller, path: str, status: int = 200, **headers: str) -> Response:
    response = caller.send("GET", path, **headers)
    assert response.status_code == status, response.text
    return response


def book(caller: Caller, path: str) -> dict[str, str]:
    """The texts of an EPUB by their names."""
    with zipfile.ZipFile(io.BytesIO(download(caller, path).content)) as found:
        return {name: found.read(name).decode("utf-8", "replace") for name in found.namelist()}


def everything(caller: Caller, path: str) -> str:
    """All that is in a file, and all that its head says."""
    response = download(caller, path)
    if path.endswith("epub"):
        return "\n".join(book(caller, path).values()) + repr(response.headers)
    return response.text + repr(response.headers)


def test_a_book_holds_the_posted_chapters_in_order(archive: TestArchive) -> None:
    ann = member(archive, "Ann")
    ann.post(
        {"title": "One", "content": "<p>First of all texts.</p>", "notes": "<p>Before.</p>"},
        {"title": "Two", "content": "<p>Never of all texts.</p>", "state": "draft"},
        {"title": "Three", "content": "<p>Last of all texts.</p>", "end_notes": "<p>After.</p>"},
        summary="<p>Light &amp; water.</p>",
        notes="<p>Thanks.</p>",
        end_notes="<p>Bye.</p>",
        freeforms=["Rain, and more"],
        published_at="2020-01-02",
    )
    ann.done("POST", "/series", {"title": "Row"})
    ann.done("PUT", "/series/1/works", {"work_ids": [1]})
    found = book(guest(archive), "/works/1/download.epub")
    assert next(iter(found)) == "mimetype"
    opf = found["EPUB/package.opf"]
    for said in (
        '<dc:title id="title">Lanterns</dc:title>', ">Ann</dc:creator>", "<dc:language>en</dc:language>",
        "<dc:subject>Rain, and more</dc:subject>", "<dc:description>Light &amp; water.</dc:description>",
        "<dc:date>2020-01-02T00:00:00Z</dc:date>", ">Row</meta>", '"group-position">1</meta>',
        '<meta name="calibre:series" content="Row"/>',
    ):  # fmt: skip
        assert said in opf
    assert re.findall(r'href="(chapter-\d+\.xhtml)"', found["EPUB/nav.xhtml"]) == [
        "chapter-0001.xhtml",
        "chapter-0002.xhtml",
    ]
    assert re.findall(r"<text>(.*?)</text>", found["EPUB/toc.ncx"])[2:] == ["One", "Three", "End Notes"]
    assert "<h2>One</h2>" in found["EPUB/chapter-0001.xhtml"]
    assert "Before." in found["EPUB/chapter-0001.xhtml"]
    assert "After." in found["EPUB/chapter-0002.xhtml"]
    assert "Thanks." in found["EPUB/title.xhtml"]
    assert "Bye." in found["EPUB/end-notes.xhtml"]
    for extension in FORMATS:
        for caller in (guest(archive), ann):
            assert "Never" not in everything(caller, f"/works/1/download.{extension}")


def test_a_single_chapter_has_no_number(archive: TestArchive) -> None:
    member(archive, "Ann").post()
    for extension in FORMATS:
        assert "Chapter 1" not in everything(guest(archive), f"/works/1/download.{extension}")


def test_the_same_work_gives_the_same_bytes(archive: TestArchive) -> None:
    ann = member(archive, "Ann")
    ann.post("One", "Two")
    reader = guest(archive)
    before = {name: download(reader, f"/works/1/download.{name}") for name in FORMATS}
    assert reader.send("POST", "/works/1/kudos").status_code == 204
    ann.done("POST", "/works/1/chapters", {"title": "Later", "content": TEXT, "state": "draft"})
    after = {name: download(reader, f"/works/1/download.{name}") for name in FORMATS}
    for name in FORMATS:
        assert after[name].content == before[name].content, name
        assert download(ann, f"/works/1/download.{name}").content == before[name].content, "whoever asks"
        assert after[name].headers["last-modified"] == before[name].headers["last-modified"]
    ann.done("PATCH", "/works/1/chapters/1", {"content": "<p>Something else altogether.</p>"})
    for name in FORMATS:
        assert download(reader, f"/works/1/download.{name}").content != before[name].content


def test_what_a_client_has_is_not_made_again(archive: TestArchive, monkeypatch: pytest.MonkeyPatch) -> None:
    member(archive, "Ann").post(title="Über den Fluß / \u202eund")
    reader = guest(archive)
    first = download(reader, "/works/1/download.epub")
    assert first.headers["content-type"] == "application/epub+zip"
    assert int(first.headers["content-length"]) == len(first.content)
    assert first.headers["content-disposition"] == (
        'attachment; filename="Uber den Flu und - Ann.epub"; '
        "filename*=UTF-8''%C3%9Cber%20den%20Flu%C3%9F%20und%20-%20Ann.epub"
    )
    assert first.headers["content-security-policy"].startswith("sandbox")
    assert first.headers["cache-control"] == "private, no-cache"

    def refuse(*_: object) -> None:
        raise AssertionError("a file was made")

    monkeypatch.setattr(files, "write_epub", refuse)
    again = download(reader, "/works/1/download.epub", 304, **{"If-None-Match": first.headers["etag"]})
    assert (again.content, again.headers["etag"]) == (b"", first.headers["etag"])
    head = reader.send("HEAD", "/works/1/download.epub")
    assert (head.status_code, head.content) == (200, b"")
    assert "content-length" not in head.headers
    for name in ("etag", "last-modified", "content-type", "content-disposition"):
        assert head.headers[name] == first.headers[name]


@pytest.mark.parametrize("extension", FORMATS)
def test_files_follow_the_policy(archive: TestArchive, extension: str) -> None:
    ann, mod = member(archive, "Ann"), moderator(archive)
    ann.post(title="Registered", visibility="registered")
    ann.post(title="Draft", state="draft")
    ann.post(title="Hidden")
    mod.done("POST", "/works/3/hide", {"reason": "x"}, 204)
    ann.post(title="Deleted")
    ann.done("DELETE", "/works/4")
    for work_id, codes in ((1, (403, 200, 200)), (2, (404, 404, 200)), (3, (404, 404, 200)), (4, (410, 410, 200))):
        for caller, status in zip((guest(archive), operator(archive, "read"), ann), codes, strict=True):
            download(caller, f"/works/{work_id}/download.{extension}", status)
    assert "Lanterns over" in everything(ann, f"/works/2/download.{extension}"), "all of a draft is a draft"


@pytest.mark.parametrize("extension", FORMATS)
def test_an_anonymous_work_names_nobody(archive: TestArchive, extension: str) -> None:
    ann = member(archive, "Annabel")
    ann.post(anonymous=True, title="Veiled")
    for caller in (guest(archive), ann, moderator(archive)):
        text = everything(caller, f"/works/1/download.{extension}")
        assert "Annabel" not in text
        assert "Anonymous" in text
    archive.settle()
    assert guest(archive).send("GET", f"/authors/{ann.author_id}/download.zip").status_code == 404


def test_authors_decide_about_downloads(archive: TestArchive) -> None:
    ann, reader = member(archive, "Ann"), guest(archive)
    ann.post(title="Kept", consent={"download": "no"})
    ann.post(title="Asked", consent={"download": "ask", "ai_training": "no", "indexing": "no"})
    ann.done("POST", "/series", {"title": "Row"})
    ann.done("PUT", "/series/1/works", {"work_ids": [1, 2]})
    archive.settle()
    for extension in FORMATS:
        refused = download(reader, f"/works/1/download.{extension}", 403)
        assert refused.json()["code"] == "download-refused"
        assert refused.headers["content-type"] == "application/problem+json"
        download(ann, f"/works/1/download.{extension}")
        given = download(reader, f"/works/2/download.{extension}")
        assert given.headers["archive-consent"] == "download=ask, ai_training=no, indexing=no"
        assert given.headers["x-robots-tag"] == "noindex, noai, noimageai"
        assert given.headers["tdm-reservation"] == "1"
    opf = book(reader, "/works/2/download.epub")["EPUB/package.opf"]
    assert '<meta property="tdm:reservation">1</meta>' in opf
    assert '<meta property="fanarchive:consent-download">ask</meta>' in opf
    series = book(reader, "/series/1/download.epub")
    assert "Kept" not in "".join(series.values())
    assert "do not allow downloads: 1." in series["EPUB/title.xhtml"]
    with zipfile.ZipFile(io.BytesIO(download(reader, f"/authors/{ann.author_id}/download.zip").content)) as books:
        assert books.namelist() == ["0001.epub"]


def test_what_authors_allow_is_said_wherever_their_text_is(archive: TestArchive) -> None:
    ann, reader = member(archive, "Ann"), guest(archive)
    ann.post(title="Asked", consent={"download": "ask", "ai_training": "ask", "podfic": "yes"})
    ann.post(title="Free", consent={"podfic": "yes", "ai_training": "yes", "indexing": "yes"})
    ann.post(title="Silent", extra={"consent": {"ai_training": "no"}})
    ann.done("POST", "/series", {"title": "Row"})
    ann.done("PUT", "/series/1/works", {"work_ids": [1, 2]})
    archive.settle()
    texts = (
        "",
        "?include=chapters",
        "?fields=title",
        "/chapters/1",
        "/chapters/1?content_format=text",
        "/download.html",
    )
    for path in texts:
        said = download(reader, f"/works/1{path}").headers
        assert said["archive-consent"] == "download=ask, podfic=yes, ai_training=ask"
        assert (said["x-robots-tag"], said["tdm-reservation"]) == ("noai, noimageai", "1")
        assert (said["content-usage"], said["content-signal"]) == ("train-ai=n", "ai-train=no")
        said = download(reader, f"/works/2{path}").headers
        assert (said["content-usage"], said["content-signal"]) == ("train-ai=y, search=y", "ai-train=yes, search=yes")
        assert {"x-robots-tag", "tdm-reservation"}.isdisjoint(said)
        said = download(reader, f"/works/3{path}").headers
        assert {"archive-consent", "x-robots-tag", "content-usage", "tdm-reservation"}.isdisjoint(said)
    assert download(reader, "/chapters/1").headers["tdm-reservation"] == "1"
    row = download(reader, "/series/1/download.epub")
    assert row.headers["archive-consent"] == "download=ask, podfic=yes, ai_training=ask"
    with zipfile.ZipFile(io.BytesIO(row.content)) as series:
        assert b"<dc:rights>download=ask, podfic=yes, ai_training=ask</dc:rights>" in series.read("EPUB/package.opf")
    assert download(reader, f"/authors/{ann.author_id}/download.zip").headers["tdm-reservation"] == "1"
    ann.done("PATCH", "/works/1", {"consent": {"ai_training": "yes"}})
    assert "tdm-reservation" not in download(reader, "/works/1/chapters/1").headers


def test_a_series_is_one_book(archive: TestArchive) -> None:
    ann = member(archive, "Ann")
    ann.post("One", "Two", title="First")
    ann.post(title="Second", visibility="registered")
    ann.post(title="Third", state="draft")
    ann.done("POST", "/series", {"title": "Row", "summary": "<p>All of it.</p>"})
    ann.done("PUT", "/series/1/works", {"work_ids": [2, 3, 1]})
    found = book(guest(archive), "/series/1/download.epub")
    assert '<dc:title id="title">Row</dc:title>' in found["EPUB/package.opf"]
    assert [name for name in found if name.endswith(".json")] == ["EPUB/records/0001.json"]
    reader = book(operator(archive, "read"), "/series/1/download.epub")
    records = [orjson.loads(text) for name, text in reader.items() if name.endswith(".json")]
    assert [record["title"] for record in records] == ["Second", "First"]
    assert guest(archive).send("GET", "/series/9/download.epub").status_code == 404


def test_an_authors_works_are_a_zip_of_books(archive: TestArchive) -> None:
    ann = member(archive, "Ann")
    ann.post(title="First")
    ann.post(title="Veiled", anonymous=True)
    ann.post(title="Second")
    archive.settle()
    path = f"/authors/{ann.author_id}/download.zip"
    first, again = download(guest(archive), path), download(ann, path)
    assert first.headers["content-type"] == "application/zip"
    assert first.content == again.content
    with zipfile.ZipFile(io.BytesIO(first.content)) as books:
        assert books.namelist() == ["0001.epub", "0002.epub"]
        with zipfile.ZipFile(io.BytesIO(books.read("0002.epub"))) as second:
            assert b"Second" in second.read("EPUB/package.opf")


def test_the_record_comes_in_again(archive: TestArchive) -> None:
    ann = member(archive, "Ann")
    ann.post("One", "Two", freeforms=["Rain"], summary="<p>Light.</p>")
    record: dict[str, Any] = download(guest(archive), "/works/1/download.json").json()
    assert record["key"].startswith("urn:uuid:")
    assert "stats" not in record
    archive.add(record)
    (row,) = archive.rows
    assert row.outcome == "created"
    again = download(guest(archive), f"/works/{row.work_id}/download.json").json()
    assert {**again, "key": ""} == {**record, "key": ""}


def test_what_is_too_large_is_refused(archive: TestArchive, monkeypatch: pytest.MonkeyPatch) -> None:
    ann = member(archive, "Ann")
    ann.post(title="First")
    ann.post(title="Second")
    archive.settle()
    path = f"/authors/{ann.author_id}/download.zip"
    monkeypatch.setattr(files, "MOST_TOGETHER", 100)
    assert download(guest(archive), path, 409).json()["code"] == "download-too-large"
    monkeypatch.setattr(files, "MOST_WORKS", 1)
    assert "2 works" in download(guest(archive), path, 409).json()["detail"]
    monkeypatch.setattr(files, "MOST_TEXT", 10)
    assert download(guest(archive), "/works/1/download.txt", 409).json()["code"] == "download-too-large"


def test_too_many_at_once_are_told_to_wait(archive: TestArchive, monkeypatch: pytest.MonkeyPatch) -> None:
    member(archive, "Ann").post()
    monkeypatch.setattr(making, "MOST_WAITING", 0)
    busy = download(guest(archive), "/works/1/download.epub", 503)
    assert busy.headers["retry-after"] == "5"


def test_a_work_without_text_is_its_title_page(archive: TestArchive) -> None:
    archive.add({"title": "Elsewhere", "words": 900, "source": {"url": "https://example.org/1"}, "language": "en"})
    found = book(guest(archive), "/works/1/download.epub")
    assert "https://example.org/1" in found["EPUB/title.xhtml"]
    assert "<dc:source>https://example.org/1</dc:source>" in found["EPUB/package.opf"]


def test_larger_files_wait_on_the_disk(
    archive: TestArchive, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    member(archive, "Ann").post()
    monkeypatch.setattr(files, "IN_MEMORY", 10)
    download(guest(archive), "/works/1/download.epub")
    assert list(settings.spool_dir.iterdir()) == []
