"""The README and the guide are run: every command in them, against the demo archive, with the output they promise."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import typer

from app import cli
from tests.docs.console import ROOT, Step, blocks, documents, fits, run, steps
from tests.docs.serving import environment_of, make_demo, serving

LINK = re.compile(r"\[[^\]]*\]\(([^)#\s]*)(?:#([^)\s]*))?\)")
HEADING = re.compile(r"^#+ (.*)$", re.MULTILINE)
ALL = sorted([ROOT / "README.md", ROOT / "CHANGELOG.md", *(ROOT / "docs").rglob("*.md")])


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    data_dir = tmp_path_factory.mktemp("demo") / "data"
    make_demo(data_dir)
    return data_dir


CHANGING = ("fanarchive import", "fanarchive tags import", "fanarchive token", "/v1/accounts", "/v1/reports", "stats")
"""Documents with these commands get an archive of their own; who shows counters, since other readers are counted."""


@pytest.fixture(scope="module")
def shared(demo: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Path, int]]:
    """One server for the documents that only read. It counts who reads, and so has a copy, too."""
    data_dir = copy_of(demo, tmp_path_factory.mktemp("shared"))
    with serving(data_dir) as port:
        yield data_dir, port


def copy_of(demo: Path, folder: Path) -> Path:
    """The demo archive once more, as it was loaded."""
    return Path(shutil.copytree(demo, folder / "data", ignore=shutil.ignore_patterns("writer.lock")))


def name(path: Path) -> str:
    return str(path.relative_to(ROOT))


@pytest.mark.parametrize("document", documents(), ids=name)
def test_commands_print_what_the_document_says(
    document: Path, demo: Path, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    found = steps(document.read_text())
    assert found
    if any(command in step.command for step in found for command in CHANGING):
        data_dir = copy_of(demo, tmp_path)
        with serving(data_dir) as port:
            failed = check(found, tmp_path, data_dir, port)
    else:
        data_dir, port = request.getfixturevalue("shared")
        failed = check(found, tmp_path, data_dir, port)
    assert not failed, "\n\n".join(f"{name(document)}:{failure}" for failure in failed)


def check(found: list[Step], folder: Path, data_dir: Path, port: int) -> list[str]:
    commands = [step.command for step in found]
    failed = []
    for step, ran in zip(found, run(commands, folder, port, environment_of(data_dir)), strict=True):
        if ran.status or not fits(step.expected, ran.lines):
            printed = "\n".join(ran.lines)
            failed.append(f"{step.line}: exit status {ran.status}\n$ {step.command}\n{printed}")
    return failed


@pytest.mark.parametrize("document", ALL, ids=name)
def test_links_lead_somewhere(document: Path) -> None:
    for path, anchor in LINK.findall(document.read_text()):
        if "://" not in path:
            target = document.parent / path if path else document
            assert target.exists(), path
            assert not anchor or anchor in anchors(target), f"{path}#{anchor}"


def anchors(document: Path) -> set[str]:
    """The names that headings have in links: in small letters, without punctuation, with dashes for spaces."""
    headings = HEADING.findall(document.read_text())
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("document", ALL, ids=name)
def test_make_targets_and_subcommands_exist(document: Path) -> None:
    """Commands that cannot be run here, in blocks marked ``sh``, at least exist."""
    makefile = (ROOT / "Makefile").read_text()
    for language, first, lines in blocks(document.read_text()):
        assert language, f"{name(document)}:{first}: a block without a language"
        if language != "sh":
            continue
        for line in lines:
            for target in re.findall(r"\bmake ([a-z-]+)", line):
                assert re.search(rf"^{target}:", makefile, re.MULTILINE), line
            for command in re.findall(
                r"(?<![=\w-])fanarchive ([a-z]+[a-z-]*(?![\w.-])(?: (?:status|rebuild|upgrade|check))?)", line
            ):
                assert_exists(command)


def assert_exists(words: str) -> None:
    command: Any = typer.main.get_command(cli.app)
    for word in words.split():
        if hasattr(command, "get_command"):
            command = command.get_command(None, word)
            assert command is not None, words


def test_an_ellipsis_stands_for_anything() -> None:
    assert fits(["a … z", "…", "end"], ["a b z", "1", "2", "end"])
    assert fits(["…", "end"], ["end"])
    assert not fits(["a … z"], ["a b"])
    assert not fits(["a"], ["a", "b"])
