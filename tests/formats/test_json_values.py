"""What a fast JSON parser lets pass is refused, and nothing else is."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.formats.json_values import load, load_object
from app.formats.problems import Unreadable


def problem_of(line: bytes) -> Unreadable:
    with pytest.raises(Unreadable) as caught:
        load_object(line)
    return caught.value


@pytest.mark.parametrize(
    ("line", "pointer"),
    [
        (b'{"a":1,"a":2}', "/a"),
        (b'{"a"  :1,"a":2}', "/a"),
        (b'{"a"\t:1, "a":2}', "/a"),
        (b'{"a"\n:1,\n"a" :2}', "/a"),
        (b'{"a":1,"\\u0061":2}', "/a"),
        (b'{"x":{"k":1,"k":2}}', "/x/k"),
        (b'{"x":[{"k":1},{"k":1,"k":2}]}', "/x/1/k"),
        (b'{"s":"a \\":b","x":{"y":{"k/~":1,"k/~":2}}}', "/x/y/k~1~0"),
    ],
)
def test_a_key_that_stands_twice_is_refused_wherever_it_is(line: bytes, pointer: str) -> None:
    found = problem_of(line)
    assert (found.code, found.pointer) == ("duplicate-key", pointer)


_NAMES = st.sampled_from(["a", "b", '":', "x y", "é", '" :'])
_SPACE = st.sampled_from(["", " ", "  ", "\t", "\n"])


@st.composite
def _written(draw: st.DrawFn, depth: int = 2) -> str:
    """JSON text with chance white space and, often, a key that stands twice."""
    if depth == 0 or draw(st.booleans()):
        return draw(st.sampled_from(["1", '"x"', '"a\\":b"', '"\\":"', "null", "[]", "{}", '"é"']))
    if draw(st.booleans()):
        return "[" + ",".join(draw(st.lists(_written(depth=depth - 1), max_size=3))) + "]"
    members = [
        f"{draw(_SPACE)}{json.dumps(draw(_NAMES))}{draw(_SPACE)}:{draw(_SPACE)}{draw(_written(depth=depth - 1))}"
        for _ in range(draw(st.integers(0, 3)))
    ]
    return "{" + ",".join(members) + "}"


@given(_written(depth=3))
def test_duplicates_are_found_exactly_where_a_slow_parser_sees_them(text: str) -> None:
    twice = False

    def pairs(members: list[tuple[str, Any]]) -> dict[str, Any]:
        nonlocal twice
        twice = twice or len(dict(members)) < len(members)
        return dict(members)

    expected = json.loads(text, object_pairs_hook=pairs)
    try:
        found = load(text.encode())
    except Unreadable as error:
        assert error.code == "duplicate-key"
        assert twice
    else:
        assert not twice
        assert found == expected


@pytest.mark.parametrize(
    "text", ["\\u0000", "\\b", "\\f", "\\u001b", "\x7f", "\u0085", "\\ud800", "\\udfff", "\\ud800x", "\\u0080"]
)
def test_characters_no_text_may_hold_are_refused_with_their_place(text: str) -> None:
    found = problem_of(f'{{"ok":1,"x":["",{{"a/b":"12{text}"}}]}}'.encode())
    assert (found.code, found.pointer) == ("bad-character", "/x/1/a~1b")
    assert "offset 2" in found.detail


def test_they_are_refused_in_keys_too() -> None:
    assert problem_of(b'{"x":{"a\\u0000":1}}').pointer == "/x"


@pytest.mark.parametrize("text", ["\\ud83d\\ude00", "…’é日本", "tab\\tline\\n", "\\u00e9", "C:\\\\bin", "\\u2028"])
def test_other_escapes_and_letters_are_taken(text: str) -> None:
    assert load_object(f'{{"t":"{text}"}}'.encode()) == json.loads(f'{{"t":"{text}"}}')


def test_the_offset_of_bad_json_counts_bytes() -> None:
    line = '{"title":"é","chap'.encode()
    found = problem_of(line)
    assert (found.code, found.pointer) == ("bad-json", str(len(line)))


@pytest.mark.parametrize("line", [b"", b"{", b"nope", b'{"a":NaN}', b'{"a":1e999}', b'{"a":1}}', b"[" * 100_000])
def test_what_is_not_json_is_bad_json(line: bytes) -> None:
    assert problem_of(line).code == "bad-json"


def test_bytes_that_are_no_utf8_say_so() -> None:
    found = problem_of(b'{"t":"\xff"}')
    assert (found.code, found.pointer) == ("not-utf-8", "6")


@pytest.mark.parametrize("line", [b"[1]", b'"x"', b"null", b"3"])
def test_only_objects_are_records(line: bytes) -> None:
    assert problem_of(line).code == "not-an-object"


def test_nesting_has_a_limit() -> None:
    assert problem_of(b'{"a":' + b"[" * 900 + b"]" * 900 + b"}").code == "too-deep"
    assert load_object(b'{"a":' + b"[" * 30 + b"]" * 30 + b"}")["a"]


def test_a_byte_order_mark_is_passed_over() -> None:
    assert load_object(b'\xef\xbb\xbf{"a":1}') == {"a": 1}
