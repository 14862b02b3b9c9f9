"""What is read for what is taken out: the works of a file, and what the archive knows of a person."""
