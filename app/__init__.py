"""Fanarchive: a fan-fiction archive as an API."""

__version__ = "0.1.0"
