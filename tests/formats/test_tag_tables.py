"""Tables of tags: each shape is known by its content, and one bad row stops none of the others."""

from __future__ import annotations

import io
import json
import os
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.formats.tag_tables.facts import BadRow, TagFact
from app.formats.tag_tables.registry import NAMES, choose, read_table

SAMPLE = Path(os.environ.get("FANARCHIVE_SAMPLE_DATA", "/nowhere"))
MERGERS = b"""id,type,name,canonical,cached_count,merger_id
1,Media,TV Shows,TRUE,910,
2,Fandom,Stargate Atlantis,TRUE,"37,689",
3,Freeform,5things,FALSE,8,4
4,Freeform,5 Things,TRUE,10,
5,Freeform,gone,FALSE,8,999
6,Freeform,typed,FALSE,,
7,Nonsense,x,TRUE,1,
8,Freeform,both,TRUE,1,4
9,Freeform,Redacted,FALSE,1,4
10,Freeform,,TRUE,1,
"""
LIST = b"""id, type, name, canonical, cached_count, merger_id
65,Fandom,Avatar: The Last Airbender,True,33306,-1,
70,Fandom,None,True,5,-1,
71,Fandom,"Brad ""Cheeks"" Bell RPF",True,31,-1,
"""
PAIRS = b"Tag Name,Metatag Name\nCoats,Clothing\n,Clothing\nHats,Clothing\n"
ALIASES = b"alias,name,fandom\nKhaleesi,Daenerys,Thrones\nDaenerys,Daenerys,Thrones\nX,Y,\n"
COUNTS = b'{\n"&quot;Can&#x27;t&quot; AU": 0,\n"Fluff": 12,\n"Fluff": 13,\n"Altars": -2,\n"bad": "x",\n"": 3\n}'
FREQUENCIES = b"tag,freq\nfluff,1262\n,3\n"
TOP = json.dumps(
    [
        {"index": 1, "type": "Freeform", "name": "Fluff", "number": 7, "fandom": "Additional"},
        {"index": 2, "type": "Character", "name": "Zhongli", "number": 5, "fandom": "Genshin Impact"},
        {"index": 3, "type": "Character", "number": 5, "fandom": "Genshin Impact"},
        {"index": 4, "type": "Rating", "name": "Mature", "number": 5, "fandom": "Genshin Impact"},
    ]
).encode()
PAGE = {
    "name": "Garak & Bashir",
    "type": "Relationship",
    "canonical": True,
    "merged_into": None,
    "parents": ["Garak", "Deep Space Nine"],
    "synonyms": ["bashir & garak", 7],
    "metatags": ["Friends"],
    "subtags": ["Garak & Bashir (Mirror)"],
    "children": {},
}
SYNONYM_PAGE = PAGE | {"name": "G&B", "canonical": False, "merged_into": "Garak & Bashir", "synonyms": []}
FANDOM_PAGE = {
    "name": "Deep Space Nine",
    "type": "Fandom",
    "canonical": True,
    "merged_into": None,
    "parents": ["TV Shows"],
    "synonyms": [],
    "metatags": [],
    "subtags": [],
    "children": {"Characters:": ["Garak"], "Additional Tags:": ["Cardassians"], "Odd:": ["x"]},
}
OWN = b"""{"type":"freeform","name":"Alternate Universe","canonical":true,"parents":[{"type":"fandom","name":"None"}]}
{"type":"freeform","name":"AU","canonical":false,"synonym_of":"Alternate Universe"}
{"type":"rating","name":"x","canonical":true}
{"type":"freeform","name":"both","canonical":true,"synonym_of":"AU"}
not json
{"type":"freeform","name":"AU - Space","canonical":true,"broader":["Alternate Universe"]}
"""


def rows(data: bytes, given: str | None = None) -> list[TagFact | BadRow]:
    return list(read_table(io.BytesIO(data), "file", given=given))


def facts(data: bytes, given: str | None = None) -> list[TagFact]:
    return [row for row in rows(data, given) if isinstance(row, TagFact)]


def problems(data: bytes) -> list[tuple[str, str | None]]:
    return [(row.problem["code"], row.problem.get("pointer")) for row in rows(data) if isinstance(row, BadRow)]


@pytest.mark.parametrize(
    ("data", "name"),
    [
        (MERGERS, "merger-table"),
        (LIST, "merger-table"),
        (MERGERS.decode().encode("utf-16"), "merger-table"),
        (PAIRS, "broader-pairs"),
        (ALIASES, "aliases"),
        (COUNTS, "canonical-counts"),
        (b'{"Fluff": 1}', "canonical-counts"),
        (TOP, "top-tags"),
        (json.dumps([PAGE]).encode(), "tag-pages"),
        (OWN, "tags"),
        (FREQUENCIES, "frequencies"),
        (b'{"id": 1, "title": "T", "fandoms": ["F"]}\n', None),
        (b"title,author,fandom\nT,A,F\n", None),
        (b"\x89PNG\r\n\x1a\n", None),
        (b"", None),
    ],
)
def test_a_shape_is_known_by_its_content(data: bytes, name: str | None) -> None:
    reader = choose(data)
    assert (reader.name if reader else None) == name
    if name is None:
        assert problems(data) == [("unsupported-format", None)]


def test_mergers_name_rows_by_number() -> None:
    found = {fact.name: fact for fact in facts(MERGERS)}
    assert (found["5things"].synonym_ref, found["5things"].canonical) == ("4", False)
    assert (found["5 Things"].ref, found["5 Things"].canonical, found["5 Things"].uses) == ("4", True, 10)
    assert found["gone"].synonym_ref == "999"
    assert (found["typed"].canonical, found["typed"].uses, found["typed"].wrangles) == (False, None, True)
    assert found["Stargate Atlantis"].uses == 37_689
    assert not found["TV Shows"].wrangles
    assert found["TV Shows"].notices == ("Media are not kept: nothing to do.",)
    assert problems(MERGERS) == [
        ("unknown-type", "type"),
        ("canonical-synonym", "merger_id"),
        ("name-missing", "name"),
        ("name-empty", "name"),
    ]


def test_a_list_of_canonicals_has_no_mergers_and_some_names_missing() -> None:
    assert [(fact.name, fact.canonical, fact.synonym_ref) for fact in facts(LIST)] == [
        ("Avatar: The Last Airbender", True, None),
        ('Brad "Cheeks" Bell RPF', True, None),
    ]
    assert problems(LIST) == [("name-missing", "name")]


def test_pairs_do_not_say_their_type() -> None:
    assert [(fact.type, fact.name, fact.broader) for fact in facts(PAIRS, "freeform")] == [
        (None, "Coats", ("Clothing",)),
        (None, "Hats", ("Clothing",)),
    ]
    assert problems(PAIRS) == [("name-empty", "tag name")]
    typed = b"type,narrower,broader\nFreeform,Coats,Clothing\nRating,Explicit,Adult\n"
    assert [(fact.type, fact.wrangles) for fact in facts(typed)] == [("freeform", True), ("rating", False)]


def test_an_alias_is_a_synonym_unless_it_is_the_name() -> None:
    assert [(fact.name, fact.synonym_of, fact.parents) for fact in facts(ALIASES)] == [
        ("Daenerys", None, (("fandom", "Thrones"),)),
        ("Khaleesi", "Daenerys", ()),
        ("Daenerys", None, (("fandom", "Thrones"),)),
        ("Y", None, ()),
        ("X", "Y", ()),
    ]
    assert {fact.type for fact in facts(ALIASES)} == {"character"}


def test_counts_have_entities_and_numbers_below_nothing() -> None:
    found = facts(COUNTS)
    assert [(fact.name, fact.uses) for fact in found] == [
        ("\"Can't\" AU", 0), ("Fluff", 12), ("Fluff", 13), ("Altars", None),
    ]  # fmt: skip
    assert all(fact.canonical and fact.type == "freeform" for fact in found)
    assert {fact.type for fact in facts(COUNTS, "character")} == {"character"}
    assert problems(COUNTS) == [("bad-number", "count"), ("name-empty", "name")]
    assert problems(b'{"a": 1, "b": 2,') == [("bad-json", None)]


def test_frequencies_wrangle_nothing() -> None:
    (fluff,) = facts(FREQUENCIES)
    assert (fluff.name, fluff.uses, fluff.wrangles) == ("fluff", 1_262, False)
    assert fluff.notices


def test_top_tags_belong_to_fandoms() -> None:
    fluff, zhongli, mature = facts(TOP)
    assert not fluff.wrangles
    assert zhongli.parents == (("fandom", "Genshin Impact"),)
    assert (mature.type, mature.wrangles) == ("rating", False)
    assert problems(TOP) == [("missing-name", "/name")]


def test_a_page_of_a_tag_says_all_that_is_listed_on_it() -> None:
    data = json.dumps([PAGE, SYNONYM_PAGE, FANDOM_PAGE, "x"]).encode()
    found = {(fact.type, fact.name): fact for fact in reversed(facts(data))}
    garak = found["relationship", "Garak & Bashir"]
    assert (garak.canonical, garak.broader) == (True, ("Friends",))
    assert garak.parents == (("character", "Garak"), (None, "Deep Space Nine"))
    assert found["relationship", "bashir & garak"].synonym_of == "Garak & Bashir"
    assert found["relationship", "Garak & Bashir (Mirror)"].broader == ("Garak & Bashir",)
    assert (found["relationship", "G&B"].canonical, found["relationship", "G&B"].synonym_of) == (
        False,
        "Garak & Bashir",
    )
    assert found["fandom", "Deep Space Nine"].parents == ()
    assert found["character", "Garak"].parents == (("fandom", "Deep Space Nine"),)
    assert found["freeform", "Cardassians"].canonical is None
    assert problems(data) == [
        ("bad-value", "/synonyms/1"),
        ("unknown-type", "/children"),
        ("not-an-object", ""),
    ]


@pytest.mark.parametrize("indent", [None, 1])
def test_one_page_alone_and_pages_as_lines(indent: int | None) -> None:
    data = json.dumps(PAGE, indent=indent).encode() + b"\n"
    assert facts(data) == [
        fact.__class__(**{**_members(fact), "where": _placed(fact, indent)}) for fact in facts(b"[" + data + b"]")
    ]


def _members(fact: TagFact) -> dict[str, Any]:
    return {name: getattr(fact, name) for name in TagFact.__slots__}


def _placed(fact: TagFact, indent: int | None) -> str:
    return fact.where if indent else fact.where.replace("item", "line")


def test_our_own_lines() -> None:
    universe, au, space = facts(OWN)
    assert (universe.canonical, universe.parents) == (True, (("fandom", "None"),))
    assert (au.canonical, au.synonym_of) == (False, "Alternate Universe")
    assert space.broader == ("Alternate Universe",)
    assert problems(OWN) == [
        ("unknown-type", "/type"),
        ("canonical-synonym", "/synonym_of"),
        ("bad-json", None),
    ]


@given(st.sampled_from(NAMES), st.binary(max_size=300))
def test_no_bytes_are_a_traceback(shape: str, data: bytes) -> None:
    for row in read_table(io.BytesIO(data), "file", shape=shape):
        assert isinstance(row, TagFact | BadRow)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from([*PAGE, "number", "fandom", "synonym_of", "broader"]) | st.text(max_size=5),
            inner,
            max_size=6,
        )
    ),
    max_leaves=12,
)


@given(st.sampled_from(["tags", "canonical-counts", "tag-pages", "top-tags"]), JSON)
def test_no_json_is_a_traceback(shape: str, value: Any) -> None:
    for row in read_table(io.BytesIO(json.dumps(value).encode()), "file", shape=shape, given="freeform"):
        assert isinstance(row, TagFact | BadRow)


@pytest.mark.skipif(not SAMPLE.exists(), reason="FANARCHIVE_SAMPLE_DATA names no folder of sample data")
@pytest.mark.parametrize(
    ("name", "shape", "good", "bad", "idle"),
    [
        ("ao3_dump_2021_ArchiveWarning-canonical.csv", "merger-table", 6, 0, 6),
        ("ao3_dump_2021_Category-canonical.csv", "merger-table", 6, 0, 6),
        ("ao3_dump_2021_Media-canonical.csv", "merger-table", 12, 0, 12),
        ("ao3_dump_2021_Rating-canonical.csv", "merger-table", 5, 0, 5),
        ("ao3_dump_2021_fandoms_canonical.csv", "merger-table", 17_372, 3_814, 0),
        ("ao3_dump_2021_tags_with_mergers.csv", "merger-table", 1_000, 0, 26),
        ("ao3_freeform_canonicals_2013-03.json", "canonical-counts", 7_136, 0, 0),
        ("ao3_freeform_canonicals_2015-08.json", "canonical-counts", 17_948, 0, 0),
        ("ao3_freeform_canonicals_2016-01.json", "canonical-counts", 16_030, 0, 0),
        ("ao3_metatag_pairs.csv", "broader-pairs", 19_265, 0, 0),
        ("ao3_tag_pages_parsed.json", "tag-pages", 2_626, 0, 0),
        ("ao3_top_tags_with_parent_fandom.json", "top-tags", 663, 0, 288),
        ("character_aliases.csv", "aliases", 580, 0, 0),
        ("hp_freeform_frequencies.csv", "frequencies", 14_438, 0, 14_438),
    ],
)
def test_real_tables(name: str, shape: str, good: int, bad: int, idle: int) -> None:
    path = SAMPLE / "tags" / name
    with path.open("rb", 65_536) as stream:
        found = list(read_table(stream, name))
    told = [row for row in found if isinstance(row, TagFact)]
    reader = choose(path.read_bytes()[:65_536])
    assert reader is not None
    assert reader.name == shape
    assert (len(told), len(found) - len(told), sum(not fact.wrangles for fact in told)) == (good, bad, idle)
    if shape == "canonical-counts":
        assert not [fact.name for fact in told if "&#" in fact.name or "&quot;" in fact.name]


@pytest.mark.skipif(not SAMPLE.exists(), reason="FANARCHIVE_SAMPLE_DATA names no folder of sample data")
def test_works_are_no_tags() -> None:
    named = Counter(
        reader.name if (reader := choose(path.read_bytes()[:65_536])) else "none"
        for path in [*(SAMPLE / "metadata").glob("*.*"), *(SAMPLE / "fixtures" / "metadata-dumps").glob("*")]
    )
    assert set(named) == {"none"}
