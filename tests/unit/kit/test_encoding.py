"""Bytes of a text file as text."""

import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.kit.encoding import UndecodableText, decode

_RUSSIAN = (
    "\u0412 \u0434\u0435\u043f\u0430\u0440\u0442\u0430\u043c\u0435\u043d\u0442\u0435, "
    "\u043d\u043e \u043b\u0443\u0447\u0448\u0435 \u043d\u0435 \u0441\u043b\u044b\u0448\u0430\u0442\u044c. "
) * 20


@given(st.text())
def test_utf8_is_known(text: str) -> None:
    if not text.startswith("\ufeff"):
        assert decode(text.encode()) == (text, "utf-8", False)


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-32"])
def test_a_byte_order_mark_decides(encoding: str) -> None:
    text, _, guessed = decode("\u00e9t\u00e9 \u65e5".encode(encoding))
    assert text == "\u00e9t\u00e9 \u65e5"
    assert not guessed


def test_old_encodings_are_guessed() -> None:
    assert decode(_RUSSIAN.encode("cp1251")) == (_RUSSIAN, "cp1251", True)


@pytest.mark.parametrize(
    "data",
    [
        "caf\u00e9 \u2014 na\u00efve".encode() + b" caf\xe9",
        b"\xff\xfea",
        b"\xef\xbb\xbf\xff",
        ("\u65e5\u672c\u8a9e" * 20).encode()[:-1],
    ],
)
def test_broken_text_is_refused_with_the_reason(data: bytes) -> None:
    with pytest.raises(UndecodableText, match=r"0x[0-9A-F]{2} at offset \d+"):
        decode(data)


@given(st.binary(max_size=300))
def test_any_bytes_are_text_or_refused(data: bytes) -> None:
    try:
        text, encoding, guessed = decode(data)
    except UndecodableText:
        return
    assert "\ufffd" not in text or "\ufffd".encode() in data or guessed or encoding.startswith("utf")
    assert guessed or encoding.startswith("utf")


def test_real_files() -> None:
    folder = os.environ.get("FANARCHIVE_SAMPLE_DATA")
    if not folder:
        pytest.skip("FANARCHIVE_SAMPLE_DATA names no folder of sample data")
    texts = Path(folder) / "fixtures" / "plain-text"
    expected = {"big5_zh": "big5", "windows1251_ru": "cp1251", "shift_jis_aozora_ruby": "cp932",
                "utf16le_bom_en": "utf-16-le", "latin1_crlf_fr": "cp1252"}  # fmt: skip
    for name, encoding in expected.items():
        assert decode((texts / f"{name}.txt").read_bytes())[1] == encoding
    with pytest.raises(UndecodableText):
        decode((texts / "invalid_utf8_mixed.txt").read_bytes())


@pytest.mark.parametrize(
    ("text", "encoding"),
    [
        ("Très chère mère,\n\nelle était là, forêt à côté. Où est-il allé ? “Bien sûr”, dit-elle… L’été.", "cp1252"),
        ("El niño comió en la montaña. ¿Qué pasó? Él volvió mañana.", "cp1252"),
        ("Der Bär ging über die Straße. „Schön“, sagte er.", "cp1252"),
        ("Blåbær på øya, æsj. Åse gikk hjem…", "cp1252"),
        ("Café Noir", "cp1252"),
        ("Była sobie wrona, która znalazła ser. Usiadła na gałęzi i zaczęła jeść.", "cp1250"),
        ("O coração não é um lugar, põe-te a caminho, disse João.", "cp1252"),
        ("Příliš žluťoučký kůň úpěl ďábelské ódy. Liška běžela lesem a hledala něco k jídlu.", "cp1250"),
        ("Жила-была ворона. Она нашла сыр и села на дерево.", "cp1251"),
    ],
)
def test_code_pages_that_share_most_of_their_bytes(text: str, encoding: str) -> None:
    assert decode(text.encode(encoding)) == (text, encoding, True)


@pytest.mark.parametrize(
    ("text", "encoding"),
    [
        ("Привет, мир!", "cp1251"),
        ("Он ушёл домой.", "koi8_r"),
        ("Кто там? Да никого.", "cp866"),
        ("Привіт! Її не було вдома.", "cp1251"),
        ("Işık söndü.", "cp1254"),
        ("Yağmur bütün gün yağdı ve kimse dışarı çıkmadı.", "cp1254"),
        ("Šuo lojo, katė miegojo.", "cp1257"),
        ("Viņš aizgāja mājās.", "cp1257"),
        ("Łódź.", "cp1250"),
        ("Šel domů.", "cp1250"),
        ("Árvíztűrő tükörfúrógép.", "cp1250"),
        ("Dzień dobry, świecie!", "iso8859_2"),
        ("Þetta er ævintýri um köttinn.", "cp1252"),
        ("Für Müßiggänger.", "cp1252"),
        ("Tänk på ön.", "cp1252"),
        ("Ta läks koju üksinda õhtul.", "cp1252"),
        ("“No,” he said—“it’s £5.”", "cp1252"),
        ("“Don’t,” she said — and left.", "mac_roman"),
        ("Κεφάλαιο 1\n\nΉταν σκοτεινά.", "cp1253"),
        ("שלום עולם, ירד גשם כל היום.", "cp1255"),
        ("おはよう、世界。", "cp932"),
        ("雨が一日中降っていた。", "euc_jp"),
        ("早上好，世界。他说他不在家。", "gb18030"),
        ("早上好，世界。他說他不在家。", "big5"),
        ("안녕하세요, 세계. 하루 종일 비가 왔다.", "cp949"),
    ],
)
def test_a_line_is_enough_to_tell_an_encoding(text: str, encoding: str) -> None:
    assert decode(text.encode(encoding)) == (text, encoding, True)
