"""Files as FanFicFare lays them out, of stories that are made up."""

from __future__ import annotations

import html
import json
import textwrap

from tests.formats.books import NCX_ITEM, ncx, package, zipped

URL = "https://archiveofourown.org/works/77"
LINES = {
    "Series": "The Well & Co. [3]",
    "Category": "Fables, Tales: Old (and New)",
    "Genre": "F/M, Fluff, Gen, Non-Graphic Violence, Slow Burn",
    "Language": "Italiano",
    "Characters": "Crow, Fox (Fables)",
    "Relationships": "Crow & Fox, Crow/Fox",
    "Status": "In-Progress",
    "Published": "2020-01-02",
    "Updated": "2020-03-04",
    "Packaged": "2026-11-22 21:57:37",
    "Rating": "Teen And Up Audiences",
    "Warnings": "No Archive Warnings Apply",
    "Chapters": "2",
    "Words": "1,234",
    "Publisher": "archiveofourown.org",
}
SUBJECTS = [
    *("FanFiction", "F/M", "Fluff", "Gen", "Non-Graphic Violence", "Slow Burn", "Fables", "Tales: Old (and New)"),
    *("Crow", "Fox (Fables)", "Crow &amp; Fox", "Crow/Fox", "Last Update: 2020/03/04", "In-Progress"),
]
HEAD_NOTES = (
    '<div class="fff_chapter_notes fff_head_notes"><b>Author\'s Note:</b><ul class="associations"><li>For '
    '<a href="https://archiveofourown.org/users/owl/gifts">owl</a>.</li></ul><blockquote class="userstuff"><p>Of the '
    "work.</p></blockquote><b>Summary for the Chapter:</b><blockquote><p>In short.</p></blockquote>"
    "<b>Notes for the Chapter:</b><blockquote><p>Before.</p></blockquote></div>"
)
FOOT_NOTES = (
    '<div class="fff_chapter_notes fff_foot_notes"><b>Notes for the Chapter:</b><blockquote><p>After.</p></blockquote>'
    "<b>Author's Note:</b><blockquote><p>At the end.</p></blockquote></div>"
)
STUFF = '<div class="userstuff module">'
ONE = f'<div class="story">{HEAD_NOTES}{STUFF}<p>One &amp; <i>all</i>.</p>\n<p>Two.</p></div></div>'
TWO = f'<div class="story">{STUFF}<h3>Its own</h3><p>Three.</p></div>{FOOT_NOTES}</div>'
CHAPTERS = [("1. Cheese & Grapes", ONE), ("2. Chapter 2", TWO)]
SUMMARY = "<div><p>A crow.</p><p><b>Rating:</b> sour<br/><b>Series:</b> none</p></div>"


def heading(tag: str = "h3", title: str = "The Fox") -> str:
    """Title and authors as links."""
    return (
        f"<{tag}><a href=\"{URL}\">{title}</a> by <a class='authorlink' href='https://archiveofourown.org/users/a'>"
        f"Ann (bee)</a>, <a class='authorlink' href='https://archiveofourown.org/users/c'>Cal</a></{tag}>"
    )


def single_html(lines: dict[str, str] | None = None, chapters: list[tuple[str, str]] | None = None) -> bytes:
    """A single HTML file."""
    told = {**LINES, **(lines or {})}
    rows = "\n\n".join(f"<tr><td><b>{k}:</b></td><td>{html.escape(v)}</td></tr>" for k, v in told.items() if v)
    parts = CHAPTERS if chapters is None else chapters
    body = "".join(
        f'\n<a name="section{n:04}"><h2>{html.escape(title)}</h2></a>\n{text}'
        for n, (title, text) in enumerate(parts, 1)
    )
    toc = '<a name="TOCTOP"><h2>Table of Contents</h2></a>\n<p>\n<a href="#section0001">x</a><br />\n</p>\n'
    return (
        '<!DOCTYPE html>\n<html>\n<head>\n<meta charset="UTF-8">\n<title>x</title>\n</head>\n<body>\n'
        f"{heading('h1')}\n\n"
        f'<table class="full">\n\n{rows}\n\n<tr><td><b>Summary:</b></td><td>{SUMMARY}</td></tr>\n\n</table>\n\n'
        f"{toc}{body}\n</body>\n</html>"
    ).encode()


def title_page(lines: dict[str, str] | None = None, *, table: bool = False, summary: str = SUMMARY) -> str:
    """The title page of a book, as lines or as a table."""
    told = {key: html.escape(value) for key, value in {**LINES, **(lines or {})}.items() if value} | {
        "Summary": summary
    }
    if table:
        rows = "\n\n".join(f"<tr><td><b>{k}:</b></td><td>{v}</td></tr>" for k, v in told.items())
        block = f'<table class="full">\n\n{rows}\n\n</table>'
    else:
        block = "<div>\n\n" + "\n\n".join(f"<b>{k}:</b> {v}<br />" for k, v in told.items()) + "\n\n</div>"
    return document(f"{heading()}\n{block}", "fff_titlepage")


def document(body: str, kind: str, head: str = "<title>x</title>") -> str:
    """A document of a book."""
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n<html xmlns="http://www.w3.org/1999/xhtml">\n<head>\n'
        f'{head}\n</head>\n<body class="{kind}">\n{body}\n</body>\n</html>'
    )


def chapter(number: int, title: str, text: str) -> str:
    """A chapter of a book."""
    named = html.escape(title)
    head = (
        f'<title>{named}</title>\n<meta name="chapterurl" content="{URL}/chapters/{number}?a=1&amp;b=2" />\n'
        f'<meta name="chapterorigtitle" content="{named}" />'
    )
    return document(f'<h3 class="fff_chapter_title">{named}</h3>\n{text}', "fff_chapter", head)


def metadata(*, version: str = "2.0", subjects: list[str] | None = None) -> str:
    """What the package says."""
    dates = (
        '<dc:date opf:event="publication">2020-01-02</dc:date><dc:date opf:event="modification">2020-03-04</dc:date>'
        f'<dc:identifier opf:scheme="URL">{URL}</dc:identifier>'
        if version == "2.0"
        else f'<meta property="dcterms:modified">2026-11-22T00:00:00Z</meta><dc:identifier>URL:{URL}</dc:identifier>'
    )
    tags = "".join(f"<dc:subject>{html.escape(one)}</dc:subject>" for one in (subjects or SUBJECTS))
    return (
        '<dc:identifier id="fanficfare-uid">fanficfare-uid:archiveofourown.org-uann-s77</dc:identifier>'
        "<dc:title>The Fox</dc:title><dc:creator>Ann (bee)</dc:creator><dc:creator>Cal</dc:creator>"
        f"<dc:contributor>FanFicFare [https://example.org]</dc:contributor><dc:language>en</dc:language>{dates}{tags}"
        f"<dc:description>A crow.</dc:description><dc:source>{URL}</dc:source>"
    )


def epub(extra: dict[str, str | bytes] | None = None, *, first: str | None = None, version: str = "2.0") -> bytes:
    """A book; ``extra`` documents stand behind the title page, which ``first`` replaces."""
    front = {"OEBPS/title_page.xhtml": title_page() if first is None else first} if first != "" else {}
    texts = {f"OEBPS/file{n:04}.xhtml": chapter(n, *one) for n, one in enumerate(CHAPTERS, 1)}
    documents: dict[str, str | bytes] = {**front, **(extra or {}), **texts}
    container = (
        '<container xmlns="urn:oasis:names:tc:opendocument:xmlns:container"><rootfiles>'
        '<rootfile full-path="content.opf"/></rootfiles></container>'
    )
    return zipped(
        {
            "META-INF/container.xml": container,
            **documents,
            "content.opf": package(list(documents), metadata(version=version), version=version, extra_items=NCX_ITEM),
            "toc.ncx": ncx([("x", "OEBPS/file0001.xhtml")]),
        }
    )


def wrapped(text: str, width: int = 78) -> str:
    """As the tool wraps its text files; 0 for not at all."""
    if not width:
        return text
    return "\n".join("\n".join(textwrap.wrap(line, width)) for line in text.split("\n"))


def text_file(
    lines: dict[str, str] | None = None,
    chapters: list[tuple[str, str]] | None = None,
    *,
    width: int = 78,
    title: str = "The Fox",
    summary: str = "A crow.\n\nRating: sour, and Series: none.",
) -> bytes:
    """A text file; chapters are Markdown already wrapped."""
    told = {**LINES, "Story URL": URL, "Author URL": "https://example.org/users/a, https://example.org/users/c"}
    told = {key: value for key, value in {**told, **(lines or {}), "Summary": summary}.items() if value}
    front = f"\n\n\n{title}\n\nby Ann (bee), Cal\n\n\n\n" + "".join(f"{k}: {v}\n" for k, v in told.items()) + "\n\n\n"
    parts = [("1. Cheese & Grapes", "One.\n\n"), ("2. Chapter 2", "Two.\n\n")] if chapters is None else chapters
    if len(parts) > 1:
        front += "\n\nTABLE OF CONTENTS\n\n" + "".join(f"\n{name}\n" for name, _ in parts) + "\n"
    text = wrapped(front, width)
    for name, body in parts:
        text += wrapped(f"\n\n\t{name}\n\n", width) + "\n" + body
    return (text + "\n\nEnd file.\n").replace("\n", "\r\n").encode()


def story_json(**members: object) -> dict[str, object]:
    """The metadata of a story as JSON."""
    return {
        "author": "Ann (bee), Cal",
        "authorHTML": "<a class='authorlink' href='https://x.org/a'>Ann (bee)</a>, <a href='https://x.org/c'>Cal</a>",
        "ao3categories": "F/M",
        "category": "Fables, Tales: Old (and New)",
        "characters": "Crow, Fox (Fables)",
        "dateCreated": "2026-11-25 02:03:16",
        "datePublished": "2020-01-02",
        "dateUpdated": "2020-03-04",
        "description": "<div><p>A crow.</p></div>",
        "extratags": "FanFiction",
        "fandoms": "Fables, Tales: Old (and New)",
        "freeformtags": "Fluff, Gen",
        "genre": "F/M, Fluff, Gen",
        "kudos": "1,001",
        "language": "Italiano",
        "numWords": "1,234",
        "output_css": "body {}",
        "publisher": "archiveofourown.org",
        "rating": "Mature",
        "bookmarksummary": "mine",
        "series": "The Well &amp; Co. [3]",
        "series00": "The Well &amp; Co. [3]",
        "series01": "Others [1]",
        "ships": "Crow &amp; Fox, Crow/Fox",
        "site": "archiveofourown.org",
        "siteabbrev": "ao3",
        "status": "Completed",
        "storyId": "77",
        "storyUrl": URL,
        "subject_tags": ["FanFiction", "Crow & Fox"],
        "title": "The Fox &amp; the Crow",
        "warnings": "",
        "zchapters": [[1, {"title": "1. A", "url": f"{URL}/chapters/1"}]],
        **members,
    }


def json_file(*stories: dict[str, object]) -> bytes:
    """One or more of them, one after the other, as the tool prints them."""
    return "\n".join(json.dumps(story, indent=2) for story in stories).encode()
