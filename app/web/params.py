"""Query parameters, declared once: checks, clear errors, and their part of the OpenAPI document.

Written for us because validating some eighty parameters by a model costs as much as the rest of a request. Strict: an
unknown name, a bad value or a repeated single parameter is an error that names it, never a wider result.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal
from urllib.parse import unquote_to_bytes

from app.errors import FieldProblem, Invalid
from app.kit.pointers import json_pointer
from app.kit.text import find_bad_character

Kind = Literal["text", "integer", "boolean", "token", "csv", "moment"]
LONGEST = 1_000
MOST_VALUES = 200
_HALF_ESCAPE = re.compile(rb"%(?![0-9A-Fa-f]{2})")
_INTEGER = re.compile(r"-?[0-9]{1,30}")
_JSON_TYPES = {"text": str, "integer": int, "boolean": bool, "token": str, "csv": str, "moment": str}
_SCHEMA_TYPES = {"integer": "integer", "boolean": "boolean"}


@dataclass(frozen=True, slots=True)
class Param:
    """One parameter. ``parse`` turns checked text into its value and raises ``ValueError`` saying what is possible.

    A ``csv`` takes some of the names in ``enum``, separated by commas.
    """

    name: str
    kind: Kind
    doc: str
    repeat: bool = False
    enum: Sequence[str] = ()
    minimum: int | None = None
    maximum: int | None = None
    max_length: int = LONGEST
    example: Any = None
    default: Any = None
    parse: Callable[[str], Any] | None = None
    required: bool = False
    nullable: bool = False
    """In JSON, whether ``null`` is a value."""

    def read(self, text: str) -> Any:
        """The value of a text; raises ``_Bad`` with the code and what is possible."""
        if len(text) > self.max_length:
            raise _Bad("too-long", f"It has {len(text)} characters, the limit is {self.max_length}.")
        if not text.isascii() or not text.isprintable():
            bad = find_bad_character(text)
            if bad is not None:
                raise _Bad("bad-character", f"There is a {bad[1]} at offset {bad[0]}.")
        if self.kind == "integer":
            return self._integer(text)
        if self.kind == "boolean":
            return _boolean(text)
        return self._text(text)

    def _text(self, text: str) -> Any:
        if self.kind == "csv":
            return self._names(text)
        if self.parse is not None:
            try:
                return self.parse(text)
            except ValueError as error:
                raise _Bad("bad-value", f"It has to be {error}.") from error
        if self.enum and text not in self.enum:
            raise _Bad("bad-value", f"It has to be one of {', '.join(self.enum)}.", _near(text, self.enum))
        if not text.strip():
            raise _Bad("empty", "It is empty.")
        return text

    def _names(self, text: str) -> tuple[str, ...]:
        names = tuple(dict.fromkeys(text.split(",")))
        for name in names:
            if name not in self.enum:
                detail = f"It has to be some of {', '.join(self.enum)}, separated by commas."
                raise _Bad("bad-value", detail, _near(name, self.enum))
        return names

    def _integer(self, text: str) -> int:
        if not _INTEGER.fullmatch(text):
            raise _Bad("not-an-integer", f"It has to be a whole number{self._range()}.")
        return self.in_range(int(text))

    def in_range(self, number: int) -> int:
        """The number, if it lies in the parameter's range."""
        low, high = self.minimum, self.maximum
        if (low is not None and number < low) or (high is not None and number > high):
            raise _Bad("out-of-range", f"It has to be a whole number{self._range(number)}.")
        return number

    def _range(self, number: int = 0) -> str:
        """What is possible; the largest number of all is named to those alone who went beyond it."""
        if self.maximum is not None and (self.maximum < 2**63 - 1 or number > self.maximum):
            return f" from {self.minimum or 0} to {self.maximum}"
        return f" from {self.minimum}" if self.minimum is not None else ""

    def schema(self) -> dict[str, Any]:
        """The JSON Schema of one value."""
        schema: dict[str, Any] = {"type": _SCHEMA_TYPES.get(self.kind, "string")}
        if self.enum and self.kind != "csv":
            schema["enum"] = list(self.enum)
        if self.kind == "integer":
            schema |= {"format": "int64"}
            schema |= {"minimum": self.minimum} if self.minimum is not None else {}
            schema |= {"maximum": self.maximum} if self.maximum is not None else {}
        elif self.kind != "boolean" and "enum" not in schema:
            schema["maxLength"] = self.max_length
        if self.default is not None:
            schema["default"] = self.default
        return schema


class _Bad(Exception):
    def __init__(self, code: str, detail: str, suggestion: str | None = None) -> None:
        super().__init__(detail)
        self.code = code
        self.detail = detail
        self.suggestion = suggestion


def _boolean(text: str) -> bool:
    if text not in {"true", "false"}:
        raise _Bad("not-a-boolean", "It is true or false.")
    return text == "true"


def _near(name: str, names: Sequence[str]) -> str | None:
    found = difflib.get_close_matches(name[:100], names, 1)
    return found[0] if found else None


@dataclass(slots=True)
class ParamSet:
    """The parameters of one operation."""

    params: list[Param] = field(default_factory=list)
    by_name: dict[str, Param] = field(init=False)

    def __post_init__(self) -> None:
        """Index the parameters by name."""
        self.by_name = {param.name: param for param in self.params}

    def parse(self, query: bytes) -> dict[str, Any]:
        """Values by name (lists where repeatable) from a query string; raises :class:`~app.errors.Invalid`."""
        given: dict[str, Any] = {}
        if query:
            problems: list[FieldProblem] = []
            for pair in query.split(b"&"):
                if pair:
                    self._take(pair, given, problems)
            if problems:
                raise Invalid(summary(problems), errors=problems)
        for param in self.params:
            if param.required and param.name not in given:
                problem = FieldProblem("missing", "It is needed.", parameter=param.name)
                raise Invalid(f"`{param.name}` is needed.", errors=[problem])
        return given

    def _take(self, pair: bytes, given: dict[str, Any], problems: list[FieldProblem]) -> None:
        raw_name, _, raw = pair.partition(b"=")
        try:
            name = _text(raw_name)
        except UnicodeDecodeError:
            problems.append(FieldProblem("bad-encoding", "A parameter's name is not UTF-8.", parameter="?"))
            return
        except _Bad as bad:
            problems.append(FieldProblem(bad.code, bad.detail, parameter="?"))
            return
        param = self.by_name.get(name)
        if param is None:
            problems.append(self._unknown(name))
            return
        try:
            value = param.read(_text(raw))
        except UnicodeDecodeError:
            problems.append(FieldProblem("bad-encoding", "It is not UTF-8.", parameter=name))
        except _Bad as bad:
            problems.append(FieldProblem(bad.code, bad.detail, parameter=name, suggestion=bad.suggestion))
        else:
            self._keep(param, value, given, problems)

    @staticmethod
    def _keep(param: Param, value: Any, given: dict[str, Any], problems: list[FieldProblem]) -> None:
        if param.repeat:
            values = given.setdefault(param.name, [])
            values.append(value)
            if len(values) == MOST_VALUES + 1:
                detail = f"It is given more than {MOST_VALUES} times."
                problems.append(FieldProblem("too-many", detail, parameter=param.name))
        elif param.name in given:
            problems.append(FieldProblem("repeated-parameter", "It is given twice.", parameter=param.name))
        else:
            given[param.name] = value

    def _unknown(self, name: str, *, pointer: bool = False) -> FieldProblem:
        suggestion = _near(name, list(self.by_name))
        shown = name[:100] if (name or pointer) and find_bad_character(name) is None else "?"
        what = "member" if pointer else "parameter"
        return FieldProblem(
            f"unknown-{what}",
            f"There is no such {what}.",
            parameter=None if pointer else shown,
            pointer=json_pointer(shown) if pointer else None,
            suggestion=suggestion,
        )

    def parse_json(self, body: Any) -> dict[str, Any]:
        """The same from a JSON object: repeatable parameters are arrays, numbers and booleans JSON's own."""
        if not isinstance(body, dict):
            raise Invalid(
                "The body has to be a JSON object.",
                errors=[FieldProblem("not-an-object", "It is no object.", pointer="")],
            )
        given: dict[str, Any] = {}
        problems: list[FieldProblem] = []
        for name, value in body.items():
            param = self.by_name.get(name)
            if param is None:
                problems.append(self._unknown(name, pointer=True))
            elif param.repeat:
                self._take_array(param, value, given, problems)
            elif value is None and param.nullable:
                given[name] = None
            else:
                _take_json(param, value, json_pointer(name), given, problems)
        problems += [
            FieldProblem("missing", "It is needed.", pointer=json_pointer(param.name))
            for param in self.params
            if param.required and (param.name not in body or (param.repeat and body[param.name] == []))
        ]
        if problems:
            raise Invalid(summary(problems), errors=problems)
        return given

    @staticmethod
    def _take_array(param: Param, values: Any, given: dict[str, Any], problems: list[FieldProblem]) -> None:
        pointer = json_pointer(param.name)
        if not isinstance(values, list) or len(values) > MOST_VALUES:
            detail = f"It has to be an array of at most {MOST_VALUES} values."
            problems.append(FieldProblem("not-an-array", detail, pointer=pointer))
            return
        for index, value in enumerate(values):
            _take_json(param, value, f"{pointer}/{index}", given, problems)

    def openapi(self) -> list[dict[str, Any]]:
        """The ``parameters`` of the operation."""
        return [_openapi(param) for param in self.params]

    def json_schema(self) -> dict[str, Any]:
        """The schema of the JSON form."""
        properties = {}
        for param in self.params:
            schema = param.schema()
            if param.nullable:
                schema["type"] = [schema["type"], "null"]
            properties[param.name] = {
                **({"type": "array", "items": schema, "maxItems": MOST_VALUES} if param.repeat else schema),
                "description": param.doc,
            }
        required = [param.name for param in self.params if param.required]
        needed = {"required": required} if required else {}
        return {"type": "object", "properties": properties, **needed, "additionalProperties": False}


NO_PARAMS = ParamSet()


def _text(raw: bytes) -> str:
    if b"%" in raw or b"+" in raw:
        if _HALF_ESCAPE.search(raw):
            raise _Bad("bad-encoding", "After a % stand two hexadecimal digits; the sign itself is %25.")
        raw = unquote_to_bytes(raw.replace(b"+", b" "))
    return raw.decode("utf-8")


def _take_json(param: Param, value: Any, pointer: str, given: dict[str, Any], problems: list[FieldProblem]) -> None:
    if param.kind == "csv" and isinstance(value, list) and all(isinstance(one, str) for one in value):
        value = ",".join(value)
    wanted: Any = _JSON_TYPES[param.kind]
    if type(value) is not wanted:
        name = {str: "a string", int: "a whole number", bool: "true or false"}[wanted]
        problems.append(FieldProblem("wrong-type", f"It has to be {name}.", pointer=pointer))
        return
    try:
        read = param.in_range(value) if wanted is int else value if wanted is bool else param.read(value)
    except _Bad as bad:
        problems.append(FieldProblem(bad.code, bad.detail, pointer=pointer, suggestion=bad.suggestion))
        return
    if param.repeat:
        given.setdefault(param.name, []).append(read)
    else:
        given[param.name] = read


def summary(problems: Sequence[FieldProblem]) -> str:
    """Where a request is wrong, in a sentence."""
    places = ", ".join(f"`{problem.parameter or problem.pointer}`" for problem in problems[:5])
    return f"The request is not valid: see {places}{' …' if len(problems) > 5 else ''}."  # noqa: PLR2004


def _openapi(param: Param) -> dict[str, Any]:
    schema = param.schema()
    entry: dict[str, Any] = {
        "name": param.name,
        "in": "query",
        "required": param.required,
        "description": param.doc,
        "schema": {"type": "array", "items": schema} if param.repeat else schema,
    }
    if param.repeat:
        entry |= {"style": "form", "explode": True}
    if param.example is not None:
        entry["example"] = param.example
    return entry
