"""Parts of a work that several readers make from the same loose values."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, TypeVar

from app.formats.manuscript import Manuscript, SeriesRef
from app.formats.problems import Unreadable

Value = TypeVar("Value")
_LAST_POSITION = 1_000_000


def series_of(value: Any) -> Iterator[SeriesRef]:
    """Series from a list of titles, or of objects with ``name`` or ``title`` and ``part`` or ``position``.

    A place that is no number from 1 is left out.
    """
    for one in value if isinstance(value, list) else [value]:
        if isinstance(one, str) and one.strip():
            yield SeriesRef(one.strip())
        if not isinstance(one, dict):
            continue
        title = one.get("name") or one.get("title")
        part = one.get("part") if one.get("part") is not None else one.get("position")
        if isinstance(title, str) and title.strip():
            if isinstance(part, str) and part.isascii() and part.isdecimal():
                part = int(part[:9])
            placed = type(part) is int and 1 <= part <= _LAST_POSITION
            yield SeriesRef(title, part if placed else None)


def understood(
    manuscript: Manuscript, said: Mapping[str, Any], name: str, read: Callable[[Any, str], Value | None]
) -> Value | None:
    """What a value says; one that is not understood is kept and said, since the work is good without it."""
    value = said.get(name)
    try:
        return None if value is None or value == "" else read(value, name)
    except Unreadable as error:
        shown = str(value)
        manuscript.notices.append(f"{name}: “{shown[:40]}” was kept in `extra`. {error.detail}")
        manuscript.extra.setdefault(name, shown[:200])
        return None


def made_key(manuscript: Manuscript, own: str = "", names: Sequence[str] | None = None) -> str:
    """A key for a work whose file names no source: the same for the same work in another table.

    ``own`` is the work's number in that file. It alone would mix up the works of different tables, so title and authors
    count as well; without it fandoms, relationships and the first date do. What grows (words, kudos) does not.
    ``names`` are the authors as a table shows them that does not tell more of them.
    """
    said = [own, manuscript.title or "", *(manuscript.authors if names is None else names)]
    if not own:
        published = manuscript.published_at.isoformat() if manuscript.published_at else ""
        said += ["", *manuscript.fandoms, "", *manuscript.relationships, published]
    digest = hashlib.blake2b("\x1f".join(said).encode("utf-8", "surrogatepass"), digest_size=12).hexdigest()
    return f"made:{digest}"
