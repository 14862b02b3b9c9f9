"""A work as plain text."""

from __future__ import annotations

from app.formats.writers.book import BookWork, byline, chapter_html, heading_of, rows_of, title_of
from app.kit.html import html_to_text


def write_text(work: BookWork) -> bytes:
    """The title, what is said of the work, and its chapters, with a blank line between paragraphs."""
    manuscript = work.manuscript
    parts = [title_of(manuscript), f"by {byline(manuscript)}"]
    parts.append("\n".join(f"{row.label}: {', '.join(row.values)}" for row in rows_of(work)))
    parts += _block("Summary", manuscript.summary) + _block("Notes", manuscript.notes)
    for index, chapter in enumerate(manuscript.chapters):
        heading = heading_of(manuscript, index)
        parts.append(f"\n{heading}" if heading else "")
        parts += _block("Chapter Summary", chapter.summary) + _block("Chapter Notes", chapter.notes)
        parts.append(html_to_text(chapter_html(chapter)))
        parts += _block("Chapter End Notes", chapter.end_notes)
    parts += _block("End Notes", manuscript.end_notes)
    return ("\n\n".join(filter(None, parts)) + "\n").encode()


def _block(label: str, html: str) -> list[str]:
    text = html_to_text(html) if html else ""
    return [f"{label}:", text] if text else []
