"""The shapes of imports."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import BaseModel, Field

from app.works.schemas import PossibleDuplicate

State = Literal["queued", "running", "paused", "cancelled", "succeeded", "failed"]
Outcome = Literal["created", "updated", "unchanged", "failed"]


class ItemProblem(BaseModel):
    """Why an item failed."""

    code: str
    detail: str
    pointer: str | None = Field(None, description="Where in the input.")


class JobCounts(BaseModel):
    """How many items were treated, and what became of them."""

    seen: int
    created: int
    updated: int
    unchanged: int
    failed: int


class JobUndo(BaseModel):
    """How far an undo is: `left` works were edited since, or are no longer what the import made."""

    state: Literal["running", "done"]
    withdrawn: int
    left: int


class Job(BaseModel):
    """An import."""

    id: int
    state: State
    mode: Literal["upsert", "create_only", "replace"]
    dry_run: bool
    format: str | None
    bytes: int
    total: int | None = Field(description="How many items there are, as soon as that is known.")
    counts: JobCounts
    possible_duplicates: int = Field(description="How many items have such.")
    rate: float = Field(description="Items a second.")
    change: int | None = Field(description="A search with `after_change` finds all that was imported so far.")
    created_at: str
    started_at: str | None
    finished_at: str | None
    by: str
    problem: ItemProblem | None
    undo: JobUndo | None


class JobList(BaseModel):
    """A page of imports, newest first."""

    items: list[Job]
    total: int
    next: str | None


class Item(BaseModel):
    """What became of one item."""

    index: int = Field(description="Its place in the whole input, from 0.")
    input: str = Field(description="The file or line.")
    key: str | None
    outcome: Outcome
    work_id: int | None
    problem: ItemProblem | None
    notices: list[str]
    possible_duplicates: list[PossibleDuplicate]
    undone: Literal["withdrawn", "left"] | None


class ItemList(BaseModel):
    """A page of items, in order."""

    items: list[Item]
    total: int
    next: str | None


LINES: dict[str, Any] = {"type": "string", "description": "A work a line (`/schemas/import-record.json`)."}
FILE: dict[str, Any] = {"type": "string", "format": "binary", "description": "One file, of any format that is read."}
FORM: dict[str, Any] = {
    "type": "object",
    "required": ["files"],
    "properties": {"files": {"type": "array", "minItems": 1, "items": {"type": "string", "format": "binary"}}},
}
BODY = {
    "required": True,
    "content": {
        "application/x-ndjson": {"schema": LINES},
        "application/jsonl": {"schema": LINES},
        "application/octet-stream": {"schema": FILE},
        "multipart/form-data": {"schema": FORM},
    },
}
_EVENT = {
    "type": "object",
    "description": "One event of the stream; `data` is the import as JSON.",
    "properties": {"id": {"type": "string"}, "event": {"const": "progress"}, "data": {"type": "string"}},
    "required": ["id", "event", "data"],
}
EVENTS: dict[str, Any] = {
    "description": "`progress` events with the import as data, at most two a second; the last one tells of its end.",
    "content": {"text/event-stream": {"schema": _EVENT}},
}
