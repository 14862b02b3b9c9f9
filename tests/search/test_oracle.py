"""Every filter, total and facet of the index against the plain answer, over wrangled works."""

from __future__ import annotations

import random
from typing import Any

import pytest
from sqlalchemy import text

from app.jobs.changes import log_changes
from tests.conftest import TestArchive
from tests.search.oracle import TYPES, Oracle

FANDOMS = ["Star Trek", "Star Trek: TNG", "Trek", "Hobbit", "The Hobbit", "Dune"]
CHARACTERS = ["Spock", "James T. Kirk", "Kirk", "Bilbo", "Paul"]
RELATIONSHIPS = ["Spock/James T. Kirk", "Spirk", "James T. Kirk & Spock", "Bilbo/Paul", "Spock/James T. Kirk/Bilbo"]
FREEFORMS = ["AU", "Alternate Universe", "AU - High School", "High School AU", "Fluff", "fluff", "Angst"]
SYNONYMS = {"Trek": "Star Trek", "The Hobbit": "Hobbit", "Kirk": "James T. Kirk", "Spirk": "Spock/James T. Kirk",
            "AU": "Alternate Universe", "High School AU": "AU - High School"}  # fmt: skip
CANONICAL = ["Dune", "Fluff"]
BROADER = {"AU - High School": "Alternate Universe", "Star Trek: TNG": "Star Trek"}
POOLS = {"fandom": FANDOMS, "character": CHARACTERS, "relationship": RELATIONSHIPS, "freeform": FREEFORMS}
TOKENS = {
    "rating": ["general", "teen", "mature"],
    "status": ["in_progress", "complete", "hiatus"],
    "language": ["en", "es", "ja"],
    "warning": ["no_warnings_apply", "graphic_violence"],
    "category": ["m_m", "gen", "f_f"],
}
FACETS = ",".join((*TYPES, *TOKENS))


def made(chance: random.Random, number: int) -> dict[str, Any]:
    posted = chance.randint(1, 3)
    tags = {f"{kind}s": chance.sample(pool, chance.randint(kind == "fandom", 3)) for kind, pool in POOLS.items()}
    return tags | {
        "title": f"Work {number}",
        "key": str(number),
        "authors": chance.sample(["Ann", "Ben", "Cleo"], chance.randint(1, 2)),
        "rating": chance.choice(TOKENS["rating"]),
        "status": chance.choice(TOKENS["status"]),
        "language": chance.choice(TOKENS["language"]),
        "warnings": chance.sample(TOKENS["warning"], chance.randint(1, 2)),
        "categories": chance.sample(TOKENS["category"], chance.randint(0, 2)),
        "words": chance.randint(0, 50) * 100,
        "chapters_posted": posted,
        "chapters_expected": chance.choice([None, posted, posted + 2]),
        "stats": {name: chance.randint(0, 9) for name in ("kudos", "comments", "bookmarks", "hits")},
        "visibility": chance.choice(["public", "public", "public", "registered"]),
    }


def wrangle(archive: TestArchive) -> None:
    """Canonical tags, synonyms and broader links, as wranglers will make them."""
    with archive.database.write() as session:
        ids = {(row[1], row[2]): row[0] for row in session.execute(text("SELECT id, type, name FROM tags"))}
        by_name = {name: tag_id for (_, name), tag_id in ids.items()}
        for name in {*SYNONYMS.values(), *CANONICAL, *BROADER}:
            session.execute(text("UPDATE tags SET canonical = :yes WHERE id = :id"), {"yes": True, "id": by_name[name]})
        for name, target in SYNONYMS.items():
            session.execute(
                text("UPDATE tags SET canonical_id = :target WHERE id = :id"),
                {"target": by_name[target], "id": by_name[name]},
            )
        for narrow, broad in BROADER.items():
            session.execute(
                text("INSERT INTO tag_broader (narrower_id, broader_id) VALUES (:narrow, :broad)"),
                {"narrow": by_name[narrow], "broad": by_name[broad]},
            )
        works = [row[0] for row in session.execute(text("SELECT id FROM works"))]
        log_changes(session.connection(), tag_ids=list(by_name.values()), work_ids=works)
    archive.settle()


@pytest.fixture
def wrangled(archive: TestArchive) -> tuple[TestArchive, Oracle]:
    chance = random.Random(7)  # noqa: S311
    archive.add(*(made(chance, number) for number in range(150)))
    wrangle(archive)
    return archive, Oracle.read(archive.database)


def asked(chance: random.Random) -> dict[str, Any]:
    """One to three filters at random."""
    params: dict[str, Any] = {}
    for _ in range(chance.randint(1, 3)):
        what = chance.randrange(7)
        mode = chance.choice(["", "any_", "exclude_"])
        if what <= 1:
            kind = chance.choice(TYPES)
            params[f"{mode}{kind}"] = chance.sample(POOLS[kind], chance.randint(1, 2))
        elif what == 2:
            params[f"{mode}tag"] = [chance.choice(chance.choice(list(POOLS.values())))]
        elif what == 3:
            name = chance.choice(["warning", "category"])
            params[f"{mode}{name}"] = chance.sample(TOKENS[name], 1)
        elif what == 4:
            name = chance.choice(["rating", "status", "language"])
            params[chance.choice(["", "exclude_"]) + name] = chance.sample(TOKENS[name], chance.randint(1, 2))
        elif what == 5:
            name = chance.choice(["words", "chapters", "kudos", "comments", "bookmarks", "hits"])
            side = chance.choice(["min", "max"])
            params[f"{name}_{side}"] = chance.randint(0, 3000 if name == "words" else 6)
        else:
            params |= chance.choice(
                [
                    {"author": ["Ann"]}, {"author": ["ann", "Ben"]}, {"exclude_author": ["Cleo"]}, {"exact": "true"},
                    {"crossover": "true"}, {"crossover": "false"}, {"single_chapter": "true"}, {"has_text": "false"},
                    {"relationship_with": ["Spock", "James T. Kirk"]}, {"relationship_with": ["spock"]},
                ]
            )  # fmt: skip
    return params


def test_totals_and_facets_are_those_of_the_plain_answer(wrangled: tuple[TestArchive, Oracle]) -> None:
    archive, oracle = wrangled
    chance = random.Random(11)  # noqa: S311
    for _ in range(250):
        params = asked(chance)
        expected = oracle.found(params)
        answer = archive.get("/v1/works", **params, facets=FACETS, facet_limit=100, limit=100, fields="id")
        assert answer["total"] == len(expected), params
        if len(expected) <= 100:
            assert {item["id"] for item in answer["items"]} == {work.id for work in expected}, params
        for name in FACETS.split(","):
            shown = {
                row.get("id", row.get("value")): row["count"]
                for row in answer["facets"][name]
                if not row.get("excluded")
            }
            assert shown == oracle.facet(expected, name), (params, name)


def test_every_order_is_total_and_its_reverse_exact(wrangled: tuple[TestArchive, Oracle]) -> None:
    archive, oracle = wrangled
    for sort in ("revised_at", "published_at", "title", "author", "words", "kudos", "comments", "bookmarks", "hits"):
        walks = []
        for name in (sort, f"-{sort}"):
            ids: list[int] = []
            params: dict[str, Any] = {"sort": name, "limit": 37, "fields": "id"}
            while True:
                page = archive.get("/v1/works", **params)
                ids += [item["id"] for item in page["items"]]
                if page["next"] is None:
                    break
                params["cursor"] = page["next"]
            walks.append(ids)
        assert walks[0] == walks[1][::-1], sort
        assert sorted(walks[0]) == sorted(work.id for work in oracle.works)


def test_a_rebuilt_index_says_the_same(wrangled: tuple[TestArchive, Oracle]) -> None:
    archive, _ = wrangled
    chance = random.Random(13)  # noqa: S311
    questions = [asked(chance) for _ in range(40)]

    def answers() -> list[Any]:
        return [archive.get("/v1/works", **question, facets=FACETS, sort="title", limit=50) for question in questions]

    before = answers()
    tags = archive.get("/v1/tags", limit=100, sort="name")
    archive.indexer.rebuild()
    archive.settle()
    assert answers() == before
    assert archive.get("/v1/tags", limit=100, sort="name") == tags
