"""Verbs that change series."""
