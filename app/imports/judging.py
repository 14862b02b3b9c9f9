"""What is believed of a batch's files, weighed against the files that told of the same works before."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Connection

from app.imports.chapter_weighing import Row, weigh_chapters
from app.imports.keeping import keep_unsaid
from app.imports.planning import Plan
from app.imports.weighing import TEXT, Input, Weights, bits_of, input_of
from app.kit.text import name_key
from app.works.commands.bulk import ResolvedWork
from app.works.drafts import WorkDraft
from app.works.queries.before import Before, chapters_before

_COMPARED = (
    "title", "summary", "notes", "end_notes", "language", "rating", "warnings", "categories", "status", "published_at",
    "revised_at", "chapters_expected", "visibility", "anonymous", "state", "has_text", "words", "chapters_posted",
    "details",
)  # fmt: skip


def judge(connection: Connection, plan: Plan, before: Mapping[int, Before]) -> None:
    """Take from each draft what others are believed in; what then changes nothing leaves the plan, unchanged."""
    for index, work in list(plan.update):
        known = plan.told.get(work.work_id, ())
        if index not in plan.back and any(one.digest == work.draft.digest for one in known):
            plan.update.remove((index, work))
            plan.results[index].outcome = "unchanged"
    with_text = [work.work_id for _, work in plan.update if work.draft.chapters]
    texts = chapters_before(connection, with_text)
    for index, work in list(plan.update):
        known = plan.told.get(work.work_id, ())
        plan.results[index].notices += _judge_one(work, before[work.work_id], known, texts.get(work.work_id, []))
        if index not in plan.back and not _changes(work, before[work.work_id]):
            plan.update.remove((index, work))
            plan.left.append(work)
            plan.results[index].outcome = "unchanged"


def _judge_one(work: ResolvedWork, before: Before, known: Sequence[Input], rows: Sequence[Row]) -> list[str]:
    """Make a draft what the work is to be; what is to be said of it."""
    draft = work.draft
    new = input_of(draft)
    if new is None:
        keep_unsaid(work, before)
        return []
    weights = Weights(new, known)
    lost = {name for name in draft.said if not weights.wins(name)}
    draft.said -= lost
    if not weights.wins("title"):
        _yield_details(draft, before.row)
    had_text = bool(draft.chapters)
    if had_text and before.row["has_text"]:
        weigh_chapters(rows, draft, weights)
    believed = had_text and (bool(draft.chapters) or weights.wins(TEXT))
    keep_unsaid(work, before)
    work.told = bits_of(draft.said | {TEXT} if believed else draft.said)
    if not lost and (believed or not had_text):
        return []
    if weights.is_outdated:
        return ["A later state of the work is here; of this one only what that does not tell was taken."]
    return ["A fuller format has told this state; of this one only what that does not tell was taken."]


def _yield_details(draft: WorkDraft, row: Mapping[Any, Any]) -> None:
    """What is here stands; what is not here comes to it."""
    here = row["details"]
    extra = draft.details.get("extra", {}) | here.get("extra", {})
    draft.details = draft.details | here | ({"extra": extra} if extra else {})
    if row["state"] in {"draft", "published"}:
        draft.state = row["state"]


def _changes(work: ResolvedWork, before: Before) -> bool:
    """Whether an update would make anything of a work other than it is."""
    draft, row = work.draft, before.row
    if draft.chapters or any(getattr(draft, name) != row[name] for name in _COMPARED):
        return True
    stats = [row[f"brought_{name}"] for name in ("kudos", "comments", "bookmarks", "hits")]
    tags = {kind: [name_key(name) for name in names] for kind, names in draft.tags.items() if names}
    if list(draft.stats) != stats or tags != {
        kind: [name_key(name) for name in names] for kind, names in before.tags.items()
    }:
        return True
    if not work.keeps_byline and [name_key(name) for name in draft.authors] != [
        name_key(name) for _, name in before.authors
    ]:
        return True
    series = {(name_key(title), position or 1) for title, position in draft.series}
    return not work.keeps_series and series != {(name_key(title), position) for title, position in before.series}
