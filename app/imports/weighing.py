"""Which of several files of one work is believed in what: the later state, and of one state the fuller format. Pure.

A file is weighed member by member. What a lossy format cannot tell in full counts least, whatever its date; then the
later day wins, then more chapters, then the format that keeps more. Of two files of one format and day the one that was
imported last wins.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from app.works.drafts import WorkDraft

FROM_POOR_TO_FULL = (
    "metadata-text", "opf", "plain-text", "mail", "journal", "generic-epub", "html", "markdown", "rtf", "docx", "odt",
    "fictionbook", "ao3-feed", "fichub-epub", "fichub-html", "titlepage-epub", "fanficfare-txt", "scraper-csv",
    "fanficfare-json", "book-json", "fanfiction-page", "story-page", "fanficfare-html", "fanficfare-epub",
    "ao3-listing", "ao3-epub", "ao3-html", "ao3-page", "works-json", "efiction-sql", "fanarchive-html",
    "fanarchive-epub", "ndjson",
)  # fmt: skip
"""Every format, by how much of a work it keeps."""
RANKS = {name: rank for rank, name in enumerate(FROM_POOR_TO_FULL)}
TEXT = "text"
MEMBERS = (
    TEXT, "title", "authors", "summary", "notes", "end_notes", "language", "rating", "warnings", "categories", "series",
    "status", "fandom", "character", "relationship", "freeform", "published_at", "revised_at", "chapters_expected",
    "words", "chapters_posted", "kudos", "comments", "bookmarks", "hits",
)  # fmt: skip
"""What a file tells of a work; each is a bit of what is kept, so new ones come at the end."""
_BITS = {name: 1 << place for place, name in enumerate(MEMBERS)}
_TAGS = frozenset({"rating", "warnings", "categories", "fandom", "character", "relationship", "freeform"})
_IN_PART = {
    "fichub-epub": _TAGS | {"authors"},
    "fichub-html": _TAGS | {"authors"},
    "fanficfare-epub": {"series", "authors"},
    "fanficfare-html": {"series", "authors"},
    "fanficfare-txt": {"series", "authors"},
    "fanficfare-json": {"series", "authors"},
}
"""What a format tells of some works in part: FicHub a sentence of tags, FanFicFare one series and not all authors."""


@dataclass(frozen=True, slots=True)
class Input:
    """A file that told something of a work."""

    place: bytes
    format: str
    digest: bytes
    told: int
    day: int | None
    posted: int | None
    """The day of the state that it told, and how many chapters were out."""

    @property
    def rank(self) -> int:
        """How much its format keeps."""
        return RANKS.get(self.format, -1)

    def tells(self, member: str) -> bool:
        """Whether it told this of the work."""
        return bool(self.told & _BITS[member])


def place_of(file_format: str, name: str) -> bytes:
    """What stands for a file, whatever is in it: the next time it is its new content that counts."""
    return hashlib.blake2b(f"{file_format}\n{name}".encode(errors="surrogateescape"), digest_size=8).digest()


def bits_of(members: Iterable[str]) -> int:
    """Some members as a number."""
    return sum(_BITS[name] for name in members if name in _BITS)


def input_of(draft: WorkDraft) -> Input | None:
    """The file that a draft was read from; ``None`` where it comes from no file."""
    if draft.format is None or draft.digest is None:
        return None
    dated = draft.revised_at if "revised_at" in draft.said else draft.published_at
    day = dated.toordinal() if draft.said & {"revised_at", "published_at"} else None
    members = draft.said | {TEXT} if draft.chapters else draft.said
    return Input(draft.place, draft.format, draft.digest, bits_of(members), day, draft.chapters_told)


@dataclass(frozen=True, slots=True)
class Weights:
    """A file against those that told of the work before."""

    new: Input
    known: Sequence[Input]

    @property
    def is_older(self) -> bool:
        """Whether the day of a later state of the work is known than the one that it tells."""
        return any(_by_day(self.new, one) < 0 for one in self.known)

    @property
    def is_outdated(self) -> bool:
        """The same, also by the number of chapters."""
        return any((_by_day(self.new, one) or _by_chapters(self.new, one)) < 0 for one in self._others)

    def wins(self, member: str) -> bool:
        """Whether it is believed in a member that it tells."""
        return all(_compared(self.new, one, member) >= 0 for one in self._others if one.tells(member))

    @property
    def _others(self) -> list[Input]:
        """All but the former content of the same file, which only counts where it was of a later day."""
        return [one for one in self.known if one.place != self.new.place or _by_day(self.new, one) < 0]

    @property
    def is_fullest(self) -> bool:
        """Whether no other file with text is of a format that keeps more."""
        return all(one.rank <= self.new.rank for one in self.known if one.tells(TEXT))

    @property
    def is_fuller(self) -> bool:
        """Whether every other file with text is of a format that keeps less."""
        return all(one.rank < self.new.rank for one in self.known if one.tells(TEXT))

    @property
    def is_of_another_format(self) -> bool:
        """Whether no file of this format has told the text before."""
        formats = {one.format for one in self.known if one.tells(TEXT)}
        return bool(formats) and self.new.format not in formats


def _compared(one: Input, other: Input, member: str) -> int:
    """Above 0 where the first is believed in a member, below where the other is."""
    whole = _tells_whole(one, member) - _tells_whole(other, member)
    return whole or _by_day(one, other) or _by_chapters(one, other) or one.rank - other.rank


def _tells_whole(one: Input, member: str) -> bool:
    return member not in _IN_PART.get(one.format, ())


def _by_day(one: Input, other: Input) -> int:
    return 0 if one.day is None or other.day is None else one.day - other.day


def _by_chapters(one: Input, other: Input) -> int:
    """By how many chapters are out; of one format without days a smaller number may as well be the later one."""
    if one.posted is None or other.posted is None or (one.format == other.format and None in {one.day, other.day}):
        return 0
    return one.posted - other.posted
