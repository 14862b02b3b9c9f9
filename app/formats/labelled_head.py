"""What authors write over a story themselves: ``Title: …``, ``Fandom: …``, ``Rating: …`` a line, ``Summary: …``.

Mailing lists, archives of text files and manuscripts all have such heads. Labels decide what a value is; what no field
is for is kept under its label, and what only looks like a head stays text.
"""

from __future__ import annotations

import html
import re
from dataclasses import dataclass, field, fields
from typing import Any

from app.formats.fanficfare_fields import Entry, Fields, fill
from app.formats.fanficfare_labels import key_of
from app.formats.manuscript import Manuscript
from app.formats.markup import Element, drop
from app.formats.text_layout import Block

_LABEL = re.compile(r"[*_]{0,3}(?P<label>[^\W\d_][^:：\n*_]{0,40}?)[*_]{0,3}\s?[:：][*_]{0,3}(?:\s+(?P<value>.*))?")
_ALSO = {
    **dict.fromkeys(("titel", "titre", "título", "titolo", "название", "标题", "標題", "タイトル"), "title"),
    **dict.fromkeys(("autor", "autorin", "auteur", "autora", "autore", "автор", "作者", "著者"), "author"),
    **dict.fromkeys(("written by", "by", "penname"), "author"),
    **dict.fromkeys(("sprache", "langue", "idioma", "lingua", "язык", "语言", "言語"), "language"),
    **dict.fromkeys(("fandome", "фандом", "фэндом"), "fandoms"),
    **dict.fromkeys(("рейтинг", "altersfreigabe"), "rating"),
    **dict.fromkeys(("пейринг", "пэйринг", "paarung"), "ships"),
    **dict.fromkeys(
        ("inhalt", "zusammenfassung", "résumé", "resumen", "саммари", "аннотация", "описание"), "description"
    ),
    **dict.fromkeys(("персонажи", "personen", "charaktere"), "characters"),
    **dict.fromkeys(("жанр", "жанры"), "genre"),
    "date": "datePublished",
}
_BYLINE = re.compile(r"(?:written\s+)?by:?\s+(?P<name>\S.{0,80}[^.!?,;\s])", re.IGNORECASE)
_CATEGORIES = "AO3 Categories"
_NOTES = frozenset({"a/n", "an", "author's note", "author's notes", "author note", "author notes", "note", "notes"})
_ADDRESS = re.compile(r"<?[^\s<>@]{1,100}@[^\s<>@]{1,200}>?")
_MAIL = frozenset({"from", "subject", "newsgroups", "message-id", "sender", "to", "organization", "reply-to"})
"""What stands over a message to a list; its subject and its sender are kept."""
_TELLING = frozenset(
    {"title", "author", "fandoms", "category", "rating", "ships", "characters", "description", "genre", "warnings"}
)
_ENOUGH, _TABLE, _MOST_BLOCKS, _MOST_LINES, _LONGEST, _LONGEST_TITLE = 2, 3, 40, 200, 40_000, 200
_NOTHING = frozenset({"none", "n/a", "-", "no", "none."})
_TITLES = frozenset({"h1", "h2"})
_BLOCKS = frozenset({"p", "ul", "table"})
_LISTS = frozenset({"ships", "characters", "warnings", "genre", "fandoms", "series"})


@dataclass(slots=True)
class Head:
    """What a head says, and how many blocks say it."""

    work: Manuscript
    blocks: int


@dataclass(slots=True)
class _Line:
    label: str
    key: str
    parts: list[str] = field(default_factory=list)


def read_head(blocks: list[Block]) -> Head | None:
    """The head that these blocks begin with; ``None`` where they begin with something else."""
    lines: list[_Line] = []
    taken = 0
    for block in blocks[:_MOST_BLOCKS]:
        if len(block) > _MOST_LINES:
            break
        first = _labelled(block[0])
        waits = bool(lines) and not any(lines[-1].parts)
        if first is not None and (_key(first[0]) or (lines and _all_labelled(block))):
            _read_block(lines, block)
        elif waits and lines[-1].key:
            lines[-1].parts = list(block)
        else:
            break
        taken += 1
    if (
        len({line.key for line in lines} & _TELLING) < _ENOUGH
        or sum(len(part) for line in lines for part in line.parts) > _LONGEST
    ):
        return None
    return Head(_work(lines), taken)


def _key(label: str) -> str:
    name = " ".join(label.split()).replace("\u2019", "'").casefold()
    if name in _NOTES or name in _MAIL:
        return "notes" if name in _NOTES else "mail"
    return _ALSO.get(name) or key_of(name) or ""


def _labelled(line: str) -> tuple[str, str] | None:
    found = _LABEL.fullmatch(line.strip())
    return (found["label"].strip(), (found["value"] or "").strip()) if found is not None else None


def _all_labelled(block: Block) -> bool:
    """Whether each line has a label of few words: they are labels, though not all are known."""
    found = [_labelled(line) for line in block]
    return all(one is not None and len(one[0].split()) <= 3 and len(one[1]) <= 300 for one in found)  # noqa: PLR2004


def _read_block(lines: list[_Line], block: Block) -> None:
    every = _all_labelled(block)
    table = sum(bool(_key(one[0])) for line in block if (one := _labelled(line)) is not None) >= _TABLE
    for line in block:
        found = _labelled(line)
        key = _key(found[0]) if found is not None else ""
        fresh = key == "mail" or all(one.key != key for one in lines) if key else table and _is_short(found)
        if found is not None and (every or fresh):
            lines.append(_Line(found[0], key, [found[1]] if found[1] else []))
        elif lines:
            lines[-1].parts.append(line.strip())


def _is_short(found: tuple[str, str] | None) -> bool:
    """Whether a label that is not known looks like one: a word or two with a capital."""
    return found is not None and len(found[0].split()) <= 2 and found[0][0].isupper()  # noqa: PLR2004


def _work(lines: list[_Line]) -> Manuscript:
    """A manuscript of the values alone."""
    told = Fields()
    notes = ""
    for line in lines:
        value = " ".join(line.parts).strip(" *_")
        if not value or (value.casefold() in _NOTHING and line.key in _LISTS):
            continue
        if line.key == "notes":
            notes += f"<p>{html.escape(value, quote=False)}</p>"
            continue
        # What other archives call a category is a genre, a pairing or a fandom; only words for pairings are known.
        if line.key == "mail":
            # The address of a sender is nobody's business.
            value = _ADDRESS.sub("", value).strip(' ()"')
            if value and line.label.casefold() in {"from", "subject"}:
                told.add(Entry(line.label, value))
            continue
        key = "ao3categories" if line.key == "category" else line.key
        marked = f"<p>{html.escape(value, quote=False)}</p>" if key == "description" else ""
        told.add(Entry(line.label, value, marked), key or None)
    work = Manuscript(notes=notes)
    fill(work, told)
    if "ao3categories" in told.entries and (unknown := work.extra.pop(_CATEGORIES, None)):
        work.extra[told.entries["ao3categories"].label] = unknown
    return work


def take(work: Manuscript, found: Manuscript) -> None:
    """Give a work what a head says, where nothing else does."""
    for member in fields(Manuscript):
        value: Any = getattr(found, member.name)
        if member.name == "notices":
            work.notices += value
        elif member.name == "extra":
            work.extra = {**value, **work.extra}
        elif value and not getattr(work, member.name):
            setattr(work, member.name, value)


def take_from(work: Manuscript, body: Element, *, by_line: bool = False) -> None:
    """Take title, author and head out of the blocks that a document begins with; a heading before them stays.

    ``by_line``: a line of the source is a line, as in Markdown; else lines end where the document breaks them.
    """
    front = _front(body, by_line=by_line)
    if not front:
        return
    blocks = [lines for _, lines in front]
    named = _named(blocks, has_title=next(iter(body)).tag in _TITLES)
    over = 1 if len(named) == len(blocks[0]) else len(named)
    head = read_head(blocks[over:] if named else blocks)
    taken = (over if named else 0) + (head.blocks if head is not None else 0)
    if taken == len(front) and front[-1][0] is body[-1]:
        return  # nothing follows that could be the story
    if named:
        _credit(work, named)
    if head is not None:
        take(work, head.work)
    for one, _ in front[:taken]:
        drop(one)


def _front(body: Element, *, by_line: bool) -> list[tuple[Element, Block]]:
    """The blocks before anything that is none, each with its lines."""
    found: list[tuple[Element, Block]] = []
    for element in body:
        if element.tag in _TITLES and not found:
            continue
        if element.tag not in _BLOCKS or (element.tail or "").strip() or len(found) == _MOST_BLOCKS:
            break
        if lines := _lines(element, by_line=by_line):
            found.append((element, lines))
    return found


def _credit(work: Manuscript, named: list[str]) -> None:
    """Give a work the author, and the title, that stand over its text."""
    *title, author = named
    work.authors, work.title = work.authors or [author], work.title or next(iter(title), None)
    if author not in work.authors:
        work.extra["byline"] = author
        work.notices.append(f"Over the text {author[:80]} is named as the author; it was kept in `extra`.")


def _named(blocks: list[Block], *, has_title: bool) -> list[str]:
    """The author, or title and author, that a document begins with: ``by NAME``, under the title or behind it."""
    first = [line for block in blocks[:2] for line in block]
    for before in range(0 if has_title else 1, -1, -1):
        found = _BYLINE.fullmatch(first[before]) if len(first) > before else None
        ends = {len(blocks[0]), len(blocks[0]) + len(blocks[1]) if len(blocks) > 1 else 0}
        if found is not None and before + 1 in ends and all(len(line) <= _LONGEST_TITLE for line in first[:before]):
            return [*first[:before], found["name"].strip()]
    return []


def _lines(block: Element, *, by_line: bool) -> Block:
    """The lines of a paragraph, the items of a list, the rows of a table of two columns."""
    lines = [""]
    for element in block.iter():
        if element.tag in {"br", "li", "tr"}:
            lines.append("")
        elif element.tag == "td" and element.getprevious() is not None and ":" not in lines[-1]:
            lines[-1] += ": "
        if isinstance(element.tag, str) and element.text:
            lines[-1] += element.text
        if element is not block:
            lines[-1] += element.tail or ""
    whole = "\n".join(lines).split("\n") if by_line and block.tag == "p" else lines
    return [text for line in whole if (text := " ".join(line.split()))]
