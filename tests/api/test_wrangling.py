"""Wrangling over HTTP: who may, what is told, what is refused, history, undoing, bins and assignments."""

from __future__ import annotations

from typing import Any

import pytest

from app.accounts.commands import issue_token
from app.tags.acts import Act
from tests.conftest import TestArchive


def work(title: str, **members: Any) -> dict[str, Any]:
    return {"title": title, "key": title, "fandoms": ["Test"], "language": "en"} | members


class Wrangler:
    """Sends requests with an operator's token."""

    def __init__(self, archive: TestArchive, *scopes: str, name: str = "wren") -> None:
        self.archive = archive
        self.headers = {"Authorization": f"Bearer {operator_token(archive, name, *(scopes or ('wrangle',)))}"}

    def send(self, method: str, path: str, status: int, body: Any = None) -> Any:
        response = self.archive.client.request(method, path, json=body, headers=self.headers)
        assert response.status_code == status, response.text
        if "archive-change" in response.headers:
            self.archive.settle()
        return response.json() if response.content else None

    def get(self, path: str, **params: Any) -> Any:
        response = self.archive.client.get(path, params=params or None, headers=self.headers)
        assert response.status_code == 200, response.text
        return response.json()


def operator_token(archive: TestArchive, name: str, *scopes: str) -> str:
    with archive.database.write() as session:
        return issue_token(session, kind="operator", name=name, scopes=scopes).text


@pytest.fixture
def wrangler(archive: TestArchive) -> Wrangler:
    return Wrangler(archive)


WRITES = [
    ("POST", "/v1/tags"), ("POST", "/v1/tags/wrangle"), ("PATCH", "/v1/tags/1"), ("DELETE", "/v1/tags/1"),
    ("POST", "/v1/tags/acts/1/undo"), ("PUT", "/v1/tags/1/wranglers/wren"), ("DELETE", "/v1/tags/1/wranglers/wren"),
    ("GET", "/v1/tags/1/history"), ("GET", "/v1/tags/bins"), ("GET", "/v1/tags/assignments"),
]  # fmt: skip


@pytest.mark.parametrize(("method", "path"), WRITES)
def test_wrangling_needs_its_scope(archive: TestArchive, method: str, path: str) -> None:
    archive.add(work("w"))
    response = archive.client.request(method, path, json={})
    assert response.status_code == 401
    assert response.headers["www-authenticate"].startswith("Bearer")
    reader = Wrangler(archive, "read", "write")
    assert reader.send(method, path, 403, {})["code"] == "insufficient-scope"


def test_a_tag_is_made_linked_and_told(archive: TestArchive, wrangler: Wrangler) -> None:
    archive.add(work("w", fandoms=["Naruto"], characters=["Sasuke"]))
    naruto = archive.tag("Naruto", "fandom")
    wrangler.send("PATCH", f"/v1/tags/{naruto}", 200, {"canonical": True})
    body = {"type": "character", "name": "  Uchiha   Sasuke ", "canonical": True, "parents": [naruto]}
    response = archive.client.post("/v1/tags", json=body, headers=wrangler.headers)
    assert response.status_code == 201
    assert response.headers["location"] == f"/v1/tags/{response.json()['id']}"
    made = response.json()
    assert (made["name"], made["canonical"], made["uses"], made["pending"]) == ("Uchiha Sasuke", True, 0, True)
    assert made["parents"] == [{"id": naruto, "type": "fandom", "name": "Naruto"}]
    archive.settle()
    again = archive.client.post("/v1/tags", json=body | {"name": "UCHIHA SASUKE"}, headers=wrangler.headers)
    assert again.status_code == 409
    assert again.json()["code"] == "tag-exists"
    assert again.headers["location"] == f"/v1/tags/{made['id']}"
    short = archive.tag("Sasuke", "character")
    edited = wrangler.send("PATCH", f"/v1/tags/{short}", 200, {"canonical_id": made["id"]})
    assert (edited["canonical_id"], edited["pending"]) == (made["id"], True)
    shown = archive.get(f"/v1/tags/{made['id']}")
    assert (shown["uses"], shown["pending"]) == (1, False)
    assert shown["synonyms"] == [{"id": short, "type": "character", "name": "Sasuke"}]
    assert archive.get(f"/v1/tags/{naruto}")["children"] == [
        {"id": made["id"], "type": "character", "name": "Uchiha Sasuke"}
    ]


def test_a_tag_is_as_it_was_written_before_the_index_knows_of_it(archive: TestArchive, wrangler: Wrangler) -> None:
    def send(method: str, path: str, **members: Any) -> Any:
        return archive.client.request(method, path, json=members, headers=wrangler.headers).json()

    def status(path: str) -> int:
        return archive.client.get(path).status_code

    fandom = send("POST", "/v1/tags", type="fandom", name="Naruto", canonical=True)["id"]
    made = send("POST", "/v1/tags", type="character", name="Sasuke", canonical=True, parents=[fandom])
    assert (made["parents"], made["parents_total"]) == ([{"id": fandom, "type": "fandom", "name": "Naruto"}], 1)
    page = f"/v1/tags/{made['id']}"
    renamed = send("PATCH", page, name="SASUKE")
    assert archive.get(page) == renamed
    spelling = send("POST", "/v1/tags", type="character", name="Sas", canonical_id=made["id"])["id"]
    assert wrangler.get(page)["synonyms"] == [{"id": spelling, "type": "character", "name": "Sas"}]
    assert archive.get(page)["synonyms_total"] == 0, "that no work carries"
    assert status(f"/v1/tags/{spelling}") == 404
    archive.settle()
    assert wrangler.get(page)["synonyms_total"] == 1
    assert archive.client.delete(f"/v1/tags/{spelling}", headers=wrangler.headers).status_code == 204
    assert archive.client.get(f"/v1/tags/{spelling}", headers=wrangler.headers).status_code == 404


def test_many_acts_are_all_or_none_and_a_dry_run_changes_nothing(archive: TestArchive, wrangler: Wrangler) -> None:
    archive.add(*(work(f"{name}{n}", freeforms=[name]) for name, count in (("A", 3), ("B", 2)) for n in range(count)))
    a, b = archive.tag("A"), archive.tag("B")
    acts = [{"tag_id": b, "canonical": True}, {"tag_id": a, "canonical_id": b}]
    tried = wrangler.send("POST", "/v1/tags/wrangle", 200, {"dry_run": True, "acts": acts})
    assert tried["change"] is None
    assert [result["works"] for result in tried["results"]] == [0, 3]
    assert tried["results"][1]["facets"] == {
        "freeform": [
            {"id": a, "name": "A", "before": 3, "after": 0}, {"id": b, "name": "B", "before": 2, "after": 5},
        ]
    }  # fmt: skip
    assert archive.get(f"/v1/tags/{b}")["canonical"] is False
    done = wrangler.send("POST", "/v1/tags/wrangle", 200, {"acts": acts})
    assert done["results"][1]["facets"] == tried["results"][1]["facets"]
    assert archive.get("/v1/works", freeform="A", after_change=done["change"])["total"] == 5
    bad = [{"tag_id": a, "canonical_id": None}, {"tag_id": a, "canonical_id": a}]
    problem = wrangler.send("POST", "/v1/tags/wrangle", 409, {"acts": bad})
    assert problem["code"] == "synonym-of-itself"
    assert problem["errors"][0]["pointer"] == "/acts/1/canonical_id"
    assert archive.get(f"/v1/tags/{a}")["canonical_id"] == b


@pytest.mark.parametrize(
    ("body", "pointer", "code"),
    [
        ({"canonical": "yes"}, "/canonical", "wrong-type"),
        ({"canonicl": True}, "/canonicl", "unknown-member"),
        ({"uses": 3}, "/uses", "read-only-member"),
        ({"canonical_id": 2**70}, "/canonical_id", "not-an-id"),
        ({"canonical_id": 999_999}, "/canonical_id", "unknown-tag"),
        ({"canonical": True, "canonical_id": 1}, "/canonical_id", "contradiction"),
        ({"add_parents": [1, "x"]}, "/add_parents/1", "not-an-id"),
        ({"parents": 5}, "/parents", "not-an-array"),
        ({"name": "a\u0000b"}, "/name", "name-control-character"),
        ({"name": "x" * 151}, "/name", "name-too-long"),
        ([], "", "not-an-object"),
    ],
)
def test_a_bad_edit_names_its_place(
    archive: TestArchive, wrangler: Wrangler, body: Any, pointer: str, code: str
) -> None:
    archive.add(work("w"))
    problem = wrangler.send("PATCH", "/v1/tags/1", 422, body)
    assert [(one["pointer"], one["code"]) for one in problem["errors"]] == [(pointer, code)]


def test_wranglers_change_case_and_accents_admins_the_whole_name(archive: TestArchive, wrangler: Wrangler) -> None:
    archive.add(work("w", freeforms=["amelie"]))
    tag = archive.tag("amelie")
    assert wrangler.send("PATCH", f"/v1/tags/{tag}", 200, {"name": "Amélie"})["name"] == "Amélie"
    assert wrangler.send("PATCH", f"/v1/tags/{tag}", 403, {"name": "Emily"})["code"] == "rename-needs-admin"
    admin = Wrangler(archive, "wrangle", "admin", name="root")
    assert admin.send("PATCH", f"/v1/tags/{tag}", 200, {"name": "Emily"})["name"] == "Emily"
    assert archive.titles(freeform="emily") == ["w"]
    assert archive.get("/v1/works")["items"][0]["freeforms"][0]["name"] == "Emily"
    archive.add(work("x", freeforms=["Other"]))
    taken = admin.send("PATCH", f"/v1/tags/{tag}", 409, {"name": "OTHER"})
    assert taken["code"] == "name-taken"


def test_history_tells_and_an_act_is_undone(archive: TestArchive, wrangler: Wrangler) -> None:
    archive.add(work("w", freeforms=["A"]), work("v", freeforms=["B"]))
    a, b = archive.tag("A"), archive.tag("B")
    wrangler.send("PATCH", f"/v1/tags/{b}", 200, {"canonical": True})
    wrangler.send("PATCH", f"/v1/tags/{a}", 200, {"canonical_id": b})
    items = wrangler.get(f"/v1/tags/{b}/history")["items"]
    assert [(one["by"], one["asked"]) for one in items] == [
        ("wren", {"canonical_id": b}),
        ("wren", {"canonical": True}),
    ]
    synonym, mark = (one["id"] for one in items)
    refused = wrangler.send("POST", f"/v1/tags/acts/{mark}/undo", 409)
    assert refused["code"] == "later-acts"
    assert str(synonym) in refused["detail"]
    undone = wrangler.send("POST", f"/v1/tags/acts/{synonym}/undo", 200)
    assert undone["works"] == 1
    assert archive.titles(freeform="B") == ["v"]
    assert wrangler.send("POST", f"/v1/tags/acts/{synonym}/undo", 409)["code"] == "already-undone"
    wrangler.send("POST", f"/v1/tags/acts/{mark}/undo", 200)
    assert wrangler.send("POST", "/v1/tags/acts/999/undo", 404)["code"] == "act-not-found"
    items = wrangler.get(f"/v1/tags/{b}/history", limit=2)
    assert items["total"] == 4
    assert [one["undone"] for one in items["items"]] == [False, False]
    rest = wrangler.get(f"/v1/tags/{b}/history", limit=2, cursor=items["next"])
    assert [one["undone"] for one in rest["items"]] == [True, True]
    assert rest["next"] is None
    # The undoing is an act, too; what it had undone holds again, and can be undone again.
    wrangler.send("POST", f"/v1/tags/acts/{items['items'][0]['id']}/undo", 200)
    assert archive.get(f"/v1/tags/{b}")["canonical"] is True
    wrangler.send("POST", f"/v1/tags/acts/{mark}/undo", 200)
    assert archive.get(f"/v1/tags/{b}")["canonical"] is False


def test_only_an_unused_tag_is_deleted_and_comes_back(archive: TestArchive, wrangler: Wrangler) -> None:
    archive.add(work("w", freeforms=["used"]))
    used = archive.tag("used")
    assert wrangler.send("DELETE", f"/v1/tags/{used}", 409)["code"] == "tag-in-use"
    made = wrangler.send("POST", "/v1/tags", 201, {"type": "relationship", "name": "A/B", "canonical": True})
    wrangler.send("DELETE", f"/v1/tags/{made['id']}", 204)
    assert archive.client.get(f"/v1/tags/{made['id']}").status_code == 410
    last = wrangler.get(f"/v1/tags/{made['id']}/history")["items"][0]
    wrangler.send("POST", f"/v1/tags/acts/{last['id']}/undo", 200)
    shown = archive.get(f"/v1/tags/{made['id']}")
    assert (shown["name"], shown["canonical"], shown["kind"]) == ("A/B", True, "romantic")


def test_a_spelling_that_nobody_may_see_exists_for_wranglers(archive: TestArchive, wrangler: Wrangler) -> None:
    archive.add(work("hidden", freeforms=["Secret"], state="draft"))
    tag = archive.tag("Secret")
    wrangler.send("PATCH", f"/v1/tags/{tag}", 200, {"canonical": True})
    wrangler.send("PATCH", f"/v1/tags/{tag}", 200, {"canonical": False})
    assert archive.problem(f"/v1/tags/{tag}", 404)["code"] == "tag-not-found"
    assert wrangler.get(f"/v1/tags/{tag}")["name"] == "Secret"


def test_stats_tell_years_ratings_languages_and_company(archive: TestArchive) -> None:
    archive.add(
        work("a", freeforms=["Fluff", "Tea"], published_at="2019-12-31", revised_at="2020-05-05", rating="teen"),
        work("b", freeforms=["Fluff", "Tea"], published_at="2020-01-01", revised_at="2020-05-05", language="fr"),
        work("c", freeforms=["Fluff"], published_at="1969-07-20", revised_at="2020-05-05", visibility="registered"),
    )
    stats = archive.get(f"/v1/tags/{archive.tag('Fluff')}/stats")
    assert stats["uses"] == 2
    assert stats["years"] == [{"value": "2019", "count": 1}, {"value": "2020", "count": 1}]
    assert {row["value"]: row["count"] for row in stats["languages"]} == {"en": 1, "fr": 1}
    assert {row["value"]: row["count"] for row in stats["ratings"]} == {"teen": 1, "not_rated": 1}
    assert [(row["name"], row["count"]) for row in stats["occurs_with"]["freeform"]] == [("Tea", 2)]
    archive.problem("/v1/tags/999/stats", 404)


def test_bins_hold_what_is_unwrangled_with_reasons(archive: TestArchive, wrangler: Wrangler) -> None:
    archive.add(
        work("1", fandoms=["Naruto"], characters=["Uchiha Sasuke", "Uzumaki Naruto"],
             relationships=["Uchiha Sasuke/Uzumaki Naruto"], freeforms=["Fluff", "Hurt/Comfort"]),
        work("2", fandoms=["Naruto"], characters=["uchiha-sasuke", "Sasuke U."], freeforms=["flufff", "hurt comfort"],
             relationships=["Uzumaki Naruto/Uchiha Sasuke"]),
        work("3", fandoms=["Naruto"], freeforms=["flufff"], relationships=["SasuNaru!"]),
        work("4", fandoms=["Bleach"], freeforms=["unlike anything"]),
    )  # fmt: skip
    naruto = archive.tag("Naruto", "fandom")
    sasuke, name = archive.tag("Uchiha Sasuke", "character"), archive.tag("Uzumaki Naruto", "character")
    pairing = archive.tag("Uchiha Sasuke/Uzumaki Naruto", "relationship")
    fluff, comfort = archive.tag("Fluff"), archive.tag("Hurt/Comfort")
    archive.wrangle(
        *(Act(one, canonical=True) for one in (naruto, sasuke, name, pairing, fluff, comfort)),
        Act(archive.tag("SasuNaru", "relationship"), canonical_id=pairing),
    )
    page = wrangler.get("/v1/tags/bins", fandom="naruto")
    entries = {entry["name"]: entry for entry in page["items"]}
    assert page["total"] == len(entries) == 6
    assert page["items"][0]["name"] == "flufff"
    assert page["items"][0]["uses"] == 2

    def best(entry: str) -> tuple[int, str]:
        first = entries[entry]["suggestions"][0]
        return first["tag"]["id"], first["reason"]

    assert best("uchiha-sasuke") == (sasuke, "spelling")
    assert best("Uzumaki Naruto/Uchiha Sasuke") == (pairing, "members")
    assert best("flufff") == (fluff, "near-name")
    assert best("hurt comfort") == (comfort, "spelling")
    assert best("SasuNaru!") == (pairing, "alias")
    company = entries["Sasuke U."]["suggestions"]
    assert (naruto, {"add_parents": [naruto]}) in [(one["tag"]["id"], one["act"]) for one in company]
    assert [one["name"] for one in wrangler.get("/v1/tags/bins", fandom_id=naruto, type="freeform")["items"]] == [
        "flufff", "hurt comfort",
    ]  # fmt: skip
    first = wrangler.get("/v1/tags/bins", fandom="Naruto", limit=4)
    rest = wrangler.get("/v1/tags/bins", fandom="Naruto", limit=4, cursor=first["next"])
    assert [one["id"] for one in first["items"] + rest["items"]] == [one["id"] for one in page["items"]]
    assert rest["next"] is None
    everywhere = wrangler.get("/v1/tags/bins", type="freeform")
    assert "unlike anything" in [one["name"] for one in everywhere["items"]]
    # The act that a suggestion names does what it says.
    sent = entries["flufff"]["suggestions"][0]["act"]
    wrangler.send("PATCH", f"/v1/tags/{entries['flufff']['id']}", 200, sent)
    assert archive.get("/v1/works", freeform="Fluff")["total"] == 3


def test_fandoms_are_looked_after(archive: TestArchive, wrangler: Wrangler) -> None:
    archive.add(work("1", fandoms=["Naruto"], freeforms=["odd"]), work("2", fandoms=["Bleach"], freeforms=["even"]))
    naruto, odd = archive.tag("Naruto", "fandom"), archive.tag("odd")
    for _ in range(2):
        wrangler.send("PUT", f"/v1/tags/{naruto}/wranglers/wren", 204)
    assert wrangler.send("PUT", f"/v1/tags/{naruto}/wranglers/robin", 403)["code"] == "forbidden"
    Wrangler(archive, "wrangle", "admin", name="root").send("PUT", f"/v1/tags/{naruto}/wranglers/robin", 204)
    assert wrangler.send("PUT", f"/v1/tags/{odd}/wranglers/wren", 422)["errors"][0]["code"] == "not-a-fandom"
    assert wrangler.send("PUT", "/v1/tags/999/wranglers/wren", 404)["code"] == "tag-not-found"
    listed = wrangler.get("/v1/tags/assignments")["items"]
    assert [(one["fandom"]["name"], one["wrangler"]) for one in listed] == [("Naruto", "robin"), ("Naruto", "wren")]
    assert [one["name"] for one in wrangler.get("/v1/tags/bins", assigned="true")["items"]] == ["odd"]
    wrangler.send("DELETE", f"/v1/tags/{naruto}/wranglers/wren", 204)
    assert wrangler.get("/v1/tags/assignments", wrangler="wren")["total"] == 0
    assert wrangler.get("/v1/tags/bins", assigned="true") == {"items": [], "total": 0, "next": None}


def test_a_repeated_request_is_done_once(archive: TestArchive, wrangler: Wrangler) -> None:
    archive.add(work("w", freeforms=["A"]))
    acts = {"acts": [{"tag_id": archive.tag("A"), "canonical": True}]}
    headers = wrangler.headers | {"Idempotency-Key": "once"}
    first, again = (archive.client.post("/v1/tags/wrangle", json=acts, headers=headers) for _ in range(2))
    assert first.status_code == again.status_code == 200
    assert first.content == again.content
    assert again.headers["idempotency-replayed"] == "true"
    assert wrangler.get(f"/v1/tags/{archive.tag('A')}/history")["total"] == 1
    made = {"type": "character", "name": "Once"}
    headers["Idempotency-Key"] = "twice"
    codes = [archive.client.post("/v1/tags", json=made, headers=headers).status_code for _ in range(2)]
    assert codes == [201, 201]
