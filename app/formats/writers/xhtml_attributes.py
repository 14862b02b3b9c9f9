"""Attributes and addresses as the schema of EPUB 3.3 takes them."""

from __future__ import annotations

import re
from functools import lru_cache
from html import escape, unescape
from urllib.parse import quote

_ATTRIBUTE = re.compile(r'([a-z]+)="([^"]*)"')
_CLASS_OF = {"center": "center", "big": "big", "address": "address"}
_ALIGNMENTS = frozenset({"left", "right", "center", "justify"})
_DIRECTIONS = frozenset({"ltr", "rtl", "auto"})
_LANGUAGE = re.compile(r"[A-Za-z]{2,3}(?:-[A-Za-z]{4})?(?:-(?:[A-Za-z]{2}|[0-9]{3}))?(?:-[A-Za-z0-9]{5,8}){0,3}")
_WHOLE = re.compile(r"-?[0-9]{1,9}")
_SPANS = {"colspan": (1, 1_000), "rowspan": (0, 65_534)}
_WEB = re.compile(r"(https?)://([^/?#\s]+)([^#]*)(?:#(.*))?", re.IGNORECASE)
_LINE_ENDS = re.compile(r"[\t\n\r]")
_HOST = re.compile(
    r"(?=.{1,253}(?::|$))((?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)*[a-z](?:[a-z0-9-]{0,61}[a-z0-9])?)\.?(:[0-9]{1,5})?"
)
_LAST_PORT = 65_535
_MAIL = re.compile(r"mailto:[A-Za-z0-9._+-]{1,64}@[A-Za-z0-9](?:[A-Za-z0-9.-]{0,250}[A-Za-z0-9])?")
_PERCENT = re.compile(r"%(?![0-9A-Fa-f]{2})")
_SAFE = "/?:@!$&'()*+,;=-._~%"
_IMAGE = "Image"


@lru_cache(maxsize=4096)
def attributes_of(name: str, raw: str) -> str:
    """The attributes of a tag of cleaned HTML for the book's tag, with a space before each."""
    given = {key: unescape(value) for key, value in _ATTRIBUTE.findall(raw)} if raw else {}
    classes = [_CLASS_OF[name]] if name in _CLASS_OF else []
    if given.get("align", "").lower() in _ALIGNMENTS:
        classes.append(f"align-{given['align'].lower()}")
    classes += given.get("class", "").split()
    kept = {"class": " ".join(classes)} if classes else {}
    for key, value in given.items():
        kept |= _kept(name, key, value.strip())
    return "".join(f' {key}="{_plain(value)}"' for key, value in kept.items())


def _kept(name: str, key: str, value: str) -> dict[str, str]:
    """An attribute as the schema takes it; nothing where it does not."""
    kept: dict[str, str] = {}
    if key == "title":
        kept = {"title": value}
    elif key == "lang" and _LANGUAGE.fullmatch(value):
        kept = {"lang": value, "xml:lang": value}
    elif key == "dir" and value.lower() in _DIRECTIONS:
        kept = {"dir": value.lower()}
    elif key == "href" and name == "a":
        address = web_address(value)
        kept = {"href": address} if address is not None else {}
    elif key == "start" and name == "ol" and _WHOLE.fullmatch(value):
        kept = {"start": str(int(value))}
    elif key in _SPANS and name in {"td", "th"} and _WHOLE.fullmatch(value):
        low, high = _SPANS[key]
        kept = {key: str(int(value))} if low <= int(value) <= high else {}
    return kept


def _plain(value: str) -> str:
    return escape(value).replace("\n", "&#10;").replace("\t", "&#9;")


@lru_cache(maxsize=4096)
def web_address(url: str) -> str | None:
    """An address as a book may link to it, percent-encoded; ``None`` for relative ones and those that are broken."""
    url = _LINE_ENDS.sub("", url).strip()
    if _MAIL.fullmatch(url):
        return url
    found = _WEB.fullmatch(url)
    if found is None:
        return None
    try:
        host = found[2].encode("idna").decode().lower() if not found[2].isascii() else found[2].lower()
    except UnicodeError:
        return None
    known = _HOST.fullmatch(host)
    if known is None or (known[2] and int(known[2][1:]) > _LAST_PORT):
        return None
    rest = quote(_PERCENT.sub("%25", found[3]), safe=_SAFE)
    place = "#" + quote(_PERCENT.sub("%25", found[4]), safe=_SAFE) if found[4] else ""
    return f"{found[1].lower()}://{known[1]}{known[2] or ''}{rest if rest.startswith('/') else '/' + rest}{place}"


def image_link(raw: str, *, linked: bool) -> str:
    """What stands for an image: books load nothing from elsewhere, so its words, as a link where none is open."""
    given = {key: unescape(value) for key, value in _ATTRIBUTE.findall(raw)}
    words = escape(" ".join(given.get("alt", "").split()) or _IMAGE, quote=False)
    address = None if linked else web_address(given.get("src", ""))
    return f'<a href="{_plain(address)}">{words}</a>' if address is not None else words
