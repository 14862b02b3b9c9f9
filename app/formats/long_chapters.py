"""Chapters of plain paragraphs, none longer than an archive takes."""

from __future__ import annotations

from app.formats.manuscript import Manuscript, ManuscriptChapter

CHAPTER_LIMIT = 510_000


def add_chapters(manuscript: Manuscript, title: str, paragraphs: list[str]) -> None:
    """Add a chapter; one that is too long in parts, cut between paragraphs."""
    length = sum(map(len, paragraphs)) + 2 * len(paragraphs)
    if length <= CHAPTER_LIMIT:
        manuscript.chapters.append(ManuscriptChapter("\n\n".join(paragraphs), "text", title))
        return
    pieces: list[list[str]] = [[]]
    size = 0
    for paragraph in paragraphs:
        for start in range(0, len(paragraph), CHAPTER_LIMIT):
            piece = paragraph[start : start + CHAPTER_LIMIT]
            if size + len(piece) + 2 > CHAPTER_LIMIT and pieces[-1]:
                pieces.append([])
                size = 0
            pieces[-1].append(piece)
            size += len(piece) + 2
    manuscript.notices.append(f"A chapter of {length:,} characters was split into {len(pieces)} parts.")
    for number, part in enumerate(pieces, 1):
        name = f"{title} ({number}/{len(pieces)})" if title else f"Part {number}"
        manuscript.chapters.append(ManuscriptChapter("\n\n".join(part), "text", name))
