"""What may be read although it grows, each with the reason."""

from __future__ import annotations

import re
from dataclasses import dataclass

PARTS = {
    "work_id": "the parts of one work",
    "chapter_id": "the revisions of one chapter",
    "series_id": "the works of one series",
    "account_id": "what one account has",
    "job_id": "the parts of one import, whose pages have limits of their own",
    "act_id": "the effects of one act",
    "caller": "the keys that one caller sent in a day",
    "bucket": "the slots of one limit",
    "child_id": "the parents of one tag",
    "narrower_id": "what is directly broader than one tag",
    "relationship_id": "the members of one relationship",
    "name_key": "the few that have one name",
    "email_key": "the accounts that gave one address",
    "url": "the works from one address",
    "author_id": "what one author wrote: a page of it needs its count, and whoever leaves takes all of it along",
}
"""Columns of which one value has rows that belong together, few of them."""
OF_TAGS = {
    ("tag_acts", "tag_id"): "the history of one tag is counted",
    ("tag_act_effects", "tag_id"): "the same",
    ("tag_act_effects", "other_id"): "the same",
    ("tag_parents", "parent_id"): "the children of a tag that is acted on, which the act has to look at",
    ("tag_broader", "broader_id"): "the same of what is narrower",
    ("tags", "canonical_id"): "the same of its synonyms",
    ("relationship_members", "character_id"): "the same of the relationships that name a character",
}
"""What belongs to one tag; it may be much for a few tags, and acts on those are done by people."""
SMALL = {
    "alembic_version": "one row",
    "archive_facts": "some rows",
    "sqlite_sequence": "a row a table",
    "pg_class": "a row a table",
    "pg_namespace": "some rows",
    "wrangling_assignments": "what people have taken on themselves by hand",
    "invitations": "those that an operator gave out and nobody used",
    "import_jobs": "imports of three months",
    "claims": "what people wrote by hand, counted for moderators",
    "reports": "the same",
    "privileged_acts": "the same",
}
"""Tables that stay small beside works, tags and readers."""
SWEEP = re.compile(r"DELETE FROM (\w+) WHERE \1\.\w+ <=? \?( RETURNING .*)?$")
"""What has ended is deleted: what is read is what goes, once."""


@dataclass(frozen=True)
class Allowed:
    """A table that statements with these words may read so."""

    table: str
    words: str
    reason: str

    def covers(self, found: str, shape: str) -> bool:
        """Whether it speaks of this."""
        return found.startswith(f"{self.table}: ") and self.words in shape


ALLOWED = (
    Allowed(
        "authors", "SELECT count(*) AS count_1 FROM authors WHERE", "counted once, then kept until something changes"
    ),
    Allowed("work_authors", "SELECT count(*) AS count_1 FROM authors WHERE", "the same"),
    Allowed("series", "SELECT count(*) AS count_1 FROM series WHERE", "the same"),
    Allowed("series_works", "SELECT count(*) AS count_1 FROM series WHERE", "the same"),
    Allowed("changes", "FROM (SELECT xid, seq, kind, work_id, at FROM changes", "the list inside has the limit"),
    Allowed("import_units", "NOT import_units.finished", "units that are not finished have an index of their own"),
    Allowed("import_units", "import_units.finished = 0", "the same"),
    Allowed("taggings", "DELETE FROM tags WHERE tags.id IN", "a tag that goes is one that no work has"),
    Allowed("kudos", "UPDATE kudos SET guest_hash=? WHERE kudos.at <", "what is found is changed, and not found again"),
    Allowed("tags", "WHERE tags.altered", "some tags, with an index of their own"),
    Allowed("tags", "WHERE tags.canonical = 1 OR", "an index that is opened for writing loads all that is wrangled"),
    Allowed("tags", "WHERE tags.canonical OR", "the same"),
    Allowed("taggings", "SELECT taggings.tag_id, works.visibility, count(*)", "a new index counts every tag, once"),
    Allowed("taggings", "SELECT coalesce(tags.canonical_id, tags.id)", "the same with what synonyms stand for"),
    Allowed("tag_broader", "tag_broader.broader_id FROM tag_broader", "the same"),
)


def is_allowed(found: str, shape: str) -> bool:
    """Whether the list has it."""
    table = found.partition(":")[0]
    return table in SMALL or SWEEP.match(shape) is not None or any(one.covers(found, shape) for one in ALLOWED)
