"""Sort keys without ties. The engine sorts by one field and breaks ties by internal order, which merges change."""

from __future__ import annotations

from datetime import UTC, datetime

_U32 = (1 << 32) - 1
_EPOCH_DAY = datetime(1970, 1, 1, tzinfo=UTC).toordinal()
_EARLY = 1 << 20
"""Before 1970 a sort key counts days, from then on seconds, so that all of history fits in 32 bits."""


def time_key(seconds: int) -> int:
    """A monotonous 32-bit key of a time: days from year 1 to 1970, then seconds."""
    if seconds < 0:
        return max(0, seconds // 86_400 + _EPOCH_DAY)
    return min(_EARLY + seconds, _U32)


def packed(value: int, work_id: int) -> int:
    """A sort key without ties: the value in the high half, the id in the low one."""
    return (min(value, _U32) << 32) | (work_id & _U32)


def head_of(key: str) -> int:
    """The first eight bytes of a text as a number in the same order: a coarse range for cursors."""
    return int.from_bytes(key.encode("utf-8", "replace")[:8].ljust(8, b"\0"), "big")


def text_key(key: str, work_id: int) -> str:
    """A text sort key without ties."""
    return f"{key}\0{work_id:019d}"
