"""Filling scene templates: choices in brackets, names and things in braces, gender where a language has it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from random import Random
from typing import NamedTuple

_BY_GENDER = re.compile(r"\{(\w+):([^{}|]*)\|([^{}|]*)\}")
_CHOICE = re.compile(r"\[([^\[\]]*)\]")
_SLOT = re.compile(r"\{(\w+)\}")
_VOWELS = "aeiouàâéèêëîïôûœ"

_CONTRACTIONS = {
    "es": [
        (re.compile(r"\b([Dd])e el (?=[a-zñáéíóú])"), r"\1el "),
        (re.compile(r"\b([Aa]) el (?=[a-zñáéíóú])"), r"\1l "),
        (re.compile(r"\by (?=[Ii](?![aeo]))"), "e "),
    ],
    "fr": [
        (re.compile(r"\b([Dd])e~(?=[AEIOUÀÂÉÈÊÎÔaeiouàâéèêîôœ])"), r"\1'"),
        (re.compile(r"\b([Qq]u|[Jj]usqu|[Ll]orsqu|[Pp]uisqu)e~(?=[AEIOUÀÂÉÈÊÎÔaeiouàâéèêîôœ])"), r"\1'"),
        (re.compile(r"\b([Dd])e~le "), r"\1u "),
        (re.compile(r"\bà~le "), "au "),
        (re.compile(r"\bÀ~le "), "Au "),
        (re.compile("~"), " "),
    ],
}
_ARTICLES = {
    "en": {"m": ("the ", "a "), "f": ("the ", "a ")},
    "es": {"m": ("el ", "un "), "f": ("la ", "una ")},
    "fr": {"m": ("le ", "un "), "f": ("la ", "une ")},
    "ja": {"m": ("", ""), "f": ("", "")},
}


class Noun(NamedTuple):
    """What a slot holds: words, and a grammatical gender (``m`` or ``f``)."""

    text: str
    gender: str = "m"


def noun(entry: str) -> Noun:
    """Read ``words|gender``; without a gender it is masculine."""
    text, _, gender = entry.partition("|")
    return Noun(text, gender or "m")


def with_articles(entry: str, language: str) -> tuple[Noun, Noun, Noun]:
    """Return a thing bare, with the definite and with the indefinite article."""
    bare = noun(entry)
    definite, indefinite = _ARTICLES[language][bare.gender]
    starts_open = bare.text[0].lower() in _VOWELS
    if language == "fr" and starts_open:
        definite = "l'"
    if language == "en" and starts_open:
        indefinite = "an "
    return bare, Noun(definite + bare.text, bare.gender), Noun(indefinite + bare.text, bare.gender)


def fill(template: str, slots: Mapping[str, Noun], rng: Random, language: str) -> str:
    """Return ``template`` filled.

    ``{A:x|y}`` is ``x`` where A is masculine, else ``y``; ``[x|y]`` is one of its parts; ``{thing}`` is the
    slot's words, ``{Thing}`` the same with a capital. An unknown slot is a :class:`KeyError`.
    """
    text = _BY_GENDER.sub(lambda found: found[2] if slots[found[1]].gender == "m" else found[3], template)
    text = _CHOICE.sub(lambda found: rng.choice(found[1].split("|")), text)
    text = _SLOT.sub(lambda found: _words(found[1], slots), text)
    for pattern, replacement in _CONTRACTIONS.get(language, ()):
        text = pattern.sub(replacement, text)
    return text


def _words(name: str, slots: Mapping[str, Noun]) -> str:
    if name in slots:
        return slots[name].text
    words = slots[name[0].lower() + name[1:]].text
    return words[0].upper() + words[1:]
