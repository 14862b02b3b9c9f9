"""A body of any length, spooled to a file without a name: an upload that breaks off leaves nothing."""

from __future__ import annotations

import errno
import hashlib
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO

from python_multipart import MultipartParser
from python_multipart.exceptions import FormParserError
from python_multipart.multipart import parse_options_header
from starlette.requests import ClientDisconnect, Request

from app.errors import FieldProblem, Invalid, StorageFull, TooLarge
from app.imports.cutting import Part
from app.imports.errors import UploadBroken
from app.kit.text import find_bad_character
from app.web.threads import in_thread

BUFFER = 1024 * 1024
MOST_FILES = 10_000
LONGEST_NAME = 1_000
"""Of a file with its folders."""
STDIN = "-"
FIELD = "files"


def open_spool(folder: Path) -> BinaryIO:
    """A file in the spool folder that is gone when it is closed, however that happens."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        return tempfile.TemporaryFile(dir=folder)
    except OSError as error:
        raise _as_problem(error) from error


class Receiver:
    """Takes a body piece by piece: its files are written one behind the other into one spool file."""

    def __init__(self, spool: BinaryIO, limit: int, content_type: str, name: str | None = None) -> None:
        self.spool = spool
        self.parts: list[Part] = []
        self.size = 0
        self._limit = limit
        self._taken = 0
        self._digest = hashlib.sha256()
        kind, options = parse_options_header(content_type)
        self.media_type = kind.decode("latin-1").lower()
        self._form: _Form | None = None
        if self.media_type == "multipart/form-data":
            if not options.get(b"boundary"):
                raise _bad_form("The content type names no boundary.")
            self._form = _Form(options[b"boundary"], self._begin, self._write, self._end)
        else:
            self._begin(name or STDIN)

    def feed(self, data: bytes) -> None:
        """Take the next piece of the body."""
        self._taken += len(data)
        if self._taken > self._limit:
            raise TooLarge(f"The body is larger than {self._limit:,} bytes: send it in parts, each an import.")
        self._digest.update(data)
        if self._form is not None:
            self._form.feed(data)
        else:
            self._write(data)

    def finish(self) -> bytes:
        """Close the last file; a hash of the whole body, which knows a repeated request again."""
        if self._form is not None:
            self._form.finish()
        else:
            self._end()
        if not self.parts or not self.size:
            raise Invalid("There is nothing to import.", errors=[FieldProblem("empty", "It is empty.", pointer="")])
        try:
            self.spool.flush()
        except OSError as error:
            raise _as_problem(error) from error
        return self._digest.digest()

    def _begin(self, name: str) -> None:
        if len(self.parts) >= MOST_FILES:
            raise TooLarge(f"At most {MOST_FILES:,} files in one import.")
        self.parts.append(Part(name, self.size, self.size))

    def _write(self, data: bytes) -> None:
        try:
            self.spool.write(data)
        except OSError as error:
            raise _as_problem(error) from error
        self.size += len(data)

    def _end(self) -> None:
        self.parts[-1].ends = self.size


class _Form:
    """The files of a form, as they come."""

    def __init__(
        self, boundary: bytes, begin: Callable[[str], None], write: Callable[[bytes], None], end: Callable[[], None]
    ) -> None:
        self._begin, self._write, self._end = begin, write, end
        self._header, self._value = bytearray(), bytearray()
        self._disposition = b""
        self._whole = False
        self._parser = MultipartParser(
            boundary,
            {
                "on_part_begin": self._on_part_begin,
                "on_part_data": lambda data, start, end: self._write(data[start:end]),
                "on_part_end": self._end,
                "on_header_field": lambda data, start, end: self._header.extend(data[start:end]),
                "on_header_value": lambda data, start, end: self._value.extend(data[start:end]),
                "on_header_end": self._on_header_end,
                "on_headers_finished": self._on_headers_finished,
                "on_end": self._on_end,
            },
        )

    def feed(self, data: bytes) -> None:
        try:
            self._parser.write(data)
        except FormParserError as error:
            raise _bad_form("The form cannot be read.") from error

    def finish(self) -> None:
        if not self._whole:
            raise _bad_form("The form has no end.")

    def _on_part_begin(self) -> None:
        self._disposition = b""

    def _on_header_end(self) -> None:
        if self._header.lower() == b"content-disposition":
            self._disposition = bytes(self._value)
        self._header.clear()
        self._value.clear()

    def _on_headers_finished(self) -> None:
        _, options = parse_options_header(self._disposition)
        field = options.get(b"name", b"").decode("utf-8", "replace")
        if field != FIELD:
            raise _bad_form(f"A form has files in the field `{FIELD}`, and no other field.")
        self._begin(file_name(options.get(b"filename", b"")) or STDIN)

    def _on_end(self) -> None:
        self._whole = True


def file_name(raw: bytes) -> str:
    """A file's name as people read it; folders are kept as part of it, and nothing is ever opened by it."""
    name = raw.decode("utf-8", "replace").strip()[-LONGEST_NAME:]
    return "" if find_bad_character(name) is not None else name


async def receive(request: Request, receiver: Receiver) -> bytes:
    """Spool the body of a request; a hash of it. What is not needed to be in memory is not."""
    buffer = bytearray()
    try:
        async for piece in request.stream():
            buffer += piece
            if len(buffer) >= BUFFER:
                await in_thread(request, receiver.feed, bytes(buffer))
                buffer.clear()
    except ClientDisconnect as error:
        raise UploadBroken from error
    await in_thread(request, receiver.feed, bytes(buffer))
    return await in_thread(request, receiver.finish)


def _bad_form(detail: str) -> Invalid:
    return Invalid(detail, errors=[FieldProblem("bad-form", detail, pointer="")])


def _as_problem(error: OSError) -> Exception:
    full = error.errno in {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}
    return StorageFull() if full else error
