"""What an examination finds, and what it needs to look."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any, Literal

from app.config import Settings
from app.db.engine import Database

State = Literal["ok", "warning", "problem", "mended"]
EXAMPLES = 10


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at. ``count`` is how many things are not as they should be; some of them are named."""

    check: str
    state: State
    text: str
    count: int = 0
    examples: tuple[Any, ...] = ()

    def as_json(self) -> dict[str, Any]:
        """For other programs."""
        return {
            "check": self.check,
            "state": self.state,
            "text": self.text,
            "count": self.count,
            "examples": list(self.examples),
        }


@dataclass(slots=True)
class Wrong:
    """Counts what is wrong and remembers the first few, so that a million wrong things take no memory."""

    count: int = 0
    examples: list[Any] = field(default_factory=list)

    def add(self, *things: Any) -> None:
        """Note some more."""
        self.count += len(things)
        self.examples += things[: max(0, EXAMPLES - len(self.examples))]

    def finding(self, check: str, text: str, fine: str, *, mended: bool = False, warning: bool = False) -> Finding:
        """``text`` where there was anything, ``fine`` where there was not."""
        if not self.count:
            return Finding(check, "ok", fine)
        state: State = "mended" if mended else "warning" if warning else "problem"
        return Finding(check, state, f"{text}: {self.count:,}", self.count, tuple(self.examples))


@dataclass(slots=True)
class Examination:
    """What is looked at, and how far.

    ``repair``: mend what can be. ``thorough``: read what takes long, too. ``exact_kudos``: take off kudos that no row
    tells of. ``catch_up`` returns once the index has applied all that is in the log.
    """

    database: Database
    settings: Settings
    catch_up: Callable[[], None]
    repair: bool = False
    thorough: bool = False
    exact_kudos: bool = False
    logged: bool = False
    """Whether something was mended that the index has to apply."""


Check = Callable[[Examination], Iterator[Finding]]
