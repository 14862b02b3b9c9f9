"""HTML in and out: cleaning it, and its other forms (blocks, plain text, Markdown)."""

from app.kit.html_cleaning import CLEANER_VERSION, HtmlRefused, clean_html
from app.kit.html_forms import count_html_words, html_blocks, html_to_text, html_words, running_text, text_to_html
from app.kit.markdown import html_to_markdown, markdown_to_html

__all__ = [
    "CLEANER_VERSION",
    "HtmlRefused",
    "clean_html",
    "count_html_words",
    "html_blocks",
    "html_to_markdown",
    "html_to_text",
    "html_words",
    "markdown_to_html",
    "running_text",
    "text_to_html",
]
