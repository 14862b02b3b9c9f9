"""That the compared servers answer the same: how many works have a tag."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from benchmarks.peers.questions import Question
from benchmarks.servers import fetch_json

LOOKED_AT = 5
TOTALS = {
    "ours": ("total",),
    "afresh": ("total",),
    "plain": ("total",),
    "datasette": ("filtered_table_rows_count",),
    "calibre": ("search_result", "total_num"),
}


def check(question: Question, ports: Mapping[str, int]) -> None:
    """End here where the first answers to a question have other totals at one than at another."""
    found = {
        name: [_total(name, port, path) for path in question.paths[name]()[:LOOKED_AT]] for name, port in ports.items()
    }
    if any(totals != found["ours"] for totals in found.values()):
        raise SystemExit(f"They do not answer the same to {question.what!r}: {found}")


def _total(name: str, port: int, path: str) -> int:
    answer: Any = fetch_json(port, path)
    for member in TOTALS[name]:
        answer = answer[member]
    total: int = answer
    return total
