"""How text becomes terms, the same for what is indexed and what is asked.

Text is folded (NFKC, case, marks); words are runs of letters and digits, apostrophes inside them dropped. Runs of Han,
Kana, Hangul and Thai, which are written without spaces or with endings grown on, become overlapping
pairs of characters: 日本語 is 日本 本語, so a phrase of pairs finds any part of it without a dictionary. The
index also keeps the last character of a run, so that every character begins some term.

Analysed text is handed over as terms joined by spaces; the engine only splits it again.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cache

import snowballstemmer

from app.kit.text import fold

ANALYSER_VERSION = 2
STEMS_KEPT = 100_000

_PAIRED = (
    "\u0e00-\u0e7f"  # Thai
    "\u1100-\u11ff\uac00-\ud7af"  # Hangul
    "\u3005-\u3007\u3040-\u30ff\u31f0-\u31ff\uff66-\uff9f"  # Kana and iteration marks
    "\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"  # Han
)
_WORD = re.compile(rf"[{_PAIRED}]+|[^\W_{_PAIRED}]+")
_STARTS_PAIRED = re.compile(rf"[{_PAIRED}]")
_APOSTROPHES = str.maketrans("", "", "'\u2019\u02bc")

_STEMMERS = {
    "ar": "arabic", "hy": "armenian", "eu": "basque", "ca": "catalan", "da": "danish", "nl": "dutch",
    "en": "english", "eo": "esperanto", "et": "estonian", "fi": "finnish", "fr": "french", "de": "german",
    "el": "greek", "hi": "hindi", "hu": "hungarian", "id": "indonesian", "ga": "irish", "it": "italian",
    "lt": "lithuanian", "ne": "nepali", "no": "norwegian", "nb": "norwegian", "nn": "norwegian",
    "pt": "portuguese", "ro": "romanian", "ru": "russian", "sr": "serbian", "es": "spanish", "sv": "swedish",
    "ta": "tamil", "tr": "turkish", "yi": "yiddish",
}  # fmt: skip

_APOSTROPHE = "['\u2019\u02bc]"
_BEHIND_ELISIONS = {
    language: re.compile(rf"\b(?:{shortened}){_APOSTROPHE}(\w+)", re.IGNORECASE)
    for language, shortened in {
        "ca": "[dlmnst]",
        "fr": "[cdjlmnst]|(?:jus|lors|puis|quel|quoi)?qu",
        "it": "[cdlmnstv]|gl|un|quest|quell|(?:a|co|da|de|ne|su)ll|bell|sant|tutt|anch|senz",
    }.items()
}
"""The word that an article or the like was shortened before: whoever looks for ``été`` means ``l'été``, too."""


# Western prose needs no pattern: in Windows-1252 a table folds its letters, and makes spaces of all that parts words.
_CODE_PAGE = "cp1252"


def _western_table() -> tuple[bytes, bytes, bytes, list[tuple[bytes, bytes]]]:
    """What each byte becomes; the bytes that go; those that have a place in such a table; those that become several."""
    table, dropped, known, several = bytearray(b" " * 256), bytearray(), bytearray(), []
    for byte in range(256):
        character = bytes([byte]).decode(_CODE_PAGE, "ignore")
        if character and not character.translate(_APOSTROPHES):
            dropped.append(byte)
        folded = fold(character)
        found = _WORD.findall(folded)
        if not found:
            known.append(byte)
        elif found == [folded] and folded.isascii() and len(folded) > 1:
            several.append((bytes([byte]), folded.encode()))
        elif found == [folded] and len(letter := folded.encode(_CODE_PAGE, "ignore")) == 1:
            known.append(byte)
            table[byte] = letter[0]
    return bytes(table), bytes(dropped), bytes(known), several


_FOLDED, _DROPPED, _KNOWN, _SEVERAL = _western_table()


def western_words(text: str) -> list[str] | None:
    """The words of a text in letters of Western Europe; ``None`` for any other text."""
    folded = _folded_western(text)
    return None if folded is None else folded.split()


def _folded_western(text: str) -> str | None:
    """The same words with spaces between them, as many as there were other characters."""
    if text.isascii():
        return text.encode().translate(_FOLDED, _DROPPED).decode("ascii")
    try:
        raw = text.encode(_CODE_PAGE)
    except UnicodeEncodeError:
        return None
    for byte, letters in _SEVERAL:
        raw = raw.replace(byte, letters)
    if raw.translate(None, _KNOWN):
        return None
    return raw.translate(_FOLDED, _DROPPED).decode(_CODE_PAGE)


def _words(text: str, *, whole_runs: bool) -> list[str]:
    western = western_words(text)
    return words_by_pattern(text, whole_runs=whole_runs) if western is None else western


def words_by_pattern(text: str, *, whole_runs: bool) -> list[str]:
    """The words of a text in any script."""
    found: list[str] = []
    for word in _WORD.findall(fold(text.translate(_APOSTROPHES))):
        if _STARTS_PAIRED.match(word) is None:
            found.append(word)
            continue
        found += [word[start : start + 2] for start in range(len(word) - 1)]
        if whole_runs or len(word) == 1:
            found.append(word[-1])
    return found


def terms(text: str) -> list[str]:
    """The terms of a query's text; those of a longer run are meant as a phrase."""
    return _words(text, whole_runs=False)


def is_paired(term: str) -> bool:
    """Whether a term is of a script that is indexed by pairs of characters."""
    return _STARTS_PAIRED.match(term) is not None


def analysed(text: str) -> str:
    """Text for an index field, unstemmed."""
    folded = _folded_western(text)
    return " ".join(words_by_pattern(text, whole_runs=True)) if folded is None else folded.strip()


def analysed_and_stemmed(text: str, language: str) -> tuple[str, str]:
    """Text for a plain and for a stemmed field; stems by the language (BCP 47) where a stemmer for it is known.

    Stems have no places: those of words behind an elision stand at the end, beside the stems of the whole.
    """
    plain = analysed(text)
    code = language.partition("-")[0]
    name = _STEMMERS.get(code)
    if name is None:
        return plain, plain
    behind = _BEHIND_ELISIONS.get(code)
    words = plain.split() + (_words(" ".join(behind.findall(text)), whole_runs=True) if behind else [])
    return plain, " ".join(map(_stem_function(name), words))


def stem(term: str, language: str) -> str:
    """One term, stemmed by a language."""
    name = _STEMMERS.get(language.partition("-")[0])
    return _stem_function(name)(term) if name else term


class _Stems(dict[str, str]):
    """The stems of words that were met before, as most words of a text were.

    A table that is emptied when it is full: to keep order among its words would take longer than the stemming.
    """

    def __init__(self, function: Callable[[str], str]) -> None:
        super().__init__()
        self.function = function

    def __missing__(self, word: str) -> str:
        if len(self) >= STEMS_KEPT:
            self.clear()
        stem = self[word] = self.function(word)
        return stem


@cache
def _stem_function(name: str) -> Callable[[str], str]:
    return _Stems(snowballstemmer.stemmer(name).stemWord).__getitem__
