"""Copies of an archive that can be put back."""
