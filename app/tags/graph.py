"""The tag graph, pure: what a tag filters as, everything that is broader than it, and whom an act on it reaches.

Only wrangled tags are held; a tag that the graph does not know is unwrangled and stands for itself.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

Links = dict[int, set[int]]


@dataclass(slots=True)
class TagGraph:
    """Synonym → canonical, canonical tags, and narrower → directly broader, all by tag id.

    ``altered`` are the tags that works show otherwise than their stored cards do: the members of their JSON.
    """

    synonyms: dict[int, int] = field(default_factory=dict)
    canonicals: set[int] = field(default_factory=set)
    broader: Links = field(default_factory=dict)
    altered: dict[int, dict[str, Any]] = field(default_factory=dict)
    _spellings: Links = field(default_factory=dict)
    _narrower: Links = field(default_factory=dict)
    _ancestors: dict[int, tuple[int, ...]] = field(default_factory=dict)

    def put(self, tag_id: int, canonical_id: int | None, *, canonical: bool) -> None:
        """Say what a tag is."""
        if canonical:
            self.canonicals.add(tag_id)
        elif canonical_id is not None:
            self.synonyms[tag_id] = canonical_id
            self._spellings.setdefault(canonical_id, set()).add(tag_id)

    def link(self, narrower: int, broader: int) -> None:
        """Say that one tag is directly broader than another; :meth:`forget_closures` afterwards."""
        self.broader.setdefault(narrower, set()).add(broader)
        self._narrower.setdefault(broader, set()).add(narrower)

    def forget(self, tag_id: int) -> None:
        """Take out what is known of a tag, and its links to broader ones."""
        self.canonicals.discard(tag_id)
        self.altered.pop(tag_id, None)
        canonical = self.synonyms.pop(tag_id, None)
        if canonical is not None:
            _discard(self._spellings, canonical, tag_id)
        for broader in self.broader.pop(tag_id, ()):
            _discard(self._narrower, broader, tag_id)

    def forget_closures(self) -> None:
        """To be called after links changed."""
        self._ancestors.clear()

    def fold(self, tag_id: int) -> int:
        """The canonical of a synonym; any other tag itself."""
        return self.synonyms.get(tag_id, tag_id)

    def ancestors(self, tag_id: int) -> tuple[int, ...]:
        """Everything broader than a canonical tag, transitively; terminates on a cycle."""
        if not self.broader or tag_id not in self.broader:
            return ()
        known = self._ancestors.get(tag_id)
        if known is None:
            known = self._ancestors[tag_id] = tuple(sorted(reached(self.broader, [tag_id]) - {tag_id}))
        return known

    def closure(self, direct: Iterable[int]) -> list[int]:
        """Folded tags and all that is broader than they are."""
        result = list(direct)
        if self.broader:
            seen = set(result)
            for tag_id in [one for one in result if one in self.broader]:
                for ancestor in self.ancestors(tag_id):
                    if ancestor not in seen:
                        seen.add(ancestor)
                        result.append(ancestor)
        return result

    def filters_of(self, tag_ids: Iterable[int]) -> set[int]:
        """The tags themselves and every filter that finds works which carry them."""
        ids = set(tag_ids)
        return ids.union(self.closure({self.fold(one) for one in ids}))

    def spellings(self, tag_ids: Iterable[int]) -> set[int]:
        """Tags with their synonyms."""
        ids = set(tag_ids)
        return ids.union(*(self._spellings.get(one, ()) for one in ids))

    def has_synonyms(self, tag_id: int) -> bool:
        """Whether other tags count for this one."""
        return tag_id in self._spellings

    def reach(self, tag_ids: Iterable[int]) -> set[int]:
        """The tags by which works carry some tags or what is narrower: all spellings."""
        return self.spellings(reached(self._narrower, tag_ids))

    def crossover(self, fandoms: list[int]) -> bool | None:
        """Whether folded fandoms make a crossover; ``None`` where an unwrangled one leaves it unknown.

        One fandom never does. Several do unless one of them shares a family (itself and all that is
        broader) with each of the others.
        """
        if len(fandoms) <= 1:
            return False
        if not self.canonicals.issuperset(fandoms):
            return None
        families = [{fandom, *self.ancestors(fandom)} for fandom in fandoms]
        return not any(all(not family.isdisjoint(other) for other in families) for family in families)


def _discard(links: Links, one: int, other: int) -> None:
    others = links.get(one)
    if others is not None:
        others.discard(other)
        if not others:
            del links[one]


def reached(links: Links, start: Iterable[int]) -> set[int]:
    """All that links lead to, with where they start."""
    seen: set[int] = set()
    queue = list(start)
    while queue:
        current = queue.pop()
        if current not in seen:
            seen.add(current)
            queue.extend(links.get(current, ()))
    return seen
