"""What reads and writes of claims do: planned here, run in one transaction. No HTTP, no SQL."""

from __future__ import annotations

from typing import Any

import orjson

from app.accounts.acts import Done, Step
from app.accounts.rules import Viewer, require_account
from app.db.engine import Transaction
from app.errors import NotFound
from app.kit.dates import rfc3339
from app.moderation.commands import claiming
from app.moderation.queries import claim_row, claims, works_signed
from app.search.answers import author_body
from app.search.archive import Archive, Given
from app.web.listing import ListAnswer, answer_rows, place_of


def _claim(row: Any) -> dict[str, Any]:
    return {
        "id": row[0],
        "author": {"id": row[1], "name": row[2], "site": row[3]},
        "works": row[4],
        "by": row[5],
        "account_id": row[6],
        "evidence": row[7],
        "at": rfc3339(row[8]),
        "state": row[9],
        "note": row[10],
        "decided_by": row[11],
        "decided_at": rfc3339(row[12]) if row[12] is not None else None,
    }


def _effect(connection: Any, viewer: Viewer, author_id: int) -> dict[str, Any]:
    count, words, examples = works_signed(connection, viewer, author_id)
    return {"works_count": count, "words": words, "examples": [{"id": row[0], "title": row[1]} for row in examples]}


def claims_page(archive: Archive, given: Given) -> ListAnswer:
    """``GET /v1/moderation/claims``."""
    state = given.get("state")
    place = place_of(given, archive.secret, f"claims{state}")
    with archive.database.reading() as connection:
        found = claims(connection, place, state=state)
    return answer_rows(found, place, archive.secret, given, f"claims{state}", _claim)


def own_claims_page(archive: Archive, viewer: Viewer, given: Given) -> ListAnswer:
    """``GET /v1/me/claims``."""
    account_id = require_account(viewer)
    place = place_of(given, archive.secret, f"claims of {account_id}")
    with archive.database.reading() as connection:
        found = claims(connection, place, account_id=account_id)
    return answer_rows(found, place, archive.secret, given, f"claims of {account_id}", _claim)


def claim_body(archive: Archive, viewer: Viewer, claim_id: int) -> bytes:
    """``GET /v1/moderation/claims/{id}``: with what it would do."""
    with archive.database.reading() as connection:
        return _whole(connection, viewer, claim_id)


def _whole(connection: Any, viewer: Viewer, claim_id: int) -> bytes:
    row = claim_row(connection, claim_id)
    if row is None:
        raise NotFound("There is no such claim.")
    return orjson.dumps(_claim(row) | _effect(connection, viewer, row[1]))


def make_claim(archive: Archive, viewer: Viewer, given: Given) -> Step:
    """``POST /v1/claims``: of an author whom the caller may know of; a trial shows what it would do."""
    account_id, author_id = require_account(viewer), given["author_id"]
    author_body(archive, viewer, author_id, {})
    works, evidence = given.get("works", "keep"), given["evidence"].strip()

    def step(session: Transaction) -> Done:
        connection = session.connection()
        if given.get("dry_run"):
            author = claiming.require_claimable(session, author_id)
            trial = {
                "id": None,
                "author": {"id": author_id, "name": author.name, "site": author.site},
                "works": works,
                "by": viewer.name,
                "account_id": account_id,
                "evidence": evidence,
                "at": None,
                "state": "trial",
                "note": "",
                "decided_by": None,
                "decided_at": None,
            }
            return Done(200, orjson.dumps(trial | _effect(connection, viewer, author_id)))
        claim = claiming.make_claim(session, account_id=account_id, author_id=author_id, evidence=evidence, works=works)
        return Done(201, _whole(connection, viewer, claim.id), {"Location": "/v1/me/claims"})

    return step


def drop_claim(viewer: Viewer, claim_id: int) -> Step:
    """``DELETE /v1/me/claims/{id}``."""
    account_id = require_account(viewer)

    def step(session: Transaction) -> Done:
        claiming.drop_claim(session, account_id=account_id, claim_id=claim_id)
        return Done()

    return step


def grant_claim(viewer: Viewer, claim_id: int, given: Given) -> Step:
    """``POST /v1/moderation/claims/{id}/grant``."""

    def step(session: Transaction) -> Done:
        change = claiming.grant_claim(session, viewer=viewer, claim_id=claim_id, note=given.get("note", "").strip())
        headers = {} if change is None else {"Archive-Change": str(change)}
        return Done(200, _whole(session.connection(), viewer, claim_id), headers)

    return step


def refuse_claim(viewer: Viewer, claim_id: int, given: Given) -> Step:
    """``POST /v1/moderation/claims/{id}/refuse``."""

    def step(session: Transaction) -> Done:
        claiming.refuse_claim(session, viewer=viewer, claim_id=claim_id, note=given.get("note", "").strip())
        return Done(200, _whole(session.connection(), viewer, claim_id))

    return step
