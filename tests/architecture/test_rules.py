"""The house rules that a machine can hold; those about imports are held by import-linter (``pyproject.toml``)."""

from __future__ import annotations

import ast
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path
from typing import Any, TypeGuard

import pytest
from fastapi.routing import APIRoute
from sqlalchemy.orm import configure_mappers

from app.accounts.commands import issue_token
from app.accounts.rules import SCOPES
from app.main import create_app
from app.models import Base
from tests.conftest import TestArchive

ROOT = Path(__file__).resolve().parents[2]
APP = sorted((ROOT / "app").rglob("*.py"))
CODE = sorted(path for folder in ("app", "tests", "migrations", "benchmarks") for path in (ROOT / folder).rglob("*.py"))
LINES_OF_A_HANDLER = 25
LINES_OF_A_FILE = 500
COMMITTERS = {"app/db/engine.py", "app/search/writing.py", "migrations/env.py"}
"""The one place that ends transactions, the writers of index files, and Alembic's own connection.

What is measured against in ``benchmarks/`` are programs of their own, with databases of their own."""
pytestmark = pytest.mark.no_cover  # sources are read, hardly any of them run
SAYS_NOTHING = {"utils", "util", "helpers", "helper", "common", "manager", "managers", "service", "services", "misc"}
# In brackets, so that this file passes its own rule.
LATER = re.compile(r"\b(?:[T]ODO|[F]IXME|[X]XX)\b")
Function = ast.FunctionDef | ast.AsyncFunctionDef
CAMEL_CASE = re.compile(r"[a-z]+(?:[A-Z][a-z0-9]*)*")


def name(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


@cache
def tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text(), str(path))


def places(path: Path, nodes: Iterator[ast.AST]) -> list[str]:
    return [f"{name(path)}:{getattr(node, 'lineno', 0)}" for node in nodes]


def is_handler(node: ast.AST) -> TypeGuard[Function]:
    if not isinstance(node, Function):
        return False
    calls = (decorator.func for decorator in node.decorator_list if isinstance(decorator, ast.Call))
    return any(
        isinstance(call, ast.Attribute) and isinstance(call.value, ast.Name) and call.value.id == "router"
        for call in calls
    )


def length(node: Function) -> int:
    """Lines from ``def`` to the end, decorators not counted."""
    assert node.end_lineno is not None
    return node.end_lineno - node.lineno + 1


def test_a_handler_fits_on_a_screen() -> None:
    handlers = [(path, node) for path in APP for node in ast.walk(tree(path)) if is_handler(node)]
    assert len(handlers) >= 20, "the handlers are no longer found"
    assert not [f"{name(path)}:{node.lineno}" for path, node in handlers if length(node) > LINES_OF_A_HANDLER]


def test_files_are_short() -> None:
    lengths = {name(path): len(path.read_text().splitlines()) for path in CODE}
    assert not {path: lines for path, lines in lengths.items() if lines > LINES_OF_A_FILE}


def commits(path: Path) -> Iterator[ast.AST]:
    for node in ast.walk(tree(path)):
        # With arguments it is that of the index: `writer.commit(name, position)`.
        if isinstance(node, ast.Call) and not node.args and getattr(node.func, "attr", "") == "commit":
            yield node


def test_only_one_place_commits() -> None:
    ours = [path for path in CODE if name(path) not in COMMITTERS and not name(path).startswith("benchmarks/")]
    found = [place for path in ours for place in places(path, commits(path))]
    assert not found
    assert len(list(commits(ROOT / "app/db/engine.py"))) == 1


def test_nothing_is_loaded_behind_our_back() -> None:
    configure_mappers()
    lazy = {
        f"{mapper.class_.__name__}.{relation.key}": relation.lazy
        for mapper in Base.registry.mappers
        for relation in mapper.relationships
    }
    assert set(lazy.values()) <= {"raise"}, lazy


def test_modules_have_names_that_say_something() -> None:
    named = [path for path in (ROOT / "app").rglob("*") if path.is_dir() or path.suffix == ".py"]
    assert not [name(path) for path in named if path.stem.strip("_") in SAYS_NOTHING]


def test_nothing_is_left_for_later() -> None:
    assert not [name(path) for path in CODE if LATER.search(path.read_text())]


def late_imports(path: Path) -> Iterator[ast.AST]:
    for function in ast.walk(tree(path)):
        if isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda):
            yield from (node for node in ast.walk(function) if isinstance(node, ast.Import | ast.ImportFrom))


def test_imports_stand_at_the_top() -> None:
    assert not [place for path in CODE for place in places(path, late_imports(path))]


def test_imports_are_absolute() -> None:
    found = [
        place
        for path in CODE
        for place in places(
            path, (node for node in ast.walk(tree(path)) if isinstance(node, ast.ImportFrom) and node.level)
        )
    ]
    assert not found


def test_only_search_knows_the_engine() -> None:
    users = [
        name(path)
        for path in APP
        for node in ast.walk(tree(path))
        if isinstance(node, ast.Import) and any(alias.name.partition(".")[0] == "tantivy" for alias in node.names)
    ]
    assert users
    assert not [path for path in users if not path.startswith("app/search/")]


@cache
def routes() -> tuple[tuple[str, str, str | None], ...]:
    """Method, path and operation id of every operation."""
    return tuple(_routes(create_app().routes))


def _routes(found: Iterable[Any], prefix: str = "") -> Iterator[tuple[str, str, str | None]]:
    """Included routers may be routes of their own, with routes in them."""
    for route in found:
        if isinstance(route, APIRoute):
            yield from ((method, prefix + route.path, route.operation_id) for method in sorted(route.methods or ()))
            continue
        inner = getattr(route, "original_router", None)
        if inner is not None:
            yield from _routes(inner.routes, prefix + route.include_context.prefix)


def test_every_operation_has_an_id_of_its_own() -> None:
    ids = [operation for _, _, operation in routes()]
    assert len(ids) >= 20
    assert not [one for one in ids if one is None or CAMEL_CASE.fullmatch(one) is None]
    assert not [one for one, count in Counter(ids).items() if count > 1]


def test_every_read_refuses_a_misspelt_parameter(archive: TestArchive) -> None:
    reads = [path for method, path, _ in routes() if method == "GET"]
    assert len(reads) >= 20
    with archive.database.write() as session:
        token = issue_token(session, kind="operator", name="t", scopes=["admin"]).text
    archive.client.headers["Authorization"] = f"Bearer {token}"
    for path in reads:
        problem = archive.problem(re.sub(r"\{\w+\}", "1", path), lmit="3")
        codes = [error["code"] for error in problem["errors"]]
        assert "unknown-parameter" in codes, path


def test_a_misspelt_parameter_is_told_with_a_suggestion(archive: TestArchive) -> None:
    document = create_app().openapi()
    for path, operations in document["paths"].items():
        names = [one["name"] for one in operations.get("get", {}).get("parameters", []) if one["in"] == "query"]
        if not names:
            continue
        misspelt = names[0] + "z" if names[0] != "q" else names[-1] + "z"
        problem = archive.problem(re.sub(r"\{\w+\}", "1", path), 422, **{misspelt: "1"})
        assert any(error.get("suggestion") for error in problem["errors"]), path


def test_an_operation_wants_the_scope_that_it_declares(archive: TestArchive) -> None:
    """Whoever has no token is told so, and whoever has another scope is told which it needs, whatever the body is."""
    with archive.database.write() as session:
        other = {
            needed: issue_token(session, kind="operator", name="t", scopes=[held]).text
            for needed, held in {scope: "read" if scope != "read" else "import" for scope in SCOPES}.items()
        }
    declared = [
        (method, re.sub(r"\{\w+\}", "1", path), operation["security"][-1]["bearer"][0])
        for path, operations in create_app().openapi()["paths"].items()
        for method, operation in operations.items()
        if operation.get("security", [{"bearer": []}])[-1]["bearer"]
    ]
    assert declared
    for method, path, scope in declared:
        refused = archive.client.request(method, path)
        assert (refused.status_code, refused.json()["code"]) == (401, "unauthenticated"), (method, path)
        lacking = archive.client.request(method, path, headers={"Authorization": f"Bearer {other[scope]}"})
        assert (lacking.status_code, lacking.json()["code"]) == (403, "insufficient-scope"), (method, path)
        assert f'scope="{scope}"' in lacking.headers["www-authenticate"], (method, path)


@pytest.mark.parametrize("decision", sorted((ROOT / "docs" / "decisions").glob("*.md")), ids=lambda path: path.stem)
def test_decisions_name_files_that_exist(decision: Path) -> None:
    named = re.findall(r"`((?:app|tests|docs|migrations)/[\w./-]+)`", decision.read_text())
    assert named, "a decision names its files and its checks"
    assert not [path for path in named if not (ROOT / path).exists()]


def takes_an_archive_before_it_knows_who_asks(handler: Function) -> bool:
    """Whether a function takes ``request.state.archive`` above the line that finds out the caller."""
    known = [
        node.lineno
        for node in ast.walk(handler)
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Name)
        and node.func.id in {"viewer_of", "viewer_with"}
    ]
    taken = [node.lineno for node in ast.walk(handler) if isinstance(node, ast.Attribute) and node.attr == "archive"]
    return bool(known and taken) and min(taken) <= min(known)


def test_who_asks_is_known_before_an_archive_is_taken() -> None:
    """Who has a token gets the one that does not lag (``app/accounts/deps.py``)."""
    found = [
        place
        for path in APP
        for place in places(
            path,
            (
                node
                for node in ast.walk(tree(path))
                if isinstance(node, Function) and takes_an_archive_before_it_knows_who_asks(node)
            ),
        )
    ]
    assert found == []
