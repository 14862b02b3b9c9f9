"""Other names of characters: ``alias,name`` and, mostly, ``fandom``."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import BinaryIO

from app.formats.member_names import NOTHING
from app.formats.tables import Table, header_of
from app.formats.tag_tables.facts import GivenType, TableReader, TableRow, TagFact, facts_of
from app.formats.tag_tables.table_rows import placed
from app.formats.tag_tables.values import clean_name
from app.kit.text import name_key


def score(head: bytes) -> float:
    """Both names are in the header."""
    return 0.9 if set(header_of(head)[0]) >= {"alias", "name"} else 0.0


def read(stream: BinaryIO, name: str, given: GivenType) -> Iterator[TableRow]:
    """A fact for the name, and one for the alias where it is another."""
    return facts_of(placed(Table(stream), name), lambda where, row: _facts(where, row, given or "character"))


def _facts(where: str, row: Mapping[str, str], kind: str) -> list[TagFact]:
    canonical, alias = clean_name(row.get("name", ""), "name"), clean_name(row.get("alias", ""), "alias")
    fandom = row.get("fandom", "")
    parents = () if kind == "fandom" or fandom.lower() in NOTHING else (("fandom", clean_name(fandom, "fandom")),)
    facts = [TagFact(where, kind, canonical, canonical=True, parents=parents)]
    if name_key(alias) != name_key(canonical):
        facts.append(TagFact(where, kind, alias, canonical=False, synonym_of=canonical))
    return facts


READER = TableReader("aliases", score, read)
