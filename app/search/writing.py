"""Writers of one generation, and how documents get into it."""

from __future__ import annotations

from base64 import b64encode
from bisect import bisect_right
from collections.abc import Collection, Iterable, Sequence
from itertools import islice
from typing import Any

import orjson
import tantivy
from sqlalchemy import Connection

from app.search.cards import patch_tags
from app.search.documents import (
    WorkRow,
    facet_fields,
    filter_fields,
    parse_card,
    passage_document,
    tags_of,
    vis_of,
    work_document,
)
from app.search.engine import count, stored
from app.search.index import NAMES, Checkpoint, Generation, read_checkpoint, write_checkpoint
from app.search.loading import load_chapters, load_tags
from app.search.schema import VIS_NOBODY, VIS_PUBLIC, VIS_REGISTERED
from app.search.settling import Settling
from app.search.tag_documents import TagRow, tag_document
from app.search.used_rows import Used
from app.search.uses import Uses
from app.tags.graph import TagGraph

HEAP = {"works": 192_000_000, "passages": 192_000_000, "tags": 48_000_000}
THREADS = 1
"""The engine takes documents as quickly with one thread as they can be made here; two write twice the segments."""
KEYS = {"works": "id", "passages": "work_id", "tags": "id"}


class GenerationWriter:
    """Adds, replaces and removes documents; ``commit`` makes them count."""

    def __init__(self, generation: Generation, graph: TagGraph, archive: str, names: Sequence[str] = NAMES) -> None:
        """``names``: the indexes to be written; documents of the others are not made."""
        self.generation = generation
        self.graph = graph
        self.archive = archive
        self.writers = {name: generation.indexes[name].writer(HEAP[name], THREADS) for name in names}
        self._of_works = [name for name in names if name != "tags"]
        self.pending: dict[str, int] = dict.fromkeys(names, 0)
        self.dirty_tags: set[int] = set()
        self._ripe: set[int] = set()
        """Of those, what no work between the last two commits bore: their works are committed, and more are not due."""
        self._dirty_before: set[int] = set()
        self._touched: set[int] = set()
        self.settled_tags: set[int] = set()
        """Those whose works are being settled: their documents wait until that is done."""
        self._highest = {name: _highest(generation, name) for name in NAMES}
        self.uses = None if self._highest["works"] else Uses()

    def _add(self, name: str, document: dict[str, object]) -> None:
        # As JSON, in which bytes are Base64: a fifth less time than by an object of the engine's, field by field.
        self.writers[name].add_json(orjson.dumps(document, default=_base64).decode())
        self.pending[name] += 1

    def _remove(self, name: str, ids: Iterable[int]) -> None:
        """Take old documents out; an id above all that were ever indexed has none."""
        ordered = sorted(ids)
        old = ordered[: bisect_right(ordered, self._highest[name])]
        if old:
            # By query: deleting by term takes a Python int for a signed term, which matches nothing here.
            query = tantivy.Query.term_set_query(self.generation.schemas[name], KEYS[name], old)
            self.writers[name].delete_documents_by_query(query)
            self.pending[name] += 1
        if ordered:
            self._highest[name] = max(self._highest[name], ordered[-1])

    def put_works(
        self, connection: Connection, rows: Sequence[WorkRow], ids: Iterable[int], *, settling: Settling | None = None
    ) -> dict[int, int]:
        """Replace the documents of ``ids`` by those of ``rows``; an id without a row leaves the index.

        Returns for whom the works are or were to be seen, by the lowest ``vis``; those that nobody saw are left out.

        ``settling``: for this alone, so that they bear the tags that they bore. Its own tags are counted at its end;
        where it does not know them, all that works bear are.
        """
        gone = list(ids)
        if gone and min(gone) <= self._highest["works"]:
            self.uses = None
        dirty = self.dirty_tags
        seen: dict[int, int] = {}
        if settling is None:
            self._note_former(gone, dirty, seen)
        else:
            dirty = self.settled_tags if settling.filters is None else set()
        for name in self._of_works:
            self._remove(name, gone)
        with_text: dict[int, tuple[str, dict[str, object]]] = {}
        for row in rows:
            card = parse_card(row.card)
            if put_acts_in(card, self.graph):
                row.card = orjson.dumps(card)[:-1]
            facets = facet_fields(card, self.graph)
            filters = filter_fields(card, facets, self.graph)
            seen[row.id] = min(filters["vis"], seen.get(row.id, VIS_NOBODY))
            dirty.update(filters["direct"], filters["tag_exact"])
            self._touched.update(filters["direct"], filters["tag_exact"])
            if "works" in self._of_works:
                self._add("works", work_document(row, card, filters, facets))
            if self.uses is not None:
                self.uses.add(filters, self.graph.synonyms)
            if card["has_text"]:
                with_text[row.id] = (card["language"], filters)
        if with_text and "passages" in self._of_works:
            self._put_passages(connection, with_text)
        return seen

    def _put_passages(self, connection: Connection, works: dict[int, tuple[str, dict[str, object]]]) -> None:
        """Add the chapters of works, each given with its language and filter fields."""
        for chapter in load_chapters(connection, list(works)):
            language, filters = works[chapter.work_id]
            self._add("passages", passage_document(chapter, language, filters))

    def _note_former(self, ids: Sequence[int], dirty: set[int], seen: dict[int, int]) -> None:
        """Who saw works until now, and the tags they bore: those that they lose are counted anew, and may go."""
        old = [one for one in ids if one <= self._highest["works"]]
        if not old:
            return
        searcher = self.generation.indexes["works"].searcher()
        query = tantivy.Query.term_set_query(self.generation.schemas["works"], "id", old)
        for _, address in searcher.search(query, len(old), count=False).hits:
            card = parse_card(stored(searcher, address))
            seen[card["id"]] = vis_of(card)
            for tag in tags_of(card):
                dirty |= {tag, self.graph.fold(tag)}

    def works_bearing(self, tag_ids: Collection[int] | None, after: int, limit: int) -> list[int]:
        """The next committed works, by id, that carry any of some tags (none: any works)."""
        schema = self.generation.schemas["works"]
        # The id's range is a fast field; the checkpoint document has none and so never matches.
        later = tantivy.Query.range_query(schema, "id", tantivy.FieldType.Unsigned, after + 1, None)
        query = later
        if tag_ids is not None:
            carried = tantivy.Query.term_set_query(schema, "tag_exact", sorted(tag_ids))
            query = carried.and_must_match(later)
        searcher = self.generation.indexes["works"].searcher()
        hits = searcher.search(query, limit, count=False, order_by_field="id", order=tantivy.Order.Asc).hits
        return [int(work_id) for work_id, _ in hits]

    def put_tags(self, rows: Sequence[TagRow], ids: Iterable[int], used: Used | None = None) -> None:
        """Replace the documents of some tags, with their uses as told, or else as the works index has them now."""
        self._remove("tags", ids)
        for row in rows:
            uses, registered = self._uses_of(row) if used is None else used.get(row.id, (0, 0))
            vis = VIS_PUBLIC if uses else VIS_REGISTERED if registered else VIS_NOBODY
            self._add("tags", tag_document(row, uses, vis))

    def _uses_of(self, row: TagRow) -> tuple[int, int]:
        """How many public works carry a tag, and, where none does, how many for registered readers."""
        if self.uses is not None:
            return self.uses.of(row.id)
        searcher = self.generation.indexes["works"].searcher()
        schema = self.generation.schemas["works"]
        public = tantivy.Query.term_query(schema, "vis", VIS_PUBLIC)
        carried = tantivy.Query.term_query(schema, "tag_exact" if row.canonical_id else "direct", row.id)
        uses = count(searcher, carried.and_must_match(public))
        return uses, 0 if uses else count(searcher, carried)

    def settle_tags(self, connection: Connection, limit: int = 2_000) -> None:
        """Write the documents of the tags that changed, or whose works changed. Reads the committed works."""
        ids = sorted(self.dirty_tags)
        for tags in (self.dirty_tags, self._dirty_before, self._ripe):
            tags.clear()
        for start in range(0, len(ids), limit):
            part = ids[start : start + limit]
            self.put_tags(load_tags(connection, part), part)

    def settle_ripe(self, connection: Connection, limit: int = 1_000) -> bool:
        """The same for some of the tags that can be done already during a long import; whether there were any.

        Most tags of an archive are on one work or two, and are done once. Those that come again and again wait.
        """
        looked_at = list(islice(self._ripe, limit))
        self._ripe.difference_update(looked_at)
        # Works that came since the commit are not in the index yet, so that their tags cannot be counted.
        part = sorted(set(looked_at) - self._touched)
        self.dirty_tags.difference_update(part)
        self._dirty_before.difference_update(part)
        if part:
            self.put_tags(load_tags(connection, part), part)
        return bool(looked_at)

    def let_no_tag_wait(self) -> None:
        """Forget which tags are to be written: somebody else writes all of them."""
        self.dirty_tags.clear()
        self._touched.clear()

    def commit(self, name: str, checkpoint: Checkpoint) -> None:
        """Make what was put into one index visible, together with the checkpoint it belongs to."""
        write_checkpoint(self.writers[name], self.generation.schemas[name], checkpoint, self.archive)
        self.writers[name].commit()
        self.generation.indexes[name].reload()
        self.pending[name] = 0
        if name == "works":
            self._ripe = self._dirty_before - self._touched
            self._dirty_before = self.dirty_tags.copy()
            self._touched.clear()

    def checkpoint(self, name: str) -> Checkpoint:
        """The committed checkpoint of one index."""
        return read_checkpoint(self.generation.indexes[name], self.generation.schemas[name])

    def close(self) -> None:
        """Let running merges end and give the writers back."""
        for writer in self.writers.values():
            writer.wait_merging_threads()


def _base64(value: bytes) -> str:
    return b64encode(value).decode("ascii")


def put_acts_in(card: dict[str, Any], graph: TagGraph) -> bool:
    """Put in what acts have made of a card's tags: their canonicals, and names that changed since."""
    if not (graph.synonyms or graph.altered):
        return False
    patches: dict[int, dict[str, Any]] = {}
    for tag_id in tags_of(card):
        if tag_id in graph.synonyms:
            patches[tag_id] = {"canonical_id": graph.synonyms[tag_id]}
        if tag_id in graph.altered:
            patches[tag_id] = patches.get(tag_id, {}) | graph.altered[tag_id]
    return bool(patches) and patch_tags(card, patches)


def _highest(generation: Generation, name: str) -> int:
    """The largest id that an index holds, 0 for an empty one."""
    searcher = generation.indexes[name].searcher()
    schema = generation.schemas[name]
    query = tantivy.Query.range_query(schema, "vis", tantivy.FieldType.Unsigned, lower_bound=0, use_inverted_index=True)
    hits = searcher.search(query, 1, count=False, order_by_field=KEYS[name]).hits
    return int(hits[0][0]) if hits else 0
