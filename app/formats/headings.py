"""Chapter headings in plain text, in the languages that people write."""

from __future__ import annotations

import re

_NUMBER = r"(?:\d{1,4}|[IVXLCDM]{1,9}|[A-Za-zÀ-ÿ]+(?:[- ][A-Za-zÀ-ÿ]+)?)"
_WORDS = r"chapters?|cap[ií]tulos?|chapitre|kapitel|capitolo|hoofdstuk|rozdzia[lł]|глава|часть"
_NAMED = re.compile(
    rf"(?:{_WORDS})\s+(?P<number>{_NUMBER}|[а-яё]+|the\s+\w+)\s*(?:[.:\u2014\u2013-]+\s*(?P<title>\S.*)?|(?P<plain>))",
    re.IGNORECASE,
)
_EASTERN = re.compile(
    r"第\s*(?P<number>[0-9０-９〇零一二三四五六七八九十百千两]+)\s*[章回話话节節幕](?:[\s　:：、.]*(?P<title>\S.*))?"
)
_ALONE = re.compile(
    r"(?P<title>prologue|epilogue|prólogo|epílogo|épilogue|пролог|эпилог|preface|foreword|序章|終章|楔子)\.?",
    re.IGNORECASE,
)
LONGEST = 120


def heading(line: str) -> tuple[str | None, str] | None:
    """The number (as written) and title of a line that is a chapter heading; ``None`` for any other line."""
    text = line.strip()
    if not text or len(text) > LONGEST:
        return None
    for pattern in (_NAMED, _EASTERN):
        match = pattern.fullmatch(text)
        if match is not None:
            return match["number"], (match["title"] or "").strip()
    match = _ALONE.fullmatch(text)
    return (None, match["title"]) if match else None
