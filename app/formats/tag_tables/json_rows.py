"""The elements of a JSON file, an array or lines, where one bad element must not stop the others."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any, BinaryIO

from app.formats.json_values import head_of
from app.formats.lines import LineTooLong, read_lines
from app.formats.problems import Unreadable
from app.formats.tag_tables.facts import Link
from app.formats.tag_tables.values import clean_name, type_of
from app.kit.encoding import UndecodableText, decode

LARGEST = 256 * 1024 * 1024
"""The largest file that is one JSON value; lines have no limit but that of a line."""


def pairs(members: list[tuple[str, Any]]) -> list[tuple[str, Any]]:
    """An object's members as they stand, keys that come twice too."""
    return members


def whole(first: bytes, stream: BinaryIO, *, as_pairs: bool = False) -> Any:
    """The one value of a file, of which some was read before; raises :class:`Unreadable`."""
    data = first + stream.read(max(0, LARGEST + 1 - len(first)))
    if len(data) > LARGEST:
        raise Unreadable("too-large", "The file is larger than 256 MiB; as JSON lines it may have any length.")
    return parse(data, as_pairs=as_pairs)


def parse(data: bytes, *, as_pairs: bool = False) -> Any:
    """A JSON value in any of the encodings of JSON; raises :class:`Unreadable`."""
    try:
        text = decode(data)[0]
        return json.loads(text, object_pairs_hook=pairs if as_pairs else None)
    except UndecodableText as error:
        raise Unreadable("not-utf-8", error.detail) from None
    except json.JSONDecodeError as error:
        detail = f"It is not JSON at line {error.lineno}, column {error.colno}: {error.msg}."
        raise Unreadable("bad-json", detail) from None
    except (RecursionError, ValueError):
        raise Unreadable("too-deep", "It is nested too deep, or has a number that is too long.") from None


def elements(stream: BinaryIO, name: str) -> Iterator[tuple[str, Any]]:
    """Each element of an array, each line, or the one object of a file, with its place.

    An :class:`Unreadable` stands for what is no object.
    """
    first = stream.readline(LARGEST + 1)
    while first and not head_of(first):
        first = stream.readline(LARGEST + 1)
    start = head_of(first).rstrip()
    if start.startswith(b"[") or start == b"{":
        try:
            value = whole(first, stream)
        except Unreadable as error:
            yield name, error
            return
        for number, element in enumerate(value if isinstance(value, list) else [value], 1):
            yield f"{name} item {number}", _object(element)
        return
    yield f"{name} line 1", _line(first)
    for number, line in read_lines(stream):
        yield f"{name} line {number + 1}", _line(line)


def _line(line: bytes | LineTooLong) -> Any:
    if isinstance(line, LineTooLong):
        problem = line.as_problem()
        return Unreadable(problem["code"], problem["detail"])
    try:
        return _object(parse(line))
    except Unreadable as error:
        return error


def _object(value: Any) -> Any:
    return value if isinstance(value, dict) else Unreadable("not-an-object", "A row has to be a JSON object.", "")


def name_of(row: Mapping[str, Any], member: str) -> str:
    """A name that has to be there."""
    value = row.get(member)
    if not isinstance(value, str):
        raise Unreadable("missing-name", "A name has to be given, as text.", f"/{member}")
    return clean_name(value, f"/{member}")


def kind_of(row: Mapping[str, Any], given: str | None) -> str:
    """The type that a row says, or else the one that was given."""
    value = row.get("type")
    if value is None and given:
        return given
    if not isinstance(value, str):
        raise Unreadable("unknown-type", "The type of the tag has to be given, as text.", "/type")
    return type_of(value, "/type")


def names_of(row: Mapping[str, Any], member: str) -> Iterator[tuple[str, str]]:
    """The names of a list with their pointers; what is no text is refused."""
    value = row.get(member)
    if value is None:
        return
    if not isinstance(value, list):
        raise Unreadable("bad-value", "This has to be a list.", f"/{member}")
    for number, one in enumerate(value):
        pointer = f"/{member}/{number}"
        if not isinstance(one, str):
            raise Unreadable("bad-value", "A name has to be text.", pointer)
        yield one, pointer


def links_of(row: Mapping[str, Any], member: str) -> tuple[Link, ...]:
    """The parents that a row names as objects of type and name."""
    value = row.get(member)
    if value is None:
        return ()
    if not isinstance(value, list):
        raise Unreadable("bad-value", "This has to be a list.", f"/{member}")
    found = []
    for number, one in enumerate(value):
        pointer = f"/{member}/{number}"
        if not (isinstance(one, dict) and isinstance(one.get("name"), str) and isinstance(one.get("type"), str)):
            raise Unreadable("bad-value", "This has to be an object with type and name.", pointer)
        found.append((type_of(one["type"], f"{pointer}/type"), clean_name(one["name"], f"{pointer}/name")))
    return tuple(found)
