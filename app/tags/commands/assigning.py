"""Fandoms assigned to wranglers: who looks after what."""

from __future__ import annotations

from sqlalchemy import Connection, delete, select

from app.db.bulk import insert_rows
from app.errors import FieldProblem, Invalid
from app.models import Tag, WranglingAssignment
from app.tags.commands.wrangling import lock_wrangling


def assign_fandom(connection: Connection, *, fandom_id: int, wrangler: str) -> None:
    """Give a fandom to a wrangler; nothing happens where it is theirs already."""
    if connection.execute(select(Tag.type).where(Tag.id == fandom_id)).scalar_one() != "fandom":
        detail = "Only fandoms are assigned."
        raise Invalid(detail, errors=[FieldProblem("not-a-fandom", detail, parameter="tag_id")])
    lock_wrangling(connection)
    own = WranglingAssignment.fandom_id == fandom_id, WranglingAssignment.wrangler == wrangler
    if connection.execute(select(WranglingAssignment.wrangler).where(*own)).first() is None:
        columns = ("fandom_id", "wrangler")
        insert_rows(connection, WranglingAssignment.__table__, columns, [(fandom_id, wrangler)])


def release_fandom(connection: Connection, *, fandom_id: int, wrangler: str) -> None:
    """Take it back."""
    connection.execute(
        delete(WranglingAssignment).where(
            WranglingAssignment.fandom_id == fandom_id, WranglingAssignment.wrangler == wrangler
        )
    )
