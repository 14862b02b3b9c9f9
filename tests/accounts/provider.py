"""A small OpenID provider on a real port of this machine: what it says of itself and of people is for tests to bend."""

from __future__ import annotations

import base64
import hashlib
import json
import secrets
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, unquote, urlencode, urlsplit

from joserfc import jwt
from joserfc.jwk import ECKey, RSAKey

CLIENT_ID, CLIENT_SECRET = "archive", "a secret of the client's"


@cache
def first_key() -> RSAKey:
    """The key that providers begin with: one for all, since to make one takes a tenth of a second."""
    return RSAKey.generate_key(2048, {"kid": "one"})


class LoopbackProvider:
    """Issues codes to whoever is ``person``, and tokens for codes. ``broken`` answers in place of a path's handler."""

    def __init__(self) -> None:
        self.key: RSAKey | ECKey = first_key()
        self.published: list[Any] = [self.key]
        self.algorithm = "RS256"
        self.person: dict[str, Any] = {"sub": "1001", "preferred_username": "Wren"}
        self.bend: Callable[[dict[str, Any]], dict[str, Any]] = lambda claims: claims
        self.metadata: dict[str, Any] = {}
        self.broken: dict[str, Callable[[BaseHTTPRequestHandler], None]] = {}
        self.codes: dict[str, dict[str, str]] = {}
        self.asked: list[str] = []
        self.authenticated: list[str] = []
        provider = self

        class Handler(BaseHTTPRequestHandler):
            def log_message(self, *_: Any) -> None:
                """Tests read ``asked``."""

            def do_GET(self) -> None:
                provider.answer(self)

            def do_POST(self) -> None:
                provider.answer(self)

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.issuer = f"http://127.0.0.1:{self.server.server_port}"

    def answer(self, handler: BaseHTTPRequestHandler) -> None:
        path = urlsplit(handler.path).path
        self.asked.append(path)
        if path in self.broken:
            self.broken[path](handler)
        elif path == "/.well-known/openid-configuration":
            send(handler, 200, self._metadata())
        elif path == "/jwks":
            send(handler, 200, {"keys": [key.as_dict(private=False) for key in self.published]})
        elif path == "/authorize":
            self._authorize(handler)
        elif path == "/token":
            self._token(handler)
        else:
            send(handler, 404, {})

    def _metadata(self) -> dict[str, Any]:
        return {
            "issuer": self.issuer,
            "authorization_endpoint": f"{self.issuer}/authorize",
            "token_endpoint": f"{self.issuer}/token",
            "jwks_uri": f"{self.issuer}/jwks",
            "response_types_supported": ["code"],
            "subject_types_supported": ["public"],
            "id_token_signing_alg_values_supported": [self.algorithm],
            **self.metadata,
        }

    def _authorize(self, handler: BaseHTTPRequestHandler) -> None:
        asked = {name: values[0] for name, values in parse_qs(urlsplit(handler.path).query).items()}
        right = asked["response_type"] == "code" and asked["client_id"] == CLIENT_ID
        if not right or asked["code_challenge_method"] != "S256" or "openid" not in asked["scope"].split():
            send(handler, 400, {"error": "invalid_request"})
            return
        code = secrets.token_urlsafe()
        self.codes[code] = {**asked, "person": json.dumps(self.person)}
        handler.send_response(302)
        back = urlencode({"code": code, "state": asked["state"]})
        handler.send_header("Location", f"{asked['redirect_uri']}?{back}")
        handler.end_headers()

    def _token(self, handler: BaseHTTPRequestHandler) -> None:
        given = {name: values[0] for name, values in parse_qs(body_of(handler)).items()}
        kind, _, basic = handler.headers.get("Authorization", "").partition(" ")
        if kind == "Basic":
            who = tuple(unquote(part) for part in base64.b64decode(basic).decode().split(":", 1))
            self.authenticated.append("basic")
        else:
            who = (given.get("client_id", ""), given.get("client_secret", ""))
            self.authenticated.append("post")
        asked = self.codes.pop(given.get("code", ""), None)
        if who != (CLIENT_ID, CLIENT_SECRET):
            send(handler, 401, {"error": "invalid_client"})
            return
        digest = hashlib.sha256(given.get("code_verifier", "").encode()).digest()
        challenge = base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
        same = asked is not None and asked["redirect_uri"] == given["redirect_uri"]
        if asked is None or not same or asked["code_challenge"] != challenge:
            send(handler, 400, {"error": "invalid_grant"})
            return
        token = {"access_token": "unused", "token_type": "Bearer", "id_token": self._id_token(asked)}
        send(handler, 200, token)

    def _id_token(self, asked: dict[str, str]) -> str:
        now = int(time.time())
        person = json.loads(asked["person"])
        claims = {"iss": self.issuer, "aud": CLIENT_ID, "iat": now, "exp": now + 300, "nonce": asked["nonce"], **person}
        return jwt.encode(
            {"alg": self.algorithm, "kid": self.key.kid or ""}, self.bend(claims), self.key, algorithms=[self.algorithm]
        )


def body_of(handler: BaseHTTPRequestHandler) -> str:
    return handler.rfile.read(int(handler.headers.get("Content-Length", 0))).decode()


def send(handler: BaseHTTPRequestHandler, status: int, body: Any) -> None:
    """Answer with JSON, or with bytes as they are."""
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    handler.send_response(status)
    handler.send_header("Content-Type", "application/json")
    handler.send_header("Content-Length", str(len(content)))
    handler.end_headers()
    handler.wfile.write(content)


@contextmanager
def running_provider() -> Iterator[LoopbackProvider]:
    """A provider that answers until the end of the block."""
    provider = LoopbackProvider()
    thread = threading.Thread(target=provider.server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield provider
    finally:
        provider.server.shutdown()
        thread.join()
        provider.server.server_close()
