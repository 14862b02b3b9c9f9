"""Pages of Archive of Our Own as a browser saves them: works, lists of works, and pages that hold none."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.formats.ao3 import site_page
from tests.formats.reading import codes, items, work, works

BLURB = """
<li id="work_77" class="work blurb group work-77" role="article">
  <div class="header module">
    <h4 class="heading"><a href="/works/77">Owls &amp; Lamps</a> by <!-- do not cache -->
      {authors}
      for <a href="/users/q/gifts">q</a>, <a href="/gifts?recipient=Old+Q">Old Q</a> {lock}
    </h4>
    <h5 class="fandoms heading"><span class="landmark">Fandoms:</span>
      <a class="tag" href="/tags/a/works">A (1920)</a>, <a class="tag" href="/tags/b/works">B, and C</a> &nbsp;</h5>
    <ul class="required-tags">
      <li><a href="/help"><span class="rating-teen rating" title="Teen And Up Audiences"><span>T</span></span></a></li>
      <li><span class="warning-yes warnings" title="Graphic Depictions Of Violence, Underage Sex"></span></li>
      <li><span class="category-none category" title="{category}"></span></li>
      <li><span class="complete-{complete} iswip" title="Work"></span></li>
    </ul>
    <p class="datetime">{date}</p>
  </div>
  <ul class="tags commas">
    <li class='warnings'><strong><a class="tag" href="/tags/w/works">Underage Sex</a></strong></li>
    <li class='relationships'><a class="tag" href="/tags/r/works">Ada/Berta</a></li>
    <li class='characters'><a class="tag" href="/tags/c/works">Ada</a></li>
    <li class='freeforms'><a class="tag" href="/tags/f/works">Slow Burn, Fast</a></li>
  </ul>
  <blockquote class="userstuff summary"><p>An <i>owl</i>.</p></blockquote>
  <ul class="series"><li>Part <strong>3</strong> of <a href="/series/9">Lamps</a></li></ul>
  <dl class="stats">
    <dt class="language">Language:</dt><dd class="language" lang="en">English</dd>
    <dt class="words">Words:</dt><dd class="words">12,345</dd>
    <dt class="chapters">Chapters:</dt><dd class="chapters"><a href="/works/77/chapters/9">2</a>/?</dd>
    <dt class="collections">Collections:</dt><dd><a href="/works/77/collections">1</a></dd>
    <dt class="kudos">Kudos:</dt><dd class="kudos"><a href="/works/77#kudos">1,027</a></dd>
    <dt class="hits">Hits:</dt><dd class="hits">20,001</dd>
  </dl>
</li>"""
ANN = '<a rel="author" href="/users/ann/pseuds/Owl">Owl (ann)</a>, <a rel="author" href="/users/b/pseuds/b">b</a>'


def listing(*blurbs: str) -> bytes:
    return site_page(f'<ol class="work index group">{"".join(blurbs)}</ol>', kind="works-index")


def blurb(
    authors: str = ANN, *, lock: str = "", category: str = "F/F", complete: str = "no", date: str = "06 Feb 2022"
) -> str:
    return BLURB.format(authors=authors, lock=lock, category=category, complete=complete, date=date)


def test_a_list_of_works() -> None:
    found = work(listing(blurb()))
    assert (found.title, found.authors, found.gifts) == ("Owls & Lamps", ["Owl (ann)", "b"], ["q", "Old Q"])
    assert (found.fandoms, found.relationships) == (["A (1920)", "B, and C"], ["Ada/Berta"])
    assert (found.characters, found.freeforms) == (["Ada"], ["Slow Burn, Fast"])
    assert (found.rating, found.warnings, found.categories) == ("teen", ["graphic_violence", "underage"], ["f_f"])
    assert (found.summary, found.language, found.visibility) == ("<p>An <i>owl</i>.</p>", "English", "public")
    assert [(one.title, one.position) for one in found.series] == [("Lamps", 3)]
    assert (found.status, found.words, found.chapters_posted, found.chapters_expected) == (
        "in_progress",
        12_345,
        2,
        None,
    )
    assert found.stats == {"kudos": 1_027, "comments": 0, "bookmarks": 0, "hits": 20_001}
    assert str(found.published_at) == str(found.revised_at) == "2022-02-06 00:00:00+00:00"
    assert found.source is not None
    assert (found.source.id, found.chapters, found.notices) == ("77", [], [])


@pytest.mark.parametrize("authors", ["Anonymous", "\n Anonymous\n "])
def test_nobody_is_no_author(authors: str) -> None:
    found = work(listing(blurb(authors)))
    assert (found.authors, found.gifts) == ([], ["q", "Old Q"])


def test_what_blurbs_show_in_small() -> None:
    lock = '<img alt="(Restricted)" title="Restricted" src="/images/lockblue.png"/>'
    found = work(listing(blurb(lock=lock, category="No category", complete="yes", date="yesterday")))
    assert (found.visibility, found.categories, found.status) == ("registered", [], "complete")
    assert found.notices == ["The date “yesterday” was not understood."]


def test_an_entry_without_a_work_fails_alone() -> None:
    mystery = '<li class="work blurb group"><div class="mystery header picture module"><h4>Mystery Work</h4></div></li>'
    gone = '<li id="bookmark_1" class="bookmark blurb group"><p class="message">This has been deleted, sorry!</p></li>'
    own = blurb().replace('id="work_77" class="work', 'id="bookmark_2" class="bookmark')
    found = items(listing(blurb(), mystery, gone, own, '<li class="series blurb group">A series</li>'), "p.html")
    assert [item.problem["code"] if item.problem else None for item in found] == [
        None,
        "not-a-work",
        "not-a-work",
        None,
    ]
    assert [item.input for item in found] == [f"p.html entry {number}" for number in (1, 2, 3, 4)]


META = """
<ul class="work navigation actions"><li class="share"><a href="{home}/works/77/share">Share</a></li></ul>
<dl class="work meta group">
  <dt class="rating tags"> Rating: </dt><dd class="rating tags"><ul><li><a class="tag">Mature</a></li></ul></dd>
  <dt class="warning tags"><a href="/tos">Archive Warning</a>:</dt>
  <dd class="warning tags"><ul><li><a class="tag">Creator Chose Not To Use Archive Warnings</a></li></ul></dd>
  <dt class="fandom tags">Fandom:</dt><dd class="fandom tags"><ul><li><a class="tag">A</a></li></ul></dd>
  <dt class="freeform tags">Additional Tags:</dt>
  <dd class="freeform tags"><ul><li><a class="tag">x, y</a></li><li><a class="tag">z</a></li></ul></dd>
  <dt class="language">Language:</dt><dd class="language" lang="fr">Français</dd>
  <dt class="series">Series:</dt><dd class="series"><span class="series">
    <a class="previous" href="/works/76">&#8592; Previous Work</a> <span class="position">Part 11 of
    <a href="/series/9">Lamps</a></span> <a class="next" href="/works/78">Next Work &#8594;</a></span></dd>
  <dt class="collections">Collections:</dt><dd class="collections"><a href="/collections/n">Night Fest</a></dd>
  <dt class="stats">Stats:</dt><dd class="stats"><dl class="stats">
    <dt class="published">Published:</dt><dd class="published">2022-02-18</dd>
    <dt class="status">Updated:</dt><dd class="status">2022-06-26</dd>
    <dt class="words">Words:</dt><dd class="words">1,466</dd>
    <dt class="chapters">Chapters:</dt><dd class="chapters">{chapters}</dd>
    <dt class="kudos">Kudos:</dt><dd class="kudos">13</dd></dl></dd>
</dl>
<div id="workskin"><div class="preface group">
  <h2 class="title heading"> Owls <img alt="(Restricted)" title="Restricted"/></h2>
  <h3 class="byline heading"><a rel="author" href="/users/ann/pseuds/ann">ann</a></h3>
  <div class="summary module"><h3>Summary:</h3><blockquote class="userstuff"><p>S</p></blockquote></div>
  <div class="notes module"><h3>Notes:</h3>
    <ul class="associations"><li>For <a href="/users/q/gifts">q</a>.</li>
      <li>Inspired by <a href="/works/5">Five</a> by <a rel="author" href="/users/z">z</a>.</li></ul>
    <blockquote class="userstuff"><p>N</p></blockquote><p class="jump">(See the end)</p></div></div>
{text}
<div class="afterword preface group"><div id="work_endnotes" class="end notes module">
  <h3>Notes:</h3><blockquote class="userstuff"><p>E</p></blockquote></div></div></div>"""
ONE = (
    '<div id="chapters" role="article"><h3 class="landmark heading">Work Text:</h3>'
    '<div class="userstuff"><p>T</p></div></div>'
)
LOCKED = "<p>This work is only available to registered users of the Archive.</p>"
HIDDEN = '<p class="notice">It is part of an ongoing challenge and will be revealed soon!</p>'


def chapter(number: int, title: str = "") -> str:
    note = '<div class="{}"><h3>Notes:</h3><blockquote class="userstuff"><p>{}</p></blockquote></div>'
    return (
        f'<div class="chapter" id="chapter-{number}"><div class="chapter preface group"><h3 class="title">'
        f'<a href="/works/77/chapters/{900 + number}">Chapter {number}</a>{title}</h3>'
        f"{note.format('notes module', f'n{number}')}</div>"
        '<div class="userstuff module" role="article"><h3 class="landmark heading">Chapter Text</h3>'
        f"<p>t{number}</p></div>"
        f'<div class="chapter preface group">{note.format("end notes module", f"e{number}")}</div></div>'
    )


def work_page(text: str, chapters: str = "1/1", home: str = "") -> bytes:
    return site_page(META.format(text=text, chapters=chapters, home=home))


def test_the_page_of_a_work() -> None:
    found = work(work_page(ONE))
    assert (found.title, found.authors, found.visibility) == ("Owls", ["ann"], "registered")
    assert (found.rating, found.warnings) == ("mature", ["choose_not_to_warn"])
    assert (found.fandoms, found.freeforms, found.language) == (["A"], ["x, y", "z"], "Français")
    assert [(one.title, one.position) for one in found.series] == [("Lamps", 11)]
    assert (found.summary, found.notes, found.end_notes) == ("<p>S</p>", "<p>N</p>", "<p>E</p>")
    assert found.gifts == ["q"]
    assert [(one["relation"], one["title"]) for one in found.related] == [("inspired_by", "Five")]
    assert (found.words, found.stats, found.extra) == (1_466, {"kudos": 13}, {"collections": ["Night Fest"]})
    assert [(one.title, one.content) for one in found.chapters] == [("", "<p>T</p>")]
    assert found.source is not None
    assert (found.source.id, found.notices) == ("77", [])


def test_all_chapters_on_one_page() -> None:
    text = f'<div id="chapters">{chapter(1)}{chapter(2, ": The Owl")}</div>'
    found = work(work_page(text, "2/3", "https://archiveofourown.org"))
    assert [(one.title, one.content, one.notes, one.end_notes) for one in found.chapters] == [
        ("", "<p>t1</p>", "<p>n1</p>", "<p>e1</p>"),
        ("The Owl", "<p>t2</p>", "<p>n2</p>", "<p>e2</p>"),
    ]
    assert found.chapters[1].source_url == "https://archiveofourown.org/works/77/chapters/902"
    assert (found.status, found.chapters_expected, found.notices) == ("in_progress", 3, [])


def test_one_chapter_on_its_page() -> None:
    found = work(work_page(f'<div id="chapters">{chapter(5, ": Five")}</div>', "20/?"))
    assert [(one.title, one.source_url) for one in found.chapters] == [
        ("Five", "https://archiveofourown.org/works/77/chapters/905")
    ]
    assert found.notices == ["The page holds chapter 5 of 20 alone; save “Entire Work” for all of it."]


def test_a_page_that_names_its_work_only_in_its_first_line() -> None:
    saved = b"<!-- saved from url=(0043)https://archiveofourown.org/works/77?view_full_work=true -->"
    page = work_page(ONE).replace(b"/works/77/share", b"#").replace(b"<html", saved + b"<html")
    found = work(page)
    assert found.source is not None
    assert found.source.id == "77"
    assert work(page.replace(saved, b"")).notices == ["The page does not say which work of Archive of Our Own it is."]


@pytest.mark.parametrize(
    ("main", "kind", "code", "says"),
    [
        ("<h2>Error 404</h2><p>The page was deleted.</p>", "system errors error-404", "work-missing", "deleted"),
        (
            "<p>This work is only available to registered users of the Archive.</p>",
            "sessions-new",
            "work-locked",
            "log in",
        ),
        (
            LOCKED + '<form action="/users/login?return_to=%2Fworks%2F77%3Fview_adult%3Dtrue">x</form>',
            "sessions-new",
            "work-locked",
            "work 77",
        ),
        ('<form id="loginform">x</form>', "sessions-new", "not-a-work", "a log-in page"),
        (
            '<p class="notice">It is part of an ongoing challenge and will be revealed soon!</p>',
            "works-show",
            "work-hidden",
            "challenge",
        ),
        ("<p>This work could have adult content.</p>", "works-show", "work-unasked", "adult"),
        ('<ol class="chapter index"><li>1</li></ol>', "works-navigate", "not-a-work", "index of chapters"),
        ("<h2>Ada</h2>", "tags-show", "not-a-work", "page of a tag"),
        ("<h2>Tag Search</h2>", "tags-search", "not-a-work", "search for tags"),
        ("<h2>0 Works in Ada</h2>", "works-index", "not-a-work", "list of works without any"),
        ("<h2>News</h2>", "admin-posts", "not-a-work", "“News”"),
    ],
)
def test_pages_without_a_work_say_what_they_are(main: str, kind: str, code: str, says: str) -> None:
    (item,) = items(site_page(main, kind=kind))
    assert item.problem is not None
    assert item.problem["code"] == code
    assert says in item.problem["detail"]


@settings(deadline=None)
@given(
    data=st.sampled_from(
        [work_page(ONE), work_page(f'<div id="chapters">{chapter(1)}</div>'), listing(blurb(), blurb())]
    ),
    changes=st.lists(
        st.tuples(st.integers(0, 9_000), st.sampled_from([b"", b"<", b">", b'"', b"\0", b"</div>", b"<li>", b"\xff"]))
    ),
)
def test_damaged_pages_are_read_or_refused(data: bytes, changes: list[tuple[int, bytes]]) -> None:
    for place, piece in changes:
        place %= len(data)  # noqa: PLW2901
        data = data[:place] + piece + data[place + 1 :]
    assert all((item.manuscript is None) != (item.problem is None) for item in items(data))


def test_a_page_that_is_cut_off() -> None:
    page = work_page(ONE)
    for length in range(0, len(page), 97):
        assert len(codes(page[:length])) == 1
    assert len(works(listing(blurb(), blurb()))) == 2
