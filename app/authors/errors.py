"""What a caller is told of authors that they may not, or no longer, know of."""

from __future__ import annotations

from app.errors import Gone, NotFound


class AuthorNotFound(NotFound):
    """There is no such author for this caller: one without a work that they find, or none at all."""

    detail = "There is no such author."


class AuthorGone(Gone):
    """The pen name stood on public works, and its account was closed."""

    code, title = "author-gone", "Author gone"
    detail = "Whose pen name it was has left."
