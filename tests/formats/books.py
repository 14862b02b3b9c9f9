"""Books built in memory, sound ones and broken ones."""

from __future__ import annotations

import io
import zipfile

CONTAINER = (
    '<?xml version="1.0"?><container version="1.0" xmlns="urn:oasis:names:tc:opendocument:xmlns:container">'
    '<rootfiles><rootfile full-path="OPS/content.opf" media-type="application/oebps-package+xml"/></rootfiles>'
    "</container>"
)


def zipped(files: dict[str, str | bytes], *, mimetype: bool = True) -> bytes:
    """A ZIP of these files, as a book has it where ``mimetype`` is true."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        if mimetype:
            archive.writestr("mimetype", "application/epub+zip", zipfile.ZIP_STORED)
        for name, content in files.items():
            archive.writestr(name, content)
    return out.getvalue()


def page(body: str, title: str = "T") -> str:
    """A document of a book."""
    return (
        "<?xml version='1.0' encoding='utf-8'?>\n"
        '<html xmlns="http://www.w3.org/1999/xhtml" xmlns:epub="http://www.idpf.org/2007/ops">'
        f"<head><title>{title}</title></head><body>{body}</body></html>"
    )


def package(documents: list[str], metadata: str = "", *, version: str = "2.0", extra_items: str = "") -> str:
    """A package that lists these documents in this order; names are relative to it."""
    items = "".join(
        f'<item id="d{index}" href="{name}" media-type="application/xhtml+xml"/>'
        for index, name in enumerate(documents)
    )
    refs = "".join(f'<itemref idref="d{index}"/>' for index in range(len(documents)))
    return (
        f'<package xmlns="http://www.idpf.org/2007/opf" version="{version}">'
        '<metadata xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:opf="http://www.idpf.org/2007/opf">'
        f"{metadata}</metadata><manifest>{items}{extra_items}</manifest>"
        f'<spine toc="ncx">{refs}</spine></package>'
    )


def ncx(entries: list[tuple[str, str]]) -> str:
    """A table of contents as EPUB 2 has it: labels and addresses."""
    points = "".join(
        f"<navPoint><navLabel><text>{label}</text></navLabel><content src='{href}'/></navPoint>"
        for label, href in entries
    )
    return f'<ncx xmlns="http://www.daisy.org/z3986/2005/ncx/"><navMap>{points}</navMap></ncx>'


NCX_ITEM = '<item id="ncx" href="toc.ncx" media-type="application/x-dtbncx+xml"/>'
