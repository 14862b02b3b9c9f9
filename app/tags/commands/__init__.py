"""Changes of tags."""
