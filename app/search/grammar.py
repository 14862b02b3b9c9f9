"""Our own small query grammar, to a tree. No text of a caller reaches an engine's own query language.

::

    query   = group
    group   = { clause }                      all must match
    clause  = unit { "OR" unit }              any may match; binds closer than standing side by side
    unit    = [ "-" ] ( "(" group ")" | [ field ":" ] ( word [ "*" ] | '"' phrase '"' ) )
    field   = title | summary | author | tag  in ``q`` alone

So ``a b OR c`` is a, and one of b and c, as in the search engines that people know. A word of several terms
(``re-read``, 日本語) is a phrase. What has no letters or digits is passed over. At most 16 words.
"""

from __future__ import annotations

import difflib
import re
from dataclasses import dataclass
from typing import NoReturn

from app.search.analysis import is_paired, terms

FIELDS = ("title", "summary", "author", "tag")
MOST_WORDS = 16
MOST_CHARACTERS = 1_000
DEEPEST = 8
SHORTEST_PREFIX = 2


class QuerySyntaxError(ValueError):
    """A query that cannot be read; ``offset`` counts characters from 0."""

    def __init__(self, code: str, detail: str, offset: int) -> None:
        super().__init__(detail)
        self.code = code
        self.detail = detail
        self.offset = offset


@dataclass(frozen=True, slots=True)
class Word:
    """One term, to be found in any of its forms."""

    term: str
    field: str | None = None


@dataclass(frozen=True, slots=True)
class Phrase:
    """Terms that follow one another, as they are."""

    terms: tuple[str, ...]
    field: str | None = None


@dataclass(frozen=True, slots=True)
class Prefix:
    """Words that begin so."""

    start: str
    field: str | None = None


@dataclass(frozen=True, slots=True)
class Not:
    """What must not match."""

    node: Node


@dataclass(frozen=True, slots=True)
class And:
    """All must match."""

    nodes: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Or:
    """At least one must match."""

    nodes: tuple[Node, ...]


Node = Word | Phrase | Prefix | Not | And | Or

_FIELD = r"|(?P<field>[A-Za-z]+):(?=[^\s:/)])"
_PATTERN = (
    r"\s*(?:(?P<open>\()|(?P<close>\))|(?P<minus>-)(?=[\w\"(]){}"
    r"|(?P<phrase>\"(?P<inside>[^\"]*)\")|(?P<quote>\")|(?P<word>[^\s()\"]+)|(?P<end>$))"
)
_WITH_FIELDS = re.compile(_PATTERN.format(_FIELD))
_WITHOUT_FIELDS = re.compile(_PATTERN.format(""))


@dataclass(slots=True)
class _Token:
    kind: str
    text: str
    offset: int


def parse(query: str, *, fields: bool) -> Node:
    """Read a query; raises :class:`QuerySyntaxError` saying what is wrong and where."""
    if len(query) > MOST_CHARACTERS:
        raise QuerySyntaxError(
            "query-too-long",
            f"A query has at most {MOST_CHARACTERS} characters, this one has {len(query)}",
            MOST_CHARACTERS,
        )
    parser = _Parser(_tokens(query, _WITH_FIELDS if fields else _WITHOUT_FIELDS))
    node = parser.group(0)
    parser.expect_end()
    if node is None:
        raise QuerySyntaxError("empty-query", "The query has no words", 0)
    return node


def _tokens(query: str, pattern: re.Pattern[str]) -> list[_Token]:
    found = []
    at = 0
    while True:
        match = pattern.match(query, at)
        assert match is not None
        kind = match.lastgroup if match.lastgroup != "inside" else "phrase"
        assert kind is not None
        text = match["inside"] if match["phrase"] is not None else match[kind]
        kind = "phrase" if match["phrase"] is not None else kind
        found.append(_Token(kind, text, match.start(kind)))
        if kind == "end":
            return found
        at = match.end()


class _Parser:
    def __init__(self, tokens: list[_Token]) -> None:
        self._tokens = tokens
        self._at = 0
        self._words = 0

    @property
    def _next(self) -> _Token:
        return self._tokens[self._at]

    def _take(self) -> _Token:
        token = self._tokens[self._at]
        self._at += 1
        return token

    def expect_end(self) -> None:
        if self._next.kind != "end":
            _fail("unbalanced-parenthesis", "This parenthesis was never opened", self._next)

    def group(self, depth: int) -> Node | None:
        """Clauses side by side; ``None`` where none of them has words."""
        if depth > DEEPEST:
            _fail("too-deep", f"Parentheses stand in one another more than {DEEPEST} deep", self._next)
        nodes = []
        while self._next.kind not in {"end", "close"}:
            node = self._clause(depth)
            if node is not None:
                nodes.append(node)
        if len(nodes) > 1:
            return And(tuple(nodes))
        return nodes[0] if nodes else None

    def _clause(self, depth: int) -> Node | None:
        if self._is_or():
            _fail("dangling-operator", "OR stands between two words", self._next)
        nodes = [self._unit(depth)]
        while self._is_or():
            operator = self._take()
            if self._next.kind in {"end", "close"} or self._is_or():
                _fail("dangling-operator", "OR stands between two words", operator)
            nodes.append(self._unit(depth))
        known = tuple(node for node in nodes if node is not None)
        return Or(known) if len(known) > 1 else known[0] if known else None

    def _is_or(self) -> bool:
        return self._next.kind == "word" and self._next.text == "OR"

    def _unit(self, depth: int) -> Node | None:
        if self._next.kind == "minus":
            self._take()
            node = (
                self._unit(depth)
                if self._next.kind != "minus"
                else _fail("dangling-operator", "Two minus signs in a row", self._next)
            )
            return Not(node) if node is not None else None
        if self._next.kind == "open":
            opening = self._take()
            node = self.group(depth + 1)
            if self._next.kind != "close":
                _fail("unbalanced-parenthesis", "This parenthesis is never closed", opening)
            self._take()
            return node
        return self._leaf()

    def _leaf(self) -> Node | None:
        token = self._take()
        field = None
        if token.kind == "field":
            field = self._field(token)
            token = self._take()
        if token.kind == "quote":
            _fail("unbalanced-quote", "This quotation mark is never closed", token)
        if token.kind == "phrase":
            return self._leaf_of(terms(token.text), token, field, phrase=True)
        if token.kind != "word":
            _fail("dangling-operator", "Here a word or a phrase has to follow", token)
        if token.text.startswith("*") and terms(token.text):
            _fail("leading-wildcard", "A wildcard stands at the end of a word only", token)
        found = terms(token.text)
        if token.text.endswith("*") and found:
            return self._prefix(found, token, field)
        return self._leaf_of(found, token, field, phrase=False)

    def _field(self, token: _Token) -> str:
        name = token.text.lower()
        if name not in FIELDS:
            near = difflib.get_close_matches(name, FIELDS, 1)
            hint = f"; did you mean {near[0]}:?" if near else f": it is one of {', '.join(FIELDS)}"
            _fail("unknown-field", f"There is no field “{token.text}”{hint}", token)
        return name

    def _prefix(self, found: list[str], token: _Token, field: str | None) -> Node:
        if len(found) > 1 or (len(found[0]) < SHORTEST_PREFIX and not is_paired(found[0])):
            _fail("short-prefix", f"Before * stand at least {SHORTEST_PREFIX} letters of one word", token)
        self._count(1, token)
        return Prefix(found[0], field)

    def _leaf_of(self, found: list[str], token: _Token, field: str | None, *, phrase: bool) -> Node | None:
        if not found:
            return None
        # A run of pairs is one word to its writer.
        self._count(1 if not phrase and is_paired(found[0]) else len(found), token)
        if len(found) > 1:
            return Phrase(tuple(found), field)
        if is_paired(found[0]) and len(found[0]) == 1:
            return Prefix(found[0], field)
        return Phrase((found[0],), field) if phrase else Word(found[0], field)

    def _count(self, words: int, token: _Token) -> None:
        self._words += words
        if self._words > MOST_WORDS:
            _fail("too-many-words", f"A query has at most {MOST_WORDS} words", token)


def _fail(code: str, detail: str, token: _Token) -> NoReturn:
    raise QuerySyntaxError(code, detail, token.offset)
