"""JSON objects from outside: read fast, and checked for what a fast parser lets pass."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import orjson

from app.formats.problems import Unreadable
from app.kit.text import find_bad_character

DEEPEST = 40


def load_object(line: bytes) -> dict[str, Any]:
    """One JSON object; raises :class:`Unreadable` for bad JSON, duplicate keys, and bad characters in any string."""
    try:
        value = orjson.loads(line)
    except orjson.JSONDecodeError as error:
        raise _bad_json(line, error) from error
    if not isinstance(value, dict):
        raise Unreadable("not-an-object", "A record has to be a JSON object.", "")
    # Each key brings a colon behind a quote. More of them may stand inside strings or deeper; only then look closely.
    colons = line.count(b'":') + line.count(b'" :')
    suspicious = b"\\u" in line or not line.isascii() or b"\x7f" in line
    if (suspicious or colons != _shallow_keys(value)) and colons > _check(value, suspicious=suspicious):
        _refuse_duplicates(line)
    return value


def _shallow_keys(value: dict[str, Any]) -> int:
    """The keys of an object and of the objects that are its members: all there are in most records."""
    return len(value) + sum(len(inner) for inner in value.values() if type(inner) is dict)


def _bad_json(line: bytes, error: orjson.JSONDecodeError) -> Unreadable:
    if b"\\ud" in line.lower():
        try:
            _check(json.loads(line), suspicious=True)
        except Unreadable as found:
            return found
        except ValueError:
            pass
    try:
        line.decode()
    except UnicodeDecodeError as wrong:
        return Unreadable("not-utf-8", f"The line is not UTF-8: byte {wrong.start}.", str(wrong.start))
    return Unreadable("bad-json", f"It is not JSON at offset {error.pos}: {error.msg}.", str(error.pos))


def _check(value: Any, *, suspicious: bool) -> int:
    """Count the keys; look at strings only where the line can hold a bad character."""
    keys = 0
    stack: list[tuple[Any, str, int]] = [(value, "", 0)]
    while stack:
        current, pointer, depth = stack.pop()
        if depth > DEEPEST:
            raise Unreadable("too-deep", f"It is nested more than {DEEPEST} deep.", pointer)
        if isinstance(current, dict):
            keys += len(current)
            if suspicious:
                for name in current:
                    _check_text(name, pointer)
        members = current.items() if isinstance(current, dict) else enumerate(current)
        for name, inner in members:
            if isinstance(inner, dict | list):
                stack.append((inner, f"{pointer}/{escape(str(name))}", depth + 1))
            elif suspicious and isinstance(inner, str):
                _check_text(inner, f"{pointer}/{escape(str(name))}")
    return keys


def _check_text(text: str, pointer: str) -> None:
    bad = find_bad_character(text)
    if bad is not None:
        raise Unreadable("bad-character", f"There is a {bad[1]} at offset {bad[0]}.", pointer)


def _refuse_duplicates(line: bytes) -> None:
    def pairs(members: list[tuple[str, Any]]) -> dict[str, Any]:
        found = dict(members)
        if len(found) < len(members):
            names = [name for name, _ in members]
            twice = next(name for name in names if names.count(name) > 1)
            raise Unreadable(
                "duplicate-key", f"The key “{twice[:60]}” stands twice in one object.", f"/{escape(twice)}"
            )
        return found

    json.loads(line, object_pairs_hook=pairs)


def escape(name: str) -> str:
    """A member's name inside a JSON pointer (RFC 6901)."""
    return name.replace("~", "~0").replace("/", "~1")


def texts(value: Any) -> Iterator[str]:
    """The non-empty strings of a list; anything else gives none."""
    if isinstance(value, list):
        yield from (one.strip() for one in value if isinstance(one, str) and one.strip())
