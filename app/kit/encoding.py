"""Bytes of a text file as text, or the reason why not."""

from __future__ import annotations

import codecs
import re

from charset_normalizer import from_bytes

_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),  # before UTF-16, whose mark is its first half
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_SAMPLE = 65_536
_UTF8_SEQUENCE = re.compile(rb"[\xc3-\xdf][\x80-\xbf]|[\xe0-\xef][\x80-\xbf]{2}|[\xf0-\xf4][\x80-\xbf]{3}")
_HIGH = bytes(range(128, 256))
_LATIN = frozenset({
    *("cp1250", "cp1252", "cp1254", "cp1257", "cp1258", "latin_1", "iso8859_2", "iso8859_3", "iso8859_4", "iso8859_9"),
    *("iso8859_10", "iso8859_13", "iso8859_14", "iso8859_15", "iso8859_16", "cp1006", "hp_roman8"),
})  # fmt: skip
_SIGNS = re.compile("[^\\W\\d_][³¹¿¶¯£¥¼¾¦¬¨¢¤½ºª]+[^\\W\\d_]")
_NOT_WESTERN = re.compile(f"{_SIGNS.pattern}|[šžŠŽýþðÝÞÐ]|õ(?!e)")
"""What other code pages look like in Windows-1252: signs within words, and letters that few Western languages have."""
_HALF = 0.5
_MOSTLY = 0.9


class UndecodableText(ValueError):
    """Bytes that are no text in any encoding to be sure of; ``detail`` names the guess and the offset."""

    def __init__(self, detail: str) -> None:
        super().__init__(detail)
        self.detail = detail


def decode(data: bytes) -> tuple[str, str, bool]:
    """Return text, name of the encoding, and whether that was guessed.

    A byte order mark decides, else UTF-8 if it is that, else the guess of charset-normalizer on the first
    64 KB. Nothing is ever replaced: raises :class:`UndecodableText` where a byte does not fit.
    """
    for mark, encoding in _MARKS:
        if data.startswith(mark):
            return _strictly(data[len(mark) :], encoding, "its byte order mark says"), encoding, False
    try:
        return data.decode("utf-8"), "utf-8", False
    except UnicodeDecodeError as error:
        first_bad = error
    guess = from_bytes(data[:_SAMPLE]).best()
    if guess is None:
        raise UndecodableText(
            f"The text is not UTF-8 (byte 0x{data[first_bad.start]:02X} at offset {first_bad.start}),"
            " and no other encoding fits it."
        )
    # Chance makes UTF-8 of some East Asian letters, but hardly ever of a single-byte alphabet.
    if _utf8_share(data) >= (_MOSTLY if guess.multi_byte_usage else _HALF):
        raise UndecodableText(
            f"The text is UTF-8 but for byte 0x{data[first_bad.start]:02X} at offset {first_bad.start};"
            f" read as {guess.encoding}, its other letters would be wrong."
        )
    encoding = _latin(data, guess.encoding) if guess.encoding in _LATIN else guess.encoding
    return _strictly(data, encoding, "it seems to be"), encoding, True


def _latin(data: bytes, guess: str) -> str:
    """``cp1252`` where nothing speaks against it, else the guess.

    The code pages of Latin letters share most of their bytes, and the guess takes one for another: ``Trčs`` for
    ``Très``.
    """
    try:
        text = data[:_SAMPLE].decode("cp1252")
    except UnicodeDecodeError:
        return guess
    if _NOT_WESTERN.search(text):
        return "cp1250" if guess in {"cp1252", "latin_1"} and _SIGNS.search(text) else guess
    return "cp1252"


def _strictly(data: bytes, encoding: str, why: str) -> str:
    try:
        return data.decode(encoding)
    except UnicodeDecodeError as error:
        raise UndecodableText(
            f"The text is not {encoding}, which {why}: byte 0x{data[error.start]:02X} at offset {error.start}"
            " does not fit."
        ) from None


def _utf8_share(data: bytes) -> float:
    """Return which part of the bytes over 127 belongs to UTF-8 sequences, from 0 to 1."""
    high = len(data) - len(data.translate(None, _HIGH))
    return sum(len(found[0]) for found in _UTF8_SEQUENCE.finditer(data)) / max(high, 1)
