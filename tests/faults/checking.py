"""Whether the database and the index hold what clients were told, once, and nothing that does not belong there."""

from __future__ import annotations

import random
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection, text

from app.db.engine import Database
from tests.faults.asking import Client, until
from tests.faults.load import Ledger, Told

SAMPLE = 40


@dataclass
class Findings:
    """What is not as it has to be; each line names the thing."""

    lost: list[str] = field(default_factory=list)
    doubled: list[str] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)
    works: int = 0
    """How many were compared."""

    def told(self) -> str:
        """All of them, as text."""
        lines = [f"lost: {one}" for one in self.lost] + [f"doubled: {one}" for one in self.doubled]
        return "\n".join(lines + [f"wrong: {one}" for one in self.wrong])

    @property
    def none(self) -> bool:
        return not (self.lost or self.doubled or self.wrong)


def check(database: Database, client: Client, ledger: Ledger) -> Findings:
    """Compare all; ``client`` is an operator who sees everything, on a server that nobody kills any more."""
    findings = Findings()
    with database.reading() as connection:
        _check_works(connection, ledger, findings)
        _check_chapters(connection, ledger, findings)
        _check_counters(connection, ledger, findings)
        _check_imports(connection, ledger, findings)
        change = connection.execute(text("SELECT coalesce(max(seq), 0) FROM changes")).scalar_one()
        stored = _listed(connection)
        tagged = _tagged(connection)
    until(lambda: _status(client, f"/v1/works?limit=1&after_change={change}") == 200, "the index catches up")
    _check_index(client, stored, change, findings)
    _check_tags(client, tagged, findings)
    _check_texts(client, ledger, findings)
    return findings


def _status(client: Client, path: str) -> int:
    answer = client.once("GET", path)
    return 0 if answer is None else answer.status


def _check_works(connection: Connection, ledger: Ledger, findings: Findings) -> None:
    rows = {row.id: row for row in connection.execute(text("SELECT id, title, state FROM works"))}
    for title, times in Counter(row.title for row in rows.values()).items():
        if times > 1:
            findings.doubled.append(f"{times} works are called {title}")
    tags = _tags_of(connection)
    for told in ledger.works.values():
        row = rows.get(told.id)
        if row is None:
            findings.lost.append(f"work {told.id}")
        elif (row.title, row.state) != (told.title, "deleted" if told.deleted else "published"):
            findings.lost.append(f"an edit of work {told.id}: {row.title}, {row.state}; told {told}")
        elif tags.get(told.id) != sorted([told.fandom, *told.freeforms]):
            findings.lost.append(f"tags of work {told.id}: {tags.get(told.id)}; told {told}")
    known = {told.title for told in ledger.works.values()} | ledger.maybe
    for row in rows.values():
        if row.title.startswith("Work ") and row.title not in known and row.id not in ledger.works:
            findings.doubled.append(f"work {row.id}, {row.title}, which nobody was told of")
    findings.works = len(rows)


def _tags_of(connection: Connection) -> dict[int, list[str]]:
    query = "SELECT work_id, name FROM taggings JOIN tags ON tags.id = tag_id ORDER BY work_id, name"
    found: dict[int, list[str]] = {}
    for work_id, name in connection.execute(text(query)):
        found.setdefault(work_id, []).append(name)
    return {work_id: sorted(names) for work_id, names in found.items()}


def _check_chapters(connection: Connection, ledger: Ledger, findings: Findings) -> None:
    query = "SELECT work_id, id, position, content, words FROM chapters ORDER BY work_id, position"
    chapters: dict[int, list[Any]] = {}
    for row in connection.execute(text(query)):
        chapters.setdefault(row.work_id, []).append(row)
    for work_id, rows in chapters.items():
        if [row.position for row in rows] != list(range(1, len(rows) + 1)):
            findings.wrong.append(f"positions of work {work_id}: {[row.position for row in rows]}")
    for told in ledger.works.values():
        rows = chapters.get(told.id, [])
        _check_told_chapters(told, rows, findings)
    counted = text("SELECT id, words, chapters_posted, has_text FROM works")
    for row in connection.execute(counted):
        rows = chapters.get(row.id, [])
        if row.has_text and (row.words, row.chapters_posted) != (sum(one.words for one in rows), len(rows)):
            findings.wrong.append(f"words or chapters of work {row.id}")


def _check_told_chapters(told: Told, rows: list[Any], findings: Findings) -> None:
    if len(rows) > len(told.chapters):
        findings.doubled.append(f"chapters of work {told.id}: {len(rows)}, told {len(told.chapters)}")
    elif [row.id for row in rows] != [number for number, _ in told.chapters]:
        findings.lost.append(f"chapters of work {told.id}: {[row.id for row in rows]}, told {told.chapters}")
    for row, (_, word) in zip(rows, told.chapters, strict=False):
        if word not in row.content:
            findings.lost.append(f"an edit of chapter {row.id}")


def _check_counters(connection: Connection, ledger: Ledger, findings: Findings) -> None:
    query = text("SELECT work_id, account_id FROM kudos")
    given: dict[int, set[int]] = {}
    for work_id, account_id in connection.execute(query):
        given.setdefault(work_id, set()).add(account_id)
    for work_id, counted in connection.execute(text("SELECT id, counted_kudos FROM works")):
        if counted != len(given.get(work_id, ())):
            findings.wrong.append(f"kudos of work {work_id}: {counted} counted, {len(given.get(work_id, ()))} given")
    for work_id, accounts in ledger.kudos.items():
        findings.lost += [f"kudos of {one} for {work_id}" for one in accounts - given.get(work_id, set())]


def _check_imports(connection: Connection, ledger: Ledger, findings: Findings) -> None:
    query = "SELECT title, count(*) FROM works WHERE title LIKE 'Imported %' GROUP BY title"
    there = {row[0].removeprefix("Imported "): row[1] for row in connection.execute(text(query))}
    findings.lost += [f"imported {key}" for key in ledger.imported if key not in there]
    items = "SELECT job_id, count(*), count(DISTINCT number) FROM import_items GROUP BY job_id"
    for job_id, rows, numbers in connection.execute(text(items)):
        told = sum(1 for job in ledger.imported.values() if job == job_id)
        if rows != numbers or (told and told != rows):
            findings.wrong.append(f"items of import {job_id}: {rows}, told {told}")


def _listed(connection: Connection) -> set[int]:
    return set(connection.execute(text("SELECT id FROM works WHERE state = 'published'")).scalars())


def _tagged(connection: Connection) -> dict[str, int]:
    query = (
        "SELECT name, count(*) FROM taggings JOIN tags ON tags.id = tag_id JOIN works ON works.id = work_id"
        " WHERE works.state = 'published' AND works.visibility = 'public' AND type = 'freeform' GROUP BY name"
    )
    return {row[0]: row[1] for row in connection.execute(text(query))}


def _check_index(client: Client, stored: set[int], change: int, findings: Findings) -> None:
    """A walk over the list meets every work once, and its card is the one that the database has."""
    walked: list[dict[str, Any]] = []
    path = "/v1/works?limit=100&sort=title"
    cursor = f"&after_change={change}"
    while True:
        page = client.get(path + cursor).json
        walked += page["items"]
        if page["next"] is None:
            break
        cursor = f"&cursor={page['next']}"
    ids = [item["id"] for item in walked]
    findings.doubled += [f"work {one} in the list" for one, times in Counter(ids).items() if times > 1]
    findings.lost += [f"work {one} in the list" for one in stored - set(ids)]
    findings.wrong += [f"work {one} in the list, which is not published" for one in set(ids) - stored]
    total = client.get("/v1/works?limit=1").json["total"]
    if total != len(stored):
        findings.wrong.append(f"total {total} of {len(stored)}")
    for start in range(0, len(walked), 100):
        part = walked[start : start + 100]
        asked = ",".join(str(item["id"]) for item in part)
        single = {item["id"]: item for item in client.get(f"/v1/works?ids={asked}").json["items"]}
        findings.wrong += [
            f"card of work {item['id']}: {item} in the list, {single.get(item['id'])} in the database"
            for item in part
            if item != single.get(item["id"])
        ]


def _check_tags(client: Client, tagged: dict[str, int], findings: Findings) -> None:
    for name, uses in tagged.items():
        quoted = name.replace(" ", "%20")
        total = client.get(f"/v1/works?limit=1&freeform={quoted}").json["total"]
        found = client.get(f"/v1/tags?type=freeform&q={quoted}&limit=100").json["items"]
        told = next((tag["uses"] for tag in found if tag["name"] == name), 0)
        if (total, told) != (uses, uses):
            findings.wrong.append(f"{name}: {uses} works, {total} found, {told} counted")


def _check_texts(client: Client, ledger: Ledger, findings: Findings) -> None:
    """Some chapters are found by the word that stands in them alone."""
    alive = [told for told in ledger.works.values() if not told.deleted]
    for told in random.Random(1).sample(alive, min(SAMPLE, len(alive))):  # noqa: S311  no secret
        for _, word in told.chapters:
            ids = [item["id"] for item in client.get(f"/v1/works?text={word}").json["items"]]
            if ids != [told.id]:
                findings.lost.append(f"the text of work {told.id} in the index: found {ids}")
