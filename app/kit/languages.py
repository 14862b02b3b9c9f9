"""Languages by BCP 47 tag: from a code, from a name, or from the text itself."""

from __future__ import annotations

import re
from functools import lru_cache
from importlib import import_module
from typing import Any

import langcodes

from app.kit.language_names import NAMES
from app.kit.text import fold

_CODE = re.compile(r"[A-Za-z]{2,3}(?:[-_][A-Za-z0-9]{1,8}){0,6}")
_NOT_LETTERS = re.compile(r"[\W_]+")
_LONGEST = 100
_SAMPLE = 4_000
_FEWEST_LETTERS = 24
_FEWEST_IDEOGRAPHS = 8
_FIRST_IDEOGRAPHIC = "\u2e80"
_SURE_ENOUGH = 0.5


def _key(name: str) -> str:
    return _NOT_LETTERS.sub(" ", fold(name)).strip()


_TAGS = {_key(name): tag for tag, names in NAMES.items() for name in names.split("|")}


@lru_cache(maxsize=2048)
def language_tag(s: str) -> str | None:
    """Return the BCP 47 tag for a language code or a name in English or in the language itself; else None.

    ``en_us`` is ``en-US``, ``Português brasileiro`` (also without its accents) is ``pt-BR``. Names are
    those of AO3's list and of the other sites' lists; a tag is checked against the IANA registry.
    """
    text = s.strip()
    if not text or len(text) > _LONGEST:
        return None
    known = _TAGS.get(_key(text))
    if known is not None:
        return known
    if _CODE.fullmatch(text) is None:
        return None
    try:
        tag = langcodes.standardize_tag(text.replace("_", "-"))
        is_valid = tag != "und" and langcodes.tag_is_valid(tag)
    except ValueError:  # langcodes' own error for a malformed tag
        return None
    return tag if is_valid else None


def detect_language(text: str) -> str | None:
    """Guess the BCP 47 tag of a text from its first 4,000 characters.

    None for too little text, where no guess is clear, and where the optional py3langid is not installed. The
    first call loads that (about 100 MB).
    """
    sample = text[:_SAMPLE]
    letters = sum(map(str.isalpha, sample))
    wide = sum(letter >= _FIRST_IDEOGRAPHIC for letter in sample)
    if letters < _FEWEST_LETTERS and wide < _FEWEST_IDEOGRAPHS:
        return None
    identifier = _identifier()
    if identifier is None:
        return None
    code, sureness = identifier.classify(sample)
    return language_tag(str(code)) if float(sureness) >= _SURE_ENOUGH else None


@lru_cache(maxsize=1)
def _identifier() -> Any:  # py3langid has no types
    # Imported here, not above: it is optional, and brings numpy into processes that never guess.
    try:
        langid = import_module("py3langid.langid")
    except ImportError:
        return None
    return langid.LanguageIdentifier.from_model_file(langid.MODEL_FILE, norm_probs=True)
