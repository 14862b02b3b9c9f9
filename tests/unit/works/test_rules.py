"""Plans, positions and dates of works."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from app.works.rules import BadPlan, Plan, after_change, chosen, clamped, order_problem, revised_without


def test_complete_holds_exactly_while_posted_is_planned() -> None:
    one = chosen(Plan("in_progress", 1, None), expected=1, sets_expected=True)
    assert one == Plan("complete", 1, 1)
    assert chosen(one, expected=None, sets_expected=True) == Plan("in_progress", 1, None)
    two = after_change(chosen(one, expected=3, sets_expected=True), 2)
    assert two == Plan("in_progress", 2, 3)
    assert after_change(two, 3) == Plan("complete", 3, 3)


def test_a_chapter_posted_to_a_complete_work_is_one_more_of_the_plan() -> None:
    assert after_change(Plan("complete", 2, 2), 3) == Plan("complete", 3, 3)
    assert after_change(chosen(Plan("complete", 2, 2), expected=5, sets_expected=True), 3).status == "in_progress"


def test_hiatus_and_abandoned_stay_until_all_is_posted() -> None:
    for status in ("hiatus", "abandoned"):
        assert after_change(Plan(status, 1, 3), 2) == Plan(status, 2, 3)
        assert after_change(Plan(status, 2, 3), 3) == Plan("complete", 3, 3)
        assert after_change(Plan(status, 2, None), 3) == Plan(status, 3, None)


def test_a_status_that_is_set() -> None:
    assert chosen(Plan("in_progress", 3, None), status="complete") == Plan("complete", 3, 3)
    assert chosen(Plan("in_progress", 3, 9), status="complete") == Plan("complete", 3, 3)
    assert chosen(Plan("complete", 3, 3), status="hiatus") == Plan("hiatus", 3, None)
    assert chosen(Plan("complete", 3, 3), status="in_progress", expected=5, sets_expected=True).expected == 5


def test_nothing_posted_yet_and_complete_is_a_promise() -> None:
    assert chosen(Plan("in_progress", 0, None), status="complete", written=2) == Plan("in_progress", 0, 2)
    promised = chosen(Plan("in_progress", 0, None), status="complete")
    assert after_change(promised, 1) == Plan("complete", 1, 1)


def test_a_deleted_chapter_leaves_the_plan() -> None:
    assert after_change(Plan("complete", 3, 3), 2) == Plan("in_progress", 2, 3)


@pytest.mark.parametrize(
    ("plan", "status", "expected", "code"),
    [
        (Plan("in_progress", 3, None), None, 2, "plan-below-posted"),
        (Plan("in_progress", 3, None), "complete", 5, "plan-not-complete"),
        (Plan("in_progress", 3, None), "hiatus", 3, "plan-reached"),
    ],
)
def test_plans_that_cannot_be(plan: Plan, status: str | None, expected: int, code: str) -> None:
    with pytest.raises(BadPlan) as caught:
        chosen(plan, status=status, expected=expected, sets_expected=True)
    assert caught.value.code == code


def test_positions_are_clamped() -> None:
    assert [clamped(position, 4) for position in (None, 2, 2000, -5, 0)] == [4, 2, 4, 1, 1]


def test_an_order_names_every_chapter_once() -> None:
    assert order_problem([3, 1, 2], [1, 2, 3]) is None
    assert order_problem([1, 1, 2], [1, 2, 3]) == "A chapter stands in it twice."
    assert order_problem([1, 2, 9], [1, 2, 3]) == "1 of its chapters are not of this work."
    assert order_problem([1, 2], [1, 2, 3]) == "1 chapters are missing in it."


def test_only_the_newest_chapter_takes_the_date_back() -> None:
    first, second, third = (datetime(2020, month, 1, tzinfo=UTC) for month in (1, 2, 3))
    assert revised_without(third, third, [first, second], first) == second
    assert revised_without(third, second, [first, third], first) == third
    assert revised_without(third, first, [first], first) == third
