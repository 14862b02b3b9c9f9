"""Long answers: made a piece at a time in a thread, and sent as the client takes them."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator, Mapping
from types import MappingProxyType

from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from app.web.responses import REVALIDATE, VARY
from app.web.threads import in_thread

PIECE = 65_536
"""Bytes that are gathered before they are sent: a hop to a thread for each small piece costs more than making it."""


async def stream(
    request: Request,
    pieces: Iterator[bytes],
    *,
    media_type: str,
    filename: str,
    headers: Mapping[str, str] = MappingProxyType({}),
) -> Response:
    """Send pieces as an attachment.

    The first one is made before the head is sent, so that what is wrong with the question is answered as a problem.
    """
    first = await in_thread(request, _gather, pieces)
    fields = {
        **headers,
        "cache-control": REVALIDATE,
        "vary": VARY,
        "content-disposition": f'attachment; filename="{filename}"',
    }
    if request.scope["head"]:
        # No length is said of what is not made.
        first, pieces = b"", iter(())
    return StreamingResponse(_sent(request, first, pieces), headers=fields, media_type=media_type)


async def _sent(request: Request, first: bytes, pieces: Iterator[bytes]) -> AsyncIterator[bytes]:
    piece = first
    while piece:
        yield piece
        piece = await in_thread(request, _gather, pieces)


def _gather(pieces: Iterator[bytes]) -> bytes:
    """The next pieces up to the size of one that is sent; none at the end."""
    gathered = bytearray()
    for piece in pieces:
        gathered += piece
        if len(gathered) >= PIECE:
            break
    return bytes(gathered)
