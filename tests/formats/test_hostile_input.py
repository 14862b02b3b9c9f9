"""Whatever bytes come, each reader answers with items: it never breaks, and never gives what cannot be stored."""

from __future__ import annotations

import io

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.formats.manuscript import Manuscript
from app.formats.options import ReadOptions
from app.formats.registry import NAMES, by_name, read_stream
from app.kit.text import find_bad_character

_PIECES = st.sampled_from(
    [
        *(
            b"{",
            b"}",
            b"[",
            b"]",
            b'"',
            b":",
            b",",
            b"\\",
            b"\\u0000",
            b"\\ud800",
            b"\0",
            b"\xff",
            b"\r\n",
            b"\n",
            b"\t",
        ),
        *(b'{"title":"x"}', b'"chapters"', b'"id":', b"null", b"-1", b"1e9", b"9" * 25, b'{"title":"x","words":'),
        *(
            b"title,author,words,rating\n",
            b"x,y,1,K\n",
            b'"x,',
            b"work_id,title,additional tags,published\n",
            b"1,T,a,",
        ),
        *(b"Chapter 1\n\n", b"I\n\n", b"text ", b"\xef\xbb\xbf", b"\xff\xfe", b"  ", b"[1]", b"['a', \"b", b"(" * 50),
        *(
            b"info_line,title,story_id,summary\n",
            b'{"id":1,"title":"x","freeforms":[],"date_updated":"","summary_html":""}',
        ),
        *(
            b'<html><dl class="tags">',
            b"<dt>Stats:</dt>",
            b"<dd>Words: 9",
            b'<div id="chapters">',
            b'<li class="work blurb">',
        ),
        *(b'<div id="main">archiveofourown.org/', b"<h2 class=heading>", b"<a href='http://[", b"PK\x03\x04", b"</"),
    ]
)
_INPUT = st.one_of(st.lists(_PIECES, max_size=25).map(b"".join), st.binary(max_size=200))


@pytest.mark.parametrize("format_", [None, *NAMES])
@settings(deadline=None)
@given(data=_INPUT, name=st.sampled_from(["-", "x.txt", "x.csv", "", "../.."]))
def test_every_input_gives_items(format_: str | None, data: bytes, name: str) -> None:
    for item in read_stream(io.BytesIO(data), name, ReadOptions(), format_):
        assert (item.manuscript is None) != (item.problem is None)
        if item.problem is not None:
            assert {"code", "detail"} <= item.problem.keys() <= {"code", "detail", "pointer"}
        if item.manuscript is not None:
            _is_sound(item.manuscript)


def _is_sound(work: Manuscript) -> None:
    texts = [work.title or "", work.summary, work.notes, *work.authors, *work.fandoms, *work.freeforms]
    texts += [part for chapter in work.chapters for part in (chapter.title, chapter.content)]
    assert all(find_bad_character(text) is None for text in texts)
    assert all(0 <= number < 2**63 for number in work.stats.values())
    assert work.words is None or 0 <= work.words < 2**63


@pytest.mark.no_cover
@pytest.mark.parametrize("format_", NAMES)
@pytest.mark.parametrize(
    "data",
    [
        b"{" * 500_000,
        b"[" * 50_000,
        b'{"a":' * 200_000,
        b'"' * 500_000,
        b"," * 500_000,
        b"title,author,words,series\n" + b"x,y,1," + b" " * 500_000 + b"[z\n",
        b"title,author,words,rating\n" + b"x,['" + b"\\" * 500_000 + b"\n",
        b"title,author,words,rating\n" + b"x,y,1,K\n" * 20_000 + b'x,"' + b"y\n" * 200_000,
        b"title,story_id,category_path,info_line\n" + b"x,1,a," + b"Rated: - " * 50_000 + b"\n",
        b"\n" * 500_000,
        b"\xff" * 200_000,
        b"<dl class='tags'><dt>Stats:<dd>" + b"Words: a " * 50_000 + b"<p>End Notes</p>" * 50_000,
        b"<dl class='tags'><dt>Series:<dd>"
        + b"Part 1 of " * 50_000
        + b"<div id='chapters'>x"
        + b"<h2 class=heading>" * 9_000,
        b"<dl class='tags'>"
        + b"<dt>Stats<dd>a" * 20_000
        + b"<div id='chapters'><div class='userstuff'>x</div></div>" * 9_000,
        b"<div id=main>" + b"<li class='work blurb'><h4><a href='/works/1'>x</a></h4></li>" * 9_000,
        b"<dl class='work meta'>" + b"<dt>Rating:<dd>x" * 20_000 + b"<div class='chapter' id='chapters'>" * 250,
    ],
)
def test_nothing_takes_more_than_linear_time(format_: str, data: bytes) -> None:
    for _ in by_name(format_).read(io.BytesIO(data), "x"):
        pass
