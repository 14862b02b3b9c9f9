"""The parts of an EPUB that are about the book: package document, both tables of contents, container."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

from app.formats.writers.book import is_right_to_left, plain
from app.formats.writers.permissions import USES, consent_line, reserves_mining, robots_line

CONTAINER = """\
<?xml version="1.0" encoding="UTF-8"?>
<container version="1.0" xmlns="urn:oasis:names:tc:opendocument:xmlns:container">
<rootfiles><rootfile full-path="EPUB/package.opf" media-type="application/oebps-package+xml"/></rootfiles>
</container>
"""
_PREFIXES = "tdm: http://www.w3.org/ns/tdmrep# fanarchive: urn:fanarchive:terms#"
_SUMMARY = "Headings and a table of contents lead through the text. It holds no images but the cover, which repeats title and authors."  # noqa: E501
_ACCESSIBILITY = (
    ("accessMode", "textual"), ("accessMode", "visual"), ("accessModeSufficient", "textual"),
    ("accessibilityFeature", "structuralNavigation"), ("accessibilityFeature", "tableOfContents"),
    ("accessibilityFeature", "alternativeText"), ("accessibilityHazard", "none"), ("accessibilitySummary", _SUMMARY),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Item:
    """A file of the book, below its folder."""

    path: str
    media_type: str
    properties: str = ""
    in_spine: bool = False

    @property
    def id(self) -> str:
        """A name that XML takes as an id."""
        return "f-" + self.path.replace("/", "-")


@dataclass(slots=True)
class Entry:
    """A line of the table of contents, with those below it."""

    label: str
    path: str
    inner: list[Entry] = field(default_factory=list)


@dataclass(slots=True)
class Package:
    """What the package document says."""

    identifier: str
    title: str
    language: str
    modified: datetime
    creators: Sequence[str]
    description: str = ""
    subjects: Sequence[str] = ()
    published: datetime | None = None
    source: str | None = None
    series: Sequence[tuple[str, int | None]] = ()
    consent: dict[str, str] = field(default_factory=dict)
    records: list[str] = field(default_factory=list)
    """Paths of import records."""
    items: list[Item] = field(default_factory=list)
    contents: list[Entry] = field(default_factory=list)


def package_document(book: Package) -> str:
    """``package.opf``."""
    direction = ' dir="rtl"' if is_right_to_left(book.language) else ""
    progression = ' page-progression-direction="rtl"' if direction else ""
    manifest = "".join(
        f'<item id="{item.id}" href="{item.path}" media-type="{item.media_type}"'
        f"{f' properties={chr(34)}{item.properties}{chr(34)}' if item.properties else ''}/>\n"
        for item in book.items
    )
    spine = "".join(f'<itemref idref="{item.id}"/>\n' for item in book.items if item.in_spine)
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n<package xmlns="http://www.idpf.org/2007/opf" version="3.0"'
        f' unique-identifier="pub-id" prefix="{_PREFIXES}" xml:lang="{plain(book.language)}"{direction}>\n'
        f'<metadata xmlns:dc="http://purl.org/dc/elements/1.1/">\n{"".join(_metadata(book))}</metadata>\n'
        f'<manifest>\n{manifest}</manifest>\n<spine toc="f-toc.ncx"{progression}>\n{spine}</spine>\n</package>\n'
    )


def _metadata(book: Package) -> Iterable[str]:
    yield f'<dc:identifier id="pub-id">{plain(book.identifier)}</dc:identifier>\n'
    yield f'<dc:title id="title">{plain(book.title)}</dc:title>\n<meta refines="#title" property="title-type">main</meta>\n'  # noqa: E501
    yield f"<dc:language>{plain(book.language)}</dc:language>\n"
    for number, creator in enumerate(book.creators, 1):
        yield f'<dc:creator id="creator-{number}">{plain(creator)}</dc:creator>\n'
        yield f'<meta refines="#creator-{number}" property="role" scheme="marc:relators">aut</meta>\n'
        yield f'<meta refines="#creator-{number}" property="display-seq">{number}</meta>\n'
    if plain(book.description):
        yield f"<dc:description>{plain(book.description)}</dc:description>\n"
    yield from (f"<dc:subject>{plain(subject)}</dc:subject>\n" for subject in book.subjects)
    if book.published is not None:
        yield f"<dc:date>{_time(book.published)}</dc:date>\n"
    if book.source is not None and plain(book.source):
        yield f"<dc:source>{plain(book.source)}</dc:source>\n"
    yield f'<meta property="dcterms:modified">{_time(book.modified)}</meta>\n'
    yield from _series(book.series)
    yield from _consent(book.consent)
    yield from (f'<meta property="schema:{name}">{plain(value)}</meta>\n' for name, value in _ACCESSIBILITY)
    yield from (f'<link rel="record" href="{path}" media-type="application/json"/>\n' for path in book.records)
    yield '<meta name="cover" content="f-cover.png"/>\n'


def _series(series: Sequence[tuple[str, int | None]]) -> Iterable[str]:
    for number, (title, position) in enumerate(series, 1):
        yield f'<meta property="belongs-to-collection" id="series-{number}">{plain(title)}</meta>\n'
        yield f'<meta refines="#series-{number}" property="collection-type">series</meta>\n'
        if position is not None:
            yield f'<meta refines="#series-{number}" property="group-position">{position}</meta>\n'
    if series:
        title, position = series[0]
        yield f'<meta name="calibre:series" content="{plain(title)}"/>\n'
        yield f'<meta name="calibre:series_index" content="{position or 1}"/>\n'


def _consent(consent: dict[str, str]) -> Iterable[str]:
    for use in USES:
        if use in consent:
            yield f'<meta property="fanarchive:consent-{use.replace("_", "-")}">{plain(consent[use])}</meta>\n'
    if consent_line(consent):
        yield f"<dc:rights>{plain(consent_line(consent))}</dc:rights>\n"
    if robots_line(consent):
        yield f'<meta property="fanarchive:robots">{robots_line(consent)}</meta>\n'
    if reserves_mining(consent):
        yield '<meta property="tdm:reservation">1</meta>\n'


def _time(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def page(title: str, language: str, body: str, kind: str = "", inner: str = "") -> str:
    """An XHTML document; ``inner`` goes into its body's tag."""
    direction = ' dir="rtl"' if is_right_to_left(language) else ""
    tag = plain(language)
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n<!DOCTYPE html>\n<html xmlns="http://www.w3.org/1999/xhtml"'
        f' xmlns:epub="http://www.idpf.org/2007/ops" lang="{tag}" xml:lang="{tag}"{direction}>\n<head>\n'
        f'<title>{plain(title)}</title>\n<link rel="stylesheet" type="text/css" href="style.css"/>\n</head>\n'
        f"<body{f' epub:type={chr(34)}{kind}{chr(34)}' if kind else ''}{inner}>\n{body}\n</body>\n</html>\n"
    )


def navigation(book: Package) -> str:
    """``nav.xhtml``: the table of contents of EPUB 3."""
    start = book.contents[0].path
    body = (
        f'<nav epub:type="toc" id="toc"><h1>{plain(book.title)}</h1>\n{_list(book.contents)}</nav>\n'
        '<nav epub:type="landmarks" hidden="hidden"><ol>\n'
        f'<li><a epub:type="bodymatter" href="{start}">{plain(book.title)}</a></li>\n</ol></nav>'
    )
    return page(book.title, book.language, body)


def _list(entries: Sequence[Entry]) -> str:
    items = (
        f'<li><a href="{entry.path}">{plain(entry.label)}</a>{_list(entry.inner) if entry.inner else ""}</li>\n'
        for entry in entries
    )
    return f"<ol>\n{''.join(items)}</ol>"


def ncx(book: Package) -> str:
    """``toc.ncx``: the same for readers of EPUB 2."""
    points, _ = _points(book.contents, 1)
    depth = 2 if any(entry.inner for entry in book.contents) else 1
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n<ncx xmlns="http://www.daisy.org/z3986/2005/ncx/" version="2005-1">\n'
        f'<head>\n<meta name="dtb:uid" content="{plain(book.identifier)}"/>\n'
        f'<meta name="dtb:depth" content="{depth}"/>\n'
        '<meta name="dtb:totalPageCount" content="0"/>\n<meta name="dtb:maxPageNumber" content="0"/>\n</head>\n'
        f"<docTitle><text>{plain(book.title)}</text></docTitle>\n<navMap>\n{points}</navMap>\n</ncx>\n"
    )


def _points(entries: Sequence[Entry], number: int) -> tuple[str, int]:
    parts = []
    for entry in entries:
        own, number = number, number + 1
        inner, number = _points(entry.inner, number)
        parts.append(
            f'<navPoint id="p-{own}" playOrder="{own}"><navLabel><text>{plain(entry.label)}</text></navLabel>'
            f'<content src="{entry.path}"/>{inner}</navPoint>\n'
        )
    return "".join(parts), number
