"""What an input does not say stays as it is: a list of titles and counters takes no notes, tags or text away."""

from __future__ import annotations

from app.works.commands.bulk import ResolvedWork
from app.works.drafts import WorkDraft
from app.works.queries.before import Before

_PLAIN = (
    "title", "summary", "notes", "end_notes", "language", "rating", "warnings", "categories", "status", "published_at",
    "revised_at", "chapters_expected",
)  # fmt: skip
_STATS = ("kudos", "comments", "bookmarks", "hits")


def keep_unsaid(work: ResolvedWork, before: Before) -> None:
    """Fill a draft that is going to update a work with what the work has and the draft's source does not say."""
    draft, row = work.draft, before.row
    for name in _PLAIN:
        if name not in draft.said:
            setattr(draft, name, row[name])
    for kind in draft.tags:
        if kind not in draft.said:
            draft.tags[kind] = before.tags.get(kind, [])
    kudos, comments, bookmarks, hits = (
        value if name in draft.said else row[f"brought_{name}"] for name, value in zip(_STATS, draft.stats, strict=True)
    )
    draft.stats = (kudos, comments, bookmarks, hits)
    draft.details = row["details"] | draft.details
    work.keeps_series = "series" not in draft.said
    # Nobody takes a pen name off a work by a file.
    work.keeps_byline = "authors" not in draft.said or before.is_signed
    if "authors" not in draft.said:
        draft.authors = [name for _, name in before.authors]
    _keep_closed(draft, before)
    keep_text(draft, before)
    draft.revised_at = max(draft.revised_at, draft.published_at)


def _keep_closed(draft: WorkDraft, before: Before) -> None:
    """Most inputs cannot say that a work is for registered readers or anonymous, and open it by saying nothing."""
    if before.row["visibility"] == "registered" and draft.visibility == "public":
        draft.visibility = "registered"
        draft.notices.append("It stays for registered readers.")
    if before.row["anonymous"] and not draft.anonymous:
        draft.anonymous = True
        draft.notices.append("It stays anonymous.")


def keep_text(draft: WorkDraft, before: Before) -> None:
    """An input without chapters leaves those that are here, and what is counted of them."""
    row = before.row
    if not draft.chapters:
        if row["has_text"] or "words" not in draft.said:
            draft.words = row["words"]
        if row["has_text"] or "chapters_posted" not in draft.said:
            draft.chapters_posted = row["chapters_posted"]
        draft.has_text = row["has_text"]
    if draft.chapters_expected is not None:
        draft.chapters_expected = max(draft.chapters_expected, draft.chapters_posted)
