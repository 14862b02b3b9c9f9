"""Pages that a browser saved with all that belongs to them as one file (MHTML): the page itself is taken out."""

from __future__ import annotations

import re
from email import message_from_bytes, policy
from email.errors import MessageError

from app.formats.markup import LARGEST
from app.formats.problems import Unreadable

_BEGINS = re.compile(
    rb"\s{0,99}(?:From|MIME-Version|Subject|Date|Content-Type|Snapshot-Content-Location):", re.IGNORECASE
)
_MANY_PARTS = re.compile(rb"^content-type:\s{0,99}multipart/related\b", re.IGNORECASE | re.MULTILINE)
_HEAD = 8_192
_XHTML = "application/xhtml+xml"
_ADDRESS = re.compile(r"https?://[^\s<>]{1,1900}(?<!-)")
_DOCTYPE = re.compile(r"\s*<!DOCTYPE[^>]{0,400}>\s*", re.IGNORECASE)


def is_web_archive(head: bytes) -> bool:
    """Whether an input is such a file, by the headers that it begins with."""
    return _BEGINS.match(head) is not None and _MANY_PARTS.search(head[:_HEAD]) is not None


def page_of(data: bytes) -> bytes:
    """The page of such a file, with a comment that tells where it was, as browsers put into others."""
    if len(data) > LARGEST:
        raise Unreadable("too-large", f"A saved page may have {LARGEST // 2**20} MiB.")
    try:
        message = message_from_bytes(data, policy=policy.compat32)
        part = next((one for one in message.walk() if one.get_content_type() in {"text/html", _XHTML}), None)
        found = part.get_payload(decode=True) if part is not None else None
    except (MessageError, ValueError, LookupError, RecursionError) as error:
        raise Unreadable("bad-archive", f"The saved page cannot be read: {type(error).__name__}.") from error
    if part is None or not isinstance(found, bytes) or not found.strip():
        raise Unreadable("nothing-to-read", "The file holds a saved page without HTML.")
    address = str(part.get("Content-Location") or message.get("Snapshot-Content-Location") or "").strip()
    charset = part.get_content_charset() or "utf-8"
    notes = [f"saved from url=({len(address):04}){address}"] if _ADDRESS.fullmatch(address) else []
    try:
        text = found.decode(charset)
    except (LookupError, UnicodeDecodeError):
        return found
    comments = "".join(f"<!-- {one} -->\n" for one in notes)
    doctype = _DOCTYPE.match(text)
    at = doctype.end() if doctype else 0
    return f"\ufeff{text[:at]}{comments}{text[at:]}".encode("utf-8", "replace")
