"""What a database would do for a statement, and what of that grows with the archive.

A step of a plan may read the rows of a whole table, those between two values, those of one value that many rows have,
or a few. All but the last grow, so they have to be in order, beneath a limit, with nothing between that waits for all.

The tests' tables hold a few rows, and what is told must not depend on them. SQLite plans without looking at the data.
PostgreSQL is told that every table is large, and to read no whole table where there is a way around.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import psycopg
from sqlalchemy import Connection, UniqueConstraint

from app.models import Base
from tests.plans.allowed import OF_TAGS, PARTS

ROWS = 1_000_000
_STEP = re.compile(r"(SCAN|SEARCH) (\w+)(?: USING (.*?))?(?: \((.*)\))?(?: LEFT-JOIN)?$")
_EQUAL = re.compile(r"(\w+)\)?(?:::\w+)? (?:= ANY|=|IS NULL)(?! null)")
_NOTHING = re.compile(r"WHERE 0 = 1$|WHERE 0 = 1\)")
_SETTINGS = ("enable_seqscan", "enable_hashjoin", "enable_mergejoin", "jit")
_READERS = {"Seq Scan", "Index Scan", "Index Only Scan", "Bitmap Index Scan"}
_WAITING = {"Sort", "Aggregate", "Hash", "Unique", "WindowAgg", "SetOp", "ModifyTable", "BitmapOr", "Bitmap Heap Scan"}


def unique_keys() -> dict[str, list[set[str]]]:
    """For each table the sets of columns of which there is one row for each value."""
    return {
        name: [
            {column.name for column in table.primary_key},
            *({column.name for column in index.columns} for index in table.indexes if index.unique),
            *({c.name for c in one.columns} for one in table.constraints if isinstance(one, UniqueConstraint)),
        ]
        for name, table in Base.metadata.tables.items()
    }


UNIQUE = unique_keys()


def is_few(table: str, equal: set[str]) -> bool:
    """Whether few rows of a table have given values in these columns."""
    if any(column in PARTS or (table, column) in OF_TAGS for column in equal):
        return True
    return any(key <= equal for key in UNIQUE.get(table, ()))


def sqlite_findings(connection: Connection, statement: str, values: Any) -> Iterator[str]:
    """The steps of SQLite's plan that grow."""
    driver = connection.connection.driver_connection
    assert driver is not None
    rows = driver.execute(f"EXPLAIN QUERY PLAN {statement}", values).fetchall()
    steps = [row[3] for row in rows]
    within = {row[0]: row[3] for row in rows}
    stops = " LIMIT " in statement and not any("TEMP B-TREE" in step for step in steps)
    tables = _names(statement)
    if _NOTHING.search(statement) or (statement.startswith("INSERT") and " SELECT " not in statement):
        return  # an insert looks at what may point at the new row, which nothing does
    for _, parent, _, step in rows:
        if "EXISTS (" in statement and within.get(parent, "").startswith("CORRELATED SCALAR SUBQUERY"):
            continue  # the first row is enough
        found = _STEP.match(step)
        if found is None or found[2] in {"CONSTANT", "SUBQUERY"} or (found[1] == "SEARCH" and not found[3]):
            continue  # the largest or smallest value is a search without a condition
        table = tables.get(found[2], found[2])
        if "AUTOMATIC" in step:
            yield f"{table}: makes itself the index that is missing"
        conditions = re.findall(r"(\w+)=\?", found[4] or "")
        equal = {next(iter(Base.metadata.tables[table].primary_key)).name if c == "rowid" else c for c in conditions}
        if table in Base.metadata.tables and not stops and not is_few(table, equal):
            yield f"{table}: {step}"


def _names(statement: str) -> dict[str, str]:
    """What the tables of a statement are called in it."""
    names: dict[str, str] = {}
    for table in Base.metadata.tables:
        for found in re.finditer(rf"(?:FROM|JOIN|,) {table} (?:AS )?(\w+)", statement):
            names.setdefault(found[1], table)
    return {alias: table for alias, table in names.items() if alias not in Base.metadata.tables}


def prepare_postgres(connection: Connection) -> None:
    """Plan, in this transaction, as if every table were large and one value of a part had few rows."""
    for setting in _SETTINGS:
        connection.exec_driver_sql(f"SET LOCAL {setting} = off")
    connection.exec_driver_sql(
        f"UPDATE pg_class SET relpages = 1, reltuples = {ROWS} WHERE relkind IN ('r', 'i')"
        " AND relnamespace = 'public'::regnamespace"
    )
    for name, table in Base.metadata.tables.items():
        for column in table.columns:
            told = column.name in PARTS or (name, column.name) in OF_TAGS
            if told and column.type.python_type is int:
                _say(connection, name, column.name, "'n_distinct', -0.1::real")
    published = "'most_common_vals', '{published}'::text, 'most_common_freqs', '{0.98}'::real[]"
    _say(connection, "works", "state", f"'n_distinct', 4::real, {published}")
    shown = "'most_common_vals', '{public,registered}'::text, 'most_common_freqs', '{0.9,0.1}'::real[]"
    _say(connection, "works", "visibility", f"'n_distinct', 2::real, {shown}")


def _say(connection: Connection, table: str, column: str, said: str) -> None:
    """Statistics of a column."""
    connection.exec_driver_sql(
        f"SELECT pg_restore_attribute_stats('schemaname', 'public', 'relname', '{table}', 'attname', '{column}',"
        f" 'inherited', false, 'null_frac', 0::real, 'avg_width', 8, {said})"
    )


def postgres_findings(connection: Connection, statement: str, values: Any) -> Iterator[str]:
    """The nodes of PostgreSQL's plan that grow."""
    driver: Any = connection.connection.driver_connection
    with psycopg.ClientCursor(driver) as cursor:
        cursor.execute(f"EXPLAIN (FORMAT JSON) {statement}", values)
        row: Any = cursor.fetchone()
    yield from _growing(row[0][0]["Plan"], "", stops=False)


def _growing(node: dict[str, Any], table: str, *, stops: bool) -> Iterator[str]:
    kind = node["Node Type"]
    stops = kind == "Limit" or (stops and kind not in _WAITING)
    table = node.get("Relation Name", table)
    if kind in _READERS and not stops and not is_few(table, set(_EQUAL.findall(node.get("Index Cond", "")))):
        yield f"{table}: {kind} {node.get('Index Name', '')} {node.get('Index Cond', '')}"
    elif kind == "Seq Scan" and node.get("Filter"):
        yield f"{table}: {kind} {node['Filter']}"
    children = node.get("Plans", ())
    for place, child in enumerate(children):
        first_match = node.get("Join Type") in {"Semi", "Anti"} and place == 1
        yield from _growing(child, table, stops=stops or first_match)
