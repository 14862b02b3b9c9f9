"""Files of the index that are not what was written: noticed, kept from readers, and built anew."""

from __future__ import annotations

from pathlib import Path
from threading import Event, Thread
from typing import Any

import pytest

from app.search import integrity
from app.search.index import current_path
from app.search.indexer import Indexer
from app.search.integrity import PARTS, SUSPECT, first_damage
from app.search.watched import Watched
from tests.conftest import TestArchive, works
from tests.faults.asking import until


def _flip(path: Path) -> None:
    with path.open("r+b") as file:
        place = path.stat().st_size // 3
        file.seek(place)
        byte = file.read(1)[0]
        file.seek(place)
        file.write(bytes([byte ^ 1]))


def _cut(path: Path) -> None:
    with path.open("r+b") as file:
        file.truncate(path.stat().st_size // 2)


def _file(generation: Path, part: str) -> Path:
    """One of the last commit: what was merged lies about for a while."""
    folder = generation / "works"
    return next(folder / name for name in integrity._names(folder) if name.endswith(f".{part}"))


@pytest.fixture
def generation(archive: TestArchive) -> Path:
    """That of an archive with some works, which nobody writes now."""
    archive.add(*works("One", "Two"))
    archive.add(*works("Two", language="de"))
    archive.indexer.close()
    return current_path(archive.settings.index_dir)


@pytest.mark.parametrize("settings", ["sqlite"], indirect=True)
def test_every_byte_counts(archive: TestArchive, generation: Path) -> None:
    assert first_damage(generation) is None
    for part in PARTS:
        file = _file(generation, part)
        good = file.read_bytes()
        _flip(file)
        assert first_damage(generation) == f"works/{file.name}: its checksum is another"
        _cut(file)
        assert (first_damage(generation) or "").startswith(f"works/{file.name}: ")
        file.write_bytes(b"")
        assert first_damage(generation) == f"works/{file.name}: it is cut short"
        file.unlink()
        assert first_damage(generation) == f"works/{file.name}: it is missing"
        file.write_bytes(good)
    (generation / "tags" / "meta.json").write_bytes(b"{}")
    assert first_damage(generation) == "tags/meta.json: it cannot be read"


@pytest.mark.parametrize("harm", [_flip, _cut, Path.unlink])
def test_a_damaged_index_is_built_anew_at_the_start(archive: TestArchive, generation: Path, harm: Any) -> None:
    harm(_file(generation, "store"))
    indexer = Indexer(archive.database, archive.settings.index_dir)
    indexer.open()
    archive.client.app_state["index"].refresh()
    assert current_path(archive.settings.index_dir) != generation
    assert archive.titles() == ["One", "Two"]
    assert not generation.exists()
    indexer.close()


@pytest.mark.parametrize("settings", ["sqlite"], indirect=True)
def test_an_index_that_is_damaged_while_it_is_served(
    archive: TestArchive, generation: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    root = archive.settings.index_dir
    indexer = Indexer(archive.database, root)
    missing = []
    rebuild = indexer.rebuild

    def rebuild_and_look() -> None:
        archive.client.app_state["index"].refresh()
        missing.append(archive.problem("/v1/works", 503)["code"])
        missing.append(str(archive.client.get("/v1/works/1").status_code))
        rebuild()

    monkeypatch.setattr(indexer, "rebuild", rebuild_and_look)
    stop = Event()
    running = Thread(target=indexer.run, args=(stop,))
    running.start()
    until(lambda: indexer._writer is not None, "it follows")
    _flip(_file(generation, "store"))
    integrity.suspect(root)
    until(lambda: bool(missing), "the damage is noticed")
    until((root / "current").exists, "it is built anew")
    stop.set()
    running.join()
    archive.client.app_state["index"].refresh()
    assert missing == ["index-unavailable", "200"]
    assert archive.titles() == ["One", "Two"]
    assert not (root / SUSPECT).exists()


class PanicException(BaseException):
    """What the engine's looks like; its own cannot be made here."""


@pytest.mark.parametrize("failure", [ValueError("Data corrupted"), PanicException("range end out of bounds")])
def test_whoever_meets_the_damage_comes_back_later(
    archive: TestArchive, generation: Path, failure: BaseException
) -> None:
    class Broken:
        def search(self, *_: Any, **__: Any) -> Any:
            raise failure

    snapshot = archive.client.app_state["index"].snapshot()
    snapshot.works = Watched(Broken(), lambda: integrity.suspect(archive.settings.index_dir))  # type: ignore[arg-type]
    response = archive.client.get("/v1/works")
    assert (response.status_code, response.json()["code"]) == (503, "index-unavailable")
    assert response.headers["retry-after"]
    assert (archive.settings.index_dir / SUSPECT).exists()
    assert archive.client.get("/v1/works/1").status_code == 200


def test_other_failures_are_not_hidden() -> None:
    class Stopped:
        def doc(self, _: Any) -> Any:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        Watched(Stopped(), lambda: None).doc(None)  # type: ignore[arg-type]
