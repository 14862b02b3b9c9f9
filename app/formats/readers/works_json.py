"""Works as other programs dump them to JSON: an array, one object, or JSON lines.

An element in our own form is read as our own record, so that an array of those imports as well.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from typing import Any, BinaryIO

from app.formats.dumped_work import foreign_members, read_work
from app.formats.json_values import head_of, load, load_object
from app.formats.lines import LineTooLong, read_lines
from app.formats.manuscript import ReadItem
from app.formats.problems import Unreadable
from app.formats.reading import Reader

LARGEST = 256 * 1024 * 1024
"""The largest array or object, in bytes; JSON lines have no limit but that of a line."""
_SIGNS = (b'"endnotes"', b'"chapters_total"', b'"language_code"', b'"pseud"', b'"html"', b'"published"', b'"updated"')
_ENOUGH = 2


def score(head: bytes, name: str) -> float:  # noqa: ARG001  all readers are asked alike
    """An array of objects, an object spread over lines, or lines with members of such dumps."""
    start = head_of(head)
    if start.startswith(b"["):
        return 0.7 if start[1:].lstrip().startswith((b"{", b"]")) else 0.0
    if not start.startswith(b"{"):
        return 0.0
    if _is_spread(start):
        return 0.7
    line, ended, _ = start.partition(b"\n")
    if ended and sum(sign in start for sign in _SIGNS) < _ENOUGH:
        try:
            return 0.7 if len(foreign_members(load_object(line))) >= _ENOUGH else 0.0
        except Unreadable:
            return 0.0
    return 0.7 if sum(sign in start for sign in _SIGNS) >= _ENOUGH else 0.0


def read(stream: BinaryIO, name: str) -> Iterator[ReadItem]:
    """One item an element or a line; a bad one is a failed item and stops nothing."""
    first = stream.readline(LARGEST + 1)
    while first and not first.removeprefix(b"\xef\xbb\xbf").strip():
        first = stream.readline(LARGEST + 1)
    start = head_of(first)
    if start.startswith(b"[") or _is_spread(start):
        yield from _read_whole(first + stream.read(max(0, LARGEST + 1 - len(first))), name)
        return
    yield _item(f"{name} line 1", partial(load_object, first))
    for number, line in read_lines(stream):
        where = f"{name} line {number + 1}"
        if isinstance(line, LineTooLong):
            yield ReadItem(where, problem=line.as_problem())
            continue
        yield _item(where, partial(load_object, line))


def _is_spread(start: bytes) -> bool:
    """Whether an object goes on after its first line."""
    return start.partition(b"\n")[0].strip() == b"{"


def _read_whole(data: bytes, name: str) -> Iterator[ReadItem]:
    if len(data) > LARGEST:
        detail = "The file is larger than 256 MiB; as JSON lines it may have any length."
        yield ReadItem(name, problem=Unreadable("too-large", detail).as_problem())
        return
    try:
        value = load(data)
    except Unreadable as error:
        yield ReadItem(name, problem=error.as_problem())
        return
    if not isinstance(value, list):
        yield _item(name, partial(_same, value))
        return
    for number, element in enumerate(value, 1):
        yield _item(f"{name} item {number}", partial(_same, element))


def _same(value: Any) -> Any:
    return value


def _item(where: str, give: Callable[[], Any]) -> ReadItem:
    try:
        return ReadItem(where, read_work(give()))
    except Unreadable as error:
        return ReadItem(where, problem=error.as_problem())


READER = Reader("works-json", score, read, streams=True)
