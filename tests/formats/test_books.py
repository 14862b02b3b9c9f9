"""Books of any maker: chapters by whatever the book has, and all that it says of itself."""

from __future__ import annotations

import pytest

from app.formats.manuscript import Manuscript, SeriesRef
from tests.formats.books import CONTAINER, NCX_ITEM, ncx, package, page, zipped
from tests.formats.reading import work

SAYS = "<dc:title>The Fox</dc:title><dc:creator>Ann</dc:creator><dc:language>en</dc:language>"
TEXT = "<p>He ran.</p>"
NAV = '<item id="nav" href="nav.xhtml" media-type="application/xhtml+xml" properties="nav"/>'


def book(
    documents: dict[str, str],
    *,
    says: str = SAYS,
    toc: list[tuple[str, str]] | None = None,
    nav: str = "",
    names: dict[str, str] | None = None,
) -> Manuscript:
    """A book of these documents; ``names`` are what they call themselves."""
    texts = {f"OPS/{name}": page(body, (names or {}).get(name, "T")) for name, body in documents.items()}
    items = (NCX_ITEM if toc is not None else "") + (NAV if nav else "")
    files: dict[str, str | bytes] = {
        "META-INF/container.xml": CONTAINER,
        "OPS/content.opf": package(list(documents), says, version="3.0" if nav else "2.0", extra_items=items),
        **texts,
    }
    if toc is not None:
        files["OPS/toc.ncx"] = ncx(toc)
    if nav:
        files["OPS/nav.xhtml"] = page(f'<nav epub:type="toc"><ol>{nav}</ol></nav>')
    return work(zipped(files))


def chapters(found: Manuscript) -> list[tuple[str, str]]:
    return [(chapter.title, chapter.content.strip()) for chapter in found.chapters]


@pytest.mark.parametrize(
    ("heading", "title"),
    [
        ("<h1>Dawn</h1>", "Dawn"),
        ("\n<h1>Chapter {}</h1>\n<h2>Dawn</h2>\n", "Chapter {}: Dawn"),
        ("<h1>{}</h1><h2>Dawn</h2>", "{}. Dawn"),
        ("<p>Chapter {}: Dawn</p>", "Chapter {}: Dawn"),
        ("<p><b>Chapter {}</b></p>", "Chapter {}"),
    ],
)
def test_without_contents_the_headings_are_the_titles(heading: str, title: str) -> None:
    found = book({f"{n}.xhtml": heading.format(n) + TEXT for n in (1, 2)})
    assert chapters(found) == [(title.format(n), TEXT) for n in (1, 2)]


def test_documents_may_be_named_in_their_heads_alone() -> None:
    names = {"a.xhtml": "Dawn", "b.xhtml": "Dusk"}
    assert chapters(book({"a.xhtml": TEXT, "b.xhtml": TEXT}, names=names)) == [("Dawn", TEXT), ("Dusk", TEXT)]
    same = {"a.xhtml": "The Fox", "b.xhtml": "Dusk"}
    assert chapters(book({"a.xhtml": TEXT, "b.xhtml": TEXT}, names=same)) == [("", TEXT), ("", TEXT)]


@pytest.mark.parametrize("label", ["{}.xhtml", ""])
def test_a_label_that_is_a_files_name_is_no_title(label: str) -> None:
    documents = {f"{name}.xhtml": f"<h1>{name.upper()}</h1>{TEXT}" for name in "ab"}
    found = book(documents, toc=[(label.format(name), f"{name}.xhtml") for name in "ab"])
    assert chapters(found) == [("A", TEXT), ("B", TEXT)]


def test_contents_that_lead_to_one_place_say_nothing_of_chapters() -> None:
    documents = {f"{name}.xhtml": f"<h1>{name}</h1>{TEXT}" for name in ("Dawn", "Dusk")}
    found = book(documents, toc=[("Cover", "Dawn.xhtml#c"), ("Start", "Dawn.xhtml")])
    assert [title for title, _ in chapters(found)] == ["Dawn", "Dusk"]
    one = f"<h1>The Fox</h1><h2>Dawn</h2>{TEXT}<h2>Dusk</h2>{TEXT}"
    assert chapters(book({"a.xhtml": one}, toc=[("Start", "a.xhtml")])) == [("Dawn", TEXT), ("Dusk", TEXT)]


def test_the_name_of_a_part_stands_before_its_first_chapter() -> None:
    documents = {"p.xhtml": "<h1>Part One</h1>", "a.xhtml": f"<h2>Dawn</h2>{TEXT}", "q.xhtml": "<h1>The End</h1>"}
    nav = "".join(
        f'<li><a href="{name}">{label}</a></li>'
        for name, label in (("p.xhtml", "Part One"), ("a.xhtml", "Dawn"), ("q.xhtml", "The End"))
    )
    found = book(documents, nav=nav)
    assert [title for title, _ in chapters(found)] == ["Dawn"]
    assert chapters(found)[0][1].split() == ["<h2>Part", "One</h2>", "<p>He", "ran.</p>"]
    assert any("“The End”" in notice for notice in found.notices)


def test_what_a_converter_cut_apart_is_one_chapter() -> None:
    documents = {
        "a_split_000.xhtml": f"<h2>Dawn</h2>{TEXT}",
        "a_split_001.xhtml": "<p>On.</p>",
        "b_split_000.xhtml": f"<h2>Dusk</h2>{TEXT}",
    }
    assert chapters(book(documents)) == [("Dawn", f"{TEXT}\n<p>On.</p>"), ("Dusk", TEXT)]


def test_what_no_field_is_for_is_kept() -> None:
    says = (
        '<dc:title id="t">The Fox</dc:title><dc:title>A Tale</dc:title><meta refines="#t" property="title-type">'
        'main</meta><dc:creator id="a">Ann</dc:creator><meta refines="#a" property="role">aut</meta>'
        '<dc:creator id="i">Ida</dc:creator><meta refines="#i" property="role">ill</meta><dc:rights>Free</dc:rights>'
        "<dc:date>2020-02</dc:date>"
        '<dc:contributor opf:role="bkp">calibre (6.1)</dc:contributor><dc:contributor>Tom</dc:contributor>'
        '<meta name="calibre:series" content="Wells"/><meta name="calibre:series_index" content="2.5"/>'
        '<meta name="calibre:user_metadata:#f" content="{&quot;name&quot;: &quot;Fandom&quot;, &quot;#value#&quot;: '
        '[&quot;Fables&quot;]}"/><meta name="calibre:user_metadata:#e" content="{&quot;#value#&quot;: null}"/>'
        '<meta name="calibre:user_metadata:#x" content="{"/>'
    )
    found = book({"a.xhtml": TEXT}, says=says)
    assert (found.title, found.authors, found.series) == ("The Fox", ["Ann"], [SeriesRef("Wells", None)])
    assert found.extra == {
        "other titles": ["A Tale"],
        "contributors": ["Ida (ill)", "Tom"],
        "rights": ["Free"],
        "columns": {"Fandom": ["Fables"]},
    }
    assert any("2.5" in notice for notice in found.notices)
    assert any("2020-02 alone" in notice for notice in found.notices)
