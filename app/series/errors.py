"""What a caller is told of series that they may not, or no longer, read."""

from __future__ import annotations

from app.errors import Gone, NotFound


class SeriesNotFound(NotFound):
    """There is no such series for this caller: one of drafts, or none at all."""

    detail = "There is no such series."


class SeriesGone(Gone):
    """The series was public once and was dissolved."""

    code = "series-gone"
    title = "Series deleted"
    detail = "The series was deleted."
