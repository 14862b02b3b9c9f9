"""The tag graph, pure: what a tag filters as, and everything that is broader than it.

Only wrangled tags are held; a tag that the graph does not know is unwrangled and stands for itself.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field


@dataclass(slots=True)
class TagGraph:
    """Synonym → canonical, canonical tags, and narrower → directly broader, all by tag id."""

    synonyms: dict[int, int] = field(default_factory=dict)
    canonicals: set[int] = field(default_factory=set)
    broader: dict[int, set[int]] = field(default_factory=dict)
    _ancestors: dict[int, tuple[int, ...]] = field(default_factory=dict)

    def fold(self, tag_id: int) -> int:
        """The canonical of a synonym; any other tag itself."""
        return self.synonyms.get(tag_id, tag_id)

    def ancestors(self, tag_id: int) -> tuple[int, ...]:
        """Everything broader than a canonical tag, transitively; terminates on a cycle."""
        if not self.broader or tag_id not in self.broader:
            return ()
        known = self._ancestors.get(tag_id)
        if known is None:
            seen: set[int] = set()
            queue = list(self.broader[tag_id])
            while queue:
                current = queue.pop()
                if current != tag_id and current not in seen:
                    seen.add(current)
                    queue.extend(self.broader.get(current, ()))
            known = self._ancestors[tag_id] = tuple(sorted(seen))
        return known

    def forget_closures(self) -> None:
        """To be called after links changed."""
        self._ancestors.clear()

    def closure(self, direct: Iterable[int]) -> list[int]:
        """Folded tags and all that is broader than they are."""
        result = list(direct)
        if self.broader:
            seen = set(result)
            for tag_id in tuple(result):
                for ancestor in self.ancestors(tag_id):
                    if ancestor not in seen:
                        seen.add(ancestor)
                        result.append(ancestor)
        return result

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
