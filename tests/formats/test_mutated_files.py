"""Sound files with some of their bytes changed: no reader ever raises, and none takes long."""

from __future__ import annotations

import io

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.formats.options import ReadOptions
from app.formats.registry import read_stream
from app.kit.text import find_bad_character
from tests.formats.test_containers import FILES, LINES, STORY, tar_of, zip_of
from tests.formats.test_documents import FB2, ODT
from tests.formats.test_docx import docx, paragraph
from tests.formats.test_folders import OPF
from tests.formats.test_journals import HEAD, entry, export
from tests.formats.test_loose_files import DUMP, book, html
from tests.formats.test_mail import mbox, message

_EPUB = book(
    {"cover.xhtml": "<img src='c.jpg'/>", "a.xhtml": "<h2 id='x'>One</h2><p>a</p>", "b.xhtml": "<h2>Two</h2><p>b</p>"},
    "<dc:title>T</dc:title><dc:creator>Ann</dc:creator><dc:date>2011</dc:date><dc:subject>x</dc:subject>",
    [("Cover", "cover.xhtml"), ("One", "a.xhtml#x"), ("Two", "b.xhtml")],
)
SOUND = {
    "zip": zip_of(FILES),
    "tar": tar_of(FILES),
    "tar.gz": tar_of(FILES, "w:gz"),
    "tar.xz": tar_of(FILES, "w:xz"),
    "epub": _EPUB,
    "docx": docx(paragraph("One", "H1") + paragraph("He ran."), "<dc:title>The Fox</dc:title>"),
    "html": html("<h1>The Fox</h1><p>by Ann</p><h2>One</h2><p>He ran.</p><h2>Two</h2><p>b</p>"),
    "fanfiction": html(
        "<div id=profile_top><b>x</b><span class='xgray'>Rated: T - English - Words: 1</span></div>xcontrast"
    )
    + b"www.fanfiction.net/s/1/1/<div id=storytext>x</div>",
    "efiction": html("<div id='pagetitle'><a href='viewstory.php?sid=9'>x</a></div><b class=label>Rated: </b>G<br>"),
    "markdown": b"---\ntitle: T\nauthors: [a, b]\n---\n# One\n\nHe *ran*.\n\n# Two\n\n> x\n",
    "sql": DUMP.encode(),
    "text": STORY,
    "odt": ODT,
    "fb2": FB2,
    "mbox": mbox(message("FIC: The Fox (1/2)"), message("Re: x", "y"), message("FIC: The Fox (2/2)")),
    "xml": export(entry("Fic: x", f"{HEAD}It ran.", 2, security="usemask"), entry("y", "z")),
    "opf": OPF,
    "ndjson": LINES,
}
_CHANGE = st.tuples(st.integers(0, 1 << 16), st.integers(0, 60), st.binary(max_size=12))


@pytest.mark.parametrize("name", SOUND)
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(changes=st.lists(_CHANGE, min_size=1, max_size=4), cut=st.one_of(st.none(), st.integers(0, 1 << 16)))
def test_no_change_of_bytes_makes_a_reader_raise(
    name: str, changes: list[tuple[int, int, bytes]], cut: int | None
) -> None:
    data = bytearray(SOUND[name])
    for place, length, new in changes:
        at = place % (len(data) + 1)
        data[at : at + length] = new
    if cut is not None:
        del data[cut % (len(data) + 1) :]
    for item in read_stream(io.BytesIO(bytes(data)), f"x.{name}", ReadOptions()):
        assert (item.manuscript is None) != (item.problem is None)
        work = item.manuscript
        if work is not None:
            texts = [work.title or "", work.summary, work.notes, *work.authors, *work.fandoms, *work.freeforms]
            texts += [part for chapter in work.chapters for part in (chapter.title, chapter.content)]
            assert all(find_bad_character(text) is None for text in texts)
