"""Why there is no backup, or none is put back."""

from __future__ import annotations


class BackupRefused(Exception):
    """What is wrong, and where, for who typed the command. Nothing was changed."""
