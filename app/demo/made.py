"""Made works for load tests: any number of them, the same for the same seed, with an archive's proportions.

Every work is made of the bytes that SHAKE-128 gives for its seed and index, so it depends on nothing else:
neither on how many are made nor on those before it. Titles, names and texts are invented words.
"""

from __future__ import annotations

from collections.abc import Iterator
from hashlib import shake_128
from itertools import islice
from struct import Struct, unpack
from typing import Any, BinaryIO

import orjson

from app.demo.made_tables import AUTHORS, SLOTS, Tables, tables
from app.demo.made_tags import respell

SITE = "made.example"

_DRAWS = Struct("<112H")
_WORDS_FROM = 48
_SUMMARY_FROM = 60
_SUMMARY_TO = 108
_LINES_A_WRITE = 500
_ONE_SHOTS = int(0.66 * SLOTS)
_MOST_CHAPTERS = 150
_SENTENCES_A_PARAGRAPH = 5


def made_records(
    count: int,
    seed: int,
    *,
    body_words: int = 0,
    start: int = 0,
    chapters_each: int | None = None,
) -> Iterator[dict[str, Any]]:
    """Yield ``count`` import records, those of the indexes from ``start``, one at a time.

    With ``body_words`` 0 a record has no chapters, but ``words``, ``chapters_posted`` and
    ``chapters_expected``. Else it has one to three ``chapters`` (or ``chapters_each``), each of
    ``body_words`` words.
    """
    t = tables()
    for index in range(start, start + count):
        record = _record(t, seed, index)
        if body_words:
            _give_text(t, record, index, body_words, chapters_each)
        yield record


def write_made(
    count: int,
    seed: int,
    out: BinaryIO,
    *,
    body_words: int = 0,
    chapters_each: int | None = None,
    wrangled: bool = False,
) -> int:
    """Write the records of :func:`made_records` to ``out``, one JSON line each; return the bytes written.

    ``wrangled``: with the spellings that the table of :mod:`app.demo.made_tags` knows as synonyms.
    """
    records = made_records(count, seed, body_words=body_words, chapters_each=chapters_each)
    if wrangled:
        records = map(respell, records)
    lines_a_write = 20 if body_words else _LINES_A_WRITE
    dumps, newline = orjson.dumps, orjson.OPT_APPEND_NEWLINE
    size = 0
    while lines := [dumps(record, option=newline) for record in islice(records, lines_a_write)]:
        size += out.write(b"".join(lines))
    return size


def _record(t: Tables, seed: int, index: int) -> dict[str, Any]:
    """One work without text; the draws are numbered, so that one more never moves another."""
    d = _DRAWS.unpack(shake_128(b"%d-%d" % (seed, index)).digest(_DRAWS.size))
    name = f"{seed}-{index}"
    fandoms, characters, relationships = _people(t, d)
    posted, expected, status = _plan(t, d)
    published, revised = _dates(t, d, posted)
    kudos = t.kudos[d[15]]
    return {
        "key": name,
        "source": {"site": SITE, "id": name},
        "title": " ".join(map(t.words.__getitem__, d[_WORDS_FROM : _WORDS_FROM + 2 + d[16] % 9])).capitalize(),
        "authors": _authors(t, d),
        "summary": _summary(t, d),
        "language": t.languages[d[17]],
        "rating": t.ratings[d[18]],
        "warnings": [*t.warnings[d[19]]],
        "categories": [*t.categories[d[20]]],
        "fandoms": fandoms,
        "characters": characters,
        "relationships": relationships,
        "freeforms": _freeforms(t, d),
        "status": status,
        "words": t.work_words[d[21]] if posted == 1 else t.work_words[d[21]] + 900 * posted,
        "chapters_posted": posted,
        "chapters_expected": expected,
        "published_at": published,
        "revised_at": revised,
        "stats": {
            "kudos": kudos,
            "comments": kudos * (d[22] & 31) // 160 + (d[22] >> 14),
            "bookmarks": kudos * (d[23] & 63) // 150,
            "hits": kudos * (6 + (d[24] & 31)) + (d[24] >> 9),
        },
    }


def _people(t: Tables, d: tuple[int, ...]) -> tuple[list[str], list[str], list[str]]:
    """Fandoms, characters and relationships: mostly of one fandom, the well-known characters most."""
    fandom = t.fandom_ranks[d[0]]
    fandoms = [t.fandoms[fandom]]
    known = t.cast(fandom)
    places = {int(len(known) * (draw / SLOTS) ** 2) for draw in d[2 : 4 + d[7] % 4]}
    characters = list(dict.fromkeys([known[place] for place in sorted(places)]))
    if d[8] % 8 == 0:
        other = t.fandom_ranks[d[1]]
        if other != fandom:
            fandoms.append(t.fandoms[other])
            guest = t.cast(other)[d[9] % 3]
            if guest not in characters:
                characters.append(guest)
    relationships = []
    if len(characters) > 1 and d[10] % 12:
        first, second = characters[0], characters[1]
        relationships.append(f"{first}/{second}" if d[10] & 48 else f"{first} & {second}")
        if len(characters) > 2 and d[11] & 1:  # noqa: PLR2004
            relationships.append(f"{first} & {characters[2]}" if d[11] & 6 else f"{second}/{characters[2]}")
    return fandoms, characters, relationships


def _freeforms(t: Tables, d: tuple[int, ...]) -> list[str]:
    draws = d[30 : 34 + d[12] % 4]
    twist = d[13]
    chosen = {t.freeform_ranks[draw] + (twist ^ draw) % t.freeform_stretches[draw] for draw in draws}
    return [t.freeforms[rank] for rank in chosen]


def _authors(t: Tables, d: tuple[int, ...]) -> list[str]:
    """One author, at times two; the square makes the prolific ones frequent (Zipf with exponent 1/2)."""
    share = (d[25] * SLOTS + d[26]) / (SLOTS * SLOTS)
    names = [t.author(int(AUTHORS * share * share))]
    if d[27] % 25 == 0:
        names.append(t.author(AUTHORS - 1 - d[28]))
    return names


def _summary(t: Tables, d: tuple[int, ...]) -> str:
    words = list(map(t.words.__getitem__, d[_SUMMARY_FROM : _SUMMARY_TO - d[29] % 36]))
    half = len(words) // 2
    return f"<p>{' '.join(words[:half]).capitalize()}. {' '.join(words[half:]).capitalize()}.</p>"


def _plan(t: Tables, d: tuple[int, ...]) -> tuple[int, int | None, str]:
    """Chapters posted, chapters planned (None is "?") and the status."""
    posted = 1 if d[40] < _ONE_SHOTS else min(t.chapters[d[41]], _MOST_CHAPTERS)
    finished = d[42] % 100
    if finished < (95 if posted == 1 else 58):
        return posted, posted, "complete"
    expected = posted + 1 + d[43] % 12 if d[43] & 7 == 0 else None
    if finished % 5 == 0:
        return posted, expected, "abandoned" if d[44] & 1 else "hiatus"
    return posted, expected, "in_progress"


def _dates(t: Tables, d: tuple[int, ...], posted: int) -> tuple[str, str]:
    clock = d[46] % 43_200
    time = f"T{clock // 3600 + 6:02}:{clock // 60 % 60:02}:{clock % 60:02}Z"
    published = t.days[d[45]] + time
    if posted == 1:
        return published, published
    later = d[45] + (SLOTS - 1 - d[45]) * (d[47] & 255) // 1024
    return published, t.days[later] + time


def _give_text(t: Tables, record: dict[str, Any], index: int, body_words: int, each: int | None) -> None:
    """Replace what was said about the text by a text."""
    count = each or 1 + index % 3
    for said in ("words", "chapters_posted", "chapters_expected"):
        del record[said]
    if record["status"] == "complete":
        record["chapters_expected"] = count
    record["chapters"] = [
        {"title": f"Chapter {n}", "content": _text(t, record["key"], n, body_words)} for n in range(1, count + 1)
    ]


def _text(t: Tables, name: str, chapter: int, words: int) -> str:
    """Paragraphs of sentences of 5 to 20 words, ``words`` in all."""
    drawn = shake_128(f"{name}-{chapter}".encode()).digest(2 * words)
    text = list(map(t.words.__getitem__, unpack(f"<{words}H", drawn)))
    sentences = []
    at = 0
    while at < words:
        end = at + 5 + drawn[at] % 16
        sentences.append(" ".join(text[at:end]).capitalize())
        at = end
    paragraphs = (
        ". ".join(sentences[n : n + _SENTENCES_A_PARAGRAPH]) for n in range(0, len(sentences), _SENTENCES_A_PARAGRAPH)
    )
    return "<p>" + ".</p>\n<p>".join(paragraphs) + ".</p>"
