"""When two texts count as alike, and how that is reported. Pure.

The bounds are chosen by measurement; decision 0012 has the figures.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any, Literal

import numpy as np

from app.kit.shingles import Hashes, Likeness

KEYS = 32
"""So many of a sketch's numbers find it again."""
SHARED_KEYS = 2
"""Works that share so many keys are compared."""
COMMON = 64
"""A key that so many works have is a phrase that everybody writes: further works are not kept under it."""
MOST = 10
"""So many works are told of at most, those that are most alike."""

FEWEST_SHARED = 12
"""Of the sampled shingles: with fewer a note of some lines may look like the half of a short text."""
SIMILAR = 0.5
HELD = 0.8
PARTLY_HELD = 0.5
PARTLY_SHARED = 24
LONG_SHARED = 600
"""Shingles, some 130 words: more than notes and disclaimers have. Short texts have to be alike in most of it."""
NAMED_HELD = 0.15
"""Of works with the same title and author."""
SAME_LENGTH = 0.85


@dataclass(frozen=True, slots=True)
class Named:
    """A work that is told of, as it is now."""

    title: str
    anonymous: bool


Relation = Literal["same", "part_of", "holds"]


@dataclass(frozen=True, slots=True)
class Alike:
    """A work whose text is like another's, and how that is known."""

    work_id: int
    title: str
    similarity: float
    """Of all that stands in either text, the share that stands in both."""
    relation: Relation
    """About the ``same`` length; or it is ``part_of`` the other work, or ``holds`` that."""
    held: float
    """How much of its text the other work has."""
    holds: float
    """How much of the other work's text it has."""
    shared_shingles: int
    agrees: tuple[str, ...] = ()
    """What else is the same: ``title``, ``author``."""

    def as_json(self) -> dict[str, Any]:
        """As an item keeps it."""
        return asdict(self)


def judge(work_id: int, title: str, likeness: Likeness, agrees: tuple[str, ...]) -> Alike | None:
    """What is said of a work by how alike it is; nothing where too little is."""
    held = max(likeness.held, likeness.holds)
    alike = (
        likeness.similarity >= SIMILAR
        or held >= HELD
        or (held >= PARTLY_HELD and likeness.shared >= PARTLY_SHARED and likeness.shared_shingles >= LONG_SHARED)
        or (held >= NAMED_HELD and len(agrees) > 1)
    )
    if not alike or likeness.shared < FEWEST_SHARED:
        return None
    return Alike(
        work_id,
        title,
        round(likeness.similarity, 2),
        relation_of(likeness),
        round(likeness.held, 2),
        round(likeness.holds, 2),
        likeness.shared_shingles,
        agrees,
    )


def shown_alike(kept: dict[str, Any], now: Named) -> dict[str, Any]:
    """What an item keeps, with the title of now; of a work that has become anonymous its authors are not told of."""
    agrees = [name for name in kept["agrees"] if not (now.anonymous and name == "author")]
    return kept | {"title": now.title, "agrees": agrees}


def relation_of(likeness: Likeness) -> Relation:
    """Whether two texts are about as long, or else which is a part of which."""
    if min(likeness.held, likeness.holds) >= SAME_LENGTH * max(likeness.held, likeness.holds):
        return "same"
    return "part_of" if likeness.held > likeness.holds else "holds"


def ranked(found: list[Alike]) -> list[Alike]:
    """The works that are most alike, best first."""
    return sorted(found, key=lambda one: (-max(one.held, one.holds), -one.similarity, one.work_id))[:MOST]


def packed(sketch: Hashes) -> bytes:
    """A sketch as it is stored."""
    return sketch.astype("<u8").tobytes()


def unpacked(stored: bytes) -> Hashes:
    """A sketch from what is stored."""
    return np.frombuffer(stored, "<u8").astype(np.uint64)


def keys_of(sketch: Hashes) -> list[int]:
    """What a sketch is found by."""
    keys: list[int] = sketch[:KEYS].tolist()
    return keys
