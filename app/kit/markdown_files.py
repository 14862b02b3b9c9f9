"""Markdown as people keep it in files: with HTML in it, tables, and marks of other programs."""

from __future__ import annotations

import re
from collections.abc import Sequence
from html import escape
from typing import Any

from markdown_it import MarkdownIt
from markdown_it.token import Token

from app.kit.html_cleaning import HtmlRefused
from app.kit.html_tags import ALLOWED, DROPPED_WITH_CONTENT, FORMATTING, VOID
from app.kit.markdown import MARKDOWN_LIMIT

_READER = MarkdownIt("commonmark", {"html": True}).enable(["strikethrough", "table"])
_OPENS = re.compile(r"</?([A-Za-z][A-Za-z0-9]*)|<!--")
_KNOWN = (
    ALLOWED
    | FORMATTING
    | DROPPED_WITH_CONTENT
    | VOID
    | {"section", "article", "figure", "figcaption", "details", "summary", "nav", "main", "aside", "header", "footer"}
)
_HEADING_MARKS = re.compile(r"^( {0,3}#{1,6}[ \t].*?)[ \t]*\{[#.][^{}\n]{0,200}\}[ \t]*$", re.MULTILINE)
_FOOTNOTE = re.compile(r"^( {0,3})\[\^([^\]\n]{1,40})\]:(?=[ \t])", re.MULTILINE)


def markdown_file_to_html(md: str) -> str:
    """Return the Markdown of a file as HTML: CommonMark, ``~~``, tables, and the HTML in it. Not yet cleaned.

    What names a heading for links (``{#one}``) is left out; footnotes stay where they are, as text. Raises
    :class:`HtmlRefused` (``markdown-too-long``) over 1,000,000 characters.
    """
    if len(md) > MARKDOWN_LIMIT:
        detail = f"The Markdown has {len(md):,} characters; the limit is {MARKDOWN_LIMIT:,}."
        raise HtmlRefused("markdown-too-long", detail)
    # A footnote would be read as the address of a link, and its text would go.
    return str(_READER.render(_FOOTNOTE.sub(r"\1\\[^\2\\]:", _HEADING_MARKS.sub(r"\1", md))))


def _html_or_text(_renderer: Any, written: Sequence[Token], at: int, *_options: Any) -> str:
    """HTML as it stands; what only looks like it (``<grins>``) is what the author wrote."""
    token = written[at]
    found = _OPENS.match(token.content.lstrip())
    if found is not None and (found[1] is None or found[1].lower() in _KNOWN):
        return token.content
    text = escape(token.content.strip() if token.type == "html_block" else token.content, quote=False)
    return f"<p>{text}</p>\n" if token.type == "html_block" else text


for _rule in ("html_inline", "html_block"):
    _READER.add_render_rule(_rule, _html_or_text)
