"""The fields of the three indexes. What they mean is told in docs/search.md.

``works`` holds one document a work, ``passages`` one a chapter with the same filter fields, ``tags`` one a tag (names,
autocomplete, and what a filter resolves to). Every document of a kind carries ``vis``; the checkpoint document
does not, so no search meets it.
"""

from __future__ import annotations

import hashlib
import inspect
import sys
from functools import cache
from importlib.metadata import version

import tantivy

from app.search.analysis import ANALYSER_VERSION

SCHEMA_VERSION = 1
WHITESPACE = "whitespace"
TRIGRAMS = "trigrams"
GRAM = 3

TAG_TYPES = ("fandom", "character", "relationship", "freeform")
TOKEN_FIELDS = ("warning", "category", "rating", "language", "status")
FACETS = (*TAG_TYPES, *TOKEN_FIELDS)
COUNTERS = ("kudos", "comments", "bookmarks", "hits")
RANGES = ("words", "chapters", *COUNTERS)
DATES = ("published_at", "revised_at")
NUMBER_SORTS = ("revised_at", "published_at", "words", *COUNTERS)
TEXT_SORTS = ("title", "author")
SORTS = (*NUMBER_SORTS, *TEXT_SORTS)

VIS_PUBLIC, VIS_REGISTERED, VIS_NOBODY = 0, 1, 2


def _filters(builder: tantivy.SchemaBuilder) -> None:
    builder.add_unsigned_field("vis", indexed=True)
    for name in ("tag", "tag_exact", "direct", "author_id", "series_id"):
        builder.add_unsigned_field(name, indexed=True)
    for name in (*TOKEN_FIELDS, "author_key", "flag"):
        builder.add_text_field(name, tokenizer_name="raw", index_option="basic", fast=name in TOKEN_FIELDS)
    for name in ("words", "chapters"):
        builder.add_unsigned_field(name, fast=True)
    for name in DATES:
        builder.add_integer_field(name, fast=True)


def _checkpoint(builder: tantivy.SchemaBuilder) -> None:
    builder.add_text_field("checkpoint", tokenizer_name="raw", index_option="basic")
    builder.add_bytes_field("stored", stored=True)


def works_schema() -> tantivy.Schema:
    """One document a work; ``stored`` is its card, the list JSON."""
    builder = tantivy.SchemaBuilder()
    _checkpoint(builder)
    builder.add_unsigned_field("id", indexed=True, fast=True)
    _filters(builder)
    for name in TAG_TYPES:
        builder.add_unsigned_field(f"facet_{name}", fast=True)
    for name in COUNTERS:
        builder.add_unsigned_field(name, fast=True)
    for name in NUMBER_SORTS:
        builder.add_unsigned_field(f"sort_{name}", fast=True)
    for name in TEXT_SORTS:
        builder.add_text_field(f"sort_{name}", tokenizer_name="raw", index_option="basic", fast=True)
        builder.add_unsigned_field(f"head_{name}", fast=True)
    for name in ("title", "summary", "author", "tagname"):
        builder.add_text_field(name, tokenizer_name=WHITESPACE, index_option="position")
    for name in ("title_stem", "summary_stem"):
        builder.add_text_field(name, tokenizer_name=WHITESPACE, index_option="freq")
    return builder.build()


def passages_schema() -> tantivy.Schema:
    """One document a chapter; ``stored`` is its ``{"id", "position", "title"}``."""
    builder = tantivy.SchemaBuilder()
    _checkpoint(builder)
    for name in ("chapter_id", "work_id"):
        builder.add_unsigned_field(name, indexed=True, fast=True)
    _filters(builder)
    builder.add_text_field("body", tokenizer_name=WHITESPACE, index_option="position")
    builder.add_text_field("body_stem", tokenizer_name=WHITESPACE, index_option="freq")
    return builder.build()


def tags_schema() -> tantivy.Schema:
    """One document a tag; ``stored`` is ``{"id", "type", "name", "kind", "canonical", "canonical_id"}``."""
    builder = tantivy.SchemaBuilder()
    _checkpoint(builder)
    builder.add_unsigned_field("id", indexed=True, fast=True)
    for name in ("sort_uses", "head_name"):
        builder.add_unsigned_field(name, fast=True)
    builder.add_unsigned_field("vis", indexed=True)
    builder.add_unsigned_field("parent", indexed=True)
    for name in ("type", "state", "key", "member"):
        builder.add_text_field(name, tokenizer_name="raw", index_option="basic")
    builder.add_text_field("gram", tokenizer_name=TRIGRAMS, index_option="basic")
    builder.add_text_field("sort_name", tokenizer_name="raw", index_option="basic", fast=True)
    builder.add_text_field("name", tokenizer_name=WHITESPACE, index_option="position")
    return builder.build()


SCHEMAS = {"works": works_schema, "passages": passages_schema, "tags": tags_schema}


@cache
def fingerprint() -> str:
    """Names what an index was made with: fields, analysis and engine. Another fingerprint means rebuild."""
    source = inspect.getsource(sys.modules[__name__])
    parts = (str(SCHEMA_VERSION), str(ANALYSER_VERSION), version("tantivy"), source)
    return hashlib.blake2b("\n".join(parts).encode(), digest_size=6).hexdigest()
