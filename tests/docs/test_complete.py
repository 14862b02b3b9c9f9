"""What documents list whole is whole: settings with their defaults, errors, formats."""

from __future__ import annotations

import re

from app.config import Settings
from app.errors import ArchiveError, all_errors
from app.formats.registry import NAMES
from app.formats.tag_tables.registry import NAMES as TABLE_NAMES
from app.main import create_app
from app.search.parameters import WORKS
from tests.docs.console import ROOT
from tests.docs.settings_table import PAGE, docstrings, page, unused


def test_every_setting_has_a_docstring() -> None:
    assert docstrings().keys() == Settings.model_fields.keys()


def test_every_setting_is_used() -> None:
    assert unused() == []


def test_the_page_is_what_the_settings_say() -> None:
    assert PAGE.read_text() == page(PAGE.read_text()), "run `python -m tests.docs.write`"


def test_every_error_is_documented() -> None:
    create_app()
    text = (ROOT / "docs" / "guide" / "errors.md").read_text()
    rows = {code: int(status) for status, code in re.findall(r"^\| (\d{3}) \| `([a-z-]+)` \|", text, re.MULTILINE)}
    known = {error.code: error.status for error in all_errors() if error is not ArchiveError}
    assert rows == known


def test_every_code_inside_errors_is_documented() -> None:
    text = (ROOT / "docs" / "guide" / "errors.md").read_text()
    sources = "".join(path.read_text() for path in (ROOT / "app").rglob("*.py"))
    codes = set(re.findall(r'(?:FieldProblem|PydanticCustomError|BadValue)\(\s*"([a-z_-]+)"', sources))
    assert {code.replace("_", "-") for code in codes} <= set(re.findall(r"`([a-z-]+)`", text))


def test_every_format_is_documented() -> None:
    for page_name, names in (("importing.md", NAMES), ("wrangling-tables.md", TABLE_NAMES)):
        text = (ROOT / "docs" / "guide" / page_name).read_text()
        table = text.partition("\n## Formats\n")[2].partition("\n## ")[0]
        assert set(re.findall(r"^\| `([a-z0-9-]+)` \|", table, re.MULTILINE)) == set(names)


def test_every_filter_is_documented() -> None:
    """A parameter stands in the guide by its name, or by that of its family: `any_fandom_id` as `fandom` and `any_`."""
    text = "".join((ROOT / "docs" / "guide" / name).read_text() for name in ("filtering.md", "searching.md"))
    missing = []
    for param in WORKS.params:
        family = re.sub(r"^(any|exclude)_|_id$", "", param.name)
        prefix = re.match(r"any_|exclude_", param.name)
        known = f"`{param.name}`" in text or f"`{param.name}=" in text
        if not known and not (f"`{family}`" in text and (prefix is None or f"`{prefix[0]}`" in text)):
            missing.append(param.name)
    assert set(missing) <= {f"{name}_{end}" for name in ("comments", "bookmarks", "hits") for end in ("min", "max")}
