"""Every statement that is sent to a database, once each, with the values that it was first sent with."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Engine, event

_VALUE = re.compile(r"%\(\w+\)s(?:::(?:TIMESTAMP WITH TIME ZONE|\w+(?:\[\])?))?")
_COLLATION = re.compile(r' COLLATE "C"')
_LIST = re.compile(r"\(\?(?:, ?\?)*\)")
_ROWS = re.compile(r"\(…\)(?:, \(…\))+")
_ASKS = re.compile(r"\s*(SELECT|INSERT|UPDATE|DELETE|WITH)\b", re.IGNORECASE)


def shape_of(statement: str) -> str:
    """The statement alike on both databases, whatever the values and the lengths of its lists."""
    plain = _COLLATION.sub("", _VALUE.sub("?", statement)).replace('"', "")
    return " ".join(_ROWS.sub("(…)", _LIST.sub("(…)", plain)).split())


@contextmanager
def recorded(dialect: str) -> Iterator[dict[str, tuple[str, Any]]]:
    """Statements with their values, by shape."""
    seen: dict[str, tuple[str, Any]] = {}

    def note(connection: Any, _cursor: Any, statement: str, values: Any, _context: Any, many: bool) -> None:  # noqa: FBT001  as it is called
        if connection.dialect.name == dialect and _ASKS.match(statement):
            seen.setdefault(shape_of(statement), (statement, values[0] if many else values))

    event.listen(Engine, "before_cursor_execute", note)
    yield seen
    event.remove(Engine, "before_cursor_execute", note)
