"""Mounts every router under ``/v1``; nothing else."""

from __future__ import annotations

from fastapi import FastAPI

from app.accounts.router import ROUTERS as ACCOUNTS
from app.engagement.router import router as engagement
from app.exports.router import ROUTERS as EXPORTS
from app.imports.router import router as imports
from app.moderation.router import ROUTERS as MODERATION
from app.search.router import router as search
from app.series.router import router as series
from app.works.router import ROUTERS as WORKS
from app.wrangling.router import router as wrangling

# `/tags/bins` and its like before `/tags/{id}`.
ROUTERS = (*WORKS, wrangling, search, series, *ACCOUNTS, engagement, *MODERATION, imports, *EXPORTS)
PREFIX = "/v1"


def mount(app: FastAPI) -> None:
    """Add the API to an application."""
    # One level only: each level of routers costs every request.
    for router in ROUTERS:
        app.include_router(router, prefix=PREFIX)
