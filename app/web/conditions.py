"""``If-Match``: what an update or a delete says it has seen (RFC 9110, section 13.1.1)."""

from __future__ import annotations

from starlette.requests import Request

from app.errors import PreconditionRequired

LONGEST_NUMBER = 18


def seen_versions(request: Request) -> frozenset[int] | None:
    """The versions that ``If-Match`` names, ``None`` for ``*``, which is any; 428 where the header is missing.

    Only the number before the dot counts: a kudos changes the representation, and spoils no edit. A weak tag is taken
    too, for a proxy that compresses makes one of ours.
    """
    header = request.headers.get("if-match")
    if header is None:
        raise PreconditionRequired("Send the ETag of what you have read as If-Match.")
    if header.strip() == "*":
        return None
    tags = (one.strip().removeprefix("W/").strip('"').partition(".")[0] for one in header.split(","))
    return frozenset(int(tag) for tag in tags if tag.isascii() and tag.isdigit() and len(tag) <= LONGEST_NUMBER)
