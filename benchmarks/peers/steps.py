"""What is made once and used again: the steps that filled a folder, their seconds, and how busy the machine was."""

from __future__ import annotations

import json
import os
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
        self._kept: dict[str, Any] = {"wanted": wanted, "seconds": {}, "loads": {}}
        if self._path.exists():
            self._kept = json.loads(self._path.read_text())
            if self._kept["wanted"] != wanted:
                raise SystemExit(f"{folder} holds other numbers of works: {self._kept['wanted']}.")
        self.seconds: dict[str, float] = self._kept["seconds"]
        self.loads: dict[str, float] = self._kept["loads"]

    def once(self, name: str, do: Callable[[], object]) -> None:
        """Do something that was not done yet, from its beginning where it was interrupted."""
        if name in self.seconds:
            return
        print(f"{name} …", flush=True)
        started = time.perf_counter()
        do()
        self.seconds[name] = round(time.perf_counter() - started, 2)
        self.loads[name] = round(os.getloadavg()[0], 1)
        self._path.write_text(json.dumps(self._kept))
