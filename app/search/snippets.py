"""Snippets: the place in a chapter where a query is met best, as escaped text with ``<mark>`` alone.

The text is searched with patterns made once from the query, not analysed word by word: twenty snippets are part of one
answer. Folding keeps lengths, so what is found in the folded text stands at the same place in the original.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from dataclasses import dataclass

from app.kit.text import fold
from app.search.analysis import is_paired, stem
from app.search.grammar import And, Node, Or, Phrase, Prefix, Word

SIZE = 240
MOST_MATCHES = 400
_APOSTROPHE = "['\u2019\u02bc]?"


class _Folding(dict[int, str]):
    """A translation table that folds each character to exactly one."""

    def __missing__(self, code: int) -> str:
        character = chr(code)
        folded = fold(character)
        self[code] = folded if len(folded) == 1 else character
        return self[code]


_FOLDING = _Folding()


def fold_in_place(text: str) -> str:
    """Folded text of the same length."""
    return text.lower() if text.isascii() else text.translate(_FOLDING)


@dataclass(slots=True)
class _Leaf:
    pattern: re.Pattern[str]
    stem: str | None = None


def _spelled(term: str) -> str:
    """A term as it may stand in a text: with apostrophes that the index dropped."""
    return _APOSTROPHE.join(map(re.escape, term))


def _joined(terms: tuple[str, ...]) -> str:
    """A phrase as a pattern: overlapping pairs as one run, other terms with anything but words between."""
    runs: list[str] = []
    for term in terms:
        if runs and is_paired(term) and is_paired(runs[-1]) and runs[-1][-1] == term[0]:
            runs[-1] += term[1:]
        else:
            runs.append(term)
    return r"[\W_]+".join(re.escape(run) if is_paired(run) else _spelled(run) for run in runs)


def _bounded(pattern: str, first: str, last: str) -> re.Pattern[str]:
    before = "" if is_paired(first) else r"(?<![^\W_])"
    after = "" if is_paired(last) else r"(?![^\W_])"
    return re.compile(f"{before}{pattern}{after}")


def _leaves(node: Node, language: str) -> Iterator[_Leaf]:
    if isinstance(node, And | Or):
        for one in node.nodes:
            yield from _leaves(one, language)
    elif isinstance(node, Phrase):
        yield _Leaf(_bounded(_joined(node.terms), node.terms[0], node.terms[-1]))
    elif isinstance(node, Prefix):
        rest = "" if is_paired(node.start) else rf"(?:[^\W_]|{_APOSTROPHE[:-1]})*"
        before = "" if is_paired(node.start) else r"(?<![^\W_])"
        yield _Leaf(re.compile(before + _spelled(node.start) + rest))
    elif isinstance(node, Word):
        if is_paired(node.term):
            yield _Leaf(re.compile(re.escape(node.term)))
            return
        root = stem(node.term, language)
        # The stem need not be a prefix of the word (happi of happy): look a little wider, then compare stems.
        start = root[: max(1, len(root) - 2)] if len(root) > 3 else root[:2]  # noqa: PLR2004
        start = start if node.term.startswith(start) else node.term
        yield _Leaf(re.compile(rf"(?<![^\W_]){_spelled(start)}(?:[^\W_]|{_APOSTROPHE[:-1]})*"), root)


class Highlighter:
    """Cuts snippets for one query; keeps the patterns by language."""

    def __init__(self, node: Node) -> None:
        self._node = node
        self._leaves: dict[str, list[_Leaf]] = {}

    def snippet(self, text: str, language: str, size: int = SIZE) -> str:
        """The window of ``text`` that holds most of the query, its matches marked."""
        leaves = self._leaves.get(language)
        if leaves is None:
            leaves = self._leaves[language] = list(_leaves(self._node, language))
        matches = _matches(leaves, fold_in_place(text), language)
        start, end = _window(matches, len(text), size)
        start, end = _at_words(text, start, end)
        return _marked(text, start, end, matches)


def _matches(leaves: list[_Leaf], folded: str, language: str) -> list[tuple[int, int, int]]:
    found: list[tuple[int, int, int]] = []
    for index, leaf in enumerate(leaves):
        count = 0
        for match in leaf.pattern.finditer(folded):
            if leaf.stem is not None:
                word = match[0].replace("'", "").replace("\u2019", "").replace("\u02bc", "")
                if stem(word, language) != leaf.stem:
                    continue
            found.append((match.start(), match.end(), index))
            count += 1
            if count >= MOST_MATCHES:
                break
    found.sort()
    return found


def _window(matches: list[tuple[int, int, int]], length: int, size: int) -> tuple[int, int]:
    """The stretch with the most different parts of the query, the earliest of equals, its matches in the middle."""
    if not matches:
        return 0, min(length, size)
    best, best_score = (0, 0), (-1, -1)
    last = 0
    for first in range(len(matches)):
        last = max(last, first)
        while last + 1 < len(matches) and matches[last + 1][1] - matches[first][0] <= size:
            last += 1
        score = (len({matches[at][2] for at in range(first, last + 1)}), last - first)
        if score > best_score:
            best, best_score = (first, last), score
    low, high = matches[best[0]][0], matches[best[1]][1]
    spare = max(0, size - (high - low))
    start = max(0, low - spare // 2)
    end = min(length, max(high, start + size))
    return max(0, min(start, end - size)), end


def _at_words(text: str, start: int, end: int) -> tuple[int, int]:
    """Move both ends to the nearest space inside, if there is one near."""
    if start > 0:
        space = text.find(" ", start, start + 24)
        start = space + 1 if space != -1 else start
    if end < len(text):
        space = text.rfind(" ", max(start, end - 24), end)
        end = space if space != -1 else end
    return start, end


def _marked(text: str, start: int, end: int, matches: list[tuple[int, int, int]]) -> str:
    parts = ["…"] if start > 0 else []
    at = start
    for low, high, _ in matches:
        if low < at or high > end:
            continue
        parts += [
            html.escape(text[at:low], quote=False),
            "<mark>",
            html.escape(text[low:high], quote=False),
            "</mark>",
        ]
        at = high
    parts.append(html.escape(text[at:end], quote=False))
    if end < len(text):
        parts.append("…")
    return "".join(parts).replace("\n", " ")
