"""What an HTML page says of itself in its head, and pages that only say that there is no story."""

from __future__ import annotations

import re
from typing import Final

from app.formats.manuscript import Manuscript, SourceRef
from app.formats.markup import Element, find_all, first, sound, text_of
from app.formats.problems import Unreadable
from app.kit.urls import is_web_address, source_id, source_site

OF_THE_PAGE: Final = "The title is that of the page."
_SAVED_FROM: Final = re.compile(r"saved from url=\([0-9]+\)(https?://\S{1,1900})")
_MISSING = re.compile(
    r"(?:error\s*)?(?:404|403|410|500|502|503)\b.{0,80}"
    r"|.{0,80}(?:not found|could not be found|cannot be found|can't be found|does not exist|doesn't exist"
    r"|no longer available|no longer exists|has been (?:deleted|removed)|was (?:deleted|removed)"
    r"|access denied|forbidden|just a moment|attention required|checking your browser|service unavailable"
    r"|bad gateway|temporarily unavailable|not been validated|invalid story|unable to locate).{0,160}",
    re.IGNORECASE | re.DOTALL,
)
_LOG_IN = re.compile(r".{0,40}\b(?:log ?in|sign ?in|login required|please log in)\b.{0,40}", re.IGNORECASE)
_FEW_WORDS = 120
_LONGEST_EXTRA = 2_000
_KEPT = ("description", "keywords", "generator")
_AUTHOR_NAMES = ("author", "dc.creator", "dcterms.creator", "article:author", "book:author")
_SAID_BY_ERRORS = ".//h1 | .//h2 | .//*[contains(@class, 'error')] | .//*[contains(@class, 'warning')]"


def metas(root: Element) -> dict[str, str]:
    """The ``meta`` elements of a page by name or property in lower case; the first of each counts."""
    found: dict[str, str] = {}
    for element in find_all(root, ".//meta[@content]"):
        name = (element.get("name") or element.get("property") or "").strip().lower()
        value = " ".join(sound(element.get("content") or "").split())
        if name and value:
            found.setdefault(name, value)
    return found


def address_of(root: Element, said: dict[str, str]) -> str | None:
    """The address that a page gives as its own: canonical link, ``og:url``, or what a browser noted at saving."""
    link = first(root, ".//link[@rel='canonical'][@href]")
    saved = next((found[1] for node in _comments(root) if (found := _SAVED_FROM.search(node[:2_500])) is not None), "")
    for url in (link.get("href") or "" if link is not None else "", said.get("og:url", ""), saved):
        full = f"https:{url}" if url.startswith("//") else url
        full = sound(full.strip())
        if is_web_address(full) and not _is_front_page(full):
            return full
    return None


def read_head(work: Manuscript, root: Element) -> str:
    """Author, language, address and what else the head says, into the work; gives the title of the page."""
    said = metas(root)
    names = [said[name] for name in _AUTHOR_NAMES if name in said and not is_web_address(said[name])]
    if names and not work.authors:
        work.authors = [name.strip() for name in re.split(r";|\s+&\s+", names[0]) if name.strip()][:20]
    work.language = work.language or _language(root, said)
    for name in _KEPT:
        if name in said:
            work.extra[name] = said[name][:_LONGEST_EXTRA]
    url = address_of(root, said)
    if url is not None and work.source is None:
        known = source_id(url)
        work.source = SourceRef(known[0], known[1], url) if known else SourceRef(source_site(url), None, url)
    title = first(root, ".//head/title")
    if title is None:
        title = first(root, ".//title")
    return text_of(title) or said.get("og:title", "")


def refuse_missing(root: Element) -> None:
    """Raise for a page that says that there is no story: not found, not allowed, log in first."""
    body = first(root, ".//body")
    words = len(text_of(body if body is not None else root).split())
    errors = [text_of(element) for element in find_all(root, _SAID_BY_ERRORS)]
    title = text_of(first(root, ".//title"))
    many = words > _FEW_WORDS
    for said in [text for text in errors if text] if many else [title, *errors]:
        if len(said) < 300 and _MISSING.fullmatch(said) and not (many and _has_prose(root)):  # noqa: PLR2004
            raise Unreadable("page-without-story", f"The page says “{said[:150]}”: the story was not saved.")
    if not many and first(root, ".//input[@type='password']") is not None and _LOG_IN.search(title):
        raise Unreadable("page-without-story", "The page asks to log in: the story was not saved.")


def _has_prose(root: Element) -> bool:
    """Whether some paragraphs are as long as those of stories are."""
    return sum(len(text_of(element)) for element in find_all(root, ".//p")[:200]) > 3_000  # noqa: PLR2004


def _language(root: Element, said: dict[str, str]) -> str | None:
    lang = (
        root.get("lang") or root.get("{http://www.w3.org/XML/1998/namespace}lang") or root.get("xml:lang") or ""
    ).strip()
    return sound(lang or said.get("dc.language") or said.get("language") or "")[:40] or None


def _is_front_page(url: str) -> bool:
    rest = url.split("://", 1)[1]
    return not rest.partition("/")[2].strip("/")


def _comments(root: Element) -> list[str]:
    found = root.xpath("//comment()")
    return [str(one.text or "") for one in found[:50]] if isinstance(found, list) else []  # type: ignore[union-attr]
