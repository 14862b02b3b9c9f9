"""HTTP itself: conditional requests, HEAD, compression, CORS, problems, pages about the API."""

from __future__ import annotations

from typing import Any

import jsonschema
import pytest
from pydantic import BaseModel

from app.search.schemas import Author, AuthorList, PassageList, Suggestions, Tag, TagList
from app.series.schemas import Series, SeriesList, SeriesWorks
from app.works.schemas import Chapter, TableOfContents, Work, WorkList
from tests.conftest import TestArchive

WORK: dict[str, Any] = {
    "title": "Harbour Lights",
    "key": "harbour",
    "authors": ["Ann"],
    "fandoms": ["Tides"],
    "language": "en",
    "summary": "<p>Ships and lamps. " + "A long evening by the sea. " * 60 + "</p>",
    "chapters": [{"title": f"Part {n}", "content": f"<p>Text of part {n}, with a lamp.</p>"} for n in (1, 2, 3)],
}


@pytest.mark.parametrize(
    "path", ["/v1/works/1", "/v1/works", "/v1/works/1/chapters", "/v1/works/1/chapters/2", "/v1/tags"]
)
def test_an_etag_answers_304_until_the_resource_changes(archive: TestArchive, path: str) -> None:
    archive.add(WORK)
    first = archive.client.get(path)
    etag = first.headers["etag"]
    assert etag.startswith('"')
    for header in (etag, f'"other", {etag}', f"W/{etag}", "*"):
        same = archive.client.get(path, headers={"If-None-Match": header})
        assert (same.status_code, same.content, same.headers["etag"]) == (304, b"", etag)
    assert archive.client.get(path, headers={"If-None-Match": '"other"'}).status_code == 200


def test_a_changed_work_has_another_version(archive: TestArchive) -> None:
    archive.add(WORK)
    before = archive.client.get("/v1/works/1").headers["etag"]
    archive.add(WORK | {"title": "Harbour Lights, Revised"})
    after = archive.client.get("/v1/works/1", headers={"If-None-Match": before})
    assert after.status_code == 200
    assert after.headers["etag"].startswith('"2.')
    assert before.startswith('"1.')


def test_head_has_the_headers_and_no_body(archive: TestArchive) -> None:
    archive.add(WORK)
    got, head = archive.client.get("/v1/works/1"), archive.client.head("/v1/works/1")
    assert (head.status_code, head.content) == (200, b"")
    assert head.headers["etag"] == got.headers["etag"]
    assert archive.client.head("/v1/works/99").status_code == 404


def test_a_wrong_method_is_told_all_the_right_ones(archive: TestArchive) -> None:
    wrong = archive.client.put("/v1/works")
    assert (wrong.status_code, wrong.headers["allow"]) == (405, "GET, HEAD, POST")
    assert archive.client.post("/v1/works/1").headers["allow"] == "GET, HEAD, PATCH, DELETE"


@pytest.mark.parametrize("encoding", ["zstd", "br", "gzip"])
def test_answers_from_1_kib_are_compressed(archive: TestArchive, encoding: str) -> None:
    archive.add(WORK)
    large = archive.client.get("/v1/works/1", headers={"Accept-Encoding": encoding})
    assert large.headers["content-encoding"] == encoding
    assert "Accept-Encoding" in large.headers["vary"]
    if encoding != "zstd":  # which this client cannot read
        assert large.json()["title"] == "Harbour Lights"
    small = archive.client.get("/healthz", headers={"Accept-Encoding": encoding})
    assert "content-encoding" not in small.headers


def test_any_page_may_read_and_none_may_send_credentials(archive: TestArchive) -> None:
    origin = {"Origin": "https://reader.example"}
    read = archive.client.get("/healthz", headers=origin)
    assert read.headers["access-control-allow-origin"] == "*"
    assert "access-control-allow-credentials" not in read.headers
    asked = archive.client.options(
        "/v1/works/search",
        headers={**origin, "Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": "content-type"},
    )
    assert asked.status_code == 204
    assert "POST" in asked.headers["access-control-allow-methods"]
    assert "Authorization" not in asked.headers["access-control-allow-headers"]


@pytest.mark.parametrize(
    ("path", "status", "code"),
    [
        ("/v1/works/99", 404, "work-not-found"),
        ("/v1/works/abc", 422, "invalid-request"),
        ("/v1/works/9223372036854775808", 422, "invalid-request"),
        ("/v1/works/0", 422, "invalid-request"),
        ("/v1/works/1/chapters/9", 404, "work-not-found"),
        ("/v1/nothing", 404, "not-found"),
        ("/v1/tags/99", 404, "tag-not-found"),
        ("/v1/authors/99", 404, "not-found"),
        ("/v1/series/99", 404, "not-found"),
        ("/v1/authors/99/works", 404, "not-found"),
        ("/v1/works?nope=1", 422, "invalid-request"),
        ("/v1/works?page=501&limit=20", 422, "invalid-request"),
        ("/v1/works?cursor=abc", 422, "invalid-request"),
        ("/v1/works?sort=relevance", 422, "invalid-request"),
        ("/v1/works?q=%22open", 422, "invalid-request"),
        ("/v1/works?after_change=999999", 422, "invalid-request"),
        ("/v1/passages", 422, "invalid-request"),
    ],
)
def test_every_error_is_a_problem(archive: TestArchive, path: str, status: int, code: str) -> None:
    archive.add(WORK)
    problem = archive.problem(path, status)
    assert problem["code"] == code
    assert problem["status"] == status
    assert problem["type"] == f"/problems/{code}"
    assert problem["title"]
    assert problem["detail"]
    assert problem["request_id"]
    page = archive.client.get(problem["type"])
    assert page.status_code == 200
    assert page.headers["content-type"].startswith("text/html")


def test_a_method_that_is_not_there_names_those_that_are(archive: TestArchive) -> None:
    response = archive.client.delete("/v1/works")
    assert response.status_code == 405
    assert response.headers["content-type"] == "application/problem+json"
    assert "GET" in response.headers["allow"]


def test_bodies_are_limited_and_typed(archive: TestArchive) -> None:
    post = archive.client.post
    assert post("/v1/works/search", content=b"{}", headers={"Content-Type": "text/plain"}).status_code == 415
    broken = post("/v1/works/search", content=b'{"q": ', headers={"Content-Type": "application/json"})
    assert broken.json()["errors"][0]["code"] == "bad-json"
    large = post("/v1/works/search", content=b" " * 2_000_000, headers={"Content-Type": "application/json"})
    assert (large.status_code, large.headers["content-type"]) == (413, "application/problem+json")
    assert (
        post("/v1/works/search", content=b'{"page": 1e400}', headers={"Content-Type": "application/json"}).status_code
        == 422
    )
    assert post("/v1/works/search", json={"page": "1"}).json()["errors"][0]["pointer"] == "/page"


def test_pages_about_the_api(archive: TestArchive) -> None:
    document = archive.get("/openapi.json")
    assert document["openapi"].startswith("3.1")
    operations = [operation for item in document["paths"].values() for operation in item.values()]
    assert all("application/problem+json" in operation["responses"]["422"]["content"] for operation in operations)
    docs = archive.client.get("/docs")
    assert "https://" not in docs.text.replace("https://fastapi.tiangolo.com", "https://")
    for part in ("swagger-ui-bundle.js", "swagger-ui.css"):
        assert archive.client.get(f"/docs/{part}").status_code == 200
    schema = archive.get("/schemas/import-record.json")
    validator = jsonschema.Draft202012Validator(schema)
    validator.check_schema(schema)
    validator.validate(WORK)
    assert not validator.is_valid({"titel": "x"})


def test_health_readiness_metrics(archive: TestArchive) -> None:
    assert archive.get("/healthz") == {"status": "ok"}
    assert archive.get("/readyz") == {"status": "ok"}
    archive.get("/v1/works")
    refused = archive.client.get("/metrics")  # the test client is no loopback address
    assert refused.status_code == 401


def test_requests_have_ids(archive: TestArchive) -> None:
    assert (
        archive.client.get("/healthz", headers={"X-Request-ID": "my-request-1"}).headers["x-request-id"]
        == "my-request-1"
    )
    odd = archive.client.get("/healthz", headers={"X-Request-ID": "no spaces allowed"}).headers["x-request-id"]
    assert odd != "no spaces allowed"


def test_answers_have_the_shapes_that_the_document_declares(archive: TestArchive) -> None:
    """Answers are written as bytes; these are the models they are documented with."""
    archive.add(
        WORK
        | {
            "relationships": ["A/B"],
            "characters": ["A"],
            "series": [{"title": "Row"}],
            "extra": {"x": 1},
            "gifts": ["Ben"],
            "consent": {"download": "yes"},
            "source": {"url": "https://example.org/1"},
        }
    )
    shapes: list[tuple[str, type[BaseModel]]] = [
        ("/v1/works?facets=fandom,rating&fandom=Tides&character=Nobody", WorkList),
        ("/v1/works?fandom=Tides", WorkList),
        ("/v1/works/1?include=chapters", Work),
        ("/v1/works/1/chapters", TableOfContents),
        ("/v1/works/1/chapters/1", Chapter),
        ("/v1/chapters/2", Chapter),
        ("/v1/passages?text=lamp", PassageList),
        ("/v1/tags", TagList),
        ("/v1/relationships", TagList),
        ("/v1/tags/1", Tag),
        ("/v1/tags/autocomplete?q=ti", Suggestions),
        ("/v1/authors", AuthorList),
        ("/v1/authors/1", Author),
        ("/v1/authors/1/works", WorkList),
        ("/v1/series", SeriesList),
        ("/v1/series/1", Series),
        ("/v1/series/1/works", SeriesWorks),
    ]
    for path, model in shapes:
        answer = archive.client.get(path)
        assert answer.status_code == 200, path
        model.model_validate_json(answer.content)
        there_may_be = {
            "facets",
            "missing",
            "text_truncated",
            "chapters",
            "related",
            "hidden_reason",
            "restorable_until",
        }
        declared = set(model.model_fields) - there_may_be
        assert declared <= set(answer.json()) | {"extra", "gifts", "consent"}, path
