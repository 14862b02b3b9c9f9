"""The titles that a tool put over chapters, without what it added to the author's own."""

from __future__ import annotations

import re

_NUMBERED = re.compile(r"0*([0-9]{1,5})\. +(?=\S)")
_NEW = re.compile(r"((?:[0-9]{1,5}\. +)?)\(new\) +(?=\S)")
"""What FanFicFare puts before chapters that an update brought, with the number before or behind it."""


def own_titles(titles: list[str], work_title: str) -> list[str]:
    """Titles without a number that all of them carry in a row, without ``Chapter 3``, ``(new)``, and the work's own.

    A work in one part has no title for it: tools give it the work's.
    """
    titles = [_NEW.sub(r"\1", title, count=1) for title in titles]
    marks = [_NUMBERED.match(title) for title in titles]
    numbers = [int(mark[1]) if mark else 0 for mark in marks]
    first = numbers[0] if numbers and numbers[0] else 1
    places = range(first, first + len(titles))
    if numbers == list(places):
        titles = [title[mark.end() :] if mark else title for title, mark in zip(titles, marks, strict=True)]
    if len(titles) == 1 and _plain(titles[0]) == _plain(work_title):
        return [""]
    return ["" if title == f"Chapter {place}" else title for title, place in zip(titles, places, strict=True)]


def _plain(title: str) -> str:
    return " ".join(title.split()).casefold()
