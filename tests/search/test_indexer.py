"""The indexer: killed at any moment, given a wrong index, or none, it ends with the right one."""

from __future__ import annotations

import multiprocessing
import random
import shutil
import time
from threading import Event

import pytest

from app.config import Settings
from app.db.engine import Database
from app.jobs.changes import Position
from app.search import index, indexer, pacing, reader
from app.search.index import Checkpoint, WriterLock, current_path
from app.search.indexer import Indexer
from app.search.reader import SearchIndex
from app.search.writing import GenerationWriter
from app.tags.graph import TagGraph
from tests.conftest import TestArchive, works


def follow(settings: Settings) -> None:
    """An indexer of its own process, until it is killed."""
    database = Database(settings)
    Indexer(database, settings.index_dir).run(Event(), poll=0.01)


def test_killed_at_any_moment_it_ends_with_every_work_once(archive: TestArchive) -> None:
    archive.indexer.close()
    chance = random.Random(3)  # noqa: S311
    context = multiprocessing.get_context("spawn")
    numbers = iter(range(10_000))
    for _ in range(6):
        process = context.Process(target=follow, args=(archive.settings,))
        process.start()
        for _ in range(3):
            records = [
                {"title": f"W{n}", "key": str(n), "fandoms": ["Test"], "chapters": [{"content": f"<p>word {n}</p>"}]}
                for n in (next(numbers) for _ in range(40))
            ]
            archive.add_rows(*records)
            time.sleep(chance.uniform(0.0, 0.25))
        process.kill()
        process.join()
    archive.indexer.open()
    archive.settle()
    answer = archive.get("/v1/works", fandom="Test", facets="fandom")
    assert answer["total"] == 720
    assert answer["facets"]["fandom"][0]["count"] == 720
    assert archive.get("/v1/passages", text="word")["total"] == 720
    assert archive.get("/v1/tags", type="fandom")["items"][0]["uses"] == 720


def test_without_an_index_works_are_read_and_search_says_why_not(archive: TestArchive) -> None:
    archive.add(*works("a", "b"))
    archive.indexer.close()
    shutil.rmtree(archive.settings.index_dir)
    archive.client.app_state["index"].refresh()
    assert archive.get("/v1/works/1")["title"] == "a"
    assert archive.get("/v1/works", ids="1,2")["total"] == 2
    problem = archive.problem("/v1/works", 503)
    assert problem["code"] == "index-unavailable"
    assert archive.client.get("/v1/works").headers["retry-after"]
    assert archive.client.get("/readyz").status_code == 503
    archive.indexer.open()
    archive.settle()
    assert archive.titles() == ["a", "b"]


def test_an_index_of_another_version_is_rebuilt(archive: TestArchive, monkeypatch: pytest.MonkeyPatch) -> None:
    archive.add(*works("a"))
    archive.indexer.close()
    before = current_path(archive.settings.index_dir)
    monkeypatch.setattr(index, "fingerprint", lambda: "another")
    archive.indexer.open()
    assert current_path(archive.settings.index_dir) != before
    archive.settle()
    assert archive.titles() == ["a"]


def test_an_index_of_another_archive_is_rebuilt(archive: TestArchive, tmp_path_factory: pytest.TempPathFactory) -> None:
    archive.add(*works("a", "b"))
    archive.indexer.close()
    generation = index.open_generation(current_path(archive.settings.index_dir))
    writer = GenerationWriter(generation, TagGraph(), "someone else's")
    for name in index.NAMES:
        writer.commit(name, index.Checkpoint(index.START))
    writer.close()
    before = current_path(archive.settings.index_dir)
    archive.indexer.open()
    assert current_path(archive.settings.index_dir) != before
    archive.settle()
    assert archive.titles() == ["a", "b"]


def test_a_damaged_index_is_rebuilt(archive: TestArchive) -> None:
    archive.add(*works("a", "b"))
    archive.indexer.close()
    (current_path(archive.settings.index_dir) / "works" / "meta.json").write_bytes(b"{")
    archive.indexer.open()
    archive.settle()
    assert archive.titles() == ["a", "b"]


def test_only_one_process_writes(archive: TestArchive) -> None:
    other = WriterLock(archive.settings.index_dir)
    assert not other.acquire()


def test_a_reader_follows_commits_and_waits_for_a_position(archive: TestArchive) -> None:
    reader = SearchIndex(archive.settings.index_dir)
    reader.refresh()
    before = reader.position
    archive.add(*works("a"))
    assert reader.wait_for(archive.indexer.position, 5.0)
    assert reader.position > before


def test_a_search_can_wait_for_a_change(archive: TestArchive) -> None:
    archive.add(*works("a"))
    number = archive.indexer.position.seq
    assert archive.get("/v1/works", after_change=number)["total"] == 1
    problem = archive.problem("/v1/works", 422, after_change=number + 1_000)
    assert problem["errors"][0]["code"] == "unknown-change"


def lone_tags(*titles: str) -> list[dict[str, object]]:
    return [
        record for title in titles for record in works(title, freeforms=[f"only {title}"], chapters=[{"content": "x"}])
    ]


def test_tags_that_wait_at_the_end_of_an_import_are_counted(
    archive: TestArchive, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(indexer, "BATCH", 2)
    monkeypatch.setattr(pacing, "COMMIT_SECONDS", -1.0)
    archive.add(*lone_tags("a", "b"))  # one full batch: the indexer cannot know that nothing follows
    assert archive.get("/v1/tags", type="freeform")["total"] == 2


def test_tags_of_few_works_are_counted_during_a_long_import(
    archive: TestArchive, monkeypatch: pytest.MonkeyPatch
) -> None:
    archive.add(*lone_tags("z"))
    archive.add(*lone_tags("z"), *lone_tags("y"))
    archive.indexer.writer.uses = None  # the index is asked, which knows what is committed alone
    tags = {title: archive.tag(f"only {title}") for title in "abcz"}
    waiting = archive.indexer.writer.dirty_tags
    with monkeypatch.context() as patch:
        patch.setattr(pacing, "FEW_TAGS", 0)
        patch.setattr(archive.indexer.pace, "last_full", time.monotonic() + 1_000)  # the import is not over
        patch.setattr(pacing, "COMMIT_SECONDS", -1.0)
        for title in "abc":
            archive.add_rows(*lone_tags(title))
            assert archive.indexer.step()
        assert set(tags.values()) - {tags["z"]} <= waiting
        patch.setattr(pacing, "COMMIT_SECONDS", 1_000.0)
        archive.add_rows(*works("d", freeforms=["only a"]))
        assert archive.indexer.step()  # a work that is not committed
        assert archive.indexer.step()
        assert not archive.indexer.step()
    assert tags["a"] in waiting
    assert tags["b"] not in waiting
    assert tags["c"] in waiting  # its work came with the last commit
    archive.settle()
    uses = {tag["name"]: tag["uses"] for tag in archive.get("/v1/tags", type="freeform")["items"]}
    assert uses == {"only a": 2, "only b": 1, "only c": 1, "only y": 1, "only z": 1}


def test_tags_of_works_committed_before_a_kill_are_counted_after_it(
    archive: TestArchive, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(indexer, "BATCH", 2)
    monkeypatch.setattr(pacing, "COMMIT_SECONDS", -1.0)
    archive.add_rows(*lone_tags("a", "b", "c"))
    assert archive.indexer.step()
    archive.client.app_state["index"].refresh()
    assert archive.get("/v1/works", limit=1)["total"] == 2
    archive.indexer._writer = None  # all that a killed process knew and had not written
    archive.indexer.open()
    archive.settle()
    assert archive.titles(freeform="only a") == ["a"]
    assert archive.get("/v1/tags", type="freeform")["total"] == 3


def test_a_change_is_applied_once_its_tags_are_counted(archive: TestArchive, monkeypatch: pytest.MonkeyPatch) -> None:
    archive.add({"title": "One", "fandoms": ["Test"]})
    seen = archive.client.app_state["index"]
    behind = Checkpoint(Position(0, 9), [], Position(0, 4))
    monkeypatch.setattr(reader, "read_checkpoint", lambda *_: behind)
    archive.add({"title": "Two", "fandoms": ["Test"]})
    seen.refresh()
    assert seen.position == Position(0, 4)
    assert not seen.wait_for(Position(0, 5), 0)
    assert seen.wait_for(Position(0, 4), 0)


def test_who_knows_that_nothing_more_comes_need_not_wait_for_it(
    archive: TestArchive, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in {"indexer.BATCH": 2, "pacing.FEW_TAGS": 0, "pacing.COMMIT_SECONDS": 3_600}.items():
        monkeypatch.setattr(f"app.search.{name}", value)
    archive.add_rows(*works("A", "B", "C"))
    indexer = archive.indexer
    indexer.step()
    indexer.step()
    assert indexer.counted < indexer.position
    indexer.pace.hurry.set()
    indexer.step()
    assert indexer.counted == indexer.position
    archive.client.app_state["index"].refresh()
    assert archive.titles() == ["A", "B", "C"]
