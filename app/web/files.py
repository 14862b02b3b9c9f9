"""Files made on request: a few at a time, on threads of their own, and sent piece by piece."""

from __future__ import annotations

import asyncio
import unicodedata
from collections.abc import AsyncIterator, Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime
from email.utils import format_datetime
from typing import IO
from urllib.parse import quote

from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from app.errors import Unavailable
from app.kit.file_names import NOT_IN_NAMES, file_stem
from app.web.responses import answer, matches, shared_fields
from app.web.threads import in_thread

AT_ONCE = 2
"""Files that a process makes at the same time: it has other things to do."""
MOST_WAITING = 32
PIECE = 256 * 1024
SANDBOX = "sandbox; default-src 'none'; style-src 'unsafe-inline'"
"""Should a browser show a file in place of saving it, it runs and loads nothing."""


class Making:
    """The threads that make files. Lives on the event loop."""

    def __init__(self) -> None:
        self._threads = ThreadPoolExecutor(AT_ONCE, thread_name_prefix="files")
        self._waiting = 0

    async def make(self, function: Callable[[], IO[bytes]]) -> IO[bytes]:
        """Make a file; 503 where too many wait already."""
        if self._waiting >= MOST_WAITING:
            raise Unavailable("Too many files are being made at once.", retry_after=5)
        self._waiting += 1
        try:
            return await asyncio.get_running_loop().run_in_executor(self._threads, function)
        finally:
            self._waiting -= 1

    def stop(self) -> None:
        """End the threads, when what is being made is made."""
        self._threads.shutdown(wait=True, cancel_futures=True)


@dataclass(frozen=True, slots=True)
class FileHead:
    """What an answer says of a file."""

    name: str
    extension: str
    media_type: str
    etag: str
    modified: datetime
    headers: Mapping[str, str] = field(default_factory=dict)


async def send_file(request: Request, head: FileHead, make: Callable[[], IO[bytes]]) -> Response:
    """The file, made now; nothing is made where the client has it, or asks for its head alone."""
    known = request.headers.get("if-none-match")
    if known is not None and matches(known, head.etag):
        return answer(request, b"", etag=head.etag)
    headers = {
        **shared_fields(head.etag),
        "last-modified": format_datetime(head.modified, usegmt=True),
        "content-disposition": disposition(head.name, head.extension),
        "content-security-policy": SANDBOX,
        **head.headers,
    }
    if request.scope["head"]:
        response = Response(headers=headers | {"content-type": head.media_type})
        del response.headers["content-length"]  # it would be known only by making the file
        return response
    making: Making = request.state.making
    file = await making.make(make)
    headers["content-length"] = str(file.seek(0, 2))
    file.seek(0)
    return StreamingResponse(_pieces(request, file), headers=headers | {"content-type": head.media_type})


async def _pieces(request: Request, file: IO[bytes]) -> AsyncIterator[bytes]:
    with file:
        while piece := await in_thread(request, file.read, PIECE):
            yield piece


def disposition(name: str, extension: str) -> str:
    """``Content-Disposition`` (RFC 6266): the name in ASCII for old clients, and as it is (RFC 8187)."""
    shown = file_stem(name) or "download"
    plain = unicodedata.normalize("NFKD", shown).encode("ascii", "ignore").decode()
    plain = " ".join(NOT_IN_NAMES.sub(" ", plain).replace("%", " ").split()).strip(" .-") or "download"
    return f"attachment; filename=\"{plain}.{extension}\"; filename*=UTF-8''{quote(f'{shown}.{extension}', safe='')}"
