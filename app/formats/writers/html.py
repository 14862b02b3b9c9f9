"""A work as a single HTML file that loads nothing, with its record inside so that it can be read back."""

from __future__ import annotations

from app.formats.writers.book import BookWork, byline, is_right_to_left, language_of, plain, title_of
from app.formats.writers.pages import STYLE, chapter_label, chapter_page, end_page, title_page
from app.formats.writers.permissions import consent_line, reserves_mining, robots_line
from app.formats.writers.record import write_record

RECORD_TAG = '<script type="application/json" id="fanarchive-record">'
_POLICY = "default-src 'none'; style-src 'unsafe-inline'"


def write_html(work: BookWork) -> bytes:
    """The file; pages of the book follow each other in sections."""
    manuscript = work.manuscript
    language = language_of(manuscript)
    direction = ' dir="rtl"' if is_right_to_left(language) else ""
    parts = [
        f'<!DOCTYPE html>\n<html lang="{plain(language)}"{direction}>\n<head>\n<meta charset="utf-8">',
        f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">',
        '<meta name="viewport" content="width=device-width, initial-scale=1">',
        '<meta name="generator" content="Fanarchive">',
        f'<meta name="author" content="{plain(byline(manuscript))}">',
        *_permissions(manuscript.consent),
        f"<title>{plain(title_of(manuscript))}</title>",
        f"<style>\nbody {{ max-width: 42em; margin: 2em auto; padding: 0 1em; }}\n{STYLE}</style>",
        f"{RECORD_TAG}{_embedded(write_record(manuscript))}</script>",
        "</head>\n<body>",
        f"<header>\n{title_page(work)}\n</header>",
        _contents(work),
    ]
    parts += [
        f'<section id="chapter-{index + 1}">\n{chapter_page(work, index)}\n</section>'
        for index in range(len(manuscript.chapters))
    ]
    ending = end_page(work)
    if ending:
        parts.append(f"<footer>\n{ending}\n</footer>")
    parts.append("</body>\n</html>\n")
    return "\n".join(filter(None, parts)).encode("utf-8", "replace")


def _contents(work: BookWork) -> str:
    count = len(work.manuscript.chapters)
    if count <= 1:
        return ""
    items = (
        f'<li><a href="#chapter-{index + 1}">{plain(chapter_label(work, index))}</a></li>' for index in range(count)
    )
    return f"<nav>\n<ol>\n{chr(10).join(items)}\n</ol>\n</nav>"


def _permissions(consent: dict[str, str]) -> list[str]:
    found = []
    if consent:
        found.append(f'<meta name="archive-consent" content="{plain(consent_line(consent))}">')
    if robots_line(consent):
        found.append(f'<meta name="robots" content="{robots_line(consent)}">')
    if reserves_mining(consent):
        found.append('<meta name="tdm-reservation" content="1">')
    return found


def _embedded(record: bytes) -> str:
    """JSON in which nothing can end the element around it."""
    return record.decode().replace("<", "\\u003c")
