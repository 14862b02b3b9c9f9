"""Monitoring: counters of this process, and the state of the archive."""
