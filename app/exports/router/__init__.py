"""What is taken out of the archive, over HTTP."""

from app.exports.router.dumps import router as dumps

ROUTERS = (dumps,)
