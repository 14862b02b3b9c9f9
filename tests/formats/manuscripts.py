"""Made manuscripts, and texts as authors who know no rules write them."""

from __future__ import annotations

from datetime import UTC, datetime

from hypothesis import strategies as st

from app.formats.manuscript import Manuscript, ManuscriptChapter, SeriesRef, SourceRef
from app.kit.html import HtmlRefused, clean_html
from app.kit.html_tags import ALLOWED

WORDS = st.text(
    st.characters(codec="utf-8", exclude_categories=("Cs", "Cc")) | st.sampled_from("&<>\"'\u202e\ufffe"), max_size=30
)
SEEN = WORDS.filter(str.strip)
TIMES = st.datetimes(datetime(1990, 1, 1), datetime(2025, 1, 1)).map(  # noqa: DTZ001  aware below
    lambda moment: moment.replace(microsecond=0, tzinfo=UTC)
)
_TAGS = sorted(ALLOWED) * 2 + "a a details dl table tr td ul font section svg math select script style p div".split()  # noqa: SIM905
_ATTRIBUTES = [
    'lang="en"', 'lang="x!y"', 'dir="rtl"', 'dir="up"', 'align="center"', 'title="a &lt; &quot;b"', 'class="x y &amp;"',
    'href="https://exa mple.org/a b?c=[d]%zz#f#g"', 'href="http://例え.jp/パス"', 'href="//x"', 'href="two.html#x"',
    'href="mailto:a@b.c"', 'href="http://[::1]/"', 'href="http://x:99999/"', 'href="https://u:p@x.example/{a}|^`\\"',
    'src="https://x.example/i.png"', 'src="data:x"', 'alt="al"', 'start="-3"', 'start="x"', 'colspan="0"',
    'rowspan="99999"', 'id="i"', 'name="n"', 'style="x"',
]  # fmt: skip
_LEAVES = ["text", "  ", "\n", "a&amp;b", "&nbsp;", "漢字", "<br>", "<hr>", "<wbr>", "&#x1F600;", "x &lt;p&gt; y"]


def _element(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    attributes = st.lists(st.sampled_from(_ATTRIBUTES), max_size=2).map(" ".join)
    parts = st.tuples(st.sampled_from(_TAGS), attributes, st.lists(inner, max_size=4).map("".join), st.booleans())
    return parts.map(lambda part: f"<{part[0]} {part[1]}>{part[2]}" + (f"</{part[0]}>" if part[3] else ""))


MARKUP = st.recursive(st.sampled_from(_LEAVES), _element, max_leaves=20)
"""HTML of whatever kind, as it is sent to the archive."""


def cleaned(html: str) -> str:
    """As the archive keeps it; empty where it takes it not."""
    try:
        return clean_html(html)
    except HtmlRefused:
        return ""


CLEAN = MARKUP.map(cleaned)
_CHAPTERS = st.builds(
    ManuscriptChapter,
    content=CLEAN,
    content_format=st.sampled_from(["html", "html", "markdown", "text"]),
    title=WORDS,
    summary=CLEAN,
    notes=CLEAN,
    end_notes=CLEAN,
    published_at=st.none() | TIMES,
    state=st.sampled_from([None, "draft", "published"]),
)
_ADDRESSES = st.sampled_from(["https://example.org/1?a=b&c=d", "http://bad host/", "https://example.org/ü"])
_NAMES = st.lists(SEEN, max_size=3)
_ANSWERS = st.dictionaries(
    st.sampled_from(["download", "translation", "podfic", "ai_training", "indexing"]),
    st.sampled_from(["yes", "no", "ask"]),
)
MANUSCRIPTS = st.builds(
    Manuscript,
    title=SEEN,
    authors=_NAMES,
    summary=CLEAN,
    notes=CLEAN,
    end_notes=CLEAN,
    language=st.sampled_from([None, "en", "ar", "zh-Hant", "uz-Arab", "und"]),
    rating=st.sampled_from([None, "not_rated", "explicit"]),
    warnings=st.lists(st.sampled_from(["underage", "no_warnings_apply"]), max_size=2),
    categories=st.lists(st.sampled_from(["f_f", "gen"]), max_size=2),
    fandoms=_NAMES,
    characters=_NAMES,
    relationships=_NAMES,
    freeforms=_NAMES,
    series=st.lists(st.builds(SeriesRef, SEEN, st.none() | st.integers(1, 99)), max_size=2),
    chapters=st.lists(_CHAPTERS, max_size=4),
    status=st.sampled_from([None, "complete", "hiatus"]),
    words=st.none() | st.integers(0, 10**6),
    chapters_posted=st.none() | st.integers(0, 99),
    chapters_expected=st.none() | st.integers(1, 99),
    published_at=st.none() | TIMES,
    revised_at=st.none() | TIMES,
    stats=st.just({}) | st.just({"kudos": 1, "comments": 0, "bookmarks": 2, "hits": 3}),
    source=st.none() | st.builds(SourceRef, st.just("example.org"), st.just("1"), _ADDRESSES),
    source_urls=st.lists(_ADDRESSES, max_size=2),
    key=st.none() | SEEN,
    state=st.sampled_from(["draft", "published"]),
    visibility=st.sampled_from(["public", "registered"]),
    anonymous=st.booleans(),
    gifts=_NAMES,
    related=st.lists(st.just({"relation": "inspired_by", "title": "T", "url": "https://example.org/2"}), max_size=1),
    consent=_ANSWERS,
    extra=st.just({}) | st.just({"odd": ["x", 1]}),
)
