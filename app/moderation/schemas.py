"""The shapes of moderation."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, Field

from app.search.parameters import LARGEST, PAGING
from app.web.params import Param, ParamSet

Subject = Literal["work", "chapter", "author", "series"]
Decision = Literal["upheld", "dismissed"]
REASON_LENGTH = 2_000


class Receipt(BaseModel):
    """What whoever reports is told."""

    id: int
    subject: Subject
    subject_id: int
    reason: str
    at: str


class Report(Receipt):
    """A report as moderators see it."""

    by: str | None = Field(description="The login of whoever reported; null for guests.")
    state: Literal["open", "closed"]
    decision: Decision | None
    note: str
    closed_by: str | None
    closed_at: str | None


class ReportList(BaseModel):
    """A page of reports, newest first."""

    items: list[Report]
    total: int
    next: str | None


class Act(BaseModel):
    """A privileged act."""

    id: int
    at: str
    by: str
    act: str
    subject: str
    subject_id: int
    reason: str


class Log(BaseModel):
    """A page of the log, newest first."""

    items: list[Act]
    total: int
    next: str | None


class Notice(BaseModel):
    """Something that the account is told."""

    id: int
    at: str
    kind: Literal["work-hidden", "work-shown"]
    work_id: int | None
    text: str = Field(description="The reason, where there is one.")


class NoticeList(BaseModel):
    """A page of notices, newest first."""

    items: list[Notice]
    total: int
    next: str | None


REPORTING = ParamSet(
    [
        Param("subject", "token", "What is reported.", enum=("work", "chapter", "author", "series"), required=True),
        Param("subject_id", "integer", "Its id.", minimum=1, maximum=LARGEST, required=True),
        Param("reason", "text", "Why.", max_length=REASON_LENGTH, required=True),
    ]
)
CLOSING = ParamSet(
    [
        Param("decision", "token", "Whether the report was right.", enum=("upheld", "dismissed"), required=True),
        Param("note", "text", "For other moderators.", max_length=REASON_LENGTH),
    ]
)
SUSPENDING = ParamSet([Param("reason", "text", "The account is told.", max_length=REASON_LENGTH, required=True)])
REPORTS = ParamSet([Param("state", "token", "Only these.", enum=("open", "closed")), *PAGING])
PAGED = ParamSet([*PAGING])
