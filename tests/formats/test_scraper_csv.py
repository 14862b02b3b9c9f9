"""Tables of works in all the ways that tools write them."""

from __future__ import annotations

import csv
import io
import tracemalloc
from datetime import UTC, datetime

import pytest

from app.formats.options import ReadOptions
from app.formats.registry import read_stream
from app.formats.tables import FIELD_LIMIT
from tests.formats.reading import codes, items, work, works

AO3 = (
    "work_id,title,author,rating,category,fandom,relationship,character,additional tags,language,published,status,"
    "status date,words,chapters,comments,kudos,bookmarks,hits\n"
)
AO3_ROW = (
    '12345,"Gambit, Declined","[\'First (second)\', \'O\\\'Hara\']",General Audiences,"Gen, M/M","One, Two & Sons",A/B,'
    '"A, B | Bee","Fluff &amp; Angst, Chess",English,2024-04-06,Updated,2024-05-02,"14,243",5/?,22,158,null,"3,273"\n'
)
FANFICFARE = (
    "ID,Path,Title,StoryURL,Author,AuthorURL,Series,SeriesURL,Category,Genre,Characters,Relationships,Language,"
    "LanguageID,Status,Published,Updated,Rating,Warnings,Chapters,Words,Publisher,Summary\r\n"
)


def day(year: int, month: int, number: int) -> datetime:
    return datetime(year, month, number, tzinfo=UTC)


def test_ao3_scraper_columns() -> None:
    found = work((AO3 + AO3_ROW).encode())
    assert found.title == "Gambit, Declined"
    assert found.authors == ["First (second)", "O'Hara"]
    assert (found.rating, found.categories, found.fandoms) == ("general", ["gen", "m_m"], ["One", "Two & Sons"])
    assert (found.characters, found.freeforms) == (["A", "B | Bee"], ["Fluff & Angst", "Chess"])
    assert (found.published_at, found.revised_at) == (day(2024, 4, 6), day(2024, 5, 2))
    assert (found.words, found.chapters_posted, found.chapters_expected, found.status) == (
        14_243,
        5,
        None,
        "in_progress",
    )
    assert found.stats == {"comments": 22, "kudos": 158, "hits": 3_273}
    assert found.source is not None
    assert found.source.url == "https://archiveofourown.org/works/12345"
    assert found.key is None


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_encodings_and_delimiters_change_nothing(encoding: str, delimiter: str) -> None:
    text = io.StringIO()
    csv.writer(text, delimiter=delimiter).writerows(csv.reader(io.StringIO(AO3 + AO3_ROW)))
    found = work(text.getvalue().encode(encoding))
    found.notices.clear()  # of an encoding without a mark
    assert found == work((AO3 + AO3_ROW).encode())


def test_blank_rows_crlf_and_odd_headers() -> None:
    header = AO3.replace("title", " Title.").replace("additional tags", "Additional_Tags ")
    data = (header + "\n" + AO3_ROW + "\n\n" + AO3_ROW.replace("12345", "6")).replace("\n", "\r\n").encode()
    assert [found.source.id for found in works(data) if found.source] == ["12345", "6"]


def test_fanficfare_calls_fandoms_category_and_mixes_categories_into_genre() -> None:
    row = (
        '7,/x.epub,T,https://www.fanfiction.net/s/7/1/T,Ann,u,"A Series [3]",u,"Frozen, Other","M/M, Humor, Gen",'
        '"Anna, Elsa,",Anna/Elsa,Spanish,es,Completed,2015-12-27,2016-10-28,T,,2,"3,117",fanfiction.net,A &lt; B\r\n'
    )
    found = work((FANFICFARE + row).encode())
    assert (found.fandoms, found.categories, found.freeforms) == (["Frozen", "Other"], ["m_m", "gen"], ["Humor"])
    assert found.characters == ["Anna", "Elsa"]
    assert [(one.title, one.position) for one in found.series] == [("A Series", 3)]
    assert (found.rating, found.status, found.summary) == ("teen", "complete", "A &lt; B")
    assert found.source is not None
    assert (found.source.site, found.source.id) == ("fanfiction.net", "7")


def test_a_genre_that_is_called_general_is_no_category() -> None:
    row = (
        '7,/x.epub,T,https://www.fanfiction.net/s/7/1/T,Ann,u,,,Frozen,"General, Humor",Anna,,'
        "English,en,Completed,2015-12-27,2016-10-28,T,,2,3117,fanfiction.net,A\r\n"
    )
    found = work((FANFICFARE + row).encode())
    assert (found.categories, found.freeforms) == ([], ["General", "Humor"])


def test_a_table_of_r_writes_na_for_nothing_and_dots_for_spaces() -> None:
    header = (
        '"work_id","title","rating","category","fandom","relationship","character","additional.tags","language",'
        '"status.date","words","comments","kudos"\r\n'
    )
    rows = (
        '"1","NA","Mature",NA,"琅琊榜 | Fire (TV)",NA,"Lin Shu | Mei Changsu, Fei Liu","Fluff",NA,NA,"1,234",NA,"4"\r\n'
    )
    found = work((header + rows).encode())
    assert (found.title, found.categories, found.relationships, found.language) == ("NA", [], [], None)
    assert (found.characters, found.freeforms) == (["Lin Shu | Mei Changsu", "Fei Liu"], ["Fluff"])
    assert (found.words, found.stats, found.notices) == (1_234, {"kudos": 4}, [])


def test_an_ampersand_is_no_entity_without_a_semicolon() -> None:
    row = AO3_ROW.replace('"Gambit, Declined"', "Me&not you &amp; &#39;us&#x27;")
    assert work((AO3 + "\n" + row + "\n").encode()).title == "Me&not you & 'us'"


INFO = "story_id,author_uid,category_path,title,summary,info_line\n"


@pytest.mark.parametrize(
    ("info", "freeforms", "relationships", "characters"),
    [
        ("Rated: Fiction  T - English  - Words: 7,672 - Published: 8/19/1999 - id: 9", [], [], []),
        (
            "Rated: Fiction  T - English - Romance/Hurt/Comfort -  [Ann, Bob] Cleo - Words: 7,672 - id: 9",
            ["Romance", "Hurt/Comfort"],
            ["Ann/Bob"],
            ["Ann", "Bob", "Cleo"],
        ),
        ("Rated: Fiction  T - English - Sci-Fi -  Ann B.  - Chapters: 3   - Words: 7,672", ["Sci-Fi"], [], ["Ann B."]),
        ("Rated: Fiction  T - English - Ann, Bob - Words: 7,672", [], [], ["Ann", "Bob"]),
    ],
)
def test_fanfiction_net_info_lines(
    info: str, freeforms: list[str], relationships: list[str], characters: list[str]
) -> None:
    found = work(f'{INFO}9,1,Books > Animorphs,T,S,"{info}"\n'.encode())
    assert (found.rating, found.language, found.words, found.fandoms) == ("teen", "English", 7_672, ["Animorphs"])
    assert (found.freeforms, found.relationships, found.characters) == (freeforms, relationships, characters)
    assert found.source is not None
    assert (found.source.site, found.source.id) == ("fanfiction.net", "9")


def test_a_date_without_a_year_is_left_out_and_said() -> None:
    found = work(
        f'{INFO}9,1,Books > A,T,S,"Rated: Fiction  K - English - Words: 1 - Published: 8/1 - id: 9"\n'.encode()
    )
    assert found.published_at is None
    assert any("8/1" in notice for notice in found.notices)


def test_a_nameless_index_column_and_lists_that_end_in_commas() -> None:
    found = work(b',names,fandoms,ratings,words,freeforms\n0,reverse,Naruto,Explicit,"386,632","A, B, "\n')
    assert (found.title, found.fandoms, found.freeforms, found.words) == ("reverse", ["Naruto"], ["A", "B"], 386_632)


SHIP = "fandom,relationship,taggedRel,title,relType,isCanon,datetime,kudos,rating,warnings,tags\n"


def test_rows_without_an_address_get_a_key_that_growth_does_not_change() -> None:
    row = 'F,A/B,A/B,T,F/F,No,24 Dec 2018,{},Mature,"No Archive Warnings Apply,Rape/Non-Con","x,y"\n'
    first, second = works((SHIP + row.format(1) + row.format('"1,999"')).encode())
    other = work((SHIP + row.format(1).replace(",T,", ",U,")).encode())
    assert first.key == second.key != other.key
    assert first.key is not None
    assert (first.categories, first.warnings) == (["f_f"], ["no_warnings_apply", "rape_non_con"])
    assert first.published_at == day(2018, 12, 24)


def test_the_same_work_has_the_same_key_in_tables_of_other_layout() -> None:
    commas = 'id,title,author_names,freeforms,words\n5,T,"a, b","x, y",1\n'
    lists = 'id\ttitle\tauthor_names\tfreeforms\twords\n5\tT\t"[""a"", ""b""]"\t"[""x"", ""y""]"\t2\n'
    bars = "id;title;author_names;freeforms;words\n5;T;a|b;x|y;3\n"
    found = [work(text.encode()) for text in (commas, lists, bars)]
    assert len({one.key for one in found}) == 1
    assert [one.freeforms for one in found] == [["x", "y"]] * 3
    assert [one.authors for one in found] == [["a", "b"]] * 3


def test_bars_inside_names_are_no_separators() -> None:
    assert work(b"title;author;freeforms;words\nT;a;B | Bee|C;1\n").freeforms == ["B | Bee", "C"]


@pytest.mark.parametrize(
    ("row", "code"),
    [
        (AO3_ROW.replace("Chess", "Ch\x00ss"), "bad-character"),
        (AO3_ROW.replace("Gambit, Declined", "null"), "title-or-chapter-required"),
        ("one,two\n", "bad-csv"),
        (AO3_ROW.replace("\n", ",more,and more\n"), "bad-csv"),
        (AO3_ROW.replace("Chess", "x" * (FIELD_LIMIT + 1)), "line-too-long"),
    ],
)
def test_a_bad_row_fails_alone(row: str, code: str) -> None:
    assert codes((AO3 + AO3_ROW + row + AO3_ROW).encode()) == [None, code, None]


@pytest.mark.parametrize(
    ("column", "value"),
    [("revised", "99999-01-01"), ("words", "-1"), ("words", "many"), ("words", "9" * 19), ("words", "9" * 5_000)],
)
def test_a_cell_that_is_not_understood_is_kept_and_said(column: str, value: str) -> None:
    found = work((AO3 + AO3_ROW.replace("2024-05-02" if column == "revised" else "14,243", value)).encode())
    assert (found.title, found.extra) == ("Gambit, Declined", {column: value[:200]})
    assert [notice.partition(":")[0] for notice in found.notices] == [column]


@pytest.mark.parametrize(
    "number",
    [
        "14,243",
        "14.243",
        "14 243",
        "14\u202f243",
        "14'243",
        "14\u2019243",
        "14\u00a0243",
        "\u0661\u0664\u0662\u0664\u0663",
    ],
)
def test_thousands_however_they_are_set_apart(number: str) -> None:
    assert work((AO3 + AO3_ROW.replace("14,243", number)).encode()).words == 14_243


def test_columns_that_no_field_is_for_are_kept_but_not_who_read_a_work() -> None:
    header = AO3.replace("\n", ",Mood,Unnamed: 0,all_kudos,favs,body\n")
    rows = AO3_ROW.replace("\n", ',Grey,7,"[\'reader\']",9,"One & two.\n\nThree."\n')
    found = work((header + rows).encode())
    assert found.extra == {"mood": "Grey", "favs": "9"}
    assert found.stats["kudos"] == 158
    assert [(one.content, one.content_format) for one in found.chapters] == [("One & two.\n\nThree.", "text")]
    assert found.notices == ["The table tells of 5 chapters, and holds the text in one piece."]
    assert work(b"title,author,content\nT,a,<p>One</p>\n").chapters[0].content == "<p>One</p>"


FOUND = "story_id,story_name,author_name,storyUrl,Rated,Genres,Characters,num_words,num_reviews,num_favorites,Follows,"
OTHER = "id,Title,Writer,Story Link,rating,genre,character(s),WordCount,Reviews,Favs,follows,Published,Updated,"


@pytest.mark.parametrize(
    "header", [f"{FOUND}date_published,last_updated,is_complete,fandom", f"{OTHER}completed,Fandom(s)"]
)
def test_dumps_of_fanfiction_net_by_whatever_their_columns_are_called(header: str) -> None:
    row = '12,T,A,https://www.fanfiction.net/s/12/1/T,Fiction  M,Humor/Hurt/Comfort,"[Ann, Bob] Cleo","1.234",5,6,7,'
    found = work(f"{header}\n{row}1234567890,2013-05-31 10:20:30,True,Frozen\n".encode())
    assert (found.title, found.authors, found.fandoms, found.rating) == ("T", ["A"], ["Frozen"], "mature")
    assert (found.freeforms, found.relationships) == (["Humor", "Hurt/Comfort"], ["Ann/Bob"])
    assert (found.characters, found.words, found.status) == (["Ann", "Bob", "Cleo"], 1_234, "complete")
    assert found.stats == {"comments": 5, "kudos": 6, "bookmarks": 7}
    assert found.published_at == datetime(2009, 2, 13, 23, 31, 30, tzinfo=UTC)
    assert found.source is not None
    assert (found.source.id, found.extra, found.notices) == ("12", {}, [])


def test_a_catalogue_of_calibre_has_tags_without_types_and_comments_that_are_a_summary() -> None:
    header = "author_sort,authors,comments,id,identifiers,languages,pubdate,rating,series,series_index,tags,timestamp,"
    row = 'X,Ann & Bob,<p>S</p>,3,url:https|//archiveofourown.org/works/9,eng,2020-01-02,5,L,2.0,"a, b",2021,T,T,u'
    found = work(f"{header}title,title_sort,uuid\n{row}\n".encode())
    assert (found.title, found.authors, found.summary, found.freeforms) == ("T", ["Ann", "Bob"], "<p>S</p>", [])
    assert (found.rating, found.published_at, found.extra["tags without types"]) == (None, day(2020, 1, 2), "a, b")
    assert found.source is not None
    assert (found.source.id, found.stats) == ("9", {})
    assert found.notices == ["The tags have no types; they were kept in `extra`."]


def test_lists_with_semicolons_and_places_in_series() -> None:
    header = "title;authors;fandoms;characters;series;series_index;words\n"
    found = work((header.replace(";", "\t") + "T\ta\tX &amp; Y; Steins;Gate\tA; B\tLamps\t2.0\t5\n").encode())
    assert (found.fandoms, found.characters) == (["X & Y", "Steins;Gate"], ["A", "B"])
    assert [(one.title, one.position) for one in found.series] == [("Lamps", 2)]
    assert [one for one in found.notices if "“A; B” was cut at its semicolons." in one]
    assert work(b"title,freeforms,words,rating\nT,so; it goes,1,K\n").freeforms == ["so; it goes"]
    commas = work(b'title,characters,relationships,rating\nT,"A, B",A/B; B/C,K\n')
    assert (commas.relationships, commas.notices) == (["A/B; B/C"], [])


def test_dates_of_old_and_ratings_that_are_not_known_in_info_lines() -> None:
    found = work(f'{INFO}9,1,A,T,S,"Rated: Fiction  Q - English - Words: 1 - Published: 05-24-08 - id: 9"\n'.encode())
    assert (found.published_at, found.rating, found.extra) == (day(2008, 5, 24), None, {"rating": "Q"})
    assert found.notices == ["The rating “Q” is not known; it was kept in `extra`."]


def test_a_byte_that_is_no_utf8_fails_its_row_alone() -> None:
    good = AO3_ROW.replace("Chess", "Schäch … 日本").encode()
    bad = AO3_ROW.encode().replace(b"Chess", b"Sch\xe4ch")
    assert codes(AO3.encode() + good * 400 + bad + good) == [None] * 400 + ["not-utf-8", None]


def test_an_old_encoding_is_guessed_and_said_once() -> None:
    row = AO3_ROW.replace("Chess", "Это длинное русское слово о шахматах и о людях, которые в них играют")
    first, second = works((AO3 + row + row).encode("cp1251"))
    assert "русское" in " ".join(first.freeforms)
    assert (len(first.notices), second.notices) == (1, [])


def test_an_index_that_the_header_leaves_out_and_a_comma_at_the_end() -> None:
    assert [one.title for one in works(b"title,author,words,rating\n0,A,b,1,K\n1,B,b,2,K\n")] == ["A", "B"]
    assert work(b"title,author,words,rating\nA,b,1,K,\n").title == "A"


def test_an_unknown_warning_is_kept_and_said() -> None:
    found = work(b"title,author,warnings,words\nT,a,Spiders,1\n")
    assert found.extra == {"warning": ["Spiders"]}
    assert "Spiders" in found.notices[0]


def test_tables_of_other_things_are_refused() -> None:
    pairs = b"storyId,tagId,Tag Name,Tag Type\n" + b"3,1,No Archive Warnings Apply,warning\n" * 5
    names = b"id,name,canonical,count\n" + b"1,A Fandom,true,5\n" * 5
    aliases = b"alias,name,fandom\n" + b"Kirk,James T. Kirk,Star Trek\n" * 5
    assert [codes(data) for data in (pairs, names, aliases)] == [["not-works"]] * 3


def test_rows_of_works_without_titles_fail_each() -> None:
    stats = b"id,kudos,hits,words,chapters,language\n1,2,3,4,5,English\n2,2,3,4,5,English\n"
    assert codes(stats) == ["no-title-column"] * 2


def test_rows_are_named_by_their_line() -> None:
    found = items((AO3 + AO3_ROW + "\n" + AO3_ROW).encode(), "mine.csv")
    assert [item.input for item in found] == ["mine.csv line 2", "mine.csv line 4"]


class _Rows(io.RawIOBase):
    """A table without end, made as it is read."""

    def __init__(self, rows: int) -> None:
        self.parts = iter([AO3.encode(), *[AO3_ROW.encode() * 50] * (rows // 50)])
        self.rest = b""

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        if not self.rest:
            self.rest = next(self.parts, b"")
        size = min(len(buffer), len(self.rest))
        buffer[:size] = self.rest[:size]
        self.rest = self.rest[size:]
        return size


@pytest.mark.no_cover
def test_memory_does_not_grow_with_the_rows() -> None:
    peaks = []
    for count in (500, 2_500):
        tracemalloc.start()
        assert sum(1 for _ in read_stream(io.BufferedReader(_Rows(count)), "t", ReadOptions())) == count
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    assert peaks[1] < peaks[0] + 200_000
