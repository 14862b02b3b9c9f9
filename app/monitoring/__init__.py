"""What a machine watches for people: counters of this process, and the state of the archive."""
