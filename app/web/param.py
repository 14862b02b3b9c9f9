"""One query parameter: how text becomes its value, what is said if it cannot, and its place in the OpenAPI document."""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from app.kit.text import find_bad_character

Kind = Literal["text", "integer", "boolean", "token", "csv", "moment"]
LONGEST = 1_000
_INTEGER = re.compile(r"-?[0-9]{1,30}")
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
        """The value of a text; raises :class:`BadValue` with the code and what is possible."""
        if len(text) > self.max_length:
            raise BadValue("too-long", f"It has {len(text)} characters, the limit is {self.max_length}.")
        if not text.isascii() or not text.isprintable():
            bad = find_bad_character(text)
            if bad is not None:
                raise BadValue("bad-character", f"There is a {bad[1]} at offset {bad[0]}.")
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
                raise BadValue("bad-value", f"It has to be {error}.") from error
        if self.enum and text not in self.enum:
            raise BadValue("bad-value", f"It has to be one of {', '.join(self.enum)}.", near(text, self.enum))
        if not text.strip():
            raise BadValue("empty", "It is empty.")
        return text

    def _names(self, text: str) -> tuple[str, ...]:
        names = tuple(dict.fromkeys(text.split(",")))
        for name in names:
            if name not in self.enum:
                detail = f"It has to be some of {', '.join(self.enum)}, separated by commas."
                raise BadValue("bad-value", detail, near(name, self.enum))
        return names

    def _integer(self, text: str) -> int:
        if not _INTEGER.fullmatch(text):
            raise BadValue("not-an-integer", f"It has to be a whole number{self._range()}.")
        return self.in_range(int(text))

    def in_range(self, number: int) -> int:
        """The number, if it lies in the parameter's range."""
        low, high = self.minimum, self.maximum
        if (low is not None and number < low) or (high is not None and number > high):
            raise BadValue("out-of-range", f"It has to be a whole number{self._range(number)}.")
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

    def openapi(self) -> dict[str, Any]:
        """Its entry in the ``parameters`` of an operation."""
        schema = self.schema()
        entry: dict[str, Any] = {
            "name": self.name,
            "in": "query",
            "required": self.required,
            "description": self.doc,
            "schema": {"type": "array", "items": schema} if self.repeat else schema,
        }
        if self.repeat:
            entry |= {"style": "form", "explode": True}
        if self.example is not None:
            entry["example"] = self.example
        return entry


class BadValue(Exception):
    """A value that a parameter does not take: the code, what is possible, and the name that was probably meant."""

    def __init__(self, code: str, detail: str, suggestion: str | None = None) -> None:
        super().__init__(detail)
        self.code = code
        self.detail = detail
        self.suggestion = suggestion


def _boolean(text: str) -> bool:
    if text not in {"true", "false"}:
        raise BadValue("not-a-boolean", "It is true or false.")
    return text == "true"


def near(name: str, names: Sequence[str]) -> str | None:
    """The name that was probably meant, if one is near."""
    found = difflib.get_close_matches(name[:100], names, 1)
    return found[0] if found else None
