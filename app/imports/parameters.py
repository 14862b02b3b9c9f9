"""The query parameters of imports."""

from __future__ import annotations

from typing import Any

from app.formats.registry import NAMES
from app.imports.commands.jobs import Wanted
from app.imports.schemas import Item, Job
from app.kit.languages import language_tag
from app.kit.names import RATINGS, STATUSES
from app.search.parameters import PAGING, fields_param
from app.web.params import Param, ParamSet

MODES = ("upsert", "create_only", "replace")
STATES = ("queued", "running", "paused", "cancelled", "succeeded", "failed")
OUTCOMES = ("created", "updated", "unchanged", "failed")
GAPS = ("title", "author", "fandom", "character", "relationship", "freeform", "rating", "language", "status")
_MEMBERS = {name: f"{name}s" for name in ("author", "fandom", "character", "relationship", "freeform")}


def _language(text: str) -> str:
    tag = language_tag(text)
    if tag is None:
        raise ValueError("a BCP 47 tag, such as en or pt-BR, or the name of a language")
    return tag


IMPORTING = ParamSet(
    [
        Param("format", "token", "The format of all files; found out by default.", enum=NAMES),
        Param("dry_run", "boolean", "Say what would happen, change nothing.", default=False),
        Param(
            "mode",
            "token",
            "`create_only` leaves works that are here as they are; `replace` overwrites what was edited here, too.",
            enum=MODES,
            default="upsert",
        ),
        Param("title", "text", "Where a file says none.", max_length=255),
        Param("author", "text", "Where a file says none.", repeat=True, max_length=150),
        Param("fandom", "text", "Where a file says none.", repeat=True, max_length=150),
        Param("character", "text", "Where a file says none.", repeat=True, max_length=150),
        Param("relationship", "text", "Where a file says none.", repeat=True, max_length=150),
        Param("freeform", "text", "Where a file says none.", repeat=True, max_length=150),
        Param("rating", "token", "Where a file says none.", enum=tuple(RATINGS)),
        Param("language", "text", "Where a file says none.", max_length=40, parse=_language),
        Param("status", "token", "Where a file says none.", enum=tuple(STATUSES)),
    ]
)
JOBS = ParamSet(
    [Param("state", "token", "Only these.", enum=STATES), *PAGING, fields_param(Job.model_fields, "id,state")]
)
ITEMS = ParamSet(
    [
        Param("outcome", "token", "Only these.", enum=OUTCOMES),
        Param("possible_duplicates", "boolean", "Only these with such, or only those without."),
        Param("undone", "token", "After an undo: only these.", enum=("withdrawn", "left")),
        *PAGING,
        fields_param(Item.model_fields, "input,problem"),
    ]
)


def wanted_of(given: dict[str, Any]) -> Wanted:
    """What an import is asked to be."""
    options = {_MEMBERS.get(name, name): given[name] for name in GAPS if name in given}
    return Wanted(given.get("mode", "upsert"), given.get("dry_run", False), given.get("format"), options)
