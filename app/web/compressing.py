"""Compression of answers: the library's middleware, with one Zstandard context instead of a new one per answer.

Before Python 3.14 the library makes a compressor for every answer. Its tables are fresh memory each time, which costs
more than compressing a page: a quarter of a millisecond in a process that has other things in its caches.
"""

from __future__ import annotations

import sys

from starlette.types import ASGIApp
from starlette_compress import CompressMiddleware, add_compress_type

from app.web.kept import packing_once

if sys.version_info < (3, 14):  # the library's own dependency on these versions
    from zstandard import ZstdCompressor

LEVEL = 4
SMALLEST = 1024
for media_type in ("application/jsonl", "application/x-ndjson", "application/problem+json", "application/schema+json"):
    add_compress_type(media_type)


class Compress(CompressMiddleware):
    """Zstandard, Brotli or gzip, as the client takes them."""

    def __init__(self, app: ASGIApp) -> None:
        super().__init__(app, minimum_size=SMALLEST, zstd_level=LEVEL)
        if sys.version_info < (3, 14):
            # Whole answers are compressed on the event loop, one after the other, so they can share it.
            assert self._zstd is not None
            self._zstd.oneshot = ZstdCompressor(level=LEVEL).compress
        for responder in (self._zstd, self._brotli, self._gzip):
            assert responder is not None
            responder.oneshot = packing_once(responder.encoding, responder.oneshot)
