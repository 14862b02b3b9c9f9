"""Several hosts over a primary and a replica, behind the proxy of ``deploy/hosts``: real servers, all of them.

The long form is ``python -m tests.soak.hosts``.
"""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial

import psycopg
import pytest

from app.config import Settings
from app.db.engine import Database
from app.jobs.changes import START, read_changes
from tests.hosts.client import Crowd, work
from tests.hosts.fleet import PATIENCE, Fleet, fleet, lacking, requests_in, uses_replica

pytestmark = [pytest.mark.skipif(lacking is not None, reason=str(lacking)), pytest.mark.timeout(600)]


@pytest.fixture(scope="module")
def hosts(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Fleet]:
    with fleet(tmp_path_factory.mktemp("hosts"), FANARCHIVE_AFTER_CHANGE_WAIT="1") as found:
        yield found


@contextmanager
def paused(hosts: Fleet) -> Iterator[None]:
    """The replica gets everything and shows nothing of it: it lags as long as this lasts."""
    hosts.replica.ask("SELECT pg_wal_replay_pause()")
    try:
        yield
    finally:
        hosts.replica.ask("SELECT pg_wal_replay_resume()")
        hosts.settle()


def until(what: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE
    while not what():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def test_a_write_is_read_on_every_host_by_its_number(hosts: Fleet) -> None:
    posted = hosts.client(0, hosts.writer).ask("POST", "/v1/works", work("Seen everywhere", freeforms=["Far away"]))
    assert posted.status == 201
    found, change = posted.body, posted.change
    tag_id = found["freeforms"][0]["id"]
    for number in (1, 2):
        guest = hosts.client(number)
        hosts.until_applied(number, change)
        until(partial(uses_replica, hosts, number))
        page = f"/v1/works/{found['id']}"
        assert guest.get(page, after_change=change).body["title"] == "Seen everywhere"
        assert guest.get(f"{page}/chapters", after_change=change).body["total"] == 1
        assert guest.get(f"{page}/chapters/1", after_change=change).body["work_id"] == found["id"]
        assert guest.get("/v1/works", freeform="far away", after_change=change).body["total"] == 1
        assert guest.get(f"/v1/tags/{tag_id}", after_change=change).body["uses"] == 1
        assert guest.get("/v1/tags/autocomplete", q="far aw", after_change=change).status == 200
        assert guest.get("/v1/passages", text='"fox knew nothing"', after_change=change).body["total"] >= 1
        assert guest.get(page, after_change=change + 1_000_000).status == 422


def test_a_replica_that_lags_shows_old_things_and_no_mixture(hosts: Fleet) -> None:
    writer, guest = hosts.client(0, hosts.writer), hosts.client(1)
    hidden = writer.ask("POST", "/v1/works", work("To be hidden")).body["id"]
    hosts.settle()
    until(partial(uses_replica, hosts, 1))
    with paused(hosts):
        posted = writer.ask("POST", "/v1/works", work("Late", freeforms=["Not yet"]))
        hiding = hosts.client(0, hosts.token).ask("POST", f"/v1/works/{hidden}/hide", {"reason": "A reason."})
        late = posted.body["id"]
        # Lists are as old as the replica, whole.
        before = guest.get("/v1/works", q='title:"to be hidden"').body
        assert [item["id"] for item in before["items"]] == [hidden]
        assert guest.get("/v1/works", freeform="Not yet").body["total"] == 0
        assert guest.get(f"/v1/works/{hidden}").status == 200
        # What it has not got at all is asked of the primary; with the number everything is as written.
        assert guest.get(f"/v1/works/{late}").status == 200
        assert guest.get(f"/v1/works/{hidden}", after_change=hiding.change).status == 404
        assert guest.get(f"/v1/works/{late}/chapters", after_change=posted.change).body["total"] == 1
        waited = guest.get("/v1/works", freeform="Not yet", after_change=posted.change)
        assert (waited.status, waited.body["code"]) == (503, "change-not-applied")
        assert waited.headers["retry-after"]
        # Those with a token read from the primary, on any host.
        signed_in = hosts.client(2, hosts.token)
        assert signed_in.get(f"/v1/works/{late}").status == 200
        assert signed_in.get(f"/v1/works/{hidden}").body["state"] == "hidden"
        assert uses_replica(hosts, 1)
    hosts.until_applied(1, posted.change)
    assert guest.get("/v1/works", freeform="Not yet", after_change=posted.change).body["total"] == 1
    assert guest.get("/v1/works", q='title:"to be hidden"').body["total"] == 0
    assert guest.get(f"/v1/works/{hidden}").status == 404


@pytest.fixture
def standby(hosts: Fleet) -> Iterator[Database]:
    database = Database(Settings(database_url=hosts.replica.url(), threads=1))
    yield database
    database.dispose()


def numbers(standby: Database) -> set[int]:
    with standby.reading() as connection:
        return {change.position.seq for change in read_changes(connection, START, 1_000_000)}


def test_an_index_never_runs_past_a_transaction_that_is_open(hosts: Fleet, standby: Database) -> None:
    """A standby knows as well as the primary below which transaction nothing can come in between any more."""
    log = "INSERT INTO changes (kind, work_id, at) VALUES ('unlisted', 1, now()) RETURNING seq"
    with psycopg.connect(hosts.primary.url().replace("+psycopg", "")) as open_one:
        first = open_one.execute(log).fetchone()
        assert first is not None
        second = hosts.primary.ask(log)
        until(lambda: bool(hosts.replica.ask(f"SELECT count(*) FROM changes WHERE seq = {second}")))
        assert not {first[0], second} & numbers(standby)
    hosts.settle()
    assert {first[0], second} <= numbers(standby)


@contextmanager
def without_replica(hosts: Fleet) -> Iterator[None]:
    """Gone at once, as with its machine."""
    hosts.replica.stop()
    try:
        yield
    finally:
        hosts.replica.start()


def test_reads_go_on_while_the_replica_is_gone_and_come_back_to_it(hosts: Fleet) -> None:
    with Crowd("127.0.0.1", hosts.port, hosts.writer) as crowd:
        until(lambda: crowd.tally.requests > 20)
        with without_replica(hosts):
            until(lambda: not any(uses_replica(hosts, number) for number in range(3)))
            meanwhile = hosts.client(0, hosts.writer).ask("POST", "/v1/works", work("Meanwhile"))
            # The indexes follow the primary now.
            hosts.until_applied(1, meanwhile.change)
        until(lambda: all(uses_replica(hosts, number) for number in range(3)))
    assert crowd.tally.failures == []
    assert set(crowd.tally.statuses) == {"200", "201"}
    hosts.settle()


def test_a_host_restarts_without_a_failed_request(hosts: Fleet) -> None:
    with Crowd("127.0.0.1", hosts.port, hosts.writer) as crowd:
        log = hosts.hosts[1].data_dir.parent / "server.log"
        end = log.stat().st_size
        hosts.restart(1)
        # Then the proxy finds it ready again.
        until(lambda: any(line["operation"] == "listWorks" for line in requests_in(log, end)[-50:]))
    assert crowd.tally.failures == []
    noted = requests_in(log, end)
    ready = next(n for n, one in enumerate(noted) if one["operation"] == "getReadiness" and one["status"] == 503)
    assert any(one["operation"] != "getReadiness" for one in noted[ready:])
    hosts.settle()
    total = hosts.client(1).get("/v1/works", fandom="Fables", limit=1).body["total"]
    everything = hosts.primary.ask("SELECT count(*) FROM works WHERE state = 'published'")
    assert total == everything >= len(crowd.tally.posted) > 0


def test_a_host_is_ready_once_it_has_what_it_missed(hosts: Fleet) -> None:
    away, new = hosts.hosts[1], hosts.hosts[2]
    for host in (away, new):
        host.kill()
    shutil.rmtree(new.data_dir)
    writer = hosts.client(0, hosts.writer)
    for number in range(20):
        assert writer.ask("POST", "/v1/works", work(f"Missed {number}", freeforms=["Missed"])).status == 201
    hosts.primary.ask("UPDATE changes SET at = now() - interval '1 day'")
    for host in (away, new):
        host.start(wait=False)
    for number, host in ((1, away), (2, new)):
        host.wait_for("/readyz", 200)
        assert hosts.client(number).get("/v1/works", freeform="Missed", limit=1).body["total"] == 20
    assert any(new.data_dir.iterdir())
