"""The introduction that FicHub writes: title, author, summary, labelled paragraphs, and one sentence for all tags.

The sentence is in the words of FanFiction.net whatever the site was, and does not tell all: fandoms, relationships,
warnings and freeforms are missing, and of characters it may name the first ones only.
"""

from __future__ import annotations

import re

from app.formats.ffn_info import read_info
from app.formats.manuscript import Manuscript, SourceRef
from app.formats.markup import Element, find_all, first, inner_html, outer_html, sound, text_of
from app.formats.numbers import to_count
from app.formats.problems import Unreadable
from app.kit.dates import parse_source_date
from app.kit.names import parse_ao3_token
from app.kit.urls import is_web_address, source_id, source_site

_PART = re.compile(
    r"(?:^|, )(Rated|Language|Genre|Characters|Chapters|Words|Reviews|Favs|Follows|Updated|Published|Status|id): ?"
)
_LABEL = re.compile(
    r"(Status|Published|Updated|Words|Chapters|Rated|Original source|Exported with the assistance of)\b:?\s*"
)
_ANY_LABEL = re.compile(r"([^\W\d_][\w ]{0,40}):\s")
_PAIRING = re.compile(r"\[([^\[\]]{1,500})\]")
_STATUS = {"ongoing": "in_progress", "complete": "complete", "completed": "complete", "abandoned": "abandoned"}
_STORY_SITES = frozenset({"fanfiction.net", "fictionpress.com"})
_SENTENCE = 2
_ALSO_UNRATED = "T"
"""What FicHub says of works that are for teens, and of those that are not rated."""
_STATS = {"Favs": "kudos", "Reviews": "comments", "Follows": "bookmarks"}
NOTICE = "FicHub keeps tags as one sentence, without fandoms, relationships, warnings and most other tags: add them."


def read_introduction(body: Element) -> Manuscript:
    """What the introduction says, as a work without chapters."""
    work = Manuscript(title=text_of(first(body, ".//h1")) or None, notices=[NOTICE])
    _read_authors(work, body)
    lines = _labelled(body)
    # The sentence is read by the site that the last lines name.
    for line in sorted(lines, key=lambda one: not text_of(one).startswith("Original source")):
        text = text_of(line)
        found = _LABEL.match(text)
        other = _ANY_LABEL.match(text) if not _is_known(text) else None
        if other is not None:
            work.extra[other[1]] = text[other.end() :].strip()[:4_000]
        elif found is None or found[1] == "Rated":
            _read_sentence(work, text)
        else:
            _read_line(work, found[1], text[found.end() :].strip(), line)
    work.summary = _summary(body, lines[0] if lines else None)
    return work


def _labelled(body: Element) -> list[Element]:
    """The labelled paragraphs: the last ones, since a summary may have a label of its own in it."""
    lines = find_all(body, "./p")
    known = [_is_known(text_of(line)) for line in lines]
    at = len(lines)
    # A line whose label is not known is one where one that is known stands before it.
    while at and (known[at - 1] or (at > 1 and known[at - 2] and _ANY_LABEL.match(text_of(lines[at - 1])))):
        at -= 1
    return lines[at:]


def _is_known(text: str) -> bool:
    return _LABEL.match(text) is not None or len(_PART.findall(text)) >= _SENTENCE


def _read_authors(work: Manuscript, body: Element) -> None:
    named = first(body, ".//span[@class='author']")
    by = first(body, "./p[starts-with(normalize-space(.), 'By:')]")
    joined = text_of(named) if named is not None else text_of(by).removeprefix("By:").strip()
    names = [name for one in joined.split(", ") if (name := one.strip())]
    if len(names) > 1:
        work.notices.append(f"“{joined[:120]}” was read as {len(names)} authors: FicHub joins them by commas.")
    work.authors = [name for name in names if name.lower() != "anonymous"]


def _read_line(work: Manuscript, label: str, value: str, line: Element) -> None:
    if label == "Original source":
        link = first(line, ".//a[@href]")
        url = sound(link.get("href") or "").strip() if link is not None else value
        if is_web_address(url):
            known = source_id(url)
            work.source = SourceRef(known[0], known[1], url) if known else SourceRef(source_site(url), None, url)
    elif label == "Status":
        work.status = _STATUS.get(value.lower()) or parse_ao3_token("status", value)  # type: ignore[assignment]  # closed
        if work.status is None and value:
            work.extra["status"] = value[:200]
            work.notices.append(f"The status “{value[:60]}” is not known; it was kept in `extra`.")
    elif label in {"Published", "Updated"}:
        _read_date(work, label, value)
    elif label in {"Words", "Chapters"}:
        _read_count(work, label, value)


def _read_date(work: Manuscript, label: str, value: str) -> None:
    moment = parse_source_date(value)
    if moment is None:
        work.notices.append(f"The date “{value[:40]}” ({label}) is not understood; it was left out.")
    elif label == "Published":
        work.published_at = work.published_at or moment
        work.revised_at = work.revised_at or moment
    else:
        work.revised_at = moment


def _read_count(work: Manuscript, label: str, value: str) -> None:
    try:
        number = to_count(value, label)
    except Unreadable:
        work.notices.append(f"{label}: “{value[:40]}” is no number; it was left out.")
        return
    if number is None:
        return
    if label == "Words":
        work.words = number
    elif label == "Chapters":
        work.chapters_posted = number
    else:
        work.stats[_STATS[label]] = number


def _read_sentence(work: Manuscript, sentence: str) -> None:
    """All tags in one sentence; it stands in ``extra`` as it is, too, for what cannot be told apart."""
    work.extra["FicHub"] = sentence[:4_000]
    if " - " in sentence and "Language: " not in sentence:  # FanFiction.net's own line
        try:
            read_info(work, sentence)
        except Unreadable:
            work.notices.append("The sentence could not be read; it was kept in `extra`.")
        return
    marks = list(_PART.finditer(sentence))
    ends = [mark.start() for mark in marks[1:]] + [len(sentence)]
    parts = {mark[1]: sentence[mark.end() : end].strip(" ,-") for mark, end in zip(marks, ends, strict=False)}
    site = work.source.site if work.source else None
    _read_rating(work, parts.get("Rated", ""), site)
    work.language = parts.get("Language") or None
    _read_people(work, parts.get("Characters", ""))
    for label in ("Words", "Chapters", *_STATS):
        if parts.get(label):
            _read_count(work, label, parts[label])
    for label in ("Published", "Updated"):
        if parts.get(label):
            _read_date(work, label, parts[label])
    genres = [genre for genre in parts.get("Genre", "").replace("Hurt/Comfort", "Hurt\0Comfort").split("/") if genre]
    if site in _STORY_SITES:
        work.freeforms = [genre.replace("\0", "/").strip() for genre in genres]


def _read_rating(work: Manuscript, said: str, site: str | None) -> None:
    rated = said.removeprefix("Fiction").strip()
    if not rated:
        return
    if site in _STORY_SITES or rated != _ALSO_UNRATED:
        work.rating = parse_ao3_token("rating", rated)  # type: ignore[assignment]  # closed words
    if site in _STORY_SITES and work.rating is None:
        work.notices.append(f"The rating “{rated[:20]}” is not known; it stands in `extra`.")
    elif site not in _STORY_SITES:
        shown = f"read as {work.rating}" if work.rating else "left out"
        doubt = ", also for works without a rating" if rated == _ALSO_UNRATED else ""
        work.notices.append(f"The rating “{rated[:20]}” is FicHub's word{doubt}; it was {shown}.")


def _read_people(work: Manuscript, people: str) -> None:
    work.relationships = ["/".join(_names(group)) for group in _PAIRING.findall(people)]
    work.characters = _names(re.sub(r"[\[\]]", ",", people))
    if len(work.characters) > 1:
        work.notices.append("The characters were cut at commas, and may be the first of more.")


def _names(text: str) -> list[str]:
    return [name for one in text.split(", ") if (name := one.strip(" ,"))]


def _summary(body: Element, before: Element | None) -> str:
    """What stands between the author and the first labelled paragraph."""
    parts: list[str] = []
    for child in body:
        if child is before or child.tag == "nav":
            break
        if child.tag in {"h1", "h2"} or text_of(child).startswith("By:"):
            parts = []
        elif child.tag == "div" and not child.get("id"):
            parts.append(inner_html(child))
        elif text_of(child):
            parts.append(outer_html(child))
    return "".join(parts)
