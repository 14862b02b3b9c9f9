"""One small story: an opening, what follows from it, quiet scenes between, a turn and an ending."""

from __future__ import annotations

import html
import re
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from random import Random
from typing import Any

from app.demo.grammar import Noun, fill, noun, with_articles

_EMPHASIS = re.compile(r"\*([^*\n]+)\*")
_STRONG = re.compile(r"\*\*([^*\n]+)\*\*")
_OPENING_QUOTE = re.compile(r'(^|[\s(])"', re.MULTILINE)
_SMALL_WORDS = frozenset("a an the of in on at and or to by for with from".split())  # noqa: SIM905
_SCENES = {"en": 2, "es": 1, "fr": 1, "ja": 1}
_LONG = 5
_PRONOUNS = {
    "he": ("he", "she"),
    "him": ("him", "her"),
    "his": ("his", "her"),
    "himself": ("himself", "herself"),
}


def chance(rng: Random, share: float) -> bool:
    """Say yes in ``share`` (0..1) of the cases."""
    return rng.random() < share


@cache
def load(name: str) -> dict[str, Any]:
    """Return one of the data files of this package."""
    return tomllib.loads((files("app.demo") / "data" / f"{name}.toml").read_text(encoding="utf-8"))


@cache
def shapes(language: str) -> dict[str, dict[str, Any]]:
    """Return the story shapes of a language by name, with their scenes by stage."""
    found: dict[str, dict[str, Any]] = {}
    for number in range(1, _SCENES[language] + 1):
        found |= load(f"{language}_scenes_{number}")["shapes"]
    return found


@dataclass(slots=True)
class Chapter:
    """A title (may be empty) and HTML."""

    title: str
    content: str


@dataclass(slots=True)
class Story:
    """What a story is about, and how far it is told."""

    language: str
    shape: str
    people: Sequence[tuple[str, str]]
    """Names and genders of the three in it: the one it follows, the other, the third."""
    home: str
    romantic: bool
    finished: bool
    rng: Random
    slots: dict[str, Noun] = field(default_factory=dict)
    """What the templates are filled with."""

    def __post_init__(self) -> None:
        """Choose what the story has in it."""
        words = load(self.language)
        rng, slots = self.rng, self.slots
        for letter, (name, gender) in zip("ABC", self.people, strict=True):
            slots[letter] = Noun(name, gender)
            _add_pronouns(slots, letter, gender)
        slots["home"] = noun(self.home)
        bare, definite, indefinite = with_articles(rng.choice(words["things"]), self.language)
        slots |= {"bare_thing": bare, "thing": definite, "a_thing": indefinite}
        season, _, weather = rng.choice(words["weathers"]).partition("/")
        slots |= {"season": noun(season), "weather": noun(weather)}
        for slot in ("place", "food", "drink", "town", "elder"):
            slots[slot] = noun(rng.choice(words[slot + "s"]))
        own = shapes(self.language)[self.shape].get("places")
        if own:
            slots["place"] = noun(rng.choice(own))

    def say(self, template: str) -> str:
        """Fill a template with this story's people and things."""
        return fill(template, self.slots, self.rng, self.language)

    def titles(self) -> list[str]:
        """Return titles that fit, in an order of their own."""
        templates = [*shapes(self.language)[self.shape]["titles"], *load(self.language).get("titles", ())]
        self.rng.shuffle(templates)
        return [_capitals(self.say(template), self.language) for template in templates]

    def summary(self) -> str:
        """Return one to three sentences as HTML."""
        words = load(self.language)
        told = self.say(self.rng.choice(shapes(self.language)[self.shape]["summaries"]))
        more = self.say(self.rng.choice(words["summary_ends"]))
        joint = "" if self.language == "ja" else " "
        return f"<p>{_inline(told)}{joint if more else ''}{more}</p>"

    def chapters(self, count: int) -> list[Chapter]:
        """Tell the story in ``count`` chapters, without its turn and ending where it is unfinished."""
        rng, words = self.rng, load(self.language)
        fewest, most = words.get("scenes_a_chapter", [3, 5])
        lengths = [rng.randint(fewest, most) if count < _LONG else fewest for _ in range(count)]
        if count == 1:
            lengths = [rng.randint(most, most + 3)]
        scenes = self._scenes(sum(lengths))
        curly = chance(rng, 0.5)
        titled = count > 1 and chance(rng, 0.7)
        titles = self._chapter_titles(count) if titled else [""] * count
        told = []
        for title, length in zip(titles, lengths, strict=True):
            own, scenes = scenes[:length], scenes[length:]
            told.append(Chapter(title, _join(own, curly=curly, rng=rng)))
        if scenes:
            told[-1].content += "\n" + _join(scenes, curly=curly, rng=rng)
        return told

    def _scenes(self, count: int) -> list[str]:
        """Opening, then the shape's own scenes in their order with quiet ones between, turn and ending."""
        rng, words, shape = self.rng, load(self.language), shapes(self.language)[self.shape]
        first = [rng.choice(shape["opening"])]
        last: list[str] = []
        if self.finished:
            coda = rng.choice(words["codas_romantic" if self.romantic else "codas_friends"])
            last = [rng.choice(shape["turn"]), rng.choice(shape["ending"]) + "\n" + coda]
        room = max(1, count - len(first) - len(last))
        own = min(len(shape["middle"]), max(1, room - room // 3))
        quiet = rng.sample(words["interludes"], min(room - own, len(words["interludes"])))
        kept = sorted(rng.sample(range(len(shape["middle"])), own))
        between: list[str | None] = [None] * len(kept) + list(quiet)
        rng.shuffle(between)
        following = iter(kept)
        told = [scene if scene is not None else shape["middle"][next(following)] for scene in between]
        return [self.say(scene) for scene in first + told + last]

    def _chapter_titles(self, count: int) -> list[str]:
        words = load(self.language)
        chosen = self.rng.sample(words["chapter_titles"], count)
        if self.finished:
            chosen[-1] = self.rng.choice(words["last_titles"])
        return [_capitals(self.say(title), self.language) for title in chosen]


def _add_pronouns(slots: dict[str, Noun], letter: str, gender: str) -> None:
    """``he him his himself`` are the first person's, with ``b`` and ``c`` before them the others'."""
    prefix = "" if letter == "A" else letter.lower()
    for name, (masculine, feminine) in _PRONOUNS.items():
        word = masculine if gender == "m" else feminine
        slots[prefix + name] = Noun(word)
        slots[prefix + name.capitalize()] = Noun(word.capitalize())


def _capitals(title: str, language: str) -> str:
    """Titles in English have capitals."""
    if language != "en":
        return title[0].upper() + title[1:]
    words = title.split()
    return " ".join(
        word.lower() if n and word.lower() in _SMALL_WORDS else word[0].upper() + word[1:]
        for n, word in enumerate(words)
    )


def _inline(text: str) -> str:
    escaped = html.escape(text.replace("--", "—"), quote=False)
    return _EMPHASIS.sub(r"<em>\1</em>", _STRONG.sub(r"<strong>\1</strong>", escaped))


def _paragraph(line: str) -> str:
    if line.startswith("> "):
        return f"<blockquote><p>{_inline(line[2:])}</p></blockquote>"
    return f"<p>{_inline(line)}</p>"


def _join(scenes: Sequence[str], *, curly: bool, rng: Random) -> str:
    """Scenes as HTML, now and then with a rule between them."""
    parts: list[str] = []
    for number, scene in enumerate(scenes):
        text = scene.replace("--", "—")
        if curly:
            text = _OPENING_QUOTE.sub(r"\1“", text).replace('"', "”").replace("'", "’")
        if number and chance(rng, 0.3):
            parts.append("<hr>")
        parts += [_paragraph(line) for line in text.strip().split("\n") if line]
    return "\n".join(parts)
