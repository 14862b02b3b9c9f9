"""Requests made from the OpenAPI document, and whether their answers are what it says.

Schemathesis makes cases for each operation, such as fit its schema and such as break it; they are sent by a guest, a
member, a wrangler and an administrator to an archive that holds things of theirs. An answer is a finding where it is a
server error, or where its status, its type, its headers or its body are not documented.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import count
from typing import Any

import requests
import schemathesis
from httpx2 import Response
from hypothesis import HealthCheck, Phase, Verbosity, given, seed, settings
from hypothesis import strategies as st
from hypothesis.errors import Unsatisfiable
from schemathesis import GenerationMode
from schemathesis.checks import CheckFunction, not_a_server_error
from schemathesis.core.failures import Failure, FailureGroup
from schemathesis.core.result import Ok
from schemathesis.generation.case import Case
from schemathesis.schemas import APIOperation
from schemathesis.specs.openapi import checks as documented

from tests.conftest import TestArchive
from tests.imports.jobs import ndjson, send
from tests.imports.jobs import work as work_on_imports
from tests.writing import TEXT, WORK, Caller, guest, member, operator

CHECKS: Sequence[CheckFunction] = (
    not_a_server_error,
    documented.status_code_conformance,
    documented.content_type_conformance,
    documented.response_headers_conformance,
    documented.response_schema_conformance,
)
PEOPLE = ("guest", "member", "wrangler", "admin")
HEADERS: Sequence[Mapping[str, str]] = (
    {},
    {"If-Match": "*"},
    {"If-Match": 'W/"1-0"'},
    {"If-Match": '"1'},
    {"If-None-Match": "*"},
    {"Idempotency-Key": "again"},
    {"Idempotency-Key": "k" * 300},
    {"Accept": "text/html"},
)
"""What a caller may send with any request; one set a case."""
BODIES = ("made up", "good", "mended")
"""A made-up body, the world's, a made-up one with the members of the world's: chance alone makes few that are taken."""
LONGEST = 60_000
"""Characters of an address; the client sends none that is much longer."""
_NUMBERS = count(1)


@dataclass
class Tally:
    """What was sent and what came back; ``findings`` are one for each operation, caller and kind of failure."""

    operations: int = 0
    statuses: Counter[int] = field(default_factory=Counter)
    findings: dict[tuple[str, str, str], str] = field(default_factory=dict)

    @property
    def cases(self) -> int:
        """How many requests were answered."""
        return self.statuses.total()

    def note(self, operation: str, person: str, failure: Failure, sent: str) -> None:
        """Keep a failure with the first request that showed it."""
        self.findings.setdefault((operation, person, failure.title), f"{failure.message}\n{sent}")

    def told(self) -> str:
        """All findings as text."""
        return "\n\n".join(f"{' | '.join(where)}\n{what}" for where, what in self.findings.items())


@dataclass
class World:
    """Callers of all kinds, ids of what is there by the name of a path's parameter, and members of good bodies."""

    people: dict[str, Caller]
    ids: dict[str, list[Any]]
    good: dict[str, Any]
    is_spent: bool = False
    """Whether a write was done in it: what it names may be gone, or in another state."""


def make_world(archive: TestArchive) -> World:
    """New people, works, a series and an act on a tag; what earlier cases destroyed is there again."""
    number = next(_NUMBERS)
    ann = member(archive, f"ann{number}")
    wrangler = member(archive, f"wren{number}", "wrangler", ("read", "write", "wrangle"))
    admin = operator(archive, "read", "write", "import", "wrangle", "moderate", "admin")
    body = WORK | {"fandoms": [f"Fandom {number}"], "freeforms": [f"Storms {number}", f"Calm {number}"]}
    works = [ann.post("One", "Two", **body), ann.post(**body, visibility="registered"), ann.post(**body, state="draft")]
    works.append(wrangler.post("Other", **body))
    work = works[0]["id"]
    chapters = [entry["id"] for entry in ann.get(f"/works/{work}/chapters")["items"]]
    ann.done("PATCH", f"/chapters/{chapters[0]}", {"content": "<p>Another text, longer than the first.</p>"})
    series = ann.done("POST", "/series", {"title": "Nights"})["id"]
    ann.done("PUT", f"/series/{series}/works", {"work_ids": [work]})
    storms, calm = (archive.tag(f"{name} {number}") for name in ("Storms", "Calm"))
    wrangling = {"acts": [{"tag_id": storms, "canonical": True}, {"tag_id": calm, "canonical_id": storms}]}
    wrangled = wrangler.done("POST", "/tags/wrangle", wrangling, 200)
    imported = send(admin, ndjson({"title": "Imported", "key": f"fuzz {number}"})).json()["id"]
    work_on_imports(admin)  # and the index follows
    asked = ann.send("POST", f"/works/{work}/invitations", {"author_id": wrangler.author_id}).json()["id"]
    people = dict(zip(PEOPLE, (guest(archive), ann, wrangler, admin), strict=True))
    token = ann.get("/me/tokens")["items"][0]["id"]
    ids = {
        "work_id": [one["id"] for one in works],
        "chapter_id": chapters,
        "series_id": [series],
        "tag_id": [storms, calm, archive.tag(f"Fandom {number}", "fandom")],
        "author_id": [ann.author_id, wrangler.author_id],
        "act_id": [act["act_id"] for act in wrangled["results"]],
        "token_id": [token],
        "import_id": [imported],
        "invitation_id": [asked],
        "position": [1, 2],
        "revision": [1, 2],
        "wrangler": [f"wren{number}", "me"],
    }
    good: dict[str, Any] = {
        **body,
        "content": TEXT,
        "login": f"new{number}",
        "password": "correct horse battery",
        "name": f"Name {number}",
        "type": "freeform",
        "scopes": ["read"],
        "reason": "Spam.",
        "evidence": "My address there.",
        "author_id": wrangler.author_id,
        "chapter_ids": chapters,
        "work_ids": [work],
        **wrangling,
    }
    return World(people, ids, good)


def operations(document: dict[str, Any]) -> Iterator[APIOperation[Any, Any, Any, Any]]:
    """All operations of an OpenAPI document."""
    for result in schemathesis.openapi.from_dict(document).get_all_operations():
        assert isinstance(result, Ok), result
        yield result.ok()


def fuzz(archive: TestArchive, document: dict[str, Any], examples: int, chance: int, until: float) -> Tally:
    """Send ``examples`` cases of each kind to every operation, as long as ``time.monotonic()`` is before ``until``.

    The same ``chance`` makes the same cases.
    """
    tally = Tally()
    world = make_world(archive)
    for operation in operations(document):
        if time.monotonic() >= until:
            break
        tally.operations += 1
        # The events of an import that nobody works on have no end but the server's.
        archive.client.app_state["closing"].is_on = operation.path.endswith("/events")
        if world.is_spent:
            world = make_world(archive)
        for mode in (GenerationMode.POSITIVE, GenerationMode.NEGATIVE):
            _fuzz_operation(operation, mode, world, tally, _Bounds(examples, chance, until))
    return tally


@dataclass(frozen=True)
class _Bounds:
    examples: int
    chance: int
    until: float


def _fuzz_operation(
    operation: APIOperation[Any, Any, Any, Any], mode: GenerationMode, world: World, tally: Tally, bounds: _Bounds
) -> None:
    known = {
        parameter.name: world.ids[parameter.name]
        for parameter in operation.path_parameters
        if parameter.name in world.ids
    }
    places = st.fixed_dictionaries({name: st.none() | st.sampled_from(ids) for name, ids in known.items()})

    content = operation.definition.raw.get("requestBody", {}).get("content", {}).get("application/json", {})
    good = {name: world.good[name] for name in content.get("schema", {}).get("properties", ()) if name in world.good}
    bodies = st.sampled_from(BODIES if good and mode is GenerationMode.POSITIVE else BODIES[:1])

    @seed(bounds.chance)
    @settings(
        max_examples=bounds.examples,
        database=None,
        deadline=None,
        phases=[Phase.generate],
        verbosity=Verbosity.quiet,
        suppress_health_check=list(HealthCheck),
    )
    @given(operation.as_strategy(mode), st.sampled_from(PEOPLE), st.sampled_from(HEADERS), places, bodies)
    def send(case: Case[Any], person: str, headers: Mapping[str, str], chosen: dict[str, Any], kind: str) -> None:
        if time.monotonic() >= bounds.until:
            return
        if kind != "made up" and isinstance(case.body, dict):
            case.body = good if kind == "good" else case.body | good
        case.path_parameters.update({name: value for name, value in chosen.items() if value is not None})
        request = _prepared(case, headers)
        if len(request.url or "") > LONGEST:
            return
        response, sent = _sent(world.people[person], request)
        tally.statuses[response.status_code] += 1
        world.is_spent |= operation.method != "get" and response.is_success
        try:
            case.validate_response(response, checks=list(CHECKS))
        except FailureGroup as group:
            for failure in group.exceptions:
                if not isinstance(failure, Failure):
                    raise
                tally.note(operation.label, person, failure, sent)

    try:
        send()
    except Unsatisfiable:
        assert mode is GenerationMode.NEGATIVE, f"{operation.label} can be asked for nothing"


def _prepared(case: Case[Any], headers: Mapping[str, str]) -> requests.PreparedRequest:
    prepared = requests.Request(**case.as_transport_kwargs(base_url="http://testserver")).prepare()
    prepared.headers.pop("content-length", None)
    prepared.headers.update(headers)
    return prepared


def _sent(caller: Caller, request: requests.PreparedRequest) -> tuple[Response, str]:
    """Send a request as a caller; the answer, and both as text without the token."""
    assert request.method is not None
    assert request.url is not None
    body = request.body or b""
    assert isinstance(body, str | bytes)
    bearer = {} if caller.token is None else {"Authorization": f"Bearer {caller.token}"}
    given = ({**request.headers} | bearer).items()
    # As requests would send them: made-up header values have letters that are not ASCII's.
    headers = [
        (name.encode(), value if isinstance(value, bytes) else str(value).encode("latin-1")) for name, value in given
    ]
    response = caller.archive.client.request(request.method, request.url, content=body, headers=headers)
    said = f"{request.method} {request.url[:500]} {dict(request.headers)} {body[:500]!r}"
    return response, f"{said}\n-> {response.status_code} {response.text[:500]}"
