"""The server as people run it: started, fed, killed, started again."""

from __future__ import annotations

import http.client
import json
import os
import shutil
import signal
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.e2e.running import PATIENCE, Server


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """One for all, since to start one takes four seconds of the processor; each test has a fandom of its own."""
    server = Server(tmp_path_factory.mktemp("serving") / "data")
    server.environment["FANARCHIVE_IMPORT_WORKERS"] = "0"  # the command imports by itself
    server.start()
    yield server
    assert server.stop() == 0, "it stops gracefully"


def records(fandom: str, start: int, count: int) -> bytes:
    lines = (
        {
            "title": f"Work {n}",
            "key": f"{fandom} {n}",
            "fandoms": [fandom],
            "chapters": [{"content": f"<p>Fox number {n}.</p>"}],
        }
        for n in range(start, start + count)
    )
    return b"\n".join(json.dumps(line).encode() for line in lines)


def running_indexer(server: Server) -> int:
    """The indexer's process. A server is ready by the index that is there, and its indexer says later who it is."""
    deadline = time.monotonic() + PATIENCE
    while not Path(f"/proc/{server.indexer_pid()}").exists():
        assert time.monotonic() < deadline, "no indexer runs"
        time.sleep(0.05)
    return server.indexer_pid()


def until(server: Server, fandom: str, total: int) -> None:
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        status, body = server.ask("/v1/works", fandom=fandom, limit=1)
        if status == 200 and body["total"] == total:
            return
        time.sleep(0.1)
    raise AssertionError(body)


def test_what_is_imported_is_searchable_when_the_command_returns(server: Server) -> None:
    assert server.get("/v1/works", fandom="Foxes")["total"] == 0
    result = server.command("import", "-", stdin=records("Foxes", 0, 30))
    assert result.returncode == 0, result.stderr
    assert b"30 created" in result.stdout
    assert server.get("/v1/works", fandom="Foxes")["total"] == 30
    assert server.get("/v1/passages", text='"fox number 7"', fandom="Foxes")["total"] == 1
    again = server.command("import", "-", stdin=records("Foxes", 0, 30))
    assert b"30 unchanged" in again.stdout


def test_a_head_leaves_the_connection_to_the_next_request(server: Server) -> None:
    connection = http.client.HTTPConnection(server.host, server.port, timeout=10)
    for method in ("HEAD", "GET", "HEAD", "GET"):
        connection.request(method, "/v1/works")
        answer = connection.getresponse()
        length = len(answer.read())
        assert (answer.status, length) == (200, 0 if method == "HEAD" else int(answer.headers["content-length"]))
    connection.close()


def test_a_failed_item_is_exit_code_one_and_stops_nothing(server: Server, tmp_path: Path) -> None:
    report = tmp_path / "report.jsonl"
    stdin = records("Hens", 0, 1) + b'\n{"titel": "x"}\n' + records("Hens", 1, 1)
    result = server.command("import", "-", "--report", str(report), stdin=stdin)
    assert result.returncode == 1
    rows = [json.loads(line) for line in report.read_bytes().splitlines()]
    assert sorted(row["outcome"] for row in rows) == ["created", "created", "failed"]
    failed = next(row for row in rows if row["outcome"] == "failed")
    assert failed["problem"]["code"] == "unknown-member"
    assert "title" in failed["problem"]["detail"]
    assert failed["input"].endswith("line 2")


def test_a_killed_server_comes_back_with_everything(server: Server) -> None:
    server.command("import", "-", stdin=records("Crows", 0, 20))
    child = server.indexer_pid()
    server.kill()
    deadline = time.monotonic() + PATIENCE
    while Path(f"/proc/{child}").exists() and "Z" not in Path(f"/proc/{child}/stat").read_text().split()[2]:
        assert time.monotonic() < deadline, "the indexer outlived its server"
        time.sleep(0.05)
    server.start()
    assert server.get("/v1/works", fandom="Crows")["total"] == 20


def test_a_killed_indexer_is_started_again(server: Server) -> None:
    os.kill(running_indexer(server), signal.SIGKILL)
    result = server.command("import", "-", stdin=records("Wolves", 0, 25))
    assert result.returncode == 0
    until(server, "Wolves", 25)


def test_a_removed_index_is_rebuilt_while_works_are_read(server: Server) -> None:
    server.command("import", "-", stdin=records("Owls", 0, 15))
    work_id = server.get("/v1/works", fandom="Owls", limit=1)["items"][0]["id"]
    shutil.rmtree(server.data_dir / "index")
    assert server.get(f"/v1/works/{work_id}")["id"] == work_id
    server.wait_for("/readyz", 200)
    until(server, "Owls", 15)
    server.command("import", "-", stdin=records("Owls", 15, 5))
    until(server, "Owls", 20)
