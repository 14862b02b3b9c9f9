"""Works and chapters over HTTP: reading, writing and following them, what chapters were before, and pen names."""

from app.works.router.authors import router as authors
from app.works.router.chapters import router as chapters
from app.works.router.cosigning import router as cosigning
from app.works.router.following import router as following
from app.works.router.reading import router as reading
from app.works.router.revisions import router as revisions
from app.works.router.works import router as works

ROUTERS = (reading, works, chapters, revisions, authors, cosigning, following)
