"""A book as one JSON object: ``slug``, ``title``, ``authors``, ``language``, chapters of ``n``, ``title``, ``html``."""

from __future__ import annotations

from collections.abc import Iterator
from typing import BinaryIO

from app.formats.json_values import head_of, load_object, texts
from app.formats.manuscript import Manuscript, ManuscriptChapter, ReadItem
from app.formats.problems import Unreadable
from app.formats.reading import Reader

LARGEST = 256 * 1024 * 1024


def score(head: bytes, name: str) -> float:  # noqa: ARG001  all readers are asked alike
    """Known by the names of its members."""
    known = head_of(head).startswith(b"{") and b'"slug"' in head and b'"chapters"' in head and b'"html"' in head
    return 0.9 if known else 0.0


def read(stream: BinaryIO, name: str) -> Iterator[ReadItem]:
    """One item: the whole file is the book."""
    data = stream.read(LARGEST + 1)
    try:
        if len(data) > LARGEST:
            raise Unreadable("too-large", "The file is larger than 256 MiB.")  # noqa: TRY301
        yield ReadItem(name, _manuscript(data))
    except Unreadable as error:
        yield ReadItem(name, problem=error.as_problem())


def _manuscript(data: bytes) -> Manuscript:
    book = load_object(data)
    slug, title, chapters = book.get("slug"), book.get("title"), book.get("chapters")
    if not isinstance(slug, str) or not isinstance(title, str) or not isinstance(chapters, list):
        raise Unreadable("not-a-book", "A book has a slug, a title and chapters.", "/slug")
    return Manuscript(
        title=title,
        authors=list(texts(book.get("authors"))),
        language=book.get("language") if isinstance(book.get("language"), str) else None,
        chapters=[_chapter(chapter, index) for index, chapter in enumerate(chapters)],
        key=slug,
        status="complete",
        extra={name: book[name] for name in ("source", "repository") if isinstance(book.get(name), str)},
    )


def _chapter(chapter: object, index: int) -> ManuscriptChapter:
    if not isinstance(chapter, dict) or not isinstance(chapter.get("html"), str):
        raise Unreadable("not-a-chapter", "A chapter has its text in html.", f"/chapters/{index}/html")
    title = chapter.get("title")
    return ManuscriptChapter(content=chapter["html"], title=title if isinstance(title, str) else "")


READER = Reader("book-json", score, read)
