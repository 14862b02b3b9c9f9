"""A walk over all that asks the database: each operation by each kind of caller, workers, indexer and commands."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import update

from app.cli.exporting import OPERATOR
from app.exports.folder import write_folder
from app.imports.work import Worker
from app.jobs.leases import Unit, renew
from app.models import Identity, ImportJob, Invitation, MailCode
from app.tags.bulk.exporting import export_tags
from app.tags.bulk.importing import TableImport
from tests.conftest import TestArchive
from tests.imports.jobs import ndjson, send
from tests.imports.jobs import work as work_on_imports
from tests.plans.people import walk_accounts
from tests.soak.fuzzing import World, make_world
from tests.writing import TEXT, Caller, member, moderator

QUERIES = {
    "/v1/works": [
        "?fandom=Test&sort=-kudos&limit=1", "?q=lanterns&facets=fandom,freeform,rating", "?text=lanterns&limit=1",
        "?author=ann1&exclude_freeform=Storms 1", "?any_tag=Storms 1&any_tag=Calm 1", "?series_id=1", "?ids=1,2,3",
        "?relationship_with=A", "?source_url=https://example.org/s/1", "?author_id=1&sort=title&limit=1",
    ],
    "/v1/passages": ["?text=lanterns&limit=1"],
    "/v1/tags": ["?limit=1", "?q=st", "?type=freeform&sort=name", "?unwrangled=true", "?fandom=Fandom 1"],
    "/v1/tags/autocomplete": ["?q=st", "?q=x&type=character&fandom=Fandom 1"],
    "/v1/tags/bins": ["", "?fandom=Fandom 1&type=freeform&limit=1", "?assigned=true"],
    "/v1/tags/assignments": ["", "?wrangler=wren1", "?fandom_id=3"],
    "/v1/tags/{tag_id}/history": ["?limit=1"],
    "/v1/exports/works.ndjson": ["", "?freeform=Storms 1"],
    "/v1/authors": ["?limit=1", "?q=an", "?page=2&limit=1"],
    "/v1/series": ["?limit=1", "?author_id={author_id}", "?page=2&limit=1"],
    "/v1/works/{work_id}": ["", "?include=chapters"],
    "/v1/authors/{author_id}/works": ["", "?facets=freeform"],
    "/v1/changes": ["", "?after=3&limit=1"],
    "/v1/me/works": ["?limit=1", "?state=published", "?state=deleted"],
    "/v1/imports": ["?limit=1", "?state=succeeded"],
    "/v1/imports/{import_id}/items": ["?limit=1", "?outcome=created", "?undone=deleted"],
    "/v1/moderation/reports": ["?limit=1", "?state=open"],
    "/v1/moderation/claims": ["?limit=1", "?state=open"],
    "/v1/moderation/log": ["?limit=1"],
    "/v1/me/notices": ["?limit=1"],
    "/v1/me/claims": ["?limit=1"],
}  # fmt: skip
"""What reads are asked beside nothing at all."""


def walk(archive: TestArchive, folder: Path) -> set[tuple[str, str]]:
    """Ask for everything; the operations that answered somebody with a success."""
    document = archive.get("/openapi.json")
    with _answered(archive, document) as answered:
        world = make_world(archive)
        world.people["moderator"] = moderator(archive, "mona")
        _keep_things(archive, world)
        _write(world)
        _wrangle(world)
        for path in [path for path, methods in document["paths"].items() if "get" in methods]:
            for caller in world.people.values():
                _read(world, caller, path)
        for method, path, names in _writes(document):
            for caller in world.people.values():
                _send(world, caller, method, path, names)
        walk_accounts(archive)
        _work(archive, folder)
    return answered


@contextmanager
def _answered(archive: TestArchive, document: dict[str, Any]) -> Iterator[set[tuple[str, str]]]:
    """Operations that were answered with a success; fixed paths before those with parameters."""
    paths = sorted(document["paths"], key=lambda path: path.count("{"))
    patterns = [(path, re.compile(re.sub(r"\{\w+\}", "[^/]+", path) + r"(\?.*)?$")) for path in paths]
    answered: set[tuple[str, str]] = set()
    send = archive.client.request

    def note(method: str, url: Any, **given: Any) -> Any:
        response = send(method, url, **given)
        assert response.status_code < 500, (method, url, response.text)
        if response.status_code < 300:
            asked = str(url).removeprefix("http://testserver")
            answered.add((method.lower(), next((path for path, pattern in patterns if pattern.match(asked)), asked)))
        return response

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(archive.client, "request", note)
        yield answered


def _keep_things(archive: TestArchive, world: World) -> None:
    """Rows of the tables that nothing of the walk fills, so that no table is empty."""
    now = datetime.now(UTC)
    with archive.database.write() as session:
        ends = {"created_at": now, "expires_at": now + timedelta(days=1)}
        session.add(Identity(issuer="https://id.example", subject="1", account_id=1, created_at=now))
        session.add(Invitation(hash="1", **ends))
        session.add(MailCode(kind="confirm", hash="1", account_id=1, email_key="a@example.org", **ends))
    for caller in (world.people["guest"], world.people["wrangler"]):
        caller.send("POST", f"/works/{world.ids['work_id'][0]}/kudos")
    archive.client.app_state["hits"].count()
    archive.client.app_state["token_uses"].write()
    archive.client.app_state["token_uses"].tidy()


def _address(world: World, path: str) -> str:
    for name, ids in world.ids.items():
        path = path.replace(f"{{{name}}}", str(ids[0]))
    return path


def _read(world: World, caller: Caller, path: str) -> None:
    """Ask for each query of a path, and for the page after the first."""
    for query in QUERIES.get(path, [""]):
        address = _address(world, path + query).removeprefix("/v1")
        if path.startswith("/v1"):
            response = caller.send("GET", address)
            listed = response.status_code == 200 and response.headers["content-type"] == "application/json"
            if listed and (following := query and response.json().get("next")):
                caller.send("GET", f"{address}&cursor={following}")
        else:
            bearer = {"Authorization": f"Bearer {caller.token}"} if caller.token else {}
            caller.archive.client.request("GET", path, headers=bearer)


def _writes(document: dict[str, Any]) -> Iterator[tuple[str, str, list[str]]]:
    """Method, path and the members of the body of all that is no read; what destroys last."""
    for last in (False, True):
        for path, methods in document["paths"].items():
            for method in sorted(methods.keys() - {"get"}):
                if (method == "delete") == last:
                    content = methods[method].get("requestBody", {}).get("content", {}).get("application/json", {})
                    yield method, path, list(content.get("schema", {}).get("properties", ()))


def _send(world: World, caller: Caller, method: str, path: str, names: list[str]) -> None:
    body = {name: world.good[name] for name in names if name in world.good} if names else None
    caller.send(method.upper(), _address(world, path).removeprefix("/v1"), body, "*")


def _write(world: World) -> None:
    """What one request after another does: series in an order, bylines, claims, reports, imports that are undone."""
    ann, wren, mona, admin = (world.people[name] for name in ("member", "wrangler", "moderator", "admin"))
    archive, work, other = ann.archive, world.ids["work_id"][0], world.ids["work_id"][1]
    wren.send("POST", f"/me/invitations/{world.ids['invitation_id'][0]}/accept")
    ann.done("POST", f"/works/{work}/chapters", {"title": "Draft", "content": TEXT, "state": "draft"})
    chapters = [one["id"] for one in ann.get(f"/works/{work}/chapters")["items"]]
    ann.done("PUT", f"/works/{work}/chapters/order", {"chapter_ids": [chapters[1], chapters[0], chapters[2]]})
    ann.send("GET", f"/works/{work}/chapters/3/revisions")
    ann.done("DELETE", f"/chapters/{chapters[2]}")
    ann.done("POST", f"/works/{work}/chapters", {"title": "Third", "content": TEXT})
    ann.done("DELETE", f"/works/{work}/chapters/3")
    ann.post(title="People", characters=["Ada", "Ben"], relationships=["Ada/Ben", "Ada & Cy"])
    series = ann.done("POST", "/series", {"title": "Days"})["id"]
    ann.done("PUT", f"/series/{series}/works", {"work_ids": [work, other]})
    ann.done("PATCH", f"/works/{work}", {"title": "Again"})
    for _ in range(2):
        ann.send("POST", "/series", {"title": "Kept"}, **{"Idempotency-Key": "again"})
    for path in ("/works/{}/invitations/{}", "/me/invitations/{1}"):
        asked = ann.send("POST", f"/works/{other}/invitations", {"author_id": wren.author_id}).json()["id"]
        (ann if "works" in path else wren).send("DELETE", path.format(other, asked))
    ann.send("DELETE", f"/works/{work}/authors/{ann.author_id}", None, "*")
    _bring(admin)
    archive.settle()
    old = archive.get("/v1/authors?q=old")["items"][0]["id"]
    for decided in ("refuse", "grant"):
        claim = ann.send("POST", "/claims", {"author_id": old, "evidence": "My address.", "works": "orphan"}).json()
        mona.send("GET", f"/moderation/claims/{claim['id']}")
        mona.send("POST", f"/moderation/claims/{claim['id']}/{decided}", {"note": "Seen"})
    for subject, number in (("work", work), ("author", ann.author_id)):
        body = {"subject": subject, "subject_id": number, "reason": "Spam"}
        report = wren.send("POST", "/reports", body).json()["id"]
        mona.send("POST", f"/moderation/reports/{report}/close", {"decision": "upheld", "note": "Seen"})
    _keep(world)


def _bring(admin: Caller) -> None:
    """Imports that are paused, resumed, cancelled and undone, and a work that changes."""
    for path in (("pause", "resume", "cancel"), ("undo",)):
        number = f"{path[0]} {admin.token}"
        job = send(admin, ndjson({"title": "Gone", "key": number, "fandoms": ["Test"], "series": ["Row"]})).json()["id"]
        for what in path:
            if what == "undo":
                work_on_imports(admin)
            admin.send("POST", f"/imports/{job}/{what}")
        work_on_imports(admin)
    old = {"title": "Old", "key": "old", "fandoms": ["Test"], "authors": ["Old Name"], "gifts": ["ann1"]}
    source = {"source": {"url": "https://example.org/s/1"}, "series": [{"title": "Row", "position": 1}]}
    admin.archive.add(old | source)
    admin.archive.add(old | source | {"title": "Older", "chapters": [{"content": TEXT}]})


def _keep(world: World) -> None:
    """What moderators and readers do to a work and to one another."""
    ann, wren, mona = (world.people[name] for name in ("member", "wrangler", "moderator"))
    work = ann.post(title="Hidden")["id"]
    wren.send("POST", f"/works/{work}/kudos")
    wren.send("DELETE", f"/works/{work}/kudos")
    mona.send("POST", f"/works/{work}/hide", {"reason": "x"})
    mona.send("POST", f"/works/{work}/unhide")
    ann.send("DELETE", f"/works/{work}", None, "*")
    ann.send("POST", f"/works/{work}/restore", None, "*")
    who = member(ann.archive, "bob").get("/me")["id"]
    mona.send("POST", f"/moderation/accounts/{who}/suspend", {"reason": "Spam"})
    mona.send("POST", f"/moderation/accounts/{who}/unsuspend")


def _wrangle(world: World) -> None:
    """A fandom is looked after, an act is undone, a tag that nobody uses goes."""
    wren, admin = world.people["wrangler"], world.people["admin"]
    fandom, canonical = world.ids["tag_id"][2], world.ids["tag_id"][0]
    admin.send("PUT", f"/tags/{fandom}/wranglers/wren1")
    wren.send("POST", "/tags/wrangle", {"acts": [{"tag_id": fandom, "canonical": True}]})
    act = wren.send("POST", "/tags/wrangle", {"acts": [{"tag_id": canonical, "parents": [fandom]}]}).json()
    for result in act.get("results", ()):
        wren.send("POST", f"/tags/acts/{result['act_id']}/undo")
    wren.send("DELETE", f"/tags/{wren.archive.tag('Nobody uses it')}", None, "*")
    wren.send("PATCH", f"/tags/{canonical}", {"name": wren.get(f"/tags/{canonical}")["name"].upper()})
    wren.archive.client.request("POST", "/v1/works/search", json={"fandom": ["Test"]})
    wren.archive.settle()


def _work(archive: TestArchive, folder: Path) -> None:
    """What no request does: the worker's heart, sweeping, the indexer from nothing, tables of tags, whole dumps."""
    worker = Worker(archive.database, archive.settings)
    long_ago = datetime.now(UTC) - timedelta(days=1_000)
    with archive.database.write() as session:
        renew(session, Unit(1, 0, "lines", 0, 0, 0, 0, 0, 0, None, 0, 1, worker.name))
        session.execute(update(ImportJob).where(ImportJob.id == 1).values(finished_at=long_ago))
    worker._looked = worker._swept = float("-inf")  # it is time to look after others
    worker.step()
    table = b'{"type":"freeform","name":"Rain","canonical":true,"broader":["Storms 1"]}\n'
    table += b'{"type":"character","name":"Ada","canonical":true,"parents":[{"type":"fandom","name":"Fandom 1"}]}\n'
    table += b'{"type":"freeform","name":"Rainy","canonical":false,"synonym_of":"Rain"}\n'
    TableImport(archive.database).run([("tags", io.BytesIO(table))], lambda _row: None)
    with archive.database.reading() as connection:
        assert list(export_tags(connection, "ndjson", unwrangled=True))
    archive.settle()
    write_folder(archive.database, OPERATOR, archive.settings.secret(), folder / "dump", lambda _name, _count: None)
    archive.indexer.rebuild()
    archive.settle()
