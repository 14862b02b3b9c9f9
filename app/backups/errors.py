"""Why a backup cannot be made or restored."""

from __future__ import annotations


class BackupRefused(Exception):
    """What is wrong, and where, for who typed the command. Nothing was changed."""
