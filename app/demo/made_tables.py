"""What made works are drawn from: invented words, tag names and the proportions of a large archive.

Nothing here depends on a seed, so files made with different seeds share their words and tags.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date, timedelta
from functools import cache
from hashlib import shake_128
from math import exp, log
from statistics import NormalDist
from struct import unpack
from typing import TypeVar

T = TypeVar("T")

SLOTS = 1 << 16
"""The length of a table that 16 random bits look up."""

FANDOMS = 5_000
FREEFORMS = 60_000
AUTHORS = 200_000
WORDS = 6_000

_ONSETS = "b c d f g h j k l m n p r s t v w br cr dr fl gl gr kr pl pr sh sk sl st th tr".split()  # noqa: SIM905
_VOWELS = "a e i o u a e i o ai ea ee ia io ou".split()  # noqa: SIM905
_CODAS = [
    "",
    "",
    "",
    "",
    "l",
    "m",
    "n",
    "n",
    "r",
    "r",
    "s",
    "t",
    "nd",
    "rn",
    "st",
    "th",
]
_SHORT, _MIDDLE = 60, 1_500

_COMMON_FREEFORMS = [
    "Fluff",
    "Angst",
    "Hurt/Comfort",
    "Alternate Universe - Canon Divergence",
    "Slow Burn",
    "Established Relationship",
    "One Shot",
    "Humor",
    "Friendship",
    "Romance",
    "Fluff and Angst",
    "Alternate Universe - Modern Setting",
    "Drama",
    "Drabble",
    "Family",
    "Happy Ending",
    "Crack",
    "Emotional Hurt/Comfort",
    "Found Family",
    "Pining",
    "First Kiss",
    "Post-Canon",
    "Pre-Canon",
    "Missing Scene",
    "Mutual Pining",
    "Enemies to Lovers",
    "Friends to Lovers",
    "Introspection",
    "Character Study",
    "Alternate Universe - Coffee Shops & Cafés",
    "Time Travel",
    "Fix-It",
    "Light Angst",
    "Domestic Fluff",
    "Crossover",
    "Canon Compliant",
    "Poetry",
    "Mystery",
    "Adventure",
    "Idiots in Love",
    "Developing Relationship",
    "Getting Together",
]
_FREEFORM_SHAPES = (
    "{0} {1}",
    "{0}",
    "Alternate Universe - {0}",
    "{0} of {1}",
    "Mentions of {0}",
    "{0}-centric",
    "{0} and {1} and {2}",
    "Implied {0} {1}",
    "the {0} is a {1}",
    "no {0} were {1} in the making of this fic",
    "{0}!{1}",
    "Not {0} Compliant",
    "Post-{0}",
)
_RATINGS: tuple[tuple[str, float], ...] = (
    ("teen", 32),
    ("explicit", 22),
    ("general", 21),
    ("mature", 15),
    ("not_rated", 10),
)
_WARNINGS: tuple[tuple[tuple[str, ...], float], ...] = (
    (("no_warnings_apply",), 53),
    (("choose_not_to_warn",), 34),
    (("graphic_violence",), 6),
    (("major_character_death",), 3.5),
    (("graphic_violence", "major_character_death"), 1.5),
    (("choose_not_to_warn", "graphic_violence"), 1),
    (("rape_non_con",), 1),
)
_CATEGORIES: tuple[tuple[tuple[str, ...], float], ...] = (
    (("m_m",), 43),
    (("f_m",), 19),
    (("gen",), 18),
    (("f_f",), 7),
    (("f_m", "m_m"), 4),
    (("multi",), 2.5),
    (("gen", "m_m"), 1.5),
    (("f_f", "f_m", "m_m"), 1.5),
    (("other",), 1),
    ((), 2.5),
)
_LANGUAGES: tuple[tuple[str, float], ...] = (
    ("en", 84),
    ("zh", 5),
    ("es", 3),
    ("ru", 2.4),
    ("pt-BR", 1.2),
    ("fr", 1),
    ("it", 0.7),
    ("de", 0.7),
    ("ja", 0.5),
    ("ko", 0.5),
    ("pl", 0.4),
    ("id", 0.3),
    ("uk", 0.2),
    ("vi", 0.1),
)
_RUDE = re.compile(
    "shit|fag|nig|cunt|tit|piss|rape|nazi|cum|slut|jap|homo|tard|porn|dik|kik|kok|fuk|coon|spic|gook|penis|anus|ass|poo|pee|wank|twat|coc"
)
_FANDOM_SHAPES = (
    "The {0} of {1}",
    "{0} - {2} {1}",
    "{0} {1} (TV)",
    "{0} (Video Game)",
    "{0} {1}",
    "{0} & Related Fandoms",
    "{0}: {1} {2} (Anime & Manga)",
    "{1} of {0} - {2} {0}",
)


def spread(weighted: Sequence[tuple[T, float]]) -> list[T]:
    """Lay values out over :data:`SLOTS` places, each as often as its weight says (at least once)."""
    whole = sum(weight for _, weight in weighted)
    table: list[T] = []
    reached = 0.0
    for value, weight in weighted:
        reached += weight
        table += [value] * max(1, round(reached / whole * SLOTS) - len(table))
    return [*table, *[weighted[0][0]] * SLOTS][:SLOTS]


def log_normal(median: float, sigma: float, least: int = 0) -> list[int]:
    """Quantiles of a log-normal distribution over :data:`SLOTS` places, rising."""
    normal = NormalDist()
    return [max(least, round(median * exp(sigma * normal.inv_cdf((slot + 0.5) / SLOTS)))) for slot in range(SLOTS)]


def ranks(count: int, shift: float) -> list[int]:
    """Zipf-Mandelbrot ranks from 0 (exponent 1, the head flattened by ``shift``) over :data:`SLOTS` places.

    Past the head a place stands for a stretch of ranks; :func:`stretches` says how long each is.
    """
    reach = log(1 + count / shift)
    return [int(shift * (exp(reach * slot / SLOTS) - 1)) for slot in range(SLOTS)]


def stretches(table: list[int], count: int) -> list[int]:
    """Say for every place of :func:`ranks` how many ranks begin there."""
    return [max(1, following - rank) for rank, following in zip(table, [*table[1:], count], strict=True)]


def _make_words() -> list[str]:
    """Pronounceable words, the common ones short, none of them rude."""
    seen: dict[str, None] = {}
    attempt = 0
    while len(seen) < WORDS:
        draws = shake_128(b"word %d" % attempt).digest(12)
        attempt += 1
        if len(seen) < _SHORT:
            syllables = 1
        elif len(seen) < _MIDDLE:
            syllables = 2
        else:
            syllables = 2 + draws[0] % 2
        word = "".join(
            _ONSETS[draws[1 + 3 * n] % len(_ONSETS)] + _VOWELS[draws[2 + 3 * n] % len(_VOWELS)]
            for n in range(syllables)
        )
        if _RUDE.search(word + _CODAS[draws[10] % len(_CODAS)]) is None:
            seen.setdefault(word + _CODAS[draws[10] % len(_CODAS)])
    return list(seen)


def _names(shapes: Sequence[str], label: bytes, first: Sequence[str], count: int, words: list[str]) -> list[str]:
    seen = dict.fromkeys(first)
    attempt = 0
    while len(seen) < count:
        *chosen, shape = unpack("<4H", shake_128(b"%s %d" % (label, attempt)).digest(8))
        attempt += 1
        seen.setdefault(shapes[shape % len(shapes)].format(*(words[draw % WORDS] for draw in chosen)))
    return list(seen)


def _days() -> list[str]:
    """Days from 2005 to October 2026, later ones more often, as archives grow."""
    first, last = date(2005, 1, 1), date(2026, 10, 31)
    span = (last - first).days
    return [(first + timedelta(days=int(span * (slot / SLOTS) ** 0.6))).isoformat() for slot in range(SLOTS)]


class Tables:
    """Everything drawn from; each list of :data:`SLOTS` places is looked up by 16 random bits."""

    def __init__(self) -> None:
        self.vocabulary = _make_words()
        """Words by frequency, most frequent first."""
        self.capitalised = [word.capitalize() for word in self.vocabulary]
        self.words = spread([(word, 1 / (rank + 3)) for rank, word in enumerate(self.vocabulary)])
        """Words, each as often as it occurs (Zipf)."""
        self.fandoms = _names(_FANDOM_SHAPES, b"fandom", (), FANDOMS, self.capitalised)
        self.fandom_ranks = ranks(FANDOMS, 2.0)
        self.freeforms = _names(_FREEFORM_SHAPES, b"freeform", _COMMON_FREEFORMS, FREEFORMS, self.capitalised)
        self.freeform_ranks = ranks(FREEFORMS, 5.0)
        self.freeform_stretches = stretches(self.freeform_ranks, FREEFORMS)
        self.days = _days()
        self.work_words = log_normal(2_400, 1.25, 100)
        self.kudos = log_normal(55, 1.7)
        self.chapters = log_normal(6, 0.9, 2)
        self.ratings = spread(_RATINGS)
        self.warnings = spread(_WARNINGS)
        self.categories = spread(_CATEGORIES)
        self.languages = spread(_LANGUAGES)
        self._casts: dict[int, tuple[str, ...]] = {}

    def cast(self, fandom: int) -> tuple[str, ...]:
        """Return the characters of a fandom, most written first: 40 in the largest, 6 in the smallest."""
        known = self._casts.get(fandom)
        if known is None:
            known = self._casts[fandom] = self._make_cast(fandom)
        return known

    def _make_cast(self, fandom: int) -> tuple[str, ...]:
        size = max(6, 40 - int(4 * log(1 + fandom)))
        draws = unpack(f"<{2 * size}H", shake_128(b"cast %d" % fandom).digest(4 * size))
        names = self.capitalised
        families = [names[draw % WORDS] for draw in draws[: 1 + size // 3]]
        return tuple(
            f"{names[draws[size + n] % WORDS]} {families[draws[n] % len(families)]}"
            if n % 5
            else names[draws[n] % WORDS]
            for n in range(size)
        )

    def author(self, rank: int) -> str:
        """Return the pen name of an author by rank, another for every rank."""
        first, second = self.capitalised[rank % WORDS], self.vocabulary[rank // WORDS * 37 % WORDS]
        match rank % 5:
            case 0:
                return f"{first}{second.capitalize()}"
            case 1:
                return f"{first.lower()}_{second}"
            case 2:
                return f"{first} {second.capitalize()}"
            case 3:
                return f"{first.lower()}{rank}"
            case _:
                return f"{second}-{first.lower()}-{rank % 97}"


@cache
def tables() -> Tables:
    """Return the tables, built on the first call (some 0.3 s)."""
    return Tables()
