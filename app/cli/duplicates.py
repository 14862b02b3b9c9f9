"""``fanarchive duplicates``: works of the archive whose text is alike."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import Annotated, Any, BinaryIO

import orjson
import typer
from sqlalchemy import true

from app.cli.opening import open_archive
from app.cli.output import console, progress_bar
from app.config import Settings
from app.db.engine import Database
from app.works.alike import Alike
from app.works.commands.sketching import sketch_waiting
from app.works.queries.alike import Probe, find_alike, probes_after

SHOWN = 50
_RELATIONS = {"same": "the same as", "part_of": "a part of", "holds": "holds"}


def duplicates(report: Annotated[Path | None, typer.Option(help="Write a JSON line a pair.")] = None) -> None:
    """List the works whose text is alike, each pair once; what changed since is looked at first."""
    pairs = 0
    with ExitStack() as opened:
        database = opened.enter_context(open_archive(Settings()))
        out: BinaryIO | None = opened.enter_context(report.open("wb")) if report else None
        _look_at_waiting(database)
        for probe, alike in _pairs(database):
            pairs += 1
            row = {"work": {"work_id": probe.work_id, "title": probe.title}, "possible_duplicate": alike.as_json()}
            if out is not None:
                out.write(orjson.dumps(row) + b"\n")
            if pairs <= SHOWN:
                console.print(
                    f"{probe.work_id} “{probe.title}”: {told_alike(alike.as_json())}", markup=False, soft_wrap=True
                )
    if pairs > SHOWN:
        console.print(f"… and {pairs - SHOWN:,} more; --report FILE has them all.")
    console.print(f"{pairs:,} pairs of works are alike.")


def told_alike(alike: Mapping[str, Any]) -> str:
    """A possible duplicate in words."""
    share = max(alike["held"], alike["holds"])
    agrees = f"; the same {' and '.join(alike['agrees'])}" if alike["agrees"] else ""
    return f"{_RELATIONS[alike['relation']]} {alike['work_id']} “{alike['title']}” ({share:.0%} of the text{agrees})"


def _look_at_waiting(database: Database) -> None:
    with progress_bar() as bar:
        task = bar.add_task("looking at texts", total=None, rate="")
        while done := sketch_waiting(database):
            bar.update(task, advance=done)


def _pairs(database: Database) -> Iterator[tuple[Probe, Alike]]:
    after = 0
    while True:
        with database.reading() as connection:
            probes = probes_after(connection, after)
            found = find_alike(connection, probes, true())
        if not probes:
            return
        for probe, likes in zip(probes, found, strict=True):
            assert probe.work_id is not None
            yield from ((probe, alike) for alike in likes if alike.work_id < probe.work_id)
            after = probe.work_id
