"""Bytes of a text file as text, or the reason why not."""

from __future__ import annotations

import codecs
import re

from charset_normalizer import from_bytes

from app.kit.code_pages import code_page_of

_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),  # before UTF-16, whose mark is its first half
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_SAMPLE = 65_536
_SAMPLE_OF_PAIRS, _FEWEST_PAIRS = 4_096, 16
_UTF8_SEQUENCE = re.compile(rb"[\xc3-\xdf][\x80-\xbf]|[\xe0-\xef][\x80-\xbf]{2}|[\xf0-\xf4][\x80-\xbf]{3}")
_HIGH = bytes(range(128, 256))
_HALF = 0.5
_MOSTLY = 0.9
_KANA = frozenset(map(chr, range(0x3041, 0x3097))) | frozenset("ーッアインスルト、。「」")
_EASTERN = {
    "cp932": _KANA,
    "euc_jp": _KANA,
    "gb18030": frozenset("的一是不了人我在有他这来个上大到说们为子和你地出道也时年得就那要下以生会自着去之过家，。“”"),
    "big5": frozenset("的一是不了人我在有他這來個上大到說們為子和你地出道也時年得就那要下以生會自著去之過家，。「」"),
    "cp949": frozenset("이다는을의가에고하지은를도어있들나한로사그아서리것해자기수인대시니라면만게"),
}
"""The most frequent letters of the languages that take several bytes for one."""
_FREQUENT = 0.15


class UndecodableText(ValueError):
    """Bytes that are no text in any encoding to be sure of; ``detail`` names the guess and the offset."""

    def __init__(self, detail: str) -> None:
        super().__init__(detail)
        self.detail = detail


def decode(data: bytes) -> tuple[str, str, bool]:
    """Return text, name of the encoding, and whether that was guessed.

    A byte order mark decides, else UTF-8 if it is that, else the code page that the letters of the first 64 KB
    fit, else the guess of charset-normalizer on them. Nothing is ever replaced: raises :class:`UndecodableText`
    where a byte does not fit.
    """
    for mark, encoding in _MARKS:
        if data.startswith(mark):
            return _strictly(data[len(mark) :], encoding, "its byte order mark says"), encoding, False
    wide = _wide(data)
    if wide is not None:
        return _strictly(data, wide, "it seems to be"), wide, True
    try:
        return data.decode("utf-8"), "utf-8", False
    except UnicodeDecodeError as error:
        first_bad = error
    page = code_page_of(data)
    guess, is_multi_byte = (page, False) if page else _guess(data)
    if guess is None:
        raise UndecodableText(
            f"The text is not UTF-8 (byte 0x{data[first_bad.start]:02X} at offset {first_bad.start}),"
            " and no other encoding fits it."
        )
    # Chance makes UTF-8 of some East Asian letters, but hardly ever of a single-byte alphabet.
    if _utf8_share(data) >= (_MOSTLY if is_multi_byte else _HALF):
        raise UndecodableText(
            f"The text is UTF-8 but for byte 0x{data[first_bad.start]:02X} at offset {first_bad.start};"
            f" read as {guess}, its other letters would be wrong."
        )
    return _strictly(data, guess, "it seems to be"), guess, True


def _wide(data: bytes) -> str | None:
    """UTF-16 without a byte order mark, told from its zeros: most letters have one, all of them on the same side."""
    sample = data[:_SAMPLE_OF_PAIRS]
    if len(data) % 2 or len(sample) < _FEWEST_PAIRS or b"\0" not in sample:
        return None
    first, second = sample[::2].count(0), sample[1::2].count(0)
    pairs = len(sample) // 2
    if second > _HALF * pairs and first == 0:
        return "utf-16-le"
    return "utf-16-be" if first > _HALF * pairs and second == 0 else None


def _guess(data: bytes) -> tuple[str | None, bool]:
    """An encoding that is none of the code pages, and whether its letters take several bytes."""
    shares = []
    for encoding, frequent in _EASTERN.items():
        letters = [letter for letter in data[:_SAMPLE].decode(encoding, "ignore") if letter > "\x7f"]
        shares.append((sum(letter in frequent for letter in letters) / max(1, len(letters)), encoding))
    share, encoding = max(shares)
    if share > _FREQUENT:
        return encoding, True
    found = from_bytes(data[:_SAMPLE]).best()
    return (None, False) if found is None else (found.encoding, found.multi_byte_usage > 0)


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
