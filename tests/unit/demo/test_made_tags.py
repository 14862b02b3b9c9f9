"""The table of made tags: what it points at is in it, and made works carry its spellings."""

from __future__ import annotations

from collections import Counter
from io import BytesIO

import orjson

from app.demo.made import made_records, write_made
from app.demo.made_tags import other_spellings, respell, tag_rows, write_tags
from app.kit.text import check_tag_name, name_key

COUNT = 500


def test_every_row_is_one_tag_and_points_at_canonical_ones() -> None:
    rows = list(tag_rows())
    names = {(row["type"], name_key(row["name"])) for row in rows}
    assert len(names) == len(rows)
    canonical = {(row["type"], row["name"]) for row in rows if row["canonical"]}
    for row in rows:
        assert check_tag_name(row["name"]) == row["name"]
        pointed = [(row["type"], name) for name in row.get("broader", ())]
        pointed += [(parent["type"], parent["name"]) for parent in row.get("parents", ())]
        pointed += [] if row["canonical"] else [(row["type"], row["synonym_of"])]
        assert canonical.issuperset(pointed)
    kinds = Counter((row["type"], row["canonical"]) for row in rows)
    assert min(kinds.values()) > 1_000
    assert len(kinds) == 8


def test_it_is_written_as_lines() -> None:
    out = BytesIO()
    count = write_tags(out)
    assert [orjson.loads(line) for line in out.getvalue().splitlines()] == list(tag_rows())
    assert count == len(out.getvalue().splitlines())


def test_works_carry_some_other_spellings_and_else_are_the_same() -> None:
    synonyms = {(kind, spelling): name for (kind, name), spelling in other_spellings().items()}
    seen = 0
    for plain, work in zip(made_records(COUNT, 3), map(respell, made_records(COUNT, 3)), strict=True):
        for member in ("fandoms", "characters", "relationships", "freeforms"):
            kind = member.removesuffix("s")
            back = [synonyms.get((kind, name), name) for name in work[member]]
            assert back == plain[member]
            assert len(set(work[member])) == len(work[member])
            seen += work[member] != plain[member]
        assert {**work, **{m: plain[m] for m in ("fandoms", "characters", "relationships", "freeforms")}} == plain
    assert COUNT / 4 < seen < 2 * COUNT


def test_lines_are_respelled_where_that_is_asked() -> None:
    out = BytesIO()
    write_made(20, 3, out, wrangled=True)
    assert [orjson.loads(line) for line in out.getvalue().splitlines()] == list(map(respell, made_records(20, 3)))
