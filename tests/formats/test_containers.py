"""Archives of files: each entry by itself, damage never takes what was good, nothing points out of an archive."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import stat
import tarfile
import zipfile

import pytest

from app.formats.manuscript import ReadItem
from app.formats.options import ReadOptions
from app.formats.registry import read_stream
from app.formats.unpacking import Limits
from tests.formats.books import CONTAINER, package, page, zipped
from tests.formats.reading import codes, items

STORY = b"The Crow\n\nby Ann\n\nThere was no cheese.\n"
LINES = b'{"title": "A"}\n{"title": "B"}\n'
BOOK = zipped(
    {"META-INF/container.xml": CONTAINER, "OPS/content.opf": package(["a.xhtml"]), "OPS/a.xhtml": page("<p>x</p>")}
)


def zip_of(files: dict[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    return zipped(dict(files), mimetype=False) if method == zipfile.ZIP_DEFLATED else _stored(files)


def _stored(files: dict[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return out.getvalue()


def tar_of(files: dict[str, bytes], mode: str = "w") -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode=mode) as archive:  # type: ignore[call-overload]
        for name, content in files.items():
            info = tarfile.TarInfo(name)
            info.size = len(content)
            archive.addfile(info, io.BytesIO(content))
    return out.getvalue()


FILES = {"a/story.txt": STORY, "works.ndjson": LINES, "book.epub": BOOK, "cover.jpg": b"\xff\xd8\xff\xe0x"}


@pytest.mark.parametrize(
    "data",
    [
        zip_of(FILES),
        zip_of(FILES, zipfile.ZIP_STORED),
        tar_of(FILES),
        tar_of(FILES, "w:gz"),
        tar_of(FILES, "w:bz2"),
        tar_of(FILES, "w:xz"),
    ],
)
def test_each_entry_is_an_input_of_its_own(data: bytes) -> None:
    found = items(data, "all.zip")
    assert [(item.input, item.entry, item.alone) for item in found] == [
        ("all.zip: a/story.txt", "a/story.txt", True),
        ("all.zip: works.ndjson line 1", "works.ndjson", False),
        ("all.zip: works.ndjson line 2", "works.ndjson", False),
        ("all.zip: book.epub", "book.epub", True),
    ]
    assert all(item.problem is None for item in found)


@pytest.mark.parametrize("pack", [gzip.compress, bz2.compress, lzma.compress])
def test_one_compressed_file_is_that_file(pack: object) -> None:
    (item,) = items(pack(STORY), "story.txt.gz")  # type: ignore[operator]
    assert item.manuscript is not None
    assert (item.input, item.manuscript.title) == ("story.txt.gz: story.txt", "The Crow")


def test_the_title_of_an_entry_is_that_of_its_own_name() -> None:
    (item,) = items(zip_of({"My Tale.txt": b"just some words, and more of them."}), "all.zip")
    assert item.manuscript is not None
    assert item.manuscript.title == "My Tale"


def test_what_systems_leave_behind_is_passed_over() -> None:
    files = {".DS_Store": b"x", "__MACOSX/a.txt": b"x", "style.css": b"p {}", "img/1": b"\x89PNG\r\n\x1a\n"}
    assert codes(zip_of({**files, "a.txt": STORY})) == [None]
    assert codes(zip_of(files)) == ["nothing-to-read"]


@pytest.mark.parametrize(
    "inner",
    [zip_of({"a.txt": STORY}), tar_of({"a.txt": STORY}), gzip.compress(STORY, mtime=0)],
    ids=["zip", "tar", "gzip"],
)
def test_an_archive_in_an_archive_fails_alone(inner: bytes) -> None:
    assert codes(zip_of({"in.bin": inner, "b.txt": STORY})) == ["nested-archive", None]
    assert codes(tar_of({"in.bin": inner, "b.txt": STORY})) == ["nested-archive", None]


@pytest.mark.parametrize("name", ["../x.txt", "/etc/x.txt", "C:\\x.txt", "a/../../x.txt"])
def test_names_that_point_out_of_the_archive_fail_alone(name: str) -> None:
    assert codes(zip_of({name: STORY, "b.txt": STORY})) == ["unsafe-name", None]
    assert codes(tar_of({name: STORY, "b.txt": STORY})) == ["unsafe-name", None]


def test_links_fail_alone() -> None:
    link = zipfile.ZipInfo("link.txt")
    link.external_attr = (stat.S_IFLNK | 0o777) << 16
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr(link, "/etc/passwd")
        archive.writestr("b.txt", STORY)
    assert codes(out.getvalue()) == ["symlink", None]
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as tar:
        info = tarfile.TarInfo("link.txt")
        info.type, info.linkname = tarfile.SYMTYPE, "/etc/passwd"
        tar.addfile(info)
        device = tarfile.TarInfo("zero.txt")
        device.type = tarfile.CHRTYPE
        tar.addfile(device)
    assert codes(out.getvalue()) == ["symlink", "special-file"]


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_the_second_entry_of_a_name_fails() -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("a.txt", STORY)
        archive.writestr("a.txt", STORY)
    assert codes(out.getvalue()) == [None, "duplicate-entry"]


def test_an_encrypted_entry_fails_alone() -> None:
    data = bytearray(zip_of({"a.txt": STORY, "b.txt": STORY}))
    data[data.index(b"PK\x01\x02") + 8] |= 1
    assert codes(bytes(data)) == ["encrypted", None]


def test_bombs_fail_alone() -> None:
    bomb = b"x" * 80_000_000
    assert codes(zip_of({"bomb.txt": bomb, "b.txt": STORY})) == ["zip-bomb", None]
    assert codes(gzip.compress(bomb)) == ["zip-bomb"]


def test_a_header_that_lies_of_the_size_fails_alone() -> None:
    data = bytearray(zip_of({"a.txt": STORY, "b.txt": STORY}))
    at = data.index(b"PK\x01\x02")
    data[at + 24 : at + 28] = (5).to_bytes(4, "little")
    assert codes(bytes(data)) == ["bad-archive", None]


def test_what_is_whole_in_a_truncated_archive_is_read() -> None:
    files = {"a.txt": STORY, "b.txt": STORY * 50}
    data = zip_of(files, zipfile.ZIP_STORED)
    assert codes(data[:900]) == [None, "truncated", "truncated"]
    assert codes(data[: data.index(b"PK\x01\x02")]) == [None, None, "truncated"]
    assert codes(tar_of(files)[: 512 * 4]) == [None, "truncated", "truncated"]
    assert codes(gzip.compress(STORY)[:-20]) == ["truncated"]


def test_too_many_entries_and_too_many_bytes_end_an_archive() -> None:
    def read(data: bytes, limits: Limits) -> list[ReadItem]:
        return list(read_stream(io.BytesIO(data), "x", ReadOptions(), limits=limits))

    files = {f"{number}.txt": STORY for number in range(5)}
    assert [item.problem and item.problem["code"] for item in read(zip_of(files), Limits(3))] == ["too-many-entries"]
    found = read(tar_of(files), Limits(3))
    assert [item.problem and item.problem["code"] for item in found] == [None, None, None, "too-many-entries"]
    found = read(zip_of(files), Limits(bytes=len(STORY) * 2))
    assert "archive-too-large" in [item.problem and item.problem["code"] for item in found]


@pytest.mark.parametrize("size", [0, 5, 30, 60, 200, 400])
def test_no_cut_makes_it_raise(size: int) -> None:
    for data in (zip_of(FILES), tar_of(FILES), tar_of(FILES, "w:gz"), BOOK):
        assert all(item.problem or item.manuscript for item in items(data[:size], "x"))
        assert all(item.problem or item.manuscript for item in items(data[:-size] if size else data, "x"))


NAMES = {
    "utf-8": ("Плéяда и 狐狸 – один.txt", "utf-8"),
    "cp866": ("Лиса и ворона бежали через тёмный лес.txt", "cp866"),
    "gbk": ("狐狸和乌鸦的故事在很远的山里面.txt", "gb18030"),
    "cp437": ("Pléiade à Noël.txt", "cp437"),
}


@pytest.mark.parametrize("name", NAMES)
def test_names_without_a_mark_are_read_as_they_were_written(name: str) -> None:
    written, encoding = NAMES[name]
    raw = written.encode(encoding)
    data = zipped({"x" * len(raw): "He ran.\n\nHe hid."}, mimetype=False).replace(b"x" * len(raw), raw)
    (item,) = items(data, "a.zip")
    assert item.entry == written
    assert item.manuscript is not None
    assert item.manuscript.title == written.removesuffix(".txt")


def test_what_tells_of_other_files_is_no_work() -> None:
    files: dict[str, str | bytes] = {"README.txt": "Made by x.", "LICENSE": "All.", "metadata.db": b"SQLite format 3\0"}
    found = items(zipped({**files, "The Fox.txt": "He ran.\n\nHe hid."}, mimetype=False), "a.zip")
    assert [item.entry for item in found] == ["The Fox.txt"]
