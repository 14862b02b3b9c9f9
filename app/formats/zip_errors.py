"""What the library raises for a ZIP that is damaged, or packed in a way that it does not know."""

from __future__ import annotations

import struct
import zipfile
import zlib

DAMAGED: tuple[type[Exception], ...] = (
    zipfile.BadZipFile,
    zlib.error,
    struct.error,
    EOFError,
    OSError,
    OverflowError,
    ValueError,
    NotImplementedError,  # a method of compression or a version that the library does not know
    RuntimeError,  # an encrypted entry
)
"""Entries are opened lazily, so any of them can come with any step."""
