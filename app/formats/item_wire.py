"""Read items as bytes and back: how they come out of the process that read them."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import orjson

from app.formats.manuscript import Manuscript, ManuscriptChapter, ReadItem, SeriesRef, SourceRef

_WORK_TIMES = ("published_at", "revised_at")


def pack(item: ReadItem) -> bytes:
    """An item as JSON; raises :class:`orjson.JSONEncodeError` for text that is none (lone surrogates)."""
    return orjson.dumps(item, option=orjson.OPT_PASSTHROUGH_SUBCLASS)


def unpack(data: bytes) -> ReadItem:
    """The item that :func:`pack` was given."""
    members: dict[str, Any] = orjson.loads(data)
    work = members["manuscript"]
    if work is not None:
        work["chapters"] = [_chapter(chapter) for chapter in work["chapters"]]
        work["series"] = [SeriesRef(**one) for one in work["series"]]
        work["source"] = SourceRef(**work["source"]) if work["source"] is not None else None
        for name in _WORK_TIMES:
            work[name] = _moment(work[name])
        members["manuscript"] = Manuscript(**work)
    return ReadItem(**members)


def _chapter(members: dict[str, Any]) -> ManuscriptChapter:
    members["published_at"] = _moment(members["published_at"])
    return ManuscriptChapter(**members)


def _moment(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text is not None else None
