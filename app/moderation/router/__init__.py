"""Moderation over HTTP: reports, the log, suspending, and claims of imported authors."""

from app.moderation.router.acts import router as acts
from app.moderation.router.claims import router as claims

ROUTERS = (acts, claims)
