"""How much the allocator keeps is the operator's to say, where they have said something."""

from __future__ import annotations

import ctypes
import sys

import pytest

from app.web.threads import share_arenas


def test_threads_share_what_they_give_back(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("MALLOC_ARENA_MAX", raising=False)
    assert share_arenas() == hasattr(ctypes.CDLL(None), "mallopt") or sys.platform != "linux"
    monkeypatch.setenv("MALLOC_ARENA_MAX", "8")
    assert not share_arenas()
