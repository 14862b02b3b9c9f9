"""Prose that nobody wrote: words by chance, so that two texts share nothing unless a test has them share it."""

from __future__ import annotations

import random

_SYLLABLES = "ba ce di fo gu la me ni po ru sa te vi wo zu lan ter mon sil dra".split()  # noqa: SIM905
_RNG = random.Random(11)  # noqa: S311  not for secrets
_WORDS = ["".join(_RNG.choices(_SYLLABLES, k=_RNG.choice((1, 2, 2, 3)))) for _ in range(3_000)]


def prose(seed: int | str, words: int, paragraph: int = 60) -> str:
    """Some words as paragraphs of plain text; the same seed gives the same text."""
    rng = random.Random(seed)  # noqa: S311
    chosen = rng.choices(_WORDS, k=words)
    return "\n\n".join(
        " ".join(chosen[start : start + paragraph]).capitalize() + "." for start in range(0, words, paragraph)
    )


def html(text: str) -> str:
    """Plain paragraphs as HTML."""
    return "".join(f"<p>{part}</p>" for part in text.split("\n\n"))


def edited(text: str, share: float, seed: int = 1) -> str:
    """The text with some of its words replaced."""
    rng = random.Random(seed)  # noqa: S311
    return " ".join(rng.choice(_WORDS) if rng.random() < share else word for word in text.split(" "))
