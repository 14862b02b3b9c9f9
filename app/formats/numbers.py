"""Numbers as sites write them: with thousands separators, empty, or as a string."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from typing import Any

from app.formats.problems import Unreadable

LARGEST = 2**63 - 1
_NUMBER = re.compile(r"-?[0-9]+")
_GROUPED = re.compile(r"[0-9]{1,3}(?:[.\u066b][0-9]{3})+")
"""Thousands set apart by points, as in much of Europe: what is counted has no fractions."""
_BETWEEN = re.compile("[,\u00a0\u2009\u202f\u066c'\u2019]|(?<=[0-9]) (?=[0-9]{3}(?![0-9]))")
_LONGEST = 30
_NOTHING = {"", "null", "none", "nan", "-", "?"}


def to_count(value: Any, pointer: str) -> int | None:
    """A number of something; ``None`` where there is none. Raises :class:`Unreadable` for negative ones and words."""
    if value is None or (isinstance(value, str) and value.strip().lower() in _NOTHING):
        return None
    if isinstance(value, bool):
        raise Unreadable("bad-number", "It has to be a number.", pointer)
    if isinstance(value, float) and value.is_integer():
        value = int(value)  # what the parser makes of whole numbers past 64 bits
    text = _BETWEEN.sub("", str(value).strip()).removesuffix(".0")
    if isinstance(value, str) and _GROUPED.fullmatch(text):
        text = text.replace(".", "")
    elif not text.isascii() and text.isdecimal():  # in the digits of another script
        text = "".join(str(unicodedata.decimal(digit)) for digit in text[: _LONGEST + 1])
    if not _NUMBER.fullmatch(text):
        raise Unreadable("bad-number", "It has to be a whole number.", pointer)
    if len(text) > _LONGEST:
        raise Unreadable("number-too-large", "It is past 2^63.", pointer)
    number = int(text)
    if number < 0:
        raise Unreadable("negative-number", f"It is {number}; it cannot be below 0.", pointer)
    if number > LARGEST:
        raise Unreadable("number-too-large", "It is past 2^63.", pointer)
    return number


def count(record: Mapping[str, Any], name: str) -> int | None:
    """The number of a member."""
    return to_count(record.get(name), f"/{name}")


def planned(value: Any, pointer: str) -> tuple[int | None, int | None]:
    """Chapters posted and planned of ``3/20``, ``3/?`` or ``3``."""
    if value is None:
        return None, None
    posted, _, total = str(value).partition("/")
    return to_count(posted, pointer), to_count(total, pointer)
