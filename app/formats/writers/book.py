"""What every writer is given, and how works speak of themselves in files: headings, bylines, rows of a title page."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from html import escape

from app.formats.manuscript import Manuscript, ManuscriptChapter
from app.kit.html import clean_html, markdown_to_html, text_to_html

_UNFIT = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")
_RIGHT_TO_LEFT = frozenset("ar arc arz ckb dv fa he hbo ks lrc mzn nqo pnb ps sd syr ug ur uz-arab yi".split())  # noqa: SIM905
_RIGHT_TO_LEFT_SCRIPTS = frozenset("adlm arab hebr nkoo rohg syrc thaa".split())  # noqa: SIM905
UNKNOWN_LANGUAGE = "und"


@dataclass(frozen=True, slots=True)
class BookWork:
    """A work to write. The texts of its manuscript are cleaned HTML, and its chapters are those to be shown."""

    manuscript: Manuscript
    identifier: str
    """A URN that stays the same for all revisions."""
    modified: datetime
    address: str | None = None
    """Where the archive shows it."""


@dataclass(frozen=True, slots=True)
class Row:
    """A line of the title page."""

    label: str
    values: tuple[str, ...]
    address: str | None = None
    """Where its only value leads."""


def title_of(manuscript: Manuscript) -> str:
    """A title that can be seen."""
    return one_line(manuscript.title or "") or "Untitled"


def byline(manuscript: Manuscript) -> str:
    """The authors as one text."""
    return ", ".join(filter(None, map(one_line, manuscript.authors))) or "Anonymous"


def one_line(text: str) -> str:
    """Text without line ends and without what XML cannot hold."""
    return " ".join(_UNFIT.sub("", text).split())


def plain(text: str) -> str:
    """Text of one line, escaped for XML and HTML, quotes too."""
    return escape(one_line(text))


def language_of(manuscript: Manuscript) -> str:
    """The BCP 47 tag; ``und`` where the language is not known."""
    return manuscript.language or UNKNOWN_LANGUAGE


def is_right_to_left(language: str) -> bool:
    """Whether a language is written from right to left, by its script where the tag names one."""
    first, *others = language.lower().split("-")
    scripts = [part for part in others if len(part) == len("arab")]
    if scripts:
        return scripts[0] in _RIGHT_TO_LEFT_SCRIPTS
    return first in _RIGHT_TO_LEFT


def heading_of(manuscript: Manuscript, index: int) -> str:
    """A chapter's heading; none for the untitled chapter of a work that has no other."""
    title = one_line(manuscript.chapters[index].title)
    if title or len(manuscript.chapters) == 1:
        return title
    return f"Chapter {index + 1}"


def chapter_html(chapter: ManuscriptChapter) -> str:
    """The text of a chapter as cleaned HTML; HTML is so already."""
    if chapter.content_format == "html":
        return chapter.content
    form = markdown_to_html if chapter.content_format == "markdown" else text_to_html
    return clean_html(form(chapter.content))


_RATINGS = {
    "not_rated": "Not Rated",
    "general": "General Audiences",
    "teen": "Teen And Up Audiences",
    "mature": "Mature",
    "explicit": "Explicit",
}
_WARNINGS = {
    "choose_not_to_warn": "Creator Chose Not To Use Archive Warnings",
    "no_warnings_apply": "No Archive Warnings Apply",
    "graphic_violence": "Graphic Depictions Of Violence",
    "major_character_death": "Major Character Death",
    "rape_non_con": "Rape/Non-Con",
    "underage": "Underage",
}
_CATEGORIES = {"gen": "Gen", "f_m": "F/M", "f_f": "F/F", "m_m": "M/M", "multi": "Multi", "other": "Other"}
_STATUSES = {"in_progress": "In Progress", "complete": "Complete", "hiatus": "Hiatus", "abandoned": "Abandoned"}
_USES = {
    "download": "downloads",
    "translation": "translations",
    "podfic": "podfics",
    "ai_training": "AI training",
    "indexing": "search engines",
}
_ANSWERS = {"yes": "yes", "no": "no", "ask": "ask first"}
_RELATIONS = {"inspired_by": "Inspired By", "translation_of": "A Translation Of"}


def rows_of(work: BookWork) -> Iterator[Row]:
    """What a title page says of a work, line by line; what is not known is left out."""
    manuscript = work.manuscript
    lists = (
        ("Rating", [_RATINGS[manuscript.rating]] if manuscript.rating else []),
        ("Warnings", [_WARNINGS.get(one, one) for one in manuscript.warnings]),
        ("Categories", [_CATEGORIES.get(one, one) for one in manuscript.categories]),
        ("Fandoms", manuscript.fandoms),
        ("Relationships", manuscript.relationships),
        ("Characters", manuscript.characters),
        ("Additional Tags", manuscript.freeforms),
        ("Language", [manuscript.language] if manuscript.language else []),
        ("Series", [_in_series(one.title, one.position) for one in manuscript.series]),
        ("Status", [_STATUSES[manuscript.status]] if manuscript.status else []),
        ("Words", [f"{manuscript.words:,}"] if manuscript.words is not None else []),
        ("Chapters", _count_of(manuscript)),
        ("Published", [f"{manuscript.published_at:%Y-%m-%d}"] if manuscript.published_at else []),
        ("Updated", [f"{manuscript.revised_at:%Y-%m-%d}"] if manuscript.revised_at else []),
        ("For", manuscript.gifts),
        (
            "Permissions",
            [f"{_USES.get(use, use)}: {_ANSWERS.get(one, one)}" for use, one in manuscript.consent.items()],
        ),
    )
    for label, values in lists:
        shown = tuple(filter(None, map(one_line, values)))
        if shown:
            yield Row(label, shown)
    for related in manuscript.related:
        address = related.get("url")
        yield Row(_RELATIONS.get(related["relation"], "Related To"), (related.get("title") or address or "?",), address)
    for label, address in (
        ("Source", manuscript.source.url if manuscript.source else None),
        ("Archived At", work.address),
    ):
        if address:
            yield Row(label, (address,), address)


def _in_series(title: str, position: int | None) -> str:
    return f"{title} #{position}" if position is not None else title


def _count_of(manuscript: Manuscript) -> list[str]:
    posted = len(manuscript.chapters) or manuscript.chapters_posted
    if posted is None:
        return []
    return [f"{posted}/{manuscript.chapters_expected or '?'}"]
