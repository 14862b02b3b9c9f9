"""Moderation: reports, the log of privileged acts, notices, and suspending accounts."""
