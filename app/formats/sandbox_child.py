"""The other side of :mod:`app.formats.sandbox`: reads inputs from standard input, writes items to standard output."""

from __future__ import annotations

import io
import os
import resource
import sys
from collections.abc import Iterator
from typing import Any, Final

import orjson

from app.formats.item_wire import pack
from app.formats.manuscript import ReadItem
from app.formats.options import ReadOptions
from app.formats.registry import read_input
from app.formats.sandbox_frames import read_frame, write_frame
from app.formats.zip_book import LARGEST

_HEADER: Final = 16 * 1024 * 1024


def main(memory: int, seconds: int) -> None:
    """Read inputs until there are no more."""
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # whatever a library prints must not get between the answers
    resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    while True:
        try:
            header: dict[str, Any] = orjson.loads(read_frame(sys.stdin.buffer, _HEADER))
        except EOFError:
            return
        _allow(seconds)
        for item in _items(header):
            write_frame(answers, _packed(item))
            del item
        write_frame(answers, b"")
        answers.flush()


def _allow(seconds: int) -> None:
    """So many seconds of computing from now on, should nobody be left who ends it."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    limit = int(used.ru_utime + used.ru_stime) + seconds + 1
    _, hard = resource.getrlimit(resource.RLIMIT_CPU)
    resource.setrlimit(resource.RLIMIT_CPU, (limit, hard))


def _items(header: dict[str, Any]) -> Iterator[ReadItem]:
    name = header["name"]
    try:
        data = io.BytesIO()
        while piece := read_frame(sys.stdin.buffer, LARGEST):
            data.write(piece)
        data.seek(0)
        yield from read_input(data, name, ReadOptions(**header["options"]), header["format"])
    except MemoryError:
        yield _failed(name, "out-of-memory", "Reading it needs more memory than it may have.")
    except RecursionError:
        yield _failed(name, "too-deep", "It nests deeper than can be read.")
    except EOFError:
        sys.exit(1)
    except Exception as error:  # noqa: BLE001  a reader that raises is at fault, and the next file is not
        yield _failed(name, "reader-failed", f"The reader failed: {type(error).__name__}: {str(error)[:200]}")


def _failed(name: str, code: str, detail: str) -> ReadItem:
    return ReadItem(name, problem={"code": code, "detail": detail})


def _packed(item: ReadItem) -> bytes:
    try:
        return pack(item)
    except (TypeError, ValueError):  # text that is none
        return pack(_failed(item.input.encode("utf-8", "replace").decode(), "bad-character", "It holds no sound text."))
    except MemoryError:
        return pack(_failed(item.input, "out-of-memory", "Reading it needs more memory than it may have."))


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]))
