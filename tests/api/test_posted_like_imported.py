"""A work that is posted over the API and the same work imported read the same."""

from __future__ import annotations

import re
from datetime import date
from itertools import count
from operator import itemgetter
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.conftest import TestArchive
from tests.writing import member

WORDS = st.sampled_from(
    ["fox", "Lamp", "日本語", "<em>deep</em>", "re-read", "a & b", "“quoted”", "<script>x</script>ink"]
)
LINES = st.lists(WORDS, min_size=3, max_size=6).map(" ".join)
PROSE = st.one_of(st.just(""), LINES.map(lambda text: f"<p onclick='x'>{text}</p>"))
NAMES = st.lists(
    st.sampled_from(["Fox", " fox ", "Amélie", "AMÉLIE", "Long   name", "狐", "A/B & C", "x, y"]), max_size=4
)
CONTENT = st.one_of(
    st.builds(lambda text: {"content": f"<p>{text}</p><p>and more of it</p>"}, LINES),
    st.builds(lambda text: {"content_text": f"{text}\n\nand more\nof it"}, LINES),
    st.builds(lambda text: {"content_markdown": f"{text}\n\n*and* more of it"}, LINES),
)
DATES = st.dates(date(1990, 1, 1), date(2025, 12, 31)).map(str)
CHAPTER = st.builds(
    lambda content, title, notes, date: content | {"title": title, "notes": notes, "published_at": date},
    CONTENT, st.sampled_from(["", "One", "  Two  words "]), PROSE, DATES,
)  # fmt: skip
WORKS = st.fixed_dictionaries(
    {
        "title": st.sampled_from(["The Fox", "  An  Apple ", "狐"]), "language": st.sampled_from(["en", "ja", "pt-br"]),
        "rating": st.sampled_from(["general", "Teen And Up Audiences", "explicit"]),
        "warnings": st.lists(st.sampled_from(["no_warnings_apply", "Graphic Depictions Of Violence"]), min_size=1),
        "fandoms": NAMES.map(lambda names: names or ["Test"]),
        "chapters": st.lists(CHAPTER, min_size=1, max_size=3).map(
            lambda chapters: sorted(chapters, key=itemgetter("published_at"))
        ),
    },
    optional={
        "summary": PROSE, "notes": PROSE, "end_notes": PROSE, "characters": NAMES, "relationships": NAMES,
        "freeforms": NAMES, "categories": st.lists(st.sampled_from(["m_m", "F/F", "gen"])),
        "visibility": st.sampled_from(["public", "registered"]), "anonymous": st.booleans(),
        "chapters_expected": st.integers(3, 5), "gifts": NAMES,
        "extra": st.dictionaries(st.sampled_from(["a", "b"]), st.integers(-(2**63), 2**63 - 1)),
        "consent": st.just({"download": "yes"}),
    },
)  # fmt: skip
OF_THE_STORE = re.compile(r'"(id|work_id|previous_id|next_id|canonical_id|character_id)":(\d+|null),?')


def shown(archive: TestArchive, token: str, work_id: int) -> str:
    """The whole work but its ids and its author."""
    headers = {"Authorization": f"Bearer {token}"}
    response = archive.client.get(f"/v1/works/{work_id}?include=chapters", headers=headers)
    assert response.status_code == 200, response.text
    text = re.sub(r'"authors":\[[^]]*\]', "", response.text)
    return OF_THE_STORE.sub("", text)


def test_a_posted_work_reads_as_an_imported_one(archive: TestArchive) -> None:
    writer, reader = member(archive, "Writer"), member(archive, "Reader")
    assert reader.token is not None
    token, keys = reader.token, count()

    @settings(max_examples=40, deadline=None)
    @given(work=WORKS)
    def same(work: dict[str, Any]) -> None:
        # The first chapter's date is the work's.
        record = work | {"published_at": work["chapters"][0]["published_at"]}
        posted = writer.done("POST", "/works", record | {"state": "published"})
        archive.add_rows(record | {"key": str(next(keys))})
        (row,) = archive.rows
        assert row.work_id is not None, row
        assert shown(archive, token, posted["id"]) == shown(archive, token, row.work_id)

    same()
