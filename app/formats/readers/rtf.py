"""RTF, as word processors of all times write it: one work a file, chapters at headings; pictures are left out."""

from __future__ import annotations

from app.formats.manuscript import Manuscript
from app.formats.markup import first, parse_html
from app.formats.problems import Unreadable
from app.formats.reading import Reader, whole_file
from app.formats.rtf_text import read_rtf
from app.formats.word_texts import take_text

LARGEST = 64 * 1024 * 1024
_NOBODY = frozenset({"", "user", "admin", "author", "unknown"})


def score(head: bytes, name: str) -> float:  # noqa: ARG001  all readers are asked alike
    """Known by its first bytes."""
    return 0.95 if head.startswith(b"{\\rtf") else 0.0


def _manuscript(data: bytes) -> Manuscript:
    rtf = read_rtf(data)
    work = Manuscript(title=rtf.title or None)
    work.authors = [rtf.author] if rtf.author.casefold() not in _NOBODY else []
    body = first(parse_html(f"<body>{''.join(rtf.paragraphs)}</body>"), ".//body") if rtf.paragraphs else None
    if body is None:
        raise Unreadable("no-text", "The document has no text.")
    take_text(work, body)
    if b"\\pict" in data:
        work.notices.append("Pictures were left out.")
    return work


READER = Reader("rtf", score, whole_file(_manuscript, LARGEST), one_work=True)
