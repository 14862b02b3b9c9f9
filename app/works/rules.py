"""Decisions about works and chapters, pure: plans and statuses, positions and dates."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from app.errors import PreconditionFailed

Seen = frozenset[int] | None
"""The versions that a caller has read; ``None`` is any."""
RESTORABLE = timedelta(days=30)
"""So long a deleted work can be restored."""


def listing_after(listing: str, state: str) -> str:
    """Whether a work is in lists ``now``, was ``formerly`` or ``never``, after a change to a state."""
    if state == "published":
        return "now"
    return "formerly" if listing == "now" else listing


def is_public(state: str, visibility: str) -> bool:
    """Whether a guest may read a work."""
    return state == "published" and visibility == "public"


def chapter_was_public(state: str, *, noted: bool | None, work_was_public: bool) -> bool:
    """Whether a guest may have read a chapter: as its work says, unless something else was noted of it.

    That is noted of drafts that were published once, and of chapters that were posted while their work, which had been
    public, was not.
    """
    return state == "published" and work_was_public if noted is None else noted


def allows(consent: Mapping[str, str], use: str) -> bool:
    """Whether an author allows a use: downloads unless they say no, everything else where they say yes."""
    return consent.get(use) != "no" if use == "download" else consent.get(use) == "yes"


class BadPlan(ValueError):
    """A status and a plan that cannot stand together; ``member`` is the one to change."""

    def __init__(self, member: str, code: str, detail: str) -> None:
        super().__init__(detail)
        self.member = member
        self.code = code
        self.detail = detail


@dataclass(frozen=True, slots=True)
class Plan:
    """How far a work is: ``complete`` exactly while ``posted`` equals ``expected``."""

    status: str
    posted: int
    expected: int | None

    @property
    def is_reached(self) -> bool:
        """Whether all that is planned is posted."""
        return self.posted > 0 and self.posted == self.expected


def settled(plan: Plan) -> Plan:
    """The plan with the status that follows from it; hiatus and abandoned stay until it is reached."""
    if plan.is_reached:
        return replace(plan, status="complete")
    return replace(plan, status="in_progress") if plan.status == "complete" else plan


def after_change(before: Plan, posted: int) -> Plan:
    """The plan once so many chapters are posted: a complete n/n work that gets another is n+1/n+1."""
    expected = before.expected
    if expected is not None and posted > expected:
        expected = posted
    return settled(Plan(before.status, posted, expected))


def chosen(
    before: Plan,
    *,
    status: str | None = None,
    expected: int | None = None,
    sets_expected: bool = False,
    written: int = 1,
) -> Plan:
    """The plan after its author chose a status, a number of chapters (``None`` is "?") or both.

    While nothing is posted, ``complete`` is a promise: the chapters ``written`` are the plan, and the status follows
    once they are posted. Raises :class:`BadPlan`.
    """
    if sets_expected and expected is not None and expected < before.posted:
        detail = f"{before.posted} chapters are posted; the plan cannot be below that."
        raise BadPlan("chapters_expected", "plan-below-posted", detail)
    if status == "complete":
        whole = before.posted or max(written, 1)
        if sets_expected and before.posted and expected not in {None, whole}:
            detail = f"A complete work is planned as what is posted: {whole} chapters."
            raise BadPlan("chapters_expected", "plan-not-complete", detail)
        planned = expected if sets_expected and expected is not None else None
        return settled(Plan("complete", before.posted, planned or whole))
    if status is not None and not sets_expected and before.is_reached:
        # What is no longer complete has an open end, or else it would still be complete.
        return settled(Plan(status, before.posted, None))
    plan = settled(Plan(status or before.status, before.posted, expected if sets_expected else before.expected))
    if status is not None and plan.status != status:
        detail = f"All {plan.posted} planned chapters are posted: such a work is complete."
        raise BadPlan("status", "plan-reached", detail)
    return plan


def clamped(position: int | None, last: int) -> int:
    """A position from 1 to ``last``; none asks for the last."""
    return last if position is None else max(1, min(position, last))


def order_problem(given: Sequence[int], stored: Iterable[int]) -> str | None:
    """What is wrong with a new order of chapters, in words: it has to name each exactly once."""
    wanted = set(stored)
    if len(set(given)) != len(given):
        return "A chapter stands in it twice."
    if strange := [one for one in given if one not in wanted]:
        return f"{len(strange)} of its chapters are not of this work."
    return f"{len(wanted) - len(given)} chapters are missing in it." if len(given) != len(wanted) else None


def revised_without(revised: datetime, gone: datetime, left: Sequence[datetime], published: datetime) -> datetime:
    """When a work was revised once a posted chapter is gone: only the newest one takes the date back."""
    return max([published, *left]) if gone >= revised else revised


def check_seen(seen: Seen, version: int) -> None:
    """Raise 412 unless the version is one that the caller has read."""
    if seen is not None and version not in seen:
        raise PreconditionFailed("It was changed in the meantime; read it again.")
