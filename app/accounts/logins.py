"""What a login, a password and an e-mail address may be."""

from __future__ import annotations

import re

from app.kit.text import name_key

LOGIN_LENGTH = (2, 40)
PASSWORD_LENGTH = (8, 1_000)
EMAIL_LENGTH = 254
_LOGIN = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]*")
_EMAIL = re.compile(r"[^@\s<>\",;:\\]{1,64}@[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?")
NOBODYS_LOGINS = frozenset({"anonymous", "fanarchive", "operator", "orphan_account", "system"})
"""Nobody signs histories like the archive itself does."""


def parse_login(text: str) -> str:
    """A login that a new account may have; raises ``ValueError`` saying what it has to be."""
    low, high = LOGIN_LENGTH
    if not low <= len(text) <= high or not _LOGIN.fullmatch(text):
        raise ValueError(f"{low} to {high} letters a-z, digits, `_`, `.` or `-`, and begin with a letter or digit")
    return text


def parse_new_login(text: str) -> str:
    """The same for those who register themselves."""
    if text.lower() in NOBODYS_LOGINS:
        raise ValueError("another one: this login is kept free")
    return parse_login(text)


def parse_new_password(text: str) -> str:
    """A password that may be set."""
    low, high = PASSWORD_LENGTH
    if not low <= len(text) <= high:
        raise ValueError(f"{low} to {high:,} characters long")
    return text


def parse_email(text: str) -> str:
    """An address that mail can be sent to."""
    address = text.strip()
    if len(address) > EMAIL_LENGTH or not address.isprintable() or not _EMAIL.fullmatch(address):
        raise ValueError("an e-mail address")
    return address


def email_key(address: str) -> str:
    """What makes two addresses one: nobody's mail server tells capitals apart."""
    return name_key(address)
