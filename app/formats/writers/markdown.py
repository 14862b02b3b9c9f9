"""A work as Markdown (CommonMark)."""

from __future__ import annotations

from app.formats.writers.book import BookWork, Row, byline, chapter_html, heading_of, rows_of, title_of
from app.formats.writers.xhtml_attributes import web_address
from app.kit.html import html_to_markdown
from app.kit.markdown_inline import escape_markdown


def write_markdown(work: BookWork) -> bytes:
    """The title, what is said of the work, and its chapters under headings of the second level."""
    manuscript = work.manuscript
    parts = [f"# {escape_markdown(title_of(manuscript))}", f"by {escape_markdown(byline(manuscript))}"]
    rows = [f"- **{row.label}:** {_values(row)}" for row in rows_of(work)]
    parts.append("\n".join(rows))
    parts += _block("Summary", manuscript.summary) + _block("Notes", manuscript.notes)
    for index, chapter in enumerate(manuscript.chapters):
        parts.append("* * *")
        heading = heading_of(manuscript, index)
        if heading:
            parts.append(f"## {escape_markdown(heading)}")
        parts += _block("Chapter Summary", chapter.summary) + _block("Chapter Notes", chapter.notes)
        parts.append(html_to_markdown(chapter_html(chapter)).strip("\n"))
        parts += _block("Chapter End Notes", chapter.end_notes)
    parts += _block("End Notes", manuscript.end_notes)
    return ("\n\n".join(filter(None, parts)) + "\n").encode()


def _values(row: Row) -> str:
    address = web_address(row.address) if row.address else None
    if address is not None and row.values[0] == row.address:
        return f"<{address}>"
    return escape_markdown(", ".join(row.values))


def _block(label: str, html: str) -> list[str]:
    text = html_to_markdown(html).strip("\n") if html else ""
    return [f"**{label}**", text] if text else []
