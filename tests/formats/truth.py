"""What works of sample files are, and in what a reading of them differs: by the member, with the reason if known."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import orjson

from app.formats.manuscript import Manuscript, ManuscriptChapter
from app.kit.html import clean_html, html_to_text
from app.kit.languages import language_tag
from app.kit.markdown import markdown_to_html
from app.kit.names import parse_ao3_token

FIXTURES = "fixtures"
_NO_FIELD = "the tool has no field for it"
_ONE_PART = "of a work in one part it is not written"
_NO_COLUMN = "the table has no column for it"
_CONVERTED = "the conversion to EPUB takes ligatures apart, and soft hyphens and spaces without width away"
_FANFICFARE = {
    **dict.fromkeys(("order of tags", "order of warnings", "order of categories"), "the tool sorts its lists"),
    **dict.fromkeys(("dates of chapters", "stats", "chapters planned"), _NO_FIELD),
    **dict.fromkeys(("title of the only chapter", "notes of the only chapter"), _ONE_PART),
    "authors": "the tool finds no names with hyphens or letters of other scripts",
    "series": "the first series alone",
}
_FICHUB = {
    **dict.fromkeys(("tags", "warnings", "categories", "rating"), "a sentence tells some tags, and T of unrated works"),
    **dict.fromkeys(("series", "gifts", "notes", "notes of chapters", "notes of the only chapter"), _NO_FIELD),
    **dict.fromkeys(("stats", "dates of chapters", "chapters planned"), _NO_FIELD),
    "authors": "pseuds without users",
}
_DOWNLOAD = {
    **dict.fromkeys(("gifts", "stats", "dates of chapters"), _NO_FIELD),
    **dict.fromkeys(("title of the only chapter", "notes of the only chapter"), _ONE_PART),
}
REASONS: dict[str, dict[str, str]] = {
    "fanficfare-epub": _FANFICFARE,
    "fanficfare-html": _FANFICFARE,
    "fanficfare-txt": _FANFICFARE | {"summary": "plain text, where punctuation is spaced in another way"},
    "fichub-epub": _FICHUB,
    "fichub-html": _FICHUB | dict.fromkeys(("date", "date of the last change", "status"), _NO_FIELD),
    "ao3-html": _DOWNLOAD,
    "ao3-epub": _DOWNLOAD | dict.fromkeys(("text", "summary"), _CONVERTED),
    "scraper-csv": {
        **dict.fromkeys(("series", "gifts", "notes", "stats", "text", "chapters planned"), _NO_COLUMN),
        "authors": "pseuds without users",
    },
    "works-json": {"text": "one of the two dumps is without text"},
}
"""Why a reading of a format has to differ, by the member."""
_WORDS = re.compile(r"\w+")


class Truths:
    """What is known of the files below a folder of sample data."""

    def __init__(self, folder: Path) -> None:
        self.root = folder / FIXTURES
        self.by_file: dict[str, dict[str, Any]] = {}
        self.in_order: list[dict[str, Any]] = []
        expected = self.root / "expected.ndjson"
        whole = self.root / "metadata-dumps" / "works_full_text.ndjson"
        if not expected.exists():
            return
        texts = {work["id"]: work for work in map(orjson.loads, whole.read_bytes().splitlines())}
        for told in map(orjson.loads, expected.read_bytes().splitlines()):
            work = told | {"chapters": texts[told["id"]]["chapters"]}
            self.in_order.append(work)
            self.by_file |= dict.fromkeys(told["files"], work)

    def of(self, path: Path, number: int, count: int) -> dict[str, Any] | None:
        """What the item of this number is, of a file with so many."""
        if self.root not in path.parents:
            return None
        if path.parent.name == "metadata-dumps" and count == len(self.in_order):
            return self.in_order[number]
        return self.by_file.get(path.relative_to(self.root).as_posix())


def differences(work: Manuscript, truth: dict[str, Any], file_format: str) -> list[tuple[str, str | None]]:
    """The members in which a reading differs, each with the reason why it has to; ``None`` where there is none."""
    known = REASONS.get(file_format, {})
    return [(member, known.get(member)) for member in dict.fromkeys(_differing(work, truth))]


def _differing(work: Manuscript, truth: dict[str, Any]) -> Iterator[str]:
    told = _told(truth)
    for member, value in told.items():
        if getattr(work, member) != value:
            yield "chapters planned" if member == "chapters_expected" else member
    yield from _differing_tags(work, truth)
    for member, name in (("summary", "summary"), ("notes", "notes"), ("end_notes", "endnotes")):
        if words(getattr(work, member)) != words(truth[name]):
            yield "summary" if member == "summary" else "notes"
    if work.source is not None and work.source.id != str(truth["id"]):
        yield "source"
    if language_tag(work.language or "") != language_tag(truth["language_code"]):
        yield "language"
    yield from _differing_chapters(work, truth["chapters"])


def _told(truth: dict[str, Any]) -> dict[str, Any]:
    people = [(one["pseud"], one["user"]) for one in truth["authors"]]
    planned = truth["chapters_total"]
    return {
        "title": " ".join(truth["title"].split()),
        "authors": [pseud if pseud == user else f"{pseud} ({user})" for pseud, user in people],
        "rating": parse_ao3_token("rating", truth["rating"]),
        "status": "complete" if truth["complete"] else "in_progress",
        "words": truth["words"],
        "chapters_expected": int(planned) if planned.isdecimal() else None,
        "gifts": truth["gifts"],
        "stats": {name: truth[name] for name in ("kudos", "comments", "bookmarks", "hits")},
    }


def _differing_tags(work: Manuscript, truth: dict[str, Any]) -> Iterator[str]:
    for kind in ("fandoms", "characters", "relationships", "freeforms"):
        yield from _unlike("tags", getattr(work, kind), truth[kind])
    for kind, plural in (("warning", "warnings"), ("category", "categories")):
        said = [token for one in truth[plural] if (token := parse_ao3_token(kind, one))]  # type: ignore[arg-type]
        yield from _unlike(plural, getattr(work, plural), said)
    if [(one.title, one.position) for one in work.series] != [(one["name"], one["part"]) for one in truth["series"]]:
        yield "series"
    for member, name in ((work.published_at, "published"), (work.revised_at, "updated")):
        if str(member)[:10] != truth[name]:
            yield "date" if name == "published" else "date of the last change"


def _unlike(member: str, found: list[Any], known: list[Any]) -> Iterator[str]:
    if found != known:
        yield f"order of {member}" if sorted(found) == sorted(known) else member


def _differing_chapters(work: Manuscript, known: list[dict[str, Any]]) -> Iterator[str]:
    if not work.chapters:
        yield "text"
        return
    if len(work.chapters) != len(known):
        yield "number of chapters"
        return
    of = "of the only chapter" if len(known) == 1 else "of chapters"
    for chapter, truth in zip(work.chapters, known, strict=True):
        if words(_html(chapter)) != words(truth["html"]):
            yield "text"
        if " ".join(chapter.title.split()) != " ".join(truth["title"].split()):
            yield f"title {of}"
        notes = (words(chapter.summary), words(chapter.notes), words(chapter.end_notes))
        if notes != (words(truth["summary"]), words(truth["notes"]), words(truth["endnotes"])):
            yield f"notes {of}"
        if str(chapter.published_at)[:10] != truth["date"]:
            yield "dates of chapters"


def _html(chapter: ManuscriptChapter) -> str:
    return chapter.content if chapter.content_format == "html" else markdown_to_html(chapter.content)


def words(html: str) -> list[str]:
    """The words of a text, whatever stands between them."""
    return _WORDS.findall(html_to_text(clean_html(html)))
