"""Whatever a body holds, a write is done or refused with a problem that names the place: never a fault of ours."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import BaseModel

from app.works.inputs import (
    ChapterOrder,
    ChapterPatch,
    HideReason,
    NewChapter,
    NewSeries,
    NewWork,
    SeriesOrder,
    WorkPatch,
)
from tests.conftest import TestArchive
from tests.writing import TEXT, WORK, member, operator

VALUES: list[Any] = [
    None, True, 0, -1, 10**18, 2**63, 1.5, 1e308,
    "", " ", "x", "\u202e", "\u200b", "\ufeff", "x" * 3000, "<p>", "&#0;", "<" * 500,
    "0000-00-00", "9999-12-31T23:59:60+14:00", "2020-02-30", [], {}, [None], [[]], [{}], [""], [" "], ["x", "X"], [0],
    [{"id": None}], [{"id": 2**63}], [{"id": 1, "name": "x"}], [{"name": ""}], {"a": None}, {"a": {"b": [1]}}, {"": ""},
    [{"relation": "inspired_by", "work_id": -5}], {"download": "maybe"}, [{"content": None}], [{"content": "<b>"}],
    [{"content_markdown": "[" * 300, "title": "x"}], ["a\tb"], ["\u0301"],
    "a\0b", ["a\0b"], {"a": "\0"}, {"a": {"\0": 1}}, [2**62], [1, 1],
]  # fmt: skip
BODIES: list[tuple[str, str, type[BaseModel], dict[str, Any]]] = [
    ("POST", "/works", NewWork, WORK | {"chapters": [{"content": TEXT}]}),
    ("PATCH", "/works/1", WorkPatch, {}),
    ("POST", "/works/1/chapters", NewChapter, {"content": TEXT}),
    ("PATCH", "/works/1/chapters/1", ChapterPatch, {}),
    ("PUT", "/works/1/chapters/order", ChapterOrder, {}),
    ("POST", "/series", NewSeries, {"title": "x"}),
    ("PATCH", "/series/1", NewSeries, {}),
    ("PUT", "/series/1/works", SeriesOrder, {}),
    ("POST", "/works/1/hide", HideReason, {}),
]


@pytest.mark.no_cover
@pytest.mark.parametrize(("method", "path", "model", "body"), BODIES, ids=[f"{one[0]} {one[1]}" for one in BODIES])
def test_no_value_breaks_a_write(
    archive: TestArchive, method: str, path: str, model: type[BaseModel], body: dict[str, Any]
) -> None:
    ann, admin = member(archive, "Ann"), operator(archive, "admin")
    ann.post("1", "2")
    ann.done("POST", "/series", {"title": "Row"})
    caller = admin if path.endswith("/hide") else ann
    for name in (*model.model_fields, "unknown", "a/b~c"):
        for value in VALUES:
            response = caller.send(method, path, body | {name: value}, "*")
            assert response.status_code in {200, 201, 204, 409, 422}, (name, value, response.text)
            if response.status_code == 422:
                problem = response.json()
                assert problem["errors"], (name, value)
                assert all("pointer" in error for error in problem["errors"]), (name, value, problem)
    assert ann.get("/works/1")["title"]
    positions = [item["position"] for item in ann.get("/works/1/chapters")["items"]]
    assert positions == list(range(1, len(positions) + 1))
