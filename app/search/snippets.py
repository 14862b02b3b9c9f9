"""Snippets: the place in a chapter where a query is met best, as escaped text with ``<mark>`` alone.

The text is searched with patterns made once from the query, not analysed word by word: twenty snippets are part of one
answer. Folding keeps lengths, so what is found in the folded text stands at the same place in the original.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from dataclasses import dataclass

from app.kit.html import html_blocks
from app.kit.text import fold
from app.search.analysis import is_paired, stem
from app.search.grammar import And, Node, Or, Phrase, Prefix, Word

SIZE = 240
MOST_MATCHES = 400
_APOSTROPHE = "['\u2019\u02bc]?"
_NO_APOSTROPHES = str.maketrans("", "", "'\u2019\u02bc")


class _Folding(dict[int, str]):
    """A translation table that folds each character to exactly one."""

    def __missing__(self, code: int) -> str:
        character = chr(code)
        folded = fold(character)
        self[code] = folded if len(folded) == 1 else character
        return self[code]


class _WholeFolding(dict[str, str]):
    """What each character folds to, of whatever length: two letters for ß, nothing for an accent of its own."""

    def __missing__(self, character: str) -> str:
        self[character] = fold(character)
        return self[character]


_FOLDING = _Folding()
_WHOLE_FOLDING = _WholeFolding()


def fold_in_place(text: str) -> str:
    """Folded text of the same length."""
    return text.lower() if text.isascii() else text.translate(_FOLDING)


@dataclass(slots=True)
class _Leaf:
    """A part of the query. ``fast`` is its usual spelling, ``loose`` allows the apostrophes that the index drops.

    Patterns begin with letters, which are found many times faster than a boundary; that is checked afterwards. The
    loose one is seldom needed, and compiling it takes as long as cutting ten snippets.
    """

    fast: re.Pattern[str]
    loose: str
    starts_word: bool
    ends_word: bool
    stem: str | None = None


_REST = r"(?:[^\W_]|['\u2019\u02bc])*"


def _runs(terms: tuple[str, ...]) -> list[str]:
    """The words of a phrase; overlapping pairs are one run."""
    runs: list[str] = []
    for term in terms:
        if runs and is_paired(term) and is_paired(runs[-1]) and runs[-1][-1] == term[0]:
            runs[-1] += term[1:]
        else:
            runs.append(term)
    return runs


def _leaf(words: list[str], *, rest: bool = False, root: str | None = None) -> _Leaf:
    """Words with anything but words between; ``rest`` lets the last one go on."""
    end = _REST if rest else ""
    fast = r"[\W_]+".join(map(re.escape, words)) + end
    loose = r"[\W_]+".join(_APOSTROPHE.join(map(re.escape, word)) for word in words) + end
    ends_word = not rest and not is_paired(words[-1][-1])
    return _Leaf(re.compile(fast), loose, not is_paired(words[0]), ends_word, root)


def _leaves(node: Node, language: str) -> Iterator[_Leaf]:
    if isinstance(node, And | Or):
        for one in node.nodes:
            yield from _leaves(one, language)
    elif isinstance(node, Phrase):
        yield _leaf(_runs(node.terms))
    elif isinstance(node, Prefix):
        yield _leaf([node.start], rest=not is_paired(node.start))
    elif isinstance(node, Word):
        if is_paired(node.term):
            yield _leaf([node.term])
            return
        root = stem(node.term, language)
        # The stem need not be a prefix of the word (happi of happy): look a little wider, then compare stems.
        start = root[: max(1, len(root) - 2)] if len(root) > 3 else root[:2]  # noqa: PLR2004
        yield _leaf([start if node.term.startswith(start) else node.term], rest=True, root=root)


class Highlighter:
    """Cuts snippets for one query; keeps the patterns by language."""

    def __init__(self, node: Node) -> None:
        self._node = node
        self._leaves: dict[str, list[_Leaf]] = {}

    def snippet(self, text: str, language: str, size: int = SIZE) -> str:
        """The window of ``text`` that holds most of the query, its matches marked."""
        leaves = self._of(language)
        matches = _matches(leaves, fold_in_place(text), language)
        if len({leaf for _, _, leaf in matches}) < len(leaves):
            matches = _matches_of_uneven(leaves, text, language) or matches
        start, end = _window(matches, len(text), size)
        start, end = _at_words(text, start, end)
        return _marked(text, start, end, matches)

    def snippet_of_html(self, content: str, language: str, size: int = SIZE) -> str:
        """The same from cleaned HTML: only the stretch around the best place is turned into text.

        Where no match stands in one piece between two tags, the whole chapter is read.
        """
        leaves = self._of(language)
        places = [
            found for found in _matches(leaves, fold_in_place(content), language) if not _in_tag(content, found[0])
        ]
        if len({leaf for _, _, leaf in places}) < len(leaves):
            return self.snippet("\n".join(html_blocks(content)), language, size)
        start, end = _window(places, len(content), size)
        start, end = max(0, start - 2 * size), min(len(content), end + 2 * size)
        start = content.find(">", start) + 1 if _in_tag(content, start) else start
        end = content.rfind("<", 0, end) if _in_tag(content, end) else end
        return self.snippet("\n".join(html_blocks(content[start:end])), language, size)

    def _of(self, language: str) -> list[_Leaf]:
        leaves = self._leaves.get(language)
        if leaves is None:
            leaves = self._leaves[language] = list(_leaves(self._node, language))
        return leaves


def _in_tag(content: str, at: int) -> bool:
    """Whether a place lies inside a tag; cleaned HTML has ``<`` and ``>`` nowhere else."""
    return content.rfind("<", 0, at) > content.rfind(">", 0, at)


def _matches(leaves: list[_Leaf], folded: str, language: str) -> list[tuple[int, int, int]]:
    found: list[tuple[int, int, int]] = []
    for index, leaf in enumerate(leaves):
        places = _places(leaf, leaf.fast, folded, language) or _places(leaf, re.compile(leaf.loose), folded, language)
        found += [(start, end, index) for start, end in places]
    found.sort()
    return found


def _matches_of_uneven(leaves: list[_Leaf], text: str, language: str) -> list[tuple[int, int, int]]:
    """Matches in a text that folds to another length (ß, ligatures, accents and vowel points of their own)."""
    if text.isascii() or len(fold(text)) == len(text):
        return []
    pieces = [_WHOLE_FOLDING[character] for character in text]
    at = [place for place, piece in enumerate(pieces) for _ in piece]
    at.append(len(text))
    return [(at[start], at[end], leaf) for start, end, leaf in _matches(leaves, "".join(pieces), language)]


def _places(leaf: _Leaf, pattern: re.Pattern[str], folded: str, language: str) -> list[tuple[int, int]]:
    places: list[tuple[int, int]] = []
    for match in pattern.finditer(folded):
        start, end = match.span()
        if leaf.starts_word and start and folded[start - 1].isalnum():
            continue
        if leaf.ends_word and end < len(folded) and folded[end].isalnum():
            continue
        if leaf.stem is not None and stem(match[0].translate(_NO_APOSTROPHES), language) != leaf.stem:
            continue
        places.append((start, end))
        if len(places) >= MOST_MATCHES:
            break
    return places


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
