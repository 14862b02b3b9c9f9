"""Archives made at random: what a dump of one brings into another is the same archive."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.config import Settings
from app.db.engine import Database
from app.models import Base
from app.tags.acts import Act
from app.tags.commands.undoing import undo_act
from app.tags.errors import ActRefused, AlreadyUndone, LaterActs, TagInUse
from tests.conftest import TestArchive
from tests.exports.states import state_of
from tests.exports.test_folder import dump, restore
from tests.writing import Caller, member, moderator

EXAMPLES = int(os.environ.get("FANARCHIVE_DUMP_EXAMPLES", "4"))
KEPT = {"accounts", "tokens", "authors", "archive_facts", "changes"}
"""What lives through all examples: those who write, and what other processes stand on."""
NAMES = st.sampled_from(["Ann", "Bé", "Cy/Dee", "E & F", "G", "日本", "H (I/J)", "ann"])
FREEFORMS = ("Rain", "rain!", "Fog", "Wet, cold", "W", "Ω")
WORDS = st.sampled_from(
    ["", "<p>One <em>two</em>.</p>", "<p>雨が降る</p><hr>", "<blockquote><p>A & B</p></blockquote>"]
)
TEXTS = st.sampled_from(
    [
        "<p>Lanterns over the water, by night.</p>",
        "<p>雨が降る。また降る、まだ降る。</p>",
        "<p>Word after word.<br>And more.</p><hr>",
    ]
)
DATES = st.sampled_from(["1999-12-31", "2001-02-03T04:05:06Z", "2020-02-29T23:59:59Z"])
CONSENT = st.dictionaries(
    st.sampled_from(["download", "translation", "podfic", "ai_training", "indexing"]),
    st.sampled_from(["yes", "no", "ask"]),
)
COUNT = st.integers(0, 2**40)


def some(names: Any, most: int = 3) -> st.SearchStrategy[list[Any]]:
    """A few of them, none twice."""
    return st.lists(names, max_size=most, unique_by=lambda one: str(one).casefold())


CHAPTER = st.fixed_dictionaries(
    {"content": TEXTS},
    optional={"title": NAMES, "summary": WORDS, "notes": WORDS, "end_notes": WORDS, "state": st.just("draft")},
)
TAGGED: dict[str, Any] = {
    "characters": some(NAMES), "relationships": some(st.sampled_from(["Ann/Bé", "Bé & Ann", "G ~ H (I/J)"])),
    "freeforms": some(st.sampled_from(FREEFORMS)), "warnings": st.sampled_from([["underage"], ["no_warnings_apply"]]),
    "categories": some(st.sampled_from(["gen", "m_m", "other"])), "summary": WORDS, "notes": WORDS, "end_notes": WORDS,
    "anonymous": st.booleans(), "visibility": st.sampled_from(["public", "registered"]), "consent": CONSENT,
    "gifts": some(NAMES), "extra": st.dictionaries(NAMES, COUNT),
    "related": some(st.fixed_dictionaries({"relation": st.just("inspired_by"), "title": NAMES})),
}  # fmt: skip
BROUGHT = st.fixed_dictionaries(
    {"fandoms": some(NAMES), "chapters": st.lists(CHAPTER, max_size=3)},
    optional={
        **TAGGED, "authors": some(NAMES), "published_at": DATES, "revised_at": DATES, "words": COUNT,
        "chapters_expected": st.integers(3, 9), "status": st.sampled_from(["complete", "hiatus", "in_progress"]),
        "series": some(st.fixed_dictionaries({"title": NAMES}, optional={"position": st.integers(1, 99)})),
        "stats": st.fixed_dictionaries({}, optional={"kudos": COUNT, "hits": COUNT}),
        "source": st.one_of(
            st.builds(lambda n: {"site": "example.org", "id": n}, st.sampled_from("ab")),
            st.builds(lambda n: {"url": f"https://www.example.com/s/{n}?b=1&a=2"}, st.sampled_from("ab")),
        ),
        "key": st.sampled_from("xy"), "language": st.sampled_from(["en", "zh-Hant", "pt-BR"]),
    },
)  # fmt: skip
POSTED = st.fixed_dictionaries(
    {"chapters": st.lists(CHAPTER, min_size=1, max_size=3)},
    optional={**TAGGED, "state": st.just("draft"), "published_at": DATES, "chapters_expected": st.integers(3, 9)},
)
PLACE = st.integers(0, 5)
DEEDS = st.one_of(
    st.tuples(st.just("bring"), BROUGHT),
    st.tuples(st.just("post"), POSTED, st.booleans()),
    st.tuples(st.just("edit"), PLACE, TEXTS),
    st.tuples(st.just("add"), PLACE, CHAPTER),
    st.tuples(st.sampled_from(["hide", "delete", "publish", "kudos"]), PLACE),
    st.tuples(st.just("row"), some(PLACE)),
    st.tuples(
        st.just("wrangle"),
        st.sampled_from(["canonical", "synonym", "broader", "parent"]),
        *[st.sampled_from(FREEFORMS)] * 2,
    ),
    st.tuples(st.just("undo"), PLACE),
)


class Living:
    """An archive in which things are done; what a rule forbids is not done."""

    def __init__(self, archive: TestArchive) -> None:
        self.archive = archive
        self.ann, self.mod = member(archive, "Ann"), moderator(archive)
        self.second = self.ann.send("POST", "/authors", {"name": "A. N."}).json()["id"]
        self.titles = 0

    def begin(self) -> None:
        """Take all away but those who write."""
        with self.archive.database.write() as session:
            for table in reversed(Base.metadata.sorted_tables):
                if table.name not in KEPT:
                    session.connection().execute(table.delete())
            session.connection().exec_driver_sql("DELETE FROM authors WHERE account_id IS NULL")
        self.works: list[int] = []
        self.acts: list[int] = []

    def do(self, what: str, *details: Any) -> None:
        """One deed."""
        deed: Callable[..., None] = getattr(self, f"_{what}", None) or (lambda *given: self._ask(what, *given))
        deed(*details)

    def _title(self) -> str:
        self.titles += 1
        return f"Work {self.titles}"

    def _work(self, place: int) -> int:
        return self.works[place % len(self.works)] if self.works else 0

    def _sent(self, caller: Caller, method: str, path: str, body: Any = None) -> Any:
        seen = caller.send("GET", path).headers.get("etag")
        response = caller.send(method, path, body, seen)
        assert response.status_code < 500, response.text
        return response.json() if response.status_code == 201 else None

    def _bring(self, record: dict[str, Any]) -> None:
        counts = self.archive.add_rows(record | {"title": self._title()})
        assert counts.failed == 0 or self.archive.rows[0].problem
        self.works += [row.work_id for row in self.archive.rows if row.outcome == "created" and row.work_id]

    def _post(self, members: dict[str, Any], together: bool) -> None:  # noqa: FBT001  drawn
        authors = {"author_ids": [self.second, self.ann.author_id]} if together else {}
        basis = {"title": self._title(), "fandoms": ["Ann"], "language": "en", "rating": "teen", "state": "published"}
        made = self._sent(self.ann, "POST", "/works", basis | {"warnings": ["underage"]} | members | authors)
        self.works += [made["id"]] if made else []

    def _edit(self, place: int, text: str) -> None:
        self._sent(self.ann, "PATCH", f"/works/{self._work(place)}/chapters/1", {"content": text})

    def _add(self, place: int, chapter: dict[str, Any]) -> None:
        self._sent(self.ann, "POST", f"/works/{self._work(place)}/chapters", chapter)

    def _ask(self, what: str, place: int) -> None:
        path = f"/works/{self._work(place)}"
        if what == "hide":
            self._sent(self.mod, "POST", f"{path}/hide", {"reason": "Why"})
        elif what == "kudos":
            self._sent(self.mod, "POST", f"{path}/kudos")
        elif what == "delete":
            self._sent(self.ann, "DELETE", path)
        else:
            self._sent(self.ann, "PATCH", path, {"state": "published"})

    def _row(self, places: list[int]) -> None:
        made = self._sent(self.ann, "POST", "/series", {"title": "Row", "summary": "<p>S</p>"})
        works = list({self._work(place): None for place in places})
        self._sent(self.ann, "PUT", f"/series/{made['id']}/works", {"work_ids": works})

    def _wrangle(self, how: str, name: str, other: str) -> None:
        tag, target = self.archive.tag(name), self.archive.tag(other, "fandom" if how == "parent" else "freeform")
        act = {
            "canonical": Act(tag, canonical=True), "synonym": Act(tag, canonical_id=target),
            "broader": Act(tag, add_broader=(target,)), "parent": Act(tag, add_parents=(target,)),
        }[how]  # fmt: skip
        try:
            wrangled = self.archive.wrangle(Act(target, canonical=True), act, settle=False)
        except ActRefused:
            return
        self.acts += [result.act_id for result in wrangled.results if result.act_id]

    def _undo(self, place: int) -> None:
        try:
            with self.archive.database.write() as session:
                if self.acts:
                    undo_act(session.connection(), self.acts[place % len(self.acts)], "tests")
        except (AlreadyUndone, LaterActs, TagInUse):
            return


def test_another_archive_that_takes_a_dump_in_is_the_same(archive: TestArchive, sqlite_template: Path) -> None:
    living = Living(archive)

    @settings(
        max_examples=EXAMPLES if archive.database.is_sqlite else max(1, EXAMPLES // 4),
        deadline=None,
        database=None,
        derandomize=EXAMPLES < 100,
        suppress_health_check=list(HealthCheck),
    )
    @given(st.lists(DEEDS, min_size=3, max_size=12))
    def check(deeds: list[tuple[Any, ...]]) -> None:
        living.begin()
        for deed in deeds:
            living.do(*deed)
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            dump(archive.database, folder / "dump")
            shutil.copy(sqlite_template, folder / "fanarchive.db")
            other = Database(Settings(data_dir=folder))
            try:
                counts, rows = restore(other, folder / "dump")
                assert counts.failed == 0, rows
                there, here = state_of(other), state_of(archive.database)
                for part, held in here.items():
                    assert there[part] == held, part
                assert restore(other, folder / "dump")[0].created == 0
                assert state_of(other) == there
            finally:
                other.dispose()

    check()
