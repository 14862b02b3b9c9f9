"""Reads of tags."""
