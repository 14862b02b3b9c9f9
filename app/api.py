"""Mounts every router under ``/v1``; nothing else."""

from __future__ import annotations

from fastapi import FastAPI

from app.search.router import router as search
from app.series.router import router as series
from app.works.router import router as works
from app.wrangling.router import router as wrangling

# `/tags/bins` and its like before `/tags/{id}`.
ROUTERS = (works, wrangling, search, series)
PREFIX = "/v1"


def mount(app: FastAPI) -> None:
    """Add the API to an application."""
    # One level only: each level of routers costs every request.
    for router in ROUTERS:
        app.include_router(router, prefix=PREFIX)
