"""Near duplicates of imported works: found and reported, never merged."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Connection

from app.accounts.queries import readable_works
from app.accounts.rules import Viewer
from app.imports.planning import ItemResult
from app.imports.rules import Rights
from app.kit.text import name_key
from app.works.commands.sketching import insert_sketches, mark_for_sketching
from app.works.drafts import WorkDraft
from app.works.queries.alike import Postings, Probe, find_alike

Brought = tuple[WorkDraft, ItemResult]


def tell_alike(
    connection: Connection, rights: Rights, drafts: Sequence[WorkDraft], results: Sequence[ItemResult]
) -> None:
    """Store the sketches of works that were just created, and say which works are like what came in.

    What an update leaves of a work is more than the draft says, so that sketch is made later from what is stored.
    """
    pairs = list(zip(drafts, results, strict=True))
    created = {result.work_id: draft.sketch for draft, result in pairs if result.outcome == "created"}
    sketches = {work_id: sketch for work_id, sketch in created.items() if work_id is not None}
    postings = insert_sketches(connection, sketches)
    updated = [(draft, result) for draft, result in pairs if result.outcome == "updated"]
    mark_for_sketching(connection, [result.work_id for _, result in updated if result.work_id is not None])
    _tell(connection, rights, [pair for pair in pairs if pair[1].outcome == "created"], postings)
    _tell(connection, rights, updated, None)


def foresee_alike(
    connection: Connection, rights: Rights, drafts: Sequence[WorkDraft], results: Sequence[ItemResult]
) -> None:
    """The same for a trial, with what is stored now."""
    pairs = list(zip(drafts, results, strict=True))
    _tell(connection, rights, [pair for pair in pairs if pair[1].outcome in {"created", "updated"}], None)


def _tell(connection: Connection, rights: Rights, brought: Sequence[Brought], postings: Postings | None) -> None:
    pairs = [(draft, result) for draft, result in brought if len(draft.sketch)]
    if not pairs:
        return
    probes = [
        Probe(
            result.work_id,
            draft.sketch,
            draft.title,
            frozenset() if draft.anonymous else frozenset(map(name_key, draft.authors)),
        )
        for draft, result in pairs
    ]
    found = find_alike(connection, probes, readable_works(_viewer_of(rights)), postings)
    for (_, result), alike in zip(pairs, found, strict=True):
        result.alike = alike


def _viewer_of(rights: Rights) -> Viewer:
    """What an importer may see: an operator all, a member what is listed, and their own."""
    if rights.any_work:
        return Viewer(signed_in=True, scopes=frozenset({"admin"}))
    return Viewer(signed_in=True, author_ids=rights.author_ids)
