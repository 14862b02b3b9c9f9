"""Plain text into title, chapters and paragraphs."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from app.formats.headings import chapter_heading, number_of, part_heading
from app.formats.long_chapters import CHAPTER_LIMIT
from tests.formats.reading import codes, items, work

LONG = "The road went on for as long as anybody could see, and nobody in the whole village had ever walked to its end."


def text(*blocks: str) -> bytes:
    return "\n\n".join(blocks).encode()


def chapters(data: bytes) -> list[tuple[str, str]]:
    return [(chapter.title, chapter.content) for chapter in work(data).chapters]


def wrapped(paragraph: str, width: int = 70) -> str:
    lines, line = [], ""
    for word in paragraph.split():
        if len(line) + len(word) + 1 > width:
            lines.append(line)
            line = word
        else:
            line = f"{line} {word}".strip()
    return "\n".join([*lines, line])


def test_a_centred_title_one_chapter_and_its_end() -> None:
    margin = "\u00a0 " * 20
    data = text(f"{margin}Now or later", f"{margin}Chapter 1: Goodbye", LONG, f"“{LONG}”", "To Be Continued…")
    found = work(data, "x.txt")
    assert (found.title, found.status, found.notices) == ("Now or later", "in_progress", [])
    assert chapters(data) == [("Goodbye", f"{LONG}\n\n“{LONG}”\n\nTo Be Continued…")]
    assert found.chapters[0].content_format == "text"


@pytest.mark.parametrize(
    ("last", "status"),
    [
        ("TBC", "in_progress"),
        ("(to be continued)", "in_progress"),
        ("未完待续", "in_progress"),
        ("THE END", "complete"),
        ("[Fin]", "complete"),
        ("~ The End ~", "complete"),
        ("Конец.", "complete"),
        ("It was the end of the road.", None),
    ],
)
def test_the_last_line_tells_the_status(last: str, status: str | None) -> None:
    assert work(text(LONG, LONG, last)).status == status


@pytest.mark.parametrize(
    ("front", "title", "authors"),
    [
        (["Title", "by Ann Author"], "Title", ["Ann Author"]),
        (["Title\nby Ann Author"], "Title", ["Ann Author"]),
        (["TITLE", "_by_\n_Ann Author_"], "TITLE", ["Ann Author"]),
        (["Title", "Von Anna Meier"], "Title", ["Anna Meier"]),
        (["[Illustration: cover]", "   Title"], "Title", []),
        (["Title: The Real One\nAuthor: Ann"], "The Real One", ["Ann"]),
        (["Titel: Die Krähe\nAutor: Anna Beispiel"], "Die Krähe", ["Anna Beispiel"]),
        (["标题：乌鸦\n作者：安娜"], "乌鸦", ["安娜"]),
        (["only lower case", "Chapter 1"], "only lower case", []),
    ],
)
def test_title_and_author_are_on_the_first_lines(front: list[str], title: str, authors: list[str]) -> None:
    found = work(text(*front, LONG, LONG), "file name.txt")
    assert (found.title, found.authors) == (title, authors)
    assert [chapter.content for chapter in found.chapters] == [f"{LONG}\n\n{LONG}"]


@pytest.mark.parametrize("first", [LONG, "a fragment of a sentence", "“Hello,” she said.", "* * *", "Chapter 1"])
def test_what_is_no_title_stays_text(first: str) -> None:
    found = work(text(first, LONG, LONG), "file name.txt")
    assert found.title == "file name"
    assert LONG in found.chapters[0].content


@pytest.mark.parametrize(
    ("line", "number", "title"),
    [
        ("Chapter 1: Goodbye", 1, "Goodbye"),
        ("CHAPTER IV.", 4, ""),
        ("Chapter Twenty-One – Home", 21, "Home"),
        ("  *Chapter Two*", 2, ""),
        ("Capítulo 3. La casa", 3, "La casa"),
        ("Chapitre premier", 1, ""),
        ("Kapitel 12", 12, ""),
        ("Глава первая", 1, ""),
        ("Глава 7. Дом", 7, "Дом"),
        ("第一章", 1, ""),
        ("第二十三回　宴桃園", 23, "宴桃園"),
        ("第１２話", 12, ""),
        ("PROLOGUE", None, "PROLOGUE"),
        ("Epílogo.", None, "Epílogo"),
    ],
)
def test_headings_of_many_languages(line: str, number: int | None, title: str) -> None:
    found = chapter_heading(line)
    assert found is not None
    assert (found.number, found.title) == (number, title)


@pytest.mark.parametrize(
    "line",
    [
        "Chapter two was hard for him",
        "chapter and verse",
        "I",
        "The chapter 3",
        "Глава государства",
        "x" * 400,
        "第一次",
    ],
)
def test_other_lines_are_no_headings(line: str) -> None:
    assert chapter_heading(line) is None


@given(st.integers(1, 3_999))
def test_roman_numerals_have_their_value(value: int) -> None:
    rest, roman = value, ""
    for worth, letters in zip(
        (1000, 900, 500, 400, 100, 90, 50, 40, 10, 9, 5, 4, 1),
        ("M", "CM", "D", "CD", "C", "XC", "L", "XL", "X", "IX", "V", "IV", "I"),
        strict=True,
    ):
        roman += letters * (rest // worth)
        rest %= worth
    assert number_of(roman) == value


def test_chapters_lose_their_numbers_where_those_only_count() -> None:
    data = text("Chapter 1: One", LONG, "Chapter 2", "Text.", "Chapter III. Three", LONG)
    assert chapters(data) == [("One", LONG), ("", "Text."), ("Three", LONG)]


def test_numbers_that_do_not_count_up_stay() -> None:
    data = text("Chapter 4: Four", LONG, "Chapter 5\nThe Fifth", LONG)
    assert [title for title, _ in chapters(data)] == ["Chapter 4: Four", "Chapter 5: The Fifth"]


def test_a_prologue_does_not_disturb_the_count() -> None:
    data = text("PROLOGUE", LONG, "CHAPTER I.\nA GUEST", LONG, "CHAPTER II.\nA MEAL", LONG, "Epilogue", "Bye.")
    assert [title for title, _ in chapters(data)] == ["PROLOGUE", "A GUEST", "A MEAL", "Epilogue"]


def test_text_right_under_a_heading_is_text() -> None:
    data = text(f"Chapter 1: One\n{LONG}", "Chapter 2\n“No,” she said.\nHe went.", LONG)
    assert chapters(data) == [("One", LONG), ("", f"“No,” she said.\nHe went.\n\n{LONG}")]


def test_a_title_alone_under_its_heading_is_never_lost() -> None:
    assert chapters(text("Chapter 1", LONG, "Chapter 2\nHe left.")) == [("", LONG), ("", "He left.")]


@pytest.mark.parametrize("between", ["\n", "\n\n"])
def test_a_table_of_contents_becomes_no_chapters(between: str) -> None:
    names = ["PROLOGUE", "CHAPTER I. One", "CHAPTER II. Two", "CHAPTER III. Three"]
    contents = between.join(["Contents", *names]) if between == "\n\n" else "Contents\n\n" + between.join(names)
    body = [part for name in names for part in (name, f"Here {name} has text.")]
    found = work(text("A Title", "by Ann", contents, *body))
    assert [(chapter.title, chapter.content) for chapter in found.chapters] == [
        ("PROLOGUE", "Here PROLOGUE has text."),
        ("One", "Here CHAPTER I. One has text."),
        ("Two", "Here CHAPTER II. Two has text."),
        ("Three", "Here CHAPTER III. Three has text."),
    ]
    assert found.notices == ["The table of contents was left out."]
    assert (found.title, found.authors, found.notes) == ("A Title", ["Ann"], "")


def test_what_follows_the_contents_stands_before_the_first_chapter() -> None:
    contents = "\n".join(f"Chapter {n}. Name {n}" for n in (1, 2, 3))
    body = [part for n in (1, 2, 3) for part in (f"Chapter {n}.\nName {n}", LONG)]
    found = work(text("T", contents, "For <you>.", *body))
    assert [chapter.title for chapter in found.chapters] == ["Name 1", "Name 2", "Name 3"]
    assert found.notes == "<p>For &lt;you&gt;.</p>"


def test_books_in_books_keep_all_their_words() -> None:
    body = []
    for book in ("BOOK FIRST—A MAN", "BOOK SECOND—A FALL"):
        body += [book, "CHAPTER I—Alpha", f"{LONG} {book} 1", "CHAPTER II—Beta", f"{LONG} {book} 2"]
    found = chapters(text("T", *body))
    assert [title for title, _ in found] == ["CHAPTER I—Alpha", "CHAPTER II—Beta"] * 2
    assert found[2][1] == f"BOOK SECOND—A FALL\n\n{LONG} BOOK SECOND—A FALL 1"


def test_parts_are_chapters_where_there_are_no_others() -> None:
    assert chapters(text("Part One", LONG, "Part Two: Late", LONG)) == [("", LONG), ("Late", LONG)]
    assert part_heading("part of the story") is None


def test_numerals_that_count_up_are_headings_and_others_are_not() -> None:
    assert len(chapters(text("I", LONG, "II.", LONG, "III", LONG))) == 3
    assert len(chapters(text("一", LONG, "二", LONG))) == 2
    assert chapters(text(LONG, "I", LONG)) == [("", f"{LONG}\n\nI\n\n{LONG}")]
    assert len(chapters(text("III", LONG, "I", LONG))) == 1


def test_text_before_chapter_two_is_the_first_chapter() -> None:
    assert [title for title, _ in chapters(text("T", LONG, "Chapter 2", LONG))] == ["", "Chapter 2"]


def test_a_heading_without_text_is_said() -> None:
    found = work(text("Chapter 1", LONG, "Chapter 2"))
    assert len(found.chapters) == 1
    assert "Chapter 2" in found.notices[0]


def test_single_line_ends_stay_in_text_that_is_not_wrapped() -> None:
    assert chapters(b"one line\nanother\n\nnew paragraph") == [("", "one line\nanother\n\nnew paragraph")]


def test_wrapped_text_is_joined_verse_and_indents_are_not() -> None:
    prose = " ".join([LONG] * 12)
    verse = "        Of dreams that wave\n        before the eye"
    second = "   And then it began again."
    data = text(wrapped(prose), verse, wrapped(prose) + "\n" + second, "a self-\nabsorbed child")
    found = work(data)
    assert found.chapters[0].content.split("\n\n") == [
        prose,
        "Of dreams that wave\nbefore the eye",
        prose,
        "And then it began again.",
        "a self-absorbed child",
    ]
    assert found.notices == ["The lines are wrapped at a fixed width; they were joined to paragraphs."]


def test_long_lines_without_blank_ones_are_paragraphs() -> None:
    found = work("\n".join([LONG + LONG] * 4).encode())
    assert found.chapters[0].content == "\n\n".join([LONG + LONG] * 4)
    assert len(found.notices) == 1


def test_a_chapter_that_is_too_long_is_cut_between_paragraphs() -> None:
    paragraphs = [f"{n} {LONG}" for n in range(6_000)]
    found = work(text("Chapter 1: Long", *paragraphs))
    assert [chapter.title for chapter in found.chapters] == ["Long (1/2)", "Long (2/2)"]
    assert "\n\n".join(chapter.content for chapter in found.chapters) == "\n\n".join(paragraphs)
    assert all(len(chapter.content) <= CHAPTER_LIMIT for chapter in found.chapters)
    assert any("2 parts" in notice for notice in found.notices)


def test_one_paragraph_without_end_is_cut_as_well() -> None:
    found = work(b"x" * (2 * CHAPTER_LIMIT + 1))
    assert sum(len(chapter.content) for chapter in found.chapters) == 2 * CHAPTER_LIMIT + 1
    assert all(len(chapter.content) <= CHAPTER_LIMIT for chapter in found.chapters)


def test_what_project_gutenberg_adds_is_left_out_and_read() -> None:
    head = "The Project Gutenberg eBook\n\nTitle: A Book\nAuthor: Ann\nLanguage: English\n\n*** START OF THE EBOOK ***"
    found = work(text(head, "Chapter 1", LONG, "*** END OF THE EBOOK ***", "Licence"))
    assert (found.title, found.authors, found.language) == ("A Book", ["Ann"], "English")
    assert [chapter.content for chapter in found.chapters] == [LONG]
    assert "Gutenberg" in found.notices[0]


def test_notes_of_aozora_transcribers() -> None:
    rule = "-" * 40
    heading = "［＃５字下げ］{0}［＃「{0}」は中見出し］"
    data = text(
        "道草\n夏目漱石",
        f"{rule}\n【テキスト中に現れる記号について】",
        f"《》：ルビ\n{rule}",
        heading.format("一"),
        "　健三が",
        heading.format("二"),
        "　彼の",
    )
    found = work(data.decode().encode("utf-16"))
    assert (found.title, found.authors) == ("道草", ["夏目漱石"])
    assert [chapter.content for chapter in found.chapters] == ["健三が", "彼の"]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-be"])
def test_encodings_with_a_mark_are_not_guessed(encoding: str) -> None:
    mark = b"\xfe\xff" if encoding == "utf-16-be" else b""
    assert work(mark + "Ein Märchen – für dich.\n\nEnde".encode(encoding)).notices == []


def test_a_guessed_encoding_is_said() -> None:
    russian = "В департаменте… но лучше не называть, в каком департаменте. Ничего нет сердитее. " * 5
    found = work(russian.encode("cp1251"))
    assert found.chapters[0].content == russian.strip()
    assert "cp1251" in found.notices[0]


@pytest.mark.parametrize(
    ("data", "code", "pointer"),
    [
        (b"ab\0cd ef", "bad-character", "2"),
        (b"a\r\n\x07b", "bad-character", "3"),
        ("é à\x1b".encode(), "bad-character", "3"),
    ],
)
def test_control_characters_are_refused_with_their_offset(data: bytes, code: str, pointer: str) -> None:
    (item,) = items(data, "x.txt")
    assert item.problem is not None
    assert (item.problem["code"], item.problem["pointer"]) == (code, pointer)


def test_a_form_feed_is_a_page_end() -> None:
    assert chapters(b"one\fTwo words.") == [("", "one\nTwo words.")]


@pytest.mark.no_cover
@pytest.mark.parametrize(
    "data",
    [
        b"Chapter 1\n\n" * 40_000,
        b"PART I\n\nChapter 1\n\nx\n\n" * 20_000,
        b"I\n\nII\n\n" * 40_000,
        b" " * 3_000_000 + b"x",
        b"\n" * 3_000_000 + b"x",
        b"*" * 3_000_000,
        b"*** START OF " * 100_000,
        b"Chapter " * 300_000,
        b"Title: x\n" * 200_000,
        ("［＃" * 500_000).encode(),
    ],
)
def test_nothing_takes_long(data: bytes) -> None:
    """What grows with the square of the input would take hours."""
    assert len(codes(data)) == 1


@example(["Chapter 1", "x", "", "Chapter 1", "Chapter 1", "Chapter 1", ""])
@given(
    st.lists(
        st.sampled_from(["Chapter 1", "Chapter 2: B", "I", "II", "Part One", "Contents", "x", "some text", "", "  y"])
    )
)
def test_no_text_is_lost_but_headings(lines: list[str]) -> None:
    data = "\n".join([*lines, "last words"]).encode()
    found = work(data)
    kept = " ".join([found.title or "", found.notes, *(f"{c.title}\n{c.content}" for c in found.chapters)])
    for word in ("some text", "y", "x", "last words"):
        assert kept.count(word) >= sum(line.strip() == word for line in lines)


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("Ch. 1", "Ch. 2"),
        ("1. Kapitel", "2. Kapitel"),
        ("Erstes Kapitel", "Zweites Kapitel"),
        ("Kapittel 1", "Kapittel 2"),
        ("1. B\u00f6l\u00fcm", "2. B\u00f6l\u00fcm"),
        ("1. fejezet", "2. fejezet"),
        ("Capitolul 1", "Capitolul 2"),
        ("\u039a\u03b5\u03c6\u03ac\u03bb\u03b1\u03b9\u03bf 1", "\u039a\u03b5\u03c6\u03ac\u03bb\u03b1\u03b9\u03bf 2"),
        ("\uc81c1\uc7a5", "\uc81c2\uc7a5"),
        ("\u0627\u0644\u0641\u0635\u0644 1", "\u0627\u0644\u0641\u0635\u0644 2"),
        ("\u05e4\u05e8\u05e7 1", "\u05e4\u05e8\u05e7 2"),
        ("Chapter the First", "Chapter the Second"),
        ("1.", "2."),
    ],
)
def test_headings_of_other_languages_and_orders(first: str, second: str) -> None:
    found = work(f"The Owl\n\nby Ann\n\n{first}\n\nIt was dark.\n\n{second}\n\nIt rained.\n".encode())
    assert [(one.title, one.content) for one in found.chapters] == [("", "It was dark."), ("", "It rained.")]


STORY = "He ran down the hill and did not look back. " * 8


@pytest.mark.parametrize(
    ("heading", "title"),
    [
        ("[Chapter {}]", ""),
        ("-- Chapter {} --", ""),
        ("* * * Chapter {} * * *", ""),
        ("Chapter {} Dawn", "Dawn"),
        ("Chapter {}/2", ""),
        ("Chapter {} of 2", ""),
        ("Ch {}: Dawn", "Dawn"),
        ("-----\nChapter {}: Dawn\n-----", "Dawn"),
        ("{}", ""),
        ("- {} -", ""),
        ("#{}", ""),
        ("{}. Dawn", "Dawn"),
        ("{}) Dawn", "Dawn"),
    ],
)
def test_headings_as_people_draw_them(heading: str, title: str) -> None:
    text = "The Fox\nby Ann\n\n" + "".join(f"{heading.format(n)}\n\n{STORY}\n\n" for n in (1, 2))
    found = work(text.encode(), "x.txt")
    assert [(one.title, one.content) for one in found.chapters] == [(title, STORY.strip())] * 2


@pytest.mark.parametrize(
    "text",
    [
        f"{STORY}\n\n1\n\n{STORY} and then\n\n2\n\nhe hid. {STORY}",
        "1. Bread\n\nA loaf.\n\n2. Cheese\n\nA slice.\n",
        f"1. Dawn\n\n{STORY}\n\n3. Dusk\n\n{STORY}",
        f"Chapter 1 was long.\n\n{STORY}\n\nChapter 2 was short.\n\n{STORY}",
    ],
)
def test_numbers_of_pages_lists_and_sentences_are_no_headings(text: str) -> None:
    assert len(work(text.encode(), "x.txt").chapters) == 1


def test_indented_lines_are_paragraphs_and_indented_verse_is_not() -> None:
    lines = "\tHe ran.\n\tHe hid.\n\t\u201cDid he?\u201d\n"
    assert work(f"The Fox\nby Ann\n\n{lines}".encode()).chapters[0].content.count("\n\n") == 2
    verse = "  He ran and\n  he hid and\n  he slept.\n"
    assert "\n\n" not in work(f"The Fox\nby Ann\n\n{verse}".encode()).chapters[0].content
