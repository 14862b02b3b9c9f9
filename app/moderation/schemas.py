"""The shapes of moderation."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, Field

from app.search.parameters import LARGEST, PAGING, fields_param
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
    kind: Literal["work-hidden", "work-shown", "byline-invited", "byline-accepted", "claim-granted", "claim-refused"]
    work_id: int | None
    text: str = Field(description="The reason, where there is one, or who it comes from.")


class NoticeList(BaseModel):
    """A page of notices, newest first."""

    items: list[Notice]
    total: int
    next: str | None


class ClaimedAuthor(BaseModel):
    """An imported author."""

    id: int
    name: str
    site: str | None = Field(description="Where it was imported from; empty where the files did not say.")


class ClaimEffect(BaseModel):
    """What a claim would do: of the works that the caller may see."""

    author: ClaimedAuthor
    works: Literal["keep", "orphan", "delete"]
    works_count: int
    words: int
    examples: list[TitledWork] = Field(description="Up to twenty of the works, the newest first.")


class TitledWork(BaseModel):
    """A work by its title."""

    id: int
    title: str


class Claim(ClaimEffect):
    """Somebody's word that they are an imported author; without an id it was a trial."""

    id: int | None
    by: str = Field(description="The login of whoever claims.")
    account_id: int
    evidence: str
    at: str | None
    state: Literal["trial", "open", "granted", "refused"]
    note: str
    decided_by: str | None
    decided_at: str | None


class ClaimList(BaseModel):
    """A page of claims, newest first; what each would do is told with each alone."""

    items: list[ListedClaim]
    total: int
    next: str | None


class ListedClaim(BaseModel):
    """A claim in a list."""

    id: int
    author: ClaimedAuthor
    works: Literal["keep", "orphan", "delete"]
    by: str
    account_id: int
    evidence: str
    at: str
    state: Literal["open", "granted", "refused"]
    note: str
    decided_by: str | None
    decided_at: str | None


CLAIMING = ParamSet(
    [
        Param("author_id", "integer", "The imported author.", minimum=1, maximum=LARGEST, required=True),
        Param("evidence", "text", "What shows that it is you.", max_length=REASON_LENGTH, required=True),
        Param("works", "token", "What becomes of the works: they are yours, the orphans', or deleted.",
              enum=("keep", "orphan", "delete"), default="keep"),
        Param("dry_run", "boolean", "Only show what the claim would do.", default=False),
    ]
)  # fmt: skip
_OF_CLAIMS = fields_param(ListedClaim.model_fields, "id,author")
OWN_CLAIMS = ParamSet([*PAGING, _OF_CLAIMS])
CLAIMS = ParamSet([Param("state", "token", "Only these.", enum=("open", "granted", "refused")), *PAGING, _OF_CLAIMS])
DECIDING = ParamSet([Param("note", "text", "The account is told.", max_length=REASON_LENGTH)])
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
REPORTS = ParamSet(
    [
        Param("state", "token", "Only these.", enum=("open", "closed")),
        *PAGING,
        fields_param(Report.model_fields, "id,reason"),
    ]
)
LOG = ParamSet([*PAGING, fields_param(Act.model_fields, "at,by,act")])
NOTICES = ParamSet([*PAGING, fields_param(Notice.model_fields, "at,text")])
