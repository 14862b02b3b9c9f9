"""What a file of one format may change in chapters that came from another. Pure.

Formats of one text differ in white space and markup: chapters are compared by their letters and digits. Where these are
the same, the fuller format's text stays; where not, the file that is believed in the text has the say.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from app.imports.weighing import TEXT, Weights
from app.kit.html import html_to_text
from app.works.chapter_matching import ChapterMark, match_chapters
from app.works.drafts import ChapterDraft, WorkDraft

Row = Mapping[Any, Any]
_NO_LETTERS = re.compile(r"[\W_]+")
_SPACES = re.compile(r"\s+")
_PROSE = ("title", "summary", "notes", "end_notes")


def letters(html: str) -> str:
    """A text without all that formats write differently."""
    return _NO_LETTERS.sub("", html_to_text(html))


def shape(html: str) -> str:
    """A text with its markup, without what is seen by nobody."""
    return (
        _SPACES.sub("", html)
        .replace("<i>", "<em>")
        .replace("</i>", "</em>")
        .replace("<b>", "<strong>")
        .replace("</b>", "</strong>")
    )


def weigh_chapters(rows: Sequence[Row], draft: WorkDraft, weights: Weights) -> bool:
    """Leave in a draft those chapters alone that it may change; whether any is left.

    ``rows`` are the work's chapters as they are here.
    """
    marks = [ChapterMark(row["source_url"], row["title"], letters(row["content"])) for row in rows]
    new = [ChapterMark(one.source_url, one.title, letters(one.content)) for one in draft.chapters]
    found = match_chapters(marks, new)
    believed = weights.wins(TEXT)
    chapters: list[ChapterDraft] = []
    changed = False
    for at, mark, chapter in zip(found, new, draft.chapters, strict=True):
        if at is None:
            if not weights.is_older:
                chapters.append(chapter)
                changed = True
            continue
        joined = _joined(rows[at], chapter, weights, believed=believed, same=marks[at].content == mark.content)
        chapters.append(joined)
        changed |= any(getattr(joined, name) != rows[at][name] for name in (*_PROSE, "content", "state"))
    draft.chapters = chapters if changed else []
    if changed:
        draft.words = sum(one.words for one in chapters if one.state == "published")
        draft.chapters_posted = sum(one.state == "published" for one in chapters)
    return changed


def _joined(row: Row, chapter: ChapterDraft, weights: Weights, *, believed: bool, same: bool) -> ChapterDraft:
    """A chapter as it is to be: of what is here and what a file tells, each part from the better of the two."""
    stored = ChapterDraft(
        **{name: row[name] for name in (*_PROSE, "content", "words", "published_at", "state", "source_url")}
    )
    chosen = replace(stored, source_url=chapter.source_url or stored.source_url)
    if believed:
        chosen.state = chapter.state
    takes_text = (weights.is_fullest if believed else weights.is_fuller) if same else believed
    if takes_text and shape(chapter.content) != shape(stored.content):
        chosen.content, chosen.words = chapter.content, chapter.words
    for name in _PROSE:
        here, told = getattr(stored, name), getattr(chapter, name)
        if not told:
            gives = believed and not weights.is_of_another_format
        elif not here:
            gives = not weights.is_older
        elif letters(here) == letters(told):
            gives = believed and weights.is_fullest and shape(here) != shape(told)
        else:
            gives = believed
        if gives:
            setattr(chosen, name, told)
    return chosen
