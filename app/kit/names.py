"""Relationship names and the closed words (ratings, warnings, categories, statuses) as sites spell them."""

from __future__ import annotations

import re
from types import MappingProxyType
from typing import Literal

RelationshipKind = Literal["romantic", "platonic", "queerplatonic", "other"]
TokenKind = Literal["rating", "warning", "category", "status"]

RATINGS = ("not_rated", "general", "teen", "mature", "explicit")
WARNINGS = (
    "choose_not_to_warn",
    "no_warnings_apply",
    "graphic_violence",
    "major_character_death",
    "rape_non_con",
    "underage",
)
CATEGORIES = ("gen", "f_m", "f_f", "m_m", "multi", "other")
STATUSES = ("in_progress", "complete", "hiatus", "abandoned")

_SEPARATOR = re.compile(r"[()\[\]]|\s*/\s*| [&~] ")
_CLOSING = {")": "(", "]": "["}

_SPELLINGS: dict[TokenKind, dict[str, str]] = {
    "rating": {
        "not_rated": "not rated|unrated|notrated|no rating|none|nr",
        "general": "general audiences|general audience|g|k|k+|fiction k|fiction k+|pg|all ages|everyone|p6",
        "teen": (
            "teen and up audiences|teen and up|teen & up|teen & up audiences|t|fiction t|pg-13|pg13|12+|13+|teens|p12"
        ),
        "mature": "mature audiences|m|fiction m|r|16+|p16",
        "explicit": (
            "explicit (18+)|ma|fiction ma|m/ma|ma/fiction m|e|nc-17|nc17|nc-21|x|adult|adults only|18+|p18|p18-avl"
        ),
    },
    "warning": {
        "choose_not_to_warn": (
            "creator chose not to use archive warnings|creator choose not to use archive warnings"
            "|creators chose not to use archive warnings|choose not to use archive warnings"
            "|chose not to use archive warnings|author chose not to use archive warnings"
            "|author choose not to use archive warnings|choose not to warn|chose not to warn"
        ),
        "no_warnings_apply": "no archive warnings apply|no warnings apply|no archive warnings|no warnings",
        "graphic_violence": "graphic depictions of violence|graphic violence|violence",
        "major_character_death": "major character death|character death|major character deaths",
        "rape_non_con": "rape/non-con|rape/noncon|rape / non-con|rape|non-con|noncon",
        "underage": "underage sex|underage",
    },
    "category": {
        "gen": "gen|general|no pairing|джен",
        "f_m": "f/m|m/f|het|fm|mf|гет",
        "f_f": "f/f|femslash|femmeslash|ff|фемслэш|фемслеш",
        "m_m": "m/m|slash|mm|maleslash|слэш|слеш",
        "multi": "multi|poly",
        "other": "other",
    },
    "status": {
        "in_progress": (
            "in progress|in-progress|wip|work in progress|incomplete|updated"
            "|ongoing|updating|in arbeit|in process|в процессе"
        ),
        "complete": "completed|complete|complete work|finished|fertiggestellt|завершён|завершен|закончен",
        "hiatus": "on hiatus|on-hiatus|hiatus|paused|pausiert|заморожен",
        "abandoned": "abandoned|discontinued|dropped|cancelled|canceled|abgebrochen|заброшен",
    },
}
_AO3_NAMES: dict[TokenKind, str] = {
    "rating": "not rated|general audiences|teen and up audiences|mature|explicit",
    "warning": (
        "creator chose not to use archive warnings|choose not to use archive warnings|no archive warnings apply"
        "|graphic depictions of violence|major character death|rape/non-con|underage|underage sex"
    ),
    "category": "gen|f/m|f/f|m/m|multi|other",
    "status": "complete|completed|complete work|in progress|work in progress",
}
_PREFIX = re.compile(r"(?:rating|rated|status) ?: ?")

_TOKENS = MappingProxyType(
    {
        kind: {spelling: token for token, line in lines.items() for spelling in [token, *line.split("|")]}
        for kind, lines in _SPELLINGS.items()
    }
)


def parse_ao3_token(kind: TokenKind, text: str) -> str | None:
    """Return our token for a site's word for a rating, warning, category or status; None for an unknown word.

    Knows the words of AO3 now and then (also as tools misspell them), of fanfiction.net, Ficbook and fanfiktion.de, and
    of film ratings; case and white space do not matter. Our own tokens stand for themselves.
    """
    tokens = _TOKENS[kind]
    if text in tokens:
        return tokens[text]
    word = " ".join(text[:200].replace("\u2011", "-").split()).casefold()
    return tokens.get(word) or tokens.get(_PREFIX.sub("", word, count=1))


def parse_ao3_name(kind: TokenKind, text: str) -> str | None:
    """The same for AO3's own names of today alone: a filter takes no other, or a slip would find something else."""
    word = " ".join(text[:200].split()).casefold()
    return parse_ao3_token(kind, word) if word in _AO3_NAMES[kind].split("|") else None


def parse_relationship(name: str) -> tuple[RelationshipKind, list[str]]:
    """Return kind and members of a relationship by its name.

    ``A/B`` is romantic, ``A & B`` platonic, ``A ~ B`` queerplatonic (the last two need their spaces); more
    names make a group. Separators in closed brackets do not split: ``Dick Grayson (Titans/DC)`` is one
    person. Where separators are mixed all of them split, and the slash decides the kind, then ``&``: ``A/B
    & C`` is romantic. A name without two members is ``("other", [])``. A ``|`` between two spellings of one
    name never splits.
    """
    separators = _outer_separators(name)
    members: list[str] = []
    start = 0
    for begin, end, _ in separators:
        members.append(name[start:begin].strip())
        start = end
    members.append(name[start:].strip())
    members = [member for member in members if member]
    if len(members) < 2:  # noqa: PLR2004  (a relationship needs two)
        return "other", []
    found = {separator for _, _, separator in separators}
    if "/" in found:
        return "romantic", members
    return ("platonic" if "&" in found else "queerplatonic"), members


def _outer_separators(name: str) -> list[tuple[int, int, str]]:
    """Return begin, end and character of the separators outside closed brackets."""
    marks = list(_SEPARATOR.finditer(name))
    inside = [False] * len(marks)
    open_marks: list[int] = []
    spans: list[tuple[int, int]] = []
    for place, mark in enumerate(marks):
        if mark[0] in {"(", "["}:
            open_marks.append(place)
        elif mark[0] in _CLOSING:
            inside[place] = True
            if open_marks and marks[open_marks[-1]][0] == _CLOSING[mark[0]]:
                spans.append((open_marks.pop(), place))
    covered_to = -1
    for begin, end in sorted(spans):
        for place in range(max(begin, covered_to + 1), end + 1):
            inside[place] = True
        covered_to = max(covered_to, end)
    return [
        (mark.start(), mark.end(), mark[0].strip())
        for mark, is_inside in zip(marks, inside, strict=True)
        if not is_inside and mark[0] not in {"(", "["}
    ]
