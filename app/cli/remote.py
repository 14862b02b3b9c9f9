"""Importing into an archive elsewhere: parts are sent, each an import there; what it says of them becomes one report.

Every part carries an ``Idempotency-Key``. The keys of a run are kept until it is over, so the same command after a
kill meets what had arrived, and nothing is done twice.
"""

from __future__ import annotations

import hashlib
import json
import os
import secrets
import time
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from http.client import HTTPException
from pathlib import Path
from typing import Any, BinaryIO
from urllib.error import HTTPError, URLError
from urllib.parse import urlencode
from urllib.request import Request, urlopen

from app.cli.parts import Form, Part, make_parts
from app.imports.runner import Counts, ItemRow

AHEAD = 3
"""So many parts are sent before the first is done."""
POLL = 0.5
TIMEOUT = 120
TRIES = 8
_LATER = {429, 502, 503, 504}
_LATER_CODES = {"request-running", "too-many-imports"}


class RemoteFailed(Exception):
    """The archive elsewhere refuses, or is not to be reached."""


@dataclass(frozen=True, slots=True)
class Remote:
    """An archive elsewhere."""

    url: str
    token: str

    def ask(self, path: str, *, form: Form | None = None, key: str = "") -> Any:
        """The JSON of an answer; asks again for a while where the archive is busy or away."""
        for attempt in range(TRIES):
            wait = 2.0**attempt / 2
            try:
                with urlopen(self._request(path, form, key), timeout=TIMEOUT) as response:  # noqa: S310  checked below
                    return json.load(response)
            except HTTPError as error:
                problem = _problem(error)
                if error.code not in _LATER and problem.get("code") not in _LATER_CODES:
                    raise RemoteFailed(f"{self.url}: {error.code} {problem.get('detail', error.reason)}") from error
                wait = float(error.headers.get("Retry-After") or wait)
                why = str(problem.get("detail", error.reason))
            except (URLError, HTTPException, OSError) as error:
                why = str(getattr(error, "reason", error))
            time.sleep(min(wait, 60))
        raise RemoteFailed(f"{self.url}: {why}")

    def _request(self, path: str, form: Form | None, key: str) -> Request:
        if not self.url.startswith(("http://", "https://")):
            raise RemoteFailed("--url is the address of an archive: https://archive.example")
        headers = {"Authorization": f"Bearer {self.token}"}
        if form is not None:
            headers |= {
                "Content-Type": form.content_type, "Content-Length": str(form.length), "Idempotency-Key": key,
            }  # fmt: skip
        return Request(  # noqa: S310  the same
            f"{self.url.rstrip('/')}/v1{path}", data=form, headers=headers, method="POST" if form else "GET"
        )

    def rows(self, job_id: int, outcome: str | None) -> Iterator[dict[str, Any]]:
        """What became of each item of a job."""
        query = {"limit": "100"} | ({"outcome": outcome} if outcome else {})
        while True:
            page = self.ask(f"/imports/{job_id}/items?{urlencode(query)}")
            yield from page["items"]
            if page["next"] is None:
                return
            query["cursor"] = page["next"]


def _problem(error: HTTPError) -> dict[str, Any]:
    try:
        found = json.load(error)
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


class RemoteRun:
    """One run: sends, waits, and reports in the order of the input."""

    def __init__(
        self,
        remote: Remote,
        params: Mapping[str, Any],
        report: Callable[[ItemRow], None],
        progress: Callable[[Counts], None],
        *,
        whole: bool,
    ) -> None:
        """``whole``: every item is reported, and not only those that failed."""
        self.remote = remote
        self.counts = Counts()
        self._query = urlencode({name: value for name, value in params.items() if value}, doseq=True)
        self._report = report
        self._progress = progress
        self._whole = whole
        self._sent: deque[tuple[int, Part]] = deque()
        self._kept = Path()

    def run(self, paths: list[Path], stdin: BinaryIO | None, file_format: str | None) -> Counts:
        """Send everything and wait for its end."""
        self.remote.ask("/imports?limit=1")  # whoever may not import is told so before anything is sent
        self._kept = _state_file(self.remote.url, self._query, paths)
        run = _run_id(self._kept)
        for number, part in enumerate(make_parts(paths, stdin, file_format)):
            digest = part.digest()
            key = hashlib.sha256(f"{run} {number} {digest}".encode()).hexdigest()
            job = self.remote.ask(f"/imports?{self._query}", form=Form(part, digest), key=key)
            self._sent.append((job["id"], part))
            if len(self._sent) > AHEAD:
                self._wait()
        while self._sent:
            self._wait()
        self._kept.unlink(missing_ok=True)
        return self.counts

    def _wait(self) -> None:
        """Wait for the oldest part, and report it."""
        job_id, part = self._sent.popleft()
        base = replace(self.counts)
        while True:
            job = self.remote.ask(f"/imports/{job_id}")
            for name, count in job["counts"].items():
                setattr(self.counts, name, getattr(base, name) + count)
            self.counts.alike = base.alike + job.get("possible_duplicates", 0)
            self._progress(self.counts)
            if job["state"] in {"succeeded", "failed", "cancelled"}:
                break
            time.sleep(POLL)
        for row in self.remote.rows(job_id, None if self._whole else "failed"):
            self._report(_row(row, base.seen, part.first_line))
        if job["state"] != "succeeded":
            self._kept.unlink(missing_ok=True)  # it is over: the same command begins anew
            detail = (job["problem"] or {}).get("detail", "")
            raise RemoteFailed(f"The import {job_id} has {job['state']}. {detail}".rstrip())


def _row(row: dict[str, Any], base: int, first_line: int) -> ItemRow:
    where, middle, line = row["input"].rpartition(" line ")
    if middle and line.isdigit():
        row["input"] = f"{where}{middle}{int(line) + first_line - 1}"
    told = (row[name] for name in ("outcome", "work_id", "problem", "notices", "possible_duplicates"))
    return ItemRow(row["index"] + base, row["input"], row["key"], *told)


def _state_file(url: str, query: str, paths: list[Path]) -> Path:
    """Where the name of an unfinished run is kept; another for each address, set of paths and options."""
    folder = Path(os.environ.get("XDG_STATE_HOME") or Path.home() / ".local" / "state") / "fanarchive" / "imports"
    what = "\n".join([url, query, *(str(path.resolve()) for path in paths)])
    return folder / hashlib.sha256(what.encode()).hexdigest()[:32]


def _run_id(kept: Path) -> str:
    """The name of the run that was broken off, or a new one."""
    if kept.exists():
        return kept.read_text().strip()
    name = secrets.token_hex(8)
    kept.parent.mkdir(parents=True, exist_ok=True)
    kept.write_text(name)
    return name
