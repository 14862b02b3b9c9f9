"""Many works as a ZIP of books: what is in it, who is in it, and how it goes on after a kill."""

from __future__ import annotations

import csv
import io
import itertools
import zipfile
from pathlib import Path
from typing import IO, Any

import pytest

from app.cli.exporting import OPERATOR
from app.exports import books as dumped
from app.exports import files
from app.exports.books import write_books
from app.exports.journal import journal_of
from app.formats.containers import BOOKS_INDEX
from app.formats.options import ReadOptions
from app.formats.writers.book import BookWork
from app.imports.runner import Counts, ImportRun, import_items, read_files
from app.search.archive import Archive
from tests.conftest import TestArchive, works
from tests.writing import TEXT, Caller, guest, member, operator

PATH = "/exports/works.epub.zip"


def fetched(caller: Caller, query: str = "") -> tuple[zipfile.ZipFile, Any]:
    response = caller.send("GET", f"{PATH}{query}")
    assert response.status_code == 200, response.text
    assert response.headers["content-type"] == "application/zip"
    found = zipfile.ZipFile(io.BytesIO(response.content))
    assert found.testzip() is None
    return found, response


def titles(found: zipfile.ZipFile) -> list[str]:
    """By the index, which has to name exactly the books that are there."""
    rows = list(csv.DictReader(io.StringIO(found.read(BOOKS_INDEX).decode())))
    assert [row["file"] for row in rows] == found.namelist()[:-1]
    return [row["title"] for row in rows]


def taken_in(archive: TestArchive, *paths: Path) -> Counts:
    archive.rows = []
    run = ImportRun(archive.database, archive.settings, archive.rows.append)
    return import_items(run, read_files(paths, None, ReadOptions(), None))


def opened(archive: TestArchive) -> Archive:
    served: Archive = archive.client.app_state["archive"]
    return served


def test_a_book_is_the_download_of_its_work(archive: TestArchive) -> None:
    ann = member(archive, "Ann")
    ann.post("One", "Two", title="CON / ../étude: \u202e*?", consent={"podfic": "ask", "download": "ask"})
    ann.post(title="…")
    found, response = fetched(guest(archive))
    assert found.namelist() == ["00000001 CON .. étude.epub", "00000002 ….epub", BOOKS_INDEX]
    assert found.read(found.namelist()[0]) == guest(archive).send("GET", "/works/1/download.epub").content
    assert {info.compress_type for info in found.infolist()[:-1]} == {zipfile.ZIP_STORED}
    first = next(csv.DictReader(io.StringIO(found.read(BOOKS_INDEX).decode())))
    assert (first["authors"], first["language"], first["podfic"], first["download"]) == ('["Ann"]', "en", "ask", "ask")
    assert found.comment == b"2 works"
    assert fetched(guest(archive))[1].content == response.content, "the same state, the same bytes"
    assert response.headers["content-disposition"] == 'attachment; filename="works.epub.zip"'
    head = guest(archive).send("HEAD", PATH)
    assert (head.status_code, head.content, head.headers["content-type"]) == (200, b"", "application/zip")


def test_what_comes_out_comes_in(archive: TestArchive, tmp_path: Path) -> None:
    ann = member(archive, "Ann")
    ann.post("One", "Two", title="Here", freeforms=["Rain"], summary="<p>Light.</p>", consent={"podfic": "yes"})
    archive.add(*works("There", chapters=[{"content": TEXT}], source={"url": "https://example.org/1"}))
    before = [guest(archive).get(f"/works/{work_id}?include=chapters") for work_id in (1, 2)]
    whole = tmp_path / "works.zip"
    whole.write_bytes(fetched(guest(archive))[1].content)
    assert taken_in(archive, whole).failed == 0
    assert [(row.outcome, row.work_id) for row in archive.rows] == [("created", 3), ("unchanged", 2)]
    after = guest(archive).get("/works/3?include=chapters")
    for member_name in ("title", "summary", "words", "published_at", "status", "consent", "chapters_posted"):
        assert after[member_name] == before[0][member_name]
    assert [one["content"] for one in after["chapters"]] == [one["content"] for one in before[0]["chapters"]]
    assert taken_in(archive, whole).unchanged == 2

    cut = tmp_path / "cut.zip"
    cut.write_bytes(whole.read_bytes()[: zipfile.ZipFile(whole).infolist()[1].header_offset + 500])
    taken_in(archive, cut)
    assert [row.outcome for row in archive.rows] == ["unchanged", "failed", "failed"], "what is whole before the cut"


def test_a_dump_holds_what_the_caller_may_take_along(archive: TestArchive) -> None:
    ann = member(archive, "Ann")
    ann.post(title="Open", consent={"ai_training": "yes", "translation": "yes"})
    ann.post(title="Known", visibility="registered")
    ann.post(title="Draft", state="draft")
    ann.post(title="Veiled", anonymous=True, consent={"ai_training": "ask"})
    ann.post(title="Kept", consent={"download": "no", "ai_training": "yes"})
    archive.settle()
    found, response = fetched(guest(archive))
    assert titles(found) == ["Open", "Veiled"]
    assert response.headers["archive-left-out"] == "1"
    assert response.headers["tdm-reservation"] == "1", "none was asked for, so it stands for none"
    assert found.comment == b"2 works; left out because their authors do not allow it: 1"
    assert b"Ann" not in found.read(found.namelist()[1])
    assert titles(fetched(ann)[0]) == ["Open", "Known", "Veiled", "Kept"]
    assert titles(fetched(operator(archive, "admin"))[0]) == ["Open", "Known", "Veiled", "Kept"]
    assert titles(fetched(guest(archive), "?after_id=1")[0]) == ["Veiled"]
    found, response = fetched(ann, "?consent=ai_training")
    assert titles(found) == ["Open", "Kept"]
    assert response.headers["archive-left-out"] == "2"
    assert response.headers["content-usage"] == "train-ai=y, search=n"
    assert "tdm-reservation" not in response.headers
    assert titles(fetched(guest(archive), "?consent=ai_training&consent=translation&q=open")[0]) == ["Open"]
    assert titles(fetched(guest(archive), "?consent=download")[0]) == ["Open", "Veiled"]
    assert guest(archive).refused("GET", f"{PATH}?consent=ai_trainin", None, 422)["errors"][0]["suggestion"]


def test_a_killed_dump_goes_on_where_it_was(
    archive: TestArchive, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    archive.add(*works(*(f"Rain {number}" for number in range(7)), chapters=[{"content": TEXT}]))
    archive.add(*works("No", chapters=[{"content": TEXT}], consent={"translation": "no"}))
    monkeypatch.setattr(dumped, "AT_ONCE", 3)
    asked = {"consent": ["translation"]}
    whole = tmp_path / "whole.zip"
    write_books(opened(archive), OPERATOR, {}, whole, [], lambda _: None)

    def killed_after(count: int, path: Path, given: dict[str, Any]) -> None:
        def stop(_: int) -> None:
            if next(counter) == count:
                raise KeyboardInterrupt

        counter = itertools.count(1)
        with pytest.raises(KeyboardInterrupt):
            write_books(opened(archive), OPERATOR, given, path, [], stop)

    path = tmp_path / "books.zip"
    part, log = path.with_name("books.zip.part"), journal_of(path.with_name("books.zip.part"))
    killed_after(2, path, {})
    with part.open("ab") as file:
        file.write(b"half of the next")
    with log.open("ab") as file:
        file.write(b'{"id": 3, "fi')
    killed_after(3, path, {})
    assert not path.exists()
    made: list[str] = []

    def counted(archive: Archive, work: BookWork, extension: str) -> IO[bytes]:
        made.append(work.identifier)
        return files.write_work(archive, work, extension)

    monkeypatch.setattr(dumped, "write_work", counted)
    journal = write_books(opened(archive), OPERATOR, {}, path, [], lambda _: None)
    assert path.read_bytes() == whole.read_bytes()
    assert (journal.books, len(made)) == (8, 5), "a book that was being told of when it was killed is made again"
    assert sorted(one.name for one in tmp_path.glob("*.zip*")) == ["books.zip", "whole.zip"]

    killed_after(2, path, {})
    journal = write_books(opened(archive), OPERATOR, asked, path, ["consent=translation"], lambda _: None)
    assert (journal.books, sum(journal.left_out.values())) == (0, 8), "another plan begins anew"
