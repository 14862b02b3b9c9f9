"""Why an item of an import failed."""

from __future__ import annotations

from app.works.texts import BadMember


class ItemFailed(BadMember):
    """One item cannot be imported; the others go on. ``pointer`` is a JSON pointer into the import record."""
