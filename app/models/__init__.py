"""Every table, one file an aggregate."""

from app.models.accounts import (
    Account,
    IdempotencyKey,
    Identity,
    Invitation,
    MailCode,
    RateCount,
    Token,
)
from app.models.archive import ArchiveFact
from app.models.authors import Author, BylineInvitation, Claim, WorkAuthor
from app.models.base import Base
from app.models.changes import Change
from app.models.engagement import HitMark, Kudos
from app.models.imports import ImportChunk, ImportFile, ImportItem, ImportJob, ImportUnit, WorkInput
from app.models.moderation import Notice, PrivilegedAct, Report
from app.models.series import Series, SeriesAuthor, SeriesWork
from app.models.sketches import SketchKey, SketchWaiting, WorkSketch
from app.models.tags import (
    RelationshipMember,
    Tag,
    TagAct,
    TagActEffect,
    TagBroader,
    Tagging,
    TagParent,
    WranglingAssignment,
)
from app.models.tombstones import Tombstone
from app.models.works import (
    Chapter,
    ChapterRevision,
    ImportKey,
    Withholding,
    Work,
    WorkCard,
    WorkSource,
)

__all__ = [
    "Account",
    "ArchiveFact",
    "Author",
    "Base",
    "BylineInvitation",
    "Change",
    "Chapter",
    "ChapterRevision",
    "Claim",
    "HitMark",
    "IdempotencyKey",
    "Identity",
    "ImportChunk",
    "ImportFile",
    "ImportItem",
    "ImportJob",
    "ImportKey",
    "ImportUnit",
    "Invitation",
    "Kudos",
    "MailCode",
    "Notice",
    "PrivilegedAct",
    "RateCount",
    "RelationshipMember",
    "Report",
    "Series",
    "SeriesAuthor",
    "SeriesWork",
    "SketchKey",
    "SketchWaiting",
    "Tag",
    "TagAct",
    "TagActEffect",
    "TagBroader",
    "TagParent",
    "Tagging",
    "Token",
    "Tombstone",
    "Withholding",
    "Work",
    "WorkAuthor",
    "WorkCard",
    "WorkInput",
    "WorkSketch",
    "WorkSource",
    "WranglingAssignment",
]
