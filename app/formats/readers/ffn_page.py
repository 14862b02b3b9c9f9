"""Pages of FanFiction.net and FictionPress as a browser saved them: one work, with the chapter that the page shows."""

from __future__ import annotations

import re
from datetime import UTC, datetime

from app.formats.ffn_info import read_info
from app.formats.manuscript import Manuscript, ManuscriptChapter, SourceRef
from app.formats.markup import LARGEST, Element, decode_markup, find_all, first, inner_html, parse_html, sound, text_of
from app.formats.page_meta import refuse_missing
from app.formats.problems import Unreadable
from app.formats.reading import Reader, whole_file

_SITE = re.compile(rb"(?:www\.|m\.)?(?:fanfiction\.net|fictionpress\.com)/s/", re.IGNORECASE)
_MARKS = (b"profile_top", b"storytext", b"chap_select", b"xcontrast", b"gui_warning", b"| FanFiction</title>")
_ADDRESS = re.compile(r"//(?:www\.|m\.)?(fanfiction\.net|fictionpress\.com)/s/0*([0-9]{1,12})(?:/([0-9]{1,5}))?")
_STORY_ID = re.compile(r"storyid\s*=\s*([0-9]{1,12})")
_NUMBERED = re.compile(r"[0-9]{1,5}\. ")
_DEFAULT = re.compile(r"Chapter [0-9]{1,5}", re.IGNORECASE)
_LATEST = 4_102_444_800
_TIMES = (("Updated", "revised_at"), ("Published", "published_at"))


def score(head: bytes, name: str) -> float:  # noqa: ARG001  all readers are asked alike
    """The site's own marks in a page."""
    marks = sum(mark in head for mark in _MARKS)
    if _SITE.search(head) or b"fanfiction.net" in head or b"fictionpress.com" in head:
        return 0.8 if marks > 1 else 0.5 if marks else 0.0
    return 0.0


def _manuscript(data: bytes) -> Manuscript:
    text, notice = decode_markup(data)
    root = parse_html(text)
    top = first(root, ".//*[@id='profile_top']")
    if top is None:
        refuse_missing(root)
        raise Unreadable("page-without-story", "The page is of FanFiction.net and shows no story.")
    work = Manuscript(title=text_of(first(top, ".//b")) or None)
    if notice is not None:
        work.notices.append(notice)
    work.authors = [text_of(link) for link in find_all(top, ".//a[starts-with(@href, '/u/')]")[:1]]
    work.authors = [name for name in work.authors if name]
    work.summary = inner_html(first(top, "./div[@class='xcontrast_txt']"))
    info = first(top, ".//span[contains(@class, 'xgray')]")
    if info is not None:
        read_info(work, text_of(info))
        _times(work, info)
    work.fandoms = _fandoms(root)
    _source(work, root, text)
    _chapter(work, root)
    return work


def _times(work: Manuscript, info: Element) -> None:
    """The moments that the page holds beside its dates, which may lack a year."""
    before = info.text or ""
    for child in info:
        label = next((member for name, member in _TIMES if before.rstrip().endswith(f"{name}:")), None)
        stamp = child.get("data-xutime") or ""
        if label is not None and stamp.isdecimal() and len(stamp) <= 10 and int(stamp) < _LATEST:  # noqa: PLR2004
            setattr(work, label, datetime.fromtimestamp(int(stamp), UTC))
        before = child.tail or ""
    work.notices = [notice for notice in work.notices if "has no year" not in notice or work.published_at is None]
    work.revised_at = work.revised_at or work.published_at


def _fandoms(root: Element) -> list[str]:
    links = find_all(root, ".//*[@id='pre_story_links']//a[@href]")
    if not links:
        return []
    name = text_of(links[-1])
    if name.endswith(" Crossover"):
        return [part.strip() for part in name.removesuffix(" Crossover").split(" + ") if part.strip()]
    return [name] if name else []


def _source(work: Manuscript, root: Element, text: str) -> None:
    link = first(root, ".//link[@rel='canonical'][@href]")
    found = _ADDRESS.search(link.get("href") or "") if link is not None else _ADDRESS.search(text)
    own = found[2] if found else next(iter(_STORY_ID.findall(text)), None)
    site = found[1].lower() if found else "fanfiction.net"
    if own is not None:
        work.source = SourceRef(site, own, f"https://www.{site}/s/{own}")


def _chapter(work: Manuscript, root: Element) -> None:
    content = inner_html(first(root, ".//*[@id='storytext' or @id='storycontent']"))
    if not content:
        work.notices.append("The page tells of a story and does not hold its text.")
        return
    chosen = first(root, ".//select[@id='chap_select']/option[@selected]")
    total = len(find_all(root, "(.//select[@id='chap_select'])[1]/option"))
    number = _number(chosen)
    title = _NUMBERED.sub("", text_of(chosen), count=1)
    chapter = ManuscriptChapter(content, title="" if _DEFAULT.fullmatch(title) else sound(title))
    if work.source is not None and work.source.url is not None:
        chapter.source_url = f"{work.source.url}/{number}"
    work.chapters = [chapter]
    if total > 1:
        work.notices.append(f"The page holds chapter {number} of {total}.")
        work.chapters_expected = total if work.status == "complete" else None
        work.status = "in_progress"


def _number(chosen: Element | None) -> int:
    value = (chosen.get("value") or "") if chosen is not None else ""
    return int(value) if value.isdecimal() and len(value) < 6 else 1  # noqa: PLR2004


READER = Reader("fanfiction-page", score, whole_file(_manuscript, LARGEST), one_work=True, takes="markup")
