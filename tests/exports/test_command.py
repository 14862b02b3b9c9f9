"""``fanarchive export``: files that appear whole and come in again."""

from __future__ import annotations

import csv
from pathlib import Path

import orjson
import pytest

from tests.test_migrations import fanarchive


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """For all, since nothing here changes it."""
    folder = tmp_path_factory.mktemp("demo") / "data"
    made = fanarchive(folder, "demo")
    assert made.returncode == 0, made.stderr
    return folder


def test_what_goes_out_comes_in(demo: Path, tmp_path: Path) -> None:
    dump, table = tmp_path / "works.ndjson", tmp_path / "works.csv"
    done = fanarchive(demo, "export", "--to", str(dump))
    assert done.returncode == 0, done.stderr
    lines = [orjson.loads(line) for line in dump.read_bytes().splitlines()]
    assert done.stdout == f"{len(lines)} works in {dump}\n"
    assert not list(tmp_path.glob("*.part"))
    assert any(line.get("chapters") for line in lines)
    again = fanarchive(tmp_path / "other", "import", str(dump))
    assert f"{len(lines)} created" in again.stdout, again.stdout + again.stderr

    assert fanarchive(demo, "export", "--to", str(table)).returncode == 0
    with table.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [row["title"] for row in rows] == [line["title"] for line in lines]
    again = fanarchive(tmp_path / "third", "import", str(table))
    assert f"{len(lines)} created" in again.stdout, again.stdout + again.stderr
    other = fanarchive(tmp_path / "third", "export", "--to", "-")
    copies = [orjson.loads(line) for line in other.stdout.splitlines()]
    for name in ("title", "rating", "warnings", "categories", "status", "words", "stats", "language"):
        assert [copy.get(name) for copy in copies] == [line.get(name) for line in lines], name
    for name in ("authors", "fandoms", "characters", "relationships", "freeforms"):
        names = [[[one["name"] for one in work.get(name, ())] for work in works] for works in (copies, lines)]
        assert names[0] == names[1], name


def test_filters_are_those_of_lists(demo: Path) -> None:
    everything = fanarchive(demo, "export", "--to", "-").stdout.splitlines()
    french = fanarchive(demo, "export", "language=fr", "words_min=10", "--to", "-").stdout.splitlines()
    expected = [line for line in everything if orjson.loads(line)["language"] == "fr"]
    assert french
    assert french == expected
    for wrong, said in (
        ("languge=fr", "Did you mean language?"),
        ("language", "name=value"),
        ("words_min=x", "words_min"),
    ):
        refused = fanarchive(demo, "export", wrong, "--to", "-")
        assert (refused.returncode, refused.stdout) == (2, "")
        assert said in refused.stderr
    assert fanarchive(demo, "export", "--to", "-", "--format", "xls").returncode == 2
    wrong_names = ["character=Sherlok Holmes", "exclude_freeform=Flufff", "fandom_id=99999", "relationship_with=Nobody",
                   "exclude_author=Nobody", "author_id=99999", "series_id=99999"]  # fmt: skip
    refused = fanarchive(demo, "export", *wrong_names, "language=fr", "--to", str(demo.parent / "works.zip"))
    assert (refused.returncode, refused.stdout) == (2, "")
    told = refused.stderr.splitlines()
    assert [line.partition(":")[0] for line in told] == [one.partition("=")[0] for one in wrong_names]
    assert told[0].startswith("character: nothing here is called Sherlok Holmes. Did you mean Sherlock Holmes, or ")
    assert told[2] == "fandom_id: nothing here is called 99999."
    assert [one.name for one in demo.parent.iterdir()] == ["data"]
