"""Reads of one statement: no round trips to the server for a transaction around it."""

from __future__ import annotations

from typing import Any

from sqlalchemy import text

from tests.conftest import TestArchive


def test_one_statement_opens_no_transaction_on_the_server(archive: TestArchive) -> None:
    archive.add({"title": "One", "fandoms": ["Test"]})
    for _ in range(2):
        with archive.database.quick() as connection:
            assert connection.execute(text("SELECT title FROM works WHERE id = 1")).scalar_one() == "One"
            driver: Any = connection.connection.driver_connection
            assert not (driver.in_transaction if archive.database.is_sqlite else driver.info.transaction_status)
        # The connection is lent again, for transactions.
        with archive.database.reading() as connection:
            connection.execute(text("SELECT 1"))
            driver = connection.connection.driver_connection
            assert driver.in_transaction if archive.database.is_sqlite else driver.info.transaction_status
