"""Folders as people have them: twice is once, moved and grown as well, over HTTP as on the disk."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from app.cli.parts import make_parts
from app.formats.options import ReadOptions
from app.imports import runner
from app.imports.runner import Counts, ImportRun, import_items, read_files
from app.imports.work import Worker
from tests.conftest import TestArchive
from tests.formats.test_folders import OPF, chapter
from tests.formats.test_loose_files import book, html
from tests.imports.jobs import send, stopped_after, work
from tests.writing import Caller, operator

on_sqlite = pytest.mark.parametrize("settings", ["sqlite"], indirect=True)
"""For what reads a disk again and again: a process is started for each import."""


def lay(folder: Path, files: Mapping[str, bytes]) -> Path:
    for name, data in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    return folder


def bring(archive: TestArchive, *paths: Path, passed: list[int] | None = None) -> Counts:
    archive.rows = []
    run = ImportRun(archive.database, archive.settings, archive.rows.append)
    on_passed = (lambda _count: None) if passed is None else passed.append
    return import_items(run, read_files(paths, None, ReadOptions(), None, on_passed=on_passed))


def outcomes(counts: Counts) -> tuple[int, int, int, int]:
    return counts.created, counts.updated, counts.unchanged, counts.failed


def titles(archive: TestArchive) -> dict[str, int]:
    archive.settle()
    return {one["title"]: one["chapters_posted"] for one in archive.get("/v1/works")["items"]}


def story(*numbers: int) -> dict[str, bytes]:
    return {f"My Story/{number:02}.txt": chapter(number) for number in numbers}


LIBRARY = {
    "Ann/T (1)/T - Ann.epub": book({"a.xhtml": "<p>He ran over the hill.</p>"}, "<dc:title>The Fox at Noon</dc:title>"),
    "Ann/T (1)/T - Ann.txt": b"The Fox at Noon\n\nby Ann Example\n\nHe ran over the hill.\n",
    "Ann/T (1)/metadata.opf": OPF,
    "Ann/T (1)/cover.jpg": b"\xff\xd8\xff",
    "Bo/H (2)/H - Bo.html": html("<h1>The Hen</h1><p>It was careful.</p>"),
    "metadata.db": b"SQLite format 3\0",
}


@on_sqlite
def test_a_library_is_its_books_wherever_it_is(archive: TestArchive, tmp_path: Path) -> None:
    folder = lay(tmp_path / "lib", LIBRARY)
    passed: list[int] = []
    assert outcomes(bring(archive, folder, passed=passed)) == (2, 0, 1, 0)
    assert sum(passed) == 3
    assert titles(archive) == {"The Fox at Noon": 1, "The Hen": 1}
    assert outcomes(bring(archive, folder)) == (0, 0, 3, 0)
    shutil.move(folder, tmp_path / "elsewhere")
    assert outcomes(bring(archive, tmp_path / "elsewhere")) == (0, 0, 3, 0)
    (fox,) = archive.get("/v1/works?q=title:fox")["items"]
    assert [(one["title"], one["position"]) for one in fox["series"]] == [("Beasts", 2)]


@on_sqlite
def test_a_file_that_came_by_itself_is_met_again_in_its_library(archive: TestArchive, tmp_path: Path) -> None:
    folder = lay(tmp_path / "lib", {name: data for name, data in LIBRARY.items() if not name.endswith(".opf")})
    assert outcomes(bring(archive, folder)) == (3, 0, 0, 0)
    lay(folder, LIBRARY)
    assert bring(archive, folder).created == 0
    assert bring(archive, folder).unchanged == 3


@on_sqlite
def test_a_named_file_has_the_package_beside_it(archive: TestArchive, tmp_path: Path) -> None:
    folder = lay(tmp_path / "lib", LIBRARY)
    assert outcomes(bring(archive, folder / "Ann/T (1)/T - Ann.epub")) == (1, 0, 0, 0)
    assert outcomes(bring(archive, folder)) == (1, 0, 2, 0)


@on_sqlite
def test_chapters_in_files_grow_and_move(archive: TestArchive, tmp_path: Path) -> None:
    folder = lay(tmp_path / "a", story(1))
    assert outcomes(bring(archive, folder)) == (1, 0, 0, 0)
    lay(folder, story(2, 3))
    assert outcomes(bring(archive, folder)) == (0, 1, 0, 0)
    assert titles(archive) == {"My Story": 3}
    assert outcomes(bring(archive, folder)) == (0, 0, 1, 0)
    shutil.move(folder, tmp_path / "b")
    assert outcomes(bring(archive, tmp_path / "b")) == (0, 0, 1, 0)
    lay(tmp_path / "b", story(4, 5))
    assert outcomes(bring(archive, *sorted((tmp_path / "b" / "My Story").iterdir()))) == (0, 1, 0, 0)
    assert titles(archive) == {"My Story": 5}


@on_sqlite
def test_what_systems_leave_behind_is_passed_over_and_a_loop_ends(archive: TestArchive, tmp_path: Path) -> None:
    litter = {
        "Thumbs.db": b"\xd0\xcf\x11\xe0",
        "__MACOSX/x.txt": b"x",
        ".DS_Store": b"x",
        "cover": b"\x89PNG\r\n\x1a\n",
    }
    folder = lay(tmp_path / "f", {**litter, "The%20Fox.txt": chapter(1), "empty.txt": b""})
    (folder / "again").symlink_to(folder)
    assert outcomes(bring(archive, folder)) == (1, 0, 0, 1)
    assert [row.problem["code"] for row in archive.rows if row.problem] == ["empty-file"]
    assert titles(archive) == {"The Fox": 1}


def form(files: Mapping[str, bytes]) -> bytes:
    parts = b"".join(
        b'--b\r\nContent-Disposition: form-data; name="files"; filename="%s"\r\n\r\n%s\r\n' % (name.encode(), data)
        for name, data in files.items()
    )
    return parts + b"--b--\r\n"


def upload(op: Caller, files: Mapping[str, bytes]) -> list[dict[str, Any]]:
    job = send(op, form(files), kind="multipart/form-data; boundary=b").json()
    work(op)
    assert op.get(f"/imports/{job['id']}")["state"] == "succeeded"
    items: list[dict[str, Any]] = op.get(f"/imports/{job['id']}/items?limit=100")["items"]
    assert [item["index"] for item in items] == list(range(len(items)))
    return items


def test_over_http_the_same_files_are_the_same_works(archive: TestArchive) -> None:
    op = operator(archive, "import")
    files = {"cat.txt": b"The Cat\n\nIt was careful.\n", **story(1, 10, 2, 3, 4, 5, 6, 7, 8, 9), **LIBRARY}
    files |= {"w.ndjson": b'{"title": "W", "key": "w"}\n'}
    first = upload(op, files)
    assert sorted(item["outcome"] for item in first) == ["created"] * 5 + ["unchanged"], first
    assert titles(archive) == {"The Cat": 1, "The Hen": 1, "My Story": 10, "The Fox at Noon": 1, "W": 1}
    assert {item["outcome"] for item in upload(op, files)} == {"unchanged"}
    (grown,) = upload(op, story(*range(1, 13)))
    assert grown["outcome"] == "updated"
    (picture,) = upload(op, {"cover.jpg": b"\xff\xd8\xff"})
    assert picture["problem"]["code"] == "unsupported-format"


def test_a_dead_workers_folders_are_read_on_where_it_was(archive: TestArchive, monkeypatch: pytest.MonkeyPatch) -> None:
    """How many works are in them nobody knows before they are read: so they are found again in the same order."""
    monkeypatch.setattr(runner, "BATCH", 1)
    op = operator(archive, "import")
    files = {**story(1, 2, 3), **LIBRARY, "Other Story/01.txt": chapter(8), "Other Story/02.txt": chapter(9)}
    job = send(op, form(files), kind="multipart/form-data; boundary=b").json()
    dead = Worker(archive.database, archive.settings)
    dead.name = dead.name.split(":")[0] + ":999999999:dead"  # a process that is not there
    with stopped_after(dead, 2, monkeypatch):
        while dead.step():
            pass
    before = op.get(f"/imports/{job['id']}/items")["items"]
    assert [item["index"] for item in before] == [0, 1]
    work(op)
    items = op.get(f"/imports/{job['id']}/items?limit=100")["items"]
    assert items[:2] == before
    assert [item["index"] for item in items] == list(range(len(items)))
    assert titles(archive) == {"My Story": 3, "The Fox at Noon": 1, "The Hen": 1, "Other Story": 2}


def test_files_are_sent_elsewhere_with_their_folders(tmp_path: Path) -> None:
    folder = lay(tmp_path / "lib", {**LIBRARY, **story(1, 2)})
    (part,) = make_parts([folder], None, None)
    assert [name for name, _ in part.files] == [
        "lib/Ann/T (1)/T - Ann.epub", "lib/Ann/T (1)/T - Ann.txt", "lib/Ann/T (1)/metadata.opf",
        "lib/Bo/H (2)/H - Bo.html", "lib/My Story/01.txt", "lib/My Story/02.txt",
    ]  # fmt: skip
