"""Addresses of works elsewhere."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.kit.urls import normalise_source_url, source_id, source_site


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("http://www.foo.com/a?style=mine#x", "foo.com/a"),
        ("https://foo.com/a", "foo.com/a"),
        ("HTTPS://FOO.com:443/a/", "foo.com/a"),
        ("https://foo.com", "foo.com"),
        ("https://foo.com:8080/a", "foo.com:8080/a"),
        ("https://foo.com/viewstory.php?sid=1", "foo.com/viewstory.php?sid=1"),
        ("https://foo.com/x?b=2&a=1&utm_source=y&view_adult=true", "foo.com/x?a=1&b=2"),
        ("https://foo.com/%7ea/%c3%a9?q=a+b", "foo.com/~a/%C3%A9?q=a%20b"),
        ("https://foo.com/\u00e9 x%", "foo.com/%C3%A9%20x%25"),
        ("http://B\u00dcCHER.example/", "xn--bcher-kva.example"),
        ("https://archiveofourown.org/works/1/chapters/2?view_adult=true", "archiveofourown.org/works/1"),
        ("https://archiveofourown.org/works/1/", "archiveofourown.org/works/1"),
        ("http://insecure.archiveofourown.org/collections/x/works/1", "archiveofourown.org/works/1"),
        ("https://archiveofourown.gay/works/1/chapters/2#workskin", "archiveofourown.org/works/1"),
        ("https://ao3.org/works/1?view_full_work=true", "archiveofourown.org/works/1"),
        (
            "https://download.archiveofourown.org/downloads/1/T.epub?updated_at=2",
            "archiveofourown.org/works/1",
        ),
        ("https://archiveofourown.org/series/5", "archiveofourown.org/series/5"),
        ("ftp://foo.com/a", None),
        ("foo.com/a", None),
        ("javascript:x", None),
        ("http://[::1", None),
        ("http://foo.com:99999/", None),
        ("http:///x", None),
        ("", None),
    ],
)
def test_one_form(url: str, expected: str | None) -> None:
    assert normalise_source_url(url) == expected


@pytest.mark.parametrize(
    ("one", "other"),
    [("viewstory.php?sid=1", "viewstory.php?sid=2"), ("12345", "123"), ("i-am", "i-am/else")],
)
def test_other_works_differ(one: str, other: str) -> None:
    assert normalise_source_url(f"https://foo.com/{one}") != normalise_source_url(f"https://foo.com/{other}")


def test_sites_and_ids() -> None:
    assert source_site("https://www.Foo.com/x") == "foo.com"
    assert source_site("nonsense") is None
    assert source_id("https://ao3.org/works/12/chapters/3") == ("archiveofourown.org", "12")
    assert source_id("https://m.fanfiction.net/s/12/3/Title") == ("fanfiction.net", "12")
    assert source_id("https://www.fictionpress.com/s/12") == ("fictionpress.com", "12")
    assert source_id("https://www.fanfiction.net/u/12") is None
    assert source_id("https://foo.com/s/12") is None


_ODD = st.text(alphabet="/?#&=%:@[].;+ aA0\u00e9\u2177\ud800\n", max_size=30)


@given(st.one_of(st.text(), _ODD.map("https://x.org/".__add__), _ODD.map("http://".__add__)))
def test_nothing_raises_and_the_form_is_stable(url: str) -> None:
    form = normalise_source_url(url)
    source_id(url)
    if form is not None:
        assert normalise_source_url("https://" + form) == form
        assert normalise_source_url("http://www." + form) == form or form.startswith("[")
