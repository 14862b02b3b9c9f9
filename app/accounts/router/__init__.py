"""Accounts, sessions and tokens over HTTP, and signing in at an OpenID provider."""

from app.accounts.router.accounts import router as accounts
from app.accounts.router.openid import router as openid

ROUTERS = (accounts, openid)
