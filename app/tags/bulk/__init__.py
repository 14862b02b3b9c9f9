"""Whole tables of tags: facts that were read become acts of wrangling, and all tags become a table."""
