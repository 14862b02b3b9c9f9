"""All tags as a table: our own lines, which lose nothing, or CSV with numbers, which has no links."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from typing import Any

import orjson
from sqlalchemy import Connection

from app.tags.queries.bulk import ExportedTag, all_tags_linked

FORMATS = ("ndjson", "csv")
COLUMNS = ("id", "type", "name", "canonical", "cached_count", "merger_id")


def export_tags(connection: Connection, file_format: str, *, unwrangled: bool) -> Iterator[bytes]:
    """The lines of a table, in the order of the tags' numbers; memory holds a page of them."""
    tags = all_tags_linked(connection, unwrangled=unwrangled, uses=file_format == "csv")
    if file_format == "ndjson":
        for tag in tags:
            yield orjson.dumps(_record(tag)) + b"\n"
        return
    yield _line(COLUMNS)
    for tag in tags:
        state = tag.state
        mark = "TRUE" if state.canonical else "FALSE"
        yield _line((state.id, state.type.capitalize(), state.name, mark, tag.uses, state.canonical_id or ""))


def _record(tag: ExportedTag) -> dict[str, Any]:
    return {
        "type": tag.state.type,
        "name": tag.state.name,
        "canonical": tag.state.canonical,
        "synonym_of": tag.synonym_of,
        "parents": [{"type": kind, "name": name} for kind, name in tag.parents],
        "broader": tag.broader,
    }


def _line(values: tuple[Any, ...]) -> bytes:
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerow(values)
    return text.getvalue().encode()
