"""The table of settings in ``docs/operations/settings.md``, made from the settings themselves."""

from __future__ import annotations

import ast
import inspect
import re
import textwrap

from app import config
from tests.docs.console import ROOT

PAGE = ROOT / "docs" / "operations" / "settings.md"
_TABLE = re.compile(
    r"(?<=<!-- settings: written by python -m tests.docs.write -->\n).*(?=<!-- end of settings -->)", re.DOTALL
)


def docstrings() -> dict[str, str]:
    """What stands below each field."""
    (tree,) = ast.parse(textwrap.dedent(inspect.getsource(config.Settings))).body
    assert isinstance(tree, ast.ClassDef)
    found = {}
    for field, after in zip(tree.body, tree.body[1:], strict=False):
        is_text = isinstance(after, ast.Expr) and isinstance(after.value, ast.Constant)
        if isinstance(field, ast.AnnAssign) and isinstance(field.target, ast.Name) and is_text:
            assert isinstance(after, ast.Expr)
            assert isinstance(after.value, ast.Constant)
            found[field.target.id] = " ".join(str(after.value.value).replace("``", "`").split())
    return found


def table() -> str:
    """All settings, in the order of the code."""
    texts = docstrings()
    rows = ["| variable | default | |", "|---|---|---|"]
    for name, field in config.Settings.model_fields.items():
        default = field.get_default(call_default_factory=True, validated_data={})
        shown = f"`{default}`" if default is not None and str(default) else ""
        rows.append(f"| `FANARCHIVE_{name.upper()}` | {shown} | {texts[name]} |")
    return "\n" + "\n".join(rows) + "\n\n"


def unused() -> list[str]:
    """Settings that nothing in the program reads: there should be none."""
    code = "\n".join(path.read_text() for path in (ROOT / "app").rglob("*.py") if path.name != "config.py")
    own = inspect.getsource(config.Settings)
    return [name for name in config.Settings.model_fields if not re.search(rf"\.{name}\b", code + own)]


def page(text: str) -> str:
    """The page with its table as it should be."""
    return _TABLE.sub(lambda _: table(), text)
