"""Files cut into parts that are sent one after the other: a part that did not arrive is sent again, no other."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO

from app.formats.folder_plan import Cluster, plan
from app.formats.reading import Reader
from app.formats.registry import HEAD, by_name, choose
from app.imports.shelves import shelves

PART_BYTES = 8 * 1024 * 1024
PART_FILES = 200
_PIECE = 1024 * 1024


@dataclass(slots=True)
class Part:
    """Some files, or some lines of one; ``first_line`` is where these stand in it."""

    files: list[tuple[str, Path | bytes]] = field(default_factory=list)
    first_line: int = 1
    size: int = 0

    def add(self, name: str, content: Path | bytes) -> None:
        """One more file."""
        self.files.append((name, content))
        self.size += len(content) if isinstance(content, bytes) else content.stat().st_size

    def digest(self) -> str:
        """A hash of what it holds."""
        found = hashlib.sha256()
        for name, content in self.files:
            found.update(f"{name}\0".encode())
            for piece in _pieces(content):
                found.update(piece)
        return found.hexdigest()


class Form:
    """A part as the body of a request, which can be sent as often as it takes."""

    def __init__(self, part: Part, digest: str) -> None:
        boundary = digest[:40]  # the same at every try: a repeated request has to be the same byte by byte
        self.content_type = f"multipart/form-data; boundary={boundary}"
        self._end = f"--{boundary}--\r\n".encode()
        self._files = [(_head(boundary, name), content) for name, content in part.files]
        self.length = part.size + sum(len(head) + 2 for head, _ in self._files) + len(self._end)

    def __iter__(self) -> Iterator[bytes]:
        """The body, some of it at a time."""
        for head, content in self._files:
            yield head
            yield from _pieces(content)
            yield b"\r\n"
        yield self._end


def _head(boundary: str, name: str) -> bytes:
    quoted = name.replace("\\", "_").replace('"', "%22").replace("\r", " ").replace("\n", " ")
    return f'--{boundary}\r\nContent-Disposition: form-data; name="files"; filename="{quoted}"\r\n\r\n'.encode()


def _pieces(content: Path | bytes) -> Iterator[bytes]:
    if isinstance(content, bytes):
        yield content
        return
    with content.open("rb") as file:
        while piece := file.read(_PIECE):
            yield piece


def make_parts(paths: Iterable[Path], stdin: BinaryIO | None, file_format: str | None) -> Iterator[Part]:
    """All that is to be sent, in order: lines in blocks, small files together, large ones by themselves."""
    gathered = Part()
    for group in _groups(paths, file_format):
        (name, path), *others = group
        if str(path) == "-" and stdin is not None:
            yield from _lines(stdin, b"", "-")
            continue
        with path.open("rb") as file:
            head = file.read(HEAD)
            reader = _reader(head, path.name, file_format)
            if reader is not None and reader.by_line and not others:
                if gathered.files:
                    yield gathered
                    gathered = Part()
                yield from _lines(file, head, name)
                continue
        size = sum(one.stat().st_size for _, one in group)
        if gathered.files and (len(gathered.files) >= PART_FILES or gathered.size + size > PART_BYTES):
            yield gathered
            gathered = Part()
        for one, place in group:
            gathered.add(one, place)
    if gathered.files:
        yield gathered


def _groups(paths: Iterable[Path], file_format: str | None) -> Iterator[list[tuple[str, Path]]]:
    """Files that belong together, and each other one: by their names with the folders that they are in."""
    for shelf in shelves(paths):
        folder = shelf.folder or (shelf.called if len(shelf.files) > 1 else "")
        names = [f"{folder}/{path.name}" if folder else path.name for path in shelf.files]
        clusters = [Cluster((index,)) for index in range(len(names))]
        if file_format is None:
            clusters = plan(names, shelf.size_of)
        for cluster in clusters:
            if not (cluster.is_one and shelf.files[cluster.files[0]].name in shelf.beside):
                # Files that were named stand for themselves, unless their folder tells what they are.
                shown = names if shelf.folder or not cluster.is_one else [path.name for path in shelf.files]
                yield [(shown[index], shelf.files[index]) for index in sorted(cluster.all)]


def _reader(head: bytes, name: str, file_format: str | None) -> Reader | None:
    return by_name(file_format) if file_format else choose(head, name)


def _lines(file: BinaryIO, head: bytes, name: str) -> Iterator[Part]:
    line = 1
    rest = head
    while True:
        block = rest + file.read(max(0, PART_BYTES - len(rest)))
        rest = b""
        if not block:
            return
        if not block.endswith(b"\n"):
            block += file.readline()
        part = Part(first_line=line)
        part.add(name, block)
        yield part
        line += block.count(b"\n")
