"""Whole tables of tags, on both databases: what goes in, what is refused, what stays, and what comes out again."""

from __future__ import annotations

import io
import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from sqlalchemy import select, text

from app.config import Settings
from app.db.engine import Database
from app.db.migrate import upgrade
from app.models import Tag
from app.tags.acts import Act, ActResult
from app.tags.bulk.exporting import export_tags
from app.tags.bulk.importing import TableCounts, TableImport
from app.tags.bulk.spool import Outcome
from app.tags.commands.wrangling import reserve_tag_id, wrangle_each
from app.tags.errors import ActRefused
from app.tags.queries.neighbourhood import load_neighbourhood
from app.tags.rules import broken_rule
from tests.conftest import TestArchive

PAIRS = "Tag Name,Metatag Name\n"
MERGERS = "id,type,name,canonical,cached_count,merger_id\n"


def bring(database: Database, *tables: str, **options: Any) -> tuple[TableCounts, list[Outcome]]:
    rows: list[Outcome] = []
    files = [(f"table{number}", io.BytesIO(table.encode())) for number, table in enumerate(tables, 1)]
    counts = TableImport(database, **options).run(files, rows.append)
    assert [row.index for row in rows] == list(range(len(rows)))
    return counts, rows


def outcomes(rows: list[Outcome]) -> list[str]:
    return [row.problem["code"] if row.problem else row.outcome for row in rows]


def lines(database: Database, file_format: str = "ndjson", *, unwrangled: bool = True) -> list[str]:
    with database.reading() as connection:
        return b"".join(export_tags(connection, file_format, unwrangled=unwrangled)).decode().splitlines()


def written(database: Database) -> tuple[int, int, int]:
    with database.reading() as connection:
        return tuple(
            connection.execute(text(f"SELECT count(*) FROM {table}")).scalar_one()
            for table in ("tags", "tag_acts", "changes")
        )  # type: ignore[return-value]


def unchanged_again(database: Database, *tables: str, **options: Any) -> None:
    """The same tables again write nothing, and fail where they failed."""
    before = written(database)
    counts, rows = bring(database, *tables, **options)
    assert set(outcomes(rows)) - {"unchanged", "kept", "skipped"} == {
        row.problem["code"] for row in rows if row.problem
    }
    assert (counts.acts, counts.tags, written(database)) == (0, 0, before)


def work(title: str, **members: Any) -> dict[str, Any]:
    return {"title": title, "key": title, "fandoms": ["Test"], "language": "en"} | members


def test_a_merger_table_makes_filters(archive: TestArchive) -> None:
    archive.add(work("one", freeforms=["5things"]), work("two", freeforms=["5 Things"]), work("three"))
    table = MERGERS + "3,Freeform,5things,FALSE,8,4\n4,Freeform,5 Things,TRUE,10,\n5,Freeform,gone,FALSE,8,999\n"
    table += "6,Rating,Explicit,TRUE,9,\n7,Fandom,New,TRUE,9,\n8,Freeform,plain,FALSE,1,\n"
    counts, rows = bring(archive.database, table)
    assert outcomes(rows) == [
        "updated", "updated", "synonym-target-missing", "skipped", "created", "created",
    ]  # fmt: skip
    assert rows[3].notices
    assert (counts.tags, counts.canonical, counts.synonyms, counts.works) == (2, 2, 1, 1)
    archive.settle()
    assert archive.titles(freeform="5things") == archive.titles(freeform="5 Things") == ["one", "two"]
    unchanged_again(archive.database, table)


def test_numbers_are_looked_up_in_the_other_files(archive: TestArchive) -> None:
    mergers = MERGERS + "3,Fandom,TLW,FALSE,8,70\n4,Freeform,x,FALSE,8,70\n"
    listed = "id, type, name, canonical, cached_count, merger_id\n70,Fandom,The L Word,True,5,-1,\n"
    _, rows = bring(archive.database, mergers, listed)
    assert outcomes(rows) == ["created", "synonym-target-missing", "created"]
    assert '"synonym_of":"The L Word"' in lines(archive.database)[1]


def test_synonyms_of_synonyms_become_those_of_the_canonical(archive: TestArchive) -> None:
    table = MERGERS + "1,Freeform,a,FALSE,,2\n2,Freeform,b,FALSE,,3\n3,Freeform,c,TRUE,,\n"
    table += "4,Freeform,x,FALSE,,5\n5,Freeform,y,FALSE,,4\n6,Freeform,z,FALSE,,6\n"
    _, rows = bring(archive.database, table)
    assert outcomes(rows) == ["created"] * 3 + ["synonym-chain"] * 2 + ["synonym-of-itself"]
    exported = {json.loads(line)["name"]: json.loads(line)["synonym_of"] for line in lines(archive.database)}
    assert exported == {"a": "c", "b": "c", "c": None}
    assert rows[0].notices == ["Its target is a synonym of “c” in the table; it was made one of that."]
    unchanged_again(archive.database, table)


def test_a_circle_is_refused_and_the_rest_goes_in(archive: TestArchive) -> None:
    table = PAIRS + "a,b\nb,c\nc,a\nd,d\nd,a\nlost\n,x\n"
    counts, rows = bring(archive.database, table, given_type="freeform")
    assert outcomes(rows) == [
        "created", "created", "broader-cycle", "broader-than-itself", "created", "name-empty", "name-empty",
    ]  # fmt: skip
    assert counts.broader == 3
    assert (rows[2].problem or {})["detail"] == "“a” is narrower than it, so it cannot be broader too."
    unchanged_again(archive.database, table, given_type="freeform")


def test_types_are_told_by_tags_here_and_in_other_files(archive: TestArchive) -> None:
    coats = archive.tag("Coats")
    archive.wrangle(Act(coats, canonical=True))
    archive.add(work("w", characters=["Niall"]))
    table = PAIRS + "Trench Coats,Coats\nTrench Coats,Clothing\nHats,Clothing\nNiall Horan,Niall\nA,B\nTOS,Trek\n"
    fandoms = "id,type,name,canonical,cached_count,merger_id\n1,Fandom,Trek,True,1,-1\n"
    _, rows = bring(archive.database, table, fandoms)
    assert [row.type for row in rows[:6]] == ["freeform", "freeform", "freeform", "character", None, "fandom"]
    assert outcomes(rows)[4] == "unknown-type"
    assert rows[2].notices == ["Its type is that of “coats”, which is a freeform."]
    unchanged_again(archive.database, table, fandoms)
    _, rows = bring(archive.database, table, given_type="relationship")
    assert [row.type for row in rows] == ["freeform"] * 3 + ["character", "relationship", "fandom"]
    unchanged_again(archive.database, table, fandoms, given_type="relationship")


def test_a_type_told_in_two_ways_is_no_type(archive: TestArchive) -> None:
    for name, kind in (("Suits", "fandom"), ("Clothing", "freeform"), ("Both", "fandom"), ("Both", "character")):
        archive.wrangle(Act(archive.tag(name, kind), canonical=True))
    table = PAIRS + "Suits,Clothing\nBoth,Else\n"
    _, rows = bring(archive.database, table)
    assert outcomes(rows) == ["ambiguous-type", "ambiguous-type"]
    assert "“suits” a fandom" in (rows[0].problem or {})["detail"]
    assert "fandom or character" in (rows[1].problem or {})["detail"]
    unchanged_again(archive.database, table)
    _, rows = bring(archive.database, table, given_type="character")
    assert [row.type for row in rows] == ["character", "character"]


def test_a_few_names_among_many_may_be_other_tags_too(archive: TestArchive) -> None:
    archive.wrangle(Act(archive.tag("Suits", "fandom"), canonical=True))
    archive.wrangle(*(Act(archive.tag(f"Suit {number}"), canonical=True) for number in range(10)))
    table = PAIRS + "".join(f"Suit {number},Suits\n" for number in range(10))
    _, rows = bring(archive.database, table)
    assert {row.type for row in rows} == {"freeform"}
    assert "10 of 11 names" in rows[0].notices[0]
    unchanged_again(archive.database, table)


def test_parents_of_relationships_are_told_by_their_names(archive: TestArchive) -> None:
    page = {
        "name": "Garak/Bashir", "type": "Relationship", "canonical": True, "merged_into": None, "synonyms": [],
        "metatags": [], "parents": ["Garak", "Deep Space Nine", "Nobody"],
    }  # fmt: skip
    archive.wrangle(Act(archive.tag("Deep Space Nine", "fandom"), canonical=True))
    _, rows = bring(archive.database, json.dumps([page]))
    assert outcomes(rows) == ["ambiguous-type"]
    exported = json.loads(lines(archive.database)[1])
    assert exported["parents"] == [
        {"type": "character", "name": "Garak"}, {"type": "fandom", "name": "Deep Space Nine"},
    ]  # fmt: skip


def test_what_was_decided_here_stays_unless_it_is_to_be_replaced(archive: TestArchive) -> None:
    merged, other, big = (archive.tag(name) for name in ("merged", "other", "big"))
    archive.wrangle(Act(other, canonical=True), Act(big, canonical=True), Act(merged, canonical_id=other))
    table = "\n".join(
        json.dumps({"type": "freeform"} | row)
        for row in (
            {"name": "new", "canonical": True},
            {"name": "merged", "canonical": False, "synonym_of": "new"},
            {"name": "big", "canonical": False, "synonym_of": "new"},
            {"name": "other", "canonical": False},
            {"name": "below", "canonical": True, "broader": ["merged"]},
        )
    )
    _, rows = bring(archive.database, table)
    assert outcomes(rows) == ["created", "kept", "kept", "kept", "created"]
    assert rows[1].notices == ["It is a synonym of “other” here, and was kept so."]
    assert rows[4].notices == ["“merged” is a synonym of “other” here: it was linked to that."]
    unchanged_again(archive.database, table)
    _, rows = bring(archive.database, table, replace=True)
    assert outcomes(rows)[:3] == ["unchanged", "updated", "updated"]
    exported = {json.loads(line)["name"]: json.loads(line)["synonym_of"] for line in lines(archive.database)}
    assert exported == {"merged": "new", "other": None, "big": "new", "new": None, "below": None}
    unchanged_again(archive.database, '{"type":"freeform","name":"merged","canonical":true}')


def test_a_dry_run_says_what_the_import_does(archive: TestArchive) -> None:
    archive.add(work("one", freeforms=["b"]), work("two", freeforms=["B2"]), work("three", freeforms=["a"]))
    table = PAIRS + "a,b\nb,c\nc,a\n"
    mergers = MERGERS + "1,Freeform,B2,FALSE,,2\n2,Freeform,b,TRUE,,\n"
    before = written(archive.database), lines(archive.database)
    tried, rows = bring(archive.database, table, mergers, given_type="freeform", dry_run=True)
    assert (written(archive.database), lines(archive.database)) == before
    done, really = bring(archive.database, table, mergers, given_type="freeform")
    assert rows == really
    assert tried.works == done.works == 3
    names = ("created", "updated", "unchanged", "failed", "tags", "canonical", "synonyms", "broader", "acts")
    assert [getattr(tried, name) for name in names] == [getattr(done, name) for name in names]
    assert tried.broader == 2


def test_works_count_that_are_found_by_other_filters(archive: TestArchive) -> None:
    archive.add(work("both", freeforms=["a", "b"]), work("one", freeforms=["a"]), work("none", freeforms=["c"]))
    b = archive.tag("b")
    archive.wrangle(Act(b, canonical=True))
    # The work with both is found by b already.
    for dry_run in (True, False):
        counts, _ = bring(archive.database, PAIRS + "a,b\nc,c\n", dry_run=dry_run)
        assert (counts.broader, counts.works) == (1, 1)


def full(archive: TestArchive) -> None:
    archive.add(work("w", freeforms=["loose, with a comma", 'with "quotes"'], relationships=["A/B"]))
    au, space, trek, kirk, kirk_spock, short = (
        archive.tag(name, kind)
        for name, kind in (
            ("Alternate Universe", "freeform"),
            ("AU - Space", "freeform"),
            ("Trek", "fandom"),
            ("Kirk", "character"),
            ("Kirk/Spock", "relationship"),
            ("K/S", "relationship"),
        )
    )
    archive.wrangle(
        *(Act(one, canonical=True) for one in (au, space, trek, kirk, kirk_spock)),
        Act(space, add_broader=(au,), add_parents=(trek,)),
        Act(kirk, add_parents=(trek,)),
        Act(short, canonical_id=kirk_spock, add_parents=(trek,)),
        Act(kirk_spock, add_parents=(kirk,)),
    )


def test_an_export_comes_in_again_unchanged(archive: TestArchive, tmp_path: Path) -> None:
    full(archive)
    for file_format in ("ndjson", "csv"):
        table = "".join(line + "\n" for line in lines(archive.database, file_format))
        _, rows = bring(archive.database, table)
        assert set(outcomes(rows)) == {"unchanged"}
        unchanged_again(archive.database, table)
    empty = Database(Settings(data_dir=tmp_path / "empty"))
    upgrade(empty)
    exported = lines(archive.database)
    _, rows = bring(empty, "\n".join(reversed(exported)))
    assert set(outcomes(rows)) == {"created"}
    assert sorted(lines(empty)) == sorted(exported)
    empty.dispose()


def test_an_export_leaves_out_what_nobody_wrangled(archive: TestArchive) -> None:
    full(archive)
    names = {json.loads(line)["name"] for line in lines(archive.database, unwrangled=False)}
    assert names == {"Alternate Universe", "AU - Space", "Trek", "Kirk", "Kirk/Spock", "K/S"}
    csv = lines(archive.database, "csv", unwrangled=False)
    assert csv[0] == "id,type,name,canonical,cached_count,merger_id"
    assert [line.split(",")[1:5] for line in csv[1:] if "K/S" in line] == [["Relationship", "K/S", "FALSE", "0"]]


def test_acts_that_are_refused_take_no_other_with_them(archive: TestArchive) -> None:
    a, b, c = (archive.tag(name) for name in "abc")
    acts = [
        Act(a, canonical=True), Act(b, canonical_id=b), Act(c, canonical_id=b), Act(b, canonical=True),
        Act(c, canonical_id=b), Act(a, add_broader=(c,)),
    ]  # fmt: skip
    with archive.database.write() as session:
        results = wrangle_each(session.connection(), acts, "tests")
    codes = [one.code if isinstance(one, ActRefused) else len(one.effects) for one in results]
    assert codes == [1, "synonym-of-itself", "synonym-of-non-canonical", 1, 1, "broader-not-canonical"]
    assert all(isinstance(results[place], ActResult) for place in (0, 3, 4))


def test_an_act_that_is_refused_half_way_leaves_no_trace(archive: TestArchive) -> None:
    low, middle, top, other = (archive.tag(name) for name in ("low", "middle", "top", "other"))
    archive.wrangle(
        Act(top, canonical=True),
        Act(middle, canonical=True, broader=(top,)),
        Act(low, canonical=True, broader=(middle,)),
    )
    with archive.database.write() as session:
        first, second = reserve_tag_id(session.connection()), reserve_tag_id(session.connection())
        acts = [
            Act(top, canonical_id=low), Act(other, canonical_id=top),
            Act(first, create=("freeform", "New"), canonical_id=first), Act(second, create=("freeform", "New")),
        ]  # fmt: skip
        outcomes = wrangle_each(session.connection(), acts, "tests")
    codes = [one.code if isinstance(one, ActRefused) else len(one.effects) for one in outcomes]
    assert codes == ["broader-cycle", 1, "synonym-of-itself", 1]
    archive.settle()
    assert [one["id"] for one in archive.get(f"/v1/tags/{top}")["narrower"]] == [middle]
    assert archive.get(f"/v1/tags/{low}")["broader"][0]["id"] == middle


NAMES = st.sampled_from(["a", "b", "c", "d", "A", "e/f"])
ROWS = st.fixed_dictionaries(
    {"type": st.sampled_from(["freeform", "fandom", "relationship"]), "name": NAMES},
    optional={
        "canonical": st.sampled_from([True, False]),
        "synonym_of": NAMES,
        "broader": st.lists(NAMES, max_size=2),
        "parents": st.lists(st.builds(lambda name: {"type": "fandom", "name": name}, NAMES), max_size=2),
    },
)
PAGES = st.lists(NAMES, max_size=3).map(
    lambda parents: (
        {"name": "e/f", "type": "Relationship", "canonical": True, "merged_into": None, "parents": parents}
        | {"synonyms": [], "metatags": [], "subtags": [], "children": {}}
    )
)
UNTYPED = st.lists(st.tuples(NAMES, NAMES).map(",".join), min_size=1, max_size=6)


NARROW = {"type": "freeform", "name": "a", "broader": ["b"]}
PAGE = {"name": "e/f", "type": "Relationship", "canonical": True, "merged_into": None, "parents": ["b"]} | {
    name: [] for name in ("synonyms", "metatags", "subtags")
}


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    tables=st.lists(st.lists(ROWS, min_size=1, max_size=8), min_size=1, max_size=2),
    pairs=UNTYPED,
    page=PAGES,
    kind=st.sampled_from([None, "freeform", "fandom"]),
)
@example(tables=[[NARROW, {"type": "fandom", "name": "c", "canonical": False}]], pairs=["c,a"], page=PAGE, kind=None)
@example(tables=[[NARROW, {"type": "fandom", "name": "a", "canonical": False}]], pairs=["d,a"], page=PAGE, kind=None)
@example(tables=[[{"type": "fandom", "name": "c", "canonical": True}]], pairs=["b,c"], page=PAGE, kind=None)
@example(
    tables=[
        [{"type": "fandom", "name": "b", "canonical": False}, {"type": "freeform", "name": "c", "canonical": False}]
    ],
    pairs=["b,c"],
    page=PAGE,
    kind=None,
)
def test_any_tables_leave_a_sound_graph_and_change_nothing_again(
    archive: TestArchive,
    *,
    tables: list[list[dict[str, Any]]],
    pairs: list[str],
    page: dict[str, Any],
    kind: str | None,
) -> None:
    with archive.database.write() as session:
        for table in ("tag_parents", "tag_broader", "relationship_members"):
            session.execute(text(f"DELETE FROM {table}"))
        session.execute(text("UPDATE tags SET canonical_id = NULL"))
        session.execute(text("DELETE FROM tags"))
    texts = ["\n".join(json.dumps({"canonical": None} | row) for row in table) for table in tables]
    texts += [PAIRS + "\n".join(pairs) + "\n", json.dumps(page)]
    tried, _ = bring(archive.database, *texts, given_type=kind, dry_run=True)
    counts, rows = bring(archive.database, *texts, given_type=kind)
    assert Counter(row.outcome for row in rows)["failed"] == counts.failed == tried.failed
    with archive.database.reading() as connection:
        ids = set(connection.execute(select(Tag.id)).scalars())
        assert broken_rule(load_neighbourhood(connection, ids), ids) is None
    unchanged_again(archive.database, *texts, given_type=kind)
    exported = lines(archive.database)
    bring(archive.database, "\n".join(exported))
    assert lines(archive.database) == exported


@pytest.mark.parametrize("data", ["", "title,author\nT,A\n"])
def test_what_is_no_table_is_one_failed_row(archive: TestArchive, data: str) -> None:
    counts, rows = bring(archive.database, data)
    assert outcomes(rows) == ["unsupported-format"]
    assert (counts.seen, counts.failed) == (1, 1)
