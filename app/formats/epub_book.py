"""An EPUB 2 or 3 as an object: what it says of itself, its documents in reading order, and its table of contents.

Books are forgiven what reading apps forgive: a package without its container, names in the wrong case, items that are
missing. What was forgiven is a notice.
"""

from __future__ import annotations

import posixpath
from dataclasses import dataclass, field
from typing import Final
from urllib.parse import unquote, urlsplit

from lxml import etree

from app.formats.markup import MOST_TAGS, Element, find_all, has_class, parse_xhtml, parse_xml, text_of
from app.formats.problems import Unreadable
from app.formats.zip_book import ZipBook

CONTAINER: Final = "META-INF/container.xml"
_DC = "{http://purl.org/dc/elements/1.1/}"
_EPUB_TYPE = "{http://www.idpf.org/2007/ops}type"
_DOCUMENTS = frozenset({"application/xhtml+xml", "text/html", "application/html", "text/x-oeb1-document"})
_DOCUMENT_NAMES = (".xhtml", ".html", ".htm", ".xml")
MOST_PARTS = 10_000
"""Of the metadata, the manifest, the spine and the table of contents, each."""


@dataclass(slots=True)
class Meta:
    """One statement of the package: ``dc:creator``, or the name or property of a ``meta``."""

    name: str
    value: str
    attributes: dict[str, str] = field(default_factory=dict)
    """Without name spaces: ``role``, ``file-as``, ``scheme``, ``id`` …"""
    refines: dict[str, str] = field(default_factory=dict)
    """What EPUB 3 says of this statement elsewhere: property to value."""

    @property
    def role(self) -> str | None:
        """Of a person: ``aut``, ``trl`` …; wherever it is said."""
        return self.attributes.get("role") or self.refines.get("role")


@dataclass(frozen=True, slots=True)
class Item:
    """A file of the manifest; ``name`` is its name in the archive."""

    id: str
    name: str
    media_type: str
    properties: frozenset[str]


@dataclass(frozen=True, slots=True)
class TocEntry:
    """A line of the table of contents: its label, and the file and place that it leads to."""

    label: str
    name: str
    fragment: str = ""


class Package:
    """What a package says of a book, wherever it stands."""

    def __init__(self, package: Element) -> None:
        self.metadata = _metadata(package)

    def values(self, name: str) -> list[str]:
        """What the package says of ``dc:title``, ``dc:subject``, ``calibre:series`` … in order."""
        return [meta.value for meta in self.metadata if meta.name == name]


class EpubBook(Package):
    """A book; raises :class:`Unreadable` where it has no package or no documents."""

    def __init__(self, data: bytes) -> None:
        self.archive = ZipBook(data)
        self.notices: list[str] = []
        self._tags: dict[str, int] = {}
        self._cases = {name.lower(): name for name in self.archive.names}
        self.package_name = self._find_package()
        package = parse_xml(self.archive.read(self.package_name))
        super().__init__(package)
        self.version = package.get("version") or "2.0"
        self.manifest = self._manifest(package)
        self.spine = self._spine(package)
        """Names of the documents, in reading order."""
        self.toc = self._toc(package)
        """The table of contents, flat and in order; empty where the book has none."""

    def documents(self) -> list[tuple[str, Element]]:
        """All documents of the spine, parsed: name and root."""
        return [(name, self.document(name)) for name in self.spine]

    def document(self, name: str) -> Element:
        """A document parsed, its tags without a name space; all of a book together may have as many as one document."""
        data = self.archive.read(name)
        self._tags[name] = data.count(b"<")
        if sum(self._tags.values()) > MOST_TAGS:
            raise Unreadable("too-complex", f"The documents of a book may have {MOST_TAGS:,} tags together.")
        try:
            return parse_xhtml(data)
        except Unreadable as error:
            raise Unreadable(error.code, error.detail, error.pointer or name) from error

    def resolve(self, href: str, base: str) -> tuple[str, str] | None:
        """The file and fragment that an address inside the document ``base`` leads to; ``None`` for any other."""
        try:
            parts = urlsplit(href.strip())
        except ValueError:
            return None
        if parts.scheme or parts.netloc:
            return None
        if not parts.path:
            return base, parts.fragment
        for path in (unquote(parts.path), parts.path):
            name = posixpath.normpath(posixpath.join(posixpath.dirname(base), path)).lstrip("/")
            found = self._named(name)
            if found is not None:
                return found, parts.fragment
        return None

    def _named(self, name: str) -> str | None:
        return name if name in self.archive else self._cases.get(name.lower())

    def _find_package(self) -> str:
        container = self._named(CONTAINER)
        if container is not None:
            root = _lenient(self.archive.read(container))
            for element in find_all(root, "//*[local-name()='rootfile']") if root is not None else []:
                found = self._named((element.get("full-path") or "").strip().lstrip("/"))
                if found is not None:
                    return found
        packages = [name for name in self.archive.names if name.lower().endswith(".opf")]
        if not packages:
            raise Unreadable("no-package", "The book has no package file (.opf): it is no EPUB, or a part is missing.")
        self.notices.append(f"{CONTAINER} is missing or leads nowhere; {packages[0][:100]} was taken as the package.")
        return packages[0]

    def _manifest(self, package: Element) -> dict[str, Item]:
        items: dict[str, Item] = {}
        missing = 0
        for element in find_all(package, "//*[local-name()='manifest']/*[local-name()='item']")[:MOST_PARTS]:
            found = self.resolve(element.get("href") or "", self.package_name)
            if found is None or found[0] == self.package_name:
                missing += 1
                continue
            identifier = element.get("id") or found[0]
            properties = frozenset((element.get("properties") or "").split())
            items.setdefault(identifier, Item(identifier, found[0], element.get("media-type") or "", properties))
        if missing:
            self.notices.append(f"{missing} of the files that the book lists are not in it.")
        return items

    def _spine(self, package: Element) -> list[str]:
        names: dict[str, None] = {}
        missing = 0
        for element in find_all(package, "//*[local-name()='spine']/*[local-name()='itemref']")[:MOST_PARTS]:
            item = self.manifest.get(element.get("idref") or "")
            if item is None:
                missing += 1
            elif _is_document(item):
                names[item.name] = None
        if missing:
            self.notices.append(f"{missing} of the documents in the book's reading order are not in it.")
        if not names:
            names = dict.fromkeys(item.name for item in self.manifest.values() if _is_document(item))
            if names:
                self.notices.append("The book has no reading order; its documents are taken in the order of its list.")
        if not names:
            raise Unreadable("no-documents", "The book holds no document that can be read.")
        return list(names)

    def _toc(self, package: Element) -> list[TocEntry]:
        nav = next((item.name for item in self.manifest.values() if "nav" in item.properties), None)
        spine = next(iter(find_all(package, "//*[local-name()='spine']")), None)
        named = self.manifest.get(spine.get("toc") or "") if spine is not None else None
        ncx = (
            named.name if named else next((name for name in self.archive.names if name.lower().endswith(".ncx")), None)
        )
        for name, read in ((nav, self._nav), (ncx, self._ncx)):
            if name is None:
                continue
            try:
                entries = read(name)
            except Unreadable as error:
                self.notices.append(f"The table of contents could not be read: {error.detail}")
                continue
            if entries:
                return entries
        return []

    def _nav(self, name: str) -> list[TocEntry]:
        root = self.document(name)
        lists = find_all(root, "//nav")
        toc = next((one for one in lists if "toc" in (one.get(_EPUB_TYPE) or one.get("epub:type") or "").split()), None)
        if toc is None:
            toc = next((one for one in lists if has_class(one, "toc")), lists[0] if lists else None)
        links = find_all(toc, ".//a[@href]") if toc is not None else []
        return self._entries([(text_of(link), link.get("href") or "") for link in links], name)

    def _ncx(self, name: str) -> list[TocEntry]:
        found = []
        root = _lenient(self.archive.read(name))
        for point in find_all(root, "//*[local-name()='navPoint']") if root is not None else []:
            label = next(iter(find_all(point, "./*[local-name()='navLabel']")), None)
            content = next(iter(find_all(point, "./*[local-name()='content']")), None)
            if content is not None:
                found.append((text_of(label), content.get("src") or ""))
        return self._entries(found, name)

    def _entries(self, found: list[tuple[str, str]], base: str) -> list[TocEntry]:
        entries = []
        for label, href in found[:MOST_PARTS]:
            target = self.resolve(href, base)
            if target is not None:
                entries.append(TocEntry(label, *target))
        return entries


def _is_document(item: Item) -> bool:
    return item.media_type in _DOCUMENTS or (
        item.name.lower().endswith(_DOCUMENT_NAMES) and item.media_type.split("/")[0] in {"", "text", "application"}
    )


def _lenient(data: bytes) -> Element | None:
    """A small XML file of the book's machinery; ``None`` where it cannot be read, which the book may survive."""
    try:
        return parse_xml(data)
    except Unreadable as error:
        if error.code in {"bad-xml", "empty-file", "not-utf-8"}:
            return None
        raise


def _metadata(package: Element) -> list[Meta]:
    found: list[Meta] = []
    refinements: list[tuple[str, str, str]] = []
    for block in find_all(package, "//*[local-name()='metadata']"):
        for element in list(block.iter())[1 : MOST_PARTS + 1]:
            if isinstance(element, etree._Comment):  # noqa: SLF001  (lxml gives its class no other name)
                continue
            attributes = {str(etree.QName(name).localname): str(value) for name, value in element.attrib.items()}
            tag = etree.QName(element)
            text = text_of(element)
            if f"{{{tag.namespace}}}" == _DC:
                found.append(Meta(f"dc:{tag.localname}", text, attributes))
            elif tag.localname == "meta" and "refines" in attributes:
                refinements.append((attributes["refines"].lstrip("#"), attributes.get("property", ""), text))
            elif tag.localname == "meta":
                name = attributes.get("name") or attributes.get("property") or ""
                found.append(Meta(name, attributes.get("content") or text, attributes))
    by_id = {meta.attributes["id"]: meta for meta in reversed(found) if "id" in meta.attributes}
    for identifier, name, value in refinements:
        if identifier in by_id:
            by_id[identifier].refines.setdefault(name, value)
    return found
