"""The query grammar: what it reads, what it refuses, and that nothing else can happen."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.search.grammar import And, Not, Or, Phrase, Prefix, QuerySyntaxError, Word, parse


@pytest.mark.parametrize(
    ("query", "node"),
    [
        ("fox", Word("fox")),
        ("Foxes", Word("foxes")),
        ('"quick fox"', Phrase(("quick", "fox"))),
        ("quick fox", And((Word("quick"), Word("fox")))),
        ("-fox", Not(Word("fox"))),
        ('-"a b"', Not(Phrase(("a", "b")))),
        ("a OR b", Or((Word("a"), Word("b")))),
        ("a b OR c", And((Word("a"), Or((Word("b"), Word("c")))))),
        ("(a OR b) c", And((Or((Word("a"), Word("b"))), Word("c")))),
        ("fox*", Prefix("fox")),
        ("re-read", Phrase(("re", "read"))),
        ("don't", Word("dont")),
        ("don’t", Word("dont")),
        ("日本語", Phrase(("日本", "本語"))),
        ("本", Prefix("本")),
        ("12:30", Phrase(("12", "30"))),
        ("title:Privet", Word("privet", "title")),
        ('author:"J K"', Phrase(("j", "k"), "author")),
        ("-author:Tolkien", Not(Word("tolkien", "author"))),
        ("fox ***", Word("fox")),
        ("or", Word("or")),
    ],
)
def test_reads(query: str, node: object) -> None:
    assert parse(query, fields=True) == node


def test_without_fields_a_colon_is_no_operator() -> None:
    assert parse("title:Privet", fields=False) == Phrase(("title", "privet"))


@pytest.mark.parametrize(
    ("query", "code", "offset"),
    [
        ('fox "open', "unbalanced-quote", 4),
        ("fox (open", "unbalanced-parenthesis", 4),
        ("fox)", "unbalanced-parenthesis", 3),
        ("OR fox", "dangling-operator", 0),
        ("fox OR", "dangling-operator", 4),
        ("a OR OR b", "dangling-operator", 2),
        ("*fox", "leading-wildcard", 0),
        ("f*", "short-prefix", 0),
        ("tilte:x", "unknown-field", 0),
        ("***", "empty-query", 0),
        ("", "empty-query", 0),
        ("x" * 10_000, "query-too-long", 1_000),
        (" ".join("abcdefghijklmnopq"), "too-many-words", 32),
        ("(" * 20 + "a", "too-deep", 9),
    ],
)
def test_refuses_saying_where(query: str, code: str, offset: int) -> None:
    with pytest.raises(QuerySyntaxError) as caught:
        parse(query, fields=True)
    assert (caught.value.code, caught.value.offset) == (code, offset)


def test_a_misspelt_field_has_a_suggestion() -> None:
    with pytest.raises(QuerySyntaxError, match="did you mean title"):
        parse("tilte:x", fields=True)


@given(st.text(max_size=60) | st.text(alphabet='ab-()":* OR日', max_size=60), st.booleans())
def test_any_text_is_read_or_refused(query: str, fields: bool) -> None:  # noqa: FBT001  drawn by Hypothesis
    try:
        parse(query, fields=fields)
    except QuerySyntaxError as error:
        assert 0 <= error.offset <= len(query)
        assert error.detail
