"""From the JSON of a request to acts: every member checked, every problem with its place.

Nothing is read in silence.
"""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from typing import Any

from app.errors import FieldProblem, Invalid
from app.kit.pointers import json_pointer
from app.kit.text import BadName, check_tag_name
from app.tags.acts import UNSET, Act

TYPES = ("fandom", "character", "relationship", "freeform")
LISTS = ("parents", "broader", "add_parents", "remove_parents", "add_broader", "remove_broader")
MEMBERS = ("name", "canonical", "canonical_id", *LISTS)
READ_ONLY = ("id", "type", "kind", "uses", "pending", "synonyms", "children", "narrower")
MOST_ACTS = 1_000
MOST_LINKS = 1_000
LARGEST_ID = 2**63 - 1

Problems = list[FieldProblem]


def read_edit(body: Any, tag_id: int) -> Act:
    """The body of ``PATCH /v1/tags/{id}``; raises :class:`~app.errors.Invalid`."""
    problems: Problems = []
    act = _act(_object(body, "", problems), tag_id, "", problems)
    _raise(problems)
    return act


def read_creation(body: Any, tag_id: int) -> Act:
    """The body of ``POST /v1/tags``: ``type`` and ``name``, and any member of an edit."""
    problems: Problems = []
    said = dict(_object(body, "", problems))
    kind, name = said.pop("type", None), said.pop("name", None)
    if kind not in TYPES:
        problems.append(FieldProblem("bad-value", f"It has to be one of {', '.join(TYPES)}.", pointer="/type"))
    act = _act(said, tag_id, "", problems)
    kept = _name(name, "/name", problems)
    if "canonical_id" in said and said.get("canonical") is True and said["canonical_id"] is not None:
        problems.append(FieldProblem("contradiction", "A canonical tag has no canonical.", pointer="/canonical_id"))
    _raise(problems)
    values = {one: getattr(act, one) for one in ("canonical", "canonical_id", *LISTS)}
    return Act(tag_id, create=(str(kind), kept), **values)


def read_acts(body: Any) -> tuple[list[Act], bool]:
    """The body of ``POST /v1/tags/wrangle``: the acts, and whether they are only to be tried."""
    problems: Problems = []
    said = dict(_object(body, "", problems))
    dry_run = said.pop("dry_run", False)
    acts = said.pop("acts", None)
    if not isinstance(dry_run, bool):
        problems.append(FieldProblem("wrong-type", "It has to be true or false.", pointer="/dry_run"))
    _unknown(said, ("acts", "dry_run"), "", problems)
    if not isinstance(acts, list) or not 1 <= len(acts) <= MOST_ACTS:
        detail = f"It has to be an array of 1 to {MOST_ACTS} acts."
        problems.append(FieldProblem("not-an-array", detail, pointer="/acts"))
        acts = []
    read = []
    for index, one in enumerate(acts):
        where = f"/acts/{index}"
        members = dict(_object(one, where, problems))
        tag_id = members.pop("tag_id", None)
        if not _is_id(tag_id):
            problems.append(FieldProblem("not-an-id", "It has to be the id of a tag.", pointer=f"{where}/tag_id"))
            tag_id = 0
        read.append(_act(members, tag_id, where, problems))
    _raise(problems)
    return read, dry_run


def _raise(problems: Problems) -> None:
    if problems:
        shown = ", ".join(f"`{problem.pointer}`" for problem in problems[:5])
        raise Invalid(f"The body is not valid: see {shown}.", errors=problems[:100])


def _object(body: Any, where: str, problems: Problems) -> Mapping[str, Any]:
    if isinstance(body, dict):
        return body
    problems.append(FieldProblem("not-an-object", "It has to be a JSON object.", pointer=where))
    return {}


def _act(said: Mapping[str, Any], tag_id: int, where: str, problems: Problems) -> Act:
    _unknown(said, MEMBERS, where, problems)
    values: dict[str, Any] = {}
    if "name" in said:
        values["name"] = _name(said["name"], f"{where}/name", problems)
    if "canonical" in said:
        if not isinstance(said["canonical"], bool):
            problems.append(FieldProblem("wrong-type", "It has to be true or false.", pointer=f"{where}/canonical"))
        values["canonical"] = said["canonical"]
    target = said.get("canonical_id", UNSET)
    if target is not UNSET and target is not None and not _is_id(target):
        detail = "It has to be the id of a tag, or null."
        problems.append(FieldProblem("not-an-id", detail, pointer=f"{where}/canonical_id"))
    elif _is_id(target) and said.get("canonical") is True:
        detail = "A canonical tag has no canonical: leave one of the two out."
        problems.append(FieldProblem("contradiction", detail, pointer=f"{where}/canonical_id"))
    values["canonical_id"] = target
    for name in LISTS:
        if name in said:
            values[name] = _ids(said[name], f"{where}/{name}", problems)
    return Act(tag_id, **values)


def _name(name: Any, where: str, problems: Problems) -> str:
    if not isinstance(name, str):
        problems.append(FieldProblem("wrong-type", "It has to be a string.", pointer=where))
        return ""
    try:
        return check_tag_name(name)
    except BadName as bad:
        problems.append(FieldProblem(bad.code, bad.detail, pointer=where))
        return ""


def _ids(ids: Any, where: str, problems: Problems) -> tuple[int, ...]:
    if not isinstance(ids, list) or len(ids) > MOST_LINKS:
        detail = f"It has to be an array of at most {MOST_LINKS} ids of tags."
        problems.append(FieldProblem("not-an-array", detail, pointer=where))
        return ()
    for index, one in enumerate(ids):
        if not _is_id(one):
            problems.append(FieldProblem("not-an-id", "It has to be the id of a tag.", pointer=f"{where}/{index}"))
    return tuple(dict.fromkeys(one for one in ids if _is_id(one)))


def _is_id(value: Any) -> bool:
    return type(value) is int and 0 < value <= LARGEST_ID


def _unknown(said: Mapping[str, Any], known: tuple[str, ...], where: str, problems: Problems) -> None:
    for name in said.keys() - set(known):
        place = where + json_pointer(name)[:101]
        if name in READ_ONLY:
            problems.append(FieldProblem("read-only-member", "It cannot be set here.", pointer=place))
            continue
        near = difflib.get_close_matches(name[:100], known, 1)
        detail = "There is no such member."
        suggestion = near[0] if near else None
        problems.append(FieldProblem("unknown-member", detail, pointer=place, suggestion=suggestion))


def act_schema(*, with_id: bool) -> dict[str, Any]:
    """The JSON Schema of an act, or of an edit of one tag."""
    ids = {"type": "array", "items": {"type": "integer", "format": "int64", "minimum": 1}, "maxItems": MOST_LINKS}
    one = {"type": "integer", "format": "int64", "minimum": 1}
    properties: dict[str, Any] = {"tag_id": one} if with_id else {}
    properties |= {
        "name": {"type": "string", "minLength": 1, "maxLength": 150},
        "canonical": {"type": "boolean"},
        "canonical_id": {"type": ["integer", "null"], "format": "int64", "minimum": 1},
        **dict.fromkeys(LISTS, ids),
    }
    required = {"required": ["tag_id"]} if with_id else {}
    return {"type": "object", "properties": properties, "additionalProperties": False, **required}


def creation_schema() -> dict[str, Any]:
    """The JSON Schema of ``POST /v1/tags``."""
    schema = act_schema(with_id=False)
    schema["properties"]["type"] = {"type": "string", "enum": list(TYPES)}
    return schema | {"required": ["type", "name"]}


def acts_schema() -> dict[str, Any]:
    """The JSON Schema of ``POST /v1/tags/wrangle``."""
    acts = {"type": "array", "items": act_schema(with_id=True), "minItems": 1, "maxItems": MOST_ACTS}
    properties = {"dry_run": {"type": "boolean", "default": False}, "acts": acts}
    return {"type": "object", "properties": properties, "required": ["acts"], "additionalProperties": False}
