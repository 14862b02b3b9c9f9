"""Column types that mean the same on SQLite and PostgreSQL."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import BigInteger, DateTime, Dialect, Integer, Text, types
from sqlalchemy.dialects.postgresql import TEXT as PG_TEXT

# SQLite only counts ids up by itself in a column whose type is exactly INTEGER.
BigId = BigInteger().with_variant(Integer, "sqlite")

# Compared byte by byte on both databases: keys must not depend on the locale of a PostgreSQL cluster.
KeyText = Text().with_variant(PG_TEXT(collation="C"), "postgresql")


class UTCDateTime(types.TypeDecorator[datetime]):
    """An aware time, stored in UTC.

    SQLite keeps no offset: 12:00+09:00 would come back as a naive 12:00. So naive values are refused, and
    what is stored is always UTC: ``timestamptz`` on PostgreSQL, microseconds since 1970 on SQLite.
    """

    impl = DateTime(timezone=True)
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> types.TypeEngine[Any]:
        """Microseconds on SQLite, ``timestamptz`` elsewhere."""
        if dialect.name == "sqlite":
            return dialect.type_descriptor(BigInteger())
        return dialect.type_descriptor(DateTime(timezone=True))

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> Any:
        """Refuse a time without an offset."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a time without an offset cannot be stored")
        return to_micros(value) if dialect.name == "sqlite" else value.astimezone(UTC)

    def process_result_value(self, value: Any, dialect: Dialect) -> datetime | None:
        """Always aware, always UTC."""
        if value is None:
            return None
        return from_micros(value) if dialect.name == "sqlite" else value.astimezone(UTC)


_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def to_micros(moment: datetime) -> int:
    """Microseconds since 1970, exact (``timestamp()`` is a float and is not)."""
    delta = moment - _EPOCH
    return (delta.days * 86_400 + delta.seconds) * 1_000_000 + delta.microseconds


def from_micros(micros: int) -> datetime:
    """The aware UTC time of so many microseconds since 1970."""
    seconds, rest = divmod(micros, 1_000_000)
    return datetime.fromtimestamp(seconds, UTC).replace(microsecond=rest)


def from_stored(value: int | datetime) -> datetime:
    """The aware UTC time of what a driver gives: microseconds, or PostgreSQL's time in the session's zone."""
    return from_micros(value) if isinstance(value, int) else value.astimezone(UTC)
