"""Verbs of imports: storing drafts, and making, steering and undoing jobs."""
