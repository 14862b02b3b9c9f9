"""Addresses at Archive of Our Own, and what stands around links."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final
from urllib.parse import urljoin

from app.formats.manuscript import SourceRef
from app.formats.markup import Element
from app.kit.urls import is_web_address, source_id, source_site

SITE: Final = "archiveofourown.org"
HOME: Final = f"https://{SITE}/"
GIFT: Final = re.compile(r"/users/[^/]+/gifts$|/gifts\?recipient=")
"""The address behind the name of whom a work is for."""

_WORK = re.compile(r"(?:^|/)works/([0-9]{1,18})(?![0-9])")


def absolute(href: str | None) -> str | None:
    """An address on the site in full; ``None`` for what is no web address."""
    try:
        url = urljoin(HOME, (href or "").strip())
    except ValueError:
        return None
    return url if is_web_address(url) else None


def work_number(href: str | None) -> str | None:
    """The number of the work that an address on the site leads to."""
    url = absolute(href)
    known = source_id(url) if url else None
    if known is not None:
        return known[1] if known[0] == SITE else None
    found = _WORK.search(url) if url and SITE in url else None
    return found[1] if found else None


def is_elsewhere(href: str | None) -> bool:
    """Whether an address leads to another site: archives that run the same software write the same files."""
    url = absolute(href)
    return url is not None and source_site(url) != SITE


def source_at(href: str | None) -> SourceRef | None:
    """Where the work is that an address leads to, on the site or on another that runs its software."""
    number = work_number(href)
    if number is not None:
        return source_of(number)
    url = absolute(href)
    found = _WORK.search(url) if url and is_elsewhere(href) else None
    site = source_site(url) if url else None
    return SourceRef(site, found[1], f"https://{site}/works/{found[1]}") if found and site else None


def source_of(number: str) -> SourceRef:
    """Where a work of this number is."""
    return SourceRef(SITE, number, f"{HOME}works/{number}")


def text_and_links(element: Element) -> Iterator[tuple[str, Element | None]]:
    """The text of an element in pieces, each with the link that follows it."""
    text = element.text or ""
    for child in element:
        if child.tag == "a":
            yield text, child
        elif isinstance(child.tag, str):
            yield text, None
            yield from text_and_links(child)
        text = child.tail or ""
    yield text, None
