"""What readers say of an input that they cannot read."""

from __future__ import annotations

from typing import Any


class Unreadable(ValueError):
    """An item cannot be read; ``pointer`` is the place in it (a JSON pointer, a column, or an offset)."""

    def __init__(self, code: str, detail: str, pointer: str | None = None) -> None:
        super().__init__(detail)
        self.code = code
        self.detail = detail
        self.pointer = pointer

    def as_problem(self) -> dict[str, Any]:
        """The members of a report row's ``problem``."""
        problem: dict[str, Any] = {"code": self.code, "detail": self.detail}
        if self.pointer is not None:
            problem["pointer"] = self.pointer
        return problem
