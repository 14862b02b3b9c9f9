"""Every statement that the walk sends has a plan that does not grow with the archive, but for those in a list."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest
from sqlalchemy import text

from app.models import Base
from app.search.loading import works_after
from tests.conftest import TestArchive
from tests.plans.allowed import is_allowed
from tests.plans.explaining import postgres_findings, prepare_postgres, sqlite_findings, unique_keys
from tests.plans.recording import recorded, shape_of
from tests.plans.walking import walk


def findings(archive: TestArchive, statements: Mapping[str, tuple[str, object]]) -> Iterator[tuple[str, str]]:
    """What grows, with the shape of the statement that does it."""
    with archive.database.write_engine.connect() as connection:
        if archive.database.is_sqlite:
            explain = sqlite_findings
        else:
            explain = postgres_findings
            prepare_postgres(connection)
        for shape, (statement, values) in statements.items():
            yield from ((found, shape) for found in explain(connection, statement, values))
        connection.rollback()


def test_no_statement_grows_with_the_archive(archive: TestArchive, tmp_path: Path) -> None:
    with recorded(archive.database.write_engine.dialect.name) as statements:
        answered = walk(archive, tmp_path)
    document = archive.get("/openapi.json")
    operations = {(method, path) for path, methods in document["paths"].items() for method in methods}
    assert operations == answered
    assert len(statements) > 350
    grows = [f"{found} | {shape}" for found, shape in findings(archive, statements) if not is_allowed(found, shape)]
    assert not grows, "\n".join(grows)


def test_a_missing_index_is_seen(archive: TestArchive) -> None:
    archive.add({"title": "One", "fandoms": ["Test"], "source": {"url": "https://example.org/s/1"}})
    query = "SELECT id FROM work_sources WHERE work_id IN (1, 2)"
    sorted_query = "SELECT id FROM works ORDER BY title LIMIT 20"
    statements = {shape_of(one): (one, ()) for one in (query, sorted_query)}
    assert [shape for _, shape in findings(archive, statements)] == [shape_of(sorted_query)]
    with archive.database.write() as session:
        session.execute(text("DROP INDEX ix_work_sources_work_id"))
    # Another wording: SQLite would show the plan that it has kept.
    assert list(findings(archive, {"": (f"{query} AND id > 0", ())}))


@pytest.mark.parametrize("settings", ["postgresql"], indirect=True)
def test_works_and_cards_are_both_read_from_where_a_rebuild_has_come(archive: TestArchive) -> None:
    """PostgreSQL merges them by id, where it could as well begin at the first card each time."""
    with archive.database.reading() as connection, recorded("postgresql") as statements:
        works_after(connection, 7, 100)
        ((statement, values),) = statements.values()
        for other in ("nestloop", "hashjoin", "seqscan", "bitmapscan"):
            connection.exec_driver_sql(f"SET LOCAL enable_{other} = off")
        plan = "\n".join(connection.exec_driver_sql(f"EXPLAIN {statement}", values).scalars())
    assert "Merge Join" in plan
    assert "Index Cond: (id > '7'::bigint)" in plan
    assert "Index Cond: (work_id > '7'::bigint)" in plan


def test_what_points_at_a_row_that_can_go_is_found_by_an_index() -> None:
    """A row that is deleted is looked for in all that points at it: where there is no index, in whole tables."""
    missing = []
    for name, table in Base.metadata.tables.items():
        leading = {next(iter(index.columns)).name for index in table.indexes}
        leading |= {next(iter(table.primary_key.columns)).name}
        for constraint in table.constraints:
            columns = [column.name for column in getattr(constraint, "columns", ())]
            if columns and type(constraint).__name__ == "UniqueConstraint":
                leading.add(columns[0])
        missing += [f"{name}.{key.parent.name}" for key in table.foreign_keys if key.parent.name not in leading]
    assert missing == []


@pytest.mark.parametrize("table", list(unique_keys()))
def test_allowed_statements_name_tables_that_there_are(table: str) -> None:
    assert table in Base.metadata.tables
