"""JSON pointers (RFC 6901)."""

from __future__ import annotations


def json_pointer(*parts: str | int) -> str:
    """The pointer to a place below the root, or below whatever it is appended to."""
    return "".join("/" + str(part).replace("~", "~0").replace("/", "~1") for part in parts)
