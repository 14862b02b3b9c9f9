"""``/metrics``: what is watched is told, by every process alike, and what is asked of it in ``deploy/`` exists."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.request import urlopen

import pytest
import yaml
from prometheus_client.parser import text_string_to_metric_families
from sqlalchemy import insert, text
from sqlalchemy.exc import IntegrityError, OperationalError, ProgrammingError

from app.accounts.mail import MAILS, Mail, Outbox
from app.db.engine import Database
from app.models import ImportJob, ImportUnit
from app.monitoring import metrics
from app.monitoring.state import State
from tests.conftest import TestArchive, works
from tests.e2e.running import Server

ROOT = Path(__file__).resolve().parents[2]
ALERTS = ROOT / "deploy" / "prometheus" / "alerts.yaml"
DASHBOARD = ROOT / "deploy" / "grafana" / "fanarchive.json"
Samples = dict[tuple[str, tuple[str, ...]], float]


def scrape(archive: TestArchive) -> Samples:
    """Every sample by name and label values, as this process tells them."""
    return samples(metrics._text(State(archive.client.app_state["archive"])).decode())


def samples(body: str) -> Samples:
    return {
        (sample.name, tuple(sample.labels.values())): sample.value
        for family in text_string_to_metric_families(body)
        for sample in family.samples
    }


def test_the_state_of_the_archive_is_told(archive: TestArchive) -> None:
    found = scrape(archive)
    fine = ("index_usable", "indexer_up", "database_up")
    assert [found[f"fanarchive_{name}", ()] for name in fine] == [1.0] * 3
    assert found["fanarchive_disk_free_bytes", ()] < found["fanarchive_disk_size_bytes", ()]
    archive.add_rows(*works("a", "b"))
    assert scrape(archive)["fanarchive_index_lag_changes", ()] >= 2
    assert scrape(archive)["fanarchive_index_lag_seconds", ()] > 0
    archive.settle()
    found = scrape(archive)
    assert found["fanarchive_index_lag_changes", ()] == found["fanarchive_index_lag_seconds", ()] == 0
    assert found["fanarchive_index_works", ()] == 2
    archive.indexer.close()
    shutil.rmtree(archive.settings.index_dir)
    archive.client.app_state["index"].refresh()
    assert scrape(archive)["fanarchive_index_usable", ()] == 0
    archive.indexer.open()


def test_imports_that_wait_or_fail_are_told(archive: TestArchive) -> None:
    then = datetime.now(UTC) - timedelta(hours=1)
    job = {
        "importer": "operator", "by": "tests", "as_admin": True, "mode": "upsert", "dry_run": False, "options": {},
        "bytes": 1, "created_at": then,
    }  # fmt: skip
    with archive.database.write() as session:
        for job_id, state in ((1, "queued"), (2, "running"), (3, "failed")):
            session.execute(insert(ImportJob).values(id=job_id, state=state, **job))
        session.execute(insert(ImportUnit).values(job_id=2, number=0, kind="lines", attempts=4))
    found = scrape(archive)
    states = {labels[0]: value for (name, labels), value in found.items() if name == "fanarchive_import_jobs"}
    assert {state for state, value in states.items() if value} == {"queued", "running", "failed"}
    assert 3_500 < found["fanarchive_import_waiting_seconds", ()] < 4_000
    assert found["fanarchive_import_units_stuck", ()] == 1


def test_statements_that_fail_are_counted_and_broken_constraints_are_not(archive: TestArchive) -> None:
    def failed() -> float:
        return sum(value for (name, _), value in scrape(archive).items() if name == "fanarchive_database_errors_total")

    before = failed()
    with pytest.raises((OperationalError, ProgrammingError)), archive.database.read() as session:
        session.execute(text("SELECT * FROM no_such_table"))
    assert failed() == before + 1
    fact = text("INSERT INTO archive_facts (name, value) VALUES ('archive_id', 'x')")
    with pytest.raises(IntegrityError), archive.database.write() as session:
        session.execute(fact)
    assert failed() == before + 1


def test_connections_in_use_are_told(archive: TestArchive) -> None:
    before = scrape(archive)
    with archive.database.write():
        pass  # nothing is checked out before there is a statement
    with archive.database.write() as session:
        session.execute(text("SELECT 1"))
        name = ("fanarchive_database_connections", ("write",))
        assert scrape(archive)[name] == before[name] + 1
    assert scrape(archive)[name] == before[name]
    assert before["fanarchive_database_connections_max", ("write",)] >= archive.settings.threads


def test_metrics_are_told_while_the_database_is_away(archive: TestArchive, monkeypatch: pytest.MonkeyPatch) -> None:
    @contextmanager
    def away(_self: Database) -> Iterator[None]:
        raise OperationalError("connect", None, OSError("refused"))
        yield

    monkeypatch.setattr(Database, "current", away)
    found = scrape(archive)
    assert found["fanarchive_database_up", ()] == 0
    assert ("fanarchive_index_lag_changes", ()) not in found
    assert found["fanarchive_index_usable", ()] == 1


class NoCarrier:
    def carry(self, mail: Mail) -> None:
        raise OSError(f"no way to {mail.to}")


def test_mails_that_cannot_be_sent_are_counted() -> None:
    def counted() -> dict[str, float]:
        return {outcome: MAILS.labels(outcome)._value.get() for outcome in ("sent", "failed", "dropped")}

    before = counted()
    outbox = Outbox(NoCarrier(), pause=0.0)
    outbox.start()
    outbox.put(Mail("a@example", "b", "c"))
    outbox.stop()
    after = counted()
    assert after["dropped"] == before["dropped"] + 1
    assert after["failed"] >= before["failed"] + 1
    assert after["sent"] == before["sent"]


def names_in(expressions: Iterable[str]) -> set[str]:
    return {name for expression in expressions for name in re.findall(r"\bfanarchive_[a-z_]+", expression)}


def test_alerts_and_dashboard_ask_for_what_there_is(archive: TestArchive) -> None:
    archive.client.get("/v1/works")
    answer = metrics._text(State(archive.client.app_state["archive"])).decode()
    known = set()
    for family in text_string_to_metric_families(answer):
        known |= {family.name, *(sample.name for sample in family.samples)}
        if family.type == "counter":
            known.add(f"{family.name}_total")
    if not archive.database.is_sqlite:
        known.add("fanarchive_sqlite_wal_bytes")
    rules = [rule for group in yaml.safe_load(ALERTS.read_text())["groups"] for rule in group["rules"]]
    dashboard = json.loads(DASHBOARD.read_text())
    asked = [target["expr"] for panel in dashboard["panels"] for target in panel["targets"]]
    assert names_in(rule["expr"] for rule in rules) <= known
    assert names_in(asked) <= known
    for rule in rules:
        assert rule["labels"]["severity"] in {"page", "ticket"}
        assert {"summary", "description"} == set(rule["annotations"])
    ours = {
        name for name in known if name.startswith("fanarchive_") and not name.endswith(("_created", "_sum", "_count"))
    }
    shown = names_in(asked)
    assert {
        name for name in ours if name not in shown and f"{name}_total" not in shown and f"{name}_bucket" not in shown
    } == set()


def test_the_rules_are_prometheus_rules() -> None:
    promtool = shutil.which("promtool")
    if promtool is None:
        pytest.skip("promtool (Debian: prometheus) is not installed")
    checked = subprocess.run([promtool, "check", "rules", str(ALERTS)], capture_output=True, check=False)
    assert checked.returncode == 0, checked.stdout + checked.stderr


def test_every_process_tells_what_all_have_done(tmp_path: Path) -> None:
    """Two processes answer requests on one port: whichever is asked for metrics counts those of both."""
    server = Server(tmp_path / "data")
    server.environment |= {"FANARCHIVE_IMPORT_WORKERS": "0"}
    server.start("--workers", "2")
    try:
        for _ in range(20):  # each over a connection of its own: either process takes it
            server.get("/v1/works", limit=1)
        told = [samples(urlopen(f"http://127.0.0.1:{server.port}/metrics").read().decode()) for _ in range(6)]
        assert [one["fanarchive_requests_total", ("listWorks", "2xx")] for one in told] == [20.0] * 6
        assert {one["fanarchive_indexer_up", ()] for one in told} == {1.0}
        assert {one["fanarchive_requests_running", ()] for one in told} == {1.0}
    finally:
        assert server.stop() == 0
