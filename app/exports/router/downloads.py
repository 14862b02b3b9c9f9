"""Works, series and an author's works as files, over HTTP."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from fastapi import APIRouter, Request
from starlette.responses import Response

from app.accounts.deps import viewer_of
from app.exports.errors import DownloadRefused, DownloadTooLarge
from app.exports.files import MEDIA_TYPES, Wanted, author_books, series_book, work_file
from app.formats.writers.permissions import permission_headers
from app.web.clients import address_of
from app.web.declaring import CONSENT_HEADERS, Id, described, may_fail
from app.web.files import FileHead, send_file
from app.web.params import NO_PARAMS
from app.web.threads import in_thread

router = APIRouter(tags=["exports"])
_HEADERS = {
    "Content-Disposition": "The file's name, after title and authors.",
    "Last-Modified": "When it was last changed.",
    **CONSENT_HEADERS,
}


def gives(extension: str) -> dict[str, Any]:
    """What a download declares: its media type, its headers, and why it may be refused."""
    media_type = MEDIA_TYPES[extension].partition(";")[0]
    binary = extension in {"epub", "zip"}
    schema: dict[str, Any] = {"type": "string"} | ({"format": "binary"} if binary else {})
    if extension == "json":
        schema = {"type": "object", "description": "An import record (`/schemas/import-record.json`)."}
    content = {media_type: {"schema": schema}}
    file = {"description": "The file.", "content": content, "headers": described(_HEADERS)}
    extra = {"parameters": [], "x-cacheable": True, **may_fail(DownloadRefused, DownloadTooLarge)}
    return {"responses": {200: file}, "response_class": Response, "openapi_extra": extra}


@router.get(
    "/works/{work_id}/download.epub", operation_id="downloadWorkEpub", summary="A work as a book", **gives("epub")
)
async def download_work_epub(request: Request, work_id: Id) -> Response:
    """EPUB 3.3; the same bytes as long as nothing in it changed."""
    return await _work(request, work_id, "epub")


@router.get(
    "/works/{work_id}/download.html", operation_id="downloadWorkHtml", summary="A work as HTML", **gives("html")
)
async def download_work_html(request: Request, work_id: Id) -> Response:
    """One file that loads nothing."""
    return await _work(request, work_id, "html")


@router.get("/works/{work_id}/download.txt", operation_id="downloadWorkText", summary="A work as text", **gives("txt"))
async def download_work_text(request: Request, work_id: Id) -> Response:
    """Plain text, UTF-8."""
    return await _work(request, work_id, "txt")


@router.get(
    "/works/{work_id}/download.md", operation_id="downloadWorkMarkdown", summary="A work as Markdown", **gives("md")
)
async def download_work_markdown(request: Request, work_id: Id) -> Response:
    """CommonMark, UTF-8."""
    return await _work(request, work_id, "md")


@router.get(
    "/works/{work_id}/download.json", operation_id="downloadWorkJson", summary="A work as a record", **gives("json")
)
async def download_work_json(request: Request, work_id: Id) -> Response:
    """The form that imports take, with the text; without counters."""
    return await _work(request, work_id, "json")


@router.get(
    "/series/{series_id}/download.epub", operation_id="downloadSeries", summary="A series as a book", **gives("epub")
)
async def download_series(request: Request, series_id: Id) -> Response:
    """One book of those works that the caller may read and take along, in order."""
    return await _send(request, series_book, series_id)


@router.get(
    "/authors/{author_id}/download.zip",
    operation_id="downloadAuthor",
    summary="An author's works as books",
    **gives("zip"),
)
async def download_author(request: Request, author_id: Id) -> Response:
    """A ZIP of EPUBs: the works that lists show under the name."""
    return await _send(request, author_books, author_id)


async def _work(request: Request, work_id: int, extension: str) -> Response:
    response = await _send(request, work_file, work_id, extension)
    if not request.scope["head"]:
        request.state.hits.note(work_id, address_of(request), await viewer_of(request))
    return response


async def _send(request: Request, find: Callable[..., Wanted], *what: object) -> Response:
    NO_PARAMS.parse(request.scope["query_string"])
    viewer = await viewer_of(request)
    wanted = await in_thread(request, find, request.state.archive, viewer, *what)
    head = FileHead(
        name=wanted.title,
        extension=wanted.extension,
        media_type=MEDIA_TYPES[wanted.extension],
        etag=f'"{wanted.version}.{wanted.digest}"',
        modified=wanted.modified,
        headers=permission_headers(wanted.consent),
    )
    return await send_file(request, head, wanted.make)
