"""Titles as names of files: what no system takes, and what only pretends to be letters, is left out."""

from __future__ import annotations

import re
import unicodedata

NOT_IN_NAMES = re.compile(r'[\x00-\x1f\x7f-\x9f/\\:*?"<>|\u200b-\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff]+')
LONGEST = 100
MOST_BYTES = 180
"""In UTF-8; with a number before it and an ending behind it, it is a name that every file system takes."""


def file_stem(title: str) -> str:
    """The name of a file without its ending; empty where nothing of a title can be kept."""
    shown = " ".join(NOT_IN_NAMES.sub(" ", unicodedata.normalize("NFC", title)).split())[:LONGEST]
    return shown.encode()[:MOST_BYTES].decode(errors="ignore").strip(" .")
