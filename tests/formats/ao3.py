"""Files of Archive of Our Own, made up: downloads as its templates wrote them over the years, and pages of the site."""

from __future__ import annotations

from dataclasses import dataclass, field
from html import escape

from tests.formats.books import CONTAINER, NCX_ITEM, ncx, package, page, zipped

NUMBER = 4711


@dataclass
class Chapter:
    heading: str
    text: str = "<p>It rained.</p>"
    summary: str = ""
    notes: str = ""
    end_notes: str = ""
    byline: str = ""


@dataclass
class Dialect:
    """What the site's template did at a time; by default that of 2026."""

    wrappers: bool = True
    scheme: str = "https"
    rows: list[tuple[str, str]] = field(
        default_factory=lambda: [
            ("Rating:", links("Teen And Up Audiences")),
            ("Archive Warning:", links("No Archive Warnings Apply")),
            ("Categories:", links("F/F", "Gen")),
            ("Fandoms:", links("The Lamp (1920)", "Owls & Co.")),
            ("Relationship:", links("Ada/Berta")),
            ("Characters:", links("Ada", "Berta", "Old Owl")),
            ("Additional Tags:", links("Slow Burn", "50% Fluff, no more")),
            ("Language:", "English"),
            (
                "Series:",
                'Part 2 of <a href="/series/9">Lamps</a>, Part 11 of <a href="/series/10">Owls, and of them</a>',
            ),
            ("Collections:", '<a href="/collections/x">Night Fest</a>,\n<a href="/collections/y">Owls</a>'),
        ]
    )
    stats: str = "Published: 2024-01-02\n          Updated: 2024-03-04\n        Words: 12,345\n        Chapters: 2/?"
    title: str = "Owls &amp; Lamps"
    byline: str = "by " + '<a rel="author" href="/users/ann/pseuds/ann">ann</a>'
    front: str = (
        "<p>Summary</p><blockquote class='userstuff'><p>An <i>owl</i>.</p></blockquote>"
        "<p>Notes</p><blockquote class='userstuff'><p>For Q.</p></blockquote>"
        '<div class="endnote-link">See the end of the work for <a href="#endnotes">more notes</a></div>'
    )
    end_notes: str = "<p>Thanks.</p>"
    afterword: str = ""


def links(*names: str) -> str:
    """Tags as a download shows them."""
    return ", ".join(f'<a href="https://archiveofourown.org/tags/x">{escape(name)}</a>' for name in names)


def _message(dialect: Dialect) -> str:
    bold = f"<b>{dialect.title}</b><br/>" if dialect.wrappers else ""
    home = f"{dialect.scheme}://archiveofourown.org"
    return (
        f'<p class="message">{bold} Posted originally on the <a href="{home}/">Archive of Our Own</a> at '
        f'<a href="{home}/works/{NUMBER}">{home}/works/{NUMBER}</a>.</p>'
    )


def _tags(dialect: Dialect) -> str:
    rows = "".join(f"<dt>{label}</dt>\n<dd>{value}</dd>\n" for label, value in dialect.rows)
    return f'<dl class="tags">{rows}<dt>Stats:</dt>\n<dd>\n        {dialect.stats}\n      </dd></dl>'


def _labelled(label: str, text: str) -> str:
    return f'<p>{label}</p><blockquote class="userstuff">{text}</blockquote>' if text else ""


def _head(chapter: Chapter) -> str:
    byline = f'<p class="byline">{chapter.byline}</p>' if chapter.byline else ""
    parts = _labelled("Chapter Summary", chapter.summary) + _labelled("Chapter Notes", chapter.notes)
    return f'<h2 class="heading">\n {chapter.heading}\n </h2>{byline}{parts}'


def _end(chapter: Chapter, number: int) -> str:
    notes = _labelled("Chapter End Notes", chapter.end_notes)
    return f'<div class="meta" id="endnotes{number}">{notes}</div>' if notes else ""


def _back(dialect: Dialect) -> str:
    notes = f'<div id="endnotes">{_labelled("End Notes", dialect.end_notes)}</div>' if dialect.end_notes else ""
    message = '<p class="message">Please <a href="/works/4711/comments/new">drop by the Archive and comment</a>!</p>'
    toc = '<h2 class="toc-heading">Afterword</h2>' if dialect.wrappers else ""
    inner = f'{toc}<div class="meta">{notes}{dialect.afterword}</div>{message}'
    return f'<div id="afterword">{inner}</div>' if dialect.wrappers else inner


def download(dialect: Dialect, chapters: list[Chapter] | str) -> bytes:
    """A work in HTML; its chapters, or the text of one that has none."""
    toc = '<h2 class="toc-heading">Preface</h2>' if dialect.wrappers else ""
    front = f'{_tags(dialect)}<h1>{dialect.title}</h1><div class="byline">{dialect.byline}</div>{dialect.front}'
    preface = f'{toc}{_message(dialect)}<div class="meta">{front}</div>'
    preface = f'<div id="preface">{preface}</div>' if dialect.wrappers else preface
    if isinstance(chapters, str):
        heading = f'<h2 class="toc-heading">{dialect.title}</h2>' if dialect.wrappers else ""
        body = f'{heading}<div class="userstuff">\n{chapters}\n</div>'
    else:
        body = "".join(
            f'<div class="meta group">{_head(chapter)}</div>\n<!--chapter content-->\n'
            f'<div class="userstuff">\n{chapter.text}\n</div>\n<!--/chapter content-->\n{_end(chapter, number)}'
            for number, chapter in enumerate(chapters, 1)
        )
    return (
        '<!DOCTYPE html PUBLIC "-//W3C//DTD XHTML 1.0 Strict//EN" "http://www.w3.org/TR/xhtml1/DTD/xhtml1-strict.dtd">'
        f'<html><head><meta charset="utf-8" /><title>{dialect.title}</title></head><body>\n{preface}'
        f'<div id="chapters" class="userstuff">{body}</div>{_back(dialect)}</body></html>'
    ).encode()


def book(dialect: Dialect, chapters: list[Chapter]) -> bytes:
    """The same as a converter makes an EPUB of it: cut into files, with classes of its own."""
    toc = '<h2 class="toc-heading" id="calibre_toc_2">Preface</h2>'
    title = f'<h1 class="calibre6" id="calibre_pb_1">{dialect.title}</h1><div class="byline">{dialect.byline}</div>'
    nothing = '<div class="calibre1"><div class="calibre8" id="calibre_pb_2"></div></div>'
    pages = [
        f'<div id="preface" class="calibre1">{toc}{_message(dialect)}<div>{_tags(dialect)}</div></div>',
        f'<div id="preface" class="calibre1"><div class="calibre1">{title}{dialect.front}</div></div>',
    ]
    pages[-1] += f'<div class="userstuff1" id="chapters">{nothing}</div>'
    for number, chapter in enumerate(chapters, 1):
        head = _head(chapter).replace('class="heading"', f'class="heading" id="calibre_toc_{number}"')
        text = chapter.text.replace("<p>", '<p class="calibre7">').replace("<br/>", '<br class="calibre1"/>')
        end = _end(chapter, number).replace('class="meta"', 'class="calibre1"')
        pages.append(
            f'<div class="userstuff1" id="chapters"><div class="calibre1">{head}</div>'
            f'<div class="userstuff2">\n{text}\n</div>{end}</div>'
        )
    pages.append(_back(dialect).replace('class="meta"', 'class="calibre1"'))
    names = [f"w_split_{number:03}.xhtml" for number in range(len(pages))]
    files: dict[str, str | bytes] = {"META-INF/container.xml": CONTAINER}
    files["OPS/content.opf"] = package(
        names,
        "<dc:title>Owls</dc:title><dc:publisher>Archive of Our Own</dc:publisher><dc:subject>Fanworks</dc:subject>"
        "<dc:subject>Ada</dc:subject><dc:language>en</dc:language>",
        extra_items=NCX_ITEM,
    )
    files["OPS/toc.ncx"] = ncx([("Preface", names[0]), ("Afterword", names[-1])])
    return zipped(files | {f"OPS/{name}": page(body) for name, body in zip(names, pages, strict=True)})


def site_page(main: str, *, kind: str = "works-show", title: str = "Owls - ann [Archive of Our Own]") -> bytes:
    """A page of the site: its frame, and what stands in it."""
    return (
        '<!DOCTYPE html><html lang="en"><head><meta charset="utf-8"/>'
        '<meta name="author" content="Organization for Transformative Works"/>'
        f'<title>{title}</title></head><body><div id="outer"><ul id="skiplinks"></ul>'
        f'<div id="main" class="{kind} region" role="main"><div class="flash"></div>{main}</div></div></body></html>'
    ).encode()
