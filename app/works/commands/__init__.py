"""Verbs that change works."""
