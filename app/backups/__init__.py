"""Backups: copies of an archive that can be restored."""
