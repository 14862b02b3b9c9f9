"""People at work on an archive: they write down what they were told, for :mod:`tests.faults.checking` to compare.

Each writer changes works of its own alone, so it knows what each has to be; kudos are for the works of others. What
was cut off is sent again: a ``POST`` with its ``Idempotency-Key``, anything else with the ``If-Match`` it had.
"""

from __future__ import annotations

import json
import random
import threading
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Self

from tests.faults.asking import PATIENCE, Answer, Client, Tally, until

FANDOMS = 7
FREEFORMS = 40


@dataclass
class Told:
    """A work as its writer was told that it is."""

    id: int
    title: str
    etag: str
    fandom: str
    freeforms: list[str]
    chapters: list[tuple[int, str]]
    """Ids in order, and a word that stands in the text."""
    deleted: bool = False


@dataclass
class Ledger:
    """All that was told to anybody."""

    works: dict[int, Told] = field(default_factory=dict)
    kudos: dict[int, set[int]] = field(default_factory=dict)
    """Who left some, by work."""
    imported: dict[str, int] = field(default_factory=dict)
    """Keys of works that an import said it had created, and their job."""
    maybe: set[str] = field(default_factory=set)
    """Titles of works whose writer was cut off and did not ask again: they are there once, or not at all."""
    operations: int = 0
    change: int = 0
    lock: threading.Lock = field(default_factory=threading.Lock)

    def note(self, answer: Answer) -> None:
        """Something was acknowledged."""
        with self.lock:
            self.operations += 1
            self.change = max(self.change, int(answer.headers.get("archive-change", 0)))


class Person:
    """Somebody with an account, doing one thing after another until told to stop."""

    def __init__(self, number: int, port: int, tally: Tally, ledger: Ledger, chance: int) -> None:
        self.client = Client(port, tally)
        self.ledger = ledger
        self.tally = tally
        self.chance = random.Random(chance * 1_000 + number)  # noqa: S311  no secret
        self.name = f"person{number}"
        self.mine: list[Told] = []
        login = {"login": self.name, "password": "correct horse battery"}
        made = self.client.post("/v1/accounts", login)
        assert made.status == 201, made.body
        self.account = made.json["id"]
        session = self.client.surely("POST", "/v1/sessions", login)[0]
        self.client.token = session.json["token"]

    def step(self) -> None:
        """Do one thing."""
        acts: list[Callable[[], None]] = [
            self.post_work, self.post_chapter, self.edit_chapter, self.edit_chapter, self.retag, self.leave_kudos,
            self.leave_kudos, self.move_chapters, self.look, self.post_unsure,
        ]  # fmt: skip
        if self.chance.random() < 0.02:
            acts = [self.delete_work]
        act = self.chance.choice(acts) if self.mine else self.post_work
        act()

    def _work(self) -> Told | None:
        alive = [work for work in self.mine if not work.deleted]
        return self.chance.choice(alive) if alive else None

    def _body(self) -> tuple[dict[str, Any], list[str]]:
        words = [uuid.uuid4().hex for _ in range(self.chance.randint(1, 3))]
        freeforms = {f"Free {self.chance.randrange(FREEFORMS)}" for _ in range(3)}
        return {
            "title": f"Work {uuid.uuid4().hex}",
            "language": "en",
            "rating": "general",
            "warnings": ["no_warnings_apply"],
            "fandoms": [f"Fandom {self.chance.randrange(FANDOMS)}"],
            "freeforms": sorted(freeforms),
            "state": "published",
            "chapters": [{"content": f"<p>Lanterns and {word}.</p>"} for word in words],
        }, words

    def post_work(self) -> None:
        body, words = self._body()
        made = self.client.post("/v1/works", body)
        if self._is(made, 201):
            self._take_in(made, body, words)

    def post_unsure(self) -> None:
        """A work, sent once and without a key."""
        body, words = self._body()
        self.ledger.maybe.add(body["title"])
        made = self.client.once("POST", "/v1/works", body)
        if made is None or made.status >= 500:
            return
        if self._is(made, 201):
            self.ledger.maybe.discard(body["title"])
            self._take_in(made, body, words)

    def _take_in(self, made: Answer, body: dict[str, Any], words: list[str]) -> None:
        number = made.json["id"]
        contents = self.client.get(f"/v1/works/{number}/chapters").json["items"]
        chapters = [(entry["id"], word) for entry, word in zip(contents, words, strict=True)]
        told = Told(number, body["title"], made.headers["etag"], body["fandoms"][0], body["freeforms"], chapters)
        self.mine.append(told)
        self.ledger.works[number] = told

    def post_chapter(self) -> None:
        work = self._work()
        if work is None:
            return
        word = uuid.uuid4().hex
        made = self.client.post(f"/v1/works/{work.id}/chapters", {"content": f"<p>Then {word}.</p>"})
        if self._is(made, 201):
            work.chapters.append((made.json["id"], word))
            self._look_at(work)

    def edit_chapter(self) -> None:
        work = self._work()
        if work is None:
            return
        place = self.chance.randrange(len(work.chapters))
        chapter, word = work.chapters[place][0], uuid.uuid4().hex
        seen = self.client.get(f"/v1/chapters/{chapter}").headers["etag"]
        body = {"content": f"<p>Instead {word}.</p>"}
        if self._edited("PATCH", f"/v1/chapters/{chapter}", body, seen, lambda now: word in now["content"]):
            work.chapters[place] = (chapter, word)

    def retag(self) -> None:
        work = self._work()
        if work is None:
            return
        self._look_at(work)
        freeforms = sorted({f"Free {self.chance.randrange(FREEFORMS)}" for _ in range(3)})
        body = {"freeforms": freeforms, "title": f"Work {uuid.uuid4().hex}"}
        if self._edited("PATCH", f"/v1/works/{work.id}", body, work.etag, lambda now: now["title"] == body["title"]):
            work.freeforms, work.title = freeforms, str(body["title"])

    def move_chapters(self) -> None:
        work = self._work()
        if work is None:
            return
        self._look_at(work)
        order = work.chapters.copy()
        self.chance.shuffle(order)
        ids = [chapter for chapter, _ in order]

        def is_so(_now: Any) -> bool:
            contents = self.client.get(f"/v1/works/{work.id}/chapters").json["items"]
            return [entry["id"] for entry in contents] == ids

        path = f"/v1/works/{work.id}/chapters/order"
        if self._edited("PUT", path, {"chapter_ids": ids}, work.etag, is_so):
            work.chapters = order

    def delete_work(self) -> None:
        work = self._work()
        if work is None:
            return
        self._look_at(work)
        answer, unknown = self.client.surely("DELETE", f"/v1/works/{work.id}", **{"If-Match": work.etag})
        if answer.status != 204 and unknown:
            after = self.client.once("GET", f"/v1/works/{work.id}")
            if after is not None and after.status == 200 and after.json["state"] != "deleted":
                self.tally.complain(f"a work was not deleted: {answer.status} {answer.body[:200]!r}")
                return
        elif not self._is(answer, 204):
            return
        work.deleted = True

    def leave_kudos(self) -> None:
        others = [work for work in list(self.ledger.works.values()) if work not in self.mine and not work.deleted]
        if not others:
            return
        work = self.chance.choice(others)
        answer = self.client.post(f"/v1/works/{work.id}/kudos")
        if answer.status == 204 or answer.code == "kudos-left":
            with self.ledger.lock:
                self.ledger.kudos.setdefault(work.id, set()).add(self.account)
            if answer.status == 204:
                self.ledger.note(answer)
        elif answer.status not in {404, 410}:
            self.tally.complain(f"kudos: {answer.status} {answer.body[:200]!r}")

    def look(self) -> None:
        """What one has written is found, once search says that it has come so far."""
        work = self._work()
        change = self.ledger.change
        if work is None or not change:
            return
        found = self.client.once("GET", f"/v1/works?after_change={change}&author={self.name}&limit=100")
        if found is None or found.status != 200:
            return
        ids = {item["id"] for item in found.json["items"]}
        if found.json["next"] is None and work.id not in ids:
            self.tally.complain(f"work {work.id} is not found after change {change}")

    def _look_at(self, work: Told) -> None:
        answer = self.client.get(f"/v1/works/{work.id}")
        if answer.status == 200:
            work.etag = answer.headers["etag"]
        else:
            self.tally.complain(f"own work {work.id}: {answer.status} {answer.body[:200]!r}")

    def _edited(self, method: str, path: str, body: Any, seen: str, is_so: Callable[[Any], bool]) -> bool:
        """Whether an edit was done; where it was sent again and refused as stale, a look tells."""
        answer, unknown = self.client.surely(method, path, body, **{"If-Match": seen})
        if answer.status == 412 and unknown:
            now = self.client.get(path.removesuffix("/chapters/order"))
            if is_so(now.json):
                return True
        return self._is(answer, 200)

    def _is(self, answer: Answer, status: int) -> bool:
        if answer.status == status:
            self.ledger.note(answer)
            return True
        self.tally.complain(f"expected {status}: {answer.status} {answer.body[:300]!r}")
        return False


class Importer:
    """An operator who imports some works at a time."""

    def __init__(self, port: int, tally: Tally, ledger: Ledger, token: str, at_once: int) -> None:
        self.client = Client(port, tally, token)
        self.ledger = ledger
        self.tally = tally
        self.at_once = at_once

    def step(self) -> None:
        keys = [uuid.uuid4().hex for _ in range(self.at_once)]
        lines = [
            {
                "title": f"Imported {key}",
                "key": key,
                "fandoms": ["Imports"],
                "chapters": [{"content": f"<p>A {key}</p>"}],
            }
            for key in keys
        ]
        body = b"".join(json.dumps(line).encode() + b"\n" for line in lines)
        job = self.client.post("/v1/imports", body, **{"Content-Type": "application/x-ndjson"})
        if job.status != 202:
            self.tally.complain(f"import: {job.status} {job.body[:300]!r}")
            return
        path = f"/v1/imports/{job.json['id']}"
        until(lambda: self.client.get(path).json["state"] not in {"queued", "running", "receiving"}, path, PATIENCE)
        ended = self.client.get(path).json
        if ended["state"] != "succeeded" or ended["counts"]["created"] != len(keys):
            self.tally.complain(f"import: {ended}")
            return
        with self.ledger.lock:
            self.ledger.operations += len(keys)
            self.ledger.imported |= dict.fromkeys(keys, ended["id"])


class Reader:
    """Somebody without an account who looks around."""

    def __init__(self, port: int, tally: Tally, ledger: Ledger) -> None:
        self.client = Client(port, tally)
        self.ledger = ledger
        self.tally = tally
        self.chance = random.Random(port)  # noqa: S311  no secret

    def step(self) -> None:
        self._read()
        query = self.chance.choice(("", "&facets=freeform", "&q=work", "&sort=title", "&text=lanterns"))
        self.client.once("GET", f"/v1/works?limit=20{query}")

    def _read(self) -> None:
        works = list(self.ledger.works.values())
        if not works:
            return
        work = self.chance.choice(works)
        answer = self.client.once("GET", f"/v1/works/{work.id}")
        if answer is None or answer.status >= 500:
            return
        if answer.status not in {200, 404, 410} or (answer.status != 200 and not work.deleted):
            # Its writer may just be about to hear that it is gone.
            later = self.client.get(f"/v1/works/{work.id}")
            if later.status != 410:
                self.tally.complain(f"work {work.id}: {answer.status}")


class Load:
    """Threads that all do one step after another."""

    def __init__(self, stepping: list[Any], pause: float) -> None:
        self.stop = threading.Event()
        self.broken: list[BaseException] = []
        self._pause = pause
        self._threads = [threading.Thread(target=self._run, args=(one,), daemon=True) for one in stepping]

    def __enter__(self) -> Self:
        """Start."""
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_raised: object) -> None:
        """Let everybody finish what they do."""
        self.stop.set()
        for thread in self._threads:
            thread.join(PATIENCE)

    def _run(self, one: Any) -> None:
        while not self.stop.wait(self._pause):
            try:
                one.step()
            except BaseException as error:  # noqa: BLE001  told at the end
                self.broken.append(error)
                return
