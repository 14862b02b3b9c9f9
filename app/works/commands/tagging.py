"""The tags and pen names that a write over the API names, looked up or made."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, bindparam, exists, select, update

from app.accounts.queries import first_pen_name, readable_works
from app.accounts.rules import Viewer, is_admin
from app.errors import FieldProblem
from app.jobs.changes import log_changes
from app.kit.text import name_key
from app.models import Author, RelationshipMember, Tag, Tagging, Work
from app.search.cards import CardTag
from app.tags.commands.making import KnownTag, TagKey, ensure_tags, find_tags
from app.works.commands.cards import refresh_cards
from app.works.inputs import invalid
from app.works.preparing import Tags

CARDS_AT_ONCE = 500
ResolvedTag = tuple[str, int, dict[str, Any]]


def resolve_tags(connection: Connection, viewer: Viewer, tags: Tags) -> list[ResolvedTag]:
    """Type, id and card JSON of each tag, in the author's order; names that are new become unwrangled tags."""
    by_id = _tags_by_id(connection, viewer, tags)
    names: dict[TagKey, str] = {}
    for kind, choices in tags.items():
        for choice in choices:
            if choice.name is not None:
                names.setdefault((kind, name_key(choice.name)), choice.name)
    before = find_tags(connection, names)
    found = ensure_tags(connection, names, before)
    _link_characters(connection, [tag for key, tag in found.items() if key[0] == "character" and key not in before])
    chosen: dict[int, ResolvedTag] = {}
    for kind, choices in tags.items():
        for choice in choices:
            tag = by_id[choice.id] if choice.id is not None else found[kind, name_key(choice.name or "")]
            shown = CardTag(tag.id, kind, tag.name, tag.kind, tag.members).as_json()
            chosen.setdefault(tag.id, (kind, tag.id, shown))
    return list(chosen.values())


def _tags_by_id(connection: Connection, viewer: Viewer, tags: Tags) -> dict[int, KnownTag]:
    """The tags that are named by id. One that no work uses that the viewer may read does not exist for them."""
    wanted = {choice.id for choices in tags.values() for choice in choices if choice.id is not None}
    if not wanted:
        return {}
    used = exists(
        select(Tagging.tag_id).join(Work, Work.id == Tagging.work_id).where(
            Tagging.tag_id == Tag.id, readable_works(viewer)
        )
    )  # fmt: skip
    rows = connection.execute(select(Tag.type, Tag.name_key).where(Tag.id.in_(wanted), Tag.canonical | used)).all()
    found = {tag.id: tag for tag in find_tags(connection, [(row[0], row[1]) for row in rows]).values()}
    problems = []
    for kind, choices in tags.items():
        for choice in choices:
            if choice.id is not None and (choice.id not in found or found[choice.id].type != kind):
                detail = f"There is no {kind} with this id."
                problems.append(FieldProblem("unknown-tag", detail, pointer=choice.pointer))
    if problems:
        raise invalid(problems)
    return found


def _link_characters(connection: Connection, characters: Sequence[KnownTag]) -> None:
    """Point relationships that were there before at characters that have just become tags."""
    if not characters:
        return
    linked: list[int] = []
    statement = (
        update(RelationshipMember)
        .where(RelationshipMember.name_key == bindparam("key"), RelationshipMember.character_id.is_(None))
        .values(character_id=bindparam("character"))
        .returning(RelationshipMember.relationship_id)
    )
    for character in characters:
        values = {"key": name_key(character.name), "character": character.id}
        linked += connection.execute(statement, values).scalars()
    if not linked:
        return
    query = select(Tagging.work_id).where(Tagging.tag_id.in_(linked)).distinct().limit(CARDS_AT_ONCE)
    works = list(connection.execute(query).scalars())
    refresh_cards(connection, works)
    log_changes(connection, work_ids=works, tag_ids=sorted(set(linked)))


def byline(
    connection: Connection, viewer: Viewer, wanted: Sequence[int] | None, *, stored: Sequence[int] = ()
) -> list[tuple[int, str]]:
    """Ids and names of the authors of a work: the caller's own pen names, and of others only those who are there.

    By default the caller's first pen name. Nobody puts a work under another's name, and nobody takes another's off.
    """
    chosen = list(wanted or ())
    if not chosen:
        first = first_pen_name(connection, viewer)
        chosen = [first] if first is not None else []
    if not chosen:
        detail = "The caller has no pen name: name one in author_ids."
        raise invalid([FieldProblem("missing", detail, pointer="/author_ids")])
    query = select(Author.id, Author.name).where(Author.id.in_(chosen))
    names = {row[0]: row[1] for row in connection.execute(query)}
    allowed = set(names) if is_admin(viewer) else viewer.author_ids | set(stored)
    problems = [
        FieldProblem(
            "not-yours",
            "It is no pen name of yours: invite its owner to sign the work.",
            pointer=f"/author_ids/{index}",
        )
        for index, author_id in enumerate(chosen)
        if author_id not in allowed or author_id not in names
    ]
    if not is_admin(viewer) and (set(stored) - set(chosen) - viewer.author_ids):
        detail = "It leaves out an author who is not you."
        problems.append(FieldProblem("not-yours", detail, pointer="/author_ids"))
    if problems:
        raise invalid(problems)
    return [(author_id, names[author_id]) for author_id in chosen]
