"""What is made once and used again: the steps that filled a folder, and the seconds that each of them took."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any


class Absent(Exception):
    """A peer cannot be measured on this machine; the message says why."""


class Steps:
    """The steps of a folder, by name."""

    def __init__(self, folder: Path, wanted: dict[str, int]) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._path = folder / "steps.json"
        self._kept: dict[str, Any] = {"wanted": wanted, "seconds": {}, "done": []}
        if self._path.exists():
            self._kept = json.loads(self._path.read_text())
            if self._kept["wanted"] != wanted:
                raise SystemExit(f"{folder} holds other numbers of works: {self._kept['wanted']}.")
        self.seconds: dict[str, float] = self._kept["seconds"]

    def once(self, name: str, do: Callable[[], object], *, resumed: bool = False) -> None:
        """Do something that was not done yet.

        ``resumed``: it goes on where it was interrupted, so the seconds of all its starts count.
        """
        if name in self._kept["done"]:
            return
        print(f"{name} …", flush=True)
        started = time.perf_counter()
        before = self.seconds.get(name, 0.0) if resumed else 0.0
        try:
            do()
            self._kept["done"].append(name)
        finally:
            self.seconds[name] = round(before + time.perf_counter() - started, 2)
            self._path.write_text(json.dumps(self._kept))
