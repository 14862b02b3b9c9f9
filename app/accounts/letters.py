"""The mails that are sent."""

from __future__ import annotations

from app.accounts.commands.codes import SentCode
from app.accounts.commands.recording import Told
from app.accounts.mail import Mail
from app.config import Settings

_CONFIRM = """Hello {login},

this address was given for your account{here}.
To confirm that it is yours, send this code to
POST /v1/email-confirmations within 7 days:

{code}

If you know nothing of this account, do nothing.
"""
_NOT_TWICE = """Hello,

this address was given for the account {login}{here}.
It is already confirmed for another account, which cannot be done twice.

If that was you, sign in with your other account; if you forgot its
password, ask for another one. If it was not you, do nothing.
"""
_RESET = """Hello {login},

somebody, hopefully you, asked for a new password{here}.
Send this code with the new password to
POST /v1/password-resets/complete within an hour:

{code}

That ends all sessions and tokens of the account. If it was not you who
asked, do nothing: your password stays as it is.
"""
_HIDDEN = """Hello {login},

moderators hid your work "{title}"{here}.
You go on seeing it; others do not. The reason:

{reason}
"""
_SHOWN = """Hello {login},

your work "{title}"{here} was hidden by moderators.
It is shown again.
"""


def confirmation(settings: Settings, sent: SentCode) -> Mail:
    """Asks to confirm an address; or tells that it is another account's."""
    if sent.code is None:
        return Mail(sent.to, "This address is in use", _NOT_TWICE.format(login=sent.login, here=_here(settings)))
    return Mail(sent.to, "Confirm your address", _filled(_CONFIRM, settings, sent))


def reset(settings: Settings, sent: SentCode) -> Mail:
    """Lets somebody choose another password."""
    return Mail(sent.to, "A new password", _filled(_RESET, settings, sent))


def work_hidden(settings: Settings, told: Told, title: str, reason: str) -> Mail:
    """Tells an author that moderators hid a work, and why."""
    text = _HIDDEN.format(login=told.login, title=title, reason=reason, here=_here(settings))
    return Mail(told.to, "Your work was hidden", text)


def work_shown(settings: Settings, told: Told, title: str) -> Mail:
    """Tells an author that a work is shown again."""
    return Mail(told.to, "Your work is shown again", _SHOWN.format(login=told.login, title=title, here=_here(settings)))


def _filled(text: str, settings: Settings, sent: SentCode) -> str:
    return text.format(login=sent.login, code=sent.code, here=_here(settings))


def _here(settings: Settings) -> str:
    return f" at {settings.public_url}" if settings.public_url else ""
