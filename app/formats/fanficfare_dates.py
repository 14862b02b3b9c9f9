"""Dates of a title page in the form that a setting gave them: which of two numbers is the day shows in the others."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import datetime
from typing import Literal

from app.kit.dates import parse_source_date

Order = Literal["day", "month"]
_NUMBERS = re.compile(r"(?P<one>[0-9]{1,2})(?P<mark>[/-])(?P<two>[0-9]{1,2})(?P=mark)(?P<rest>[0-9]{4}\b.*)")
_MONTHS = 12


def order_of(texts: Iterable[str]) -> Order | None:
    """Which comes first in the dates of one file, given from the oldest to the newest; ``None`` where none tells.

    A number past 12 is a day; else the one order that does not put a story's last change before its beginning.
    """
    found = [match for text in texts if (match := _NUMBERS.fullmatch(" ".join(text.split())))]
    if any(int(match["one"]) > _MONTHS for match in found):
        return "day"
    if any(int(match["two"]) > _MONTHS for match in found):
        return "month"
    fits = [order for order in _ORDERS if _is_in_time([_as(match, order) for match in found])]
    return fits[0] if len(fits) == 1 else None


_ORDERS: tuple[Order, ...] = ("day", "month")


def read_date(text: str, order: Order | None) -> tuple[datetime | None, str]:
    """A date, and which number was read as the day where nothing tells; by what is usual for the mark between them."""
    found = _NUMBERS.fullmatch(" ".join(text.split()))
    if found is None:
        return parse_source_date(text), ""
    usual: Order = "month" if found["mark"] == "/" else "day"
    doubtful = order is None and int(found["one"]) != int(found["two"])
    read = _as(found, order or usual)
    return read, f"with the {usual} first" if doubtful and read is not None else ""


def _as(found: re.Match[str], order: Order) -> datetime | None:
    mark = "." if order == "day" else "/"
    return parse_source_date(f"{found['one']}{mark}{found['two']}{mark}{found['rest']}")


def _is_in_time(moments: list[datetime | None]) -> bool:
    known = [moment for moment in moments if moment is not None]
    return known == sorted(known)
