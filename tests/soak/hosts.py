"""Several hosts for longer: ``python -m tests.soak.hosts`` writes ``docs/performance/hosts-faults.md`` and its JSON.

Each part runs readers and writers through the proxy and counts what failed. In the end, what clients were told was
written is looked for in the database and in every host's index.
"""

from __future__ import annotations

import argparse
import shutil
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import orjson

from tests.hosts.client import Crowd, Tally, work
from tests.hosts.fleet import Fleet, fleet, uses_replica
from tests.hosts.postgres import wait_until_replayed

PAGE = Path(__file__).resolve().parents[2] / "docs" / "performance" / "hosts-faults.md"
RESULTS = PAGE.with_suffix(".json")
PATIENCE = 180.0
HEAD = """# Several hosts: what failed

Three hosts over a PostgreSQL primary and a streaming replica behind HAProxy, all real, with the configuration of
`deploy/hosts`, on one machine. Readers open what lists show them, writers post works, all through the proxy; a failure
is a server's error, a connection without an answer, or a listed work that cannot be opened. `python -m
tests.soak.hosts` (part of `make soak`) writes this page.

"""


def until(what: Callable[[], bool]) -> float:
    """Wait for something; the seconds that it took."""
    started = time.monotonic()
    while not what():
        assert time.monotonic() - started < PATIENCE
        time.sleep(0.1)
    return time.monotonic() - started


def rolling(hosts: Fleet, rounds: int) -> str:
    """Restart every host in turn, again and again."""
    took = [hosts.restart(number) for _ in range(rounds) for number in range(len(hosts.hosts))]
    return f"{len(took)} restarts, {statistics.median(took):.0f} s each until ready again (median)"


def lag(hosts: Fleet, seconds: int) -> str:
    """The replica shows everything so many seconds late."""
    hosts.replica.ask(f"ALTER SYSTEM SET recovery_min_apply_delay = '{seconds}s'")
    hosts.replica.ask("SELECT pg_reload_conf()")
    writer, operator, guest = hosts.client(0, hosts.writer), hosts.client(0, hosts.token), hosts.client(1)
    posted = writer.ask("POST", "/v1/works", work("Late by a while"))
    page = f"/v1/works/{posted.body['id']}"
    waited = guest.get("/v1/works", q="late by a while", after_change=posted.change)
    assert (waited.status, waited.body["code"]) == (503, "change-not-applied"), waited
    assert guest.get(page, after_change=posted.change).status == 200
    found = until(lambda: guest.get("/v1/works", q='"late by a while"').body["total"] == 1)
    hiding = operator.ask("POST", f"{page}/hide", {"reason": "A reason."})
    assert guest.get(page, after_change=hiding.change).status == 404
    gone = until(lambda: guest.get(page).status == 404)
    assert uses_replica(hosts, 1)
    hosts.replica.ask("ALTER SYSTEM RESET recovery_min_apply_delay")
    hosts.replica.ask("SELECT pg_reload_conf()")
    wait_until_replayed(hosts.primary, hosts.replica)
    waits = hosts.hosts[0].environment["FANARCHIVE_AFTER_CHANGE_WAIT"]
    at_once = f"with `after_change` by id at once, a search 503 after {waits} s"
    return f"{at_once}; without it a new work was found after {found:.0f} s, a hidden one last shown after {gone:.0f} s"


def replica_dies(hosts: Fleet, times: int) -> str:
    """SIGQUIT for the replica, and its start."""
    for _ in range(times):
        hosts.replica.stop()
        until(lambda: not any(uses_replica(hosts, number) for number in range(3)))
        hosts.replica.start()
        until(lambda: all(uses_replica(hosts, number) for number in range(3)))
    return f"{times} times; reads went to the primary and came back"


def away_and_new(hosts: Fleet, times: int) -> str:
    """A host is killed, misses a while or loses its folder, and comes back."""
    took = []
    for number in range(times):
        host = hosts.hosts[1 + number % 2]
        # As an operator who takes a host out: the proxy learns of it, then its folder goes.
        assert host.process is not None
        host.process.terminate()
        host.process.wait()
        if number % 2:
            shutil.rmtree(host.data_dir)
        time.sleep(2)
        started = time.monotonic()
        host.start()
        took.append(time.monotonic() - started)
    return f"{times} times, every second with an empty folder; {statistics.median(took):.0f} s until ready (median)"


def lost(hosts: Fleet, tally: Tally) -> dict[str, int]:
    """Of what clients were told was written: how much the database, and each host's index, has not got."""
    hosts.settle()
    with hosts.primary.connect() as connection:
        rows = dict(connection.execute("SELECT id, title FROM works WHERE state = 'published'").fetchall())
    missing = {"database": sum(rows.get(one) != title for one, title in tally.posted.items())}
    for number in range(len(hosts.hosts)):
        client, found, cursor = hosts.client(number), set(), {}
        while True:
            page = client.get("/v1/works", limit=100, sort="published_at", fields="id", **cursor).body
            found |= {item["id"] for item in page["items"]}
            if page["next"] is None:
                break
            cursor = {"cursor": page["next"]}
        missing[f"index of host {number + 1}"] = len(tally.posted.keys() - found)
    return missing


def run(hosts: Fleet, given: argparse.Namespace) -> dict[str, Any]:
    """All parts, one after another."""
    parts: list[tuple[str, Callable[[], str]]] = [
        ("rolling restarts", lambda: rolling(hosts, given.rounds)),
        (f"the replica lags {given.lag} s", lambda: lag(hosts, given.lag)),
        ("the replica dies", lambda: replica_dies(hosts, given.deaths)),
        ("hosts that were away, and new ones", lambda: away_and_new(hosts, given.away)),
    ]
    results = []
    for name, part in parts:
        with Crowd("127.0.0.1", hosts.port, hosts.writer, readers=4, writers=2) as crowd:
            until(lambda: crowd.tally.requests > 50)
            said = part()
            until(lambda: crowd.tally.requests > 100)
        tally = crowd.tally
        row = {"part": name, "said": said, "requests": tally.requests, "written": len(tally.posted)}
        row |= {"failures": len(tally.failures), "first": tally.failures[:3], "lost": lost(hosts, tally)}
        results.append(row)
        print(orjson.dumps(row).decode(), flush=True)  # noqa: T201  an hour without a word is long
    return {"parts": results}


def page(results: dict[str, Any]) -> str:
    """The results as a page."""
    lines = [HEAD, "| | requests | works written | failed | lost: database | lost: indexes | |\n"]
    lines.append("|---|---|---|---|---|---|---|\n")
    for one in results["parts"]:
        indexes = sum(count for place, count in one["lost"].items() if place != "database")
        cells = [one["part"], f"{one['requests']:,}", f"{one['written']:,}", one["failures"]]
        cells += [one["lost"]["database"], indexes, one["said"]]
        lines.append("| " + " | ".join(str(cell) for cell in cells) + " |\n")
    return "".join(lines)


def main() -> None:
    """Run it, write the page; exit with 1 where something failed or was lost."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--lag", type=int, default=30)
    parser.add_argument("--deaths", type=int, default=5)
    parser.add_argument("--away", type=int, default=4)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as name, fleet(Path(name), FANARCHIVE_AFTER_CHANGE_WAIT="5") as hosts:
        results = run(hosts, given)
    RESULTS.write_bytes(orjson.dumps(results, option=orjson.OPT_INDENT_2) + b"\n")
    PAGE.write_text(page(results))
    if any(one["failures"] or any(one["lost"].values()) for one in results["parts"]):
        raise SystemExit(1)


if __name__ == "__main__":
    main()
