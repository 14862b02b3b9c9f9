"""When works are told to be alike."""

from __future__ import annotations

import pytest

from app.kit.shingles import Likeness, sketch_of
from app.works.alike import MOST, Alike, Named, judge, packed, ranked, relation_of, shown_alike, unpacked
from tests.prose import html, prose


@pytest.mark.parametrize(
    ("likeness", "agrees", "told"),
    [
        (Likeness(0.5, 0.7, 0.6, 70, 400), (), True),
        (Likeness(0.4, 0.6, 0.5, 50, 400), (), False),
        (Likeness(0.1, 1.0, 0.1, 12, 300), (), True),
        (Likeness(0.1, 1.0, 0.1, 11, 300), (), False),
        (Likeness(0.3, 0.5, 0.5, 23, 900), (), False),
        (Likeness(0.3, 0.49, 0.49, 30, 900), (), False),
        (Likeness(0.3, 0.5, 0.5, 30, 600), (), True),
        (Likeness(0.3, 0.5, 0.5, 30, 599), (), False),
        (Likeness(0.1, 0.15, 0.15, 15, 300), ("title",), False),
        (Likeness(0.1, 0.15, 0.15, 15, 300), ("title", "author"), True),
        (Likeness(), ("title", "author"), False),
    ],
)
def test_bounds(likeness: Likeness, agrees: tuple[str, ...], told: bool) -> None:  # noqa: FBT001
    assert (judge(1, "T", likeness, agrees) is not None) is told


@pytest.mark.parametrize(
    ("held", "holds", "relation"),
    [(1.0, 1.0, "same"), (0.7, 0.62, "same"), (1.0, 0.25, "part_of"), (0.25, 1.0, "holds"), (0.6, 0.5, "part_of")],
)
def test_relations(held: float, holds: float, relation: str) -> None:
    assert relation_of(Likeness(0.2, held, holds, 20, 900)) == relation


def test_the_most_alike_come_first_and_only_some_are_told() -> None:
    found = [Alike(number, "T", 0.5, "same", 0.5 + number / 100, 0.5, 900) for number in range(1, 20)]
    assert [one.work_id for one in ranked(found)] == list(range(19, 19 - MOST, -1))


def test_a_sketch_is_stored_whole() -> None:
    sketch = sketch_of([html(prose(1, 500))])
    assert unpacked(packed(sketch)).tolist() == sketch.tolist()
    assert len(packed(sketch)) == 2_000


def test_the_authors_of_a_work_that_has_become_anonymous_are_not_told_of() -> None:
    kept = Alike(3, "Then", 1.0, "same", 1.0, 1.0, 900, ("title", "author")).as_json()
    assert shown_alike(kept, Named("Now", anonymous=False))["agrees"] == ["title", "author"]
    shown = shown_alike(kept, Named("Now", anonymous=True))
    assert (shown["agrees"], shown["title"]) == (["title"], "Now")
