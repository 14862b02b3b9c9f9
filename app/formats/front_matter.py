"""The block before a Markdown file's text: ``name: value`` lines as YAML has them, TOML, JSON, or pandoc's title block.

Of YAML it is what people write by hand: lists of either kind, quotes, folded lines, one level of names in names.
"""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Iterator
from typing import Any

from app.formats.json_values import load_object
from app.formats.problems import Unreadable

Values = dict[str, list[str]]
"""Names in lower case with blanks, and their values; a name within a name stands behind it: ``series index``."""

_YAML = re.compile(
    r"---[ \t]*\n(?P<lines>(?:(?!---[ \t]*$|\.\.\.[ \t]*$).*\n){1,200}?)(?:---|\.\.\.)[ \t]*(?:\n|$)", re.MULTILINE
)
_TOML = re.compile(r"\+\+\+[ \t]*\n(?P<lines>(?:(?!\+\+\+[ \t]*$).*\n){1,200}?)\+\+\+[ \t]*(?:\n|$)", re.MULTILINE)
_JSON = re.compile(
    r"(?:---[ \t]*json|;;;)[ \t]*\n(?P<lines>(?:(?!---[ \t]*$|;;;[ \t]*$).*\n){1,500}?)(?:---|;;;)[ \t]*(?:\n|$)",
    re.MULTILINE | re.IGNORECASE,
)
_OBJECT = re.compile(r"\{\s*\"")
_LONGEST_OBJECT = 64_000
_PANDOC = re.compile(r"%[ \t]+(?P<title>\S.*)\n(?:%[ \t]*(?P<authors>.*)\n)?(?:%[ \t]*(?P<date>.*)\n)?")
_LINE = re.compile(r"(?P<name>[^\W\d_][\w ./()-]{0,40}?)[ \t]*:(?:[ \t]+(?P<value>.*))?")
_ITEM = re.compile(r"\s*-(?:\s+(?P<value>\S.*))?")
_QUOTES = r"'(?P<single>(?:[^']|'')*)'|\"(?P<double>(?:[^\"\\]|\\.)*)\""
_QUOTED = re.compile(rf"(?:{_QUOTES})\s*(?:#.*)?")
_PART = re.compile(rf"\s*(?:{_QUOTES}|(?P<plain>[^,]*))\s*(?:,|$)")
_COMMENT = re.compile(r"\s+#\s.*$")
_FOLDED = frozenset({">", "|", ">-", "|-", ">+", "|+"})


def cut_front(text: str) -> tuple[Values, str]:
    """What the block before a text says, and the text behind it; nothing and all of it where there is no block."""
    for pattern, read in ((_JSON, _json), (_YAML, _yaml), (_TOML, _toml)):
        found = pattern.match(text)
        values = read(found["lines"]) if found is not None else None
        if found is not None and values:
            return values, text[found.end() :]
    if _OBJECT.match(text):
        return _object(text)
    block = _PANDOC.match(text)
    if block is None:
        return {}, text
    authors = [name.strip() for name in re.split(r"[;\n]", block["authors"] or "") if name.strip()]
    said = {"title": [block["title"].strip()], "authors": authors, "date": [(block["date"] or "").strip()]}
    return {name: values for name, values in said.items() if any(values)}, text[block.end() :]


def looks_like_front(text: str) -> bool:
    """Whether a text begins with such a block."""
    return bool(cut_front(text)[0])


def read_lines(text: str) -> Values:
    """What a text says that is nothing but such a block, of YAML without its marks; nothing where it is another."""
    try:
        return cut_front(text)[0] or _yaml(text.removeprefix("---\n")) or {}
    except RecursionError:
        return {}


def _object(text: str) -> tuple[Values, str]:
    """A JSON object with a text behind it: on lines of its own, so that lines of JSON are none."""
    try:
        _, end = json.JSONDecoder().raw_decode(text[:_LONGEST_OBJECT])
    except (ValueError, RecursionError):
        return {}, text
    rest = text[end:]
    values = _json(text[:end]) if "\n" in text[:end] and rest.startswith("\n") and rest.strip() else None
    if not values or rest.lstrip()[0] in "{[":
        return {}, text
    return values, rest.lstrip("\n")


def _json(lines: str) -> Values | None:
    try:
        told = load_object(lines.encode("utf-8", "surrogatepass"))
        return {name: values for name, values in _flat(told, "") if name and any(values)}
    except (Unreadable, RecursionError):
        return None


def _toml(lines: str) -> Values | None:
    try:
        return dict(_flat(tomllib.loads(lines), ""))
    except (tomllib.TOMLDecodeError, RecursionError):
        return None


def _flat(told: dict[str, Any], before: str) -> Iterator[tuple[str, list[str]]]:
    for name, value in told.items():
        key = f"{before}{_named(name)}"
        if isinstance(value, dict):
            yield from _flat(value, f"{key} ")
        else:
            values = value if isinstance(value, list) else [value]
            yield key, [str(one) for one in values if one is not None and not isinstance(one, dict | list)]


def _yaml(text: str) -> Values | None:
    """Lines of names and values; ``None`` where they are something else."""
    values: Values = {}
    name, folded = "", False
    for line in text.split("\n"):
        found, item = _LINE.fullmatch(line.rstrip()), _ITEM.fullmatch(line.rstrip())
        inner = _LINE.fullmatch(line.strip()) if line[:1] in {" ", "\t"} and not folded else None
        if found is not None:
            name = _named(found["name"])
            value = (found["value"] or "").strip()
            folded = value in _FOLDED
            values[name] = [] if folded else list(_values(value))
        elif item is not None and name and not folded:
            values[name] += [_plain(item["value"] or "")]
        elif inner is not None and name and not any(values[name]):
            values[f"{name} {_named(inner['name'])}"] = list(_values((inner["value"] or "").strip()))
        elif line.strip() and name and line[0] in " \t":
            values[name] = [" ".join([*values[name], line.strip()])]
        elif line.strip() and not line.startswith("#"):
            return None
    return values


def _named(name: str) -> str:
    return name.strip().lower().replace("_", " ")


def _values(text: str) -> Iterator[str]:
    """A value, or those of a list in brackets."""
    if text.startswith("[") and text.rstrip().endswith("]"):
        place, inner = 0, text.rstrip()[1:-1]
        while place < len(inner) and (part := _PART.match(inner, place)) is not None and part.end() > place:
            yield _unquoted(part)
            place = part.end()
    elif text:
        yield _plain(text)


def _plain(text: str) -> str:
    """A value without its quotes, and without the comment behind it."""
    quoted = _QUOTED.fullmatch(text)
    return _unquoted(quoted) if quoted is not None else _COMMENT.sub("", text).strip()


def _unquoted(part: re.Match[str]) -> str:
    if part["single"] is not None:
        return part["single"].replace("''", "'")
    if part["double"] is not None:
        return re.sub(r"\\(.)", r"\1", part["double"])
    return part["plain"].strip()
