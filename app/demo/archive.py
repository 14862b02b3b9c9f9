"""The demo archive: some 320 works to look at, always the same, in the form that import takes."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import combinations
from math import exp
from random import Random
from typing import Any

from app.demo.story import Story, chance, load, shapes

SITE = "demo.example"

_SEED = 20_091_114
_BY_LANGUAGE = {"en": 224, "es": 48, "fr": 40, "ja": 10}
_FIRST = datetime(2009, 11, 14, 12, tzinfo=UTC)
_LAST = datetime(2026, 10, 25, 12, tzinfo=UTC)
_ROMANCE = re.compile("lover|pining|romance|together|relationship|meet-cute|enemies|burn", re.IGNORECASE)
_NUMERALS = ("II", "III", "IV", "V", "VI", "VII", "VIII")


@dataclass(slots=True)
class _Person:
    tag: str
    names: dict[str, str]
    gender: str


@dataclass(slots=True)
class _Plan:
    """Where, by whom and about whom the works of one series (or a single work) are."""

    language: str
    world: dict[str, Any]
    people: list[_Person]
    """The one followed, the other, the third."""
    romantic: bool
    authors: list[str]
    fandoms: list[str]
    relationships: list[str]
    length: int


def demo_records() -> Iterator[dict[str, Any]]:
    """Yield the works of the demo archive as import records, one at a time.

    Each has the source ``demo.example`` and an id of its own, so loading them twice changes nothing.
    """
    rng = Random(_SEED)
    number = 0
    used: set[str] = set()
    for language, count in _BY_LANGUAGE.items():
        left = count
        while left:
            plan = _plan(rng, language, left)
            left -= plan.length
            series: str | None = None
            order = _shape_order(rng, plan)
            for position in range(1, plan.length + 1):
                number += 1
                story = _story(rng, plan, order[position - 1])
                if plan.length > 1 and series is None:
                    series = _unused([story.say(t) for t in _shuffled(rng, load(language)["series"])], used)
                record = _record(rng, plan, story, number, used)
                if series is not None:
                    record["series"] = [{"title": series, "position": position}]
                yield record


def _plan(rng: Random, language: str, left: int) -> _Plan:
    worlds = [world for world in load("worlds")["world"] if _is_told_in(world, language)]
    weights = [world["weight"] * (2 if language in world.get("languages", ()) else 1) for world in worlds]
    world = rng.choices(worlds, weights)[0]
    known = _cast(world)
    pair = rng.choice(world["pairs"])
    romantic = "/" in pair
    chosen = [known[int(place)] for place in pair.replace("&", "/").split("/")]
    fandoms = [world["fandom"]]
    if language == "en" and chance(rng, 0.09):
        other = rng.choice([w for w in worlds if w is not world])
        chosen[1] = _cast(other)[int(rng.choice(other["pairs"])[0])]
        romantic = False
        fandoms.append(other["fandom"])
    third = rng.choice([person for person in known if person not in chosen])
    relationships = [(" & ", "/")[romantic].join(person.tag for person in chosen)]
    if chance(rng, 0.1) and len(fandoms) == 1:
        romantic = "trio" in world
        if romantic:
            chosen = [known[int(place)] for place in world["trio"].split("/")]
            third = chosen.pop()
        relationships = [(" & ", "/")[romantic].join(person.tag for person in [*chosen, third])]
    elif chance(rng, 0.35):
        relationships.append(f"{chosen[0].tag} & {third.tag}")
    authors = [_author(rng, language)]
    if chance(rng, 0.07):
        authors = list(dict.fromkeys([*authors, _author(rng, language)]))
    length = min(left, rng.choice((2, 2, 3, 3, 4, 5))) if chance(rng, 0.13) else 1
    return _Plan(language, world, [*chosen, third], romantic, authors, fandoms, relationships, length)


def _is_told_in(world: dict[str, Any], language: str) -> bool:
    own = language in world.get("languages", ())
    return own or not (world.get("only") or language == "ja")


def _cast(world: dict[str, Any]) -> list[_Person]:
    people = []
    for entry in world["cast"]:
        tag, name, gender, *japanese = entry.split("|")
        people.append(_Person(tag, {"": name, "ja": japanese[0] if japanese else name}, gender))
    return people


def _author(rng: Random, language: str) -> str:
    names = load("archive")["authors"][language]
    return str(rng.choices(names, [1 / (rank + 2) for rank in range(len(names))])[0])


def _shuffled(rng: Random, values: list[str]) -> list[str]:
    return rng.sample(values, len(values))


def _shape_order(rng: Random, plan: _Plan) -> list[str]:
    names = list(shapes(plan.language))
    return [name for _ in range(plan.length) for name in _shuffled(rng, names)][: plan.length]


def _story(rng: Random, plan: _Plan, shape: str) -> Story:
    world, language = plan.world, plan.language
    return Story(
        language=language,
        shape=shape,
        people=[(person.names.get(language, person.names[""]), person.gender) for person in plan.people],
        home=world.get("names", {}).get(language, world["home"]),
        romantic=plan.romantic,
        finished=chance(rng, 0.72),
        rng=Random(rng.getrandbits(64)),
    )


def _unused(titles: list[str], used: set[str]) -> str:
    """Return the first title that no work or series has yet, else one with a numeral."""
    numbered = [f"{title} {numeral}" for numeral in _NUMERALS for title in titles]
    title = next(title for title in [*titles, *numbered] if title.casefold() not in used)
    used.add(title.casefold())
    return title


def _record(rng: Random, plan: _Plan, story: Story, number: int, used: set[str]) -> dict[str, Any]:
    words = load(plan.language)
    title = _unused(story.titles(), used)
    if plan.language == "en" and chance(rng, 0.08):
        title = title.lower()
    count = _chapter_count(rng, words.get("most_chapters", 8))
    chapters = story.chapters(count)
    dates = _dates(rng, count)
    record: dict[str, Any] = {
        "key": f"demo-{number}",
        "source": {"site": SITE, "id": str(number)},
        "title": title,
        "authors": plan.authors,
        "summary": story.summary(),
        "language": plan.language,
        **_labels(rng, plan),
        "fandoms": plan.fandoms,
        "characters": [person.tag for person in _present(rng, plan)],
        "relationships": plan.relationships,
        "freeforms": _freeforms(rng, plan, story),
        **_status(rng, story, count),
        "published_at": _moment(dates[0]),
        "revised_at": _moment(dates[-1]),
        "stats": _stats(rng, dates[0], count),
        "chapters": [
            {"title": chapter.title, "content": chapter.content, "published_at": _moment(date)}
            for chapter, date in zip(chapters, dates, strict=True)
        ],
    }
    if chance(rng, 0.03):
        record["anonymous"] = True
    if chance(rng, 0.3):
        record["notes"] = f"<p>{story.say(rng.choice(words['notes']))}</p>"
    if chance(rng, 0.2):
        record["chapters"][-1]["end_notes"] = f"<p>{story.say(rng.choice(words['end_notes']))}</p>"
    if chance(rng, 0.04):
        record["gifts"] = [_author(rng, plan.language)]
    return record


def _chapter_count(rng: Random, most: int) -> int:
    count = rng.choices((1, 2, 3, 4, 5, 6, 7, 8), (46, 15, 13, 8, 6, 5, 3, 4))[0]
    return min(count, most)


def _labels(rng: Random, plan: _Plan) -> dict[str, Any]:
    """Rating, warnings and categories: labels alone, as the texts are for everybody."""
    ratings, weights = ["general", "teen", "not_rated", "mature", "explicit"], [46, 36, 9, 9, 6]
    if plan.world.get("young") or not plan.romantic:
        weights[3:] = [0, 0]
    warnings = rng.choices(
        [["no_warnings_apply"], ["choose_not_to_warn"], ["graphic_violence"], ["major_character_death"]],
        [64, 28, 4, 4],
    )[0]
    return {
        "rating": rng.choices(ratings, weights)[0],
        "warnings": list(warnings),
        "categories": _categories(rng, plan),
    }


def _categories(rng: Random, plan: _Plan) -> list[str]:
    if not plan.romantic:
        return [] if chance(rng, 0.08) else ["gen"]
    paired = plan.people[: plan.relationships[0].count("/") + 1]
    by_genders = {"fm": "f_m", "ff": "f_f", "mm": "m_m"}
    found = {by_genders["".join(sorted((a.gender, b.gender)))] for a, b in combinations(paired, 2)}
    return [*sorted(found), *(["multi"] if len(paired) == len(plan.people) else [])]


def _present(rng: Random, plan: _Plan) -> list[_Person]:
    named = list(plan.people)
    others = [person for person in _cast(plan.world) if person.tag not in {p.tag for p in named}]
    return named + rng.sample(others, min(len(others), rng.choice((0, 0, 1, 2))))


def _freeforms(rng: Random, plan: _Plan, story: Story) -> list[str]:
    known = load("archive")["freeforms"]
    shape = shapes(plan.language)[story.shape]
    chosen = rng.sample(shape["freeforms"], min(len(shape["freeforms"]), rng.choice((1, 2, 2, 3))))
    own = known[plan.language]
    ranked = rng.choices(own, [1 / (rank + 4) for rank in range(len(own))], k=rng.randint(1, 5))
    odd = rng.sample(known["odd"], 1) if chance(rng, 0.4) else []
    if len(plan.fandoms) > 1:
        chosen.append("Crossover")
    named = dict.fromkeys([*chosen, *ranked, *odd])
    return [name for name in named if plan.romantic or _ROMANCE.search(name) is None] or ["Friendship"]


def _status(rng: Random, story: Story, count: int) -> dict[str, Any]:
    if story.finished:
        return {"status": "complete", "chapters_expected": count}
    status = rng.choices(("in_progress", "hiatus", "abandoned"), (60, 20, 20))[0]
    return {"status": status, "chapters_expected": rng.choice((None, None, count + rng.randint(1, 6)))}


def _dates(rng: Random, count: int) -> list[datetime]:
    """When each chapter was posted; newer works are more frequent."""
    span = (_LAST - _FIRST).total_seconds()
    moment = _FIRST + timedelta(seconds=int(span * rng.random() ** 0.7))
    dates = [moment]
    for _ in range(count - 1):
        moment = min(moment + timedelta(minutes=int(exp(rng.gauss(9.2, 0.9)))), _LAST)
        dates.append(moment)
    return dates


def _moment(date: datetime) -> str:
    return f"{date:%Y-%m-%dT%H:%M:%SZ}"


def _stats(rng: Random, published: datetime, count: int) -> dict[str, int]:
    """Heavy-tailed, and more where a work is older and longer."""
    age = (_LAST - published).days / 365 + 1
    kudos = int(exp(rng.gauss(3.4, 1.3)) * age**0.4)
    return {
        "kudos": kudos,
        "comments": int(kudos * rng.uniform(0.02, 0.12) * count**0.7),
        "bookmarks": int(kudos * rng.uniform(0.05, 0.3)),
        "hits": int(kudos * rng.uniform(7, 25)) + rng.randint(5, 90),
    }
