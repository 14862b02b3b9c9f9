"""The plain answer: every filter, facet and order of works computed from database rows, without the index.

Slow and obvious on purpose. What the index says is compared with this.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import select, text

from app.db.engine import Database
from app.models import Tag, TagBroader, Tagging, Work, WorkAuthor

TYPES = ("fandom", "character", "relationship", "freeform")


@dataclass
class PlainWork:
    """A work as its rows tell it."""

    id: int
    row: dict[str, Any]
    tags: list[int] = field(default_factory=list)
    authors: list[int] = field(default_factory=list)


@dataclass
class Oracle:
    """All public works and tags of a database."""

    works: list[PlainWork]
    tags: dict[int, dict[str, Any]]
    broader: dict[int, set[int]]
    authors: dict[int, str]
    members: dict[int, set[str]]

    @classmethod
    def read(cls, database: Database) -> Oracle:
        with database.read() as session:
            rows = session.execute(
                select(Work.__table__).where(Work.state == "published", Work.visibility == "public")
            ).mappings()
            works = {row["id"]: PlainWork(row["id"], dict(row)) for row in rows}
            for work_id, tag_id in session.execute(
                select(Tagging.work_id, Tagging.tag_id).order_by(Tagging.work_id, Tagging.position)
            ):
                if work_id in works:
                    works[work_id].tags.append(tag_id)
            for work_id, author_id in session.execute(select(WorkAuthor.work_id, WorkAuthor.author_id)):
                if work_id in works:
                    works[work_id].authors.append(author_id)
            tags = {row["id"]: dict(row) for row in session.execute(select(Tag.__table__)).mappings()}
            broader: dict[int, set[int]] = {}
            for narrow, broad in session.execute(select(TagBroader.narrower_id, TagBroader.broader_id)):
                broader.setdefault(narrow, set()).add(broad)
            authors = {row[0]: row[1] for row in session.execute(text("SELECT id, name FROM authors"))}
            members: dict[int, set[str]] = {}
            for tag_id, key in session.execute(text("SELECT relationship_id, name_key FROM relationship_members")):
                members.setdefault(tag_id, set()).add(key)
        return cls(list(works.values()), tags, broader, authors, members)

    def fold(self, tag_id: int) -> int:
        return self.tags[tag_id]["canonical_id"] or tag_id

    def ancestors(self, tag_id: int) -> set[int]:
        found: set[int] = set()
        queue = [tag_id]
        while queue:
            for broad in self.broader.get(queue.pop(), ()):
                if broad not in found:
                    found.add(broad)
                    queue.append(broad)
        return found

    def direct(self, work: PlainWork) -> set[int]:
        return {self.fold(tag) for tag in work.tags}

    def closure(self, work: PlainWork) -> set[int]:
        direct = self.direct(work)
        return direct.union(*(self.ancestors(tag) for tag in direct))

    def named(self, kind: str | None, name: str) -> list[int]:
        key = " ".join(name.casefold().split())
        return [
            tag["id"] for tag in self.tags.values() if tag["name_key"] == key and (kind is None or tag["type"] == kind)
        ]

    def bears(self, work: PlainWork, kind: str | None, name: str, *, exact: bool) -> bool:
        """Whether a work is found by a tag's name."""
        for tag_id in self.named(kind, name):
            if exact and tag_id in work.tags:
                return True
            if not exact and self.fold(tag_id) in self.closure(work):
                return True
        return False

    def crossover(self, work: PlainWork) -> bool | None:
        fandoms = [tag for tag in self.direct(work) if self.tags[tag]["type"] == "fandom"]
        if len(fandoms) <= 1:
            return False
        if not all(self.tags[tag]["canonical"] for tag in fandoms):
            return None
        families = [{tag} | self.ancestors(tag) for tag in fandoms]
        return not any(all(family & other for other in families) for family in families)

    def matches(self, work: PlainWork, params: dict[str, Any]) -> bool:
        return all(self._matches(work, name, value, params) for name, value in params.items())

    def _matches(self, work: PlainWork, name: str, value: Any, params: dict[str, Any]) -> bool:  # noqa: PLR0911
        values = value if isinstance(value, list) else [value]
        exact = params.get("exact") == "true"
        mode, _, rest = ("", "", name) if not name.startswith(("any_", "exclude_")) else name.partition("_")
        if rest in (*TYPES, "tag"):
            kind = None if rest == "tag" else rest
            found = [self.bears(work, kind, one, exact=exact) for one in values]
            return any(found) if mode == "any" else not any(found) if mode == "exclude" else all(found)
        if rest in {"warning", "category"}:
            found = [one in work.row["warnings" if rest == "warning" else "categories"] for one in values]
            return any(found) if mode == "any" else not any(found) if mode == "exclude" else all(found)
        if rest in {"rating", "status", "language"}:
            return (work.row[rest] in values) != (mode == "exclude")
        if rest == "author":
            names = {self.authors[one].casefold() for one in work.authors}
            found = [one.casefold() in names for one in values]
            return not any(found) if mode == "exclude" else all(found)
        if name == "relationship_with":
            wanted = {one.casefold() for one in values}
            return any(wanted <= self._members(tag) for tag in self.direct(work))
        if name in {"crossover", "single_chapter", "has_text"}:
            return self._flag(work, name) is (value == "true")
        if name.endswith(("_min", "_max")):
            number = self._number(work, name[:-4])
            return number >= value if name.endswith("_min") else number <= value
        return name == "exact"

    def _members(self, tag_id: int) -> set[str]:
        """Who a relationship names, under any of its spellings."""
        spellings = [tag_id, *(tag["id"] for tag in self.tags.values() if tag["canonical_id"] == tag_id)]
        return set().union(*(self.members.get(one, set()) for one in spellings))

    def _flag(self, work: PlainWork, name: str) -> bool | None:
        if name == "crossover":
            return self.crossover(work)
        return work.row["chapters_expected"] == 1 if name == "single_chapter" else work.row["has_text"]

    def _number(self, work: PlainWork, name: str) -> int:
        if name in {"words", "chapters"}:
            return int(work.row["words" if name == "words" else "chapters_posted"])
        return int(work.row[f"brought_{name}"] + work.row[f"counted_{name}"])

    def found(self, params: dict[str, Any]) -> list[PlainWork]:
        return [work for work in self.works if self.matches(work, params)]

    def facet(self, works: list[PlainWork], name: str) -> Counter[Any]:
        counter: Counter[Any] = Counter()
        for work in works:
            if name in TYPES:
                counter.update(tag for tag in self.direct(work) if self.tags[tag]["type"] == name)
            elif name in {"warning", "category"}:
                counter.update(work.row["warnings" if name == "warning" else "categories"])
            else:
                counter[work.row[name]] += 1
        return counter
