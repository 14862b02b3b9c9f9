"""Checks of a whole archive, and repairs of what can be repaired without a decision by anybody."""
