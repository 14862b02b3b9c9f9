"""Exports over HTTP."""

from app.exports.router.downloads import router as downloads
from app.exports.router.dumps import router as dumps
from app.exports.router.persons import router as persons

ROUTERS = (dumps, persons, downloads)
