"""Everything that can go wrong for a caller, as one tree. The web layer renders it as problem details (RFC 9457).

::

    ArchiveError
    ├── Unauthenticated 401
    ├── Forbidden 403
    │   └── RegisteredOnly
    ├── NotFound 404
    ├── RequestTimeout 408
    ├── Conflict 409
    │   ├── RequestRunning
    │   └── AlreadyAnswered
    ├── Gone 410
    ├── PreconditionFailed 412
    ├── TooLarge 413
    ├── UnsupportedMediaType 415
    ├── Invalid 422
    │   └── KeyReused
    ├── PreconditionRequired 428
    ├── TooMany 429
    ├── InternalError 500
    ├── Unavailable 503
    │   ├── IndexUnavailable
    │   ├── ChangeNotApplied
    │   ├── DatabaseUnavailable
    │   └── SchemaOutdated
    └── StorageFull 507
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class FieldProblem:
    """One thing that is wrong with a request: a query ``parameter`` or a JSON ``pointer`` (RFC 6901)."""

    code: str
    detail: str
    parameter: str | None = None
    pointer: str | None = None
    suggestion: str | None = None
    offset: int | None = None

    def as_json(self) -> dict[str, str | int]:
        """Its members that are known."""
        names = ("parameter", "pointer", "code", "detail", "suggestion", "offset")
        return {name: value for name in names if (value := getattr(self, name)) is not None}


class ArchiveError(Exception):
    """The root. ``code`` is stable and has a page below ``/problems/``; ``detail`` says what it was this time."""

    code = "error"
    status = 500
    title = "Error"
    detail = ""

    def __init__(
        self,
        detail: str | None = None,
        *,
        errors: Sequence[FieldProblem] = (),
        headers: Mapping[str, str] | None = None,
    ) -> None:
        self.detail = detail if detail is not None else self.detail
        self.errors = list(errors)
        self.headers = dict(headers or {})
        super().__init__(self.detail)


class Unauthenticated(ArchiveError):
    """A token is needed, or the one given is no good."""

    code, status, title = "unauthenticated", 401, "A token is needed"
    detail = "Sign in, or send a token."


class Forbidden(ArchiveError):
    """The caller is known and may not do this."""

    code, status, title = "forbidden", 403, "Not allowed"
    detail = "You may not do this."


class RegisteredOnly(Forbidden):
    """A guest asked for something that is shown to registered readers."""

    code, title = "registered-only", "For registered readers"


class NotFound(ArchiveError):
    """There is nothing there, or nothing that the caller may know of."""

    code, status, title = "not-found", 404, "Not found"
    detail = "There is nothing here."


class MethodNotAllowed(ArchiveError):
    """The address exists, but not for this method."""

    code, status, title = "method-not-allowed", 405, "Method not allowed"


class RequestTimeout(ArchiveError):
    """The body came too slowly; nothing of it was kept."""

    code, status, title = "request-timeout", 408, "Too slow"
    detail = "The body came too slowly; nothing of it was kept."

    def __init__(self) -> None:
        super().__init__(headers={"Connection": "close"})


class Conflict(ArchiveError):
    """A rule of the state forbids it."""

    code, status, title = "conflict", 409, "Conflict"


class RequestRunning(Conflict):
    """Another request with the same ``Idempotency-Key`` is being worked on; its answer can be had in a moment."""

    code, title = "request-running", "The first request still runs"
    detail = "A request with this Idempotency-Key is being worked on; ask again in a moment."


class AlreadyAnswered(Conflict):
    """The first request with this ``Idempotency-Key`` was done; its answer held a secret and was not kept."""

    code, title = "already-answered", "Already answered"
    detail = "It was done; the answer held a secret and was not kept."


class Gone(ArchiveError):
    """It was public once and was deleted."""

    code, status, title = "gone", 410, "Gone"


class PreconditionFailed(ArchiveError):
    """Someone changed it in the meantime."""

    code, status, title = "precondition-failed", 412, "Changed in the meantime"


class TooLarge(ArchiveError):
    """The body is larger than this address takes."""

    code, status, title = "too-large", 413, "Too large"


class UnsupportedMediaType(ArchiveError):
    """The body is in a form that this address does not take."""

    code, status, title = "unsupported-media-type", 415, "Unsupported media type"


class Invalid(ArchiveError):
    """The request is well-formed and wrong: ``errors`` names each place."""

    code, status, title = "invalid-request", 422, "The request is not valid"
    detail = "The request is not valid."


class KeyReused(Invalid):
    """The ``Idempotency-Key`` was sent with another request before."""

    code, title = "idempotency-key-reused", "The key belongs to another request"
    detail = "This Idempotency-Key was sent with another request before: take a new one."


class PreconditionRequired(ArchiveError):
    """An update has to say with ``If-Match`` what it changes."""

    code, status, title = "precondition-required", 428, "If-Match is needed"


class TooMany(ArchiveError):
    """Too many requests; ``Retry-After`` says when to come back."""

    code, status, title = "too-many-requests", 429, "Too many requests"


class InternalError(ArchiveError):
    """A fault of ours; the request id finds it in the logs."""

    code, status, title = "internal-error", 500, "Internal error"
    detail = "Something went wrong on our side."


class Unavailable(ArchiveError):
    """It will work later; ``Retry-After`` says when to try."""

    code, status, title = "unavailable", 503, "Not available now"

    def __init__(self, detail: str | None = None, *, retry_after: int = 2) -> None:
        super().__init__(detail, headers={"Retry-After": str(retry_after)})


class IndexUnavailable(Unavailable):
    """The search index is being built; reading by id works."""

    code, title = "index-unavailable", "Search is not ready"


class ChangeNotApplied(Unavailable):
    """Search has not reached the change named by ``after_change`` in time."""

    code, title = "change-not-applied", "The change is not searchable yet"


class DatabaseUnavailable(Unavailable):
    """The database does not answer. A write may have been done all the same: send it again as it was.

    With the same ``Idempotency-Key``, or with the ``If-Match`` it had, it is done once.
    """

    code, title = "database-unavailable", "The database does not answer"
    detail = "The database does not answer. A write may have been done: ask, or send it again as it was."


class SchemaOutdated(Unavailable):
    """The database is not at the schema that this program needs."""

    code, title = "schema-outdated", "The database needs a migration"


class Stopping(Unavailable):
    """The server is about to stop and finishes what it has; others answer."""

    code, title = "stopping", "This server is stopping"
    detail = "This server is about to stop."


class StorageFull(ArchiveError):
    """There is no room left to keep what was sent; nothing of it was kept."""

    code, status, title = "storage-full", 507, "There is no room left"
    detail = "There is no room left for this; nothing of it was kept."


def all_errors(root: type[ArchiveError] = ArchiveError) -> list[type[ArchiveError]]:
    """The tree as a list, parents first."""
    return [root, *(found for child in root.__subclasses__() for found in all_errors(child))]
