"""The one visibility rule as SQL; its index rendering is :mod:`app.search.visibility`."""

from __future__ import annotations

from sqlalchemy import ColumnElement, and_

from app.accounts.rules import Viewer
from app.models import Work


def listed_works(viewer: Viewer) -> ColumnElement[bool]:
    """The works that the viewer finds in lists and search."""
    return and_(Work.state == "published", Work.visibility.in_(viewer.visibilities))
