"""What is to be done with the drafts of a batch, and what is said of each."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Literal

from app.imports.errors import ItemFailed
from app.imports.rules import Mode
from app.imports.weighing import Input
from app.works.alike import Alike
from app.works.commands.bulk import ResolvedWork
from app.works.queries.identities import Identity, StoredWork

Outcome = Literal["created", "updated", "unchanged", "failed"]


@dataclass(slots=True)
class ItemResult:
    """What became of one item."""

    outcome: Outcome
    work_id: int | None = None
    problem: dict[str, Any] | None = None
    notices: list[str] = field(default_factory=list)
    alike: list[Alike] = field(default_factory=list)


@dataclass(slots=True)
class Plan:
    """One batch, sorted by what is to be done."""

    results: list[ItemResult]
    create: list[tuple[int, ResolvedWork]] = field(default_factory=list)
    update: list[tuple[int, ResolvedWork]] = field(default_factory=list)
    left: list[ResolvedWork] = field(default_factory=list)
    """Drafts that change nothing."""
    back: set[int] = field(default_factory=set)
    """Those whose works come back after the undo of an import."""
    told: dict[int, list[Input]] = field(default_factory=dict)
    """What told of the works of ``update`` before, by work."""
    known: set[Identity] = field(default_factory=set)


def failed(code: str, detail: str, pointer: str | None = None) -> ItemResult:
    """An item that cannot be imported."""
    return ItemResult("failed", problem=ItemFailed(code, detail, pointer).as_problem())


def decide(plan: Plan, index: int, work: ResolvedWork, stored: StoredWork, mode: Mode) -> ItemResult:
    """What becomes of a draft whose work is here: it goes into the plan, or is left, or fails."""
    undone = stored.undone_import is not None and stored.state == "deleted"
    if stored.state in {"deleted", "hidden"} and not undone:
        return failed("withdrawn", "The work was here and was withdrawn; a moderator can lift that.", "/source")
    if mode == "create_only" and not undone:
        return ItemResult("unchanged", stored.id, notices=["It is here, and was left as it is."])
    if stored.digest == work.draft.digest and mode == "upsert" and not undone:
        return ItemResult("unchanged", stored.id)
    if stored.edited and mode != "replace":
        return left_as_it_is(stored.id)
    work.work_id, work.version = stored.id, stored.version + 1
    work.was_public, work.listing = stored.was_public, stored.listing
    plan.update.append((index, work))
    if undone:
        plan.back.add(index)
    notices = ["The undo of an import had taken it away; it is back."] if undone else []
    return ItemResult("updated", stored.id, notices=notices)


def left_as_it_is(work_id: int) -> ItemResult:
    """A work whose edits are not overwritten."""
    return ItemResult("unchanged", work_id, notices=["It was edited here since, and was left as it is."])
