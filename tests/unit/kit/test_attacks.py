"""Known attacks against the cleaner itself."""

from __future__ import annotations

from typing import Literal

import pytest

from app.kit.html import HtmlRefused, clean_html, html_to_markdown, markdown_to_html
from tests.corpus import HTML, MARKDOWN, dangers


def test_the_check_sees_attacks() -> None:
    """The corpus is dangerous as it stands, and the check is not blind: nearly all of it is seen uncleaned."""
    assert len(HTML) >= 120
    assert len(set(HTML)) == len(HTML)
    assert len({*MARKDOWN}) == len(MARKDOWN)
    assert len([attack for attack in HTML if dangers(attack)]) > 0.85 * len(HTML)
    assert dangers('<a href="/x" rel="y">a</a><img src="https://x" alt=""><p lang="en">b</p>') == []


@pytest.mark.parametrize("images", ["show", "link"])
@pytest.mark.parametrize("attack", HTML, ids=range(len(HTML)))
def test_nothing_executable_stays_of_html(attack: str, images: Literal["show", "link"]) -> None:
    cleaned = clean_html(attack, images=images)
    assert dangers(cleaned) == []
    assert clean_html(cleaned, images=images) == cleaned
    # What was made of it may be shown as Markdown by somebody who does not clean.
    assert dangers(markdown_to_html(html_to_markdown(cleaned))) == []


@pytest.mark.parametrize("attack", HTML + MARKDOWN, ids=range(len(HTML + MARKDOWN)))
def test_nothing_executable_stays_of_markdown(attack: str) -> None:
    cleaned = clean_html(markdown_to_html(attack))
    assert dangers(cleaned) == []
    assert clean_html(cleaned) == cleaned


@pytest.mark.parametrize("first", range(0, len(HTML), 7))
def test_nothing_executable_stays_of_attacks_together(first: int) -> None:
    """Attacks one after the other and inside one another: what one leaves open is the other's beginning."""
    for second in range(1, len(HTML), 5):
        for text in (HTML[first] + HTML[second], f"<p>{HTML[first]}<em>{HTML[second]}</em>{HTML[first]}</p>"):
            try:
                cleaned = clean_html(text)
            except HtmlRefused:
                continue
            assert dangers(cleaned) == []
            assert clean_html(cleaned) == cleaned
