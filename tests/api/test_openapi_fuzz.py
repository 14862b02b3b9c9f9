"""Every operation of the OpenAPI document under made-up requests; ``make soak`` is the long form."""

from __future__ import annotations

import math
import os

import pytest

from tests.conftest import TestArchive
from tests.soak.fuzzing import fuzz
from tests.soak.report import keep

EXAMPLES = int(os.environ.get("FANARCHIVE_FUZZ_EXAMPLES", "4"))
"""Made-up requests of each kind for each operation."""
CHANCE = 20_261_122


@pytest.mark.no_cover
@pytest.mark.timeout(900)  # a hundred operations: minutes on a busy machine
def test_every_answer_is_as_documented(archive: TestArchive) -> None:
    archive.settings.after_change_wait = 0.05  # no indexer follows: who waits for a change waits in vain
    document = archive.get("/openapi.json")
    tally = fuzz(archive, document, EXAMPLES, CHANCE, math.inf)
    if "FANARCHIVE_FUZZ_EXAMPLES" in os.environ:
        database = "SQLite" if archive.database.is_sqlite else "PostgreSQL"
        keep(tally, database=database, examples=EXAMPLES, chance=CHANCE)
    assert not tally.findings, tally.told()
    assert tally.operations == sum(len(operations) for operations in document["paths"].values())
    assert tally.cases > EXAMPLES * tally.operations
    assert {200, 201, 204, 401, 403, 404, 422} <= set(tally.statuses)


def test_bodies_are_documented_in_types_that_there_are(archive: TestArchive) -> None:
    document = archive.get("/openapi.json")
    bodies = {
        operation["operationId"]: set(operation["requestBody"]["content"])
        for operations in document["paths"].values()
        for operation in operations.values()
        if "requestBody" in operation
    }
    known = {"application/json", "application/merge-patch+json"}
    files = bodies.pop("createImport")
    assert files == {"application/x-ndjson", "application/jsonl", "application/octet-stream", "multipart/form-data"}
    assert {name: types for name, types in bodies.items() if not {"application/json"} <= types <= known} == {}


def test_a_choice_of_members_is_documented(archive: TestArchive) -> None:
    document = archive.get("/openapi.json")
    schemas = document["components"]["schemas"]
    answer = document["paths"]["/v1/works"]["get"]["responses"]["200"]["content"]["application/json"]["schema"]
    assert [one["$ref"].rpartition("/")[2] for one in answer["anyOf"]] == ["WorkList", "PartialWorkList"]
    assert schemas["PartialWorkList"]["required"] == schemas["WorkList"]["required"]
    assert schemas["PartialWorkCard"]["properties"] == schemas["WorkCard"]["properties"]
    assert "required" not in schemas["PartialWorkCard"]


def test_an_answer_without_a_body_is_documented_as_one(archive: TestArchive) -> None:
    paths = archive.get("/openapi.json")["paths"]
    assert "content" not in paths["/v1/password-resets"]["post"]["responses"]["202"]
    assert set(paths["/metrics"]["get"]["responses"]["200"]["content"]) == {"text/plain"}
