"""Pages of tags at Archive of Our Own, parsed: JSON objects, each a tag with all that its page lists.

Members: ``name type canonical merged_into parents synonyms metatags subtags children``; ``children`` is an object of
lists under headings. A page's parents have no type: those of characters and freeforms are fandoms, those of fandoms
media, and those of relationships fandoms or characters. A page lists some three hundred names of a kind at most.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, BinaryIO

from app.formats.json_values import head_of
from app.formats.problems import Unreadable
from app.formats.tag_tables.facts import TAG_TYPES, GivenType, Link, TableReader, TableRow, TagFact, bad, facts_of
from app.formats.tag_tables.json_rows import elements, kind_of, name_of, names_of
from app.formats.tag_tables.values import clean_name, closed_notice, type_of
from app.kit.names import parse_relationship
from app.kit.text import name_key

_SIGNS = (b'"merged_into"', b'"metatags"', b'"subtags"', b'"synonyms"')
_ENOUGH = 2
_PARENT_OF = {"character": "fandom", "freeform": "fandom"}
_NO_MEDIA = "Its media are not kept."


def score(head: bytes) -> float:
    """Objects with members that only such pages have."""
    start = head_of(head)
    return 0.95 if start[:1] in {b"[", b"{"} and sum(sign in start for sign in _SIGNS) >= _ENOUGH else 0.0


def read(stream: BinaryIO, name: str, given: GivenType) -> Iterator[TableRow]:
    """A fact for each page's tag and one for each tag that the page lists under it."""
    return facts_of(elements(stream, name), lambda where, page: _page(where, page, given))


def _page(where: str, page: Mapping[str, Any], given: GivenType) -> Iterator[TableRow]:
    kind, name = kind_of(page, given), name_of(page, "name")
    if kind not in TAG_TYPES:
        yield TagFact(where, kind, name, notices=closed_notice(kind))
        return
    yield _main(where, page, kind, name)
    yield from _listed(where, page, kind, name)


def _main(where: str, page: Mapping[str, Any], kind: str, name: str) -> TagFact:
    canonical, target = page.get("canonical"), page.get("merged_into")
    if not (canonical is None or isinstance(canonical, bool)):
        raise Unreadable("bad-value", "This has to be true or false.", "/canonical")
    if target is not None:
        target = name_of(page, "merged_into")
    media = kind == "fandom" and bool(page.get("parents"))
    return TagFact(
        where,
        kind,
        name,
        canonical=False if target is not None else canonical,
        synonym_of=target,
        broader=tuple(clean_name(one, pointer) for one, pointer in names_of(page, "metatags")),
        parents=() if kind == "fandom" else tuple(_parents(page, kind, name)),
        notices=(_NO_MEDIA,) if media else (),
    )


def _parents(page: Mapping[str, Any], kind: str, name: str) -> Iterator[Link]:
    members = {name_key(one) for one in parse_relationship(name)[1]} if kind == "relationship" else set()
    for one, pointer in names_of(page, "parents"):
        cleaned = clean_name(one, pointer)
        yield _PARENT_OF.get(kind) or ("character" if name_key(cleaned) in members else None), cleaned


def _listed(where: str, page: Mapping[str, Any], kind: str, name: str) -> Iterator[TableRow]:
    for member, facts in (
        ("synonyms", {"canonical": False, "synonym_of": name}),
        ("subtags", {"canonical": True, "broader": (name,)}),
    ):
        yield from _facts(where, page, member, kind, facts)
    children = page.get("children")
    if children is None:
        return
    if not isinstance(children, dict):
        yield bad(where, Unreadable("bad-value", "This has to be an object of lists.", "/children"))
        return
    for heading in children:
        try:
            child = type_of(heading, "/children")
        except Unreadable as error:
            yield bad(where, error)
            continue
        yield from _facts(where, children, heading, child, {"parents": ((kind, name),)})


def _facts(where: str, page: Mapping[str, Any], member: str, kind: str, facts: Mapping[str, Any]) -> Iterator[TableRow]:
    listed = page.get(member)
    if listed is None:
        return
    if not isinstance(listed, list):
        yield bad(where, Unreadable("bad-value", "This has to be a list.", f"/{member}"))
        return
    for number, one in enumerate(listed):
        pointer = f"/{member}/{number}"
        try:
            if not isinstance(one, str):
                raise Unreadable("bad-value", "A name has to be text.", pointer)  # noqa: TRY301  as other bad names
            yield TagFact(f"{where} {pointer}", kind, clean_name(one, pointer), **facts)
        except Unreadable as error:
            yield bad(where, error)


READER = TableReader("tag-pages", score, read)
