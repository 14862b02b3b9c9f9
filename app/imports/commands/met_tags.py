"""The tags that an import has met."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import Connection

from app.kit.text import name_key
from app.search.cards import CardTag
from app.search.schema import TAG_TYPES
from app.tags.commands.making import KnownTag, TagKey, ensure_tags
from app.works.drafts import WorkDraft

MOST = 200_000

Tagging = tuple[str, int, dict[str, Any]]
"""A tag on a work: its type, its id, and its JSON in cards."""


class MetTags:
    """Finds the tags of drafts, and makes what is new. Remembers those it met, which most works share.

    By type and spelling, as a draft has them: to look a tag up by its key, the key has to be made first.
    """

    def __init__(self) -> None:
        self._met: dict[str, dict[str, KnownTag]] = {kind: {} for kind in TAG_TYPES}

    def clear(self) -> None:
        """Forget them: what was made may have been rolled back."""
        for met in self._met.values():
            met.clear()

    def resolve(self, connection: Connection, drafts: Sequence[WorkDraft]) -> list[list[Tagging]]:
        """The tags of each draft."""
        if sum(map(len, self._met.values())) > MOST:
            self.clear()
        self._meet(connection, drafts)
        return [
            [
                (kind, (tag := met[name]).id, tag.shown or _shown(tag))
                for kind, names in draft.tags.items()
                for met in (self._met[kind],)
                for name in names
            ]
            for draft in drafts
        ]

    def _meet(self, connection: Connection, drafts: Iterable[WorkDraft]) -> None:
        names: dict[TagKey, str] = {}
        spellings: dict[tuple[str, str], TagKey] = {}
        for draft in drafts:
            for kind, group in draft.tags.items():
                met = self._met[kind]
                for name in group:
                    if name not in met:
                        key = spellings[kind, name] = kind, name_key(name)
                        names.setdefault(key, name)
        tags = ensure_tags(connection, names, characters=self._met["character"])
        for (kind, name), key in spellings.items():
            self._met[kind][name] = tags[key]


def _shown(tag: KnownTag) -> dict[str, Any]:
    tag.shown = CardTag(tag.id, tag.type, tag.name, tag.kind, tag.members).as_json()
    return tag.shown
