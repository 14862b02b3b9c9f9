"""Errors of accounts and tokens."""

from __future__ import annotations

from app.errors import Conflict, Forbidden, Invalid, NotFound, Unauthenticated, Unavailable


class InsufficientScope(Forbidden):
    """The token has no such scope, or the account no such role."""

    code, title = "insufficient-scope", "The token may not do this"


class AccountSuspended(Forbidden):
    """A suspended account may read, and write nothing."""

    code, title = "account-suspended", "The account is suspended"
    detail = "This account is suspended: it may read, and write nothing."


class EmailUnconfirmed(Forbidden):
    """An account may write once its e-mail address is confirmed."""

    code, title = "email-unconfirmed", "The e-mail address is not confirmed"
    detail = "Confirm your e-mail address first; then you may write."


class NoAccount(Forbidden):
    """An operator's token belongs to no account."""

    code, title = "no-account", "The token has no account"
    detail = "This is an operator's token; it has no account."


class RegistrationClosed(Forbidden):
    """Accounts are not made over the API here, or only by invitation."""

    code, title = "registration-closed", "Registration is closed"
    detail = "Accounts cannot be made here."


class WrongCredentials(Unauthenticated):
    """The login is not known, or the password is another."""

    code, title = "wrong-credentials", "Login or password is wrong"
    detail = "There is no account with this login and this password."


class WrongPassword(Forbidden):
    """What changes who can sign in needs the password that is good now."""

    code, title = "wrong-password", "The password is another"
    detail = "The current password is another one."


class SessionNeeded(Forbidden):
    """An account is closed by somebody who has just signed in, not by a program."""

    code, title = "session-needed", "Sign in for this"
    detail = "Sign in with the password: this needs a session's token."


class LoginTaken(Conflict):
    """Somebody else has the login; logins are public."""

    code, title = "login-taken", "The login is taken"
    detail = "Somebody else has this login."


class TooManyTokens(Conflict):
    """An account may hold so many tokens and no more."""

    code, title = "too-many-tokens", "Too many tokens"


class BadCode(Invalid):
    """The code from the mail is not known, was used, or has expired."""

    code, title = "bad-code", "The code is not good"
    detail = "The code is not known, was used, or has expired: ask for a new one."


class OpenIdOff(NotFound):
    """No OpenID provider is set here."""

    code, title = "openid-off", "There is no OpenID provider"
    detail = "Nobody signs in here with OpenID."


class BadFlow(Invalid):
    """What was kept since the start is not whole, too old, or not of this state."""

    code, title = "bad-flow", "Begin to sign in again"
    detail = "`flow` is not known, is older than ten minutes, or does not belong to `state`: begin again."


class ProviderRefused(Unauthenticated):
    """The OpenID provider does not vouch for the caller."""

    code, title = "provider-refused", "The provider does not vouch for this"
    detail = "The OpenID provider does not vouch for you: begin again."


class ProviderUnavailable(Unavailable):
    """The OpenID provider does not answer, or not as one does."""

    code, title = "provider-unavailable", "The OpenID provider does not answer"
    detail = "The OpenID provider does not answer as it should; nothing was changed."


class IdentityTaken(Conflict):
    """An identity signs in to one account."""

    code, title = "identity-taken", "The identity is linked already"
    detail = "This identity is linked to an account already."


class LastWayIn(Conflict):
    """Nobody could sign in to the account any longer."""

    code, title = "last-way-in", "It is the last way in"
    detail = "The account has no password and no other identity: nobody could sign in."
