"""The entries of a ZIP of many files; one that is cut off gives what is whole before the cut."""

from __future__ import annotations

import io
import stat
import struct
import zipfile
import zlib
from collections.abc import Iterator
from typing import BinaryIO, Final

from app.formats.kinds import ZIP_MARK
from app.formats.problems import Unreadable
from app.formats.unpacking import HIGHEST_RATIO, SMALL, Entry, Guarded, Limits, safe_name, shown_name
from app.formats.zip_errors import DAMAGED
from app.kit.encoding import UndecodableText, decode

_ENTRY_MARK = b"PK\x01\x02"
_END_MARK = b"PK\x05\x06"
_END_SEARCHED: Final = 65_557
_DIRECTORY_LIMIT: Final = 128 * 1024 * 1024
_METHODS = frozenset({zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED})
_ENCRYPTED: Final = 1
_STREAMED: Final = 8
_UTF8: Final = 0x800
_HEADER: Final = struct.Struct("<4s5H3L2H")
_UNKNOWN: Final = 0xFFFFFFFF
_OF_DOS: Final = "cp437"
_NAMES_LOOKED_AT: Final = 1_000
_LAST_LATIN: Final = 0x24F


def zip_entries(file: BinaryIO, limits: Limits) -> Iterator[Entry]:
    """The entries of a ZIP; raises :class:`Unreadable` for what ends it."""
    has_directory = _judge_directory(file, limits)
    budget = [limits.bytes]
    if not has_directory:
        yield from _salvaged(file, limits, budget)
        return
    try:
        archive = zipfile.ZipFile(file)
    except DAMAGED as error:
        yield from _salvaged(file, limits, budget, str(error))
        return
    with archive:
        infos = archive.infolist()
        if len(infos) > limits.entries:
            raise Unreadable(
                "too-many-entries", f"The archive has {len(infos):,} entries; {limits.entries:,} are read."
            )
        seen: set[str] = set()
        guessed = _encoding_of(infos)
        for info in infos:
            if not info.is_dir():
                yield _entry(archive, info, seen, budget, guessed)


def _encoding_of(infos: list[zipfile.ZipInfo]) -> str:
    """What names without a mark are written in: UTF-8, else what all of them together fit, else that of old DOS."""
    raw = [_raw(info.orig_filename) for info in infos[:_NAMES_LOOKED_AT] if not info.flag_bits & _UTF8]
    names = b"\n".join(name for name in raw if name is not None and not name.isascii())
    if not names:
        return _OF_DOS
    try:
        encoding = decode(names)[1]
        text = names.decode(encoding)
    except (UndecodableText, UnicodeDecodeError, LookupError):
        return _OF_DOS
    # Latin letters are taken as DOS has them: a few of them tell no code page from another.
    letters = [one for one in text if not one.isascii()]
    return encoding if letters and all(ord(one) > _LAST_LATIN and one.isalpha() for one in letters) else _OF_DOS


def _raw(name: str) -> bytes | None:
    try:
        return name.encode(_OF_DOS)
    except UnicodeEncodeError:
        return None


def _named(info: zipfile.ZipInfo, encoding: str) -> str:
    """The name of an entry, which zipfile reads as DOS wrote it where there is no mark."""
    raw = None if info.flag_bits & _UTF8 else _raw(info.orig_filename)
    if raw is None or raw.isascii():
        return info.orig_filename
    for one in ("utf-8", encoding):
        try:
            return raw.decode(one)
        except UnicodeDecodeError:
            continue
    return info.orig_filename


def _entry(archive: zipfile.ZipFile, info: zipfile.ZipInfo, seen: set[str], budget: list[int], encoding: str) -> Entry:
    named = _named(info, encoding)
    shown = shown_name(named.replace("\\", "/"))
    try:
        name = safe_name(named)
        _admit(info, name, seen)
        stream: BinaryIO = archive.open(info)  # type: ignore[assignment]  # read from, like a file
    except Unreadable as error:
        return Entry(shown, problem=error)
    except DAMAGED as error:
        return Entry(shown, problem=Unreadable("bad-archive", f"The entry is damaged: {str(error)[:200]}"))
    return Entry(name, io.BufferedReader(Guarded(stream, info.compress_size, budget, "bad-archive"), 1 << 16))


def _admit(info: zipfile.ZipInfo, name: str, seen: set[str]) -> None:
    if stat.S_ISLNK(info.external_attr >> 16):
        raise Unreadable("symlink", "The entry is a symbolic link.")
    if info.flag_bits & _ENCRYPTED:
        raise Unreadable("encrypted", "The entry is encrypted; unpack the archive first.")
    if name in seen:
        raise Unreadable("duplicate-entry", "An entry of that name came before.")
    seen.add(name)
    if info.compress_type not in _METHODS:
        raise Unreadable(
            "unsupported-compression", "The entry is packed by a method that is not read; unpack it first."
        )
    _judge_size(info.file_size, info.compress_size)


def _judge_size(size: int, packed: int) -> None:
    if size > SMALL and size > HIGHEST_RATIO * max(packed, 1):
        raise Unreadable("zip-bomb", f"The entry is packed more than {HIGHEST_RATIO} to 1.")


def _judge_directory(file: BinaryIO, limits: Limits) -> bool:
    """Whether there is a list of entries at the end; raises where it is longer than it may be, before it is read."""
    size = file.seek(0, io.SEEK_END)
    file.seek(max(0, size - _END_SEARCHED))
    tail = file.read(_END_SEARCHED)
    at = tail.rfind(_END_MARK)
    if at < 0:
        file.seek(0)
        return False
    length = _directory_length(tail, at)
    if _is_of_an_entry(tail, at, size):
        file.seek(0)
        return False
    if length > _DIRECTORY_LIMIT:
        raise Unreadable("too-many-entries", "The archive's list of entries is longer than it may be.")
    count = 0
    start = max(0, size - len(tail) + at - length - _END_SEARCHED)
    file.seek(start)
    previous = b""
    while piece := file.read(1 << 20):
        count += (previous[-3:] + piece).count(_ENTRY_MARK)
        previous = piece
    file.seek(0)
    if count > limits.entries + 1_000:
        raise Unreadable("too-many-entries", f"The archive has over {limits.entries:,} entries.")
    return True


def _is_of_an_entry(tail: bytes, at: int, size: int) -> bool:
    """Whether the list of entries is that of an archive inside: the last one that is whole of an archive cut off.

    It counts from where its own archive begins, which is not where this file does.
    """
    if len(tail) - at < 22 or tail.rfind(b"PK\x06\x06", 0, at) >= 0:  # noqa: PLR2004  the length of the end record
        return False
    length, offset = (int.from_bytes(tail[at + place : at + place + 4], "little") for place in (12, 16))
    return size - len(tail) + at - length > offset


def _directory_length(tail: bytes, at: int) -> int:
    if len(tail) - at < 22:  # noqa: PLR2004  the length of the end record
        return 0
    length = int.from_bytes(tail[at + 12 : at + 16], "little")
    big = tail.rfind(b"PK\x06\x06", 0, at)
    if length == _UNKNOWN and big >= 0:
        length = int.from_bytes(tail[big + 40 : big + 48], "little")
    return length


def _salvaged(file: BinaryIO, limits: Limits, budget: list[int], why: str = "") -> Iterator[Entry]:
    """What is whole in a ZIP without its list of entries, from the headers before each entry."""
    file.seek(0)
    seen: set[str] = set()
    while len(seen) < limits.entries:
        header = file.read(_HEADER.size)
        if len(header) < _HEADER.size or not header.startswith(ZIP_MARK):
            break
        _, _, flags, method, _, _, crc, packed, size, name_length, extra_length = _HEADER.unpack(header)
        raw = file.read(name_length)
        file.seek(extra_length, io.SEEK_CUR)
        name = raw.decode("utf-8" if flags & _UTF8 else "cp437", "replace")
        if flags & (_STREAMED | _ENCRYPTED) or method not in _METHODS or _UNKNOWN in {packed, size}:
            break
        data = file.read(min(packed, 2**31))
        if len(data) < packed:
            yield Entry(shown_name(name), problem=Unreadable("truncated", "The archive is cut off within this entry."))
            break
        budget[0] -= size
        seen.add(name)
        if not name.endswith("/"):
            yield _salvaged_entry(name, data, method, size, crc)
    detail = "The archive is cut off or damaged: its list of entries is missing" if not why else f"It is damaged: {why}"
    raise Unreadable("truncated", f"{detail.rstrip('.')}. What could be read of it was.")


def _salvaged_entry(name: str, data: bytes, method: int, size: int, crc: int) -> Entry:
    try:
        safe = safe_name(name)
        _judge_size(size, len(data))
        content = data if method == zipfile.ZIP_STORED else zlib.decompressobj(-15).decompress(data, size + 1)
    except Unreadable as error:
        return Entry(shown_name(name), problem=error)
    except zlib.error as error:
        return Entry(shown_name(name), problem=Unreadable("bad-archive", f"The entry is damaged: {error}"))
    if len(content) != size or zlib.crc32(content) != crc:
        return Entry(shown_name(name), problem=Unreadable("bad-archive", "The entry is damaged."))
    return Entry(safe, io.BytesIO(content))
