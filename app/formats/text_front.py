"""Title and author on the first lines of a plain text."""

from __future__ import annotations

import re
from dataclasses import dataclass

from app.formats.headings import bare, bare_heading, chapter_heading, part_heading
from app.formats.text_layout import Block

TITLE_LIMIT = 200
_SENTENCE_LENGTH = 80
_CENTRED = 3
_BY = re.compile(
    r"(?:written\s+)?(?:(?:by|von|par|por|di|автор):?|作者[:：]?)(?:\s+(?P<name>\S.{0,100}))?", re.IGNORECASE
)
_LABELS = {
    **dict.fromkeys(("title", "titel", "titre", "título", "titolo", "название", "标题", "標題", "タイトル"), "title"),
    **dict.fromkeys(("author", "authors", "autor", "autorin", "auteur", "autora", "autore", "автор"), "author"),
    **dict.fromkeys(("作者", "著者"), "author"),
    **dict.fromkeys(("language", "sprache", "langue", "idioma", "lingua", "язык", "语言", "言語"), "language"),
}
_LABELLED = re.compile(rf"(?P<label>{'|'.join(_LABELS)})\s*[:：]\s*(?P<value>\S.{{0,250}})", re.IGNORECASE)
_PICTURE = re.compile(r"\[(?:picture|illustration|cover)[^\]]{0,200}\]", re.IGNORECASE)
_AOZORA = "【テキスト中に現れる記号について】"  # how the transcribers of Aozora Bunko begin their notes
_INDENT = re.compile(r"[ \t\u00a0\u3000]*")


@dataclass(slots=True)
class Front:
    """What the first lines say, and how many blocks say it."""

    title: str | None = None
    authors: tuple[str, ...] = ()
    language: str | None = None
    blocks: int = 0


def read_front(blocks: list[Block]) -> Front:
    """Title and author where the first blocks are those and not yet the story."""
    at = 0
    while at < len(blocks) and all(_PICTURE.fullmatch(bare(line)) for line in blocks[at]):
        at += 1
    if at == len(blocks):
        return Front()
    if any(line.strip() == _AOZORA for block in blocks[at : at + 2] for line in block):
        return _aozora(blocks, at)
    labelled = _labelled(blocks[at])
    if labelled is not None:
        labelled.blocks = at + 1
        return labelled
    return _centred(blocks, at)


def _centred(blocks: list[Block], at: int) -> Front:
    block = blocks[at]
    after = blocks[at + 1] if at + 1 < len(blocks) else None
    title = bare(block[0])
    author = _author(block[1:])
    if author is not None:
        return Front(title, author, blocks=at + 1) if _can_be_title(title) else Front()
    if len(block) > 1 or after is None or not _can_be_title(title):
        return Front()
    author = _author(after)
    if author is not None:
        return Front(title, author, blocks=at + 2)
    told = chapter_heading(after[0]) or part_heading(after[0])
    if told or _is_centred(block[0]) or not (title[0].islower() or title[-1] in ".,;:!?…”»\"'"):
        return Front(title, blocks=at + 1)
    return Front()


def _can_be_title(text: str) -> bool:
    if not any(map(str.isalnum, text)) or len(text) > TITLE_LIMIT:
        return False
    if chapter_heading(text) or part_heading(text) or bare_heading(text):
        return False
    return not (len(text) > _SENTENCE_LENGTH and text[-1] in '.!?”"')


def _is_centred(line: str) -> bool:
    match = _INDENT.match(line)
    return match is not None and len(match[0].expandtabs(4)) >= _CENTRED


def _author(lines: Block) -> tuple[str, ...] | None:
    """The name of ``by NAME`` on one line, or of ``by`` and the name under it."""
    words = [bare(line) for line in lines]
    if not words or len(words) > 2:  # noqa: PLR2004
        return None
    match = _BY.fullmatch(words[0])
    if match is None:
        return None
    if match["name"] is None:
        return (words[1],) if len(words) > 1 else None
    return (bare(match["name"]),) if len(words) == 1 else None


def _labelled(block: Block) -> Front | None:
    """``Title: …`` and ``Author: …``, as archives of texts put them first."""
    found: dict[str, str] = {}
    for line in block:
        match = _LABELLED.fullmatch(line.strip())
        if match is not None:
            found.setdefault(_LABELS[match["label"].lower()], match["value"].strip())
    if "title" not in found or len(found) < len(block):
        return None
    authors = found.get("author")
    return Front(found["title"], (authors,) if authors else (), found.get("language"))


def _aozora(blocks: list[Block], at: int) -> Front:
    """Title, then author, then the notes on the transcription between two rules."""
    first = blocks[at]
    front = Front(first[0].strip(), (first[-1].strip(),) if len(first) > 1 else ())
    rules = 0
    for number, block in enumerate(blocks[at : at + 20], at):
        rules += sum(line.startswith("-----") for line in block)
        if rules > 1:
            front.blocks = number + 1
            break
    else:
        front.blocks = at + 1
    return front
