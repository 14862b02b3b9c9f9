"""What a client gets wrong is named, at its place, and never passed over in silence."""

from __future__ import annotations

from typing import Any

import pytest

from app.search.archive import Archive
from app.search.parameters import WORK_MEMBERS
from app.works.pages import is_quick
from app.works.schemas import Work
from tests.conftest import TestArchive, works


@pytest.mark.parametrize(
    ("query", "parameter", "code"),
    [
        (f"ids=00000000000000000001{'9' * 900}", "ids", "bad-ids"),
        ("fandom=%", "fandom", "bad-encoding"),
        ("q=100%zz", "q", "bad-encoding"),
        ("fan%zdom=x", "?", "bad-encoding"),
        ("=x", "?", "unknown-parameter"),
        ("source_id=1", "source_site", "missing"),
        ("source_site=x", "source_id", "missing"),
        ("fields=id,titel", "fields", "bad-value"),
        ("facets=", "facets", "bad-value"),
        ("published_after=0000-01-01", "published_after", "bad-value"),
        ("published_after=99999-01-01", "published_after", "bad-value"),
    ],
)
def test_what_is_wrong_is_named(archive: TestArchive, query: str, parameter: str, code: str) -> None:
    response = archive.client.get(f"/v1/works?{query}")
    assert response.status_code == 422, response.text
    (problem,) = response.json()["errors"]
    assert (problem["parameter"], problem["code"]) == (parameter, code)
    assert "None" not in response.json()["detail"]


def test_a_date_is_not_echoed(archive: TestArchive) -> None:
    for value in ("zz<i>zz", "2020-02-30", "2020-01-01T00:00:00"):
        problem = archive.problem("/v1/works", published_after=value)
        assert value not in str(problem)


def test_members_to_keep_are_known_to_each_list(archive: TestArchive) -> None:
    archive.add(*works("A", chapters=[{"content": "fox"}], series=[{"title": "S"}]))
    assert set(WORK_MEMBERS) == set(Work.model_fields)
    assert archive.problem("/v1/works", fields="titel")["errors"][0]["suggestion"] == "title"
    kept = {
        "/v1/works": {"id": 1, "title": "A"},
        "/v1/works/1": {"id": 1, "title": "A"},
        "/v1/series": {"id": 1, "title": "S"},
    }
    for path, item in kept.items():
        found = archive.get(path, fields="id,title")
        assert found.get("items", [found])[0] == item
        archive.problem(path, fields="nothing")
    for path in ("/v1/tags", "/v1/authors"):
        assert set(archive.get(path, fields="id")["items"][0]) == {"id"}
        archive.problem(path, fields="title")
    assert set(archive.get("/v1/passages", text="fox", fields="score")["items"][0]) == {"score"}
    archive.problem("/v1/passages", text="fox", fields="title")


@pytest.mark.parametrize("number", ["1.0", "+1", "1_0", "%201", "1e0", "%D9%A1", "9" * 30])
def test_an_id_has_one_spelling(archive: TestArchive, number: str) -> None:
    archive.add(*works("A"))
    for path in ("/v1/works/{}", "/v1/works/{}/chapters", "/v1/authors/{}", "/v1/tags/{}", "/v1/chapters/{}"):
        assert archive.client.get(path.format(number)).status_code == 422


@pytest.mark.parametrize(
    ("body", "pointer", "code"),
    [
        ('{"q": "fox (moon"}', "/q", "unbalanced-parenthesis"),
        ('{"sort": "relevance"}', "/sort", "needs-query"),
        ('{"page": 600, "limit": 100}', "/page", "out-of-range"),
        ('{"cursor": "abc"}', "/cursor", "bad-cursor"),
        ('{"q": "a", "q": "b"}', "/q", "duplicate-key"),
        ('{"fandom": ["a\\u0000"]}', "/fandom/0", "bad-character"),
        ('{"fields": ["id", "titel"]}', "/fields", "bad-value"),
    ],
)
def test_a_body_is_told_where_it_is_wrong(archive: TestArchive, body: str, pointer: str, code: str) -> None:
    response = archive.client.post("/v1/works/search", content=body, headers={"content-type": "application/json"})
    assert response.status_code == 422
    (problem,) = response.json()["errors"]
    assert {"pointer": pointer, "code": code}.items() <= problem.items()
    assert "parameter" not in problem


def test_the_counts_past_every_real_one_sort_and_add_up(archive: TestArchive) -> None:
    largest: dict[str, Any] = {"kudos": 2**63 - 1}
    archive.add(*works("Huge", stats=largest, words=2**63 - 1), *works("Small", stats={"kudos": 1}, words=5))
    assert archive.titles(sort="-kudos") == ["Huge", "Small"]
    assert archive.titles(sort="words") == ["Small", "Huge"]
    assert archive.titles(kudos_min=2**63 - 1) == ["Huge"]
    assert archive.client.get("/v1/authors/1").status_code == 200


def test_what_takes_long_is_not_done_on_the_event_loop(archive: TestArchive) -> None:
    served = Archive(archive.database, archive.client.app_state["index"], archive.settings, b"secret")
    assert is_quick(served, {"fandom": ["a", "b"], "page": 5, "limit": 100, "sort": "title"})
    assert not is_quick(served, {"page": 100, "limit": 100, "sort": "title"})
    assert not is_quick(served, {"page": 30})
    assert not is_quick(served, {"any_fandom": [f"F{n}" for n in range(200)]})
    assert not is_quick(served, {"q": "fox"})


@pytest.mark.parametrize(
    ("path", "place", "code"),
    [
        ("/v1/works/0", "work_id", "out-of-range"),
        ("/v1/works/9223372036854775808", "work_id", "out-of-range"),
        (f"/v1/works/{'9' * 5_000}", "work_id", "out-of-range"),
        ("/v1/works/1e3", "work_id", "not-an-integer"),
        ("/v1/works/1/chapters/-1", "position", "out-of-range"),
    ],
)
def test_a_number_in_a_path_is_refused_as_one_in_a_query(
    archive: TestArchive, path: str, place: str, code: str
) -> None:
    problem = archive.problem(path)
    assert [(error["parameter"], error["code"]) for error in problem["errors"]] == [(place, code)]
    assert problem["detail"].endswith(f"see `{place}`.")
    assert "a whole number from 1 to " in problem["errors"][0]["detail"]
