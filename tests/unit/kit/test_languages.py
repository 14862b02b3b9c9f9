"""Languages by tag, by name and by guess."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.kit.languages import detect_language, language_tag


@pytest.mark.parametrize(
    ("text", "tag"),
    [
        ("English", "en"),
        (" english ", "en"),
        ("\u0420\u0443\u0441\u0441\u043a\u0438\u0439", "ru"),
        ("\u4e2d\u6587-\u666e\u901a\u8bdd \u570b\u8a9e", "zh"),
        ("\u4e2d\u6587-\u5e7f\u4e1c\u8bdd \u7cb5\u8a9e", "yue"),
        ("Bahasa Indonesia", "id"),
        ("Espa\u00f1ol", "es"),
        ("Espanol", "es"),
        ("\u65e5\u672c\u8a9e", "ja"),
        ("Portugu\u00eas brasileiro", "pt-BR"),
        ("Zhong Wen -Pu Tong Hua  Guo Yu", "zh"),
        ("Ukrayins'ka", "uk"),
        ("\u05e2\u05d1\u05e8\u05d9\u05ea", "he"),
        ("en", "en"),
        ("EN_us", "en-US"),
        ("zh-hans-cn", "zh-Hans-CN"),
        ("eng", "en"),
        ("xx", None),
        ("null", None),
        ("not a language", None),
        ("", None),
        ("'", None),
    ],
)
def test_tags(text: str, tag: str | None) -> None:
    assert language_tag(text) == tag


@given(st.one_of(st.text(), st.from_regex(r"[a-zA-Z]{2,3}([-_][a-zA-Z0-9]{1,8}){0,4}", fullmatch=True)))
def test_any_text_has_a_stable_tag_or_none(text: str) -> None:
    tag = language_tag(text)
    assert tag is None or language_tag(tag) == tag


def test_guesses() -> None:
    pytest.importorskip("py3langid")
    assert detect_language("It was the best of times, it was the worst of times, and we had nothing.") == "en"
    assert detect_language("Il y avait une fois un roi et une reine qui vivaient dans un ch\u00e2teau.") == "fr"
    assert (
        detect_language(
            "\u543e\u8f29\u306f\u732b\u3067\u3042\u308b\u3002\u540d\u524d\u306f\u307e\u3060\u7121\u3044\u3002"
        )
        == "ja"
    )
    assert detect_language("Hi.") is None
    assert detect_language("* * * " * 900) is None
