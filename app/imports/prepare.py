"""From a manuscript to a draft: gaps filled, limits held, HTML cleaned, words counted. No database."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime
from operator import attrgetter
from typing import Any

import orjson

from app.config import Settings
from app.formats.manuscript import Manuscript, ManuscriptChapter
from app.imports.errors import ItemFailed
from app.kit.html import html_to_text, running_text
from app.kit.languages import detect_language, language_tag
from app.kit.shingles import part_of_sketch, sketch_of_parts
from app.kit.text import collapse, name_key
from app.kit.urls import LONGEST_URL, is_web_address, normalise_source_url, source_id, source_site
from app.kit.words import count_words
from app.works.drafts import ChapterDraft, SourceDraft, WorkDraft
from app.works.texts import (
    TITLE_LIMIT,
    Limits,
    checked_names,
    checked_title,
    clean_prose,
    clean_text,
    not_ahead,
)

STATS = ("kudos", "comments", "bookmarks", "hits")
UNKNOWN_LANGUAGE = "und"
OF_FILE = "file:"
"""What the keys begin with that say where a file was, and not what is in it."""
_TAG_TYPES = ("fandom", "character", "relationship", "freeform")
_TOLD = (
    "title", "authors", "summary", "notes", "end_notes", "language", "rating", "warnings", "categories", "series",
    "status", *_TAG_TYPES,
)  # fmt: skip
_TOLD_OF = attrgetter(*(f"{name}s" if name in _TAG_TYPES else name for name in _TOLD))


def prepare(
    manuscript: Manuscript, settings: Settings, *, file_key: str | None = None, known_beside: bool = False
) -> WorkDraft:
    """Check and complete a manuscript; raises :class:`~app.works.texts.BadMember` naming what is wrong and where.

    ``file_key`` identifies a work whose file names no source and no key: the file it came from. ``known_beside``: these
    were told beside the file, which was known by itself where it came without them before.
    """
    if manuscript.title is None and not manuscript.chapters:
        raise ItemFailed("title-or-chapter-required", "An item needs at least a title or a chapter.", "/title")
    notices = list(manuscript.notices)
    digest = _digest(manuscript)
    published, revised = _dates(manuscript)
    limits = limits_of(settings)
    chapters = [_chapter(chapter, index, published, limits) for index, chapter in enumerate(manuscript.chapters)]
    posted = [chapter for chapter in chapters if chapter.state == "published"]
    summary = clean_prose(manuscript.summary, "/summary", limits.summary, limits)
    draft = WorkDraft(
        title=_title(manuscript),
        authors=checked_names(manuscript.authors, "/authors") or ["Anonymous"],
        site=_site(manuscript),
        summary=summary,
        notes=clean_prose(manuscript.notes, "/notes", limits.notes, limits),
        end_notes=clean_prose(manuscript.end_notes, "/end_notes", limits.notes, limits),
        language=_language(manuscript, summary, posted, notices),
        rating=manuscript.rating or "not_rated",
        warnings=list(dict.fromkeys(manuscript.warnings)) or ["choose_not_to_warn"],
        categories=list(dict.fromkeys(manuscript.categories)),
        tags=_tags(manuscript, settings),
        series=_series(manuscript),
        status="in_progress",
        state=manuscript.state,
        visibility=manuscript.visibility,
        anonymous=manuscript.anonymous,
        has_text=bool(chapters),
        words=sum(chapter.words for chapter in posted) if chapters else manuscript.words or 0,
        chapters_posted=len(posted) if chapters else _posted(manuscript),
        chapters_expected=manuscript.chapters_expected,
        published_at=published,
        revised_at=revised,
        stats=tuple(manuscript.stats.get(name, 0) for name in STATS),  # type: ignore[arg-type]
        details=_details(manuscript),
        chapters=chapters,
        sources=_sources(manuscript),
        keys=[],
        digest=digest,
        notices=notices,
        sketch=sketch_of_parts(
            chapter.part_of_sketch for chapter in (chapters if manuscript.state == "draft" else posted)
        ),
        said=_said(manuscript),
        chapters_told=max(manuscript.chapters_posted or 0, len(posted)) or None,
    )
    if draft.state == "published" and chapters and not posted:
        raise ItemFailed("no-published-chapter", "A published work needs a published chapter.", "/chapters")
    _plan(manuscript, draft)
    _keys(manuscript, draft, file_key, known_beside=known_beside)
    return draft


def limits_of(settings: Settings) -> Limits:
    """The limits of imports."""
    return Limits(settings.import_summary_limit, settings.notes_limit, settings.chapter_max, settings.embedded_images)


def _digest(manuscript: Manuscript) -> bytes:
    """Of everything that the source said; what we make of it later does not count."""
    notices, manuscript.notices = manuscript.notices, []
    try:
        return hashlib.blake2b(orjson.dumps(manuscript, option=orjson.OPT_SORT_KEYS), digest_size=16).digest()
    finally:
        manuscript.notices = notices


def _said(manuscript: Manuscript) -> frozenset[str]:
    """The members that the source says; of those with a default alone it cannot be known."""
    dated = [chapter for chapter in manuscript.chapters if chapter.published_at is not None]
    said = {name for name, value in zip(_TOLD, _TOLD_OF(manuscript), strict=True) if value}
    if manuscript.published_at or dated:
        said.add("published_at")
    if manuscript.revised_at or dated:
        said.add("revised_at")
    if manuscript.chapters_expected or manuscript.status == "complete":
        said.add("chapters_expected")
    # A number is said also where it is 0.
    if manuscript.words is not None:
        said.add("words")
    if manuscript.chapters_posted is not None:
        said.add("chapters_posted")
    return frozenset(said.union(manuscript.stats))


def _title(manuscript: Manuscript) -> str:
    return checked_title(manuscript.title or "", "/title") or "Untitled"


def _tags(manuscript: Manuscript, settings: Settings) -> dict[str, list[str]]:
    tags = {
        "fandom": checked_names(manuscript.fandoms, "/fandoms") or ["No Fandom"],
        "character": checked_names(manuscript.characters, "/characters"),
        "relationship": checked_names(manuscript.relationships, "/relationships"),
        "freeform": checked_names(manuscript.freeforms, "/freeforms"),
    }
    count = sum(map(len, tags.values()))
    if count > settings.import_tags_limit:
        detail = f"The work has {count} tags, the limit is {settings.import_tags_limit}."
        raise ItemFailed("too-many-tags", detail, "/freeforms")
    return tags


def _series(manuscript: Manuscript) -> list[tuple[str, int | None]]:
    found: dict[str, tuple[str, int | None]] = {}
    for index, series in enumerate(manuscript.series):
        title = collapse(series.title)[:TITLE_LIMIT]
        if not title:
            raise ItemFailed("empty", "A series needs a title.", f"/series/{index}/title")
        found.setdefault(name_key(title), (title, series.position))
    return list(found.values())


def _chapter(chapter: ManuscriptChapter, index: int, work_published: datetime, limits: Limits) -> ChapterDraft:
    pointer = f"/chapters/{index}"
    content = clean_text(chapter.content, chapter.content_format, f"{pointer}/content", limits)
    running = running_text(content)
    title = checked_title(chapter.title, f"{pointer}/title")
    if not content.strip() and not title:
        raise ItemFailed("empty-chapter", "The chapter has neither text nor title.", f"{pointer}/content")
    return ChapterDraft(
        title=title,
        summary=clean_prose(chapter.summary, f"{pointer}/summary", limits.summary, limits),
        notes=clean_prose(chapter.notes, f"{pointer}/notes", limits.notes, limits),
        end_notes=clean_prose(chapter.end_notes, f"{pointer}/end_notes", limits.notes, limits),
        content=content,
        words=count_words(running),
        published_at=not_ahead(chapter.published_at, f"{pointer}/published_at") or work_published,
        state=chapter.state or "published",
        source_url=chapter.source_url if chapter.source_url and is_web_address(chapter.source_url) else None,
        part_of_sketch=part_of_sketch(running),
    )


def _dates(manuscript: Manuscript) -> tuple[datetime, datetime]:
    first = not_ahead(manuscript.published_at, "/published_at")
    last = not_ahead(manuscript.revised_at, "/revised_at")
    posted = [c.published_at for c in manuscript.chapters if c.published_at and c.state != "draft"]
    published = first or (min(posted) if posted else None) or last or datetime.now(UTC).replace(microsecond=0)
    revised = last or (max(posted) if posted else None) or published
    return published, max(published, revised)


def _language(manuscript: Manuscript, summary: str, chapters: list[ChapterDraft], notices: list[str]) -> str:
    if manuscript.language:
        tag = language_tag(manuscript.language)
        if tag is not None:
            return tag
        notices.append(f"The language “{manuscript.language[:40]}” is not known; it was guessed from the text.")
    sample = html_to_text(chapters[0].content[:12_000]) if chapters else html_to_text(summary)
    guess = detect_language(f"{manuscript.title or ''}\n{sample}")
    if guess is None:
        notices.append("The language is not said and could not be guessed.")
        return UNKNOWN_LANGUAGE
    notices.append(f"The language was guessed: {guess}.")
    return guess


def _posted(manuscript: Manuscript) -> int:
    return manuscript.chapters_posted if manuscript.chapters_posted is not None else 1


def _plan(manuscript: Manuscript, draft: WorkDraft) -> None:
    """How many chapters are planned, and the status: an import keeps what the source says."""
    expected = manuscript.chapters_expected
    if expected is not None and expected < draft.chapters_posted:
        draft.notices.append(
            f"The source plans {expected} chapters but has {draft.chapters_posted}; that is taken as the plan."
        )
        expected = draft.chapters_posted
    status = manuscript.status
    if status is None:
        status = "complete" if expected is not None and expected == draft.chapters_posted else "in_progress"
    if status == "complete" and expected is None:
        expected = draft.chapters_posted
    draft.chapters_expected = expected
    draft.status = status


def _details(manuscript: Manuscript) -> dict[str, Any]:
    for index, related in enumerate(manuscript.related):
        if related.get("url") is not None and not is_web_address(related["url"]):
            raise ItemFailed("bad-url", "It has to be an http or https address.", f"/related/{index}/url")
    gifts = checked_names(manuscript.gifts, "/gifts")
    details = {"extra": manuscript.extra, "gifts": gifts, "related": manuscript.related, "consent": manuscript.consent}
    return {name: value for name, value in details.items() if value}


def _site(manuscript: Manuscript) -> str:
    source = manuscript.source
    if source is None:
        return ""
    return (source.site or source_site(source.url or "") or "").lower()


def _sources(manuscript: Manuscript) -> list[SourceDraft]:
    found: dict[tuple[Any, ...], SourceDraft] = {}
    source = manuscript.source
    if source is not None:
        key = _url_key(source.url, "/source/url") if source.url else None
        known = source_id(source.url) if source.url else None
        site = source.site.lower() if source.site else None
        own = source.id
        if known is not None and not own:
            site, own = known
        if key or (site and own):
            found[site, own, key] = SourceDraft(site or source_site(source.url or ""), own, source.url, key)
    for index, url in enumerate(manuscript.source_urls):
        key = _url_key(url, f"/source_urls/{index}")
        if all(key != other.url_key for other in found.values()):
            found[None, None, key] = SourceDraft(source_site(url), None, url, key)
    return list(found.values())


def _url_key(url: str, pointer: str) -> str:
    key = normalise_source_url(url)
    if key is None:
        detail = f"A source address starts with http:// or https:// and has at most {LONGEST_URL} characters."
        raise ItemFailed("bad-url", detail, pointer)
    return key


def _keys(manuscript: Manuscript, draft: WorkDraft, file_key: str | None, *, known_beside: bool) -> None:
    """What the work is known by where its source says nothing: the importer's key, its file, or its content."""
    nameless = not manuscript.key and not draft.sources
    if manuscript.key:
        draft.keys.append(f"key:{manuscript.key}")
    if file_key is not None and (nameless or known_beside):
        draft.keys.append(f"{OF_FILE}{file_key}")
    if nameless:
        assert draft.digest is not None
        draft.keys.append(f"digest:{draft.digest.hex()}")
