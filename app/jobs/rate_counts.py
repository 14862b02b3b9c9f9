"""What all processes together have taken of a limit in a slot of time."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import Connection, delete, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from app.models import RateCount


@dataclass(frozen=True, slots=True)
class Bucket:
    """One caller's count in one slot: seconds since 1970 at which it began, and its length."""

    name: str
    begins: int
    seconds: int

    @property
    def ends_at(self) -> datetime:
        """When it counts no longer."""
        return datetime.fromtimestamp(self.begins + self.seconds, UTC)


def add_to_count(session: Session, bucket: Bucket, taken: int) -> int:
    """Add to a count; what it is now."""
    insert = sqlite.insert if session.get_bind().dialect.name == "sqlite" else postgresql.insert
    row = {"bucket": bucket.name, "slot": bucket.begins, "taken": taken, "ends_at": bucket.ends_at}
    added = insert(RateCount).values(row)
    counted = added.on_conflict_do_update(
        index_elements=["bucket", "slot"], set_={"taken": RateCount.taken + added.excluded.taken}
    ).returning(RateCount.taken)
    return session.execute(counted).scalar_one()


def counts_of(connection: Connection, buckets: list[Bucket]) -> list[int]:
    """The counts of some buckets."""
    found: dict[tuple[str, int], int] = {}
    query = select(RateCount.bucket, RateCount.slot, RateCount.taken)
    for name, slot, taken in connection.execute(query.where(RateCount.bucket.in_([bucket.name for bucket in buckets]))):
        found[name, slot] = taken
    return [found.get((bucket.name, bucket.begins), 0) for bucket in buckets]


def drop_old_counts(session: Session) -> None:
    """Forget what counts no longer."""
    session.execute(delete(RateCount).where(RateCount.ends_at < datetime.now(UTC)))
