"""A file that is too much fails alone, and the process that reads is used again."""

from __future__ import annotations

import contextlib
import io
import os
from pathlib import Path

import pytest

from app.formats.options import ReadOptions
from app.formats.registry import read_input
from app.formats.sandbox import Sandbox, SandboxLimits
from tests.formats.books import CONTAINER, NCX_ITEM, package, page, zipped

STORY = b"<!DOCTYPE html><html><title>A Tale</title><body><p>Once there was a fox, and it ran.</p></body></html>"


def code(sandbox: Sandbox, data: bytes, name: str = "x.html") -> str | None:
    (item,) = sandbox.read(io.BytesIO(data), name, ReadOptions(authors=["Ann"]))
    if item.manuscript is not None:
        assert item.manuscript.authors == ["Ann"]
    return item.problem["code"] if item.problem else None


def test_one_process_reads_many_files() -> None:
    with Sandbox() as sandbox:
        assert [code(sandbox, STORY) for _ in range(50)] == [None] * 50
        assert sandbox.started == 1
    with Sandbox(SandboxLimits(files=10)) as sandbox:
        assert [code(sandbox, STORY) for _ in range(25)] == [None] * 25
        assert sandbox.started == 3


def test_an_encoding_is_guessed_where_no_file_can_be_written() -> None:
    text = "Première Nuit\n\nTrès tôt, la forêt était là, à côté de la mère.\n".encode("cp1252")
    with Sandbox() as sandbox:
        assert code(sandbox, text, "x.txt") is None


def test_lines_are_read_without_a_process() -> None:
    with Sandbox() as sandbox:
        found = list(sandbox.read(io.BytesIO(b'{"title": "A"}\n{"title": "B"}\n'), "x", ReadOptions()))
        assert len(found) == 2
        assert sandbox.started == 0


def test_what_came_out_is_what_the_reader_made() -> None:
    data = zipped(
        {
            "META-INF/container.xml": CONTAINER,
            "OPS/content.opf": package(
                ["a.xhtml"],
                "<dc:title>T</dc:title><dc:date>2020-01-02</dc:date><dc:source>https://x.example/1</dc:source>"
                '<meta name="calibre:series" content="S"/><meta name="calibre:series_index" content="2.0"/>',
                extra_items=NCX_ITEM,
            ),
            "OPS/a.xhtml": page("<p>x</p>"),
        }
    )
    with Sandbox() as sandbox:
        there = list(sandbox.read(io.BytesIO(data), "x.epub", ReadOptions()))
    assert there == list(read_input(io.BytesIO(data), "x.epub", ReadOptions()))
    assert there[0].manuscript is not None
    assert there[0].manuscript.published_at is not None


def test_a_reader_that_takes_too_long_is_killed_and_the_next_file_is_read() -> None:
    slow = b"<html><body>" + b"<b><i>x" * 400_000
    with Sandbox(SandboxLimits(seconds=0.001)) as sandbox:
        assert code(sandbox, slow) == "too-expensive"
    with Sandbox(SandboxLimits(seconds=30)) as sandbox:
        assert code(sandbox, STORY) is None


def test_a_reader_that_needs_too_much_memory_fails_and_the_next_file_is_read() -> None:
    big = b"<html><body>" + b"<p>x</p>" * 1_400_000
    with Sandbox(SandboxLimits(memory=300 * 1024 * 1024)) as sandbox:
        assert code(sandbox, big) in {"out-of-memory", "too-expensive"}
        assert code(sandbox, STORY) is None
        assert sandbox.started == 2


@pytest.mark.timeout(120)
def test_a_hundred_megabytes_of_nested_tags_fail() -> None:
    with Sandbox() as sandbox:
        assert code(sandbox, b"<html><body>" + b"<div>" * 20_000_000) in {"too-large", "too-deep", "too-complex"}
        assert code(sandbox, b"<html><body>" + b"<div>" * 2_000_000) in {"too-deep", "too-complex", "no-text"}
        assert code(sandbox, STORY) is None


def test_entity_bombs_fail() -> None:
    bomb = '<!DOCTYPE lolz [<!ENTITY a "lol">' + "".join(
        f'<!ENTITY a{n} "{f"&a{n - 1 or str()};" * 10}">' for n in range(1, 10)
    )
    data = zipped(
        {"META-INF/container.xml": bomb + "]><container>&a9;</container>", "OPS/content.opf": package(["a.xhtml"])}
    )
    with Sandbox() as sandbox:
        assert code(sandbox, data, "x.epub") == "xml-entities"


def test_the_child_knows_nothing_of_the_parent(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("FANARCHIVE_SECRET", "hush")
    with (tmp_path / "open").open("wb") as held:
        os.set_inheritable(held.fileno(), False)
        with Sandbox() as sandbox:
            assert code(sandbox, STORY) is None
            assert sandbox._child is not None
            proc = Path(f"/proc/{sandbox._child.pid}")
            if not proc.exists():
                pytest.skip("there is no /proc")
            assert b"hush" not in (proc / "environ").read_bytes()
            assert str(tmp_path / "open") not in [str(one.readlink()) for one in (proc / "fd").iterdir()]


def test_a_stream_that_fails_half_way_leaves_a_sandbox_that_works() -> None:
    class Broken(io.BytesIO):
        def read(self, size: int | None = -1) -> bytes:
            if self.tell() > 100_000:
                raise OSError("gone")
            return super().read(size)

    with Sandbox() as sandbox:
        found = []
        with contextlib.suppress(OSError):
            found = list(sandbox.read(Broken(STORY + b" " * 3_000_000), "x", ReadOptions()))
        assert all(item.problem for item in found)
        assert code(sandbox, STORY) is None
