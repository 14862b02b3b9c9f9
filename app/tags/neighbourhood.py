"""A loaded part of the tag graph: tags with their links, and the facts of them that acts change."""

from __future__ import annotations

from dataclasses import dataclass, field

from app.kit.names import parse_relationship
from app.kit.text import name_key
from app.tags.acts import Effect, TagState, What
from app.tags.graph import Links, reached


@dataclass(slots=True)
class Neighbourhood:
    """The tags that some acts name and all that is linked to them, with everything broader, transitively.

    Facts change through :meth:`set_fact` alone, which keeps both directions of a link and notes the effect.
    """

    tags: dict[int, TagState] = field(default_factory=dict)
    parents: Links = field(default_factory=dict)
    children: Links = field(default_factory=dict)
    broader: Links = field(default_factory=dict)
    narrower: Links = field(default_factory=dict)
    synonyms: Links = field(default_factory=dict)
    effects: list[Effect] = field(default_factory=list)

    def add(self, tag: TagState) -> None:
        """Put a loaded tag in."""
        self.tags[tag.id] = tag
        if tag.canonical_id is not None:
            self.synonyms.setdefault(tag.canonical_id, set()).add(tag.id)

    def add_link(self, what: What, tag_id: int, other_id: int, *, there: bool = True) -> None:
        """Put a loaded link in, or take one out."""
        up, down = (self.parents, self.children) if what == "parent" else (self.broader, self.narrower)
        _link(up, tag_id, other_id, there=there)
        _link(down, other_id, tag_id, there=there)

    def fact(self, what: What, tag_id: int, other_id: int | None) -> str | None:
        """The value of a fact now."""
        if what in {"parent", "broader"}:
            links = self.parents if what == "parent" else self.broader
            return "1" if other_id in links.get(tag_id, ()) else None
        tag = self.tags.get(tag_id)
        if what == "created" or tag is None:
            return f"{tag.type}:{tag.name}" if tag else None
        if what == "canonical":
            return "1" if tag.canonical else None
        if what == "canonical_id":
            return None if tag.canonical_id is None else str(tag.canonical_id)
        return tag.name

    def set_fact(self, what: What, tag_id: int, other_id: int | None, value: str | None) -> None:
        """Give a fact a value; nothing is noted where it has that value already."""
        before = self.fact(what, tag_id, other_id)
        if before == value:
            return
        if what == "canonical_id" and before is not None and value is not None:
            # Released first: so that each effect speaks of one canonical, in whose history it stands.
            self.effects.append(Effect(what, tag_id, other_id, before, None))
            before = None
        self.effects.append(Effect(what, tag_id, other_id, before, value))
        if what in {"parent", "broader"}:
            assert other_id is not None
            self.add_link(what, tag_id, other_id, there=value is not None)
        elif what == "created":
            self._create(tag_id, value)
        else:
            self._set(self.tags[tag_id], what, value)

    def take_back(self, count: int) -> None:
        """Undo what was noted after so many effects, newest first."""
        for effect in reversed(self.effects[count:]):
            self.set_fact(effect.what, effect.tag_id, effect.other_id, effect.before)
        del self.effects[count:]

    def _create(self, tag_id: int, value: str | None) -> None:
        if value is None:
            del self.tags[tag_id]
            return
        kind, _, name = value.partition(":")
        self.tags[tag_id] = TagState(tag_id, kind, name, name_key(name), relation_of(kind, name), False, None)

    def _set(self, tag: TagState, what: What, value: str | None) -> None:
        if what == "canonical":
            tag.canonical = value is not None
        elif what == "canonical_id":
            if tag.canonical_id is not None:
                _link(self.synonyms, tag.canonical_id, tag.id, there=False)
            tag.canonical_id = None if value is None else int(value)
            if tag.canonical_id is not None:
                _link(self.synonyms, tag.canonical_id, tag.id, there=True)
        else:
            assert value is not None
            tag.name, tag.name_key, tag.kind = value, name_key(value), relation_of(tag.type, value)

    def fold(self, tag_id: int) -> int:
        """What a tag filters as."""
        return self.tags[tag_id].canonical_id or tag_id

    def all_broader(self, tag_id: int) -> set[int]:
        """Everything broader than a tag, transitively."""
        return reached(self.broader, [tag_id]) - {tag_id}


def _link(links: Links, one: int, other: int, *, there: bool) -> None:
    if there:
        links.setdefault(one, set()).add(other)
    else:
        links.get(one, set()).discard(other)


def relation_of(kind: str, name: str) -> str | None:
    """The kind of a relationship by its name; none for other tags."""
    return parse_relationship(name)[0] if kind == "relationship" else None
