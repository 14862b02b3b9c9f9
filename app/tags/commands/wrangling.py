"""Acts of wrangling: all of a call or none of it, each kept with what it changed."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

from sqlalchemy import Connection, text

from app.db.bulk import insert_rows, reserve_ids
from app.errors import FieldProblem, Invalid
from app.jobs.changes import log_changes
from app.kit.text import fold, name_key
from app.models import Tag, TagAct, TagActEffect
from app.tags.acts import FILTERING, Act, ActResult, Effect, FacetChange
from app.tags.commands.storing import store_effects
from app.tags.errors import ActRefused, NameTaken, RenameNeedsAdmin, TagExists, TagInUse
from app.tags.neighbourhood import Neighbourhood
from app.tags.queries.neighbourhood import (
    load_neighbourhood,
    tags_by_key,
    used_tags,
    with_narrower,
)
from app.tags.rules import perform

WRANGLING_LOCK = 0x7A6E_0001
"""Two acts at once could each be legal and make a cycle together: on PostgreSQL acts take turns."""

LINK_MEMBERS = ("parents", "broader", "add_parents", "remove_parents", "add_broader", "remove_broader")
EFFECT_COLUMNS = ("act_id", "position", "what", "tag_id", "other_id", "before", "after")
Counter = Callable[[Collection[int]], int | None]
"""How many works carry any of some tags, as the caller's index has them; none where that is not counted."""


@dataclass(slots=True)
class Wrangled:
    """What a call did; ``change`` is the number to wait for, none where nothing changed."""

    results: list[ActResult] = field(default_factory=list)
    change: int | None = None


def lock_wrangling(connection: Connection) -> None:
    """Held until the transaction ends. SQLite has one writer anyway."""
    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": WRANGLING_LOCK})


def wrangle(
    connection: Connection,
    acts: Sequence[Act],
    by: str,
    *,
    dry_run: bool = False,
    admin: bool = False,
    listed: bool = True,
    count: Counter | None = None,
) -> Wrangled:
    """Perform acts in order, each on what those before it left; raises for the first that is refused, changing nothing.

    ``listed``: the acts stand in a list, so that problems point into it (``/acts/3/canonical_id``). ``count`` counts
    works for the results; ``admin`` may rename freely. Raises :class:`~app.tags.errors.ActRefused` with ``index`` set,
    :class:`~app.tags.errors.RenameNeedsAdmin`, or :class:`~app.errors.Invalid` for ids of no tag.
    """
    lock_wrangling(connection)
    part = load_neighbourhood(connection, set().union(*(act.mentioned() for act in acts)))
    check_ids(part, acts, listed=listed)
    taken = _names_taken(connection, acts, part)
    deleted = [act.tag_id for act in acts if act.delete]
    used = used_tags(connection, deleted) if deleted else set()
    results = []
    for index, act in enumerate(acts):
        try:
            _check_act(part, act, taken, used, admin=admin)
            results.append(perform_act(connection, part, act, count))
        except ActRefused as refused:
            refused.at(index, listed=listed)
            raise
    wrangled = Wrangled(results)
    if not dry_run:
        wrangled.change = keep_acts(connection, part, [(act.as_json(), None) for act in acts], results, by)
    return wrangled


def wrangle_each(connection: Connection, acts: Sequence[Act], by: str) -> list[ActResult | ActRefused]:
    """The same as an admin's, but for acts that are refused, which leave no trace; what became of each."""
    lock_wrangling(connection)
    part = load_neighbourhood(connection, set().union(*(act.mentioned() for act in acts)))
    check_ids(part, acts, listed=True)
    taken = _names_taken(connection, acts, part)
    used = used_tags(connection, [act.tag_id for act in acts if act.delete])
    done: list[tuple[Act, ActResult]] = []
    outcomes: list[ActResult | ActRefused] = []
    for act in acts:
        start, names = len(part.effects), taken.copy()
        try:
            _check_act(part, act, taken, used, admin=True)
            result = perform_act(connection, part, act, None)
        except ActRefused as refused:
            part.take_back(start)
            taken = names
            outcomes.append(refused)
        else:
            done.append((act, result))
            outcomes.append(result)
    keep_acts(connection, part, [(act.as_json(), None) for act, _ in done], [result for _, result in done], by)
    return outcomes


def check_ids(part: Neighbourhood, acts: Sequence[Act], *, listed: bool) -> None:
    """Every id that is named has to be a tag's."""
    made = {act.tag_id for act in acts if act.create}
    problems = []
    for index, act in enumerate(acts):
        where = f"/acts/{index}" if listed else ""
        for member, ids in _ids_of(act):
            missing = [one for one in ids if one not in part.tags and one not in made]
            if missing:
                detail = f"There is no tag {missing[0]}."
                problems.append(FieldProblem("unknown-tag", detail, pointer=f"{where}/{member}"))
    if problems:
        raise Invalid("Some ids are those of no tag.", errors=problems)


def _ids_of(act: Act) -> list[tuple[str, Collection[int]]]:
    target = [act.canonical_id] if isinstance(act.canonical_id, int) else []
    lists: list[tuple[str, Collection[int]]] = [("tag_id", [act.tag_id]), ("canonical_id", target)]
    return lists + [(name, getattr(act, name) or ()) for name in LINK_MEMBERS]


def _names_taken(connection: Connection, acts: Sequence[Act], part: Neighbourhood) -> dict[tuple[str, str], int]:
    """Who has the names that acts give."""
    keys = [act.create for act in acts if act.create]
    keys += [(part.tags[act.tag_id].type, act.name) for act in acts if act.name is not None and not act.create]
    return tags_by_key(connection, [(kind, name_key(name)) for kind, name in keys]) if keys else {}


def _check_act(
    part: Neighbourhood, act: Act, taken: dict[tuple[str, str], int], used: set[int], *, admin: bool
) -> None:
    if act.create is not None:
        key = (act.create[0], name_key(act.create[1]))
        if key in taken:
            raise TagExists(taken[key])
        taken[key] = act.tag_id
    elif act.name is not None:
        tag = part.tags[act.tag_id]
        key = (tag.type, name_key(act.name))
        if taken.get(key, tag.id) != tag.id:
            raise NameTaken(f"Tag {taken[key]} has that name.", member="name")
        if not admin and fold(act.name) != fold(tag.name):
            raise RenameNeedsAdmin
        taken.pop((tag.type, tag.name_key), None)
        taken[key] = tag.id
    if act.delete and act.tag_id in used:
        raise TagInUse("Works carry the tag.")


def perform_act(connection: Connection, part: Neighbourhood, act: Act, count: Counter | None) -> ActResult:
    """One act on the loaded graph, with what it reaches."""
    start = len(part.effects)
    before = spellings(part, act.mentioned())
    perform(part, act)
    result = ActResult(act.tag_id, effects=part.effects[start:])
    describe_reach(connection, part, result, before, count)
    return result


def spellings(part: Neighbourhood, ids: Collection[int]) -> dict[int, frozenset[int]]:
    """The spellings that each tag's facet counts; none for a synonym, which has no facet."""
    folds = {}
    for tag_id in ids:
        tag = part.tags.get(tag_id)
        for one in {tag_id, tag.canonical_id if tag else None} - {None}:
            assert one is not None
            state = part.tags.get(one)
            alone = state is not None and state.canonical_id is None
            folds[one] = frozenset({one, *part.synonyms.get(one, ())}) if alone else frozenset()
    return folds


def describe_reach(
    connection: Connection,
    part: Neighbourhood,
    result: ActResult,
    before: dict[int, frozenset[int]],
    count: Counter | None,
) -> None:
    """Say which works' filters, and which facets, the effects of an act change."""
    linked = {effect.tag_id for effect in result.effects if effect.what == "broader"}
    result.reach = {
        effect.tag_id
        for effect in result.effects
        if effect.what in {"name", "canonical_id"} or _makes_crossovers(part, effect)
    }
    if linked:
        # Tags that this very call made synonyms are found in the loaded graph, the others in the database.
        reached = with_narrower(connection, linked)
        result.reach |= reached.union(*(part.synonyms.get(one, set()) for one in reached))
    after = spellings(
        part, before.keys() | {effect.tag_id for effect in result.effects if effect.what == "canonical_id"}
    )
    result.folds = {one: (before.get(one, frozenset({one})), after[one]) for one in after}
    if count is None:
        return
    result.works = count(result.reach) if result.reach else 0
    renamed = {effect.tag_id for effect in result.effects if effect.what == "name"}
    for tag_id, (old, new) in sorted(result.folds.items()):
        tag = part.tags.get(tag_id)
        if tag is not None and (old != new or tag_id in renamed):
            counts = (count(old) if old else 0, count(new) if new else 0)
            result.facets.append(FacetChange(tag_id, tag.type, tag.name, *counts))


def _makes_crossovers(part: Neighbourhood, effect: Effect) -> bool:
    """Whether works with several fandoms are crossovers depends on which of these are canonical."""
    tag = part.tags.get(effect.tag_id)
    return effect.what == "canonical" and tag is not None and tag.type == "fandom"


def keep_acts(
    connection: Connection,
    part: Neighbourhood,
    asked: Sequence[tuple[dict[str, object], int | None]],
    results: Sequence[ActResult],
    by: str,
) -> int | None:
    """Store what acts did, log it for the index, and give the acts their ids; an act without effects leaves no trace.

    ``asked`` are the members of each act and, for an undo, the act that it undoes.
    """
    done = [(one, result) for one, result in zip(asked, results, strict=True) if result.effects]
    if not done:
        return None
    store_effects(connection, part)
    touched = {effect.tag_id for effect in part.effects}
    wrangled = {effect.tag_id for effect in part.effects if effect.what in FILTERING}
    change = log_changes(connection, tag_ids=sorted(touched - wrangled), wrangled_ids=sorted(wrangled))
    rows = [{"change": change, "id": one} for one in sorted(pending_by(part.effects) & part.tags.keys())]
    if rows:
        connection.execute(text("UPDATE tags SET wrangled_change = :change WHERE id = :id"), rows)
    now = datetime.now(UTC)
    acts, effects = [], []
    for act_id, ((members, undoes), result) in zip(
        reserve_ids(connection, TagAct.__table__, len(done)), done, strict=True
    ):
        result.act_id = act_id
        acts.append((act_id, result.tag_id, now, by, members, change, result.works, undoes))
        effects += [
            (act_id, position, one.what, one.tag_id, _other(one), one.before, one.after)
            for position, one in enumerate(result.effects, 1)
        ]
    columns = ("id", "tag_id", "at", "signed_by", "asked", "change", "works", "undoes")
    insert_rows(connection, TagAct.__table__, columns, acts)
    insert_rows(connection, TagActEffect.__table__, EFFECT_COLUMNS, effects)
    return change


def _other(effect: Effect) -> int | None:
    """The other tag in whose history an effect stands."""
    if effect.what == "canonical_id":
        return int(effect.after or effect.before or 0)
    return effect.other_id


def pending_by(effects: Sequence[Effect]) -> set[int]:
    """The tags whose own page, filter or facet some effects change: they are pending until the index shows it."""
    ids = {effect.tag_id for effect in effects}
    for effect in effects:
        if effect.what == "canonical_id":
            ids |= {int(value) for value in (effect.before, effect.after) if value is not None}
        elif effect.other_id is not None:
            ids.add(effect.other_id)
    return ids


def reserve_tag_id(connection: Connection) -> int:
    """The id of a tag that an act will create."""
    (tag_id,) = reserve_ids(connection, Tag.__table__, 1)
    return tag_id
