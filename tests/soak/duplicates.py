"""How well near duplicates are found on real prose, as ``docs/performance/duplicates.md``.

``FANARCHIVE_SAMPLE_DATA=… python -m tests.soak.duplicates``: ``prose/*/*.json`` are books, ``fixtures`` hold the same
works as files of several tools.
"""

from __future__ import annotations

import os
import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import combinations, product
from pathlib import Path

import orjson

from app.config import Settings
from app.formats.options import ReadOptions
from app.imports.prepare import prepare
from app.imports.runner import read_files, reading_limits
from app.kit.html import clean_html, html_to_text, text_to_html
from app.kit.shingles import Hashes, compare, letters, sketch_of
from app.works.alike import SHARED_KEYS, judge, keys_of
from app.works.drafts import WorkDraft

PAGE = Path(__file__).resolve().parents[2] / "docs" / "performance" / "duplicates.md"
RESULTS = PAGE.with_suffix(".json")
HEAD = """# How well near duplicates are found

`python -m tests.soak.duplicates` measures it on public-domain books in English, French, Spanish, Russian, Chinese and
Japanese, cut into stories and changed by chance, and on files that real tools wrote of the same works. A pair is found
when the works share two keys and are judged to be alike ([decision 0012](../decisions/0012-near-duplicates.md)). This
page is written by it.

| the two texts | pairs | found | share |
|---|---|---|---|
"""
NOTE = (
    "Disclaimer: I do not own any of these characters, they belong to their creator and I make no money from this"
    " story. Thank you to everybody who left a review on the last chapter, you make my day. My beta is the best beta"
    " in the world. Please read and review, and check out my other stories on my profile. Follow me for updates, which"
    " come every other Friday."
)
UNSPACED = {"zh", "ja"}
PAIRS = 60
FOLDERS = ("ao3-downloads", "fanficfare", "fichub")


@dataclass(slots=True)
class Story:
    """A piece of a book: its language, its words (characters, where there are no spaces), and where they begin."""

    language: str
    words: list[str]
    book: int = 0
    start: int = 0

    def overlaps(self, other: Story) -> bool:
        """Whether both are of the same place of a book."""
        return self.book == other.book and self.start - len(other.words) < other.start < self.start + len(self.words)

    def text(self, first: int = 0, last: int | None = None) -> str:
        """Some of its words."""
        return ("" if self.language in UNSPACED else " ").join(self.words[first:last])


def sketch(*texts: str) -> Hashes:
    """The sketch of plain texts, each a chapter."""
    return sketch_of(text_to_html(text) for text in texts)


def is_found(one: Hashes, other: Hashes, agrees: tuple[str, ...] = ()) -> bool:
    """Whether an archive would tell of them."""
    shared = len(set(keys_of(one)).intersection(keys_of(other)))
    return shared >= SHARED_KEYS and judge(1, "", compare(one, other), agrees) is not None


def books(folder: Path) -> list[Story]:
    """Whole books."""
    found = []
    for path in sorted(folder.glob("prose/*/*.json")):
        book = orjson.loads(path.read_bytes())
        text = "\n\n".join(html_to_text(clean_html(chapter["html"])) for chapter in book["chapters"])
        words = list(text) if book["language"] in UNSPACED else text.split(" ")
        found.append(Story(book["language"], words))
    return found


class Measurer:
    """Makes stories of books, changes them, and counts what is found."""

    def __init__(self, folder: Path) -> None:
        self.books = books(folder)
        self.rng = random.Random(7)  # noqa: S311
        self.results: dict[str, list[int]] = {}

    def stories(self, words: int, language: str | None = None) -> Iterator[Story]:
        """Pieces of books, by chance."""
        left = PAIRS
        while left:
            number = self.rng.randrange(len(self.books))
            book = self.books[number]
            if len(book.words) > words and language in {None, book.language}:
                start = self.rng.randrange(len(book.words) - words)
                yield Story(book.language, book.words[start : start + words], number, start)
                left -= 1

    def changed(self, story: Story, share: float) -> str:
        """A story with some of its words replaced by others of its language."""
        pool = next(book.words for book in self.books if book.language == story.language)
        words = [self.rng.choice(pool) if self.rng.random() < share else word for word in story.words]
        return Story(story.language, words).text()

    def count(self, name: str, pairs: Sequence[tuple[Hashes, Hashes]], agrees: tuple[str, ...] = ()) -> None:
        """Keep how many of some pairs are found."""
        self.results[name] = [len(pairs), sum(is_found(*pair, agrees) for pair in pairs)]

    def same(self, name: str, words: int, change: Callable[[Story], str], agrees: tuple[str, ...] = ()) -> None:
        """Stories and what became of them."""
        pairs = [(sketch(story.text()), sketch(change(story))) for story in self.stories(words)]
        self.count(name, pairs, agrees)

    def run(self, fixtures: Path) -> None:
        """All of it."""
        for words in (100, 300, 2_000, 10_000):
            for share in (0.02, 0.05, 0.1, 0.15):
                self.same(f"{words:,} words, {share:.0%} of them changed", words, _changing(self, share))
        for words in (300, 2_000):
            name = f"{words:,} words, 15% of them changed, title and author the same"
            self.same(name, words, _changing(self, 0.15), ("title", "author"))
        for share in (0.1, 0.25, 0.5):
            self.same(f"10,000 words and their first {share:.0%}", 10_000, _cutting(share))
            self.same(f"10,000 words and their first {share:.0%}, 5% changed", 10_000, _cutting_changed(self, share))
        for words in (60, 100, 300, 2_000):
            short, long = list(self.stories(words, "en")), list(self.stories(5_000, "en"))
            name = f"**different** stories of {words:,} words under the same note of {len(NOTE.split())} words"
            self.count(name, [_noted(*pair) for pair in combinations(short, 2) if not pair[0].overlaps(pair[1])])
            name = f"**different** stories of {words:,} and 5,000 words under the same note"
            self.count(name, [_noted(*pair) for pair in product(short, long) if not pair[0].overlaps(pair[1])])
        self.count("**different** books", list(combinations([sketch(book.text()) for book in self.books], 2)))
        self.files(fixtures)

    def files(self, fixtures: Path) -> None:
        """Files of several tools: the same work where most of their text is the same, by comparing all of it."""
        works = [(draft, letters_of(draft)) for draft in drafts(fixtures)]
        same, other, nothing = [], [], []
        for (one, first), (two, second) in combinations(works, 2):
            share = len(first & second) / max(1, min(len(first), len(second)))
            pair = one.sketch, two.sketch
            (same if share > 0.8 else other if share > 0.1 else nothing).append(pair)
        self.count(f"{len(works)} files of three tools: pairs whose text is the same", same)
        self.count("pairs of files that share some of their text", other)
        self.count("pairs of files with **different** text", nothing)


def _noted(one: Story, other: Story) -> tuple[Hashes, Hashes]:
    return _sketch_noted(one.text()), _sketch_noted(other.text())


@cache
def _sketch_noted(text: str) -> Hashes:
    return sketch(f"{NOTE}\n\n{text}")


def _changing(measurer: Measurer, share: float) -> Callable[[Story], str]:
    return lambda story: measurer.changed(story, share)


def _cutting(share: float) -> Callable[[Story], str]:
    return lambda story: story.text(0, int(len(story.words) * share))


def _cutting_changed(measurer: Measurer, share: float) -> Callable[[Story], str]:
    return lambda story: measurer.changed(Story(story.language, story.words[: int(len(story.words) * share)]), 0.05)


def drafts(fixtures: Path) -> Iterator[WorkDraft]:
    """The works of files, as an import would have them."""
    settings = Settings()
    paths = [fixtures / folder for folder in FOLDERS]
    for item, key in read_files(paths, None, ReadOptions(), None, reading_limits(settings)):
        if item.manuscript is not None and item.manuscript.chapters:
            yield prepare(item.manuscript, settings, file_key=key)


def letters_of(draft: WorkDraft) -> set[bytes]:
    """All shingles of a work."""
    texts = [letters(html_to_text(chapter.content)) for chapter in draft.chapters]
    return {text[start : start + 32] for text in texts for start in range(len(text) - 31)}


def page(results: dict[str, list[int]]) -> str:
    """The results as a page."""
    rows = (
        f"| {name} | {pairs:,} | {found:,} | {found / max(1, pairs):.1%} |" for name, (pairs, found) in results.items()
    )
    return HEAD + "\n".join(rows) + "\n"


if __name__ == "__main__":
    sample = Path(os.environ["FANARCHIVE_SAMPLE_DATA"])
    measurer = Measurer(sample)
    measurer.run(sample / "fixtures")
    RESULTS.write_bytes(orjson.dumps(measurer.results, option=orjson.OPT_INDENT_2) + b"\n")
    PAGE.write_text(page(measurer.results))
