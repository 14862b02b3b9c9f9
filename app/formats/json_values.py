"""JSON objects from outside: read fast, and checked for what a fast parser lets pass."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from typing import Any

import orjson

from app.formats.problems import Unreadable
from app.kit.pointers import json_pointer
from app.kit.text import find_bad_character

DEEPEST = 40
BOM = b"\xef\xbb\xbf"
# Bytes that a character no text may hold can come from: escapes, DEL, and the C1 controls in UTF-8.
# Patterns that begin with one byte are looked for at the speed of memory, a choice between them is not.
_SUSPICIOUS = (re.compile(rb"\\[ubf]"), re.compile(rb"\x7f"), re.compile(rb"\xc2[\x80-\x9f]"))
_COLON = re.compile(rb'" ?:')
# A quote before white space of a kind that the count of colons does not see.
_SPACED = re.compile(rb'"(?:  |[\t\n\r])')


def load_object(line: bytes) -> dict[str, Any]:
    """One JSON object; raises :class:`Unreadable` for bad JSON, duplicate keys, and bad characters in any string."""
    value = load(line)
    if not isinstance(value, dict):
        raise Unreadable("not-an-object", "A record has to be a JSON object.", "")
    return value


def load(line: bytes) -> Any:
    """Any JSON value (RFC 8259, UTF-8), checked as in :func:`load_object`."""
    line = line.removeprefix(BOM)
    try:
        value = orjson.loads(line)
    except orjson.JSONDecodeError as error:
        raise _bad_json(line, error) from error
    check(line, value)
    return value


def check(line: bytes, value: Any, *, characters: bool = True) -> None:
    """Refuse duplicate keys, deep nesting and bad characters in the ``value`` of a ``line`` that was parsed already."""
    # Each key brings a colon behind a quote, so equal counts mean that no key was swallowed. More colons may stand
    # inside strings; white space may hide one. Only where the counts do not settle it the keys are looked at.
    suspicious = characters and any(pattern.search(line) for pattern in _SUSPICIOUS)
    colons = len(_COLON.findall(line))
    hidden = _SPACED.search(line) is not None
    deep = line.count(b"[") + line.count(b"{") > DEEPEST
    if suspicious or hidden or deep or colons != _shallow_keys(value):
        keys = _check(value, suspicious=suspicious)
        if hidden or colons != keys:
            _refuse_duplicates(line)


def head_of(head: bytes) -> bytes:
    """The first bytes of what may be JSON, without byte order mark and leading white space."""
    return head.removeprefix(BOM).lstrip()


def _shallow_keys(value: Any) -> int:
    """The keys of an object and of the objects that are its members: all there are in most records."""
    if type(value) is not dict:
        return -1
    return len(value) + sum(len(inner) for inner in value.values() if type(inner) is dict)


def _bad_json(line: bytes, error: orjson.JSONDecodeError) -> Unreadable:
    if b"\\ud" in line.lower():
        try:
            _check(json.loads(line), suspicious=True)
        except Unreadable as found:
            return found
        except (ValueError, RecursionError):
            pass
    try:
        decoded = line.decode()
    except UnicodeDecodeError as wrong:
        return Unreadable("not-utf-8", f"The line is not UTF-8: byte {wrong.start}.", str(wrong.start))
    offset = len(decoded[: error.pos].encode())
    return Unreadable("bad-json", f"It is not JSON at byte {offset}: {error.msg}.", str(offset))


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
                _check_text("".join(current), pointer)
        elif isinstance(current, str):
            _check_text(current, pointer)
        kinds = (dict, list, str) if suspicious else (dict, list)
        stack.extend(
            (inner, pointer + json_pointer(name), depth + 1)
            for name, inner in _members(current)
            if isinstance(inner, kinds)
        )
    return keys


def _members(value: Any) -> Iterable[tuple[Any, Any]]:
    if isinstance(value, dict):
        return value.items()
    return enumerate(value) if isinstance(value, list) else ()


def _check_text(text: str, pointer: str) -> None:
    bad = find_bad_character(text)
    if bad is not None:
        raise Unreadable("bad-character", f"There is a {bad[1]} at offset {bad[0]}.", pointer)


class _Twice(dict[str, Any]):
    """An object in which a key stood twice."""

    key = ""


def _refuse_duplicates(line: bytes) -> None:
    def pairs(members: list[tuple[str, Any]]) -> dict[str, Any]:
        found = dict(members)
        if len(found) == len(members):
            return found
        seen: set[str] = set()
        twice = _Twice(found)
        twice.key = next(name for name, _ in members if name in seen or seen.add(name))  # type: ignore[func-returns-value]
        return twice

    # An object that is thrown away because its own key comes twice is of no interest: the outer one is reported.
    stack: list[tuple[Any, str]] = [(json.loads(line, object_pairs_hook=pairs), "")]
    while stack:
        current, pointer = stack.pop()
        if isinstance(current, _Twice):
            detail = f"The key “{current.key[:60]}” stands twice in one object."
            raise Unreadable("duplicate-key", detail, pointer + json_pointer(current.key))
        stack.extend((inner, pointer + json_pointer(name)) for name, inner in _members(current))


def texts(value: Any) -> Iterator[str]:
    """The non-empty strings of a list; anything else gives none."""
    if isinstance(value, list):
        yield from (one.strip() for one in value if isinstance(one, str) and one.strip())


def text(value: Any) -> str:
    """A string without its margins; anything else gives the empty one."""
    return value.strip() if isinstance(value, str) else ""
