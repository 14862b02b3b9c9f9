"""What a search asks for, independent of how it came in: the checked parameters of a list, as one value."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from app.errors import FieldProblem, Invalid
from app.search.grammar import Node, QuerySyntaxError, parse
from app.search.schema import COUNTERS, DATES, RANGES, TAG_TYPES

MODES = ("", "any_", "exclude_")
TAG_KINDS = (*TAG_TYPES, "tag")
MULTI_TOKENS = ("warning", "category")
SINGLE_TOKENS = ("rating", "status", "language")
FLAGS = {
    "crossover": ("crossover", "single"),
    "single_chapter": ("one", "many"),
    "has_text": ("text", "bare"),
}


@dataclass(frozen=True, slots=True)
class TagFilter:
    """A tag asked for by name or id. ``parameter`` is the one it came by; ``type`` is none for ``tag``."""

    parameter: str
    mode: str
    type: str | None
    name: str | None = None
    id: int | None = None


@dataclass(frozen=True, slots=True)
class TokenFilter:
    """Closed values (or languages) of one field: all, any, or none of them."""

    field: str
    mode: str
    values: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Bound:
    """An inclusive range of a number, or of seconds since 1970."""

    field: str
    low: int | None = None
    high: int | None = None


@dataclass(slots=True)
class Criteria:
    """All conditions; a work has to meet every one."""

    tags: list[TagFilter] = field(default_factory=list)
    tokens: list[TokenFilter] = field(default_factory=list)
    bounds: list[Bound] = field(default_factory=list)
    flags: list[str] = field(default_factory=list)
    members: list[str] = field(default_factory=list)
    authors: list[tuple[str, str]] = field(default_factory=list)
    """(mode, name key)"""
    author_ids: list[int] = field(default_factory=list)
    series_ids: list[int] = field(default_factory=list)
    exact: bool = False
    q: Node | None = None
    text: Node | None = None
    words: tuple[str, str] = ("", "")
    """``q`` and ``text`` as they were given."""

    @property
    def counters(self) -> list[Bound]:
        """The bounds that only the works index knows."""
        return [bound for bound in self.bounds if bound.field in COUNTERS]

    @property
    def is_plain(self) -> bool:
        """Nothing but at most one tag: then facets are worth keeping."""
        rest = (
            self.tokens,
            self.bounds,
            self.flags,
            self.members,
            self.authors,
            self.author_ids,
            self.series_ids,
        )
        return len(self.tags) <= 1 and not any(rest) and self.q is None and self.text is None

    def digest(self) -> str:
        """Names the conditions: a cursor belongs to one set of them."""
        parts = (
            self.tags, self.tokens, self.bounds, self.flags, self.members, self.authors, self.author_ids,
            self.series_ids, self.exact, self.words,
        )  # fmt: skip
        return hashlib.blake2b(repr(parts).encode("utf-8", "surrogatepass"), digest_size=9).hexdigest()


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def criteria_of(given: Mapping[str, Any]) -> Criteria:
    """Criteria from checked parameters by name; raises :class:`~app.errors.Invalid` for an unreadable query."""
    criteria = Criteria(exact=bool(given.get("exact", False)))
    for name, value in given.items():
        reader = _READERS.get(name)
        if reader is not None:
            reader(criteria, value)
    _bounds(criteria, given)
    criteria.q = _grammar(given, "q")
    criteria.text = _grammar(given, "text")
    criteria.words = (given.get("q", ""), given.get("text", ""))
    return criteria


def _grammar(given: Mapping[str, Any], name: str) -> Node | None:
    if name not in given:
        return None
    try:
        return parse(given[name], fields=name == "q")
    except QuerySyntaxError as error:
        detail = f"{error.detail} (at offset {error.offset})"
        problem = FieldProblem(parameter=name, code=error.code, detail=detail, offset=error.offset)
        raise Invalid(f"The query in `{name}` cannot be read.", errors=[problem]) from error


def _bounds(criteria: Criteria, given: Mapping[str, Any]) -> None:
    for name in RANGES:
        low, high = given.get(f"{name}_min"), given.get(f"{name}_max")
        if low is not None or high is not None:
            criteria.bounds.append(Bound(name, low, high))
    now = datetime.now(UTC)
    for name in DATES:
        stem = name.removesuffix("_at")
        after, before = given.get(f"{stem}_after"), given.get(f"{stem}_before")
        if after is not None or before is not None:
            low = int(after.start(now).timestamp()) if after is not None else None
            high = int(before.end(now).timestamp()) if before is not None else None
            criteria.bounds.append(Bound(name, low, high))


def _tag_reader(parameter: str, mode: str, kind: str, *, by_id: bool) -> Any:
    type_of = None if kind == "tag" else kind

    def read(criteria: Criteria, value: Any) -> None:
        for one in _listed(value):
            name, number = (None, one) if by_id else (one, None)
            criteria.tags.append(TagFilter(parameter, mode, type_of, name, number))

    return read


def _token_reader(field_name: str, mode: str) -> Any:
    def read(criteria: Criteria, value: Any) -> None:
        criteria.tokens.append(TokenFilter(field_name, mode, tuple(_listed(value))))

    return read


def _flag_reader(name: str) -> Any:
    yes, no = FLAGS[name]

    def read(criteria: Criteria, value: bool) -> None:  # noqa: FBT001  a parameter's value
        criteria.flags.append(yes if value else no)

    return read


def _readers() -> dict[str, Any]:
    readers: dict[str, Any] = {}
    for mode in MODES:
        for kind in TAG_KINDS:
            for suffix in ("", "_id"):
                parameter = f"{mode}{kind}{suffix}"
                readers[parameter] = _tag_reader(parameter, mode, kind, by_id=bool(suffix))
        for name in MULTI_TOKENS:
            readers[f"{mode}{name}"] = _token_reader(name, mode)
    for name in SINGLE_TOKENS:
        readers[name] = _token_reader(name, "any_")
        readers[f"exclude_{name}"] = _token_reader(name, "exclude_")
    for name in FLAGS:
        readers[name] = _flag_reader(name)
    readers["relationship_with"] = lambda criteria, value: criteria.members.extend(_listed(value))
    readers["author"] = lambda criteria, value: criteria.authors.extend(("", one) for one in _listed(value))
    readers["exclude_author"] = lambda criteria, value: criteria.authors.extend(
        ("exclude_", one) for one in _listed(value)
    )
    readers["author_id"] = lambda criteria, value: criteria.author_ids.extend(_listed(value))
    readers["series_id"] = lambda criteria, value: criteria.series_ids.extend(_listed(value))
    return readers


_READERS = _readers()
