"""Mounts every router under ``/v1``; nothing else."""

from __future__ import annotations

from fastapi import APIRouter, FastAPI

from app.search.router import router as search
from app.series.router import router as series
from app.works.router import router as works


def mount(app: FastAPI) -> None:
    """Add the API to an application."""
    v1 = APIRouter(prefix="/v1")
    for router in (works, search, series):
        v1.include_router(router)
    app.include_router(v1)
