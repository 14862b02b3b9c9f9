"""Requests to the OpenID provider, with limits on time and on bytes."""

from __future__ import annotations

import time

import httpx2

PATIENCE = 10.0
"""Seconds for one question, however slowly its answer drips."""
SILENCE = 5.0
"""Seconds without a byte."""
LARGEST = 1_048_576


class Bounded(httpx2.HTTPTransport):
    """Reads an answer whole, or gives up with a ``TransportError``."""

    def handle_request(self, request: httpx2.Request) -> httpx2.Response:
        """The answer, with its body in memory."""
        until = time.monotonic() + PATIENCE
        response = super().handle_request(request)
        body = bytearray()
        try:
            assert isinstance(response.stream, httpx2.SyncByteStream)
            for chunk in response.stream:
                body += chunk
                if len(body) > LARGEST:
                    raise httpx2.ReadError("the answer is too large", request=request)
                if time.monotonic() > until:
                    raise httpx2.ReadTimeout("the answer takes too long", request=request)
        finally:
            response.close()
        return httpx2.Response(response.status_code, headers=response.headers, content=bytes(body), request=request)
