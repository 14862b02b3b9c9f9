"""What calibre keeps of a book beside its files: ``metadata.opf``, a package without a book. Metadata, no text.

Its tags have no types. A column that its owner added has one where its name says so: ``Fandoms``, ``Rating``.
"""

from __future__ import annotations

import re
from typing import Any

from app.formats.beside import NO_TEXT
from app.formats.book_metadata import read_metadata
from app.formats.epub_book import Package
from app.formats.fanficfare_fields import Entry, Fields, fill
from app.formats.fanficfare_labels import key_of
from app.formats.file_names import address_of
from app.formats.labelled_head import take
from app.formats.manuscript import Manuscript, SourceRef
from app.formats.markup import parse_xml
from app.formats.problems import Unreadable
from app.formats.reading import Reader, whole_file
from app.kit.urls import is_web_address, source_id

LARGEST = 4 * 1024 * 1024
_PACKAGE = re.compile(rb"<(?:\w{1,20}:)?package[\s>]")
_UUID = re.compile(r"(?:urn:uuid:)?([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})", re.IGNORECASE)
_TYPED = frozenset({
    *("fandoms", "characters", "ships", "genre", "freeformtags", "warnings", "rating", "status", "ao3categories"),
    *("numWords", "numChapters", "datePublished", "dateUpdated", "storyUrl", "kudos", "comments", "hits"),
})  # fmt: skip
_NOBODY = frozenset({"unknown", "unbekannt", "inconnu", "desconocido"})


def score(head: bytes, name: str) -> float:  # noqa: ARG001  all readers are asked alike
    """A package that stands alone."""
    return 0.9 if _PACKAGE.search(head[:2_000]) else 0.0


def _manuscript(data: bytes) -> Manuscript:
    package = Package(parse_xml(data))
    work = Manuscript()
    read_metadata(work, package)
    work.authors = [name for name in work.authors if name.casefold() not in _NOBODY]
    if not work.title:
        raise Unreadable("no-title", "The package names no title.")
    identifiers = [(str(meta.attributes.get("scheme", "")), meta.value) for meta in package.metadata
                   if meta.name == "dc:identifier"]  # fmt: skip
    work.source = work.source or next(filter(None, (_source(*one) for one in identifiers)), None)
    work.key = next((f"uuid:{found[1].lower()}" for _, value in identifiers if (found := _UUID.fullmatch(value))), None)
    work.extra.pop("identifier", None)
    _read_columns(work)
    work.notices.append(NO_TEXT)
    return work


def _source(scheme: str, value: str) -> SourceRef | None:
    """Where an identifier says that the work is from: an address, or a site and its number there."""
    name, _, rest = value.partition(":")
    for site, number in ((scheme, value), (name, rest)):
        url = number.replace("|", ":") if site.casefold() in {"url", "uri"} else address_of(site, number) or ""
        if is_web_address(url):
            known = source_id(url)
            return SourceRef(known[0], known[1], url) if known else SourceRef(url=url)
    return None


def _read_columns(work: Manuscript) -> None:
    """Columns whose names say what is in them, as those who fill a library with a downloader have them."""
    columns: dict[str, Any] = work.extra.get("columns", {})
    told = Fields()
    for name, value in list(columns.items()):
        key = key_of(name)
        if key not in _TYPED or not isinstance(value, str | int | float | list) or isinstance(value, bool):
            continue
        items = [str(one) for one in value] if isinstance(value, list) else []
        told.add(Entry(name, ", ".join(items) if items else str(value), items=items), key)
        del columns[name]
    if told.entries:
        found = Manuscript()
        fill(found, told)
        take(work, found)
    if not columns:
        work.extra.pop("columns", None)


READER = Reader("opf", score, whole_file(_manuscript, LARGEST), takes="markup")
