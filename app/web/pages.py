"""Pages about the API itself: the OpenAPI document, its reading page, the problems, schemas. No internet needed."""

from __future__ import annotations

import html
from pathlib import Path

import orjson
from fastapi import APIRouter, Request
from fastapi.openapi.docs import get_swagger_ui_html
from starlette.responses import Response

from app.errors import ArchiveError, NotFound, all_errors
from app.formats.record import json_schema
from app.web.params import NO_PARAMS
from app.web.responses import answer, make_etag

router = APIRouter(include_in_schema=False)
STATIC = Path(__file__).parent / "static" / "swagger"
_TYPES = {".js": "text/javascript", ".css": "text/css", ".png": "image/png"}
_FILES = {path.name: path for path in STATIC.iterdir() if path.suffix in _TYPES} if STATIC.is_dir() else {}
_DOCS_POLICY = (
    "default-src 'none'; script-src 'self' 'unsafe-inline'; style-src 'self' 'unsafe-inline';"
    " img-src 'self' data:; connect-src 'self'; frame-ancestors 'none'"
)
_PAGE_POLICY = "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'"


def _check(request: Request) -> None:
    NO_PARAMS.parse(request.scope["query_string"])


@router.get("/openapi.json", operation_id="getOpenApi")
async def openapi(request: Request) -> Response:
    """The OpenAPI document."""
    _check(request)
    body = orjson.dumps(request.app.openapi())
    return answer(request, body, etag=make_etag(1, body))


@router.get("/docs", operation_id="getDocs")
async def docs(request: Request) -> Response:
    """Swagger UI, served from here."""
    _check(request)
    page = get_swagger_ui_html(
        openapi_url="/openapi.json",
        title="Fanarchive API",
        swagger_js_url="/docs/swagger-ui-bundle.js",
        swagger_css_url="/docs/swagger-ui.css",
        swagger_favicon_url="/docs/favicon-32x32.png",
    )
    page.headers["content-security-policy"] = _DOCS_POLICY
    return page


@router.get("/docs/{name}", operation_id="getDocsFile")
async def docs_file(request: Request, name: str) -> Response:
    """A file of Swagger UI."""
    _check(request)
    path = _FILES.get(name)
    if path is None:
        raise NotFound
    headers = {"cache-control": "public, max-age=86400"}
    return Response(path.read_bytes(), headers=headers, media_type=_TYPES[path.suffix])


@router.get("/schemas/import-record.json", operation_id="getImportRecordSchema")
async def import_record(request: Request) -> Response:
    """The JSON Schema of one line of an import."""
    _check(request)
    body = orjson.dumps(json_schema(), option=orjson.OPT_INDENT_2)
    return answer(request, body, etag=make_etag(1, body), media_type="application/schema+json")


@router.get("/problems/{code}", operation_id="getProblem")
async def problem(request: Request, code: str) -> Response:
    """What a problem's ``type`` points at."""
    _check(request)
    kinds = {kind.code: kind for kind in all_errors() if kind is not ArchiveError}
    kind = kinds.get(code)
    if kind is None:
        raise NotFound("There is no such problem.")
    text = html.escape(" ".join((kind.__doc__ or "").split()))
    page = (
        f'<!doctype html><html lang="en"><meta charset="utf-8"><title>{html.escape(kind.title)}</title>'
        f"<h1>{html.escape(kind.title)}</h1><p><code>{code}</code>, HTTP status {kind.status}</p><p>{text}</p>"
    )
    return Response(page, headers={"content-security-policy": _PAGE_POLICY}, media_type="text/html")


@router.get("/.well-known/security.txt", operation_id="getSecurityTxt")
async def security_txt(request: Request) -> Response:
    """Where to report a weakness (RFC 9116)."""
    _check(request)
    settings = request.state.settings
    if not settings.security_contact:
        raise NotFound("This archive names no security contact.")
    text = f"Contact: {settings.security_contact}\nExpires: {settings.security_expires}\n"
    return Response(text, media_type="text/plain")
