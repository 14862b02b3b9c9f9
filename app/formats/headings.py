"""Headings in plain text, in the languages that people write: of chapters, and of the parts that hold chapters."""

from __future__ import annotations

import re
from dataclasses import dataclass

LONGEST = 160
_ROMAN = r"[IVXLCDM]{1,9}"
_NUMBER_WORDS = {
    word: value
    for value, words in enumerate(
        (
            "one first uno primero primera un premier première eins erstes uno primo первая первый",
            "two second dos segundo segunda deux deuxième zwei zweites due вторая второй",
            "three third tres tercero tercera trois troisième drei drittes tre третья третий",
            "four fourth cuatro cuarto cuarta quatre quatrième vier viertes quattro четвертая четвёртая четвертый",
            "five fifth cinco quinto quinta cinq cinquième fünf fünftes cinque пятая пятый",
            "six sixth seis sexto sexta sixième sechs sechstes sei шестая шестой",
            "seven seventh siete séptimo séptima sept septième sieben siebtes sette седьмая седьмой",
            "eight eighth ocho octavo octava huit huitième acht achtes otto восьмая восьмой",
            "nine ninth nueve noveno novena neuf neuvième neun neuntes nove девятая девятый",
            "ten tenth diez décimo décima dix dixième zehn zehntes dieci десятая десятый",
            "eleven eleventh once onze elf undici одиннадцатая",
            "twelve twelfth doce douze zwölf dodici двенадцатая",
            "thirteen thirteenth trece treize dreizehn tredici тринадцатая",
            "fourteen fourteenth catorce quatorze vierzehn quattordici четырнадцатая",
            "fifteen fifteenth quince quinze fünfzehn quindici пятнадцатая",
            "sixteen sixteenth dieciséis seize sechzehn sedici шестнадцатая",
            "seventeen seventeenth diecisiete dix-sept siebzehn diciassette семнадцатая",
            "eighteen eighteenth dieciocho dix-huit achtzehn diciotto восемнадцатая",
            "nineteen nineteenth diecinueve dix-neuf neunzehn diciannove девятнадцатая",
            "twenty twentieth veinte vingt zwanzig venti двадцатая",
        ),
        1,
    )
    for word in words.split()
}
_TENS = {"twenty": 20, "thirty": 30, "forty": 40, "fifty": 50, "sixty": 60, "seventy": 70, "eighty": 80, "ninety": 90}
_WORD = "|".join(sorted({*_NUMBER_WORDS, *_TENS}, key=len, reverse=True))
_NUMBER = rf"(?P<number>\d{{1,4}}|{_ROMAN}|(?:{_WORD})(?:[- ](?:{_WORD}))?|the\s(?:{_WORD}|last))"
_OF = r"(?:\s?(?:/|of)\s?[0-9]{1,4}|\s\((?:of|/)\s?[0-9]{1,4}\))?"
_AFTER = _OF + r"(?:\s*[.:)\u2014\u2013-]+\s*(?P<title>\S.*)?|(?P<none>))\s*"
_CHAPTER = re.compile(
    r"(?:chapter|chap\.?|ch\.?|cap[ií]tulo|chapitre|kapitel|kapittel|capitol(?:o|ul)|hoofdstuk|rozdzia[lł]|kapitola|luku"
    r"|bölüm|chương|bab|skyrius|poglavlje|глава|розділ|поглавље|κεφάλαιο|פרק|الفصل)"
    rf"\s+{_NUMBER}{_AFTER}",
    re.IGNORECASE,
)
_LOOSE = re.compile(
    r"(?:chapter|глава|kapitel|chapitre)\s+(?P<number>[0-9]{1,4})\s+(?P<title>[^\W\d_].{0,60}[^.,;:!?…])", re.IGNORECASE
)
"""A title right behind the number: told from a sentence by its capital and its end."""
_TURNED = re.compile(
    rf"{_NUMBER}\.?\s+(?:kapitel|kapittel|bölüm|fejezet|nodaļa|peatükk|skyrius|luku|kapitola|poglavlje|глава){_AFTER}",
    re.IGNORECASE,
)
_KOREAN = re.compile(r"제?\s?(?P<number>[0-9]{1,4})\s?[장화](?:[\s:.—]+(?P<title>\S.*))?")
_PART = re.compile(
    r"(?:(?:part|book|volume|libro|parte|partie|livre|tome|teil|buch|band|часть|том|книга)"
    rf"\s+(?:the\s+)?{_NUMBER}{_AFTER}|第[0-9０-９〇零一二三四五六七八九十百千两]{{1,9}}[部卷巻編编](?:[\s:：、.].*)?)",
    re.IGNORECASE,
)
_EASTERN = re.compile(
    r"第\s?(?P<number>[0-9０-９〇零一二三四五六七八九十百千两]{1,9})\s?[章回話话節节幕](?:[\s:：、.—]*(?P<title>\S.*))?"
)
_ALONE = re.compile(
    r"(?P<title>prologue|epilogue|prólogo|epílogo|épilogue|prolog|epilog|пролог|эпилог|preface|foreword|afterword"
    r"|interlude|introduction|序章|終章|楔子|尾聲|尾声|プロローグ|エピローグ)\s*[.:]?",
    re.IGNORECASE,
)
_BARE_ROMAN = re.compile(rf"({_ROMAN}|[0-9]{{1,3}}(?=\s?\.))\s?[.)]?")
_COUNTED = re.compile(
    rf"(?:#\s?)?(?P<number>{_ROMAN}|[0-9]{{1,3}})(?:\s?[.):\u2014\u2013-]\s+(?P<title>\S.{{0,80}})|\s?[.):])?"
)
_DECORATED = re.compile(
    r"(?:[-–—~*=#|+•·<>\[{(]\s?){1,12}(?P<text>[\w#](?:.{0,150}?[\w.])?)\s?(?:[-–—~*=#|+•·<>\]})]\s?){1,12}"
)
_BARE_EASTERN = re.compile(r"([〇一二三四五六七八九十百]{1,5})")
_ANNOTATION = re.compile(r"［＃[^］]{0,60}］")
_CONTENTS = re.compile(
    r"(?:table of )?contents|índice|indice|table des matières|inhalt(?:sverzeichnis)?|содержание|оглавление"
    r"|目录|目錄|目次",
    re.IGNORECASE,
)
_DIGITS = {digit: value for value, digit in enumerate("〇一二三四五六七八九")} | {"零": 0, "两": 2}
_UNITS = {"十": 10, "百": 100, "千": 1000}
_ROMAN_VALUES = {"I": 1, "V": 5, "X": 10, "L": 50, "C": 100, "D": 500, "M": 1000}


@dataclass(frozen=True, slots=True)
class Heading:
    """A heading as it is written; ``number`` is its value where it has one, ``title`` what follows the number."""

    line: str
    number: int | None
    title: str
    numbered: bool


def chapter_heading(line: str) -> Heading | None:
    """The chapter heading that a whole line is; ``None`` for any other line."""
    text = bare(line)
    if not text or len(text) > LONGEST:
        return None
    text = _undecorated(text)
    for pattern in (_CHAPTER, _EASTERN, _TURNED, _KOREAN, _LOOSE):
        match = pattern.fullmatch(text)
        if match is not None and not (pattern is _LOOSE and match["title"][0].islower()):
            return Heading(text, number_of(match["number"]), (match["title"] or "").strip(), numbered=True)
    match = _ALONE.fullmatch(text)
    return Heading(text, None, match["title"], numbered=False) if match else None


def bare_heading(line: str) -> Heading | None:
    """A Roman or Chinese numeral, or ``3.``, that stands alone on its line: a heading where all of them count up."""
    text = bare(line)
    match = _BARE_ROMAN.fullmatch(text) or _BARE_EASTERN.fullmatch(text)
    number = number_of(match[1]) if match is not None else None
    return None if number is None else Heading(text, number, "", numbered=True)


def counted_heading(line: str) -> Heading | None:
    """A number with or without a title behind it: a heading only where all of them count up and text lies between."""
    text = _undecorated(bare(line))
    match = _COUNTED.fullmatch(text)
    number = number_of(match["number"]) if match is not None else None
    return (
        None
        if match is None or number is None
        else Heading(text, number, (match["title"] or "").strip(), numbered=True)
    )


def _undecorated(text: str) -> str:
    """A line without what is drawn on both sides of it: ``-- 1 --``, ``[Chapter 2]``."""
    drawn = _DECORATED.fullmatch(text)
    return drawn["text"].strip() if drawn is not None else text


def part_heading(line: str) -> Heading | None:
    """The name of a part, book or volume (which may hold chapters) that a whole line is."""
    text = bare(line)
    match = _PART.fullmatch(text) if 0 < len(text) <= LONGEST else None
    if match is None:
        return None
    return Heading(text, number_of(match["number"] or ""), (match["title"] or "").strip(), numbered=True)


def is_part_heading(line: str) -> bool:
    """Whether a whole line names a part, book or volume."""
    return part_heading(line) is not None


def is_contents_heading(line: str) -> bool:
    """Whether a line announces a table of contents."""
    return _CONTENTS.fullmatch(line.strip(" \t\u00a0\u3000*_.:")) is not None


def bare(line: str) -> str:
    """A line without margins, emphasis marks, and the notes that Japanese transcribers put beside a heading."""
    text = line.strip()
    if "［＃" in text:
        text = _ANNOTATION.sub("", text).strip()
    return text.strip("*_=#~").strip()


def number_of(written: str) -> int | None:
    """The value of a number in digits, Roman or Chinese numerals or words, from 1; ``None`` where it has none."""
    text = written.strip().removeprefix("the ")
    if text.isdecimal():
        return int(text)
    value = _roman(text.upper()) or _eastern(text)
    if value:
        return value
    words = text.lower().replace("-", " ").split()
    if text.lower() in _NUMBER_WORDS:
        return _NUMBER_WORDS[text.lower()]
    if words and words[0] in _TENS:
        return _TENS[words[0]] + (_NUMBER_WORDS.get(words[1], 0) if len(words) > 1 else 0)
    return None


def _roman(text: str) -> int:
    if not re.fullmatch(r"M{0,4}(?:CM|CD|D?C{0,4})(?:XC|XL|L?X{0,4})(?:IX|IV|V?I{0,4})", text):
        return 0
    values = [_ROMAN_VALUES[letter] for letter in text]
    return sum(-value if value < max(values[at:]) else value for at, value in enumerate(values))


def _eastern(text: str) -> int:
    total = current = 0
    for character in text:
        if character in _UNITS:
            total += (current or 1) * _UNITS[character]
            current = 0
        elif character in _DIGITS:
            current = current * 10 + _DIGITS[character]
        else:
            return 0
    return total + current
