"""What the names of files say: only where the files say nothing themselves."""

from __future__ import annotations

import pytest

from app.formats.file_names import take_source, title_from_name
from app.formats.manuscript import Manuscript, SourceRef
from tests.formats import fanficfare as made
from tests.formats.books import zipped
from tests.formats.reading import items, work

TEXT = b"He ran.\n\nHe hid."


@pytest.mark.parametrize(
    ("name", "site", "number", "title"),
    [
        ("The Fox-ao3_123.epub", "archiveofourown.org", "123", "The Fox"),
        ("a/b/The Fox-ffnet_0123 (2).txt", "fanfiction.net", "123", "The Fox"),
        ("Fox-fimficnet_5.kepub.epub", "fimfiction.net", "5", "Fox"),
        ("Stand-By-Me-rylrdl_77.txt", "royalroad.com", "77", "Stand-By-Me"),
        ("ao3_123.html", "archiveofourown.org", "123", "ao3_123"),
        ("ffnet-123 - The Fox.html", "fanfiction.net", "123", "The Fox"),
        ("archiveofourown.org_works_123.html", "archiveofourown.org", "123", "archiveofourown.org_works_123"),
    ],
)
def test_site_and_number_of_a_name(name: str, site: str, number: str, title: str) -> None:
    found = Manuscript()
    take_source(found, name, "plain-text")
    assert found.source is not None
    assert (found.source.site, found.source.id) == (site, number)
    assert len(found.notices) == 1
    assert title_from_name(name) == title


@pytest.mark.parametrize(
    "name", ["The Fox.txt", "The Fox_123.txt", "The Fox-abc_123.txt", "work_123.txt", "ao3.txt", "Fox-ao3_.txt", "-"]
)
def test_other_names_tell_no_source(name: str) -> None:
    found = Manuscript()
    take_source(found, name, "plain-text")
    assert found.source is None
    assert found.notices == []


def test_a_number_without_a_site_counts_for_files_of_one_site_alone() -> None:
    found = Manuscript()
    take_source(found, "work_123.html", "ao3-html")
    assert found.source == SourceRef("archiveofourown.org", "123", "https://archiveofourown.org/works/123")


def test_what_the_file_says_stands() -> None:
    told = work(made.epub(), "The Fox-ffnet_5.epub")
    assert told.source == SourceRef("archiveofourown.org", "77", made.URL)
    assert told.notices == []
    assert work(b'{"title": "The Fox", "key": "k"}', "x-ao3_5.ndjson").source is None


def test_a_name_within_an_archive_counts_as_well() -> None:
    (item,) = items(zipped({"Foxes/The Fox-ao3_9.txt": TEXT}, mimetype=False), "a.zip")
    assert item.manuscript is not None
    assert item.manuscript.source is not None
    assert (item.manuscript.title, item.manuscript.source.id) == ("The Fox", "9")
    assert any("taken from its name" in notice for notice in item.manuscript.notices)
