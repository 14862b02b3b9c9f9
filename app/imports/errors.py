"""Why an item of an import failed."""

from __future__ import annotations

from typing import Any


class ItemFailed(Exception):
    """One item cannot be imported; the others go on. ``pointer`` is a JSON pointer into the import record."""

    def __init__(self, code: str, detail: str, pointer: str | None = None) -> None:
        super().__init__(detail)
        self.code = code
        self.detail = detail
        self.pointer = pointer

    def as_problem(self) -> dict[str, Any]:
        """The ``problem`` of the item's report row."""
        problem = {"code": self.code, "detail": self.detail}
        if self.pointer is not None:
            problem["pointer"] = self.pointer
        return problem
