"""The query parameters of an operation, declared once: strict checks, clear errors, and their OpenAPI document.

Written for us because validating some eighty parameters by a model costs as much as the rest of a request. Strict: an
unknown name, a bad value or a repeated single parameter is an error that names it, never a wider result.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import unquote_to_bytes

from app.errors import FieldProblem, Invalid
from app.kit.pointers import json_pointer
from app.kit.text import find_bad_character
from app.web.param import BadValue, Param, near

__all__ = ["NO_PARAMS", "Param", "ParamSet", "summary"]

MOST_VALUES = 200
_HALF_ESCAPE = re.compile(rb"%(?![0-9A-Fa-f]{2})")
_JSON_TYPES = {"text": str, "integer": int, "boolean": bool, "token": str, "csv": str, "moment": str}


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
        except BadValue as bad:
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
        except BadValue as bad:
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
        suggestion = near(name, list(self.by_name))
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
        return [param.openapi() for param in self.params]

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
            raise BadValue("bad-encoding", "After a % stand two hexadecimal digits; the sign itself is %25.")
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
    except BadValue as bad:
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
