"""What a migration may do while programs of the version before go on with the database.

Read from the statements that it really sends to PostgreSQL, so that nothing is missed however it is written.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

BEFORE_THE_RULE = frozenset(f"{number:04}" for number in range(1, 13))
"""Made while no archive was run by several hosts."""

_BREAKING = (
    (r"\bRENAME\b", "renames: add the new beside the old, and take the old away a version later"),
    (r"\bALTER COLUMN \S+ (SET DATA )?TYPE\b", "changes a type: rewrites the table under a lock; add a column instead"),
    (
        r"\bADD COLUMN (?!.*\bDEFAULT\b).*\bNOT NULL\b",
        "adds a column that programs of before do not fill: give it a default",
    ),
)
_CONTRACTING = (
    (r"\bDROP (TABLE|COLUMN)\b", "takes something away"),
    (r"\bSET NOT NULL\b", "refuses what programs of before may write"),
    (r"\bADD CONSTRAINT\b", "refuses what programs of before may write"),
    (r"\bCREATE UNIQUE INDEX\b", "refuses what programs of before may write"),
)
_CREATED = re.compile(r'\bCREATE TABLE (?:IF NOT EXISTS )?"?(\w+)', re.IGNORECASE)
_INDEXED = re.compile(r'\bCREATE (?:UNIQUE )?INDEX (CONCURRENTLY )?.*? ON "?(\w+)', re.IGNORECASE)
_ALTERED = re.compile(r'\bALTER TABLE (?:ONLY )?"?(\w+)', re.IGNORECASE)


@dataclass
class Migration:
    """A revision, what it stands on, what it says, and what it sends."""

    revision: str
    down: str | None
    compatible_from: str | None
    statements: list[str] = field(default_factory=list)


def objections(migration: Migration, before: Sequence[str], compatible_before: str) -> list[str]:
    """What is wrong with a migration; ``before`` are the revisions below it, the oldest first."""
    found, contracts = [], []
    made = {match[1].lower() for text in migration.statements for match in _CREATED.finditer(text)}
    for text in (" ".join(one.split()) for one in migration.statements):
        table = _ALTERED.search(text)
        index = _INDEXED.search(text)
        if (table and table[1].lower() in made) or (index and index[2].lower() in made):
            continue  # nobody of before knows a table that is new
        found += [f"{why}: {text}" for pattern, why in _BREAKING if re.search(pattern, text, re.IGNORECASE)]
        contracts += [f"{why}: {text}" for pattern, why in _CONTRACTING if re.search(pattern, text, re.IGNORECASE)]
        if index and not index[1]:
            found.append(f"builds an index under a lock; say postgresql_concurrently=True: {text}")
    said = migration.compatible_from
    if said not in before:
        # The version before has to be able to go on: hosts are renewed one after another.
        found.append(f"compatible_from is {said}: it has to be one of the revisions before")
    elif contracts and before.index(said) <= before.index(compatible_before):
        found += [f"{one}; raise compatible_from to the first revision whose programs do without" for one in contracts]
    return found
