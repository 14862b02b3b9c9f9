"""One work in several formats: twice is once, in whatever order, and the poorer format takes nothing away."""

from __future__ import annotations

import io
import random
from collections.abc import Iterable, Iterator
from typing import Any

import orjson
import pytest
from sqlalchemy import text

from app.config import Settings
from app.db.engine import Database
from app.formats.options import ReadOptions
from app.formats.registry import NAMES, read_input
from app.imports.chapter_weighing import shape
from app.imports.runner import ImportRun, ItemRow, import_items
from app.imports.weighing import RANKS
from tests.conftest import TestArchive
from tests.formats import ao3, fanficfare
from tests.imports.jobs import send, work
from tests.writing import operator

Files = dict[str, bytes]
COLUMNS = (
    "title, summary, notes, end_notes, language, rating, warnings, categories, status, words, chapters_posted,"
    " chapters_expected, published_at, revised_at, brought_kudos, brought_hits"
)


class Shelf:
    """An archive to import files into."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.database = Database(settings)

    def bring(self, files: Files | Iterable[tuple[str, bytes]], **options: Any) -> list[ItemRow]:
        rows: list[ItemRow] = []
        run = ImportRun(self.database, self.settings, rows.append, **options)
        import_items(run, _items(files))
        return rows

    def outcomes(self, files: Files | Iterable[tuple[str, bytes]]) -> list[str]:
        return [row.outcome for row in self.bring(files)]

    def work(self) -> dict[str, Any]:
        """The one work, without what is seen by nobody."""
        with self.database.reading() as connection:
            (row,) = connection.execute(text(f"SELECT {COLUMNS} FROM works WHERE state = 'published'")).mappings()
            chapters = connection.execute(text("SELECT title, summary, notes, content FROM chapters ORDER BY position"))
            tags = connection.execute(
                text("SELECT type, name FROM tags JOIN taggings ON tag_id = tags.id ORDER BY type, taggings.position")
            )
            shown = [(one.title, one.summary, one.notes, shape(one.content)) for one in chapters]
            told = {"chapters": shown, "tags": [tuple(one) for one in tags]}
            return dict(row) | told

    def clear(self) -> None:
        with self.database.write() as session:
            for table in ("chapters", "taggings", "work_authors", "work_sources", "series_works", "work_cards"):
                session.connection().exec_driver_sql(f"DELETE FROM {table}")
            session.connection().exec_driver_sql("DELETE FROM works")


def _items(files: Files | Iterable[tuple[str, bytes]]) -> Iterator[Any]:
    for name, data in files.items() if isinstance(files, dict) else files:
        for item in read_input(io.BytesIO(data), name, ReadOptions()):
            yield item, None


@pytest.fixture
def shelf(settings: Settings) -> Iterator[Shelf]:
    shelf = Shelf(settings)
    yield shelf
    shelf.database.dispose()


def formats() -> Files:
    """The same state of a story, as four programs wrote it."""
    chapters = [ao3.Chapter("Cheese &amp; Grapes", "<p>One &amp; <i>all</i>.</p><p>Two.</p>", notes="<p>Before.</p>"),
                ao3.Chapter("Chapter 2", "<p>Three.</p>")]  # fmt: skip
    lines = ["1. Cheese & Grapes", "2. Chapter 2"]
    dialect = ao3.Dialect(stats="Published: 2020-01-02\nUpdated: 2020-03-04\nWords: 5\nChapters: 2/?")
    return {
        "fox.txt": fanficfare.text_file(
            chapters=list(zip(lines, ["One & all.\n\nTwo.\n\n", "Three.\n\n"], strict=True))
        ),
        "fox.html": ao3.download(dialect, chapters).replace(b"works/4711", b"works/77"),
        "fox.epub": fanficfare.epub(),
        "fox-fff.html": fanficfare.single_html(),
    }


def test_every_format_has_a_rank() -> None:
    assert set(RANKS) == set(NAMES)


def test_twice_is_once_in_every_order(shelf: Shelf) -> None:
    files = formats()
    known = None
    for seed in range(4):
        shuffled = list(files.items())
        random.Random(seed).shuffle(shuffled)  # noqa: S311  no secret
        assert shelf.outcomes(shuffled)[0] == "created"
        found = shelf.work()
        assert shelf.outcomes(shuffled) == ["unchanged"] * 4
        assert shelf.outcomes(reversed(shuffled)) == ["unchanged"] * 4
        assert shelf.work() == found
        known = known or found
        assert found == known, [name for name, _ in shuffled]
        shelf.clear()
    assert known is not None
    assert "<em>all</em>" in known["chapters"][0][3]


def later_text(**lines: str) -> Files:
    """A later state of the story as text, where all that is written in italics is lost."""
    told = {"Updated": "2021-05-06", "Chapters": "3", "Status": "Completed", **lines}
    chapters = [("1. Cheese & Grapes", "One & all.\n\nTwo.\n\n"), ("2. Chapter 2", "Three, mended.\n\n")]
    return {"later.txt": fanficfare.text_file(told, [*chapters, ("3. End", "It ended.\n\n")])}


def test_a_poorer_format_of_the_same_state_changes_nothing(shelf: Shelf) -> None:
    files = formats()
    assert shelf.outcomes({"fox.epub": files["fox.epub"]}) == ["created"]
    found = shelf.work()
    (row,) = shelf.bring({"fox.txt": files["fox.txt"]})
    assert row.outcome == "unchanged"
    assert row.notices == ["A fuller format has told this state; of this one only what that does not tell was taken."]
    assert shelf.work() == found


def test_a_later_state_is_taken_from_any_format_and_what_is_written_the_same_stays(shelf: Shelf) -> None:
    shelf.bring({"fox.epub": formats()["fox.epub"]})
    before = shelf.work()
    (row,) = shelf.bring(later_text())
    assert row.outcome == "updated"
    assert row.notices[:2] == ["1 chapter added: 3 “End”.", "1 chapter changed: 2."], row.notices
    after = shelf.work()
    assert (after["status"], after["chapters_posted"]) == ("complete", 3)
    assert after["chapters"][0] == before["chapters"][0], "a text file has lost the italics"
    assert [one[3] for one in after["chapters"][1:]] == ["<p>Three,mended.</p>", "<p>Itended.</p>"]
    assert shelf.outcomes(later_text()) == ["unchanged"]
    (older,) = shelf.bring({"fox.html": formats()["fox.html"]})
    assert "A later state of the work is here" in older.notices[0]
    assert shelf.work()["chapters"][1:] == after["chapters"][1:]


def test_an_older_fuller_file_brings_back_what_a_later_text_file_has_lost(shelf: Shelf) -> None:
    shelf.bring(later_text())
    assert shelf.outcomes({"fox.epub": formats()["fox.epub"]}) == ["updated"]
    after = shelf.work()
    assert after["chapters"][0][3] == "<p>One&amp;<em>all</em>.</p><p>Two.</p>"
    assert (after["status"], len(after["chapters"]), after["chapters"][1][3]) == ("complete", 3, "<p>Three,mended.</p>")
    assert shelf.outcomes(later_text() | {"fox.epub": formats()["fox.epub"]}) == ["unchanged", "unchanged"]


def record(content: str, **members: Any) -> bytes:
    return orjson.dumps({"key": "k", "title": "Story", "chapters": [{"content": content}], **members})


def test_a_file_that_changes_back_is_followed(shelf: Shelf) -> None:
    a, b = record("<p>A <em>fox</em>.</p>"), record("<p>A fox.</p>")
    assert [shelf.outcomes({"s.ndjson": one})[0] for one in (a, b, b, a)] == [
        "created", "updated", "unchanged", "updated",
    ]  # fmt: skip
    assert shelf.work()["chapters"][0][3] == "<p>A<em>fox</em>.</p>"


def test_two_files_of_one_format_are_both_known(shelf: Shelf) -> None:
    two = {"a.ndjson": record("<p>A.</p>", stats={"kudos": 5}), "b.ndjson": record("<p>A.</p>", stats={"kudos": 8})}
    assert shelf.outcomes(two) == ["created", "updated"]
    assert shelf.outcomes(two) == ["unchanged", "unchanged"]
    assert shelf.work()["brought_kudos"] == 8


def test_what_no_file_has_told_is_taken_from_a_poorer_one(shelf: Shelf) -> None:
    source = {"source": {"url": fanficfare.URL}, "key": None}
    shelf.bring({"list.ndjson": orjson.dumps({"title": "The Fox", "freeforms": ["Slow Burn"], **source})})
    (row,) = shelf.bring({"fox.txt": formats()["fox.txt"]})
    assert row.outcome == "updated"
    found = shelf.work()
    assert len(found["chapters"]) == 2
    assert [name for kind, name in found["tags"] if kind == "freeform"] == ["Slow Burn"]


def test_undo_takes_a_work_away_that_the_same_import_brought_in_several_formats(archive: TestArchive) -> None:
    op = operator(archive, "import")
    files = formats()
    body = b"".join(
        b'--b\r\nContent-Disposition: form-data; name="files"; filename="%s"\r\n\r\n%s\r\n'
        % (name.encode(), files[name])
        for name in ("fox.txt", "fox.epub")
    )
    send(op, body + b"--b--\r\n", kind="multipart/form-data; boundary=b")
    work(op)
    assert [item["outcome"] for item in op.get("/imports/1/items")["items"]] == ["created", "updated"]
    op.send("POST", "/imports/1/undo")
    work(op)
    assert op.get("/imports/1")["undo"] == {"state": "done", "withdrawn": 1, "left": 0}
