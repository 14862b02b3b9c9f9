"""Blurbs: works as Archive of Our Own lists them, with everything but their text."""

from __future__ import annotations

from collections.abc import Iterator

from app.formats.ao3_links import GIFT, source_of, work_number
from app.formats.ao3_people import people_of
from app.formats.ao3_rows import Row, read_row, read_stat, read_token, rows_of, series_of, settle
from app.formats.manuscript import Manuscript
from app.formats.markup import Element, find_all, first, has_class, inner_html, text_of
from app.formats.problems import Unreadable
from app.kit.dates import parse_source_date

_TAGS = {"relationships": "Relationships", "characters": "Characters", "freeforms": "Additional Tags"}


def blurbs(root: Element) -> list[Element]:
    """The blurbs of a page, those of bookmarks included; of series, people and collections there are others."""
    listed = find_all(root, ".//li[contains(concat(' ', normalize-space(@class), ' '), ' blurb ')]")
    return [one for one in listed if has_class(one, "work") or has_class(one, "bookmark")]


def read_blurb(blurb: Element) -> Manuscript:
    """The work of a blurb; raises :class:`Unreadable` for one that is secret, deleted, or of no work."""
    heading = first(blurb, "./div[contains(@class, 'header')]//h4")
    number = _number(blurb, heading)
    if heading is None or number is None:
        what = " ".join(text_of(blurb).split()[:12])
        raise Unreadable("not-a-work", f"There is no work in this entry: “{what[:100]}”.")
    manuscript = Manuscript(source=source_of(number))
    titles = [link for link in find_all(heading, ".//a[@href]") if work_number(link.get("href")) == number]
    manuscript.title = text_of(titles[0]) if titles else None
    _read_heading(heading, manuscript)
    fandoms = find_all(blurb, "./div//h5[contains(@class, 'fandoms')]//a")
    manuscript.fandoms = [fandom for link in fandoms if (fandom := text_of(link))]
    for item in find_all(blurb, "./ul[contains(concat(' ', @class, ' '), ' tags ')]/li"):
        name = next((name for name in _TAGS if has_class(item, name)), None)
        if name is not None:
            read_row(Row(_TAGS[name], item), manuscript)
    _read_symbols(blurb, manuscript)
    manuscript.summary = inner_html(first(blurb, "./blockquote[contains(@class, 'summary')]"))
    for item in find_all(blurb, "./ul[@class='series']/li"):
        manuscript.series.extend(series_of(item, manuscript))
    _read_stats(blurb, manuscript)
    return manuscript


def _number(blurb: Element, heading: Element | None) -> str | None:
    links = find_all(heading, ".//a[@href]") if heading is not None else []
    linked = next((number for link in links if (number := work_number(link.get("href")))), None)
    own = (blurb.get("id") or "").removeprefix("work_")
    return linked or (own if own.isdigit() and own.isascii() and links else None)


def _read_heading(heading: Element, manuscript: Manuscript) -> None:
    manuscript.authors, archivists = people_of(heading, manuscript)
    if archivists:
        manuscript.extra["archived_by"] = archivists
    manuscript.gifts = [
        text_of(link) for link in find_all(heading, ".//a[@href]") if GIFT.search(link.get("href") or "")
    ]
    if find_all(heading, ".//img[contains(@title, 'Restricted') or contains(@alt, 'Restricted')]"):
        manuscript.visibility = "registered"


def _read_symbols(blurb: Element, manuscript: Manuscript) -> None:
    """The four squares: rating, warnings, categories, and whether it is complete."""
    for item in find_all(blurb, "./div//ul[contains(@class, 'required-tags')]//span[@title]"):
        said = [value.strip() for value in (item.get("title") or "").split(", ") if value.strip()]
        if has_class(item, "rating"):
            read_token("rating", ", ".join(said), manuscript)
        elif has_class(item, "warnings"):
            for value in said:
                read_token("warning", value, manuscript)
        elif has_class(item, "category"):
            for value in said:
                read_token("category", value, manuscript)
        elif has_class(item, "iswip"):
            manuscript.status = "complete" if has_class(item, "complete-yes") else "in_progress"


def _read_stats(blurb: Element, manuscript: Manuscript) -> None:
    shown = first(blurb, "./div//p[contains(@class, 'datetime')]")
    status = manuscript.status
    manuscript.stats = dict.fromkeys(("kudos", "comments", "bookmarks", "hits"), 0)  # what nobody did is not shown
    for row in _stat_rows(blurb):
        if row.label.casefold() == "language":
            read_row(row, manuscript)
        else:
            read_stat(row.label, text_of(row.value), manuscript)
    updated = parse_source_date(text_of(shown))
    if updated is None and shown is not None:
        manuscript.notices.append(f"The date “{text_of(shown)[:40]}” was not understood.")
    # A blurb tells one date, that of the last update.
    manuscript.published_at = manuscript.revised_at = updated
    settle(manuscript)
    manuscript.status = status or manuscript.status


def _stat_rows(blurb: Element) -> Iterator[Row]:
    for listing in find_all(blurb, "./dl[contains(@class, 'stats')]"):
        yield from rows_of(listing)
