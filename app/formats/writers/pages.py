"""The pages of a work as HTML that is XHTML too, shared by books and by the single HTML file."""

from __future__ import annotations

from app.formats.writers.book import (
    BookWork,
    Row,
    byline,
    chapter_html,
    heading_of,
    one_line,
    plain,
    rows_of,
    title_of,
)
from app.formats.writers.xhtml import to_xhtml
from app.formats.writers.xhtml_attributes import web_address

STYLE = """\
body { line-height: 1.5; }
h1, h2 { text-align: center; line-height: 1.2; }
.byline { text-align: center; }
.facts dt { font-weight: bold; }
.facts dd { margin: 0 0 0.3em 1em; }
.aside { margin: 1em 0; padding: 0 1em; border-left: 0.2em solid #888; }
.label { font-weight: bold; }
.center, .align-center { text-align: center; }
.align-left { text-align: left; }
.align-right { text-align: right; }
.align-justify { text-align: justify; }
.address { font-style: italic; }
.big { font-size: larger; }
.cover { margin: 0; padding: 0; text-align: center; }
.cover img { max-width: 100%; max-height: 100%; }
table { border-collapse: collapse; }
td, th { padding: 0.2em 0.5em; border: 1px solid #888; }
pre { white-space: pre-wrap; }
"""


def title_page(work: BookWork) -> str:
    """The title, what is said of the work, its summary and its notes."""
    manuscript = work.manuscript
    parts = [f"<h1>{plain(title_of(manuscript))}</h1>", f'<p class="byline">by {plain(byline(manuscript))}</p>']
    rows = "".join(map(_row, rows_of(work)))
    if rows:
        parts.append(f'<dl class="facts">{rows}</dl>')
    parts += _aside("Summary", manuscript.summary)
    parts += _aside("Notes", manuscript.notes)
    return "\n".join(parts)


def chapter_page(work: BookWork, index: int) -> str:
    """A chapter with its heading, summary, notes and end notes."""
    chapter = work.manuscript.chapters[index]
    heading = heading_of(work.manuscript, index)
    parts = [f"<h2>{plain(heading)}</h2>"] if heading else []
    parts += _aside("Chapter Summary", chapter.summary)
    parts += _aside("Chapter Notes", chapter.notes)
    parts.append(f'<div class="text">{to_xhtml(chapter_html(chapter))}</div>')
    parts += _aside("Chapter End Notes", chapter.end_notes)
    return "\n".join(parts)


def end_page(work: BookWork) -> str:
    """The work's end notes; empty where there are none."""
    return "\n".join(_aside("End Notes", work.manuscript.end_notes))


def chapter_label(work: BookWork, index: int) -> str:
    """How a table of contents calls a chapter: where it has no heading, as the work."""
    return heading_of(work.manuscript, index) or title_of(work.manuscript)


def _row(row: Row) -> str:
    address = web_address(row.address) if row.address else None
    if address is not None:
        shown = f'<a href="{plain(address)}">{plain(row.values[0])}</a>'
    else:
        shown = plain(", ".join(map(one_line, row.values)))
    return f"<dt>{row.label}</dt><dd>{shown}</dd>"


def _aside(label: str, html: str) -> list[str]:
    content = to_xhtml(html).strip() if html else ""
    return [f'<div class="aside"><p class="label">{label}</p>{content}</div>'] if content else []
