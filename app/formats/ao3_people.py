"""Who wrote a work at Archive of Our Own, and what it comes from: bylines, and lines on related works."""

from __future__ import annotations

from typing import Any

from app.formats.ao3_links import GIFT, absolute, text_and_links
from app.formats.manuscript import Manuscript
from app.formats.markup import Element, find_all, text_of


def read_byline(byline: Element | None, manuscript: Manuscript) -> None:
    """Authors as the site shows them: ``pseud``, or ``pseud (user)`` where the two differ; none for Anonymous."""
    names, archivists = people_of(byline, manuscript)
    manuscript.authors = names
    if archivists:
        manuscript.extra["archived_by"] = archivists
    if names and text_of(byline).removeprefix("by ").startswith("Anonymous ["):
        manuscript.anonymous = True  # an author's own view of it


def people_of(byline: Element | None, manuscript: Manuscript) -> tuple[list[str], list[str]]:
    """The names of a byline, and who brought the work to the archive for them."""
    if byline is None:
        return [], []
    names: list[str] = []
    archivists: list[str] = []
    plain = ""
    for text, link in text_and_links(byline):
        plain += text
        if link is None:
            continue
        if GIFT.search(link.get("href") or ""):
            plain = plain.strip().removesuffix("for")
            break
        if "archived by" in text:
            archivists.append(text_of(link))
        elif link.get("rel") == "author" or "/users/" in (link.get("href") or ""):
            names.append(text_of(link))
    if not names:
        said = (
            " ".join(plain.split())
            .removeprefix("Chapter ")
            .removeprefix("by ")
            .partition(" [archived by")[0]
            .strip(" ,")
        )
        if said and said not in {"Anonymous", "by"}:
            names = [name.strip() for name in said.split(", ") if name.strip()]
            if len(names) > 1:
                manuscript.notices.append("The authors are no links; they were told apart by their commas.")
    return list(dict.fromkeys(name for name in names if name)), archivists


def read_gifts(note: Element, manuscript: Manuscript) -> bool:
    """A line “For …” with those whom a work is for; false where it is no such line."""
    gifts = [text_of(link) for link in find_all(note, ".//a[@href]") if GIFT.search(link.get("href") or "")]
    said = text_of(note)
    if not gifts and said.startswith("For ") and not find_all(note, ".//a"):
        gifts = [said.removeprefix("For ").rstrip(".")]
    manuscript.gifts.extend(gifts)
    return bool(gifts)


def read_related(note: Element, manuscript: Manuscript) -> bool:
    """A line such as “Inspired by …” or “A translation of …”; false where it is no such line."""
    said = text_of(note).casefold()
    if said.startswith("inspired by"):
        relation = "inspired_by"
    elif said.startswith(("a translation of", "translation of")):
        relation = "translation_of"
    else:
        return False
    related: dict[str, Any] = {"relation": relation}
    for link in find_all(note, ".//a[@href]"):
        if link.get("rel") != "author" and "/users/" not in (link.get("href") or ""):
            related["title"] = text_of(link)[:255]
            url = absolute(link.get("href"))
            if url is not None:
                related["url"] = url
            break
    else:
        related["title"] = text_of(note)[:255]
    manuscript.related.append(related)
    return True
