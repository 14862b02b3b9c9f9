"""What authors allow, in the words that programs know.

Our own line of answers; ``X-Robots-Tag`` and what it is in a page; the TDM Reservation Protocol (W3C community group);
``Content-Usage`` (IETF, AI preferences) and ``Content-Signal``, which say the same of search and training. Who wants to
be asked has not allowed it. Where an author says nothing, nothing is said.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

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


def usage_line(consent: Mapping[str, str]) -> str:
    """``Content-Usage``: ``train-ai=n, search=y``."""
    return _said(consent, (("ai_training", "train-ai"), ("indexing", "search")), "y", "n")


def signal_line(consent: Mapping[str, str]) -> str:
    """``Content-Signal``: ``ai-train=no, search=yes``."""
    return _said(consent, (("ai_training", "ai-train"), ("indexing", "search")), "yes", "no")


def _said(consent: Mapping[str, str], names: Iterable[tuple[str, str]], yes: str, no: str) -> str:
    return ", ".join(f"{name}={yes if consent[use] == 'yes' else no}" for use, name in names if use in consent)


def permission_headers(consent: Mapping[str, str]) -> dict[str, str]:
    """What the author allows, as header fields of an answer with the text; none where nothing is said."""
    if not consent:
        return {}
    found = {
        "archive-consent": consent_line(consent),
        "x-robots-tag": robots_line(consent),
        "tdm-reservation": "1" if reserves_mining(consent) else "",
        "content-usage": usage_line(consent),
        "content-signal": signal_line(consent),
    }
    return {name: value for name, value in found.items() if value}


def strictest(consents: Iterable[Mapping[str, str]]) -> dict[str, str]:
    """What all of several works allow: a use is refused where one of them refuses it, allowed where all do."""
    works = list(consents)
    said = {use: {consent.get(use) for consent in works} for use in USES}
    ranked = {use: next((answer for answer in ("no", "ask") if answer in found), "") for use, found in said.items()}
    ranked |= {use: "yes" for use, found in said.items() if found == {"yes"}}
    return {use: answer for use, answer in ranked.items() if answer}
