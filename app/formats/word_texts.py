"""What the texts of word processors have in common, once each is a page of HTML."""

from __future__ import annotations

from app.formats.heading_chapters import Cut, cut_at_headings, place_front
from app.formats.labelled_head import take_from
from app.formats.manuscript import Manuscript
from app.formats.markup import Element
from app.formats.problems import Unreadable


def take_text(work: Manuscript, body: Element) -> Cut:
    """Fill a work with the labelled lines, the title and the chapters of a document; raises ``no-text``."""
    take_from(work, body)
    cut = cut_at_headings(body, work.title or "")
    if not cut.chapters:
        raise Unreadable("no-text", "The document has no text.")
    work.title = cut.title or work.title
    work.notes += place_front(cut)
    work.chapters = cut.chapters
    work.notices += cut.notices
    return cut
