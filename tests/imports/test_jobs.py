"""Import jobs: taken in, worked on, steered, reported, undone."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import Any

import orjson
import pytest
from sqlalchemy import text

from app.errors import StorageFull
from app.imports import cutting, runner
from app.imports.receiving import Receiver
from app.imports.work import Worker
from tests.conftest import TestArchive
from tests.imports.jobs import bring, ndjson, send, stopped_after, work
from tests.test_migrations import fanarchive
from tests.writing import Caller, member, operator


@pytest.fixture
def op(archive: TestArchive) -> Caller:
    return operator(archive, "import")


PART = b'--b\r\nContent-Disposition: form-data; name="%s"; filename="a"\r\n\r\nx'


def records(count: int, start: int = 0) -> list[dict[str, Any]]:
    return [{"title": f"Work {n}", "key": f"k{n}", "fandoms": ["Test"]} for n in range(start, start + count)]


def test_a_stream_of_works_is_taken_worked_on_and_found(op: Caller) -> None:
    body = ndjson(*records(3)[:2]) + b"\n\n{}\n" + ndjson(*records(1, 2))
    response = send(op, body)
    assert response.status_code == 202
    assert response.headers["location"] == "/v1/imports/1"
    waiting = response.json()
    assert (waiting["state"], waiting["total"], waiting["counts"]["seen"]) == ("queued", 4, 0)
    work(op)
    job = op.get("/imports/1")
    assert (job["state"], job["bytes"]) == ("succeeded", len(body))
    assert job["counts"] == {"seen": 4, "created": 3, "updated": 0, "unchanged": 0, "failed": 1}
    items = op.get("/imports/1/items")["items"]
    assert [(item["index"], item["input"], item["key"], item["outcome"]) for item in items] == [
        (0, "line 1", "k0", "created"), (1, "line 2", "k1", "created"), (2, "line 4", None, "failed"),
        (3, "line 5", "k2", "created"),
    ]  # fmt: skip
    assert items[2]["problem"]["code"] == "title-or-chapter-required"
    assert op.archive.get("/v1/works", after_change=job["change"])["total"] == 3
    failed = op.get("/imports/1/items?outcome=failed")
    assert (failed["total"], [item["index"] for item in failed["items"]]) == (1, [2])
    page = op.get("/imports/1/items?limit=3")
    assert [item["index"] for item in op.get(f"/imports/1/items?limit=3&cursor={page['next']}")["items"]] == [3]
    assert [item["outcome"] for item in bring(op, *records(3))] == ["unchanged"] * 3


def test_several_files_are_one_import_in_their_order(op: Caller) -> None:
    files = [
        ("files", ("one.txt", b"First Light\n\nThere was a fox.\n")),
        ("files", ("two.ndjson", ndjson(*records(2)))),
        ("files", ("three.json", orjson.dumps([{"title": "A", "fandoms": ["T"]}, {"title": "B", "fandoms": ["T"]}]))),
        ("files", ("four.pdf", b"%PDF-1.7")),
    ]
    headers = {"Authorization": f"Bearer {op.token}"}
    response = op.archive.client.post("/v1/imports", files=files, headers=headers)
    assert response.status_code == 202, response.text
    work(op)
    items = op.get("/imports/1/items")["items"]
    assert [item["index"] for item in items] == list(range(6))
    assert [item["input"].split(" ")[0] for item in items] == [
        "one.txt", "two.ndjson", "two.ndjson", "three.json", "three.json", "four.pdf",
    ]  # fmt: skip
    assert items[5]["problem"]["code"] == "unsupported-format"
    assert op.get("/imports/1")["total"] == 6


def test_a_dry_run_writes_nothing(op: Caller) -> None:
    assert [item["outcome"] for item in bring(op, *records(2), query="?dry_run=true")] == ["created"] * 2
    assert op.archive.get("/v1/works")["total"] == 0
    assert op.refused("POST", "/imports/1/undo", None, 409)["code"] == "import-state"


def test_blocks_of_lines_are_units_that_workers_share(op: Caller, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cutting, "UNIT_BYTES", 2_000)
    send(op, b"\n".join([ndjson(*records(100)), b"", ndjson(*records(100, 100))]))
    workers = [Worker(op.archive.database, op.archive.settings) for _ in range(2)]

    def run(worker: Worker) -> None:
        while worker.step():
            pass

    threads = [threading.Thread(target=run, args=(worker,)) for worker in workers]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    work(op)
    assert op.get("/imports/1")["counts"] == {"seen": 200, "created": 200, "updated": 0, "unchanged": 0, "failed": 0}
    items = [item for page in (1, 2) for item in op.get(f"/imports/1/items?limit=100&page={page}")["items"]]
    assert [(item["index"], item["key"]) for item in items] == [(n, f"k{n}") for n in range(200)]
    assert [item["input"] for item in items[99:101]] == ["line 100", "line 102"]


def test_a_unit_goes_on_where_its_dead_worker_was(op: Caller, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(runner, "BATCH", 10)
    send(op, ndjson(*records(35)))
    dead = Worker(op.archive.database, op.archive.settings)
    dead.name = dead.name.split(":")[0] + ":999999999:dead"  # a process that is not there
    with stopped_after(dead, 2, monkeypatch):
        dead.step()
    assert op.get("/imports/1")["counts"]["seen"] == 20
    work(op)
    assert op.get("/imports/1")["counts"] == {"seen": 35, "created": 35, "updated": 0, "unchanged": 0, "failed": 0}
    assert op.archive.get("/v1/works")["total"] == 35


def test_whoever_lost_its_lease_writes_nothing(op: Caller, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(runner, "BATCH", 10)
    send(op, ndjson(*records(20)))
    slow = Worker(op.archive.database, op.archive.settings)
    inner = slow._importer_of

    def taken_over(job: Any) -> Any:
        with op.archive.database.write() as session:
            session.execute(text("UPDATE import_units SET worker = 'other:1:x' WHERE kind = 'lines'"))
        return inner(job)

    monkeypatch.setattr(slow, "_importer_of", taken_over)
    slow.step()
    assert op.get("/imports/1")["counts"]["seen"] == 0
    assert op.archive.get("/v1/works")["total"] == 0
    with op.archive.database.write() as session:
        session.execute(text("UPDATE import_units SET worker = NULL"))
    work(op)
    assert op.get("/imports/1")["counts"]["created"] == 20


def test_pausing_resuming_cancelling(op: Caller) -> None:
    send(op, ndjson(*records(2)))
    paused = op.send("POST", "/imports/1/pause")
    assert (paused.status_code, paused.json()["state"]) == (200, "paused")
    assert op.send("POST", "/imports/1/pause").status_code == 200
    work(op)
    assert op.get("/imports/1")["counts"]["seen"] == 0
    assert op.send("POST", "/imports/1/resume").json()["state"] == "queued"
    work(op)
    assert op.get("/imports/1")["state"] == "succeeded"
    for act in ("pause", "resume", "cancel"):
        assert op.refused("POST", f"/imports/1/{act}", None, 409)["code"] == "import-state"
    send(op, ndjson(*records(2, 5)))
    assert op.send("POST", "/imports/2/cancel").json()["state"] == "cancelled"
    work(op)
    assert op.archive.get("/v1/works")["total"] == 2


def test_undo_withdraws_what_nobody_edited_since(op: Caller) -> None:
    items = bring(op, *records(3))
    admin = operator(op.archive, "admin")
    admin.done("PATCH", f"/works/{items[1]['work_id']}", {"title": "Mine now"})
    asked = op.send("POST", "/imports/1/undo")
    assert (asked.status_code, asked.json()["undo"]["state"]) == (202, "running")
    work(op)
    assert op.get("/imports/1")["undo"] == {"state": "done", "withdrawn": 2, "left": 1}
    assert [item["undone"] for item in op.get("/imports/1/items")["items"]] == ["withdrawn", "left", "withdrawn"]
    assert op.get("/imports/1/items?undone=left")["total"] == 1
    assert op.archive.titles() == ["Mine now"]
    back = bring(op, *records(3))
    assert [item["outcome"] for item in back] == ["updated", "unchanged", "updated"]
    assert [item["work_id"] for item in back] == [item["work_id"] for item in items]
    assert op.archive.titles() == ["Mine now", "Work 0", "Work 2"]


def test_events_tell_how_far_it_is_and_end_with_it(op: Caller) -> None:
    bring(op, *records(2))
    headers = {"Authorization": f"Bearer {op.token}"}
    stream = op.archive.client.get("/v1/imports/1/events", headers=headers)
    assert stream.headers["content-type"].startswith("text/event-stream")
    name, event, data = stream.text.strip().split("\n")
    assert (name, event) == ("id: 2-succeeded", "event: progress")
    assert orjson.loads(data.removeprefix("data: "))["counts"]["created"] == 2
    over = op.archive.client.get("/v1/imports/1/events", headers=headers | {"Last-Event-ID": "2-succeeded"})
    assert over.status_code == 204


def test_imports_are_their_importers_alone(archive: TestArchive) -> None:
    ann, ben = (member(archive, name, scopes=["import"]) for name in ("ann", "ben"))
    bring(ann, *records(1))
    assert ann.get("/imports")["total"] == 1
    assert ben.get("/imports")["total"] == 0
    assert ben.get("/imports/1", 404)["code"] == "import-not-found"
    assert ben.refused("POST", "/imports/1/cancel", None, 404)["code"] == "import-not-found"
    assert operator(archive, "admin").get("/imports")["total"] == 1


def test_the_same_key_is_one_import(op: Caller) -> None:
    headers = {"Idempotency-Key": "once"}
    first = send(op, ndjson(*records(1)), **headers)
    again = send(op, ndjson(*records(1)), **headers)
    assert (again.content, again.headers["idempotency-replayed"]) == (first.content, "true")
    assert send(op, ndjson(*records(2)), **headers).json()["code"] == "idempotency-key-reused"


@pytest.mark.parametrize(
    ("body", "kind", "status", "code"),
    [
        (b"", "application/x-ndjson", 422, "invalid-request"),
        (b"x", "multipart/form-data", 422, "invalid-request"),
        (b"--b\r\nnonsense", "multipart/form-data; boundary=b", 422, "invalid-request"),
        (PART % b"files", "multipart/form-data; boundary=b", 422, "invalid-request"),
        (PART % b"file" + b"\r\n--b--\r\n", "multipart/form-data; boundary=b", 422, "invalid-request"),
    ],
)  # fmt: skip
def test_what_is_no_import_leaves_nothing(op: Caller, body: bytes, kind: str, status: int, code: str) -> None:
    response = send(op, body, kind=kind)
    assert (response.status_code, response.json()["code"]) == (status, code)
    assert op.get("/imports")["total"] == 0
    assert not list(op.archive.settings.spool_dir.iterdir())


def test_members_send_so_much_and_so_many(archive: TestArchive) -> None:
    ann = member(archive, "ann", scopes=["import"])
    archive.client.app_state["settings"].max_member_import_bytes = 100
    archive.client.app_state["settings"].imports_at_once = 1
    assert send(ann, b"x" * 101).json()["code"] == "too-large"
    assert send(ann, ndjson(*records(1))).status_code == 202
    assert send(ann, ndjson(*records(1, 1))).json()["code"] == "too-many-imports"


def test_a_full_disk_is_said() -> None:
    with open("/dev/full", "wb") as full:  # noqa: PTH123  a device that has no room
        receiver = Receiver(full, 10**9, "application/x-ndjson")
        with pytest.raises(StorageFull):
            receiver.feed(b"x" * 1_000_000)


def test_a_suspended_account_imports_no_more(archive: TestArchive) -> None:
    ann = member(archive, "ann", scopes=["import"])
    send(ann, ndjson(*records(1)))
    with archive.database.write() as session:
        session.execute(text("UPDATE accounts SET suspended_at = created_at"))
    work(ann)
    assert operator(archive, "admin").get("/imports/1")["problem"]["code"] == "account-suspended"
    assert archive.get("/v1/works")["total"] == 0


def test_what_an_import_is_told_beside_its_files_has_to_be_known(op: Caller, tmp_path: Path) -> None:
    for name, value in (("language", "klingonese"), ("rating", "tean"), ("status", "dne"), ("mode", "upsrt")):
        (error,) = send(op, ndjson(*records(1)), f"?{name}={value}").json()["errors"]
        assert (error["parameter"], error["code"]) == (name, "bad-value")
    refused = fanarchive(tmp_path / "other", "import", "--language", "klingonese", str(tmp_path))
    assert refused.returncode == 2
    assert refused.stderr.startswith("Unknown language “klingonese”")
    assert not (tmp_path / "other").exists()
    bring(op, {"title": "Story", "key": "s"}, query="?language=Deutsch")
    assert op.get("/works/1")["language"] == "de"
