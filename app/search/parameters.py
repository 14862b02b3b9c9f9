"""The query parameters of every list of works, declared once: parsing, checks and the OpenAPI document."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from app.kit.dates import BadDate, parse_age, parse_moment
from app.kit.languages import language_tag
from app.kit.names import CATEGORIES, RATINGS, STATUSES, WARNINGS, TokenKind, parse_ao3_name
from app.search.criteria import MODES, TAG_KINDS
from app.search.schema import FACETS, RANGES, SORTS
from app.web.params import Param, ParamSet

LARGEST = 2**63 - 1
UNKNOWN = "und"
DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class When:
    """A date, a time or an age, as a bound: a date stands for its whole UTC day."""

    moment: datetime | None = None
    age: timedelta | None = None
    whole_day: bool = False

    def start(self, now: datetime) -> datetime:
        """The earliest moment that it includes."""
        return now - self.age if self.age is not None else self._moment()

    def end(self, now: datetime) -> datetime:
        """The latest second that it includes."""
        if self.age is not None:
            return now - self.age
        return self._moment() + DAY - timedelta(seconds=1) if self.whole_day else self._moment()

    def _moment(self) -> datetime:
        assert self.moment is not None
        return self.moment


def parse_when(value: str) -> When:
    """Read ``2026-11-22``, ``2026-11-22T21:07:10Z`` or ``3d``; raises ``ValueError`` saying what is possible."""
    age = parse_age(value)
    if age is not None:
        if age > datetime.now(UTC) - datetime(1, 1, 2, tzinfo=UTC):
            raise ValueError("an age this long ends before the year 1")
        return When(age=age)
    try:
        return When(moment=parse_moment(value), whole_day="T" not in value and " " not in value)
    except BadDate as error:
        raise ValueError(
            f"a date (2026-11-22), a time (2026-11-22T21:07:10Z) or an age (12h 3d 2w 6m 1y). {str(error).rstrip('.')}"
        ) from error


def _token(kind: TokenKind, allowed: tuple[str, ...]) -> Callable[[str], str]:
    def parse(value: str) -> str:
        token = value.lower() if value.lower() in allowed else parse_ao3_name(kind, value)
        if token not in allowed:
            raise ValueError(f"one of {', '.join(allowed)}")
        return token

    return parse


def parse_language(value: str) -> str:
    """A BCP 47 tag in its usual spelling, also that of works whose language is not known; raises ``ValueError``."""
    tag = UNKNOWN if value.strip().lower() == UNKNOWN else language_tag(value)
    if tag is None:
        raise ValueError("a BCP 47 language tag such as en or zh-Hant")
    return tag


TOKENS: dict[str, tuple[Callable[[str], str], tuple[str, ...]]] = {
    "rating": (_token("rating", RATINGS), RATINGS),
    "warning": (_token("warning", WARNINGS), WARNINGS),
    "category": (_token("category", CATEGORIES), CATEGORIES),
    "status": (_token("status", STATUSES), STATUSES),
    "language": (parse_language, ()),
}
_MODE_DOCS = {"": "all must match", "any_": "at least one must match", "exclude_": "none may match"}


def _tag_params() -> list[Param]:
    params = []
    for mode in MODES:
        for kind in TAG_KINDS:
            what = "tag of whatever type" if kind == "tag" else kind
            rule = f"Repeatable: {_MODE_DOCS[mode]}."
            params.append(
                Param(
                    f"{mode}{kind}",
                    "text",
                    f"Name of a {what}, case-insensitively; synonyms and narrower tags count. {rule}",
                    repeat=True,
                    max_length=300,
                )
            )
            params.append(
                Param(
                    f"{mode}{kind}_id",
                    "integer",
                    f"Id of a {what}. {rule}",
                    repeat=True,
                    minimum=1,
                    maximum=LARGEST,
                )
            )
    return params


def _token_params() -> list[Param]:
    params = []
    for name, (parse, allowed) in TOKENS.items():
        modes = MODES if name in {"warning", "category"} else ("", "exclude_")
        for mode in modes:
            rule = _MODE_DOCS[mode] if name in {"warning", "category"} or mode else "any of them"
            params.append(
                Param(
                    f"{mode}{name}",
                    "token",
                    f"A {name}. Repeatable: {rule}.",
                    repeat=True,
                    enum=allowed,
                    parse=parse,
                )
            )
    return params


def _range_params() -> list[Param]:
    params = []
    for name in RANGES:
        what = "chapters posted" if name == "chapters" else name
        params.append(Param(f"{name}_min", "integer", f"At least so many {what}.", minimum=0, maximum=LARGEST))
        params.append(Param(f"{name}_max", "integer", f"At most so many {what}.", minimum=0, maximum=LARGEST))
    for stem in ("published", "revised"):
        for side in ("after", "before"):
            doc = (
                f"{stem.capitalize()} on or {side} a date (its whole UTC day counts), a time, or an age:"
                " 12h 3d 2w 6m 1y."
            )
            params.append(Param(f"{stem}_{side}", "moment", doc, parse=parse_when, example="2w"))
    return params


FILTERS: list[Param] = [
    *_tag_params(),
    *_token_params(),
    Param("relationship_with", "text", "Relationships, of any kind and spelling, whose members include all the named.",
          repeat=True, max_length=300),
    Param("author", "text", "Name of an author. Repeatable: all.", repeat=True, max_length=300),
    Param("author_id", "integer", "Id of an author. Repeatable: all.", repeat=True, minimum=1, maximum=LARGEST),
    Param("exclude_author", "text", "Name of an author. Repeatable: none.", repeat=True, max_length=300),
    Param("series_id", "integer", "Id of a series.", minimum=1, maximum=LARGEST),
    *_range_params(),
    Param("crossover", "boolean", "Whether the fandoms make a crossover."),
    Param("single_chapter", "boolean", "Whether it is planned as one chapter."),
    Param("has_text", "boolean", "Whether the text is here; metadata alone may have been imported."),
    Param("exact", "boolean", "The very tags named, without synonyms and narrower tags."),
    Param("q", "text", 'Words in title, summary, author and tag names: `"a phrase"`, `-word`, `a OR b`, `( )`, `wor*`,'
          " `title:` `summary:` `author:` `tag:`.", max_length=10_000),
    Param("text", "text", "Words in the stories themselves, in the same grammar without fields.", max_length=10_000),
]  # fmt: skip

SORT_NAMES = (*(f"{sign}{name}" for name in SORTS for sign in ("", "-")), "relevance")

WORK_MEMBERS = (
    "id", "title", "authors", "summary", "notes", "end_notes", "language", "rating", "warnings", "categories",
    "fandoms", "characters", "relationships", "freeforms", "series", "status", "chapters_posted", "chapters_expected",
    "has_text", "words", "published_at", "revised_at", "source", "state", "visibility", "anonymous", "version", "stats",
    "extra", "gifts", "related", "consent", "chapters", "hidden_reason", "restorable_until",
)  # fmt: skip
"""What a work may have; ``app/works/schemas.py`` tells the shapes."""


def fields_param(members: Iterable[str], example: str) -> Param:
    """``fields``: which of an item's members to keep."""
    return Param("fields", "csv", "Keep only these members of each item.", enum=tuple(members), example=example)


FIELDS = fields_param(WORK_MEMBERS, "id,title")
AFTER_CHANGE = Param("after_change", "integer", "Answer with this change (`Archive-Change`) applied.",
                     minimum=0, maximum=LARGEST)  # fmt: skip
ONE = ParamSet([AFTER_CHANGE])
"""Of reads by id."""
PAGING: list[Param] = [
    Param("limit", "integer", "Items a page.", minimum=1, maximum=100, default=20),
    Param("page", "integer", "Which page, from 1; `page` × `limit` ≤ 10,000.", minimum=1, maximum=10_000),
    Param("cursor", "text", "Where the page before ended: its `next`.", max_length=2_000),
]
LISTING: list[Param] = [
    *PAGING,
    FIELDS,
    AFTER_CHANGE,
    Param("sort", "token", "Order; `-` is descending. Default `-revised_at`, with `q` or `text` `relevance`.",
          enum=SORT_NAMES),
    Param("facets", "csv", f"Counts by these, of {', '.join(FACETS)}.", enum=FACETS, example="character,rating"),
    Param("facet_limit", "integer", "Rows a facet.", minimum=1, maximum=100, default=10),
]  # fmt: skip
LOOKUPS: list[Param] = [
    Param("ids", "text", "Up to 100 ids, comma-separated: those works, in this order.", max_length=2_100),
    Param("source_url", "text", "The work imported from that address.", max_length=4_000),
    Param("source_site", "text", "With `source_id`: the work that this site knows by that id.", max_length=255),
    Param("source_id", "text", "See `source_site`.", max_length=255),
]

WORKS = ParamSet([*FILTERS, *LISTING, *LOOKUPS])
WORKS_SEARCH = ParamSet([*FILTERS, *LISTING])
PASSAGES = ParamSet(
    [*FILTERS, *PAGING, fields_param(("work", "chapter", "snippet", "score"), "chapter,snippet"), AFTER_CHANGE]
)
