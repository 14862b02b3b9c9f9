"""Puts the application together."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import TypedDict

from fastapi import FastAPI

from app import __version__, api
from app.accounts.limits import Limits
from app.accounts.mail import Outbox, carrier_of
from app.accounts.openid_answers import OpenId, open_openid
from app.accounts.passwords import Passwords
from app.accounts.uses import TokenUses
from app.config import Settings
from app.db.engine import Database
from app.engagement.hits import Hits
from app.monitoring import metrics
from app.search.archive import Archive
from app.search.reader import SearchIndex
from app.tracing import spans
from app.web import health, pages
from app.web.closing import Closing
from app.web.compressing import Compress
from app.web.direct import Direct
from app.web.files import Making
from app.web.kept import Kept
from app.web.logs import configure_logs
from app.web.middleware import Observe
from app.web.openapi import document
from app.web.problems import add_error_handlers
from app.web.starting import SchemaCheck
from app.web.threads import make_threads


class State(TypedDict):
    """What handlers find in ``request.state``."""

    settings: Settings
    database: Database
    index: SearchIndex
    threads: object
    archive: Archive
    token_uses: TokenUses
    passwords: Passwords
    outbox: Outbox
    openid: OpenId
    limits: Limits | None
    running_keys: set[tuple[str, str]]
    hits: Hits
    making: Making
    closing: Closing


def create_app(settings: Settings | None = None) -> FastAPI:
    """The application. Raises :class:`~app.errors.SchemaOutdated` at start-up where the database needs a migration."""
    chosen = settings or Settings()
    closing = Closing(chosen.drain_seconds)

    @asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[State]:
        configure_logs(chosen)
        spans.start(chosen.otel_endpoint, chosen.otel_share)
        database = Database(chosen)
        database.answer_within(chosen.database_wait)
        schema = SchemaCheck(database)
        await asyncio.to_thread(schema.start)
        replicated = database.replicated
        index = SearchIndex(chosen.index_dir, replicated, lambda: closing.is_due)
        index.start()
        threads = make_threads(chosen.threads)
        # For guests. Who has a token gets the one that does not lag (app/accounts/deps.py).
        archive = Archive(replicated, index, chosen, chosen.secret(), Kept(chosen.kept_answers_mb * 1_000_000))
        token_uses = TokenUses(database)
        token_uses.start()
        hits = Hits(database, archive.secret)
        hits.start()
        passwords = Passwords(chosen)
        making = Making()
        outbox = Outbox(carrier_of(chosen))
        outbox.start()
        openid = open_openid(chosen, archive.secret)
        limits = Limits(chosen, database, archive.secret) if chosen.rate_limits == "on" else None
        closing.listen()
        yield State(
            settings=chosen,
            database=database,
            index=index,
            threads=threads,
            archive=archive,
            token_uses=token_uses,
            passwords=passwords,
            outbox=outbox,
            openid=openid,
            limits=limits,
            running_keys=set(),
            hits=hits,
            making=making,
            closing=closing,
        )
        threads.shutdown(wait=True)
        schema.stop()
        passwords.stop()
        making.stop()
        if limits is not None:
            limits.stop()
        outbox.stop()
        openid.stop()
        token_uses.stop()
        hits.stop()
        index.stop()
        database.dispose()
        spans.stop()

    app = FastAPI(
        title="Fanarchive",
        version=__version__,
        docs_url=None,
        redoc_url=None,
        openapi_url=None,
        lifespan=lifespan,
        redirect_slashes=False,
        telemetry={"tracing": False, "metrics": False, "logs": False},  # ours are in app/tracing
    )
    app.openapi = lambda: document(app)  # type: ignore[method-assign]
    app.add_middleware(Direct, api=app, routers=api.ROUTERS, prefix=api.PREFIX)
    app.add_middleware(Compress)
    app.add_middleware(
        Observe,
        credential_origins=chosen.cors_credential_origins,
        max_body=chosen.max_body_bytes,
        max_work=chosen.max_work_bytes,
        max_import=chosen.max_import_bytes,
        closing=closing,
    )
    add_error_handlers(app)
    app.include_router(health.router)
    app.include_router(metrics.router)
    app.include_router(pages.router)
    api.mount(app)
    return app
