"""The OpenID provider: where it is, what its answers say, and whether they are true (OpenID Connect Core 1.0).

Needs the extra ``oidc``, and is imported only where an issuer is set.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from threading import BoundedSemaphore, Lock
from typing import Any

import httpx2
import orjson
import structlog
from authlib.common.errors import AuthlibBaseError
from authlib.integrations.httpx_client import OAuth2Client
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from app.accounts.errors import ProviderRefused, ProviderUnavailable
from app.accounts.flows import Flow
from app.accounts.openid_http import SILENCE, Bounded
from app.config import Settings, is_safe_address

SIGNED_WITH = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "Ed25519", "EdDSA")
"""With keys that the provider alone has; never ``none``, nor the client's secret."""
LEEWAY = 60
"""Seconds that clocks may differ."""
KEPT = 3_600.0
"""Seconds that the provider's metadata and keys are good for."""
KEYS_KEPT_AT_LEAST = 30.0
"""A token that names an unknown key lets the keys be read again, but no more often than this."""
AT_ONCE = 4
"""Threads that may wait for the provider; the others go on answering."""
LONGEST_SUBJECT = 255
_NEEDED = ("authorization_endpoint", "token_endpoint", "jwks_uri")
log = structlog.get_logger("fanarchive.openid")


@dataclass(frozen=True, slots=True)
class Person:
    """Who signed in at the provider."""

    issuer: str
    subject: str
    name: str
    """What they like to be called there: anybody's claim, good for a proposal only."""


class Provider:
    """The one provider of the settings. Asked from threads, outside of transactions."""

    def __init__(self, settings: Settings) -> None:
        self.issuer = settings.oidc_issuer
        self._id = settings.oidc_client_id
        self._secret = settings.oidc_client_secret.get_secret_value()
        self._client = httpx2.Client(transport=Bounded(), timeout=SILENCE)
        self._places = BoundedSemaphore(AT_ONCE)
        self._lock = Lock()
        self._metadata: tuple[float, dict[str, Any]] | None = None
        self._keys: tuple[float, KeySet] | None = None

    def stop(self) -> None:
        """Close its connections."""
        self._client.close()

    def authorization_url(self, flow: Flow) -> str:
        """Where the person signs in; raises :class:`ProviderUnavailable`."""
        with self._asking():
            endpoint = self._described()["authorization_endpoint"]
        with self._oauth(flow) as client:
            url, _ = client.create_authorization_url(
                endpoint, state=flow.state, code_verifier=flow.verifier, nonce=flow.nonce
            )
        return str(url)

    def redeem(self, flow: Flow, code: str) -> Person:
        """Who came back with a code; raises :class:`ProviderRefused` and :class:`ProviderUnavailable`."""
        with self._asking():
            claims = self._claims(self._id_token(flow, code), flow.nonce)
        subject = claims["sub"]
        if not isinstance(subject, str) or not 0 < len(subject) <= LONGEST_SUBJECT or not subject.isprintable():
            raise ProviderRefused("The provider's id_token names nobody.")
        name = claims.get("preferred_username") or claims.get("nickname") or claims.get("name")
        return Person(self.issuer, subject, name if isinstance(name, str) else "")

    @contextmanager
    def _asking(self) -> Iterator[None]:
        if not self._places.acquire(blocking=False):
            raise ProviderUnavailable("Many are signing in at this moment; try again.")
        try:
            yield
        except httpx2.HTTPError as error:
            log.warning("openid.no_answer", error=type(error).__name__, told=str(error))
            raise ProviderUnavailable from error
        finally:
            self._places.release()

    def _described(self) -> dict[str, Any]:
        known = self._metadata
        if known is not None and time.monotonic() < known[0] + KEPT:
            return known[1]
        found = self._read(self.issuer.rstrip("/") + "/.well-known/openid-configuration")
        if found.get("issuer") != self.issuer:
            raise _unusable("metadata", f"it names the issuer {found.get('issuer')!r}")
        for name in _NEEDED:
            if not isinstance(found.get(name), str) or not is_safe_address(found[name]):
                raise _unusable("metadata", f"{name} is {found.get(name)!r}")
        self._metadata = (time.monotonic(), found)
        return found

    def _read(self, url: str) -> dict[str, Any]:
        response = self._client.get(url, headers={"Accept": "application/json"})
        if response.status_code != httpx2.codes.OK:
            raise _unusable(url, f"status {response.status_code}")
        try:
            found = orjson.loads(response.content)
        except orjson.JSONDecodeError as error:
            raise _unusable(url, "no JSON") from error
        if not isinstance(found, dict):
            raise _unusable(url, "no object")
        return found

    def _oauth(self, flow: Flow) -> OAuth2Client:
        method = "none"
        if self._secret:
            known = (self._metadata or (0, {}))[1].get("token_endpoint_auth_methods_supported")
            can_basic = not isinstance(known, list) or "client_secret_basic" in known
            method = "client_secret_basic" if can_basic else "client_secret_post"
        return OAuth2Client(
            self._id,
            self._secret or None,
            token_endpoint_auth_method=method,
            scope="openid profile",
            redirect_uri=flow.redirect_uri,
            code_challenge_method="S256",
            transport=Bounded(),
            timeout=SILENCE,
        )

    def _id_token(self, flow: Flow, code: str) -> str:
        endpoint = self._described()["token_endpoint"]
        with self._oauth(flow) as client:
            try:
                token = client.fetch_token(
                    endpoint, code=code, grant_type="authorization_code", code_verifier=flow.verifier
                )
            except AuthlibBaseError as error:
                if error.error in {"invalid_grant", "access_denied"}:
                    raise ProviderRefused("The provider does not know the code, or no longer.") from error
                raise _unusable("token endpoint", str(error.error)) from error
            except ValueError as error:
                raise _unusable("token endpoint", "no JSON") from error
        found = token.get("id_token") if isinstance(token, dict) else None
        if not isinstance(found, str):
            raise _unusable("token endpoint", "no id_token")
        return found

    def _claims(self, id_token: str, nonce: str) -> dict[str, Any]:
        try:
            try:
                token = jwt.decode(id_token, self._key_set(KEPT), algorithms=SIGNED_WITH)
            except JoseError:
                # Perhaps it is signed with a key that came since.
                token = jwt.decode(id_token, self._key_set(KEYS_KEPT_AT_LEAST), algorithms=SIGNED_WITH)
            claims: dict[str, Any] = token.claims
            self._check(claims, nonce)
        except (JoseError, ValueError, TypeError) as error:
            log.warning("openid.bad_id_token", error=type(error).__name__, told=str(error))
            raise ProviderRefused("The provider's id_token is not good.") from error
        return claims

    def _check(self, claims: dict[str, Any], nonce: str) -> None:
        essential = {"essential": True}
        jwt.JWTClaimsRegistry(
            leeway=LEEWAY,
            iss={"essential": True, "value": self.issuer},
            aud={"essential": True, "value": self._id},
            nonce={"essential": True, "value": nonce},
            sub=essential,  # type: ignore[arg-type]
            exp=essential,  # type: ignore[arg-type]
            iat=essential,  # type: ignore[arg-type]
        ).validate(claims)
        several = isinstance(claims["aud"], list) and len(claims["aud"]) > 1
        if (several or "azp" in claims) and claims.get("azp") != self._id:
            raise ValueError("it was made for another client")

    def _key_set(self, kept: float) -> KeySet:
        with self._lock:
            if self._keys is None or time.monotonic() >= self._keys[0] + kept:
                found = self._read(self._described()["jwks_uri"])
                try:
                    keys = KeySet.import_key_set(found)  # type: ignore[arg-type]
                except (JoseError, ValueError, TypeError, LookupError, AttributeError) as error:
                    raise _unusable("jwks_uri", "no keys") from error
                self._keys = (time.monotonic(), keys)
            return self._keys[1]


def _unusable(what: str, why: str) -> ProviderUnavailable:
    log.warning("openid.unusable", what=what, why=why)
    return ProviderUnavailable()
