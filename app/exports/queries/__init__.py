"""Reads for exports: the works of a file, and what the archive knows of a person."""
