"""How the tags of made works are wrangled: the well-known ones canonical, with other spellings, parents, broader tags.

It is a table in the form that ``tags import`` takes. Like the works it is always the same, whatever the seed.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import cache
from hashlib import shake_128
from itertools import combinations
from typing import Any, BinaryIO

import orjson

from app.demo.made_tables import FANDOMS, Tables, tables
from app.kit.text import name_key

KNOWN_FANDOMS = 1_000
"""Fandoms whose characters and relationships are wrangled; the smaller ones wait for a wrangler."""
KNOWN_FREEFORMS = 3_000

_FAMILIES, _ROOTS = 100, 10
_PAIRED = 4
_TYPES = {"fandoms": "fandom", "characters": "character", "relationships": "relationship", "freeforms": "freeform"}
_KINDS_OF_FREEFORMS = {"Alternate Universe - ": "Alternate Universe", "Implied ": "Implied Things"}
_Names = dict[tuple[str, str], str]


def tag_rows() -> Iterator[dict[str, Any]]:
    """Yield the rows of the table, what they point at first."""
    t = tables()
    yield from _fandoms(t)
    yield from _characters(t)
    yield from _relationships(t)
    yield from _freeforms(t)
    for (kind, name), spelling in other_spellings().items():
        yield {"type": kind, "name": spelling, "canonical": False, "synonym_of": name}


def write_tags(out: BinaryIO) -> int:
    """Write the table to ``out``, one JSON line each; return how many rows there are."""
    count = 0
    for row in tag_rows():
        out.write(orjson.dumps(row, option=orjson.OPT_APPEND_NEWLINE))
        count += 1
    return count


def respell(record: dict[str, Any]) -> dict[str, Any]:
    """Give a made record the spellings of people who do not look how a tag is written: one known tag in eight."""
    spellings = other_spellings()
    draws = shake_128(record["key"].encode()).digest(64)
    place = 0
    for member, kind in _TYPES.items():
        names = record[member]
        for n, name in enumerate(names):
            other = spellings.get((kind, name))
            if other is not None and draws[place % len(draws)] % 8 == 0:
                names[n] = other
            place += 1
    return record


@cache
def other_spellings() -> _Names:
    """Return the synonym of each wrangled tag that has one, by type and name."""
    t = tables()
    canonical = [(row["type"], row["name"]) for rows in (_fandoms, _characters, _relationships) for row in rows(t)]
    canonical += [("freeform", name) for name in t.freeforms[:KNOWN_FREEFORMS]]
    taken = {(kind, name_key(name)) for kind, name in canonical}
    taken |= {("freeform", name_key(name)) for name in t.freeforms}
    found: _Names = {}
    for kind, name in canonical:
        spelling = _other(kind, name)
        if spelling is not None and (kind, name_key(spelling)) not in taken:
            taken.add((kind, name_key(spelling)))
            found[kind, name] = spelling
    return found


def _other(kind: str, name: str) -> str | None:
    match kind:
        case "fandom":
            return None if "All Media Types" in name or "Related Series" in name else f"{name} Fandom"
        case "freeform":
            return f"So Much {name}"
        case "character":
            first, _, last = name.partition(" ")
            return f"{last}, {first}" if last else None
        case _:
            mark = " & " if " & " in name else "/"
            return mark.join(reversed(name.split(mark)))


def _row(kind: str, name: str, broader: Iterable[str] = (), parents: Iterable[tuple[str, str]] = ()) -> dict[str, Any]:
    linked = [{"type": of, "name": parent} for of, parent in parents]
    return {"type": kind, "name": name, "canonical": True, "broader": [*broader], "parents": linked}


def _fandoms(t: Tables) -> Iterator[dict[str, Any]]:
    """All fandoms; of the known ones ten each belong to a family, and ten families to what they all come from."""
    roots = [f"{t.capitalised[900 + n]} & Related Series" for n in range(_ROOTS)]
    families = [f"{t.capitalised[700 + n]} - All Media Types" for n in range(_FAMILIES)]
    for root in roots:
        yield _row("fandom", root)
    for n, family in enumerate(families):
        yield _row("fandom", family, [roots[n % _ROOTS]])
    for n in range(FANDOMS):
        yield _row("fandom", t.fandoms[n], [families[n % _FAMILIES]] if n < KNOWN_FANDOMS else [])


def _characters(t: Tables) -> Iterator[dict[str, Any]]:
    fandoms: dict[str, list[tuple[str, str]]] = {}
    for n in range(KNOWN_FANDOMS):
        for name in dict.fromkeys(t.cast(n)):
            fandoms.setdefault(name, []).append(("fandom", t.fandoms[n]))
    for name, parents in fandoms.items():
        yield _row("character", name, (), parents)


def _relationships(t: Tables) -> Iterator[dict[str, Any]]:
    """Pairs of the first characters of each known fandom; linking them to characters gives them their fandoms."""
    seen = set()
    for n in range(KNOWN_FANDOMS):
        for pair in combinations(dict.fromkeys(t.cast(n)[:_PAIRED]), 2):
            for mark in ("/", " & "):
                name = mark.join(pair)
                key = mark, *sorted(pair)
                if key not in seen:
                    seen.add(key)
                    yield _row("relationship", name, (), [("character", one) for one in pair])


def _freeforms(t: Tables) -> Iterator[dict[str, Any]]:
    for name in _KINDS_OF_FREEFORMS.values():
        yield _row("freeform", name)
    for n, name in enumerate(t.freeforms[:KNOWN_FREEFORMS]):
        broader = [kind for prefix, kind in _KINDS_OF_FREEFORMS.items() if name.startswith(prefix)]
        yield _row("freeform", name, broader, [("fandom", t.fandoms[n % KNOWN_FANDOMS])] if n % 5 == 0 else [])
