"""What authors allow, in the words that programs know: our own, those of robots, and those of text mining (TDMRep)."""

from __future__ import annotations

from collections.abc import Mapping

USES = ("download", "translation", "podfic", "ai_training", "indexing")


def consent_line(consent: Mapping[str, str]) -> str:
    """The answers as one line: ``download=yes, ai_training=no``; empty where the author says nothing."""
    return ", ".join(f"{use}={consent[use]}" for use in USES if use in consent)


def reserves_mining(consent: Mapping[str, str]) -> bool:
    """Whether the right to mine the text is reserved: training is not plainly allowed."""
    return consent.get("ai_training", "yes") != "yes"


def robots_line(consent: Mapping[str, str]) -> str:
    """What crawlers are told: empty where they may do as they do."""
    words = [] if consent.get("indexing", "yes") == "yes" else ["noindex"]
    return ", ".join([*words, *(["noai", "noimageai"] if reserves_mining(consent) else [])])
