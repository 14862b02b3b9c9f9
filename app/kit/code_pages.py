"""Which single-byte code page a text is in: told from its letters, also where there are few of them.

A code page turns the bytes of a text into letters. The right one makes words of one language of them; another makes
letters that no language has together, signs within words, or capitals behind small letters. So every pair of a code
page and a language that is written in it is weighed by how likely the text's letters over 127 are in that language.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from functools import lru_cache
from typing import Final

_LATIN_1: Final = {
    "English": "éïèöêñçâ£áíüàäôæœ",
    "French": "éàèêçôùâîûïëœüæÿ",
    "German": "üäößé",
    "Spanish": "óíáéñú¿¡ü",
    "Portuguese": "ãçáéóíêõâúàô",
    "Italian": "èàùòìéî",
    "Catalan": "àéíçóèòúïü",
    "Dutch": "ëéïèóöü",
    "Swedish": "äåöé",
    "Danish": "åøæé",
    "Icelandic": "íáðóéöúæþý",
    "Estonian": "äõüöšž",
}
_LATIN_2: Final = {
    "Polish": "łóążęśćńź",
    "Czech": "íáéěřžýščůúňťďó",
    "Slovak": "áíéčýžšľúôťňďäŕĺó",
    "Hungarian": "áéöóőüíúű",
    "Romanian": "ăîţşâ",
    "Croatian": "čšžćđ",
}
_BALTIC: Final = {"Lithuanian": "ėšųžįąčūę", "Latvian": "āīēšņūļžģčķ", "Estonian": "äõüöšž"}
_TURKISH: Final = {"Turkish": "ıüşğçöâîû"}
_RUSSIAN: Final = {"Russian": "оеаинтсрвлкмдпуяыьгзбчйхжшюцщэфъё"}
_CYRILLIC: Final = _RUSSIAN | {
    "Ukrainian": "оаинвітеркслудмпязьбгчйхїюжєшцщфґ",
    "Bulgarian": "аоеинтрсвлдпкмзяубгчъцжйщхшюфь",
    "Serbian": "аоеинрстукјвмдлпзбгшчљњжцћхђџф",
    "Belarusian": "аінеолрстўкдмпуяызьбчгцёйхшюжэф",
}
_GREEK: Final = {"Greek": "αοιετσνηυρπκμλςάωίδέόγχήθύώφβξζψϊ"}
_HEBREW: Final = {"Hebrew": "יוהלאתרבמשנדעחפקכגצטסזםןךףץ"}
_PAGES: Final[dict[str, tuple[float, dict[str, str]]]] = {
    "cp1252": (0.0, _LATIN_1),
    "cp1250": (1.0, _LATIN_2),
    "cp1251": (1.0, _CYRILLIC),
    "cp1253": (2.0, _GREEK),
    "cp1254": (1.5, _TURKISH),
    "cp1255": (3.0, _HEBREW),
    "cp1257": (1.5, _BALTIC),
    "koi8_r": (2.0, _RUSSIAN),
    "koi8_u": (2.5, {"Ukrainian": _CYRILLIC["Ukrainian"]}),
    "cp866": (2.0, _RUSSIAN),
    "iso8859_2": (2.5, _LATIN_2),
    "iso8859_5": (4.0, _CYRILLIC),
    "iso8859_15": (2.5, _LATIN_1),
    "mac_roman": (6.0, _LATIN_1),
    "mac_cyrillic": (8.0, _CYRILLIC),
    "cp850": (5.0, _LATIN_1),
    "cp852": (6.0, _LATIN_2),
}
"""How unlikely a page is before its text is seen, and the letters of its languages, the most frequent first."""
_SAMPLE: Final = 65_536
_MOST_LETTERS: Final = 2_000
_PUNCTUATION: Final = "“”‘’„—–…«»\u00a0"
_SIGNS: Final = "•·°§©®™€£¡¿‚‹›ªº½№´"
_MARK, _CAPITAL, _SIGN, _RARE = math.log(0.08), math.log(0.08), math.log(2e-3), math.log(1e-5)
_SHARE_OF_LETTERS: Final = 0.8
_ODD: Final = 4.0
"""What a sign within a word, a capital behind a small letter, or a word in two alphabets costs."""
_PLAUSIBLE: Final = -5.5
"""The mean of a text's letters, in logarithms of their likelihood, down to which it is taken for one."""
_LAST_LATIN: Final = "\u024f"
_HIGH = re.compile(r"[^\x00-\x7f]")
_CONTROLS = re.compile("[\x80-\x9f]")
_HIGH_BYTE = re.compile(rb"[\x80-\xff]")


def code_page_of(data: bytes) -> str | None:
    """The code page by which a text reads best; ``None`` where it reads well by none."""
    sample = data[:_SAMPLE]
    highs = [found.end() for found in _HIGH_BYTE.finditer(sample)][: _MOST_LETTERS + 1]
    if not highs:
        return None
    if len(highs) > _MOST_LETTERS:
        sample = sample[: highs[-1]]
    best, chosen = -math.inf, None
    for page, (unlikely, languages) in _PAGES.items():
        try:
            text = sample.decode(page)
        except UnicodeDecodeError:
            continue
        if _CONTROLS.search(text):
            continue
        letters, oddities = _seen(text)
        count = letters.total()
        for alphabet in languages.values():
            likely = sum(number * _likelihood(alphabet, letter) for letter, number in letters.items())
            likely -= _ODD * oddities
            if likely - unlikely > best and likely >= _PLAUSIBLE * count:
                best, chosen = likely - unlikely, page
    return chosen


def _seen(text: str) -> tuple[Counter[str], float]:
    """The characters over 127, and how many of them stand where none should."""
    letters: Counter[str] = Counter()
    oddities = 0.0
    for found in _HIGH.finditer(text):
        letter, at = found[0], found.start()
        before, after = text[at - 1 : at] if at else "", text[at + 1 : at + 2]
        letters[letter] += 1
        if letter.isalpha():
            if (letter.isupper() and before.islower()) or _is_other(letter, before) or _is_other(letter, after):
                oddities += 1.0
            elif letter <= _LAST_LATIN and before > "\x7f" and before.isalpha():
                oddities += 0.5  # the Latin alphabets have few letters of their own, and seldom two in a row
        else:
            oddities += before.isalpha() and after.isalpha() and letter not in "’—–…·"
    return letters, oddities


def _is_other(letter: str, beside: str) -> bool:
    """Whether a letter stands beside one of the Latin alphabet, and is none of it itself."""
    return beside.isascii() and beside.isalpha() and letter > _LAST_LATIN


@lru_cache(maxsize=4_096)
def _likelihood(alphabet: str, character: str) -> float:
    """The logarithm of how likely a character over 127 is in a language: by its place among the letters."""
    if character in alphabet:
        total = sum(1 / (place + 3) for place in range(len(alphabet)))
        return math.log(_SHARE_OF_LETTERS / (alphabet.index(character) + 3) / total)
    if character in _PUNCTUATION:
        return _MARK
    small = character.lower()
    if small != character and small in alphabet:
        return _CAPITAL + _likelihood(alphabet, small)
    return _SIGN if character in _SIGNS else _RARE
