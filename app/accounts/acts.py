"""How a write runs: one hop to a thread, one transaction, and the same answer again for the same ``Idempotency-Key``.

A handler gives :func:`act` a *plan*. The plan is called in the thread and does what needs no transaction (cleaning
texts, hashing), so that the write lock is held for milliseconds; it returns the *step*, which gets the session and
returns what was :class:`Done`, body and all, because the answer is kept in the same transaction::

    def rename(archive: Archive, viewer: Viewer, title: str) -> Step:
        cleaned = clean(title)
        return lambda session: Done(body=..., headers={"ETag": ...})

    return await act(request, viewer, rename, archive, viewer, title)

An error rolls everything back and is not kept: a repeat tries anew.
"""

from __future__ import annotations

import hashlib
import hmac
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from fastapi import Request
from sqlalchemy.orm import Session
from starlette.responses import Response

from app.accounts.rules import Viewer
from app.db.engine import Database
from app.errors import AlreadyAnswered, FieldProblem, Invalid, KeyReused, RequestRunning
from app.jobs.kept_answers import KeptAnswer, KeyedRequest, claim_key, first_answer, keep_answer
from app.web.clients import address_of
from app.web.responses import JSON, REVALIDATE, VARY
from app.web.threads import in_thread

_KEY = re.compile(r"[\x21-\x7e]{1,255}")


@dataclass(frozen=True, slots=True)
class Done:
    """The answer of a write. A ``secret`` one is never kept; ``after`` is called once the transaction is committed."""

    status: int = 204
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)
    secret: bool = False
    after: Callable[[], None] | None = None


Step = Callable[[Session], Done]
Plan = Callable[..., Step]


async def act(
    request: Request, viewer: Viewer, plan: Plan, *args: object, fingerprint: bytes | None = None
) -> Response:
    """Run a write and answer it.

    ``fingerprint`` stands for a body that is streamed and cannot be read twice. Raises 409 while another request runs
    under the same key or when the first answer held a secret, 422 when the key came with something else.
    """
    keyed = await _keyed(request, viewer, fingerprint)
    database = request.state.database
    if keyed is None:
        done = await in_thread(request, _run, database, plan, args)
        _finish(done)
        return _response(done)
    running: set[tuple[str, str]] = request.state.running_keys
    mine = (keyed.caller, keyed.key)
    if mine in running:
        raise RequestRunning
    running.add(mine)
    try:
        done, replayed = await in_thread(request, _run_once, database, keyed, plan, args)
    finally:
        running.discard(mine)
    if not replayed:
        _finish(done)
    response = _response(done)
    if replayed:
        response.headers["Idempotency-Replayed"] = "true"
    return response


def _run(database: Database, plan: Plan, args: tuple[object, ...]) -> Done:
    step = plan(*args)
    with database.write() as session:
        return step(session)


def _run_once(database: Database, keyed: KeyedRequest, plan: Plan, args: tuple[object, ...]) -> tuple[Done, bool]:
    with database.read() as session:
        # Most repeats come long after: they cost no plan and no write lock.
        found = first_answer(session, keyed)
    if found is not None:
        return _again(keyed, found), True
    step = plan(*args)
    with database.write() as session:
        if not claim_key(session, keyed):
            raise RequestRunning
        found = first_answer(session, keyed)
        if found is not None:
            return _again(keyed, found), True
        done = step(session)
        body = None if done.secret else done.body
        keep_answer(session, keyed, KeptAnswer(keyed.request, done.status, dict(done.headers), body))
        return done, False


def _again(keyed: KeyedRequest, found: KeptAnswer) -> Done:
    if not hmac.compare_digest(found.request, keyed.request):
        problem = FieldProblem("key-reused", "It was sent with another request before.", parameter="Idempotency-Key")
        raise KeyReused(errors=[problem])
    if found.body is None:
        raise AlreadyAnswered
    return Done(found.status, found.body, found.headers)


async def _keyed(request: Request, viewer: Viewer, fingerprint: bytes | None) -> KeyedRequest | None:
    key = request.headers.get("idempotency-key") if request.method == "POST" else None
    if key is None:
        return None
    if not _KEY.fullmatch(key):
        detail = "It has to be 1 to 255 visible ASCII characters."
        problem = FieldProblem("bad-key", detail, parameter="Idempotency-Key")
        raise Invalid("`Idempotency-Key` is not valid.", errors=[problem])
    secret: bytes = request.state.archive.secret
    # Keyed, because bodies hold passwords: whoever reads the table alone can try none.
    asked = hmac.new(secret, digestmod=hashlib.sha256)
    body = fingerprint if fingerprint is not None else await request.body()
    for part in (request.scope["path"].encode(), request.scope["query_string"], body):
        asked.update(len(part).to_bytes(8) + part)
    return KeyedRequest(caller_of(request, viewer), key, asked.hexdigest())


def caller_of(request: Request, viewer: Viewer) -> str:
    """Who a key or a limit belongs to: the account, an operator's token, or else the address, as a keyed hash."""
    if viewer.account_id is not None:
        return f"account {viewer.account_id}"
    if viewer.token_id is not None:
        return f"token {viewer.token_id}"
    secret: bytes = request.state.archive.secret
    return "guest " + hmac.digest(secret, address_of(request).encode(), "sha256").hex()[:32]


def _finish(done: Done) -> None:
    if done.after is not None:
        done.after()


def _response(done: Done) -> Response:
    headers = {"cache-control": "no-store" if done.secret else REVALIDATE, "vary": VARY, **done.headers}
    return Response(done.body, done.status, headers, JSON if done.body else None)
