"""Passages, tags and authors over HTTP: what is answered from the index."""

from __future__ import annotations

from fastapi import APIRouter, Request
from starlette.responses import Response

from app.accounts.deps import viewer_of
from app.accounts.rules import GUEST
from app.search import answers, tag_pages
from app.search.kept_pages import kept_page, page_again
from app.search.parameters import AFTER_CHANGE, ONE, PAGING, PASSAGES, fields_param
from app.search.schema import TAG_TYPES
from app.search.schemas import (
    Author,
    AuthorEntry,
    AuthorList,
    PassageList,
    Suggestions,
    Tag,
    TagEntry,
    TagList,
    TagStats,
)
from app.web.declaring import Id, reads
from app.web.listing import answer_list
from app.web.params import Param, ParamSet
from app.web.responses import answer, make_etag
from app.web.threads import in_thread

router = APIRouter()

_TAG_FILTERS = [
    Param("q", "text", "How words of the name begin, in any order; one typo is forgiven.", max_length=200),
    Param("canonical", "boolean", "Only canonical tags, or none of them."),
    Param("unwrangled", "boolean", "Only tags that are neither canonical nor a synonym, or none of them."),
    Param("fandom", "text", "Only tags of this fandom.", max_length=300),
    Param("sort", "token", "Order; `-` is descending.", enum=("uses", "-uses", "name", "-name"), default="-uses"),
    *PAGING,
    fields_param(TagEntry.model_fields, "id,name"),
    AFTER_CHANGE,
]
_TYPE = Param("type", "token", "A type of tags.", enum=TAG_TYPES)
TAGS = ParamSet([_TYPE, *_TAG_FILTERS])
TAGS_OF_TYPE = ParamSet(_TAG_FILTERS)
AUTOCOMPLETE = ParamSet(
    [
        Param("q", "text", "What was typed so far.", max_length=200, required=True),
        _TYPE,
        Param("fandom", "text", "Only tags of this fandom.", max_length=300),
        Param("limit", "integer", "How many at most.", minimum=1, maximum=20, default=20),
        AFTER_CHANGE,
    ]
)
AUTHORS = ParamSet(
    [
        Param("q", "text", "How the name begins.", max_length=200),
        *PAGING,
        fields_param(AuthorEntry.model_fields, "id,name"),
    ]
)


@router.get(
    "/passages", operation_id="searchPassages", summary="Search the stories", tags=["search"],
    **reads(PASSAGES, PassageList),
)  # fmt: skip
async def search_passages(request: Request) -> Response:
    """One item a chapter, best first, with the place that matches. Takes every filter of works."""
    query, viewer = request.scope["query_string"], await viewer_of(request)
    archive, key = request.state.archive, ("passages", query)
    kept = kept_page(archive, key) if viewer is GUEST else None
    if kept is not None:
        return answer_list(request, await in_thread(request, page_again, archive, kept))
    page = await in_thread(request, answers.passages_page, archive, viewer, PASSAGES.parse(query), key)
    return answer_list(request, page)


async def _tags(request: Request, params: ParamSet, kind: str | None) -> Response:
    given = params.parse(request.scope["query_string"])
    viewer = await viewer_of(request)
    page = await in_thread(request, tag_pages.tags_page, request.state.archive, viewer, given, kind)
    return answer_list(request, page)


@router.get("/tags", operation_id="listTags", summary="List tags", tags=["tags"], **reads(TAGS, TagList))
async def list_tags(request: Request) -> Response:
    """The tags that exist for the caller: canonical ones, and those that works carry."""
    return await _tags(request, TAGS, None)


@router.get(
    "/tags/autocomplete", operation_id="autocompleteTags", summary="Names to choose from", tags=["tags"],
    **reads(AUTOCOMPLETE, Suggestions),
)  # fmt: skip
async def autocomplete_tags(request: Request) -> Response:
    """Canonical first, most used first; a synonym answers with its canonical."""
    given = AUTOCOMPLETE.parse(request.scope["query_string"])
    viewer = await viewer_of(request)
    archive = request.state.archive
    body = tag_pages.known_suggestions(archive, viewer, given)
    if body is None:
        body = await in_thread(request, tag_pages.suggestions_body, archive, viewer, given)
    return answer(request, body, etag=make_etag(0, body))


@router.get("/tags/{tag_id}", operation_id="getTag", summary="One tag", tags=["tags"], **reads(ONE, Tag))
async def get_tag(request: Request, tag_id: Id) -> Response:
    """With the hundred most used tags of each kind of link."""
    given = ONE.parse(request.scope["query_string"])
    viewer = await viewer_of(request)
    body = await in_thread(request, tag_pages.tag_body, request.state.archive, viewer, tag_id, given)
    return answer(request, body, etag=make_etag(0, body))


@router.get(
    "/tags/{tag_id}/stats", operation_id="getTagStats", summary="Where a tag is used", tags=["tags"],
    **reads(ONE, TagStats),
)  # fmt: skip
async def get_tag_stats(request: Request, tag_id: Id) -> Response:
    """By the year of publishing, by rating and by language, and the tags that stand most often beside it."""
    given = ONE.parse(request.scope["query_string"])
    viewer = await viewer_of(request)
    body = await in_thread(request, tag_pages.stats_body, request.state.archive, viewer, tag_id, given)
    return answer(request, body, etag=make_etag(0, body))


@router.get(
    "/fandoms",
    operation_id="listFandoms",
    summary="List fandoms",
    tags=["tags"],
    **reads(TAGS_OF_TYPE, TagList),
)
async def list_fandoms(request: Request) -> Response:
    """Tags of the type `fandom`."""
    return await _tags(request, TAGS_OF_TYPE, "fandom")


@router.get(
    "/characters", operation_id="listCharacters", summary="List characters", tags=["tags"],
    **reads(TAGS_OF_TYPE, TagList),
)  # fmt: skip
async def list_characters(request: Request) -> Response:
    """Tags of the type `character`."""
    return await _tags(request, TAGS_OF_TYPE, "character")


@router.get(
    "/relationships", operation_id="listRelationships", summary="List relationships", tags=["tags"],
    **reads(TAGS_OF_TYPE, TagList),
)  # fmt: skip
async def list_relationships(request: Request) -> Response:
    """Tags of the type `relationship`."""
    return await _tags(request, TAGS_OF_TYPE, "relationship")


@router.get(
    "/authors",
    operation_id="listAuthors",
    summary="List authors",
    tags=["authors"],
    **reads(AUTHORS, AuthorList),
)
async def list_authors(request: Request) -> Response:
    """By name."""
    given = AUTHORS.parse(request.scope["query_string"])
    viewer = await viewer_of(request)
    page = await in_thread(request, answers.authors_page, request.state.archive, viewer, given)
    return answer_list(request, page)


@router.get(
    "/authors/{author_id}", operation_id="getAuthor", summary="One author", tags=["authors"],
    **reads(ONE, Author),
)  # fmt: skip
async def get_author(request: Request, author_id: Id) -> Response:
    """With works and words counted and the fandoms most written for."""
    given = ONE.parse(request.scope["query_string"])
    viewer = await viewer_of(request)
    version, body = await in_thread(request, answers.author_body, request.state.archive, viewer, author_id, given)
    return answer(request, body, etag=make_etag(version, body))
