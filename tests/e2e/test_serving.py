"""The server as people run it: started, fed, killed, started again."""

from __future__ import annotations

import json
import os
import shutil
import signal
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.e2e.running import PATIENCE, Server


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    server = Server(tmp_path / "data")
    server.start()
    yield server
    if server.process is not None and server.process.poll() is None:
        server.stop()


def records(start: int, count: int) -> bytes:
    lines = (
        {
            "title": f"Work {n}",
            "key": str(n),
            "fandoms": ["Fables"],
            "chapters": [{"content": f"<p>Fox number {n}.</p>"}],
        }
        for n in range(start, start + count)
    )
    return b"\n".join(json.dumps(line).encode() for line in lines)


def until(server: Server, total: int) -> None:
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        status, body = server.ask("/v1/works", fandom="Fables", limit=1)
        if status == 200 and body["total"] == total:
            return
        time.sleep(0.1)
    raise AssertionError(body)


def test_what_is_imported_is_searchable_when_the_command_returns(server: Server) -> None:
    assert server.get("/v1/works")["total"] == 0
    result = server.command("import", "-", stdin=records(0, 30))
    assert result.returncode == 0, result.stderr
    assert b"30 created" in result.stdout
    assert server.get("/v1/works", fandom="Fables")["total"] == 30
    assert server.get("/v1/passages", text='"fox number 7"')["total"] == 1
    again = server.command("import", "-", stdin=records(0, 30))
    assert b"30 unchanged" in again.stdout


def test_a_failed_item_is_exit_code_one_and_stops_nothing(server: Server, tmp_path: Path) -> None:
    report = tmp_path / "report.jsonl"
    stdin = records(0, 1) + b'\n{"titel": "x"}\n' + records(1, 1)
    result = server.command("import", "-", "--report", str(report), stdin=stdin)
    assert result.returncode == 1
    rows = [json.loads(line) for line in report.read_bytes().splitlines()]
    assert sorted(row["outcome"] for row in rows) == ["created", "created", "failed"]
    failed = next(row for row in rows if row["outcome"] == "failed")
    assert failed["problem"]["code"] == "unknown-member"
    assert "title" in failed["problem"]["detail"]
    assert failed["input"].endswith("line 2")


def test_a_killed_server_comes_back_with_everything(server: Server) -> None:
    server.command("import", "-", stdin=records(0, 20))
    child = server.indexer_pid()
    server.kill()
    deadline = time.monotonic() + PATIENCE
    while Path(f"/proc/{child}").exists() and "Z" not in Path(f"/proc/{child}/stat").read_text().split()[2]:
        assert time.monotonic() < deadline, "the indexer outlived its server"
        time.sleep(0.05)
    server.start()
    assert server.get("/v1/works", fandom="Fables")["total"] == 20


def test_a_killed_indexer_is_started_again(server: Server) -> None:
    os.kill(server.indexer_pid(), signal.SIGKILL)
    result = server.command("import", "-", stdin=records(0, 25))
    assert result.returncode == 0
    until(server, 25)


def test_a_removed_index_is_rebuilt_while_works_are_read(server: Server) -> None:
    server.command("import", "-", stdin=records(0, 15))
    work_id = server.get("/v1/works", limit=1)["items"][0]["id"]
    shutil.rmtree(server.data_dir / "index")
    assert server.get(f"/v1/works/{work_id}")["id"] == work_id
    server.wait_for("/readyz", 200)
    until(server, 15)
    server.command("import", "-", stdin=records(15, 5))
    until(server, 20)


def test_stops_gracefully(server: Server) -> None:
    assert server.stop() in (0, -signal.SIGTERM)
